"""Recording when the database cannot: into the sealed journal, and from there into the chains."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    TimeoutError,  # noqa: A004 - of the pool
)

from lab_contingency.audit.chains import append, hold_stream
from lab_contingency.audit.commands import ToRecord
from lab_contingency.audit.journal import Frame, Journal, JournalFull
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.services.recording import record, row_of
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import CannotRecord
from lab_contingency.foundation.sealing import keys

log = logging.getLogger("lab_contingency")
_EXTENSION = "lab_journal"
_ASKED_AT_ONCE = 500
_SYSTEM = Actor.system("journal")
# What the database refuses because of its own state; the others are faults of the program.
CANNOT = (DatabaseError, InterfaceError, TimeoutError)
FAULTS = (IntegrityError, DataError, ProgrammingError)


def install(app: Flask) -> None:
    """Write the journal full of zeros while there is room; without one the program starts all the same."""
    settings = settings_of(app)
    name = "journal-demonstration" if settings.demonstration else "journal"

    def key_of(version: int | None) -> tuple[int, bytes]:
        if version is None:
            return keys().current("audit")
        return version, keys().version("audit", version)

    journal = app.extensions[_EXTENSION] = Journal(settings.data / f"{name}.sealed", key_of)
    try:
        aside = journal.prepare()
    except OSError as problem:
        log.warning("the journal cannot be made: %s", problem.strerror)
        return
    if aside is not None:
        log.error("the journal was damaged and is set aside as %s", aside.name)


def journal() -> Journal:
    """The journal of the running application."""
    held: Journal = current_app.extensions[_EXTENSION]
    return held


def record_or_journal(
    events: Sequence[ToRecord], *, also: Callable[[], None] | None = None
) -> None:
    """Record events in a short transaction of their own, or in the journal; CannotRecord when neither can.

    `also` writes what belongs to them in the same transaction (what a list shows now); it is left out when
    they go into the journal. Must not be called inside a unit of work.
    """
    try:
        with unit_of_work():
            for event in events:
                hold_stream()
                append(row_of(event))
            if also is not None:
                also()
    except FAULTS:
        raise
    except CANNOT as failed:
        # No traceback: a driver's message may hold what somebody typed.
        log.warning("the database cannot record (%s): into the journal", type(failed).__name__)
        into_journal(events)
        return
    if journal().holds_anything():
        take_in_journal()


def take_in_journal() -> int:
    """Take the journal's rows into the chains, each once, then zero it; how many. 0 while the database cannot."""
    try:
        with journal().taking() as frames:
            return _take_in(frames)
    except FAULTS:
        raise
    except (*CANNOT, OSError) as failed:
        log.warning("the journal waits: %s", type(failed).__name__)
        return 0


def into_journal(events: Sequence[ToRecord]) -> None:
    """Write events into the journal, sealed and synced; CannotRecord when it takes no more."""
    try:
        journal().write([_packed(event) for event in events])
    except JournalFull as full:
        log.critical("nothing can be recorded: %s", full)
        raise CannotRecord from full


def _take_in(frames: Sequence[Frame]) -> int:
    if not frames:
        return 0
    with unit_of_work():
        taken = 0
        for frame in frames:
            if frame.rows is None:
                record("journal:unreadable", None, actor=_SYSTEM, journal=frame.number)
                continue
            for event in _not_held([_unpacked(row, frame.number) for row in frame.rows]):
                append(row_of(event))
                taken += 1
    log.warning("taken in from the journal: %s", taken)
    return taken


def _not_held(events: list[ToRecord]) -> list[ToRecord]:
    """Those not taken in already: the power may have gone between the commit and the zeroing."""
    held: set[uuid.UUID] = set()
    for start in range(0, len(events), _ASKED_AT_ONCE):
        ids = [event.id for event in events[start : start + _ASKED_AT_ONCE]]
        held.update(session().scalars(select(AuditEvent.id).where(AuditEvent.id.in_(ids))))
    return [event for event in events if event.id not in held]


def _packed(event: ToRecord) -> dict[str, Any]:
    said = {name: getattr(event, name) for name in ToRecord.__slots__}
    return {name: _plain(value) for name, value in said.items() if value not in (None, "")}


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _unpacked(row: dict[str, Any], number: int) -> ToRecord:
    held = dict(row)
    for field in dataclasses.fields(ToRecord):
        if field.name in held and "UUID" in str(field.type):
            held[field.name] = uuid.UUID(held[field.name])
    for name in ("recorded_at", "occurred_at"):
        held[name] = dt.datetime.fromisoformat(held[name])
    held["details"] = {**held.get("details", {}), "journal": number}
    return ToRecord(**held)
