"""The steps of a sender in the database: take the printer, the next label, what became of the last, let go.

Each is a short unit of work; between two of them, while the printer is spoken to, nothing is locked.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.specimens.station.lines import Letters, Report, Target
from lab_contingency.specimens.station.models import JobLabel, Printer, PrinterWatch, PrintJob
from lab_contingency.specimens.station.rules.jobs import (
    LEASE,
    JobAction,
    JobStatus,
    LabelAction,
    LabelStatus,
)
from lab_contingency.specimens.station.rules.printers import (
    STATES,
    HeldLetters,
    PrinterState,
    PrinterWay,
    PrinterWords,
)
from lab_contingency.specimens.station.services.drawing import drawn, still_counts
from lab_contingency.specimens.station.services.moving import (
    PRINTER,
    finish_sending,
    labels_of,
    move_job,
    move_label,
    stop,
)
from lab_contingency.specimens.station.services.printers import (
    advance_start,
    locked_watch,
    stock_of,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What is put into the printer next. `clear` what it holds back first: the job was stopped before."""

    labels: tuple[uuid.UUID, ...]
    data: bytes
    clear: bool = False


def take(printer_id: uuid.UUID, claim: uuid.UUID) -> Target | None:
    """Become the one sender of a printer; None where another is, or where the program sends nothing.

    A claim that lapsed was that of a sender that died: what it was sending is stopped.
    """
    printer = session().get(Printer, printer_id)
    if printer is None or not printer.active or printer.way is PrinterWay.BROWSER:
        return None
    watch = locked_watch(printer_id)
    if watch.claimed_until is not None and watch.claimed_until > clock.now():
        return None
    for job in _jobs(printer_id, JobStatus.SENDING):
        stop(job, PrinterState.NOT_REACHABLE)
    watch.claim, watch.claimed_until = claim, clock.now() + LEASE
    letters = _about_letters(printer, watch)
    return Target(printer.way, printer.host, printer.port or 0, printer.queue, letters)


def _about_letters(printer: Printer, watch: PrinterWatch) -> Letters:
    if watch.letters is HeldLetters.TO_BE_SENT:
        return Letters.SEND
    wanted = printer.words is PrinterWords.HELD_LETTERS
    return Letters.LOOK if wanted and watch.letters is not HeldLetters.NOT_SENT else Letters.NONE


def note_letters(printer_id: uuid.UUID, claim: uuid.UUID, *, held: bool) -> None:
    """Note whether the printer says that it holds our letters."""
    watch = locked_watch(printer_id)
    if watch.claim == claim:
        watch.letters = HeldLetters.HELD if held else HeldLetters.NOT_THERE


def advance(
    printer_id: uuid.UUID, claim: uuid.UUID, report: Report, sent: tuple[uuid.UUID, ...] = ()
) -> Step | None:
    """Note what the printer said of the labels `sent`; the next ones, or None and the printer is let go."""
    watch = locked_watch(printer_id)
    if watch.claim != claim:  # it lapsed, and another took over: what this one knows is old
        return None
    watch.state, watch.asked_at = report.state, clock.now()
    printer = session().get_one(Printer, printer_id)
    _note(sent, report)
    step = None
    if not STATES[report.state].can_take or report.came_out is False:
        _stop_current(printer_id, report.state)
    elif printer.active:
        step = _next(printer, watch)
    watch.claim = claim if step else None
    watch.claimed_until = clock.now() + LEASE if step else None
    return step


def let_go(printer_id: uuid.UUID, claim: uuid.UUID) -> None:
    """End a claim that is still one's own: the sender failed. What it was sending is stopped."""
    watch = locked_watch(printer_id)
    if watch.claim == claim:
        _stop_current(printer_id, PrinterState.NOT_REACHABLE, only_sending=True)
        watch.claim = watch.claimed_until = None


def _note(sent: tuple[uuid.UUID, ...], report: Report) -> None:
    if report.came_out is None:
        return
    for label in session().scalars(select(JobLabel).where(JobLabel.id.in_(sent))):
        if label.status is LabelStatus.SENT:
            action = LabelAction.CONFIRM if report.came_out else LabelAction.DOUBT
            move_label(label, action, actor=PRINTER)


def _stop_current(
    printer_id: uuid.UUID, state: PrinterState, *, only_sending: bool = False
) -> None:
    """Stop what is being sent, or what would have been next, so that somebody sees it."""
    if _jobs(printer_id, JobStatus.STOPPED):
        return
    wanted = (JobStatus.SENDING,) if only_sending else (JobStatus.SENDING, JobStatus.QUEUED)
    for job in _jobs(printer_id, *wanted)[:1]:
        if job.status is JobStatus.SENDING and _all_settled(job):
            finish_sending(job)
        else:
            stop(job, state)


def _all_settled(job: PrintJob) -> bool:
    open_ones = {LabelStatus.WAITING, LabelStatus.SENT, LabelStatus.DOUBTFUL}
    return not any(label.status in open_ones for label in labels_of(job.id))


def _next(printer: Printer, watch: PrinterWatch) -> Step | None:
    """The next labels in order of jobs; none while a job of the printer is stopped."""
    if _jobs(printer.id, JobStatus.STOPPED):
        return None
    for job in _jobs(printer.id, JobStatus.SENDING, JobStatus.QUEUED):
        chosen = _to_send(job, all_at_once=stock_of(printer).sheet is not None)
        if not chosen:
            finish_sending(job)
            continue
        try:
            data = drawn(printer, chosen, watch.start, held_letters=_in_letters(printer, watch))
        except (CannotPrint, RuleBroken):
            stop(job, PrinterState.NOT_MOVING)
            return None
        first = job.status is JobStatus.QUEUED
        if first:
            move_job(job, JobAction.BEGIN, actor=PRINTER)
        for label in chosen:
            move_label(label, LabelAction.SEND, actor=PRINTER)
        use_labels(printer, watch, len(chosen))
        clear = first and job.resumed > 0
        return Step(tuple(label.id for label in chosen), data, clear)
    return None


def _in_letters(printer: Printer, watch: PrinterWatch) -> bool:
    """Only while it says that it holds them: a printer without them takes others, and says nothing."""
    return printer.words is PrinterWords.HELD_LETTERS and watch.letters is HeldLetters.HELD


def _to_send(job: PrintJob, *, all_at_once: bool) -> list[JobLabel]:
    """The next label, or on sheets all; one that counts no more is given up: it must not come out."""
    found: list[JobLabel] = []
    for label in labels_of(job.id):
        if label.status is not LabelStatus.WAITING:
            continue
        if not still_counts(label):
            move_label(label, LabelAction.GIVE_UP, actor=PRINTER)
            continue
        found.append(label)
        if not all_at_once:
            break
    return found


def use_labels(printer: Printer, watch: PrinterWatch, labels: int) -> None:
    """Count down the roll, and go on on the sheet."""
    if watch.labels_left is not None:
        watch.labels_left = max(0, watch.labels_left - labels)
    advance_start(printer, watch, labels)


def _jobs(printer_id: uuid.UUID, *statuses: JobStatus) -> list[PrintJob]:
    """Jobs in order: what is being sent before what waits, then by age."""
    statement = locked(
        select(PrintJob)
        .where(PrintJob.printer_id == printer_id, PrintJob.status.in_(statuses))
        .order_by(PrintJob.made_at, PrintJob.id)
    )
    rows = session().scalars(statement.execution_options(populate_existing=True)).all()
    return sorted(rows, key=lambda job: job.status is not JobStatus.SENDING)
