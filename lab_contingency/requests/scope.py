"""What a person may reach. Everything outside does not exist for them: the answers are the same."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from lab_contingency.accounts.rules import Permission, Role, holds
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.requests.models import (
    LookGrant,
    PlannedTube,
    Request,
    RequestedTest,
    RequestReach,
    TubeReach,
)
from lab_contingency.requests.rules.statuses import AT_A_LABORATORY, NEVER_SENT, TestStatus

_NODE_WIDE = {Role.SENIOR.value, Role.PORTER.value, Role.COORDINATOR.value, "system"}


def within(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request` for this actor's scope: what they may work on.

    Requesters: the wards of their site. Laboratories: what is bound for them or was received there. Partners:
    the same, and only while it is bound for them. Seniors, porters, coordinators: the node. Everybody else:
    nothing.
    """
    if actor.role in _NODE_WIDE:
        return true()
    if actor.role == Role.REQUESTER.value and actor.site_id is not None:
        return Request.site_id == actor.site_id
    if is_partner(actor):
        return _sent_to(actor.laboratory_id)
    if actor.role == Role.LABORATORY.value and actor.laboratory_id is not None:
        reached = select(RequestReach.request_id).where(
            RequestReach.laboratory_id == actor.laboratory_id
        )
        return Request.id.in_(reached)
    return false()


def is_partner(actor: Actor) -> bool:
    """Whether they sign in from a partner laboratory: they see a part of a request, never the whole."""
    return actor.role == Role.PARTNER.value


def _sent_to(laboratory_id: uuid.UUID | None) -> ColumnElement[bool]:
    """Requests with a test that is done there now, or a tube that was sent or received there."""
    if laboratory_id is None:
        return false()
    tests = select(RequestedTest.request_id).where(
        RequestedTest.laboratory_id == laboratory_id, RequestedTest.status.in_(AT_A_LABORATORY)
    )
    tubes = select(TubeReach.request_id).where(TubeReach.laboratory_id == laboratory_id)
    return or_(Request.id.in_(tests), Request.id.in_(tubes))


def sees_test(
    actor: Actor, laboratory_id: uuid.UUID | None, status: TestStatus = TestStatus.ASSIGNED
) -> bool:
    """Whether this person sees a test of a request in their scope: a partner sees its own.

    `laboratory_id`: where the test is done now. A test that waits to be routed again is nobody's.
    """
    if not is_partner(actor):
        return True
    return laboratory_id == actor.laboratory_id and status not in NEVER_SENT


def tests_within(actor: Actor) -> ColumnElement[bool]:
    """The same as a condition on `RequestedTest`."""
    if not is_partner(actor):
        return true()
    here = RequestedTest.laboratory_id == actor.laboratory_id
    return and_(here, RequestedTest.status.not_in(NEVER_SENT))


def tubes_within(actor: Actor) -> ColumnElement[bool]:
    """The condition on `PlannedTube` of a request in scope: a partner sees those of its own tests, and what came.

    Both bottles of a pair serve the same tests, whose rows name only one.
    """
    if not is_partner(actor):
        return true()
    named = aliased(PlannedTube)
    pair = and_(
        PlannedTube.bottles > 1,
        named.bottles > 1,
        named.container == PlannedTube.container,
        named.tube_group == PlannedTube.tube_group,
    )
    serves = (
        select(RequestedTest.id)
        .join(named, named.id == RequestedTest.planned_tube_id)
        .where(
            RequestedTest.request_id == PlannedTube.request_id,
            RequestedTest.laboratory_id == actor.laboratory_id,
            RequestedTest.status.in_(AT_A_LABORATORY),
            or_(named.id == PlannedTube.id, pair),
        )
        .correlate(PlannedTube)
    )
    came = select(TubeReach.planned_tube_id).where(TubeReach.laboratory_id == actor.laboratory_id)
    return or_(serves.exists(), PlannedTube.id.in_(came))


def within_reading(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request` for pages that only show: one's own place, and a look beyond it.

    Never for an action: a look lets nobody withdraw, print, type or acknowledge.
    """
    if not holds(actor.role, Permission.LOOK_WITH_REASON) or actor.sign_in_id is None:
        return own_place(actor)
    looked_at = select(LookGrant.patient_id).where(standing(actor))
    return or_(own_place(actor), Request.patient_id.in_(looked_at))


def own_place(actor: Actor) -> ColumnElement[bool]:
    """What a person reads without a reason. A coordinator's node is places and numbers, not patients."""
    return false() if actor.role == Role.COORDINATOR.value else within(actor)


def standing(actor: Actor) -> ColumnElement[bool]:
    """The condition on `LookGrant` for the looks of this sign-in that have not ended."""
    return (
        (LookGrant.sign_in_id == actor.sign_in_id)
        & (LookGrant.ends_at > clock.now())
        & LookGrant.ended_at.is_(None)
    )
