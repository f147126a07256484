"""Somebody says which label was the last good one; gives labels up; opens them as a PDF."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.incidents.services import void_number
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.models import LabelPrint, Specimen
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus
from lab_contingency.specimens.services.labels import add_label
from lab_contingency.specimens.services.paper import Batch, print_out
from lab_contingency.specimens.services.tubes import Happening, Tube, move, tubes_for
from lab_contingency.specimens.station.commands import CarryOn
from lab_contingency.specimens.station.models import JobLabel, Printer, PrintJob
from lab_contingency.specimens.station.queries.jobs import is_lost, jobs_in_reach
from lab_contingency.specimens.station.rules.jobs import (
    JAM,
    LOOKED_AT,
    SETTLED,
    JobAction,
    JobStatus,
    LabelAction,
    LabelStatus,
    next_job,
    settle,
)
from lab_contingency.specimens.station.rules.printers import PrinterState, PrinterWay
from lab_contingency.specimens.station.services.drawing import (
    drawn,
    label_printer,
    still_counts,
)
from lab_contingency.specimens.station.services.moving import labels_of, move_job, move_label, stop
from lab_contingency.specimens.station.services.printers import locked_watch, printer_in_reach
from lab_contingency.specimens.station.services.sending import use_labels

_NOT_PRINTED = "It was given up at the printer."


def carry_on(command: CarryOn, *, actor: Actor) -> tuple[uuid.UUID, ...]:
    """Go on after the last good label; the printers that have something to do, the job's own first.

    What was sent after it comes out once more, as a COPY of the same number; where what stands on it has
    changed meanwhile, under the next number. What was never sent comes out as it is.
    """
    tubes = _lock_requests(command.job_id, actor)
    job, before = _lock(command.job_id, actor, command.version)
    next_job(job.status, JobAction.CARRY_ON)
    printer = _printer_for(command.printer_id, before, actor)
    labels = labels_of(job.id)
    if job.status in LOOKED_AT:  # of one that only waits for its printer, none came out yet
        _settle(labels, command.last_good, tubes, printer, actor)
    _give_up_what_counts_no_more(labels, actor)
    if all(label.status in SETTLED for label in labels):
        move_job(job, JobAction.FINISH, actor=actor)
        return (before.id,)
    _try_on(printer, before, labels)
    job.printer_id, job.resumed = printer.id, job.resumed + 1
    move_job(job, JobAction.CARRY_ON, actor=actor)
    return (printer.id,) if printer.id == before.id else (printer.id, before.id)


def give_up(job_id: uuid.UUID, version: int, *, actor: Actor) -> uuid.UUID:
    """Print no more of it. Labels that did not come out are void, and their tubes wait in the queue again."""
    tubes = _lock_requests(job_id, actor)
    job, printer = _lock(job_id, actor, version)
    for label in labels_of(job.id):
        if label.status in SETTLED:
            continue
        move_label(label, LabelAction.GIVE_UP, actor=actor)
        _void(label, tubes, actor)
    move_job(job, JobAction.GIVE_UP, actor=actor)
    return printer.id


def hand_out(job_id: uuid.UUID, version: int, *, actor: Actor) -> bytes:
    """The labels that wait at a printer of the browser, as a PDF; from here on somebody must look at them."""
    _lock_requests(job_id, actor)
    job, printer = _lock(job_id, actor, version)
    if printer.way is not PrinterWay.BROWSER:
        raise NotFound
    waiting = [
        label
        for label in labels_of(job.id)
        if label.status is LabelStatus.WAITING and still_counts(label)
    ]
    if job.status is not JobStatus.QUEUED or not waiting:
        raise RuleBroken("These labels were opened already. Say on the print page which came out.")
    watch = locked_watch(printer.id)
    pdf = drawn(printer, waiting, watch.start)
    for label in waiting:
        move_label(label, LabelAction.SEND, actor=actor)
    use_labels(printer, watch, len(waiting))
    _give_up_what_counts_no_more(labels_of(job.id), actor)
    move_job(job, JobAction.HAND_OVER, actor=actor)
    return pdf


def _lock(job_id: uuid.UUID, actor: Actor, version: int | None) -> tuple[PrintJob, Printer]:
    """The job as somebody may change it: within reach, as it was shown, and not being sent now."""
    found = select(PrintJob.printer_id).join(Printer, Printer.id == PrintJob.printer_id)
    printer_id = (
        session().scalars(found.where(PrintJob.id == job_id, jobs_in_reach(actor))).one_or_none()
    )
    if printer_id is None:
        raise NotFound
    watch = locked_watch(printer_id)  # before the job, as its sender does
    statement = locked(select(PrintJob).where(PrintJob.id == job_id))
    job = session().scalars(statement.execution_options(populate_existing=True)).one()
    if (version is not None and job.version != version) or job.printer_id != printer_id:
        raise ChangedByAnother
    if is_lost(job, watch):
        stop(job, PrinterState.NOT_REACHABLE)
        watch.claim = watch.claimed_until = None
    return job, session().get_one(Printer, printer_id)


def _lock_requests(job_id: uuid.UUID, actor: Actor) -> dict[uuid.UUID, Tube]:
    """The tubes of a job by specimen, their requests locked in one order. NotFound beyond the actor's scope."""
    statement = (
        select(Specimen.request_id)
        .join(LabelPrint, LabelPrint.specimen_id == Specimen.id)
        .join(JobLabel, JobLabel.label_print_id == LabelPrint.id)
        .join(PrintJob, PrintJob.id == JobLabel.job_id)
        .join(Printer, Printer.id == PrintJob.printer_id)
        .where(JobLabel.job_id == job_id, jobs_in_reach(actor))
        .distinct()
    )
    tubes: dict[uuid.UUID, Tube] = {}
    for request_id in sorted(session().scalars(statement)):
        request = lock_request(request_id, actor=actor)
        tubes |= {tube.specimen.id: tube for tube in tubes_for(request) if tube.specimen}
    return tubes


