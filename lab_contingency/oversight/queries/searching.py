"""The record searched by person, time and subject, with what stood before and after opened."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lab_contingency.accounts.rules import role_title
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.queries import EventView, events_between
from lab_contingency.audit.rules import NO_FIELD, Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import full_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.oversight.queries.whose import (
    IDENTITY_CORRECTED,
    Whose,
    before_and_after,
    whose,
)
from lab_contingency.oversight.rules.told import told_by
from lab_contingency.places.queries import laboratory, ward

_TESTS = ("test", "tests")  # of the details: what was asked for
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]{24,}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_WARDS = ("ward", "destination")


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What to look for: a person, a kind of subject ("" for any), a window."""

    user_id: uuid.UUID | None
    subject: str
    begins: dt.datetime
    ends: dt.datetime


@discloses(text=lambda said: said.fields)
@dataclass(frozen=True, slots=True)
class Said:
    """One side of a change, and the kinds of data it tells of whom."""

    patient_id: uuid.UUID | None
    fields: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    field: str
    before: Said
    after: Said


@discloses(
    details=lambda line: line.fields,
    **dict.fromkeys(("number", "name", "role", "address", "action"), NOTHING),
)
@dataclass(frozen=True, slots=True)
class RecordLine:
    """One row of the record, opened: of whom, of which request (its number, or ""), what and by whom."""

    patient_id: uuid.UUID | None
    number: str
    recorded_at: dt.datetime
    name: str
    role: str
    address: str
    action: str
    details: str
    fields: int
    changes: tuple[Change, ...]
    altered: bool


def record_lines(wanted: RecordFilter) -> tuple[RecordLine, ...]:
    """The latest rows that fit (200 at most), with what they say before and after."""
    events = events_between(
        wanted.begins,
        wanted.ends,
        user_id=wanted.user_id,
        subject=wanted.subject or None,
        opened=True,
    )
    of = whose({event.subject_id for event in events if event.subject_id})
    return tuple(
        _line(event, of.get(event.subject_id) if event.subject_id else None) for event in events
    )


def _line(event: EventView, of: Whose | None) -> RecordLine:
    told = of is not None and of.number and any(name in event.details for name in _TESTS)
    return RecordLine(
        of.patient_id if of else None,
        grouped(of.number) if of and of.number else "",
        event.recorded_at,
        event.actor_name,
        role_title(event.role),
        event.address,
        event.action.replace(":", ": ").replace("_", " "),
        ", ".join(_details(event.details, of.number if of else "")),
        int(Field.TESTS if told else NO_FIELD),
        tuple(_changes(event, of)),
        event.altered,
    )


def _changes(event: EventView, of: Whose | None) -> Iterable[Change]:
    patient_id = of.patient_id if of else None
    before_id = after_id = patient_id
    if event.action == IDENTITY_CORRECTED and event.subject_id and event.changes:
        earlier, later = before_and_after(event.subject_id, event.recorded_at)
        before_id, after_id = earlier or patient_id, later or patient_id
    for name, (before, after) in sorted(event.changes.items()):
        label, fields = _named(name)
        yield Change(
            label, _said(before_id, fields, name, before), _said(after_id, fields, name, after)
        )


def _named(name: str) -> tuple[str, Field]:
    """`UE-K` is a value of a test; the rest are names of fields."""
    test, _, analyte = name.partition("-")
    if not analyte:
        return name.replace("_", " "), told_by(name)
    return f"{_test(test)} {_analyte(analyte)}", Field.TESTS | Field.RESULTS


def _said(patient_id: uuid.UUID | None, fields: Field, name: str, value: object) -> Said:
    if value in (None, ""):
        return Said(patient_id, NO_FIELD, "nothing")
    return Said(patient_id, int(fields), _text(name, value))


def _text(name: str, value: Any) -> str:
    if isinstance(value, Mapping):  # a result as it is sealed
        return " ".join(str(value[part]) for part in ("text", "not_done") if value.get(part))
    if name in _WARDS:
        return _ward(str(value))
    return str(value)


def _details(details: Mapping[str, Any], number: str) -> Iterator[str]:
    """`band: P2`; without the number that stands above them already."""
    for name, value in details.items():
        if not (name == "number" and value == number):
            yield f"{name.replace('_', ' ')}: {_detail(name, value)}"


def _detail(name: str, value: Any) -> str:
    if name in _TESTS:
        codes = [value] if isinstance(value, str) else list(value)
        return ", ".join(map(_test, codes))
    if name == "laboratory":
        return _laboratory(str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return _short(value)


def _short(value: Any) -> str:
    """Ids and digests by their last six signs, as reports name them; times as people write them."""
    text = str(value)
    if _MOMENT.fullmatch(text):
        return full_time_text(dt.datetime.fromisoformat(text))
    return text[-6:] if _ID.fullmatch(text) else text


def _test(code: str) -> str:
    try:
        return catalogue().test(code).label
    except NotFound:
        return code


def _analyte(code: str) -> str:
    try:
        return catalogue().analyte(code).name
    except NotFound:
        return code


def _laboratory(value: str) -> str:
    try:
        return laboratory(uuid.UUID(value)).name
    except (NotFound, ValueError):
        return _short(value)


def _ward(value: str) -> str:
    try:
        return ward(uuid.UUID(value)).name
    except (NotFound, ValueError):
        return value


def subjects() -> tuple[str, ...]:
    """The kinds of subject in the record."""
    return tuple(
        session().scalars(select(AuditEvent.subject).distinct().order_by(AuditEvent.subject))
    )
