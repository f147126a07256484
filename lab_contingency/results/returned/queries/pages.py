"""Photos and scans of returned pages, within the reader's reach."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.pieces import joined
from lab_contingency.requests.packs.rules import MediaType
from lab_contingency.requests.scope import within
from lab_contingency.results.returned.models import ReturnPage, ReturnPagePart, ReturnSlip


@discloses(by_name=NOTHING, words=NOTHING, shows=NOTHING)
@dataclass(frozen=True, slots=True)
class PageView:
    """A page that came back; what stands on it is another query."""

    patient_id: None
    id: uuid.UUID
    media_type: MediaType
    size: int
    added_at: dt.datetime
    by_name: str

    @property
    def shows(self) -> bool:
        """Whether a browser shows it beside the boxes; a PDF opens in a window of its own."""
        return self.media_type is not MediaType.PDF

    @property
    def words(self) -> str:
        """“photo, 1.2 MB”."""
        kind = "photo" if self.shows else "PDF"
        return f"{kind}, {max(0.1, self.size / 1024**2):.1f} MB"


def pages_of(slip_id: uuid.UUID) -> tuple[PageView, ...]:
    """The pages of a slip, the newest first; for who may see the slip."""
    statement = (
        select(ReturnPage)
        .where(ReturnPage.slip_id == slip_id)
        .order_by(ReturnPage.added_at.desc(), ReturnPage.id.desc())
    )
    return tuple(
        PageView(None, row.id, row.media_type, row.size, row.added_at, row.by_name)
        for row in session().scalars(statement)
    )


def page_bytes(page_id: uuid.UUID, actor: Actor) -> tuple[MediaType, bytes, uuid.UUID]:
    """Kind, bytes and patient of a page in the actor's scope; NotFound."""
    statement = (
        select(ReturnPage.media_type, Request.patient_id)
        .join(ReturnSlip, ReturnSlip.id == ReturnPage.slip_id)
        .join(Request, Request.id == ReturnSlip.request_id)
        .where(ReturnPage.id == page_id, within(actor))
    )
    found = session().execute(statement).one_or_none()
    if found is None:
        raise NotFound
    parts = session().scalars(
        select(ReturnPagePart)
        .where(ReturnPagePart.page_id == page_id)
        .order_by(ReturnPagePart.ordinal)
    )
    table = ReturnPagePart.__tablename__
    data = joined(unseal(table, part.id, part.sealed) for part in parts)
    return found.media_type, data, found.patient_id