def _printer_for(printer_id: uuid.UUID | None, before: Printer, actor: Actor) -> Printer:
    if printer_id is None and before.active:
        return before
    if printer_id is None:
        raise RuleBroken(
            "This printer was switched off. Choose another one for the rest.", field="printer"
        )
    return printer_in_reach(printer_id, actor)


def _settle(
    labels: Sequence[JobLabel],
    last_good: int,
    tubes: dict[uuid.UUID, Tube],
    printer: Printer,
    actor: Actor,
) -> None:
    held = {label.position: label for label in labels}
    found = settle({at: label.status for at, label in held.items()}, last_good)
    for at in found.good:
        move_label(held[at], LabelAction.CONFIRM, actor=actor)
    _print_again([held[at] for at in found.again], tubes, printer, actor)


def _print_again(
    labels: Sequence[JobLabel], tubes: dict[uuid.UUID, Tube], printer: Printer, actor: Actor
) -> None:
    """Frozen copies of labels that were torn or never came; a tube that needs none any more gets none."""
    batch, taken = Batch(printer=label_printer(printer)), list[JobLabel]()
    for label in labels:
        if label.status is not LabelStatus.DOUBTFUL:
            move_label(label, LabelAction.DOUBT, actor=actor)
        if label.label_print_id is None:
            move_label(label, LabelAction.AGAIN, actor=actor)
        elif still_counts(label):
            tube = tubes[_specimen_of(label)]
            add_label(batch, tube, request_view(tube.request.id, actor), JAM, actor=actor)
            taken.append(label)
        else:
            move_label(label, LabelAction.GIVE_UP, actor=actor)
    if not taken:
        return
    printed = print_out(batch, actor=actor)
    for label, label_print_id in zip(taken, printed.prints, strict=True):
        label.label_print_id = label_print_id
        move_label(label, LabelAction.AGAIN, actor=actor)


def _give_up_what_counts_no_more(labels: Sequence[JobLabel], actor: Actor) -> None:
    for label in labels:
        if label.status is LabelStatus.WAITING and not still_counts(label):
            move_label(label, LabelAction.GIVE_UP, actor=actor)


def _try_on(printer: Printer, before: Printer, labels: Sequence[JobLabel]) -> None:
    """Labels that go to another printer must fit on what is in that one; CannotPrint."""
    waiting = [label for label in labels if label.status is LabelStatus.WAITING]
    if printer.id != before.id and waiting:
        drawn(printer, waiting)


def _void(label: JobLabel, tubes: dict[uuid.UUID, Tube], actor: Actor) -> None:
    if label.label_print_id is None or not still_counts(label):
        return
    tube = tubes[_specimen_of(label)]
    specimen = tube.specimen
    assert specimen is not None  # it has a label  # noqa: S101
    if specimen.status is SpecimenStatus.LABELLED and specimen.number is not None:
        void_number(specimen.number, _NOT_PRINTED, actor=actor)
        move(
            tube,
            CustodyAction.VOID_LABEL,
            Happening(place=specimen.holder),
            actor=actor,
            number=None,
        )


def _specimen_of(label: JobLabel) -> uuid.UUID:
    statement = select(LabelPrint.specimen_id).where(LabelPrint.id == label.label_print_id)
    return session().scalars(statement).one()
