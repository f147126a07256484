"""Tubes: where each one is, every label printed for it, every hand it went through."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.foundation.database.append_only import protect
from lab_contingency.foundation.database.base import enum_type
from lab_contingency.requests.rules.wristbands import CodeKind
from lab_contingency.specimens.rules import CustodyAction, RejectionPaper, SpecimenStatus
from lab_contingency.specimens.rules.matching import Stop, Thing

_UNDER_WAY = text("under_way_since IS NOT NULL")


class Specimen(Base):
    """One real tube, made from a planned one at its first label or scan.

    `number` is the number of its active label: None while a transfusion tube is only written by hand, and
    from the moment its label became void until it has a new one.
    """

    __tablename__ = "specimen"
    __table_args__ = (
        CheckConstraint(
            "(collected_at IS NULL) = (collected_by IS NULL)", name="collected_by_somebody"
        ),
        CheckConstraint(
            "(status = 'labelled') <= (number IS NOT NULL)", name="labelled_with_number"
        ),
        CheckConstraint("(status = 'unlabelled') <= (number IS NULL)", name="unlabelled_no_number"),
        CheckConstraint(
            "(status = 'collected') <= (collected_at IS NOT NULL)", name="collected_when"
        ),
        CheckConstraint(
            "(status = 'dispatched') <= (bound_for_id IS NOT NULL)", name="dispatched_whither"
        ),
        CheckConstraint(
            "(status = 'received') <= (collected_at IS NOT NULL)", name="received_with_age"
        ),
        CheckConstraint("(status = 'received') <= (received_at IS NOT NULL)", name="received_when"),
        CheckConstraint(
            "(status = 'received') <= (laboratory_id IS NOT NULL)", name="received_where"
        ),
        CheckConstraint(
            "(status IN ('labelled', 'collected', 'handed over', 'dispatched')) = "
            "(under_way_since IS NOT NULL)",
            name="under_way_since_when",
        ),
        Index("ix_specimen_place", "laboratory_id", "status"),
        Index(
            "ix_specimen_under_way",
            "status",
            "under_way_since",
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    planned_tube_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("planned_tube.id"), unique=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[SpecimenStatus]
    collected_at: Mapped[dt.datetime | None]
    collected_by: Mapped[str | None]
    received_at: Mapped[dt.datetime | None]
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    bound_for_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("laboratory.id"))
    holder: Mapped[str]
    unusable_at: Mapped[dt.datetime | None]
    under_way_since: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class CustodyEvent(Base):
    """One thing that happened to a tube: when, where, who, why (what was typed is sealed). Insert only."""

    __tablename__ = "custody_event"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"), index=True)
    action: Mapped[CustodyAction]
    status_before: Mapped[SpecimenStatus | None] = mapped_column(
        enum_type(SpecimenStatus, "status_before")
    )
    status_after: Mapped[SpecimenStatus] = mapped_column(enum_type(SpecimenStatus, "status_after"))
    occurred_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    place: Mapped[str]
    reason_code: Mapped[str]
    sealed: Mapped[str | None]


class LabelPrint(Base):
    """A label that came out: which number, which copy, what it said (sealed), why if again. Insert only."""

    __tablename__ = "label_print"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"), index=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"))
    copy: Mapped[int]
    content_digest: Mapped[str]
    sealed: Mapped[str]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class FormPrint(Base):
    """A request form that came out. Insert only."""

    __tablename__ = "form_print"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"), index=True)
    copy: Mapped[int]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class CopyAllowance(Base):
    """Somebody senior allowed one label to come out more often than is usual, and why. Insert only."""

    __tablename__ = "copy_allowance"
    __table_args__ = (CheckConstraint("more BETWEEN 1 AND 5", name="a_few_more"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("issued_number.number"), index=True)
    more: Mapped[int]
    reason_code: Mapped[str]
    allowed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class Rejection(Base):
    """Why a tube cannot be used; the note is sealed. Insert only."""

    __tablename__ = "rejection"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"), unique=True)
    reason_code: Mapped[str]
    sealed: Mapped[str | None]
    rejected_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class RejectionPrint(Base):
    """A rejection slip or a recollection form that came out: which copy, why if again. Insert only."""

    __tablename__ = "rejection_print"
    __table_args__ = (UniqueConstraint("rejection_id", "paper", "copy"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    rejection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rejection.id"))
    paper: Mapped[RejectionPaper]
    copy: Mapped[int]
    reason: Mapped[str]
    printed_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    leaving_id: Mapped[uuid.UUID]


class BedsideReading(Base):
    """A form, wristband or label read beside the patient of a card: it agreed, or it stopped the round.

    `place` counts them for a card: clocks jump. What was scanned is not kept: a wristband only by what kind
    of code it had. Insert only.
    """

    __tablename__ = "bedside_reading"
    __table_args__ = (
        CheckConstraint(
            "(planned_tube_id IS NOT NULL) <= (thing = 'tube')", name="only_tubes_name_a_tube"
        ),
        CheckConstraint(
            "(thing = 'tube' AND stop IS NULL) <= (planned_tube_id IS NOT NULL)",
            name="an_agreeing_tube_is_named",
        ),
        CheckConstraint(
            "(thing = 'wristband' AND stop IS NULL) = (code IS NOT NULL)",
            name="an_agreeing_wristband_has_its_code",
        ),
        UniqueConstraint("request_id", "place"),
        Index("ix_bedside_reading_read_at", "read_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("request.id"))
    place: Mapped[int]
    planned_tube_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("planned_tube.id"))
    thing: Mapped[Thing]
    code: Mapped[CodeKind | None]
    stop: Mapped[Stop | None]
    read_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


class Identification(Base):
    """How the patient was identified when a tube was taken: by wristband, or by what was said aloud. Insert only."""

    __tablename__ = "identification"
    __table_args__ = (
        CheckConstraint("(code IS NULL) = (reason <> '')", name="by_wristband_or_with_a_reason"),
        Index("ix_identification_identified_at", "identified_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    specimen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("specimen.id"), unique=True)
    code: Mapped[CodeKind | None]
    reason: Mapped[str]
    identified_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]


for _table in (
    CustodyEvent,
    LabelPrint,
    FormPrint,
    CopyAllowance,
    Rejection,
    RejectionPrint,
    BedsideReading,
    Identification,
):
    protect(_table.__table__)  # type: ignore[arg-type]

explain_constraint("uq_specimen_number", "This number is on another tube already. Scan it again.")
