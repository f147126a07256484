"""Making jobs: numbers, frozen content and the record of what leaves, in one unit of work.

A label counts as having left from here on, before the printer was sent anything: whatever comes out later
was recorded. One that never comes out stays in the record; its job says what became of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.services import (
    Printed,
    labels_for,
    labels_for_round,
    print_ward,
)
from lab_contingency.specimens.station.models import JobLabel, Printer, PrintJob
from lab_contingency.specimens.station.rules.jobs import (
    LABELS_MOST,
    JobStatus,
    LabelStatus,
)
from lab_contingency.specimens.station.services.drawing import label_printer
from lab_contingency.specimens.station.services.printers import printer_in_reach


def print_ward_at(printer_id: uuid.UUID, ward_id: uuid.UUID, *, actor: Actor) -> Printed:
    """Print what waits for a ward: its labels as a job at the printer, its cards as the PDF returned."""
    printer = printer_in_reach(printer_id, actor)
    printed = print_ward(ward_id, actor=actor, printer=label_printer(printer))
    if printed.prints:
        _job(printer, printed.prints, ward_id, actor)
    return printed


def print_labels_at(
    printer_id: uuid.UUID,
    request_id: uuid.UUID,
    tubes: Collection[uuid.UUID] | None = None,
    reason: str = "",
    *,
    copies: int = 1,
    actor: Actor,
) -> uuid.UUID:
    """Print the labels of one patient, or of some of the tubes; the id of the job."""
    printer = printer_in_reach(printer_id, actor)
    request = lock_request(request_id, actor=actor)
    printed = labels_for(
        request_id,
        tubes,
        reason,
        actor=actor,
        printer=label_printer(printer),
        copies=copies,
    )
    return _job(printer, printed.prints, request.ward_id, actor)


def print_round_at(
    printer_id: uuid.UUID, ward_id: uuid.UUID, request_ids: Sequence[uuid.UUID], *, actor: Actor
) -> tuple[uuid.UUID, tuple[str, ...]]:
    """Print a ward's round, patient after patient: the job, and the forms whose labels cannot be drawn."""
    printer = printer_in_reach(printer_id, actor)
    printed = labels_for_round(request_ids, actor=actor, printer=label_printer(printer))
    return _job(printer, printed.prints, ward_id, actor), printed.skipped


def print_test_label(printer_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """The printer's own label, as a job that belongs to no ward."""
    printer = printer_in_reach(printer_id, actor)
    return _job(printer, (None,), None, actor)


def _job(
    printer: Printer,
    prints: Sequence[uuid.UUID | None],
    ward_id: uuid.UUID | None,
    actor: Actor,
) -> uuid.UUID:
    if len(prints) > LABELS_MOST:
        raise RuleBroken(
            f"These are {len(prints)} labels, more than one roll should print at once. "
            "Choose fewer patients."
        )
    job = PrintJob(
        id=new_id(),
        printer_id=printer.id,
        ward_id=ward_id,
        status=JobStatus.QUEUED,
        why="",
        resumed=0,
        made_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        device_id=actor.device_id,
        closed_at=None,
    )
    session().add(job)
    session().flush()
    for position, label_print_id in enumerate(prints, 1):
        session().add(
            JobLabel(
                id=new_id(),
                job_id=job.id,
                position=position,
                label_print_id=label_print_id,
                status=LabelStatus.WAITING,
                sent_at=None,
                settled_at=None,
                settled_by="",
            )
        )
    session().flush()
    record("print_job:made", job.id, actor=actor, printer=printer.id, labels=len(prints))
    return job.id
