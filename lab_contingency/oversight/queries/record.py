"""What the record says was shown and what left. `shown` is the one place that reads what was shown."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, select, type_coerce

from lab_contingency.accounts.rules import SIGN_IN_LIFE
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import GONE, REFRESHED, SHOWN
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.oversight.rules.exposure import (
    BY_RECORD,
    About,
    Criteria,
    Facet,
    Left,
    Reach,
    reach_of_leaving,
)
from lab_contingency.oversight.rules.presence import ListTurn, Look, Tally

_AT_ONCE = 400  # ids named in one statement
_MANY = 1000  # sign-ins
_FETCHED_AT_ONCE = 20_000  # rows
_FACETS = 12

_ListKey = tuple[Any, str]


# As the database hands them over: making ids and times of a million rows would take longer than the rest.
_AT = type_coerce(AuditEvent.recorded_at, String)
_SIGN_IN = type_coerce(AuditEvent.sign_in_id, String)
_PATIENT = type_coerce(AuditEvent.subject_id, String)


def shown(criteria: Criteria) -> dict[uuid.UUID, Look]:
    """Patients shown in [begins, ends) to whom the criteria name: pages once, lists while they stood on them.

    A list counts at every moment it was fetched while the patient stood on it, also when they came on
    it before the window began.
    """
    tally = Tally()
    for patient, fields, first, last, times in _plain_rows(_pages(criteria)):
        tally.add(patient, fields or 0, first, last, times)
    if criteria.about is About.WINDOW:
        _count_everybody(criteria, tally)
    else:
        _count_some(criteria, tally)
    return tally.looks(_patient, _moment)


def _pages(criteria: Criteria) -> Select[*tuple[Any, ...]]:
    """What pages showed: the database counts, so that one line a patient and kind of data is left to read."""
    return (
        select(_PATIENT, AuditEvent.fields, func.min(_AT), func.max(_AT), func.count())
        .where(
            AuditEvent.action == SHOWN,
            AuditEvent.list_key.is_(None),
            AuditEvent.subject_id.is_not(None),
            _mine(criteria, AuditEvent),
        )
        .group_by(AuditEvent.subject_id, AuditEvent.fields)
    )


def _count_some(criteria: Criteria, tally: Tally) -> None:
    """First when they fetched lists, then who stood on them."""
    fetched: dict[_ListKey, list[Any]] = defaultdict(list)
    for key, sign_in, at in _plain_rows(_fetches(criteria)):
        fetched[sign_in, key].append(at)
    for key, turns in _turns(set(fetched), criteria).items():
        tally.add_list(turns, fetched[key])


def _count_everybody(criteria: Criteria, tally: Tally) -> None:
    """The same in one reading of the record, from a sign-in's life before the window on."""
    fetched: dict[_ListKey, list[Any]] = defaultdict(list)
    turns: dict[_ListKey, list[ListTurn]] = defaultdict(list)
    for key, sign_in, at, patient, fields, action, inside in _plain_rows(_everything(criteria)):
        if action != REFRESHED and patient is not None:
            turns[sign_in, key].append((at, action == SHOWN, patient, fields or 0))
        if inside and action != GONE:
            fetched[sign_in, key].append(at)
    for listed, moments in fetched.items():
        tally.add_list(turns.get(listed, ()), moments)


def _everything(criteria: Criteria) -> Select[*tuple[Any, ...]]:
    """All that lists did."""
    at = AuditEvent.recorded_at
    return select(
        AuditEvent.list_key,
        _SIGN_IN,
        _AT,
        _PATIENT,
        AuditEvent.fields,
        AuditEvent.action,
        (at >= criteria.begins).label("inside"),
    ).where(
        AuditEvent.list_key.is_not(None),
        AuditEvent.action.in_((SHOWN, GONE, REFRESHED)),
        at >= criteria.begins - 2 * SIGN_IN_LIFE,
        at < criteria.ends,
    )


def _mine(criteria: Criteria, table: type[AuditEvent | Leaving]) -> ColumnElement[bool]:
    """The window, and whom the criteria name."""
    window = and_(table.recorded_at >= criteria.begins, table.recorded_at < criteria.ends)
    value = criteria.value
    match criteria.about:
        case About.ACCOUNT:
            return and_(window, table.user_id == read_id(value))
        case About.ROLE:
            return and_(window, table.role == value)
        case About.DEVICE:
            return and_(window, table.device_id == read_id(value))
        case About.SIGN_IN:
            return and_(window, table.sign_in_id == read_id(value))
        case About.ADDRESS:
            return and_(window, table.address == value)
        case _:
            return window


def read_id(value: str) -> uuid.UUID:
    """An id of ours as text; NotFound when it is none."""
    try:
        return uuid.UUID(value)
    except ValueError:
        raise NotFound from None


