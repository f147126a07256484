"""Boxes of tubes between laboratories: what is in them, who had them, what did not agree on arrival."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.base import enum_type
from lab_contingency.transport.rules import (
    ConsignmentAction,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
    Settlement,
    Temperature,
)

_OPEN = text("ended_at IS NULL")


class Consignment(Base):
    """A box of tubes from one laboratory to another. `number` stands on its manifest; open until `ended_at`.

    `due_at` is when it should be at its destination, set when it leaves. `seal` None: nothing was sealed, as
    with one tube carried in a bag.
    """

    __tablename__ = "consignment"
    __table_args__ = (
        CheckConstraint("from_laboratory_id <> to_laboratory_id", name="to_another_place"),
        CheckConstraint("(state <> 'being packed') <= (box <> '')", name="packed_in_something"),
        CheckConstraint("(state = 'sealed') <= (sealed_at IS NOT NULL)", name="sealed_when"),
        CheckConstraint(
            "(state IN ('on the way', 'being unpacked', 'received', 'recalled', 'brought back', 'lost'))"
            " <= (left_at IS NOT NULL AND due_at IS NOT NULL)",
            name="left_when",
        ),
        CheckConstraint(
            "(state IN ('being unpacked', 'received')) <= (arrived_at IS NOT NULL)",
            name="arrived_when",
        ),
        CheckConstraint(
            "(state IN ('received', 'brought back', 'lost', 'taken apart')) = (ended_at IS NOT NULL)",
            name="ended_when",
        ),
        Index("ix_consignment_from", "from_laboratory_id", "ended_at"),
        Index("ix_consignment_to", "to_laboratory_id", "ended_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"), unique=True)
    from_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    to_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    state: Mapped[ConsignmentState]
    box: Mapped[str]
    seal: Mapped[str | None]
    temperature: Mapped[Temperature]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str]
    made_by_id: Mapped[uuid.UUID | None]
    sealed_at: Mapped[dt.datetime | None]
    left_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    arrived_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class ConsignmentItem(Base):
    """A tube's place in a box, until it is out of it again. A tube is in one open box at most."""

    __tablename__ = "consignment_item"
    __table_args__ = (
        UniqueConstraint("consignment_id", "place"),
        CheckConstraint("place >= 1", name="counted_from_one"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_how"),
        Index(
            "uq_consignment_item_open",
            "specimen_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_consignment_item_specimen_id", "specimen_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"))
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"))
    place: Mapped[int]
    packed_at: Mapped[dt.datetime]
    packed_by: Mapped[str]
    packed_by_id: Mapped[uuid.UUID | None]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[ItemOutcome | None]


class ConsignmentMove(Base):
    """One thing that happened to a box: who, when, whither, and why (sealed). Insert only."""

    __tablename__ = "consignment_move"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"), index=True)
    action: Mapped[ConsignmentAction]
    state_before: Mapped[ConsignmentState] = mapped_column(
        enum_type(ConsignmentState, "state_before")
    )
    state_after: Mapped[ConsignmentState] = mapped_column(
        enum_type(ConsignmentState, "state_after")
    )
    to_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    moved_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    sealed: Mapped[str | None]


class HandOver(Base):
    """A box went from one hand to the next: where, when, how many tubes. Insert only.

    `id` comes from the page that was sent, so that a page sent twice is one hand-over.
    """

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("items >= 1", name="something"),
        CheckConstraint("from_name <> '' AND to_name <> ''", name="between_two"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"), index=True)
    from_name: Mapped[str]
    to_name: Mapped[str]
    at_place: Mapped[str]
    items: Mapped[int]
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class Discrepancy(Base):
    """Something that did not agree on arrival, with its owner, until it is settled with words (sealed).

    `specimen_id` None: something in the box that is no tube of ours.
    """

    __tablename__ = "discrepancy"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled_by_somebody"),
        CheckConstraint("(settled_at IS NULL) = (settlement IS NULL)", name="settled_how"),
        CheckConstraint(
            "(specimen_id IS NULL) <= (kind = 'not on the manifest')", name="of_a_tube"
        ),
        Index(
            "ix_discrepancy_open",
            "owner_laboratory_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"), index=True)
    specimen_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("specimen.id"), index=True)
    kind: Mapped[DiscrepancyKind]
    owner: Mapped[str]
    owner_laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("laboratory.id"))
    opened_at: Mapped[dt.datetime]
    opened_by: Mapped[str]
    opened_by_id: Mapped[uuid.UUID | None]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str | None]
    settlement: Mapped[Settlement | None]
    sealed: Mapped[str | None]


class ManifestPrint(Base):
    """A manifest that came out: which copy, why if again. Insert only."""

    __tablename__ = "manifest_print"
    __table_args__ = (UniqueConstraint("consignment_id", "copy"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consignment.id"))
    copy: Mapped[int]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


CONSIGNMENT_KEPT = ("number", "from_laboratory_id", "made_at", "made_by", "made_by_id")
ITEM_KEPT = ("consignment_id", "specimen_id", "place", "packed_at", "packed_by", "packed_by_id")
protect(Consignment.__table__, CONSIGNMENT_KEPT)  # type: ignore[arg-type]
protect(ConsignmentItem.__table__, ITEM_KEPT)  # type: ignore[arg-type]
for _table in (ConsignmentMove, HandOver, ManifestPrint):
    protect(_table.__table__)  # type: ignore[arg-type]

_ELSEWHERE = "Somebody else put this tube into a box just now. Scan it again to see which."
explain_constraint("uq_consignment_item_open", _ELSEWHERE, field="number")
explain_constraint("uq_consignment_item_specimen_id", _ELSEWHERE, field="number")
