"""Tubes that left the laboratory whose results are to be typed."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, or_, select

from lab_contingency.foundation.database import session
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.models import Assignment
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus


def gone(test: RequestedTest) -> str:
    """Where the tube of a test is that left before the test can have been done; "" where it may be typed.

    A tube that was sent on for other tests of it was on this bench first: what was done here is typed. One that
    went where nothing on it was to be done left by mistake, or its test came to this bench after it had left.
    """
    if test.status is not TestStatus.RECEIVED or test.laboratory_id is None:
        return ""
    specimen = _specimen(test)
    if specimen is None or not _is_away(specimen, test.laboratory_id):
        return ""
    events = _events(specimen.id)
    left = next((event for event in reversed(events) if _leaves(event)), None)
    if left is None or not _stood_here(events, left, test.laboratory_id):
        return ""
    went_to = specimen.bound_for_id or specimen.laboratory_id
    if _was_here_before(test, left) and went_to and _has_business(test, went_to, left):
        return ""
    received = specimen.status is SpecimenStatus.RECEIVED
    return f"at {specimen.holder}" if received else specimen.holder


def _specimen(test: RequestedTest) -> Specimen | None:
    statement = select(Specimen).where(Specimen.planned_tube_id == test.planned_tube_id)
    return session().scalars(statement.execution_options(populate_existing=True)).one_or_none()


def _is_away(specimen: Specimen, laboratory_id: uuid.UUID) -> bool:
    if specimen.status is SpecimenStatus.RECEIVED:
        return specimen.laboratory_id != laboratory_id
    return specimen.status is SpecimenStatus.DISPATCHED


def _events(specimen_id: uuid.UUID) -> list[CustodyEvent]:
    statement = (
        select(CustodyEvent)
        .where(CustodyEvent.specimen_id == specimen_id)
        .order_by(CustodyEvent.recorded_at, CustodyEvent.id)
    )
    return list(session().scalars(statement))


def _leaves(event: CustodyEvent) -> bool:
    """Whether it went out of a laboratory’s door, not from one hand to the next."""
    stood = event.status_before is SpecimenStatus.RECEIVED
    return event.action is CustodyAction.DISPATCH and stood


def _stood_here(events: list[CustodyEvent], left: CustodyEvent, laboratory_id: uuid.UUID) -> bool:
    """Whether it is this laboratory that it left last; what happened before that is another’s to judge."""
    came = [
        event for event in events[: events.index(left)] if event.action is CustodyAction.RECEIVE
    ]
    return bool(came) and came[-1].place == laboratory(laboratory_id).name


def _was_here_before(test: RequestedTest, left: CustodyEvent) -> bool:
    """Whether the test belonged to this bench when its tube left."""
    since = select(Assignment.assigned_at).where(
        Assignment.requested_test_id == test.id, Assignment.ended_at.is_(None)
    )
    began = session().scalars(since).one_or_none()
    return began is None or began <= left.recorded_at


def _has_business(test: RequestedTest, laboratory_id: uuid.UUID, left: CustodyEvent) -> bool:
    """Whether another test of the tube is done where it went, or was to be when it left."""
    then = exists().where(
        Assignment.requested_test_id == RequestedTest.id,
        Assignment.laboratory_id == laboratory_id,
        Assignment.assigned_at <= left.recorded_at,
        or_(Assignment.ended_at.is_(None), Assignment.ended_at > left.recorded_at),
    )
    statement = select(RequestedTest.id).where(
        RequestedTest.planned_tube_id == test.planned_tube_id,
        RequestedTest.id != test.id,
        or_(RequestedTest.laboratory_id == laboratory_id, then),
    )
    return session().scalars(statement).first() is not None
