"""Whose data did they see, exactly which fields, when? Read back from the record, the database doing the grouping."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, or_, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.rules import GONE, REFRESHED, SHOWN, Field
from lab_contingency.foundation.database import session

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Viewer:
    """Of whom, or from where, something was seen; everything left None is anybody and anywhere."""

    user_id: uuid.UUID | None = None
    role: str | None = None
    device_id: uuid.UUID | None = None
    sign_in_id: uuid.UUID | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a patient: fields, at first, at last, and on how many answers."""

    fields: Field
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


ANYBODY = Viewer()


def shown_between(
    since: dt.datetime, until: dt.datetime, viewer: Viewer = ANYBODY
) -> Mapping[uuid.UUID, Seen]:
    """By patient, what answers showed from `since` up to, not including, `until`.

    A patient who stood on a refreshing list counts when the list was fetched while they stood on it.
    """
    found: dict[uuid.UUID, Seen] = {}
    for statement in (_on_pages(since, until, viewer), _on_lists(since, until, viewer)):
        for row in session().execute(statement.execution_options(yield_per=_AT_ONCE)):
            _add(found, row)
    return found


def _add(found: dict[uuid.UUID, Seen], row: Row[*tuple[Any, ...]]) -> None:
    seen = Seen(Field(row.fields), _aware(row.first_at), _aware(row.last_at), row.times)
    held = found.get(row.patient_id)
    if held is not None:
        seen = replace(
            seen,
            fields=held.fields | seen.fields,
            first_at=min(held.first_at, seen.first_at),
            last_at=max(held.last_at, seen.last_at),
            times=held.times + seen.times,
        )
    found[row.patient_id] = seen


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _together(fields: Any) -> ColumnElement[int]:
    """The flags of many rows as one sum; written so that both engines can."""
    bits = [func.max(fields.op("&")(field.value)) for field in Field]
    return sum(bits[1:], bits[0])


def _asked(since: dt.datetime, until: dt.datetime, viewer: Viewer) -> list[ColumnElement[bool]]:
    wanted = [AuditEvent.recorded_at >= since, AuditEvent.recorded_at < until]
    for name in Viewer.__dataclass_fields__:
        value = getattr(viewer, name)
        if value is not None:
            wanted.append(getattr(AuditEvent, name) == value)
    return wanted


def _on_pages(since: dt.datetime, until: dt.datetime, viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AuditEvent.subject_id.label("patient_id"),
            _together(AuditEvent.fields).label("fields"),
            func.min(AuditEvent.recorded_at).label("first_at"),
            func.max(AuditEvent.recorded_at).label("last_at"),
            func.count().label("times"),
        )
        .where(
            AuditEvent.action == SHOWN,
            AuditEvent.list_key.is_(None),
            *_asked(since, until, viewer),
        )
        .group_by(AuditEvent.subject_id)
    )


def _on_lists(since: dt.datetime, until: dt.datetime, viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Who stood on a list while it was fetched.

    The fetches asked about are numbered along each list of a sign-in; somebody who came before number
    n + 1 and went after number m was seen on those from n + 1 to m.
    """
    spans, fetches = _spans(since, until, viewer), _fetches(since, until, viewer)
    first, last = fetches.alias("first_fetch"), fetches.alias("last_fetch")
    return (
        select(
            spans.c.patient_id,
            _together(spans.c.fields).label("fields"),
            func.min(first.c.at).label("first_at"),
            func.max(last.c.at).label("last_at"),
            func.sum(spans.c.gone - spans.c.came).label("times"),
        )
        .join(first, _same_list(spans, first) & (first.c.number == spans.c.came + 1))
        .join(last, _same_list(spans, last) & (last.c.number == spans.c.gone))
        .where(spans.c.gone > spans.c.came)
        .group_by(spans.c.patient_id)
    )


def _same_list(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.c.sign_in_id == other.c.sign_in_id, one.c.list_key == other.c.list_key)


_OF_LIST = (AuditEvent.sign_in_id, AuditEvent.list_key)


def _fetches(since: dt.datetime, until: dt.datetime, viewer: Viewer) -> Any:
    """The fetches asked about, numbered from 1 along each list."""
    place = func.row_number().over(partition_by=_OF_LIST, order_by=AuditEvent.recorded_at)
    return (
        select(*_OF_LIST, AuditEvent.recorded_at.label("at"), place.label("number"))
        .where(AuditEvent.action == REFRESHED, *_asked(since, until, viewer))
        .cte("fetch")
    )


def _spans(since: dt.datetime, until: dt.datetime, viewer: Viewer) -> Subquery:
    """From what fetch to what fetch each patient stood on a list; no sign-in outlives a day."""
    asked_about = and_(AuditEvent.action == REFRESHED, *_asked(since, until, viewer))
    lists = select(AuditEvent.sign_in_id).where(asked_about).distinct()
    counted = func.sum(case((asked_about, 1), else_=0))
    order = AuditEvent.recorded_at, _RANK
    events = (
        select(
            *_OF_LIST,
            AuditEvent.subject_id,
            AuditEvent.action,
            AuditEvent.fields,
            AuditEvent.recorded_at,
            _RANK.label("rank"),
            counted.over(partition_by=_OF_LIST, order_by=order, rows=(None, 0)).label("before"),
            counted.over(partition_by=_OF_LIST).label("whole"),
        )
        .where(
            AuditEvent.sign_in_id.in_(lists),
            AuditEvent.list_key.is_not(None),
            or_(AuditEvent.action.in_((SHOWN, GONE)), asked_about),
            AuditEvent.recorded_at < until,
        )
        .subquery("event")
    )
    stands = events.c.sign_in_id, events.c.list_key, events.c.subject_id
    following = func.lead(events.c.before).over(
        partition_by=stands, order_by=(events.c.recorded_at, events.c.rank)
    )
    turns = (
        select(
            events.c.sign_in_id,
            events.c.list_key,
            events.c.subject_id.label("patient_id"),
            events.c.action,
            events.c.fields,
            events.c.before.label("came"),
            func.coalesce(following, events.c.whole).label("gone"),
        )
        .where(events.c.action.in_((SHOWN, GONE)))
        .subquery("turn")
    )
    return select(turns).where(turns.c.action == SHOWN).subquery("span")


# At one moment: who went, who came, then the fetch that shows it.
_RANK = case((AuditEvent.action == GONE, 0), (AuditEvent.action == SHOWN, 1), else_=2)
