"""Places added, changed, retired and brought back, one at a time. Nothing is deleted: old records name them.

Every verb gives NotFound for a place that is not there, and ChangedByAnother when `version` is not the one
that stands.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.commands import (
    AddLaboratory,
    AddOrganisation,
    AddSite,
    AddWard,
    ChangeLaboratory,
    ChangeOrganisation,
    ChangeSite,
    ChangeWard,
)
from lab_contingency.places.models import Laboratory, Organisation, Site, Ward
from lab_contingency.places.rules import LaboratoryKind

_Place = TypeVar("_Place", Organisation, Site, Ward, Laboratory)


def add_organisation(command: AddOrganisation, *, actor: Actor) -> uuid.UUID:
    """A new one; its ODS code is its own."""
    taken = select(Organisation.id).where(Organisation.ods_code == command.ods_code)
    if session().scalars(taken).first():
        raise RuleBroken(f"{command.ods_code} stands here already.", field="ods_code")
    row = Organisation(id=new_id(), ods_code=command.ods_code, name=command.name)
    return _added(row, dataclasses.asdict(command), actor)


def change_organisation(
    organisation_id: uuid.UUID, command: ChangeOrganisation, version: int, *, actor: Actor
) -> None:
    """Another name."""
    _change(_locked(Organisation, organisation_id, version), dataclasses.asdict(command), actor)


def add_site(command: AddSite, *, actor: Actor) -> uuid.UUID:
    """A new hospital or practice."""
    _refuse_taken(Site, command.code)
    _there(Organisation, command.site.organisation_id)
    values = dataclasses.asdict(command.site)
    return _added(Site(id=new_id(), code=command.code, **values), values, actor)


def change_site(site_id: uuid.UUID, command: ChangeSite, version: int, *, actor: Actor) -> None:
    """Another name, organisation or tube system; labels printed before keep the colours they name."""
    _there(Organisation, command.organisation_id)
    _change(_locked(Site, site_id, version), dataclasses.asdict(command), actor)


def add_ward(command: AddWard, *, actor: Actor) -> uuid.UUID:
    """A new ward of a site."""
    _refuse_taken(Ward, command.code)
    _there(Site, command.site_id)
    values = dataclasses.asdict(command.ward)
    row = Ward(id=new_id(), code=command.code, site_id=command.site_id, **values)
    return _added(row, values, actor)


def change_ward(ward_id: uuid.UUID, command: ChangeWard, version: int, *, actor: Actor) -> None:
    """Another name or telephone."""
    _change(_locked(Ward, ward_id, version), dataclasses.asdict(command), actor)


def retire_ward(ward_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """Nothing new is asked for from it; what was asked goes on, and its slips still go there."""
    _retire(_locked(Ward, ward_id, version), actor)


def bring_back_ward(ward_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """It asks for tests again."""
    _bring_back(_locked(Ward, ward_id, version), actor)


def add_laboratory(command: AddLaboratory, *, actor: Actor) -> uuid.UUID:
    """A new laboratory; it does nothing before its menu, hours and ways are said."""
    _refuse_taken(Laboratory, command.code)
    _refuse_siteless(command.kind, command.laboratory)
    values = dataclasses.asdict(command.laboratory)
    row = Laboratory(id=new_id(), code=command.code, kind=command.kind, **values)
    return _added(row, {"kind": command.kind, **values}, actor)


def change_laboratory(
    laboratory_id: uuid.UUID, command: ChangeLaboratory, version: int, *, actor: Actor
) -> None:
    """Another name, organisation, site or telephone."""
    row = locked_laboratory(laboratory_id, version)
    _refuse_siteless(row.kind, command)
    _change(row, dataclasses.asdict(command), actor)


def retire_laboratory(laboratory_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """Nothing new is sent there; what stands there stays until somebody sends it elsewhere."""
    _retire(locked_laboratory(laboratory_id, version), actor)


def bring_back_laboratory(laboratory_id: uuid.UUID, version: int, *, actor: Actor) -> None:
    """It is asked again, with the menu and hours it had."""
    _bring_back(locked_laboratory(laboratory_id, version), actor)


def locked_laboratory(laboratory_id: uuid.UUID, version: int) -> Laboratory:
    """The laboratory for changing it or a part of it: its menu, hours and room carry its version.

    Whoever gives places to tests holds the same row, so that none is given while its room is changed.
    """
    return _locked(Laboratory, laboratory_id, version)


def renew(row: Laboratory) -> None:
    """Something that belongs to it was changed: forms that show the older version are refused."""
    flag_modified(row, "name")
    session().flush()


def _locked(model: type[_Place], row_id: uuid.UUID, version: int) -> _Place:
    """The row alone, not what is read beside it; foreign keys to it go on."""
    wanted = select(model).where(model.id == row_id).with_for_update(of=model, key_share=True)
    statement = wanted.execution_options(populate_existing=True)
    row = session().scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    if row.version != version:
        raise ChangedByAnother
    return row


def _there(model: type[_Place], row_id: uuid.UUID) -> None:
    if session().get(model, row_id) is None:
        raise NotFound


def _refuse_taken(model: type[Site | Ward | Laboratory], code: str) -> None:
    if session().scalars(select(model.id).where(model.code == code)).first():
        raise RuleBroken(f"{code} stands here already. Choose another code.", field="code")


def _refuse_siteless(kind: LaboratoryKind, command: ChangeLaboratory) -> None:
    _there(Organisation, command.organisation_id)
    if command.site_id is not None:
        _there(Site, command.site_id)
    elif kind is LaboratoryKind.OWN:
        raise RuleBroken("A laboratory of ours stands at a site. Choose which.", field="site")


def _added(row: _Place, values: Mapping[str, object], actor: Actor) -> uuid.UUID:
    session().add(row)
    session().flush()
    record(f"{row.__tablename__}:added", row.id, actor=actor, changes=changed({}, values))
    return row.id


def _change(row: _Place, values: Mapping[str, object], actor: Actor) -> None:
    changes = changed({name: getattr(row, name) for name in values}, values)
    if not changes:
        return
    for name, value in values.items():
        setattr(row, name, value)
    session().flush()
    record(f"{row.__tablename__}:changed", row.id, actor=actor, changes=changes)


def _retire(row: Ward | Laboratory, actor: Actor) -> None:
    if row.retired_at is None:
        row.retired_at = clock.now()
        session().flush()
        record(f"{row.__tablename__}:retired", row.id, actor=actor)


def _bring_back(row: Ward | Laboratory, actor: Actor) -> None:
    if row.retired_at is not None:
        row.retired_at = None
        session().flush()
        record(f"{row.__tablename__}:brought_back", row.id, actor=actor)
