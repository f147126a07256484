"""The small counts on the tabs: each a statement with nothing of a person or an hour in it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select, true

from lab_contingency.accounts.models import User
from lab_contingency.accounts.rules import Role
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.packs.models import Transcription
from lab_contingency.requests.queries.looking import looks_standing
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.models import UNREAD, CriticalCall, Release
from lab_contingency.results.queries.calls import rung_from
from lab_contingency.results.queries.deliveries import slips_waiting
from lab_contingency.results.queries.gone import is_gone
from lab_contingency.results.returned.models import SlipReturn
from lab_contingency.results.returned.queries import returns_to_do
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import labels_waiting, stops_lately
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.station.queries.jobs import jobs_to_look_at
from lab_contingency.transport.models import Consignment, ConsignmentItem, Discrepancy, HandOver
from lab_contingency.transport.queries.scope import still_inside
from lab_contingency.transport.rules import ConsignmentState

Count = Select[int]
"""A statement that counts: one row, one number."""
PERSON = "person"
"""Who asks, given when the statement is executed."""


def open_requests(actor: Actor) -> Count:
    """Requests in the scope that are not finished."""
    return select(func.count(Request.id)).where(Request.closed_at.is_(None), within(actor))


def unread_results(actor: Actor) -> Count:
    """Requests in the scope with a release nobody has acknowledged."""
    statement = (
        select(func.count(func.distinct(Release.request_id)))
        .join(Request, Request.id == Release.request_id)
        .where(UNREAD, within(actor))
    )
    return statement


def _tests(actor: Actor, *statuses: TestStatus) -> Count:
    """Requests with a test of this laboratory in one of the statuses."""
    here: ColumnElement[bool] = RequestedTest.laboratory_id == actor.laboratory_id
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        here, RequestedTest.status.in_(statuses)
    )
    return statement


def to_enter(actor: Actor) -> Count:
    """Requests with a test on this laboratory's bench."""
    return _tests(actor, TestStatus.RECEIVED).where(~is_gone())


def to_check(actor: Actor) -> Count:
    """Requests with typed or checked results that are not authorised."""
    return _tests(actor, TestStatus.ENTERED, TestStatus.CHECKED)


def to_telephone(actor: Actor) -> Count:
    """Critical calls of this laboratory's results that nobody has made."""
    statement = (
        select(func.count(CriticalCall.id))
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .join(Request, Request.id == CriticalCall.request_id)
        .where(CriticalCall.closed_at.is_(None), rung_from(actor), within(actor))
    )
    return statement


def to_receive(actor: Actor) -> Count:
    """Tubes on their way: with a ward's label and blood in them, or sent on to this laboratory."""
    on_the_way = Specimen.status.in_((SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER))
    sent_here = (Specimen.status == SpecimenStatus.DISPATCHED) & (
        Specimen.bound_for_id == actor.laboratory_id
    )
    if actor.role == Role.PARTNER.value:
        return select(func.count(Specimen.id)).where(sent_here)
    return select(func.count(Specimen.id)).where(on_the_way | sent_here)


def to_carry(_actor: Actor) -> Count:
    """Tubes with blood in them that nobody carries yet."""
    return select(func.count(Specimen.id)).where(Specimen.status == SpecimenStatus.COLLECTED)


def to_send_out(actor: Actor) -> Count:
    """Tubes that lie here in no box and whose laboratory is another."""
    in_a_box = select(ConsignmentItem.specimen_id).where(ConsignmentItem.ended_at.is_(None))
    statement = (
        select(func.count(func.distinct(Specimen.id)))
        .join(RequestedTest, RequestedTest.planned_tube_id == Specimen.planned_tube_id)
        .where(
            Specimen.status == SpecimenStatus.RECEIVED,
            Specimen.laboratory_id == actor.laboratory_id,
            RequestedTest.status == TestStatus.ASSIGNED,
            RequestedTest.laboratory_id != actor.laboratory_id,
            Specimen.id.not_in(in_a_box),
        )
    )
    return statement


def boxes_for_us(actor: Actor) -> Count:
    """Boxes for this laboratory that are sealed, on the way or being unpacked, and what is not settled of ours."""
    partner = actor.role == Role.PARTNER.value
    closed = Consignment.left_at if partner else Consignment.sealed_at
    coming = select(func.count(Consignment.id)).where(
        Consignment.ended_at.is_(None),
        closed.is_not(None),
        Consignment.to_laboratory_id == actor.laboratory_id,
    )
    ours = select(func.count(Discrepancy.id)).where(
        Discrepancy.settled_at.is_(None), Discrepancy.owner_laboratory_id == actor.laboratory_id
    )
    return select(coming.scalar_subquery() + ours.scalar_subquery())


def boxes_to_carry(_actor: Actor) -> Count:
    """Boxes that are sealed and nobody has taken, and those that this person has and must hand over.

    Not what another carries, nor what everything came out of though nobody scanned the box.
    """
    me = select(User.name).where(User.id == bindparam(PERSON, type_=User.id.type))
    holder = (
        select(HandOver.to_name)
        .where(HandOver.consignment_id == Consignment.id)
        .order_by(HandOver.recorded_at.desc(), HandOver.id.desc())
        .limit(1)
        .correlate(Consignment)
    )
    holds_something = (
        exists(true())
        .where(
            ConsignmentItem.consignment_id == Consignment.id,
            ConsignmentItem.ended_at.is_(None),
            Specimen.id == ConsignmentItem.specimen_id,
            still_inside(),
        )
        .correlate(Consignment)
    )
    mine = func.lower(holder.scalar_subquery()) == func.lower(me.scalar_subquery())
    travels = Consignment.state.in_((ConsignmentState.IN_TRANSIT, ConsignmentState.RECALLED))
    return select(func.count(Consignment.id)).where(
        holds_something, or_(Consignment.state == ConsignmentState.SEALED, travels & mine)
    )


def open_looks(_actor: Actor) -> Count:
    """Looks beyond somebody's place that stand now."""
    return looks_standing()


def to_print(actor: Actor) -> Count:
    """Requests with a tube that waits for its label, and print jobs that wait for somebody."""
    return select(labels_waiting().scalar_subquery() + jobs_to_look_at(actor).scalar_subquery())


def to_deliver(actor: Actor) -> Count:
    """Slips that wait to be printed for some place."""
    return slips_waiting(actor)


def to_decide(_actor: Actor) -> Count:
    """Requests that wait for triage."""
    statement = select(func.count(func.distinct(RequestedTest.request_id))).where(
        RequestedTest.status == TestStatus.REQUESTED
    )
    return statement


def stopped_today(_actor: Actor) -> Count:
    """Rounds at a bedside that were stopped within a day."""
    return stops_lately(dt.timedelta(hours=24))


def to_key_again(actor: Actor) -> Count:
    """Written forms in the scope that wait for a second person, the actor's own left out."""
    statement = (
        select(func.count(Transcription.id))
        .join(Request, Request.id == Transcription.request_id)
        .where(
            Transcription.check_needed,
            Transcription.checked_at.is_(None),
            Transcription.keyed_by_id != bindparam(PERSON, type_=Transcription.keyed_by_id.type),
            within(actor),
        )
    )
    return statement


def to_check_returned(actor: Actor) -> Count:
    """Slips typed back that wait for this person: a colleague's to check, their own that went back."""
    return returns_to_do(actor, bindparam(PERSON, type_=SlipReturn.typed_by_id.type))
