"""What was done, and what left the building: rows that are only ever added."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect


class AuditEvent(Base):
    """One change: who, when, what to which row. Details hold codes and ids, never names, numbers or values.

    No foreign keys: the record must outlive what it speaks of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject", "subject_id"),
        Index("ix_audit_event_recorded_at", "recorded_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[dt.datetime]
    occurred_at: Mapped[dt.datetime]
    user_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[uuid.UUID | None]
    sign_in_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    details: Mapped[dict[str, Any]]


class Leaving(Base):
    """Something that left: a label, form, slip or list, whose data it carried, and who made it."""

    __tablename__ = "leaving"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[dt.datetime]
    user_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str]
    kind: Mapped[str]
    patient_ids: Mapped[list[str]]
    content_digest: Mapped[str]
    copies: Mapped[int]


protect(AuditEvent.__table__)  # type: ignore[arg-type]
protect(Leaving.__table__)  # type: ignore[arg-type]
