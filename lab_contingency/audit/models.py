"""What was done, what was shown, and what left the building: rows that are only ever added, in chains."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect


class AuditEvent(Base):
    """One change, or one patient shown: who, when, from where, what. Details hold codes and ids, never values.

    What a change replaced stands in `sealed`; `sealed_digest` binds its plain text into the chain, so
    that it can be sealed anew with another key. `mac` is the keyed digest over this row and the row
    before it in its stream. No foreign keys: the record must outlive what it speaks of.
    Stream 0 holds rows from before there were chains.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        Index("ix_audit_event_subject", "subject", "subject_id"),
        Index("ix_audit_event_recorded_at", "recorded_at"),
        Index("ix_audit_event_user_at", "user_id", "recorded_at"),
        Index("ix_audit_event_sign_in_at", "sign_in_id", "recorded_at"),
        # What was changed, without what was shown: the queue asks for the newest every few seconds.
        Index(
            "ix_audit_event_change_at",
            "recorded_at",
            sqlite_where=text("answer_id IS NULL"),
            postgresql_where=text("answer_id IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stream: Mapped[int]
    seq: Mapped[int]
    key_version: Mapped[int]
    mac: Mapped[str]
    recorded_at: Mapped[dt.datetime]
    occurred_at: Mapped[dt.datetime]
    user_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[uuid.UUID | None]
    sign_in_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    address: Mapped[str]
    answer_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    fields: Mapped[int | None]
    list_key: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    sealed: Mapped[str | None]
    sealed_digest: Mapped[str | None]


class AuditStream(Base):
    """The end of one chain. A writer takes any chain that nobody else is writing to."""

    __tablename__ = "audit_stream"
    __table_args__ = (CheckConstraint("seq >= 0", name="seq_not_negative"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    head: Mapped[str]


class Checkpoint(Base):
    """The ends of all chains at one moment, signed and chained to the checkpoint before."""

    __tablename__ = "checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[dt.datetime]
    heads: Mapped[dict[str, Any]]
    before: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    key_version: Mapped[int]
    signature: Mapped[str]


class Showing(Base):
    """What a refreshing list shows a sign-in now, so that only what is new is recorded.

    `patients`: patient id (32 hexadecimal digits) to the sum of `Field` flags. No two answers of a list
    are recorded at the same moment: `refreshed_at` is that of the last one.
    """

    __tablename__ = "showing"

    sign_in_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    list_key: Mapped[str] = mapped_column(primary_key=True)
    patients: Mapped[str] = mapped_column(Text)
    refreshed_at: Mapped[dt.datetime | None]


class Leaving(Base):
    """Something that left: a label, form, slip, list or file, whose data it carried, and who made it.

    `contains`: patient id (32 hexadecimal digits) to the sum of `Field` flags. `watermark` is printed
    on it where there is room, and stands in its file. Its digest is in the chain, in the audit event
    `leaving:registered`.
    """

    __tablename__ = "leaving"
    __table_args__ = (
        Index("ix_leaving_recorded_at", "recorded_at"),
        CheckConstraint("copies >= 1", name="copies_one_or_more"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    watermark: Mapped[str] = mapped_column(unique=True)
    recorded_at: Mapped[dt.datetime]
    user_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[uuid.UUID | None]
    sign_in_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    address: Mapped[str]
    kind: Mapped[str]
    contains: Mapped[dict[str, Any]]
    content_digest: Mapped[str]
    copies: Mapped[int]


protect(AuditEvent.__table__)  # type: ignore[arg-type]
protect(Checkpoint.__table__)  # type: ignore[arg-type]
protect(Leaving.__table__)  # type: ignore[arg-type]
