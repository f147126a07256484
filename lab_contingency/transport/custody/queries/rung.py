"""The last call about each of many tubes: when, what came of it, by whom. What was said is not read here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.transport.custody.models import Enquiry
from lab_contingency.transport.custody.rules import Answer

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class LastEnquiry:
    """The last call about a tube. Who was rung and what they said stand on the tube’s own page."""

    rung_at: dt.datetime
    answer: Answer
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
