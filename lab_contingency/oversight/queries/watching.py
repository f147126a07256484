"""Who saw how many patients lately, and the record searched by person, time and subject."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent, Checkpoint
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import unseal
from lab_contingency.oversight.rules.unusual import Watched, Watcher, beyond_the_usual
from lab_contingency.requests.models import Patient

log = logging.getLogger("lab_contingency")
MOST_ROWS = 200
_MOST_PEOPLE = 500
_CHECKPOINTS = 5


def watched(begins: dt.datetime, ends: dt.datetime) -> tuple[Watched, ...]:
    """People by how many patients they saw in [begins, ends) (500 at most)."""
    statement = (
        select(
            AuditEvent.user_id,
            AuditEvent.actor_name,
            AuditEvent.role,
            func.count(func.distinct(AuditEvent.subject_id)).label("patients"),
            func.count().label("looks"),
        )
        .where(
            AuditEvent.action == "disclosure:shown",
            AuditEvent.recorded_at >= begins,
            AuditEvent.recorded_at < ends,
        )
        .group_by(AuditEvent.user_id, AuditEvent.actor_name, AuditEvent.role)
        .order_by(func.count(func.distinct(AuditEvent.subject_id)).desc())
        .limit(_MOST_PEOPLE)
    )
    rows = session().execute(statement)
    return beyond_the_usual(
        Watcher(row.user_id, row.actor_name, row.role, row.patients, row.looks) for row in rows
    )


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What to look for: a person, a kind of subject ("" for any), a window."""

    user_id: uuid.UUID | None
    subject: str
    begins: dt.datetime
    ends: dt.datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One row of the record, opened."""

    recorded_at: dt.datetime
    occurred_at: dt.datetime
    name: str
    role: str
    address: str
    action: str
    subject_id: uuid.UUID | None
    details: str
    changes: tuple[Change, ...]
    altered: bool


def record_lines(wanted: RecordFilter) -> tuple[RecordLine, ...]:
    """The latest rows that fit (200 at most), with what they say before and after."""
    statement = select(AuditEvent).where(
        AuditEvent.recorded_at >= wanted.begins, AuditEvent.recorded_at < wanted.ends
    )
    if wanted.user_id:
        statement = statement.where(AuditEvent.user_id == wanted.user_id)
    if wanted.subject:
        statement = statement.where(AuditEvent.subject == wanted.subject)
    latest = statement.order_by(AuditEvent.recorded_at.desc(), AuditEvent.seq.desc())
    return tuple(_line(row) for row in session().scalars(latest.limit(MOST_ROWS)))


def _line(row: AuditEvent) -> RecordLine:
    changes, altered = _opened(row)
    said = ", ".join(f"{name}: {value}" for name, value in row.details.items())
    return RecordLine(
        row.recorded_at,
        row.occurred_at,
        row.actor_name,
        row.role,
        row.address,
        row.action.replace(":", ": ").replace("_", " "),
        row.subject_id,
        said,
        changes,
        altered,
    )


def _opened(row: AuditEvent) -> tuple[tuple[Change, ...], bool]:
    if row.sealed is None:
        return (), False
    try:
        held = unseal(AuditEvent.__tablename__, row.id, row.sealed)
    except Unreadable:
        log.exception("record.altered", extra={"table": row.__tablename__, "row": str(row.id)})
        return (), True
    return tuple(Change(name, _text(a), _text(b)) for name, (a, b) in sorted(held.items())), False


def _text(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)


def patients_among(subject_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these are patients (few: those of one page)."""
    return set(session().scalars(select(Patient.id).where(Patient.id.in_(subject_ids))))


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A signed checkpoint over all chains."""

    number: int
    recorded_at: dt.datetime
    digest: str


def checkpoints() -> tuple[CheckpointView, ...]:
    """The last five."""
    rows = session().scalars(
        select(Checkpoint).order_by(Checkpoint.number.desc()).limit(_CHECKPOINTS)
    )
    return tuple(CheckpointView(row.number, row.recorded_at, row.digest[:16]) for row in rows)


def subjects() -> tuple[str, ...]:
    """The kinds of subject in the record."""
    return tuple(
        session().scalars(select(AuditEvent.subject).distinct().order_by(AuditEvent.subject))
    )
