"""What a request row keeps of its tests and tubes, so that the queue is one indexed read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import func, select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.rules import TUBE_MOST
from lab_contingency.incidents.services import issue_tube_number
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.packs.queries import refuse_not_keyed
from lab_contingency.requests.rules.bands import Band, due
from lab_contingency.requests.rules.statuses import Outcome, outcome
from lab_contingency.requests.scope import within


def lock_request(request_id: uuid.UUID, *, actor: Actor, version: int | None = None) -> Request:
    """The request for changing, within the actor's scope; ChangedByAnother for a stale version."""
    statement = locked(select(Request).where(Request.id == request_id, within(actor)))
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise ChangedByAnother
    return row


def request_of_number(form_number: str, *, actor: Actor) -> Request:
    """The request with that form number, locked; NotFound outside the scope."""
    statement = select(Request.id).where(Request.number == form_number, within(actor))
    request_id = session().scalars(statement).one_or_none()
    if request_id is None:
        refuse_not_keyed(form_number, actor)
        raise NotFound(
            "No request here has that number. Check that it was scanned whole; "
            "if it was, keep the tube and ring the ward on the form."
        )
    return lock_request(request_id, actor=actor)


def tests_of(request_id: uuid.UUID) -> list[RequestedTest]:
    """The tests of a request, in the order they were asked."""
    statement = (
        select(RequestedTest)
        .where(RequestedTest.request_id == request_id)
        .order_by(RequestedTest.id)
    )
    return list(session().scalars(statement))


def refresh(request: Request) -> None:
    """Close or reopen the row after a test moved."""
    session().flush()
    state = outcome(test.status for test in tests_of(request.id))
    if state is Outcome.OPEN:
        request.closed_at = None
    elif request.closed_at is None:
        request.closed_at = clock.now()


def note_received(request: Request, at: dt.datetime, target: dt.timedelta | None) -> None:
    """First tube received: from here the laboratory's own target runs."""
    if request.received_at is None or at < request.received_at:
        request.received_at = at
    if target is not None:
        request.due_at = due(request.needed_by, request.received_at + target)


def note_usability(request: Request, unusable_at: dt.datetime | None) -> None:
    """When the first tube still waiting becomes unusable."""
    request.unusable_at = unusable_at


def change_band(
    request: Request, band: Band, needed_by: dt.datetime, *, actor: Actor, **details: Any
) -> None:
    """Another band and with it another due time; what the clinician asked for is kept beside it.

    `details` are codes for the record, such as how the person signed.
    """
    details |= {"before": request.band.value, "after": band.value}
    changes = changed(
        {"band": request.band.value, "needed_by": request.needed_by},
        {"band": band.value, "needed_by": needed_by},
    )
    record("request:band_changed", request.id, actor=actor, changes=changes, **details)
    request.band = band
    earlier = request.due_at < request.needed_by
    request.needed_by = needed_by
    request.due_at = min(request.due_at, needed_by) if earlier else needed_by


def next_tube_number(request: Request) -> str:
    """The next tube number of the form; the caller holds the request's lock."""
    if request.next_tube > TUBE_MOST:
        raise RuleBroken("This form has used its 99 tube numbers. Send a new request.")
    number = issue_tube_number(request.number, request.next_tube)
    request.next_tube += 1
    return number


def plan_again(planned_tube_id: uuid.UUID) -> PlannedTube:
    """A new planned tube in place of a rejected one (a recollection)."""
    old = session().get(PlannedTube, planned_tube_id)
    if old is None:
        raise NotFound
    highest = (
        session()
        .scalars(
            select(func.max(PlannedTube.ordinal)).where(PlannedTube.request_id == old.request_id)
        )
        .one()
    )
    row = PlannedTube(
        id=new_id(),
        request_id=old.request_id,
        ordinal=(highest or 0) + 1,
        container=old.container,
        tube_group=old.tube_group,
        bottle=old.bottle,
        bottles=old.bottles,
        by_hand=old.by_hand,
        replaces_id=old.id,
    )
    session().add(row)
    session().flush()
    return row
