"""Who rang which partner laboratory about which tests. Insert only; what was said is sealed."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect


class ReferralCall(Base):
    """One call to a partner laboratory: when, by whom, whether somebody answered; the words are sealed."""

    __tablename__ = "referral_call"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    rung_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    answered: Mapped[bool]
    sealed: Mapped[str]


class ReferralCallTest(Base):
    """A test that a call was about, where it was then: promised for when, and when to ring again."""

    __tablename__ = "referral_call_test"
    __table_args__ = (
        Index("ix_referral_call_test_assignment", "assignment_id", "rung_at"),
        CheckConstraint("ring_at > rung_at", name="rings_later"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral_call.id"), index=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"))
    rung_at: Mapped[dt.datetime]
    expected_at: Mapped[dt.datetime | None]
    ring_at: Mapped[dt.datetime]


protect(ReferralCall.__table__)  # type: ignore[arg-type]
protect(ReferralCallTest.__table__)  # type: ignore[arg-type]
