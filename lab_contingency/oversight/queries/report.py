"""The exposure report put together: the record, what left, copies, fragments."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Select, func, select

from lab_contingency.accounts.models import User
from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.audit.models import Leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.wording import full_time_text
from lab_contingency.incidents.rules import digits_of
from lab_contingency.oversight.queries.found import found_in
from lab_contingency.oversight.queries.record import facets, left, left_in, read_id, shown
from lab_contingency.oversight.rules.exposure import (
    BY_RECORD,
    COPIES,
    About,
    Certainty,
    Criteria,
    Exposure,
    Reach,
    Report,
    Verification,
    certainty_of,
    certainty_sentence,
    exposures_of,
    widened,
)
from lab_contingency.requests.models import Patient, Request
from lab_contingency.results.models import Slip
from lab_contingency.specimens.models import FormPrint, LabelPrint


def exposure_report(
    criteria: Criteria, verification: Verification, *, narrower: bool = False
) -> Report:
    """Whose data was reached, by patient id. With `narrower` also what a narrower report could be about.

    `verification` is of the record as it stands for this very report: see `services.verifying`.
    """
    certainty = certainty_of(criteria.about, verification)
    exposures = _exposures(criteria)
    if certainty is Certainty.UPPER_BOUND:
        reach = Reach.ENCRYPTED if criteria.about is About.SEALED_COPY else Reach.READABLE
        exposures = widened(exposures, _patients_before(criteria.ends), reach)
    known = session().scalars(select(func.count(Patient.id))).one()
    return Report(
        criteria=criteria,
        title=title_of(criteria),
        made_at=clock.now(),
        certainty=certainty,
        sentence=certainty_sentence(certainty, verification),
        exposures=exposures,
        not_reached=max(0, known - len(exposures)),
        facets=facets(criteria) if narrower else (),
    )


def _exposures(criteria: Criteria) -> tuple[Exposure, ...]:
    if criteria.about in BY_RECORD:
        return exposures_of(shown(criteria), left(criteria), {})
    if criteria.about is About.LEAVING:
        return exposures_of({}, left_in(leavings_named(criteria.value)), {})
    if criteria.about is About.FRAGMENTS:
        found = found_in(read_id(criteria.value))
        return exposures_of({}, left_in(found.leavings), found.notes)
    return ()


def _patients_before(moment: dt.datetime) -> tuple[uuid.UUID, ...]:
    return tuple(session().scalars(select(Patient.id).where(Patient.created_at < moment)))


def leavings_named(value: str) -> tuple[uuid.UUID, ...]:
    """Papers and files with this watermark, or those on which this number stands; NotFound for none."""
    plain = value.strip().upper().replace(" ", "").replace("-", "")
    found = set(session().scalars(select(Leaving.id).where(Leaving.watermark == plain)))
    number = digits_of(value)
    for table in (Slip, LabelPrint):
        found |= set(session().scalars(select(table.leaving_id).where(table.number == number)))
    found |= set(session().scalars(_forms_numbered(number)))
    if not found:
        raise NotFound("Nothing that left has this watermark or number. Read it again.")
    return tuple(sorted(found))


def _forms_numbered(number: str) -> Select[*tuple[Any, ...]]:
    return (
        select(FormPrint.leaving_id)
        .join(Request, Request.id == FormPrint.request_id)
        .where(Request.number == number)
    )


def title_of(criteria: Criteria) -> str:
    """What the report is about, in words without a patient."""
    if criteria.about in {About.LEAVING, About.FRAGMENTS}:
        return _things(criteria)
    begins, ends = full_time_text(criteria.begins), full_time_text(criteria.ends)
    if criteria.about in COPIES:
        since = f"taken {ends}" if criteria.about is About.SEALED_COPY else f"open since {begins}"
        return f"{criteria.about.words}, {since}"
    return f"{_whom(criteria)}, {begins} to {ends}"


def _things(criteria: Criteria) -> str:
    if criteria.about is About.FRAGMENTS:
        found = found_in(read_id(criteria.value))
        return f"Fragments found outside, looked through {full_time_text(found.recorded_at)}"
    return f"Something that left: {criteria.value.strip().upper()}"


def _whom(criteria: Criteria) -> str:
    value = criteria.value
    match criteria.about:
        case About.ACCOUNT:
            row = session().get(User, read_id(value))
            if row is None:
                raise NotFound("There is no such account. Choose one of the list.")
            return f"Account of {row.name}"
        case About.ROLE:
            return f"Role {GRANTS[_role(value)].title.lower()}"
        case About.DEVICE:
            return f"Device {str(read_id(value))[-6:]}"
        case About.SIGN_IN:
            return f"Sign-in {str(read_id(value))[-6:]}"
        case About.ADDRESS:
            return f"Network address {value}"
        case _:
            return "Everybody"


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise RuleBroken("There is no such role. Choose one of the list.", field="role") from None
