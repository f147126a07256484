"""Events as people read them: of one thing, or of a person and a time; what they sealed is opened."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import unseal

log = logging.getLogger("lab_contingency")
MOST = 200


@dataclass(frozen=True, slots=True)
class EventView:
    """One event. `changes` is by field what stood before and after, opened; it may name a patient.

    `altered`: what was sealed does not open any more, and `changes` is empty.
    """

    id: uuid.UUID
    recorded_at: dt.datetime
    occurred_at: dt.datetime
    user_id: uuid.UUID | None
    actor_name: str
    role: str
    site_id: uuid.UUID | None
    device_id: uuid.UUID | None
    address: str
    action: str
    subject: str
    subject_id: uuid.UUID | None
    fields: int | None
    details: Mapping[str, Any]
    changes: Mapping[str, tuple[Any, Any]]
    altered: bool = False


def history_of(subject: str, subject_id: uuid.UUID) -> tuple[EventView, ...]:
    """What was done to one thing, the newest first, at most 200; what stood before and after is opened.

    Showing it discloses: record that. Raises `keys.Unreadable` when what was sealed has been altered.
    """
    wanted = AuditEvent.subject == subject, AuditEvent.subject_id == subject_id
    return tuple(_view(row, _opened(row)) for row in _rows(*wanted))


def events_between(
    since: dt.datetime,
    until: dt.datetime,
    *,
    user_id: uuid.UUID | None = None,
    action: str | None = None,
    subject: str | None = None,
    opened: bool = False,
) -> tuple[EventView, ...]:
    """What was recorded from `since` to before `until`, the newest first, at most 200.

    With `opened` what stood before and after is opened, which discloses: record that.
    """
    wanted: list[ColumnElement[bool]] = [
        AuditEvent.recorded_at >= since,
        AuditEvent.recorded_at < until,
    ]
    if user_id is not None:
        wanted.append(AuditEvent.user_id == user_id)
    if action is not None:
        wanted.append(AuditEvent.action == action)
    if subject is not None:
        wanted.append(AuditEvent.subject == subject)
    return tuple(_opened_or_altered(row) if opened else _view(row, {}) for row in _rows(*wanted))


def _rows(*wanted: ColumnElement[bool]) -> Iterator[AuditEvent]:
    newest = (AuditEvent.recorded_at.desc(), AuditEvent.stream.desc(), AuditEvent.seq.desc())
    yield from session().scalars(select(AuditEvent).where(*wanted).order_by(*newest).limit(MOST))


_Changes = Mapping[str, tuple[Any, Any]]


def _opened(row: AuditEvent) -> _Changes:
    if row.sealed is None:
        return {}
    held = unseal(AuditEvent.__tablename__, row.id, row.sealed)
    return {name: (before, after) for name, (before, after) in held.items()}


def _opened_or_altered(row: AuditEvent) -> EventView:
    """One altered row says so and holds up no other."""
    try:
        return _view(row, _opened(row))
    except Unreadable:
        log.exception("record.altered", extra={"table": row.__tablename__, "row": str(row.id)})
        return _view(row, {}, altered=True)


def _view(row: AuditEvent, changes: _Changes, *, altered: bool = False) -> EventView:
    worked_out = {"changes", "altered"}
    said = {name: getattr(row, name) for name in EventView.__slots__ if name not in worked_out}
    return EventView(**said, changes=changes, altered=altered)
