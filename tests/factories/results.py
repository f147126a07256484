"""Requests on the bench and results in every state, made by the real services."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.results.commands import (
    AmendResults,
    AuthoriseResults,
    CheckResults,
    EnterResults,
    TypedValue,
)
from lab_contingency.results.models import CriticalCall, Result
from lab_contingency.results.rules.values import ResultStatus
from lab_contingency.results.services import (
    amend_results,
    authorise_results,
    check_results,
    enter_results,
)
from lab_contingency.results.services.loading import opened
from tests.factories.world import SYSTEM, World, a_request

UE = {"NA": "131", "K": "4.4", "UREA": "6.1", "CREA": "80", "CL": "101", "BIC": "24"}
CRITICAL_UE = {**UE, "K": "6.8"}
CRP = {"CRP": "12"}
ANSWERS = {"transfused_or_pregnant_3_months": "no"}
GROUP = {"ABO": "A", "RHD": "Positive", "ABS": "Negative"}


def on_the_bench(world: World, *, laboratory: str = "KCH-LAB", **card: object) -> uuid.UUID:
    """A request whose tests were accepted, assigned and received; its id."""
    placed = a_request(world, **{"tests": ("UE",), "answers": ANSWERS, **card})
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        for test in tests_of(request.id):
            where = Evidence(laboratory_id=world.laboratories[laboratory])
            move_test(request, test, TestAction.ACCEPT, Evidence(), actor=SYSTEM)
            move_test(request, test, TestAction.ASSIGN, where, actor=SYSTEM)
            move_test(request, test, TestAction.RECEIVE, Evidence(), actor=SYSTEM)
    return placed.request_id


def sent_elsewhere(
    world: World, request_id: uuid.UUID, *codes: str, laboratory: str = "SWLP-LAB"
) -> None:
    """Some tests of a request go to another laboratory and are received there."""
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        for test in tests_of(request.id):
            if test.test_code in codes:
                where = Evidence(laboratory_id=world.laboratories[laboratory], reason="no reagent")
                move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)
                move_test(request, test, TestAction.RECEIVE, Evidence(), actor=SYSTEM)


def typed(**tests: Mapping[str, str]) -> tuple[TypedValue, ...]:
    """Values by test: `typed(UE={"K": "4.4"})`."""
    return tuple(
        TypedValue(test, analyte, text)
        for test, values in tests.items()
        for analyte, text in values.items()
    )


def enter(request_id: uuid.UUID, actor: Actor, **tests: Mapping[str, str]) -> tuple[str, ...]:
    """Type values, in their own unit of work."""
    with unit_of_work():
        return enter_results(EnterResults(request_id, typed(**tests)), actor=actor)


def check(request_id: uuid.UUID, actor: Actor, *tests: str) -> tuple[uuid.UUID, ...]:
    """Check tests, in their own unit of work."""
    with unit_of_work():
        return check_results(CheckResults(request_id, tests), actor=actor)


def authorise(request_id: uuid.UUID, actor: Actor, *tests: str) -> tuple[uuid.UUID, ...]:
    """Authorise tests, in their own unit of work."""
    with unit_of_work():
        return authorise_results(AuthoriseResults(request_id, tests), actor=actor)


def amend(
    request_id: uuid.UUID, actor: Actor, reason: str, **tests: Mapping[str, str]
) -> tuple[str, ...]:
    """Amend values, in their own unit of work."""
    with unit_of_work():
        return amend_results(AmendResults(request_id, typed(**tests), reason), actor=actor)


def a_critical_call(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """A potassium of 6.8, typed and checked: (request, call)."""
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    (call_id,) = check(request_id, world.colleague, "UE")
    return request_id, call_id


def an_authorised_request(world: World, **card: object) -> uuid.UUID:
    """A CRP authorised by a senior."""
    request_id = on_the_bench(world, tests=("CRP",), **card)
    enter(request_id, world.scientist, CRP=CRP)
    authorise(request_id, world.senior, "CRP")
    return request_id


def versions(request_id: uuid.UUID, analyte: str) -> list[Result]:
    """All versions of a value, oldest first."""
    from sqlalchemy import select

    statement = select(Result).where(
        Result.request_id == request_id, Result.analyte_code == analyte
    )
    return list(session().scalars(statement.order_by(Result.version)))


def live(request_id: uuid.UUID, analyte: str) -> Result:
    """The version that stands."""
    (row,) = [
        row for row in versions(request_id, analyte) if row.status is not ResultStatus.SUPERSEDED
    ]
    return row


def value(request_id: uuid.UUID, analyte: str):
    """The value that stands, unsealed."""
    return opened(live(request_id, analyte))


def call(call_id: uuid.UUID) -> CriticalCall:
    """The call as it stands."""
    row = session().get(CriticalCall, call_id, populate_existing=True)
    assert row is not None
    return row
