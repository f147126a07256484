"""Who was rung about tubes: the last call about each; all about one."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.transport.custody.models import Enquiry
from lab_contingency.transport.custody.rules import Answer, Hop

_CHUNK = 500
MOST = 60


@dataclass(frozen=True, slots=True)
class LastEnquiry:
    """The last call about a tube. Who was rung and what they said stand on the tube’s own page."""

    rung_at: dt.datetime
    answer: Answer
    by_name: str


@discloses(whom=Field.REMARKS, said=Field.REMARKS, answer=NOTHING)
@dataclass(frozen=True, slots=True)
class EnquiryView:
    """One call about a tube, with the words that were noted."""

    patient_id: uuid.UUID
    rung_at: dt.datetime
    hop: Hop
    answer: Answer
    whom: str
    said: str
    by_name: str


def last_enquiries(specimen_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, LastEnquiry]:
    """The last call about each tube that was rung about."""
    found: dict[uuid.UUID, LastEnquiry] = {}
    for rows in _chunks(specimen_ids):
        statement = (
            select(Enquiry.specimen_id, Enquiry.rung_at, Enquiry.answer, Enquiry.by_name)
            .where(Enquiry.specimen_id.in_(rows))
            .order_by(Enquiry.rung_at, Enquiry.id)
        )
        for specimen_id, rung_at, answer, by_name in session().execute(statement):
            found[specimen_id] = LastEnquiry(rung_at, answer, by_name)
    return found


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def enquiries_of(specimen_id: uuid.UUID, patient_id: uuid.UUID) -> tuple[EnquiryView, ...]:
    """Every call about one tube, the last first."""
    statement = (
        select(Enquiry)
        .where(Enquiry.specimen_id == specimen_id)
        .order_by(Enquiry.rung_at.desc(), Enquiry.id.desc())
        .limit(MOST)
    )
    return tuple(_view(row, patient_id) for row in session().scalars(statement))


def _view(row: Enquiry, patient_id: uuid.UUID) -> EnquiryView:
    held = unseal(Enquiry.__tablename__, row.id, row.sealed)
    return EnquiryView(
        patient_id, row.rung_at, row.hop, row.answer, held["whom"], held["said"], row.by_name
    )