def _plain_rows(statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Rows as the driver's own tuples, some thousands at a time.

    There may be a million, and a row object for each would take longer than the reading.
    """
    rows = session().connection().execute(statement)
    if rows.cursor is None:
        raise TypeError("a statement that returns rows is needed")
    while part := rows.cursor.fetchmany(_FETCHED_AT_ONCE):
        yield from part
    rows.close()


def _patient(held: Any) -> uuid.UUID:
    return uuid.UUID(held) if isinstance(held, str) else held


def _moment(held: Any) -> dt.datetime:
    if isinstance(held, str):
        return dt.datetime.fromisoformat(held).replace(tzinfo=dt.UTC)
    moment: dt.datetime = held
    return moment.astimezone(dt.UTC)


def _fetches(criteria: Criteria) -> Select[*tuple[Any, ...]]:
    """When lists were fetched: refreshed, or somebody new came on them."""
    return select(AuditEvent.list_key, _SIGN_IN, _AT).where(
        AuditEvent.list_key.is_not(None),
        AuditEvent.action.in_((SHOWN, REFRESHED)),
        _mine(criteria, AuditEvent),
    )


def _turns(keys: set[_ListKey], criteria: Criteria) -> dict[_ListKey, list[ListTurn]]:
    """Comings and goings on these lists, from the beginning of their sign-ins on."""
    found: dict[_ListKey, list[ListTurn]] = defaultdict(list)
    for statement in _turn_statements({sign_in for sign_in, _ in keys}, criteria):
        for key, sign_in, at, patient, fields, action in _plain_rows(statement):
            if (sign_in, key) in keys and patient is not None:
                found[sign_in, key].append((at, int(action == SHOWN), patient, fields or 0))
    return found


def _turn_statements(sign_ins: set[Any], criteria: Criteria) -> Iterator[Select[*tuple[Any, ...]]]:
    every = select(
        AuditEvent.list_key, _SIGN_IN, _AT, _PATIENT, AuditEvent.fields, AuditEvent.action
    ).where(
        AuditEvent.action.in_((SHOWN, GONE)),
        AuditEvent.list_key.is_not(None),
        AuditEvent.recorded_at < criteria.ends,
    )
    if len(sign_ins) > _MANY:  # one reading of the table is quicker than so many look-ups
        yield every.where(AuditEvent.recorded_at >= criteria.begins - 2 * SIGN_IN_LIFE)
        return
    known = [_patient(each) for each in sign_ins if each is not None]
    for start in range(0, len(known), _AT_ONCE):
        yield every.where(AuditEvent.sign_in_id.in_(known[start : start + _AT_ONCE]))


def left(criteria: Criteria) -> tuple[Left, ...]:
    """Patients in papers and files that whom the criteria name made in the window."""
    return _left(session().execute(_LEAVINGS.where(_mine(criteria, Leaving))))


def left_in(leaving_ids: Iterable[uuid.UUID]) -> tuple[Left, ...]:
    """Patients in these papers and files."""
    known = list(leaving_ids)
    found: list[Left] = []
    for start in range(0, len(known), _AT_ONCE):
        part = known[start : start + _AT_ONCE]
        found += _left(session().execute(_LEAVINGS.where(Leaving.id.in_(part))))
    return tuple(found)


_LEAVINGS = select(Leaving.kind, Leaving.contains, Leaving.recorded_at, Leaving.copies)


def _left(rows: Iterable[Any]) -> tuple[Left, ...]:
    tallies: dict[Reach, Tally] = defaultdict(Tally)
    for kind, contains, at, copies in rows:
        tally = tallies[reach_of_leaving(kind)]
        for patient, fields in contains.items():
            tally.add(patient, fields, at, at, copies)
    return tuple(
        Left(look, reach)
        for reach, tally in tallies.items()
        for look in tally.looks(_patient, _moment).values()
    )


def facets(criteria: Criteria) -> tuple[Facet, ...]:
    """Who, from which device, address and sign-in: what a narrower report could be about."""
    if criteria.about not in BY_RECORD:
        return ()
    columns = (
        AuditEvent.user_id,
        AuditEvent.actor_name,
        AuditEvent.address,
        AuditEvent.device_id,
        AuditEvent.sign_in_id,
    )
    statement = (
        select(
            *columns, func.count().label("looks"), func.max(AuditEvent.recorded_at).label("last")
        )
        .where(
            AuditEvent.action.in_((SHOWN, REFRESHED)),
            _mine(criteria, AuditEvent),
        )
        .group_by(*columns)
    )
    held: dict[tuple[About, str], Facet] = {}
    for row in session().execute(statement):
        for about, value, label in (
            (About.ACCOUNT, row.user_id, row.actor_name),
            (About.ADDRESS, row.address, row.address),
            (About.DEVICE, row.device_id, f"device {str(row.device_id)[-6:]}"),
            (
                About.SIGN_IN,
                row.sign_in_id,
                f"{row.actor_name}, sign-in {str(row.sign_in_id)[-6:]}",
            ),
        ):
            if value and about is not criteria.about:
                _add(held, Facet(about, str(value), label, row.looks, row.last))
    return _most_looked(held)


def _add(held: dict[tuple[About, str], Facet], one: Facet) -> None:
    before = held.get((one.about, one.value))
    if before:
        one = replace(one, looks=one.looks + before.looks, last=max(one.last, before.last))
    held[one.about, one.value] = one


def _most_looked(held: dict[tuple[About, str], Facet]) -> tuple[Facet, ...]:
    ordered = sorted(held.values(), key=lambda one: -one.looks)
    return tuple(
        one
        for about in (About.ACCOUNT, About.ADDRESS, About.DEVICE, About.SIGN_IN)
        for one in [facet for facet in ordered if facet.about is about][:_FACETS]
    )
