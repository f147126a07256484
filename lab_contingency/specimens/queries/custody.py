"""The history of tubes: every hand each went through."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.requests.models import PlannedTube
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import (
    COPY_REASONS,
    REJECTION_REASONS,
    CustodyAction,
    SpecimenStatus,
)
from lab_contingency.specimens.rules.way import LEFT_AT_DOOR

MOST = 3000


@not_for_pages
@dataclass(frozen=True, slots=True)
class CustodyView:
    """One line of a tube’s history: when it happened, when it was recorded, who, where, what."""

    planned_tube_id: uuid.UUID
    ordinal: int
    action: CustodyAction
    status: SpecimenStatus
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    by_name: str
    place: str
    what: str
    reason: str

    @property
    def noted_later(self) -> bool:
        """Whether it was typed in well after it happened."""
        return self.recorded_at - self.occurred_at >= dt.timedelta(minutes=1)


def custody_of(request_id: uuid.UUID) -> tuple[CustodyView, ...]:
    """Everything that happened to the tubes of a request, in the order in which it happened."""
    statement = (
        select(CustodyEvent, PlannedTube.id, PlannedTube.ordinal)
        .join(Specimen, Specimen.id == CustodyEvent.specimen_id)
        .join(PlannedTube, PlannedTube.id == Specimen.planned_tube_id)
        .where(Specimen.request_id == request_id)
        .order_by(CustodyEvent.occurred_at, CustodyEvent.recorded_at, CustodyEvent.id)
        .limit(MOST)
    )
    return tuple(
        _custody_view(event, planned, ordinal)
        for event, planned, ordinal in session().execute(statement)
    )


_WHAT = {
    CustodyAction.LABEL: "label printed",
    CustodyAction.VOID_LABEL: "label no longer counts",
    CustodyAction.VOID_ON_BLOOD: "label no longer counts",
    CustodyAction.RELABEL: "another label put on",
    CustodyAction.COLLECT: "taken",
    CustodyAction.CORRECT_TIME: "time or person of the collection corrected",
    CustodyAction.HAND_OVER: "handed over",
    CustodyAction.RECEIVE: "received",
    CustodyAction.DISPATCH: "sent on",
    CustodyAction.REJECT: "rejected",
    CustodyAction.GIVE_UP: "not taken",
}
_REASON_WORDS = {
    **{code: reason.words for code, reason in REJECTION_REASONS.items()},
    **COPY_REASONS,
    "NOTED_AT_RECEIPT": "as noted on tube or form",
    LEFT_AT_DOOR: "left at the door",
}


def _custody_view(event: CustodyEvent, planned: uuid.UUID, ordinal: int) -> CustodyView:
    sealed = event.sealed
    typed = (
        unseal(CustodyEvent.__tablename__, event.id, sealed)["reason"] if sealed is not None else ""
    )
    words = _REASON_WORDS.get(event.reason_code, event.reason_code)
    return CustodyView(
        planned_tube_id=planned,
        ordinal=ordinal,
        action=event.action,
        status=event.status_after,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        by_name=event.by_name,
        place=event.place,
        what=_WHAT[event.action],
        reason=typed or words,
    )
