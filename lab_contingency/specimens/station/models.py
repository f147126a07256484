"""Printers, what they said of themselves, and jobs with a state for every label."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lab_contingency.foundation.database import Base, explain_constraint
from lab_contingency.specimens.station.rules.jobs import JobStatus, LabelStatus
from lab_contingency.specimens.station.rules.printers import (
    HeldLetters,
    PrinterState,
    PrinterWay,
    PrinterWords,
)


class Printer(Base):
    """A printer as somebody set it up. One that was switched off stays for the sake of its jobs."""

    __tablename__ = "printer"
    __table_args__ = (
        UniqueConstraint("site_id", "name"),
        CheckConstraint("(way = 'network') = (host <> '')", name="host_of_the_network"),
        CheckConstraint("(way = 'network') = (port IS NOT NULL)", name="port_of_the_network"),
        CheckConstraint("(way = 'command') = (queue <> '')", name="queue_of_the_command"),
        CheckConstraint("most_prints BETWEEN 1 AND 20", name="most_prints"),
        CheckConstraint(
            "(words = 'held letters') <= (way = 'network')", name="held_letters_on_the_network"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"))
    room: Mapped[str]
    way: Mapped[PrinterWay]
    host: Mapped[str]
    port: Mapped[int | None]
    queue: Mapped[str]
    stock: Mapped[str]
    dpi: Mapped[int]
    most_prints: Mapped[int]
    active: Mapped[bool]
    version: Mapped[int] = mapped_column()
    words: Mapped[PrinterWords]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class PrinterWatch(Base):
    """What changes with every label: what the printer said last, its roll, and who sends to it now.

    `start` is the first free place on its sheet, 1 on a roll. `claim` names the sender; it lapses at `claimed_until`, so that one that died holds no printer.
    """

    __tablename__ = "printer_watch"
    __table_args__ = (
        CheckConstraint(
            "(claim IS NULL) = (claimed_until IS NULL)", name="claimed_until_some_time"
        ),
        CheckConstraint("labels_left >= 0", name="labels_left_not_negative"),
        CheckConstraint("start >= 1", name="start_on_the_sheet"),
    )

    printer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printer.id"), primary_key=True)
    state: Mapped[PrinterState]
    asked_at: Mapped[dt.datetime | None]
    labels_left: Mapped[int | None]
    start: Mapped[int]
    claim: Mapped[uuid.UUID | None]
    claimed_until: Mapped[dt.datetime | None]
    letters: Mapped[HeldLetters]


class DevicePrinter(Base):
    """The printer that an enrolled device prints at until somebody chooses another."""

    __tablename__ = "device_printer"

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("device.id"), primary_key=True)
    printer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printer.id"))


class PrintJob(Base):
    """Labels that come out together at one printer, in order. `why` is what stopped it, a printer's state.

    `resumed` counts how often somebody carried on with it. A job without a ward is a test label.
    """

    __tablename__ = "print_job"
    __table_args__ = (
        Index("ix_print_job_printer", "printer_id", "status"),
        CheckConstraint(
            "(status IN ('done', 'given up')) = (closed_at IS NOT NULL)", name="closed_when"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    printer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printer.id"))
    ward_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ward.id"))
    status: Mapped[JobStatus]
    why: Mapped[str]
    resumed: Mapped[int]
    made_at: Mapped[dt.datetime]
    by_id: Mapped[uuid.UUID | None]
    by_name: Mapped[str]
    device_id: Mapped[uuid.UUID | None]
    closed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class JobLabel(Base):
    """One label of a job: its newest print, and whether it came out. A test label has no print."""

    __tablename__ = "job_label"
    __table_args__ = (
        UniqueConstraint("job_id", "position"),
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint("(status = 'sent') <= (sent_at IS NOT NULL)", name="sent_when"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("print_job.id"))
    position: Mapped[int]
    label_print_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("label_print.id"), index=True
    )
    status: Mapped[LabelStatus]
    sent_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str]


explain_constraint(
    "uq_printer_site_id_name",
    "There is a printer of that name at this site. Choose another name.",
    field="name",
)
