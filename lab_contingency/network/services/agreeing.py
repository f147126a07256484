"""What was agreed with a partner."""

from __future__ import annotations

import dataclasses

from sqlalchemy import select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.commands import SetAgreement
from lab_contingency.network.models import Agreement
from lab_contingency.places.queries import laboratory

_KEYS = ("laboratory_id", "version")


def set_agreement(command: SetAgreement, *, actor: Actor) -> None:
    """Write it down, or change it. Only partners have one; NotFound, ChangedByAnother."""
    if laboratory(command.laboratory_id).own:
        raise RuleBroken("This is a laboratory of ours: nothing is agreed with it.")
    if command.ends_on is not None and command.ends_on < command.starts_on:
        raise RuleBroken("It ends before it starts.", field="ends_on")
    values = {
        name: value for name, value in dataclasses.asdict(command).items() if name not in _KEYS
    }
    row = _held(command)
    if row is None:
        row = Agreement(id=new_id(), laboratory_id=command.laboratory_id, **values)
        session().add(row)
        changes = changed({}, values)
    else:
        changes = changed({name: getattr(row, name) for name in values}, values)
        for name, value in values.items():
            setattr(row, name, value)
    session().flush()
    if changes:
        record("agreement:set", command.laboratory_id, actor=actor, changes=changes)


def _held(command: SetAgreement) -> Agreement | None:
    statement = select(Agreement).where(Agreement.laboratory_id == command.laboratory_id)
    fresh = locked(statement).execution_options(populate_existing=True)
    row = session().scalars(fresh).one_or_none()
    if (row.version if row else 0) != command.version:
        raise ChangedByAnother
    return row
