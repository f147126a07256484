"""Tests whose tube left the laboratory before they can have been done: they are not on its bench.

One condition says it for a single test, for lists and for counts. A tube that was sent on for other tests of it
was on this bench first: what was done here is typed. One that went where nothing on it was to be done left by
mistake, or its test came to this bench after it had left.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.places.models import Laboratory
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.models import Assignment
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus

_left = aliased(CustodyEvent, name="left_here")
_later = aliased(CustodyEvent, name="left_later")
_came = aliased(CustodyEvent, name="came_here")
_between = aliased(CustodyEvent, name="came_between")
_other = aliased(RequestedTest, name="other_test")
_WENT_TO = func.coalesce(Specimen.bound_for_id, Specimen.laboratory_id)


@dataclass(frozen=True, slots=True)
class Gone:
    """Where the tube of a test went, and when it left. `where`: where it is now, to go on “is”."""

    to: str
    left_at: dt.datetime
    where: str

    @property
    def words(self) -> str:
        """`gone to St Thomas' laboratory at 14:05`."""
        return f"gone{f' to {self.to}' if self.to else ''} at {near_time_text(self.left_at)}"


def gone(test: RequestedTest) -> str:
    """Where the tube of a test is that left before the test can have been done; "" where it may be typed."""
    found = _found(RequestedTest.id == test.id).get(test.id)
    return found.where if found else ""


def gone_of(request_id: uuid.UUID) -> Mapping[uuid.UUID, Gone]:
    """The tests of a request that wait on a bench which their tube has left."""
    return _found(RequestedTest.request_id == request_id)


def is_gone() -> ColumnElement[bool]:
    """Whether the tube of a requested test left its bench before the test can have been done."""
    departure: Select[*tuple[Any, ...]] = select(Specimen.id).where(*_conditions())
    return departure.join(_left, _left.specimen_id == Specimen.id).correlate(RequestedTest).exists()


def _found(which: ColumnElement[bool]) -> dict[uuid.UUID, Gone]:
    statement = (
        select(
            RequestedTest.id,
            Specimen.status,
            Specimen.holder,
            _WENT_TO.label("went_to"),
            _left.recorded_at,
        )
        .join(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .join(_left, _left.specimen_id == Specimen.id)
        .where(which, *_conditions())
    )
    rows = session().execute(statement).all()
    names = {each.id: each.name for each in laboratories()} if rows else {}
    return {
        row.id: Gone(
            names.get(row.went_to, ""),
            row.recorded_at,
            f"at {row.holder}" if row.status is SpecimenStatus.RECEIVED else row.holder,
        )
        for row in rows
    }


def _conditions() -> tuple[ColumnElement[bool], ...]:
    """Of a requested test, its tube and the event with which the tube left."""
    return (
        RequestedTest.status == TestStatus.RECEIVED,
        Specimen.planned_tube_id == RequestedTest.planned_tube_id,
        _is_away(),
        _leaves(_left),
        ~exists(true()).where(_leaves(_later), _is_before(_left, _later)).correlate(_left),
        _stood_here(),
        ~and_(_was_here_before(), _has_business()),
    )


def _is_away() -> ColumnElement[bool]:
    return or_(
        Specimen.status == SpecimenStatus.DISPATCHED,
        and_(
            Specimen.status == SpecimenStatus.RECEIVED,
            Specimen.laboratory_id != RequestedTest.laboratory_id,
        ),
    )


def _leaves(event: type[CustodyEvent]) -> ColumnElement[bool]:
    """Whether it went out of a laboratory’s door, not from one hand to the next."""
    return and_(
        event.action == CustodyAction.DISPATCH, event.status_before == SpecimenStatus.RECEIVED
    )


def _is_before(one: type[CustodyEvent], other: type[CustodyEvent]) -> ColumnElement[bool]:
    """Whether one thing happened to a tube before the other."""
    return and_(
        one.specimen_id == other.specimen_id,
        or_(
            one.recorded_at < other.recorded_at,
            and_(one.recorded_at == other.recorded_at, one.id < other.id),
        ),
    )


def _stood_here() -> ColumnElement[bool]:
    """Whether it is this laboratory that it left last; what happened before that is another’s to judge."""
    again = (
        exists(true())
        .where(
            _between.action == CustodyAction.RECEIVE,
            _is_before(_came, _between),
            _is_before(_between, _left),
        )
        .correlate(_came, _left)
    )
    return (
        exists(true())
        .where(
            _came.action == CustodyAction.RECEIVE,
            _is_before(_came, _left),
            Laboratory.id == RequestedTest.laboratory_id,
            _came.place == Laboratory.name,
            ~again,
        )
        .correlate(RequestedTest, _left)
    )


def _was_here_before() -> ColumnElement[bool]:
    """Whether the test belonged to this bench when its tube left."""
    since_then = exists(true()).where(
        Assignment.requested_test_id == RequestedTest.id,
        Assignment.ended_at.is_(None),
        Assignment.assigned_at > _left.recorded_at,
    )
    return ~since_then.correlate(RequestedTest, _left)


def _has_business() -> ColumnElement[bool]:
    """Whether another test of the tube is done where it went, or was to be when it left."""
    then = exists(true()).where(
        Assignment.requested_test_id == _other.id,
        Assignment.laboratory_id == _WENT_TO,
        Assignment.assigned_at <= _left.recorded_at,
        or_(Assignment.ended_at.is_(None), Assignment.ended_at > _left.recorded_at),
    )
    return (
        exists(true())
        .where(
            _other.planned_tube_id == RequestedTest.planned_tube_id,
            _other.id != RequestedTest.id,
            or_(_other.laboratory_id == _WENT_TO, then.correlate(_other, Specimen, _left)),
        )
        .correlate(RequestedTest, Specimen, _left)
    )
