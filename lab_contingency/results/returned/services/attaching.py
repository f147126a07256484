"""Photos and scans of returned pages: kept sealed, never on the disk in plain."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.packs.pictures import Picture
from lab_contingency.requests.packs.pieces import count_of_pieces, pieces
from lab_contingency.results.returned.models import ReturnPage, ReturnPagePart
from lab_contingency.results.returned.rules import PAGES_MOST
from lab_contingency.results.returned.services.loading import locked_slip


def attach_page(slip_id: uuid.UUID, picture: Picture, *, actor: Actor) -> uuid.UUID:
    """Keep a page of a slip within the actor's scope; NotFound outside."""
    slip = locked_slip(slip_id, actor=actor)
    held = select(func.count(ReturnPage.id)).where(ReturnPage.slip_id == slip.id)
    if session().scalars(held).one() >= PAGES_MOST:
        raise RuleBroken(f"This slip has {PAGES_MOST} pages already.", field="picture")
    row = ReturnPage(
        id=new_id(),
        slip_id=slip.id,
        media_type=picture.media_type,
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        parts=count_of_pieces(picture.data),
        added_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
    )
    session().add(row)
    session().flush()
    session().add_all(
        _part(row.id, ordinal, piece) for ordinal, piece in enumerate(pieces(picture.data))
    )
    session().flush()
    record("return_page:attached", slip.id, actor=actor, page=row.id, size=row.size)
    return row.id


def _part(page_id: uuid.UUID, ordinal: int, piece: dict[str, str]) -> ReturnPagePart:
    part_id = new_id()
    return ReturnPagePart(
        id=part_id,
        page_id=page_id,
        ordinal=ordinal,
        sealed=seal(ReturnPagePart.__tablename__, part_id, piece),
    )
