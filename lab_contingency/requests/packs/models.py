"""Packs, and the forms that were keyed from them: by whom, checked by whom, with which pictures."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.requests.packs.rules import MediaType, PackState, VoidReason


class PaperPack(Base):
    """One pre-numbered form with its labels, printed for a ward. `request_id` is what was keyed from it."""

    __tablename__ = "paper_pack"
    __table_args__ = (
        CheckConstraint("(state = 'used') = (request_id IS NOT NULL)", name="used_as"),
        CheckConstraint("(state = 'void') = (voided_at IS NOT NULL)", name="voided_when"),
        CheckConstraint("(state = 'void') = (void_reason IS NOT NULL)", name="voided_why"),
        CheckConstraint("(state = 'void') = (voided_by IS NOT NULL)", name="voided_by_somebody"),
        Index("ix_paper_pack_ward_state", "ward_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"), unique=True)
    block_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("number_block.id"), index=True)
    ward_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ward.id"))
    state: Mapped[PackState]
    printed_at: Mapped[dt.datetime]
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("request.id"), unique=True)
    voided_at: Mapped[dt.datetime | None]
    void_reason: Mapped[VoidReason | None]
    voided_by: Mapped[str | None]


class Transcription(Base):
    """A form keyed from paper: who wrote it (sealed) and when, who keyed it, who keyed it again.

    Whoever checks did not key it.
    """

    __tablename__ = "transcription"
    __table_args__ = (
        CheckConstraint("(checked_at IS NULL) = (checked_by IS NULL)", name="checked_by_somebody"),
        CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by_person"),
        CheckConstraint("checked_by_id != keyed_by_id", name="two_people"),
        CheckConstraint("(checked_at IS NOT NULL) <= check_needed", name="checked_where_needed"),
        Index("ix_transcription_check_needed", "check_needed", "checked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), unique=True)
    pack_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("paper_pack.id"), unique=True)
    written_at: Mapped[dt.datetime]
    keyed_at: Mapped[dt.datetime]
    keyed_by: Mapped[str]
    keyed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    check_needed: Mapped[bool]
    checked_at: Mapped[dt.datetime | None]
    checked_by: Mapped[str | None]
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    sealed: Mapped[str]


class SecondKeying(Base):
    """One second keying of a form: by whom, and which fields were read differently. Insert only."""

    __tablename__ = "second_keying"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    transcription_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transcription.id"), index=True)
    keyed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    differing: Mapped[list[str]]


class FormKeying(Base):
    """Somebody has a pack's form open to key it: shown to whoever opens it too."""

    __tablename__ = "form_keying"
    __table_args__ = (UniqueConstraint("pack_id", "user_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pack_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("paper_pack.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str]
    begun_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]


class FormPicture(Base):
    """A photo or scan of a filled form; its bytes stand sealed in `FormPicturePart`. Insert only."""

    __tablename__ = "form_picture"
    __table_args__ = (CheckConstraint("size > 0 AND parts > 0", name="something"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pack_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("paper_pack.id"), index=True)
    media_type: Mapped[MediaType]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    parts: Mapped[int]
    added_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class FormPicturePart(Base):
    """A piece of a picture, sealed. In pieces, so that a change of keys never holds many whole ones. Insert only."""

    __tablename__ = "form_picture_part"
    __table_args__ = (UniqueConstraint("picture_id", "ordinal"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    picture_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("form_picture.id"))
    ordinal: Mapped[int]
    sealed: Mapped[str]


_CHECKED = {"checked_at", "checked_by", "checked_by_id", "check_needed"}
TRANSCRIPTION_KEPT = tuple(
    c.name for c in Transcription.__table__.columns if c.name not in _CHECKED
)
protect(Transcription.__table__, TRANSCRIPTION_KEPT)  # type: ignore[arg-type]
for _table in (SecondKeying, FormPicture, FormPicturePart):
    protect(_table.__table__)  # type: ignore[arg-type]

explain_constraint(
    "uq_transcription_pack_id", "This form was keyed by somebody else meanwhile.", field="number"
)
explain_constraint(
    "uq_paper_pack_request_id", "This form was keyed by somebody else meanwhile.", field="number"
)
