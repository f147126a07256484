"""Plans of the whole queue: who made them, what they proposed, and what became of each line."""

from __future__ import annotations

import datetime as dt
import enum
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.routing.planning.rules import Solver


class LineState(enum.StrEnum):
    """What became of one line."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class RoutePlan(Base):
    """One plan. The newest stands; what it `replaces` is kept as it was.

    `gap`: how far the best plan could be below it, None where no bound is known. `outage_id`: made because a
    laboratory dropped out, for what was bound for it alone. `moved`: lines that differ from the plan it replaces.
    """

    __tablename__ = "route_plan"
    __table_args__ = (UniqueConstraint("replaces_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str]
    made_by_id: Mapped[uuid.UUID | None]
    solver: Mapped[Solver]
    gap: Mapped[float | None]
    moved: Mapped[int]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("route_plan.id"))
    outage_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory_outage.id"))


class PlanLine(Base):
    """What a plan says of one test. `laboratory_id` None: nobody can, `helps` says what would help.

    `from_laboratory_id`: where it was to be done before. `locked`: a person fixed the laboratory.
    A refused line says why in `refused` and stays in the plan.
    """

    __tablename__ = "plan_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "requested_test_id"),
        CheckConstraint(
            "(laboratory_id IS NULL) = (begins_at IS NULL)", name="somewhere_at_a_time"
        ),
        CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled_at_a_time"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("route_plan.id"))
    requested_test_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requested_test.id"), index=True
    )
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    from_laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    begins_at: Mapped[dt.datetime | None]
    result_at: Mapped[dt.datetime | None]
    arrives_at: Mapped[dt.datetime | None]
    late: Mapped[bool]
    aliquot: Mapped[bool]
    locked: Mapped[bool]
    why: Mapped[str]
    helps: Mapped[str]
    state: Mapped[LineState]
    refused: Mapped[str]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str | None]
    settled_by_id: Mapped[uuid.UUID | None]


# What a plan proposed is never changed; only what became of it is written.
PLAN_KEPT = (
    "id", "made_at", "made_by", "made_by_id", "solver", "gap", "moved", "replaces_id", "outage_id",
)  # fmt: skip
LINE_KEPT = (
    "id", "plan_id", "requested_test_id", "laboratory_id", "from_laboratory_id", "begins_at",
    "result_at", "arrives_at", "late", "aliquot", "why", "helps",
)  # fmt: skip
protect(RoutePlan.__table__, PLAN_KEPT)  # type: ignore[arg-type]
protect(PlanLine.__table__, LINE_KEPT)  # type: ignore[arg-type]
explain_constraint(
    "uq_route_plan_replaces_id", "Somebody made another plan at the same time. Look at that one."
)
