"""The one way in which jobs and their labels move."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.specimens.station.models import JobLabel, PrintJob
from lab_contingency.specimens.station.rules.jobs import (
    JOB_ENDED,
    SETTLED,
    JobAction,
    LabelAction,
    LabelStatus,
    next_job,
    next_label,
)
from lab_contingency.specimens.station.rules.printers import PrinterState

PRINTER = Actor.system("print station")
_NOT_SENT = frozenset({LabelStatus.WAITING, LabelStatus.GIVEN_UP})


def move_job(job: PrintJob, action: JobAction, *, actor: Actor, why: str = "") -> None:
    """Move a job on; RuleBroken where the table does not allow it. `why` is what stopped it."""
    job.status, job.why = next_job(job.status, action), why
    job.closed_at = clock.now() if job.status in JOB_ENDED else None
    session().flush()
    record(f"print_job:{_PAST[action]}", job.id, actor=actor, why=why)


_PAST: Mapping[JobAction, str] = {
    JobAction.BEGIN: "begun",
    JobAction.STOP: "stopped",
    JobAction.HAND_OVER: "handed_over",
    JobAction.CARRY_ON: "carried_on",
    JobAction.FINISH: "finished",
    JobAction.GIVE_UP: "given_up",
}
_LABEL_PAST: Mapping[LabelAction, str] = {
    LabelAction.SEND: "label_sent",
    LabelAction.CONFIRM: "label_confirmed",
    LabelAction.DOUBT: "label_doubted",
    LabelAction.AGAIN: "label_printed_again",
    LabelAction.GIVE_UP: "label_given_up",
}


def move_label(label: JobLabel, action: LabelAction, *, actor: Actor) -> None:
    """Move one label on; RuleBroken where the table does not allow it."""
    label.status = next_label(label.status, action)
    now = clock.now()
    if label.status is LabelStatus.SENT:
        label.sent_at = now
    label.settled_at = now if label.status in SETTLED else None
    label.settled_by = actor.name if label.status in SETTLED else ""
    session().flush()
    record(
        f"print_job:{_LABEL_PAST[action]}",
        label.job_id,
        actor=actor,
        position=label.position,
        print=label.label_print_id,
    )


def labels_of(job_id: uuid.UUID) -> list[JobLabel]:
    """The labels of a locked job, in order."""
    statement = select(JobLabel).where(JobLabel.job_id == job_id).order_by(JobLabel.position)
    return list(session().scalars(statement.execution_options(populate_existing=True)))


def stop(job: PrintJob, state: PrinterState, *, actor: Actor = PRINTER) -> None:
    """Stop a job; the label sent last, if nobody knows what became of it, is doubtful."""
    labels = labels_of(job.id)
    last = next((at for at in reversed(labels) if at.status not in _NOT_SENT), None)
    nobody_doubts = all(label.status is not LabelStatus.DOUBTFUL for label in labels)
    if last is not None and last.status is LabelStatus.SENT and nobody_doubts:
        move_label(last, LabelAction.DOUBT, actor=actor)
    move_job(job, JobAction.STOP, actor=actor, why=state.value)


def finish_sending(job: PrintJob, *, actor: Actor = PRINTER) -> None:
    """Nothing is left to be sent: done where all came out, else somebody looks."""
    settled = all(label.status in SETTLED for label in labels_of(job.id))
    move_job(job, JobAction.FINISH if settled else JobAction.HAND_OVER, actor=actor)
