"""What triage decided: one row a decision, never changed."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.base import enum_type
from lab_contingency.requests.rules.bands import Band
from lab_contingency.triage.rules import DecisionKind


class TriageDecision(Base):
    """Accepted, held or declined (one row a test), or another priority (the whole request).

    `sealed`: the reason as typed and what to do instead. A lowered band has a reason. Insert only.
    """

    __tablename__ = "triage_decision"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'priority') = (requested_test_id IS NULL)", name="priority_of_request"
        ),
        CheckConstraint(
            "(kind = 'priority') = (band_before IS NOT NULL AND band_after IS NOT NULL)",
            name="priority_has_bands",
        ),
        CheckConstraint(
            "band_after IS NULL OR band_after < band_before "
            "OR (band_after > band_before AND length(reason_code) > 0)",
            name="lowered_for_a_reason",
        ),
        CheckConstraint(
            "kind NOT IN ('defer', 'decline') OR length(reason_code) > 0",
            name="refused_for_a_reason",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    requested_test_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("requested_test.id"))
    kind: Mapped[DecisionKind]
    band_before: Mapped[Band | None] = mapped_column(enum_type(Band, "band_before"))
    band_after: Mapped[Band | None] = mapped_column(enum_type(Band, "band_after"))
    reason_code: Mapped[str]
    sealed: Mapped[str | None]
    decided_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


protect(TriageDecision.__table__)  # type: ignore[arg-type]
