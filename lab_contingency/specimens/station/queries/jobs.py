"""Jobs at the printers, label by label: places, positions and states."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select

from lab_contingency.accounts.rules import Permission, holds
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.places.models import Ward
from lab_contingency.specimens.models import LabelPrint
from lab_contingency.specimens.station.models import JobLabel, Printer, PrinterWatch, PrintJob
from lab_contingency.specimens.station.queries.printers import reachable
from lab_contingency.specimens.station.rules.jobs import (
    JOB_ENDED,
    LOOKED_AT,
    JobStatus,
    LabelStatus,
    Question,
    question,
)
from lab_contingency.specimens.station.rules.printers import STATES, PrinterState, PrinterWay

MOST_JOBS = 30
_P = Permission
_TEST = "Test label"


@dataclass(frozen=True, slots=True)
class Tile:
    """One label of a job: its place, and what is known of it."""

    position: int
    status: LabelStatus


@dataclass(frozen=True, slots=True)
class JobView:
    """A job that is not finished. `lost`: nobody sends it any more though nobody stopped it."""

    id: uuid.UUID
    version: int
    place: str
    printer_id: uuid.UUID
    printer: str
    by_hand: bool
    status: JobStatus
    lost: bool
    why: str
    made_at: dt.datetime
    by_name: str
    tiles: tuple[Tile, ...]

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.place if self.place == _TEST else f"Labels of {self.place}"

    @property
    def at(self) -> str:
        """Where the printer stopped: `ED Resus`, `the test label`."""
        return "the test label" if self.place == _TEST else self.place

    @property
    def stopped(self) -> bool:
        """Whether somebody must say which label is the last good one."""
        return self.status is JobStatus.STOPPED or self.lost

    @property
    def to_look_at(self) -> bool:
        """Whether all were sent to a printer that does not tell what became of them."""
        return self.status is JobStatus.SENT

    @property
    def to_open(self) -> bool:
        """Whether a person opens the labels and prints them."""
        return self.by_hand and self.status is JobStatus.QUEUED

    @property
    def question(self) -> Question:
        """What is asked of whoever stands at the printer."""
        return question([tile.status for tile in self.tiles])

    @property
    def waiting(self) -> int:
        """How many were not sent yet."""
        return sum(tile.status is LabelStatus.WAITING for tile in self.tiles)

    @property
    def advice(self) -> str:
        """What to do about what stopped it."""
        why = PrinterState(self.why) if self.why else PrinterState.NOT_REACHABLE
        return STATES[why].advice

    @property
    def why_words(self) -> str:
        """What stopped it: the printer `is out of labels`, `does not answer`."""
        return STATES[PrinterState(self.why)].words if self.why else "does not answer"


def jobs_in_reach(actor: Actor) -> ColumnElement[bool]:
    """The condition on `PrintJob` and `Printer`: who only sets printers up reaches test labels, no patient’s."""
    prints = any(holds(actor.role, each) for each in (_P.PRINT_QUEUE, _P.PRINT_LABELS))
    if prints or not holds(actor.role, _P.MANAGE_PRINTERS):
        return reachable(actor)
    return reachable(actor) & PrintJob.ward_id.is_(None)


def open_jobs(actor: Actor, printer_id: uuid.UUID | None = None) -> tuple[JobView, ...]:
    """Jobs that are not finished at printers in reach, those that need somebody first, then the oldest."""
    here = jobs_in_reach(actor) & PrintJob.status.not_in(JOB_ENDED)
    if printer_id is not None:
        here &= PrintJob.printer_id == printer_id
    return tuple(sorted(_views(here), key=_urgency))


def jobs_to_look_at(actor: Actor) -> Select[int]:
    """Count the jobs at printers in reach that wait for somebody: a statement of one number."""
    return (
        select(func.count(PrintJob.id))
        .join(Printer, Printer.id == PrintJob.printer_id)
        .where(PrintJob.status.in_(LOOKED_AT), jobs_in_reach(actor))
    )


def _urgency(job: JobView) -> int:
    return 0 if job.stopped else 1 if job.to_look_at or job.to_open else 2


def job(job_id: uuid.UUID, actor: Actor) -> JobView:
    """One job at a printer in reach, finished or not; NotFound."""
    found = _views(jobs_in_reach(actor) & (PrintJob.id == job_id))
    if not found:
        raise NotFound
    return found[0]


def _views(condition: ColumnElement[bool]) -> tuple[JobView, ...]:
    statement = (
        select(PrintJob, Printer, PrinterWatch, Ward.name)
        .join(Printer, Printer.id == PrintJob.printer_id)
        .join(PrinterWatch, PrinterWatch.printer_id == Printer.id)
        .outerjoin(Ward, Ward.id == PrintJob.ward_id)
        .where(condition)
        .order_by(PrintJob.made_at, PrintJob.id)
        .limit(MOST_JOBS)
    )
    rows = session().execute(statement).all()
    tiles = _tiles([row.id for row, *_ in rows])
    return tuple(
        JobView(
            row.id,
            row.version,
            ward or _TEST,
            printer.id,
            printer.name,
            printer.way is PrinterWay.BROWSER,
            row.status,
            is_lost(row, watch),
            row.why,
            row.made_at,
            row.by_name,
            tiles.get(row.id, ()),
        )
        for row, printer, watch, ward in rows
    )


def is_lost(row: PrintJob, watch: PrinterWatch) -> bool:
    """Whether a job is being sent by nobody: its sender died with its process."""
    if row.status is not JobStatus.SENDING:
        return False
    return watch.claimed_until is None or watch.claimed_until <= clock.now()


def _tiles(job_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Tile, ...]]:
    statement = (
        select(JobLabel.job_id, JobLabel.position, JobLabel.status)
        .where(JobLabel.job_id.in_(job_ids))
        .order_by(JobLabel.position)
    )
    found: dict[uuid.UUID, list[Tile]] = {}
    for job_id, position, status in session().execute(statement):
        found.setdefault(job_id, []).append(Tile(position, status))
    return {job_id: tuple(held) for job_id, held in found.items()}


def job_of_label(number: str, actor: Actor) -> tuple[uuid.UUID, int] | None:
    """(job, position) of a scanned label in a job that somebody must look at, the newest first; or None."""
    statement = (
        select(PrintJob, PrinterWatch, JobLabel.position)
        .join(JobLabel, JobLabel.job_id == PrintJob.id)
        .join(LabelPrint, LabelPrint.id == JobLabel.label_print_id)
        .join(Printer, Printer.id == PrintJob.printer_id)
        .join(PrinterWatch, PrinterWatch.printer_id == Printer.id)
        .where(
            LabelPrint.number == number,
            PrintJob.status.in_([*LOOKED_AT, JobStatus.SENDING]),
            jobs_in_reach(actor),
        )
        .order_by(PrintJob.made_at.desc(), JobLabel.position.desc())
        .limit(MOST_JOBS)
    )
    for row, watch, position in session().execute(statement):
        if row.status in LOOKED_AT or is_lost(row, watch):
            return row.id, position
    return None
