"""Every call about one tube, with the words that were noted."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.transport.custody.models import Enquiry
from lab_contingency.transport.custody.rules import Answer, Hop

MOST = 60


@discloses(whom=Field.REMARKS, said=Field.REMARKS, answer=NOTHING, by_name=NOTHING)
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
