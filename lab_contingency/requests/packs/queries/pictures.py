"""Photos and scans of written forms, within the reader's reach."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.requests.models import Request
from lab_contingency.requests.packs.models import FormPicture, FormPicturePart, PaperPack
from lab_contingency.requests.packs.pieces import joined
from lab_contingency.requests.packs.queries.standing import reachable
from lab_contingency.requests.packs.rules import MediaType
from lab_contingency.requests.scope import within


@dataclass(frozen=True, slots=True)
class PictureView:
    """A photo or scan of a form; what is on it is another query."""

    id: uuid.UUID
    media_type: MediaType
    size: int
    added_at: dt.datetime
    by_name: str

    @property
    def words(self) -> str:
        """“photo, 1.2 MB”."""
        kind = "PDF" if self.media_type is MediaType.PDF else "photo"
        return f"{kind}, {max(0.1, self.size / 1024**2):.1f} MB"


def pictures_of(pack_id: uuid.UUID) -> tuple[PictureView, ...]:
    """The pictures of a pack's form, oldest first; for who may reach the pack."""
    statement = (
        select(FormPicture).where(FormPicture.pack_id == pack_id).order_by(FormPicture.added_at)
    )
    return tuple(
        PictureView(row.id, row.media_type, row.size, row.added_at, row.by_name)
        for row in session().scalars(statement)
    )


def pictures_of_request(request_id: uuid.UUID) -> tuple[PictureView, ...]:
    """The pictures of the form that a request was keyed from; for who may see the request."""
    pack = select(PaperPack.id).where(PaperPack.request_id == request_id)
    pack_id = session().scalars(pack).one_or_none()
    return pictures_of(pack_id) if pack_id else ()


def picture_bytes(picture_id: uuid.UUID, actor: Actor) -> tuple[MediaType, bytes, uuid.UUID | None]:
    """(kind, bytes, patient or None while it is not keyed) of a picture in the actor's reach; NotFound."""
    statement = (
        select(FormPicture, PaperPack.request_id)
        .join(PaperPack, PaperPack.id == FormPicture.pack_id)
        .where(FormPicture.id == picture_id, or_(_keyed_within(actor), _open_within(actor)))
    )
    found = session().execute(statement).one_or_none()
    if found is None:
        raise NotFound
    row, request_id = found.FormPicture, found.request_id
    patient = select(Request.patient_id).where(Request.id == request_id)
    patient_id = session().scalars(patient).one_or_none() if request_id else None
    parts = session().scalars(
        select(FormPicturePart)
        .where(FormPicturePart.picture_id == row.id)
        .order_by(FormPicturePart.ordinal)
    )
    table = FormPicturePart.__tablename__
    data = joined(unseal(table, part.id, part.sealed) for part in parts)
    return row.media_type, data, patient_id


def _keyed_within(actor: Actor) -> ColumnElement[bool]:
    return PaperPack.request_id.in_(select(Request.id).where(within(actor)))


def _open_within(actor: Actor) -> ColumnElement[bool]:
    return PaperPack.request_id.is_(None) & reachable(actor)
