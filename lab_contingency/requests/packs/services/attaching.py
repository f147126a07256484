"""Photos and scans of written forms: kept sealed, never on the disk in plain."""

from __future__ import annotations

import uuid

from sqlalchemy import func, or_, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.models import FormPicture, FormPicturePart, PaperPack
from lab_contingency.requests.packs.pictures import Picture
from lab_contingency.requests.packs.pieces import count_of_pieces, pieces
from lab_contingency.requests.packs.queries import reachable
from lab_contingency.requests.scope import within

MOST = 6


def attach_picture(pack_id: uuid.UUID, picture: Picture, *, actor: Actor) -> uuid.UUID:
    """Keep a picture of a pack's form, whether the form is keyed already or not; NotFound out of reach."""
    keyed = PaperPack.request_id.in_(select(Request.id).where(within(actor)))
    open_here = PaperPack.request_id.is_(None) & reachable(actor)
    statement = locked(select(PaperPack).where(PaperPack.id == pack_id, or_(keyed, open_here)))
    pack = session().scalars(statement).one_or_none()
    if pack is None:
        raise NotFound
    held = select(func.count(FormPicture.id)).where(FormPicture.pack_id == pack_id)
    if session().scalars(held).one() >= MOST:
        raise RuleBroken(f"This form has {MOST} pictures already.", field="picture")
    row = FormPicture(
        id=new_id(),
        pack_id=pack_id,
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
    record("form_picture:attached", pack_id, actor=actor, picture=row.id, size=row.size)
    return row.id


def _part(picture_id: uuid.UUID, ordinal: int, piece: dict[str, str]) -> FormPicturePart:
    part_id = new_id()
    return FormPicturePart(
        id=part_id,
        picture_id=picture_id,
        ordinal=ordinal,
        sealed=seal(FormPicturePart.__tablename__, part_id, piece),
    )
