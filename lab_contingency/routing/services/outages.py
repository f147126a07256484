"""A laboratory out of action, and back in work."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.models import Laboratory
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.models import LaboratoryOutage
from lab_contingency.routing.services.publishing import publish_what_cannot_be_done


def declare_outage(command: DeclareOutage, *, actor: Actor) -> uuid.UUID:
    """From now on nothing new goes there; NotFound for an unknown laboratory, RuleBroken without a reason."""
    if session().get(Laboratory, command.laboratory_id) is None:
        raise NotFound
    if not command.reason.strip():
        raise RuleBroken("Say why it takes no work. Everybody who routes reads it.", field="reason")
    now = clock.now()
    if command.until is not None and command.until <= now:
        raise RuleBroken("That time has passed. Leave it empty if nobody knows.", field="until")
    row = LaboratoryOutage(
        id=new_id(),
        laboratory_id=command.laboratory_id,
        since=now,
        until=command.until,
        reason=command.reason.strip(),
        declared_by=actor.name,
        declared_by_id=actor.user_id,
    )
    session().add(row)
    session().flush()
    changes = {"reason": (None, row.reason), "until": (None, command.until)}
    record("laboratory:taken_out", command.laboratory_id, actor=actor, changes=changes)
    publish_what_cannot_be_done()
    return row.id


def end_outage(laboratory_id: uuid.UUID, *, actor: Actor) -> None:
    """Back in work; RuleBroken when it is not out of action."""
    statement = select(LaboratoryOutage).where(
        LaboratoryOutage.laboratory_id == laboratory_id, LaboratoryOutage.ended_at.is_(None)
    )
    row = session().scalars(locked(statement)).one_or_none()
    if row is None:
        raise RuleBroken("This laboratory is not out of action.")
    row.ended_at, row.ended_by, row.ended_by_id = clock.now(), actor.name, actor.user_id
    session().flush()
    record("laboratory:put_back", laboratory_id, actor=actor)
    publish_what_cannot_be_done()
