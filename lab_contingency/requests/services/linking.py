"""Somebody who could not be identified is named: a link between two records, never one written over the other."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.commands import CorrectIdentity
from lab_contingency.requests.models import PatientIdentity, PatientLink
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.services.patients import identity_problems, keep_patient
from lab_contingency.requests.services.summary import lock_request


def identify_patient(command: CorrectIdentity, *, actor: Actor) -> uuid.UUID:
    """Say who an unidentified patient is; the link. Numbers, labels and results stay where they are (hazard 19)."""
    request = lock_request(command.request_id, actor=actor, version=command.version)
    held = read_identity(session().get_one(PatientIdentity, request.identity_id))
    if not held.unidentified:
        raise RuleBroken("This patient has their own name. Put it right instead.")
    if _standing(request.patient_id) is not None:
        raise RuleBroken("Somebody said already who this is. End that link first if it is wrong.")
    if problems := identity_problems(command.identity):
        raise RulesBroken(problems)
    real = keep_patient(command.identity, actor=actor)
    if real.patient_id == request.patient_id or read_identity(real).unidentified:
        raise RuleBroken(
            "That is the number of a prepared name. Type the NHS number or the hospital number they really have.",
            field="hospital_number",
        )
    row_id = new_id()
    session().add(
        PatientLink(
            id=row_id,
            unidentified_id=request.patient_id,
            patient_id=real.patient_id,
            linked_at=clock.now(),
            linked_by=actor.name,
            linked_by_id=actor.user_id,
            sealed=seal(PatientLink.__tablename__, row_id, {"reason": command.reason}),
        )
    )
    session().flush()
    record(
        "patient:identified",
        request.patient_id,
        actor=actor,
        request=request.id,
        patient=real.patient_id,
        changes={"reason": (None, command.reason)},
    )
    return row_id


def end_link(request_id: uuid.UUID, reason: str, *, actor: Actor) -> None:
    """It was somebody else: the link ends, and both records stand as before. NotFound without one."""
    request = lock_request(request_id, actor=actor)
    row = _standing(request.patient_id)
    if row is None:
        raise NotFound
    if not reason.strip():
        raise RuleBroken("Say why it was somebody else.", field="why")
    row.ended_at, row.ended_by, row.ended_by_id = clock.now(), actor.name, actor.user_id
    session().flush()
    record(
        "patient:identification_ended",
        request.patient_id,
        actor=actor,
        request=request.id,
        patient=row.patient_id,
        changes={"reason": (None, reason)},
    )


def _standing(patient_id: uuid.UUID) -> PatientLink | None:
    statement = locked(
        select(PatientLink).where(
            PatientLink.unidentified_id == patient_id, PatientLink.ended_at.is_(None)
        )
    )
    return session().scalars(statement).one_or_none()
