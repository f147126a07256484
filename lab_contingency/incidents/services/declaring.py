"""Declaring, stopping tests, and the anchor sheet."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import make_checkpoint, record, register_leaving
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import explain_constraint, locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.commands import DeclareIncident, StopTest
from lab_contingency.incidents.documents import anchor_sheet
from lab_contingency.incidents.models import Incident, MenuDecision
from lab_contingency.incidents.queries import open_incident
from lab_contingency.incidents.rules import IncidentState
from lab_contingency.printing.anchor_sheet import anchor_sheet_pdf

_OFFERED = {"offered": True, "reason": None, "until": None}

explain_constraint("uq_incident_open", "An incident is open already.")
explain_constraint("uq_incident_state", "An incident is open already.")
explain_constraint("uq_incident_number", "An incident is open already.")
explain_constraint(
    "uq_menu_decision_standing",
    "Somebody else decided about this test at the same moment. Look at the menu.",
    field="test",
)


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


def stop_test(command: StopTest, *, actor: Actor) -> uuid.UUID:
    """Take a test off today's menu. A stop that stands for it is ended."""
    incident = open_incident()
    if incident is None:
        raise RuleBroken("Declare an incident first: today’s menu belongs to it.")
    if command.until is not None and command.until <= clock.now():
        raise RuleBroken("That time has passed. Leave it empty when nobody knows.", field="until")
    catalogue().test(command.test_code)
    before = _end_standing(command.test_code, actor)
    row = MenuDecision(
        id=new_id(),
        incident_id=incident.id,
        test_code=command.test_code,
        reason=command.reason,
        until=command.until,
        decided_at=clock.now(),
        decided_by=actor.name,
    )
    session().add(row)
    session().flush()
    record(
        "menu:test_stopped",
        row.id,
        actor=actor,
        test=command.test_code,
        until=command.until,
        changes=changed(before or _OFFERED, _decision(row)),
    )
    return row.id


def offer_test(test_code: str, *, actor: Actor) -> None:
    """Put a test back on today's menu."""
    before = _end_standing(test_code, actor)
    if before is None:
        raise NotFound
    changes = changed(before, _OFFERED)
    record("menu:test_offered", None, actor=actor, test=test_code, changes=changes)


def _decision(row: MenuDecision) -> dict[str, object]:
    return {"offered": False, "reason": row.reason, "until": row.until}


def _end_standing(test_code: str, actor: Actor) -> dict[str, object] | None:
    """What was decided about the test, which ends now; None when nothing was."""
    standing = select(MenuDecision).where(
        MenuDecision.test_code == test_code, MenuDecision.ended_at.is_(None)
    )
    row = session().scalars(locked(standing)).one_or_none()
    if row is None:
        return None
    row.ended_at, row.ended_by = clock.now(), actor.name
    session().flush()
    return _decision(row)


def print_anchor_sheet(*, actor: Actor) -> bytes:
    """Make a checkpoint and its sheet, a PDF; nothing may have been recorded before in the transaction."""
    checkpoint = make_checkpoint(actor=actor)
    pdf = anchor_sheet_pdf(anchor_sheet(checkpoint, actor=actor))
    leaving_id = register_leaving("anchor sheet", {}, pdf, actor=actor)
    record("anchor:printed", None, actor=actor, checkpoint=checkpoint.number, leaving=leaving_id)
    return pdf
