"""Whose a row of the record is: the patient and the number of the request that it speaks of."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, literal, select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import unseal
from lab_contingency.requests.models import (
    LookGrant,
    Patient,
    PatientIdentity,
    Request,
    RequestChange,
    RequestedTest,
)
from lab_contingency.results.models import CriticalCall
from lab_contingency.specimens.models import Specimen

log = logging.getLogger("lab_contingency")
IDENTITY_CORRECTED = "request:identity_corrected"


@dataclass(frozen=True, slots=True)
class Whose:
    """A patient, and the number of their request; "" where it is of none."""

    patient_id: uuid.UUID
    number: str


def whose(subject_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Whose]:
    """By subject (few: those of one page); a subject that is no patient's is left out."""
    found: dict[uuid.UUID, Whose] = {}
    for statement in _statements(subject_ids):
        for subject_id, patient_id, number in session().execute(statement):
            found[subject_id] = Whose(patient_id, number)
    return found


def _statements(ids: Collection[uuid.UUID]) -> tuple[Select[uuid.UUID, uuid.UUID, str], ...]:
    of_request = Request.patient_id, Request.number
    parts = tuple(
        select(table.id, *of_request)
        .join(Request, Request.id == table.request_id)
        .where(table.id.in_(ids))
        for table in (RequestedTest, Specimen, CriticalCall)
    )
    return (
        select(Request.id, *of_request).where(Request.id.in_(ids)),
        *parts,
        select(Patient.id, Patient.id, literal("")).where(Patient.id.in_(ids)),
        select(LookGrant.id, LookGrant.patient_id, literal("")).where(LookGrant.id.in_(ids)),
    )


def before_and_after(request_id: uuid.UUID, at: dt.datetime) -> tuple[uuid.UUID | None, ...]:
    """Two patients: whom the identity was that was corrected then, and whom the one that took its place.

    A correction may lead to somebody else who was known already.
    """
    statement = (
        select(RequestChange)
        .where(RequestChange.request_id == request_id, RequestChange.kind == "identity")
        .order_by(RequestChange.recorded_at)
    )
    rows = list(session().scalars(statement))
    earlier = [row for row in rows if row.recorded_at <= at]
    if not earlier:
        return None, None
    later = rows[len(earlier) :]
    return _before(earlier[-1]), _before(later[0]) if later else _now(request_id)


def _before(row: RequestChange) -> uuid.UUID | None:
    try:
        held = unseal(RequestChange.__tablename__, row.id, row.sealed)
    except Unreadable:
        log.exception("record.altered", extra={"table": row.__tablename__, "row": str(row.id)})
        return None
    return _of_identity(uuid.UUID(held["before"]["identity_before"]))


def _now(request_id: uuid.UUID) -> uuid.UUID | None:
    row = session().get(Request, request_id)
    return row.patient_id if row else None


def _of_identity(identity_id: uuid.UUID) -> uuid.UUID | None:
    row = session().get(PatientIdentity, identity_id)
    return row.patient_id if row else None
