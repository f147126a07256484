"""Moving a test, its tubes and times; and who may reach a request at all."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.models import (
    Request,
    RequestedTest,
    TestMove,
)
from lab_contingency.requests.queries import (
    moves_of,
    planned_tubes,
    request_by_number,
    request_id_of,
    request_view,
)
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction, TestStatus
from lab_contingency.requests.services import (
    Evidence,
    change_band,
    lock_request,
    move_test,
    next_tube_number,
    note_received,
    plan_again,
    reach,
)
from tests.clients import stranger_id
from tests.factories.world import SYSTEM, a_request


@pytest.fixture
def placed(world):
    return a_request(world, tests=("FBC", "UE"))


def _version(placed) -> int:
    return session().scalars(select(Request.version).where(Request.id == placed.request_id)).one()


def _move(placed, code: str, action: TestAction, world, **evidence) -> None:
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        test = (
            session()
            .scalars(
                select(RequestedTest).where(
                    RequestedTest.request_id == placed.request_id, RequestedTest.test_code == code
                )
            )
            .one()
        )
        move_test(request, test, action, Evidence(**evidence), actor=world.senior)


def _force(placed, status: TestStatus, world) -> None:
    """Set the status past the services; only to begin from."""
    with unit_of_work():
        session().execute(
            update(RequestedTest)
            .where(RequestedTest.request_id == placed.request_id)
            .values(status=status, laboratory_id=world.laboratories["KCH-LAB"])
        )


@pytest.mark.parametrize("status", TestStatus)
def test_the_service_moves_exactly_what_the_table_allows(world, status):
    placed, moved = a_request(world), 0
    evidence = {"reason": "because", "laboratory_id": world.laboratories["KCH-LAB"]}

    for action in TestAction:
        _force(placed, status, world)
        if status in TRANSITIONS[action].sources:
            _move(placed, "FBC", action, world, **evidence)
            after, moved = TRANSITIONS[action].target, moved + 1
        else:
            with pytest.raises(RuleBroken):
                _move(placed, "FBC", action, world, **evidence)
            after = status

        assert session().scalars(select(RequestedTest.status)).one() is after, action
        assert session().scalars(select(func.count(TestMove.id))).one() == moved, action


def test_a_move_keeps_when_it_happened_beside_when_it_was_recorded(world, placed):
    happened = clock.now() - dt.timedelta(hours=2)

    _move(
        placed,
        "FBC",
        TestAction.DEFER,
        world,
        reason_code="STABLE",
        reason="stable, later",
        occurred_at=happened,
    )

    move = moves_of(placed.request_id)[0]
    assert (move.occurred_at, move.by_name) == (happened, world.senior.name)
    assert move.recorded_at > happened
    assert (move.reason_code, move.reason) == ("STABLE", "stable, later")


def test_the_database_refuses_a_test_on_a_bench_that_is_at_no_laboratory(world, placed):
    with pytest.raises(IntegrityError), unit_of_work():
        session().execute(update(RequestedTest).values(status=TestStatus.RECEIVED))


def test_a_laboratory_reaches_a_request_from_the_moment_it_is_assigned(world, placed):
    with pytest.raises(NotFound):
        request_view(placed.request_id, world.scientist)
    _move(placed, "FBC", TestAction.ACCEPT, world)
    _move(placed, "FBC", TestAction.ASSIGN, world, laboratory_id=world.laboratories["KCH-LAB"])

    assert request_view(placed.request_id, world.scientist).number == placed.number
    with pytest.raises(NotFound):
        request_view(placed.request_id, world.partner)


def test_a_reopened_request_is_open_again(world, placed):
    _force(placed, TestStatus.AUTHORISED, world)
    with unit_of_work():
        session().execute(update(Request).values(closed_at=clock.now()))

    _move(placed, "FBC", TestAction.AMEND, world, reason="typed wrong")

    assert request_view(placed.request_id, world.doctor).closed_at is None


# --- tubes and times ---------------------------------------------------------------------------


def test_tubes_of_a_form_are_numbered_on(world, placed):
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        numbers = [next_tube_number(request) for _ in range(3)]

    assert [number[9:11] for number in numbers] == ["01", "02", "03"]
    assert {number[:9] for number in numbers} == {placed.number[:9]}


def test_a_form_that_used_its_tube_numbers_says_so(world, placed):
    with pytest.raises(RuleBroken, match="99 tube numbers"), unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        request.next_tube = 100
        next_tube_number(request)


def test_a_tube_taken_again_replaces_the_first(world, placed):
    first = planned_tubes(placed.request_id)[0]

    with unit_of_work():
        plan_again(first.id)

    last = planned_tubes(placed.request_id)[-1]
    assert (last.replaces_id, last.container, last.ordinal) == (first.id, first.container, 3)


def test_from_receipt_the_laboratorys_own_target_runs(world, placed):
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        early, late = clock.now(), clock.now() + dt.timedelta(minutes=5)
        note_received(request, late, dt.timedelta(minutes=30))
        note_received(request, early, dt.timedelta(minutes=30))

    view = request_view(placed.request_id, world.doctor)
    assert view.received_at == early
    assert view.due_at == early + dt.timedelta(minutes=30)


def test_another_band_keeps_what_the_clinician_asked_for(world, placed):
    later = clock.now() + dt.timedelta(hours=24)
    with unit_of_work():
        change_band(
            lock_request(placed.request_id, actor=SYSTEM), Band.P3, later, actor=world.senior
        )

    view = request_view(placed.request_id, world.doctor)
    assert (view.band_asked, view.band) == (Band.P1, Band.P3)
    assert view.due_at == view.needed_by == later


# --- reach -------------------------------------------------------------------------------------

INSIDE = {"doctor", "senior", "second_senior", "porter", "coordinator"}


@pytest.mark.parametrize(
    "name",
    [
        "doctor",
        "other_doctor",
        "porter",
        "scientist",
        "other_scientist",
        "senior",
        "coordinator",
        "partner",
        "governance",
        "administrator",
    ],
)
def test_a_request_is_reached_by_those_within_its_scope_and_does_not_exist_for_others(
    world, placed, name
):
    actor = world.people[name]
    with unit_of_work():
        reach(placed.request_id, world.laboratories["KCH-LAB"], actor=world.senior)

    found = request_id_of(placed.number, actor)

    if name in INSIDE | {"scientist"}:
        assert found == placed.request_id
        assert request_view(placed.request_id, actor).id == placed.request_id
        return
    assert found is None
    for missing in (
        lambda: request_view(placed.request_id, actor),
        lambda: request_by_number(placed.number, actor),
        lambda: lock_request(placed.request_id, actor=actor),
    ):
        with pytest.raises(NotFound):
            missing()


def test_out_of_reach_is_told_with_the_words_of_not_existing(world, placed):
    with pytest.raises(NotFound) as outside:
        request_view(placed.request_id, world.other_doctor)
    with pytest.raises(NotFound) as nowhere:
        request_view(stranger_id(), world.other_doctor)

    assert outside.value.message == nowhere.value.message


def test_a_laboratory_role_without_a_laboratory_reaches_nothing(world, placed):
    actor = Actor(uuid.uuid4(), "Nobody", Role.LABORATORY.value)

    assert request_id_of(placed.number, actor) is None
    assert request_id_of(placed.number, replace(actor, role=Role.REQUESTER.value)) is None
