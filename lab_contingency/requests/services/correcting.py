"""Putting a request right: who it is for, where the answer goes, what is going on."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal, unseal
from lab_contingency.places.queries import ward
from lab_contingency.requests.commands import CorrectDetails, CorrectIdentity
from lab_contingency.requests.models import PatientIdentity, Request, RequestChange
from lab_contingency.requests.packs.models import Transcription
from lab_contingency.requests.rules.beds import NOT_GIVEN, slip_goes_to
from lab_contingency.requests.rules.identity import Identity
from lab_contingency.requests.rules.statuses import FINAL, TestStatus
from lab_contingency.requests.services.patients import correct_patient, read_identity, record_of
from lab_contingency.requests.services.summary import lock_request, tests_of

_WITH_RESULT = FINAL - {TestStatus.DECLINED, TestStatus.WITHDRAWN} | {
    TestStatus.ENTERED,
    TestStatus.CHECKED,
}


def correct_identity(command: CorrectIdentity, *, actor: Actor) -> bool:
    """Say who the patient really is; True when something changed, so that labels must be made anew.

    The identity as it stood stays in the history. A request with a result typed is refused: the
    laboratory must look at whose blood it was.
    """
    request = lock_request(command.request_id, actor=actor, version=command.version)
    if any(test.status in _WITH_RESULT for test in tests_of(request.id)):
        raise RuleBroken(
            "A result has been typed for this request, so the patient cannot be changed here. Ring the laboratory now."
        )
    held = _identity_of(request)
    if held == command.identity:
        return False
    row = correct_patient(request.patient_id, command.identity, actor=actor)
    _note(request, "identity", command.reason, actor, {"identity_before": str(request.identity_id)})
    request.patient_id, request.identity_id = row.patient_id, row.id
    session().flush()
    _let_check_again(request, actor)
    record(
        "request:identity_corrected",
        request.id,
        actor=actor,
        changes={
            **changed(record_of(held), record_of(command.identity)),
            "reason": (None, command.reason),
        },
    )
    return True


def _let_check_again(request: Request, actor: Actor) -> None:
    """What a second person read on a written form was another patient: they read it again."""
    checked = select(Transcription).where(
        Transcription.request_id == request.id, Transcription.checked_at.is_not(None)
    )
    row = session().scalars(checked).one_or_none()
    if row is not None:
        row.checked_at = row.checked_by = row.checked_by_id = None
        session().flush()
        record("request:check_undone", request.id, actor=actor)


def _identity_of(request: Request) -> Identity:
    row = session().get(PatientIdentity, request.identity_id)
    if row is None:
        raise RuleBroken("This request has lost its patient. Tell the administrator.")
    return read_identity(row)


def correct_details(command: CorrectDetails, *, actor: Actor) -> uuid.UUID:
    """Change ward, bed, destination, call-back, consultant or clinical details, with a reason.

    Answers where the slip goes: with a patient who moves.
    """
    request = lock_request(command.request_id, actor=actor, version=command.version)
    _refuse_foreign_ward(command.ward_id, request, "ward")
    _refuse_foreign_ward(command.destination_id, request, "destination")
    held = unseal(Request.__tablename__, request.id, request.sealed)
    destination = slip_goes_to(
        (request.ward_id, request.destination_id), (command.ward_id, command.destination_id)
    )
    before = {
        "ward": str(request.ward_id),
        "destination": str(request.destination_id),
        "bed": held.get("bed", NOT_GIVEN),
        **{name: held[name] for name in ("callback", "consultant", "clinical_details")},
    }
    after = {
        "bed": command.bed,
        "callback": command.callback,
        "consultant": command.consultant,
        "clinical_details": command.clinical_details,
    }
    _note(request, "details", command.reason, actor, before)
    request.ward_id, request.destination_id = command.ward_id, destination
    request.sealed = seal(Request.__tablename__, request.id, {**held, **after})
    session().flush()
    places = {"ward": str(command.ward_id), "destination": str(destination)}
    changes = {**changed(before, {**places, **after}), "reason": (None, command.reason)}
    record("request:details_corrected", request.id, actor=actor, changes=changes)
    return destination


def _refuse_foreign_ward(ward_id: uuid.UUID, request: Request, field: str) -> None:
    if ward(ward_id).site.id != request.site_id:
        raise RuleBroken("Choose a ward of the same site.", field=field)


def _note(
    request: Request, kind: str, reason: str, actor: Actor, before: dict[str, object]
) -> None:
    if not reason.strip():
        raise RuleBroken("Say why it is being changed.", field="reason")
    row = RequestChange(
        id=new_id(),
        request_id=request.id,
        kind=kind,
        recorded_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
    )
    row.sealed = seal(RequestChange.__tablename__, row.id, {"reason": reason, "before": before})
    session().add(row)
