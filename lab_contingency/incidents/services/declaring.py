"""Declaring, and the anchor sheet."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from lab_contingency.audit.services import make_checkpoint, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import explain_constraint, locked, session
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.commands import DeclareIncident
from lab_contingency.incidents.documents import anchor_sheet
from lab_contingency.incidents.models import Incident
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.rules import IncidentState
from lab_contingency.printing.anchor_sheet import anchor_sheet_pdf

explain_constraint("uq_incident_open", "An incident is open already.")
explain_constraint("uq_incident_state", "An incident is open already.")
explain_constraint("uq_incident_number", "An incident is open already.")


def declare_incident(command: DeclareIncident, *, actor: Actor) -> uuid.UUID:
    """Open an incident; there is one at a time."""
    if open_incident() is not None:
        raise RuleBroken("An incident is open already. Change its message instead.")
    if command.down_since > clock.now():
        raise RuleBroken(
            "The main system cannot have gone in the future. Check the time.", field="down_since"
        )
    highest = session().scalars(select(func.max(Incident.number))).one()
    incident = Incident(
        id=new_id(),
        number=(highest or 0) + 1,
        state=IncidentState.OPEN,
        down_since=command.down_since,
        scope=command.scope,
        message=command.message,
        declared_at=clock.now(),
        declared_by=actor.name,
        declared_by_id=actor.user_id,
    )
    session().add(incident)
    session().flush()
    record(
        "incident:declared",
        incident.id,
        actor=actor,
        occurred_at=command.down_since,
        number=incident.number,
    )
    return incident.id


def change_message(message: str, version: int, *, actor: Actor) -> None:
    """Another message on every page."""
    incident = (
        session()
        .scalars(locked(select(Incident).where(Incident.state == IncidentState.OPEN)))
        .one_or_none()
    )
    if incident is None:
        raise RuleBroken("No incident is open.")
    if incident.version != version:
        raise ChangedByAnother
    before, incident.message = incident.message, message
    changes = {"message": (before, message)}
    record("incident:message_changed", incident.id, actor=actor, changes=changes)


def print_anchor_sheet(*, actor: Actor) -> bytes:
    """Make a checkpoint and its sheet, a PDF; nothing may have been recorded before in the transaction."""
    checkpoint = make_checkpoint(actor=actor)
    pdf = anchor_sheet_pdf(anchor_sheet(checkpoint, actor=actor))
    leaving_id = register_leaving("anchor sheet", {}, pdf, actor=actor)
    record("anchor:printed", None, actor=actor, checkpoint=checkpoint.number, leaving=leaving_id)
    return pdf
