"""Events as people read them: of one thing, or of a person and a time; what they sealed is opened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal

MOST = 200


@dataclass(frozen=True, slots=True)
class EventView:
    """One event. `changes` is by field what stood before and after, opened; it may name a patient."""

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


def history_of(subject: str, subject_id: uuid.UUID) -> tuple[EventView, ...]:
    """What was done to one thing, the newest first, at most 200; what stood before and after is opened.

    Showing it discloses: record that. Raises `keys.Unreadable` when what was sealed has been altered.
    """
    return _events(AuditEvent.subject == subject, AuditEvent.subject_id == subject_id, opened=True)


def events_between(
    since: dt.datetime,
    until: dt.datetime,
    *,
    user_id: uuid.UUID | None = None,
    action: str | None = None,
) -> tuple[EventView, ...]:
    """What was recorded from `since` to before `until`, the newest first, at most 200; nothing is opened."""
    wanted: list[ColumnElement[bool]] = [
        AuditEvent.recorded_at >= since,
        AuditEvent.recorded_at < until,
    ]
    if user_id is not None:
        wanted.append(AuditEvent.user_id == user_id)
    if action is not None:
        wanted.append(AuditEvent.action == action)
    return _events(*wanted, opened=False)


def _events(*wanted: ColumnElement[bool], opened: bool) -> tuple[EventView, ...]:
    newest = (AuditEvent.recorded_at.desc(), AuditEvent.stream.desc(), AuditEvent.seq.desc())
    statement = select(AuditEvent).where(*wanted).order_by(*newest).limit(MOST)
    return tuple(_view(row, opened=opened) for row in session().scalars(statement))


def _view(row: AuditEvent, *, opened: bool) -> EventView:
    changes = {}
    if opened and row.sealed is not None:
        held = unseal(AuditEvent.__tablename__, row.id, row.sealed)
        changes = {name: (before, after) for name, (before, after) in held.items()}
    said = {name: getattr(row, name) for name in EventView.__slots__ if name != "changes"}
    return EventView(**said, changes=changes)
