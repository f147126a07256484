"""Results in versions, calls, slips, and what has been read. Values are sealed, one record a row."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.results.rules.calls import CallCause, CallOutcome, CallStatus
from lab_contingency.results.rules.slips import Arrival
from lab_contingency.results.rules.values import ResultStatus, Source


class Result(Base):
    """One version of one value. Another value is another version; the old one keeps its evidence.

    `needs_check`: critical or of transfusion, so that three people are needed. `planned_tube_id`: the
    tube it was typed from, None at the bedside, where `identity_id` says whose it was. Typed back from
    another laboratory's page, it was authorised there: `authorised_by_name` is who signed the page, who has no
    id here, and the second of ours who compared the page is its checker.
    """

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("requested_test_id", "analyte_code", "version"),
        Index(
            "uq_result_live",
            "requested_test_id",
            "analyte_code",
            unique=True,
            sqlite_where=text("status <> 'superseded'"),
            postgresql_where=text("status <> 'superseded'"),
        ),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint(
            "source <> 'manual' OR entered_by_id IS NOT NULL", name="typed_by_somebody"
        ),
        CheckConstraint(
            "(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by_somebody"
        ),
        CheckConstraint(
            "(authorised_at IS NULL) = (authorised_by_name IS NULL) AND (source = 'typed back'"
            " OR (authorised_at IS NULL) = (authorised_by_id IS NULL))",
            name="authorised_by_somebody",
        ),
        CheckConstraint(
            "source <> 'typed back' OR (entered_by_id IS NOT NULL AND authorised_by_id IS NULL"
            " AND (authorised_at IS NULL OR checked_by_id IS NOT NULL))",
            name="typed_back_by_two",
        ),
        CheckConstraint(
            "(status = 'entered') <= (checked_at IS NULL AND authorised_at IS NULL)",
            name="entered_without_evidence",
        ),
        CheckConstraint(
            "(status = 'checked') <= (checked_at IS NOT NULL AND authorised_at IS NULL)",
            name="checked_with_evidence",
        ),
        CheckConstraint(
            "(status = 'authorised') <= (authorised_at IS NOT NULL)",
            name="authorised_with_evidence",
        ),
        CheckConstraint(
            "checked_by_id IS NULL OR entered_by_id IS NULL OR checked_by_id <> entered_by_id",
            name="checker_did_not_type",
        ),
        CheckConstraint(
            "source <> 'manual' OR authorised_by_id IS NULL OR authorised_by_id <> entered_by_id",
            name="authoriser_did_not_type",
        ),
        CheckConstraint("NOT is_critical OR needs_check", name="critical_needs_check"),
        CheckConstraint(
            "NOT needs_check OR authorised_by_id IS NULL OR (checked_by_id IS NOT NULL"
            " AND checked_by_id <> authorised_by_id"
            " AND (entered_by_id IS NULL OR entered_by_id <> authorised_by_id))",
            name="three_people_where_needed",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    requested_test_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("requested_test.id"))
    analyte_code: Mapped[str]
    version: Mapped[int]
    sealed: Mapped[str]
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    planned_tube_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("planned_tube.id"))
    identity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("patient_identity.id"))
    source: Mapped[Source]
    status: Mapped[ResultStatus]
    is_critical: Mapped[bool]
    needs_check: Mapped[bool]
    occurred_at: Mapped[dt.datetime]
    entered_at: Mapped[dt.datetime]
    entered_by_id: Mapped[uuid.UUID | None]
    entered_by_name: Mapped[str]
    checked_at: Mapped[dt.datetime | None]
    checked_by_id: Mapped[uuid.UUID | None]
    checked_by_name: Mapped[str | None]
    authorised_at: Mapped[dt.datetime | None]
    authorised_by_id: Mapped[uuid.UUID | None]
    authorised_by_name: Mapped[str | None]


class ResultReturn(Base):
    """A value that a colleague could not agree with, and why (sealed). Insert only."""

    __tablename__ = "result_return"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("result.id"), index=True)
    returned_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    sealed: Mapped[str]


class Release(Base):
    """Each time a test's results went out: first, and again with every amendment. Unread until acknowledged.

    `price_pence`: what the laboratory that did it asked for the test at that moment; None: nothing was agreed.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("requested_test_id", "number"),
        Index(
            "ix_release_unread",
            "request_id",
            sqlite_where=text("unread"),
            postgresql_where=text("unread"),
        ),
        Index("ix_release_laboratory_released", "laboratory_id", "released_at"),
        CheckConstraint("price_pence >= 0", name="price_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    requested_test_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("requested_test.id"))
    number: Mapped[int]
    released_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    unread: Mapped[bool]
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    price_pence: Mapped[int | None]


# As the index of what is unread says it: SQLite compares a condition with an index word by word.
UNREAD: ColumnElement[Any] = literal_column("release.unread")


class Acknowledgement(Base):
    """Somebody read a release. An amendment is a new release, so it must be read again. Insert only."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("release_id", "by_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("release.id"))
    acknowledged_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class CriticalCall(Base):
    """A result that must be telephoned: on the list until somebody read it back or a senior said why not."""

    __tablename__ = "critical_call"
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_when"),
        CheckConstraint(
            "(status = 'closed') = (closed_by_name IS NOT NULL)", name="closed_by_somebody"
        ),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_how"),
        CheckConstraint("(status = 'closed') = (sealed IS NOT NULL)", name="closed_with_words"),
        Index(
            "ix_critical_call_open",
            "due_at",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    requested_test_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("requested_test.id"), index=True
    )
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("result.id"), unique=True)
    analyte_code: Mapped[str]
    cause: Mapped[CallCause]
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    status: Mapped[CallStatus]
    outcome: Mapped[CallOutcome | None]
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[uuid.UUID | None]
    closed_by_name: Mapped[str | None]
    sealed: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class CallAttempt(Base):
    """One attempt to telephone: number, person, what was read back (sealed). Insert only."""

    __tablename__ = "call_attempt"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("critical_call.id"), index=True)
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    reached: Mapped[bool]
    sealed: Mapped[str]


class Slip(Base):
    """A result slip that came out: version and copy, and all it said (sealed). Insert only."""

    __tablename__ = "slip"
    __table_args__ = (UniqueConstraint("request_id", "version", "copy"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"))
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"))
    version: Mapped[int]
    copy: Mapped[int]
    content_digest: Mapped[str]
    sealed: Mapped[str]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class DeliveryList(Base):
    """The list in front of a batch of slips for one destination. Insert only."""

    __tablename__ = "delivery_list"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"), unique=True)
    destination_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ward.id"))
    slips: Mapped[int]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class SlipDelivery(Base):
    """The way of one print of a ward's slip, from the printer to whoever reads it.

    `releases`: how many releases of the request it says. `list_id` None: printed alone. Open until `arrival` says how
    its way ended.
    """

    __tablename__ = "slip_delivery"
    __table_args__ = (
        CheckConstraint("(arrival IS NULL) = (ended_at IS NULL)", name="ended_when"),
        CheckConstraint("(arrival IS NULL) = (ended_by_name IS NULL)", name="ended_by_somebody"),
        CheckConstraint("releases >= 1", name="says_something"),
        Index(
            "uq_slip_delivery_open",
            "request_id",
            unique=True,
            sqlite_where=text("arrival IS NULL"),
            postgresql_where=text("arrival IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slip.id"), unique=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    destination_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ward.id"))
    list_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("delivery_list.id"), index=True)
    releases: Mapped[int]
    printed_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    arrival: Mapped[Arrival | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by_id: Mapped[uuid.UUID | None]
    ended_by_name: Mapped[str | None]


for _table in (ResultReturn, Acknowledgement, CallAttempt, Slip, DeliveryList):
    protect(_table.__table__)  # type: ignore[arg-type]

# Another value is another version; only its evidence and its standing move on.
_NEVER_OVERWRITTEN = (
    "analyte_code",
    "version",
    "requested_test_id",
    "laboratory_id",
    "planned_tube_id",
    "identity_id",
    "occurred_at",
    "entered_at",
    "entered_by_id",
    "entered_by_name",
    "is_critical",
)
protect(Result.__table__, _NEVER_OVERWRITTEN)  # type: ignore[arg-type]
_WAY_OF_A_SLIP = (
    "slip_id",
    "request_id",
    "destination_id",
    "list_id",
    "releases",
    "printed_at",
    "due_at",
)
protect(SlipDelivery.__table__, _WAY_OF_A_SLIP)  # type: ignore[arg-type]

_MOMENT = "Somebody else typed this at the same moment. Look at what is there now."
explain_constraint(
    "uq_slip_delivery_open", "Somebody else printed this slip at the same moment. Look again."
)
explain_constraint("uq_result_requested_test_id_analyte_code_version", _MOMENT)
explain_constraint("uq_result_live", _MOMENT)
explain_constraint("uq_result_requested_test_id_analyte_code", _MOMENT)
explain_constraint("uq_acknowledgement_release_id_by_id", "You acknowledged this already.")
