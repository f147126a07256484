"""Where each accepted test is done, and where it was to be done before."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation.database import Base, explain_constraint

_LIVE = text("ended_at IS NULL")


class Assignment(Base):
    """One laboratory chosen for one test: by whom, why, and which place of which hour it takes.

    Ended, not deleted, when the test goes elsewhere. `explanation` is ours, `sealed` holds what a
    person typed.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "uq_assignment_live",
            "requested_test_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_assignment_places",
            "hour",
            "laboratory_id",
            "discipline",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    requested_test_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requested_test.id"), index=True
    )
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    discipline: Mapped[Discipline]
    hour: Mapped[dt.datetime]
    result_at: Mapped[dt.datetime]
    suggested: Mapped[bool]
    explanation: Mapped[str]
    sealed: Mapped[str | None]
    assigned_at: Mapped[dt.datetime]
    assigned_by: Mapped[str]
    assigned_by_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]


class LaboratoryOutage(Base):
    """A laboratory takes no new work: since when, why, until when as far as anybody knows, and when it was back.

    The reason is about the laboratory, never about a patient: it stands in the refusals that people read.
    """

    __tablename__ = "laboratory_outage"
    __table_args__ = (
        Index(
            "uq_laboratory_outage_standing",
            "laboratory_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]
    reason: Mapped[str]
    declared_by: Mapped[str]
    declared_by_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]
    ended_by_id: Mapped[uuid.UUID | None]


_TWICE = "Somebody else chose a laboratory for this test just now. Look at what is there."
explain_constraint("uq_assignment_live", _TWICE)
explain_constraint("uq_assignment_requested_test_id", _TWICE)
_OUT_ALREADY = "This laboratory is out of action already. Look at what is there."
explain_constraint("uq_laboratory_outage_standing", _OUT_ALREADY)
explain_constraint("uq_laboratory_outage_laboratory_id", _OUT_ALREADY)
