"""What the record says was shown and what left. `shown` is the one place that reads what was shown."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.oversight.rules.exposure import (
    BY_RECORD,
    About,
    Criteria,
    Facet,
    Left,
    reach_of_leaving,
)
from lab_contingency.oversight.rules.presence import ListTurn, Look, Turn, looks_at_list, together

_DISCLOSURE, _SHOWN, _GONE = "disclosure", "disclosure:shown", "disclosure:gone"
_LIST, _FETCHED = "list", "list:refreshed"
_AT_ONCE = 400  # sign-ins named in one statement
_FACETS = 12

_ListKey = tuple[uuid.UUID | None, str]


def shown(criteria: Criteria) -> dict[uuid.UUID, Look]:
    """Patients shown in [begins, ends) to whom the criteria name: pages once, lists while they stood on them.

    A list counts at every moment it was fetched while the patient stood on it, also when they came on
    it before the window began.
    """
    return together([*_on_pages(criteria), *_on_lists(criteria)])


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


def _on_pages(criteria: Criteria) -> Iterator[Look]:
    statement = (
        select(
            AuditEvent.subject_id,
            AuditEvent.fields,
            func.min(AuditEvent.recorded_at).label("first"),
            func.max(AuditEvent.recorded_at).label("last"),
            func.count().label("times"),
        )
        .where(
            AuditEvent.subject == _DISCLOSURE,
            AuditEvent.action == _SHOWN,
            AuditEvent.list_key.is_(None),
            AuditEvent.subject_id.is_not(None),
            _mine(criteria, AuditEvent),
        )
        .group_by(AuditEvent.subject_id, AuditEvent.fields)
    )
    for row in session().execute(statement):
        yield Look(row.subject_id, row.fields or 0, row.first, row.last, row.times)


def _on_lists(criteria: Criteria) -> Iterator[Look]:
    fetched: dict[_ListKey, list[dt.datetime]] = defaultdict(list)
    for row in session().execute(_fetches(criteria)):
        fetched[row.sign_in_id, row.list_key].append(row.recorded_at)
    if not fetched:
        return
    turns = _turns({sign_in for sign_in, _ in fetched}, criteria.ends)
    for key, moments in fetched.items():
        yield from looks_at_list(turns.get(key, ()), moments)


def _fetches(criteria: Criteria) -> Select[*tuple[Any, ...]]:
    """When lists were fetched: their refreshes, and the moments somebody new came on them."""
    return select(AuditEvent.sign_in_id, AuditEvent.list_key, AuditEvent.recorded_at).where(
        AuditEvent.list_key.is_not(None),
        AuditEvent.action.in_((_FETCHED, _SHOWN)),
        _mine(criteria, AuditEvent),
    )


def _turns(
    sign_ins: Iterable[uuid.UUID | None], ends: dt.datetime
) -> dict[_ListKey, list[ListTurn]]:
    """Comings and goings on the lists of these sign-ins, from their beginning on."""
    found: dict[_ListKey, list[ListTurn]] = defaultdict(list)
    known = sorted(each for each in sign_ins if each is not None)
    for start in range(0, len(known), _AT_ONCE):
        statement = select(
            AuditEvent.sign_in_id,
            AuditEvent.list_key,
            AuditEvent.recorded_at,
            AuditEvent.action,
            AuditEvent.subject_id,
            AuditEvent.fields,
        ).where(
            AuditEvent.sign_in_id.in_(known[start : start + _AT_ONCE]),
            AuditEvent.list_key.is_not(None),
            AuditEvent.action.in_((_SHOWN, _GONE)),
            AuditEvent.subject_id.is_not(None),
            AuditEvent.recorded_at < ends,
        )
        for row in session().execute(statement):
            turn = Turn.SHOWN if row.action == _SHOWN else Turn.GONE
            found[row.sign_in_id, row.list_key].append(
                ListTurn(row.recorded_at, turn, row.subject_id, row.fields or 0)
            )
    return found


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
    looks: dict[bool, list[Look]] = {True: [], False: []}
    reaches = {}
    for kind, contains, at, copies in rows:
        reach = reach_of_leaving(kind)
        plain = reach.value == "readable"
        reaches[plain] = reach
        looks[plain] += [
            Look(uuid.UUID(hex=patient), fields, at, at, copies)
            for patient, fields in contains.items()
        ]
    return tuple(
        Left(look, reaches[plain])
        for plain, parts in looks.items()
        for look in together(parts).values()
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
            AuditEvent.subject.in_((_DISCLOSURE, _LIST)),
            AuditEvent.action.in_((_SHOWN, _FETCHED)),
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
