"""What the tests of a plan are now: which can still be accepted, what waits beside it, what is bound for a laboratory."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.routing.planning.models import LineState, PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.gathering import MOST, PLANNED
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus

_TESTS_MOST = 10 * MOST
_WAITING = (TestStatus.REQUESTED, TestStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a test of a line is now, for accepting it."""

    line_id: uuid.UUID
    request_id: uuid.UUID
    test_code: str
    status: TestStatus
    laboratory_id: uuid.UUID
    standing_id: uuid.UUID | None
    begins_at: dt.datetime
    why: str
    band: Band


def to_accept(
    plan_id: uuid.UUID, line_ids: Sequence[uuid.UUID] | None, actor: Actor
) -> tuple[Standing, ...]:
    """The proposed lines that send something somewhere, in the order of their hours; None: all of them."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            PlanLine.id, RequestedTest.request_id, RequestedTest.test_code, RequestedTest.status,
            PlanLine.laboratory_id, RequestedTest.laboratory_id.label("standing_id"),
            PlanLine.begins_at, PlanLine.why, Request.band,
        )
        .join(RequestedTest, RequestedTest.id == PlanLine.requested_test_id)
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            PlanLine.plan_id == plan_id,
            PlanLine.state != LineState.ACCEPTED,
            PlanLine.laboratory_id.is_not(None),
            RequestedTest.status.in_(PLANNED),
            within(actor),
        )
        .order_by(PlanLine.begins_at, Request.band, Request.due_at, RequestedTest.id)
        .limit(_TESTS_MOST)
    )  # fmt: skip
    if line_ids is not None:
        statement = statement.where(PlanLine.id.in_(line_ids))
    found = (Standing(*row) for row in session().execute(statement).all())
    return tuple(
        one
        for one in found
        if one.status is not TestStatus.ASSIGNED or one.standing_id != one.laboratory_id
    )


def bound_for(laboratory_id: uuid.UUID, actor: Actor) -> Mapping[str, int]:
    """Tests at or on the way to a laboratory: `bound` not left yet, `coming`, `there`."""
    statement = (
        select(RequestedTest.status, Specimen.status.label("tube_status"))
        .join(Request, Request.id == RequestedTest.request_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .where(
            Request.closed_at.is_(None),
            RequestedTest.laboratory_id == laboratory_id,
            RequestedTest.status.in_(
                (TestStatus.ASSIGNED, TestStatus.RECEIVED, TestStatus.ENTERED, TestStatus.CHECKED)
            ),
            within(actor),
        )
        .limit(_TESTS_MOST)
    )
    counted: Counter[str] = Counter()
    for status, tube_status in session().execute(statement):
        if status is not TestStatus.ASSIGNED:
            counted["there"] += 1
        else:
            counted["coming" if tube_status is SpecimenStatus.DISPATCHED else "bound"] += 1
    return counted


def waiting_beside(plan_id: uuid.UUID, actor: Actor, *, since: dt.datetime | None = None) -> int:
    """How many tests wait for a laboratory and have no line in that plan; `since`: only what began to wait after that."""
    bedside = [test.code for test in catalogue().tests.values() if test.bedside]
    in_plan = exists().where(
        PlanLine.plan_id == plan_id, PlanLine.requested_test_id == RequestedTest.id
    )
    statement = (
        select(func.count())
        .select_from(RequestedTest)
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            Request.closed_at.is_(None),
            RequestedTest.status.in_(_WAITING),
            RequestedTest.test_code.not_in(bedside),
            ~in_plan,
            within(actor),
        )
    )
    if since is not None:
        statement = statement.where(RequestedTest.status_at > since)
    return session().scalar(statement) or 0


def standing_locks(plan_id: uuid.UUID | None) -> dict[uuid.UUID, uuid.UUID]:
    """Where persons fixed tests, as it stands with that plan.

    A plan for a laboratory that dropped out holds only what was bound for it: what it does not hold stays fixed as
    in the plan before it.
    """
    locks: dict[uuid.UUID, uuid.UUID] = {}
    told: set[uuid.UUID] = set()
    while plan_id is not None:
        statement = select(
            PlanLine.requested_test_id, PlanLine.laboratory_id, PlanLine.locked
        ).where(PlanLine.plan_id == plan_id)
        lines = session().execute(statement).all()
        locks |= {
            test_id: laboratory_id
            for test_id, laboratory_id, locked in lines
            if locked and laboratory_id is not None and test_id not in told
        }
        told |= {line.requested_test_id for line in lines}
        plan = session().get_one(RoutePlan, plan_id)
        plan_id = plan.replaces_id if plan.outage_id is not None else None
    return locks
