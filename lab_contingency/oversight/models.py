"""Exports that need a second person, and what was found in fragments from outside."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect


class ExportRequest(Base):
    """Somebody asked for data in bulk: what (ids only), why (sealed), and who agreed or declined.

    `criteria` says which data, for the storey that makes the file; `people` how many it is about.
    """

    __tablename__ = "export_request"
    __table_args__ = (
        CheckConstraint("decided_by_id != asked_by_id", name="two_people"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"
        ),
        CheckConstraint("(decided_at IS NULL) = (approved IS NULL)", name="decided_which_way"),
        CheckConstraint("people >= 0", name="people_not_negative"),
        Index("ix_export_request_asked_at", "asked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    asked_at: Mapped[dt.datetime]
    asked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    asked_by_name: Mapped[str]
    asked_role: Mapped[str]
    title: Mapped[str]
    people: Mapped[int]
    criteria: Mapped[dict[str, Any]]
    sealed: Mapped[str]
    decided_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by_name: Mapped[str | None]
    approved: Mapped[bool | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class LeakMatch(Base):
    """What was found in fragments from outside: patients and papers, sealed. The fragments are not kept."""

    __tablename__ = "leak_match"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index("ix_leak_match_recorded_at", "recorded_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    size: Mapped[int]
    certain: Mapped[int]
    likely: Mapped[int]
    sealed: Mapped[str]


# Never changed but for being sealed anew with another key.
_KEPT = tuple(column.name for column in LeakMatch.__table__.columns if column.name != "sealed")
protect(LeakMatch.__table__, _KEPT)  # type: ignore[arg-type]
