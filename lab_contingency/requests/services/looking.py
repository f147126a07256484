"""Looking beyond one's place: asked for with a number, a date of birth and a reason; for a while; recorded."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import not_, select

from lab_contingency.accounts.models import User
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.commands import LookBeyond
from lab_contingency.requests.models import LookGrant, PatientIdentity, Request
from lab_contingency.requests.queries.known import held_by_hospital, held_by_nhs
from lab_contingency.requests.queries.looking import REFUSED, RELEASED, tries_lately
from lab_contingency.requests.queries.patients import read_identity
from lab_contingency.requests.rules.looking import (
    LOOK_LIFE,
    LOOK_TRIES,
    LOOK_TRIES_WITHIN,
    LookNumber,
    LookReason,
    NumberKind,
)
from lab_contingency.requests.scope import own_place, standing

NOTHING_FITS = "No request fits this number and this date of birth. Read both again from the wristband or the form."
_MANY = "Too many tries. Wait five minutes, or ring the place whose patient it is."


def look_beyond(command: LookBeyond, *, actor: Actor) -> uuid.UUID | None:
    """Let this sign-in see one patient's requests for a while: the look's id.

    None when nothing fits, for whatever cause; that is recorded too and counts against guessing, so
    the caller commits before it says NOTHING_FITS.
    """
    if actor.user_id is None or actor.sign_in_id is None:
        raise NotPermitted
    if command.reason is LookReason.OTHER and not command.text:
        raise RuleBroken("Say why in a few words, without a name.", field="text")
    _refuse_guessing(actor.user_id)
    patient_id = _patient(command)
    if patient_id is None:
        record(REFUSED, None, actor=actor, number=command.number.kind.value)
        return None
    _refuse_needless(patient_id, actor)
    row = _granted(command, patient_id, actor.user_id, actor.sign_in_id, actor)
    session().add(row)
    record(
        "look:granted",
        row.id,
        actor=actor,
        patient=patient_id,
        reason=command.reason.value,
        until=row.ends_at,
    )
    return row.id


def end_look(look_id: uuid.UUID, *, actor: Actor) -> None:
    """Give a look back before its time; NotFound."""
    own = select(LookGrant).where(LookGrant.id == look_id, standing(actor))
    row = session().scalars(locked(own)).one_or_none()
    if row is None:
        raise NotFound
    row.ended_at = clock.now()
    record("look:ended", row.id, actor=actor, patient=row.patient_id)


def ask_for_more(why: str, *, actor: Actor) -> None:
    """Say why more patients are needed; the count begins anew, and governance is shown what was said."""
    record(RELEASED, None, actor=actor, changes={"reason": (None, why)})


def _refuse_guessing(user_id: uuid.UUID) -> None:
    """By person over all sign-ins; tries sent at once wait for each other here."""
    session().scalars(locked(select(User).where(User.id == user_id))).one()
    if tries_lately(user_id, clock.now() - LOOK_TRIES_WITHIN) >= LOOK_TRIES:
        raise RuleBroken(_MANY, field="number")


def _patient(command: LookBeyond) -> uuid.UUID | None:
    """The patient with a request whom number and date of birth together mean, or None."""
    if command.number.kind is NumberKind.REQUEST:
        statement = select(Request).where(Request.number == command.number.digits)
        request = session().scalars(statement).one_or_none()
        born = _born(request.identity_id) if request else None
        return request.patient_id if request and born == command.born else None
    row = _held(command.number)
    if row is None or read_identity(row).born != command.born:
        return None
    asked = select(Request.id).where(Request.patient_id == row.patient_id).limit(1)
    return row.patient_id if session().scalars(asked).first() else None


def _held(number: LookNumber) -> PatientIdentity | None:
    if number.kind is NumberKind.NHS:
        return held_by_nhs(number.digits)
    return held_by_hospital(number.digits, number.issuer)


def _born(identity_id: uuid.UUID) -> dt.date:
    return read_identity(session().get_one(PatientIdentity, identity_id)).born


def _refuse_needless(patient_id: uuid.UUID, actor: Actor) -> None:
    beyond = select(Request.id).where(Request.patient_id == patient_id, not_(own_place(actor)))
    if session().scalars(beyond.limit(1)).first() is None:
        raise RuleBroken(
            "Your place sees every request of this patient already. Use “Where is it?” with its number.",
            field="number",
        )


def _granted(
    command: LookBeyond,
    patient_id: uuid.UUID,
    user_id: uuid.UUID,
    sign_in_id: uuid.UUID,
    actor: Actor,
) -> LookGrant:
    row_id, now = new_id(), clock.now()
    return LookGrant(
        id=row_id,
        user_id=user_id,
        sign_in_id=sign_in_id,
        patient_id=patient_id,
        by_name=actor.name,
        role=actor.role,
        site_id=actor.site_id,
        laboratory_id=actor.laboratory_id,
        reason_code=command.reason.value,
        sealed=seal(LookGrant.__tablename__, row_id, {"reason": command.text}),
        asked_at=now,
        ends_at=now + LOOK_LIFE,
        ended_at=None,
    )
