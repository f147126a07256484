"""Choosing laboratories: by suggestion, by hand, again; and what is refused at that moment."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from sqlalchemy import func, select, update

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken, RulesBroken
from lab_contingency.incidents.commands import StopTest
from lab_contingency.incidents.services import stop_test
from lab_contingency.network.models import Capacity
from lab_contingency.requests.models import PlannedTube, RequestedTest
from lab_contingency.requests.queries.views import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import AssignTests, ReassignTests
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.services import (
    accept_and_assign,
    assign_tests,
    reassign_tests,
    take_suggestions,
)
from lab_contingency.specimens.commands import AcceptByHand
from lab_contingency.specimens.rules import HandItem
from lab_contingency.specimens.services import receive_form
from lab_contingency.triage.commands import AcceptTests, DeclineTests
from lab_contingency.triage.services import accept_tests, decline_tests
from tests.factories.world import a_request, an_identity, make_world

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
TAKEN = dt.timedelta(minutes=20)


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(MORNING):
        yield make_world()


def held_tests(request_id) -> dict[str, RequestedTest]:
    rows = session().scalars(
        select(RequestedTest)
        .where(RequestedTest.request_id == request_id)
        .execution_options(populate_existing=True)
    )
    return {row.test_code: row for row in rows}


def accepted(world, **card) -> uuid.UUID:
    placed = a_request(world, **{"collected_at": clock.now() - TAKEN, **card})
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, None), actor=world.senior)
    return placed.request_id


def change_capacity(world, per_hour) -> None:
    session().execute(update(Capacity).values(per_hour=per_hour))
    record("network:changed", None, actor=world.coordinator)


def received(world, request_id, laboratory="KCH-LAB") -> None:
    tubes = session().scalars(select(PlannedTube.id).where(PlannedTube.request_id == request_id))
    for tube in tubes.all():
        with unit_of_work():
            command = AcceptByHand(
                request_id, tube, frozenset(HandItem), clock.now() - TAKEN, "Dr A. Okafor"
            )
            receive_form(command, world.laboratories[laboratory], actor=world.senior)


def send(world, request_id, laboratory, *codes) -> None:
    where = dict.fromkeys(codes, world.laboratories[laboratory])
    with unit_of_work():
        assign_tests(AssignTests(request_id, None, where), actor=world.senior)


def test_one_call_accepts_and_sends_every_test_where_it_is_suggested(world):
    placed = a_request(world, tests=("FBC", "UE", "COAG"), collected_at=MORNING - TAKEN)
    with unit_of_work():
        routed = accept_and_assign(placed.request_id, 1, actor=world.senior)
    core = world.laboratories["KCH-LAB"]
    assert dict(routed.assigned) == {"FBC": core, "UE": core, "COAG": core}
    assert routed.nobody == {}
    assert {row.status for row in held_tests(placed.request_id).values()} == {TestStatus.ASSIGNED}


def test_every_suggested_assignment_explains_itself(world):
    placed = a_request(world, tests=("LAC",), collected_at=MORNING - TAKEN)
    with unit_of_work():
        accept_and_assign(placed.request_id, 1, actor=world.senior)
    (row,) = session().scalars(select(Assignment)).all()
    assert row.suggested
    assert "result about 10:3" in row.explanation
    assert row.hour == MORNING


def test_accepting_on_a_stale_row_is_refused(world):
    placed = a_request(world)
    with unit_of_work():
        accept_and_assign(placed.request_id, 1, actor=world.senior)
    with pytest.raises(ChangedByAnother), unit_of_work():
        accept_and_assign(placed.request_id, 1, actor=world.second_senior)


def test_pressing_accept_again_says_that_nothing_waits(world):
    placed = a_request(world)
    with unit_of_work():
        accept_and_assign(placed.request_id, None, actor=world.senior)
    with pytest.raises(RuleBroken, match="Nothing of this request waits"), unit_of_work():
        accept_and_assign(placed.request_id, None, actor=world.senior)


def test_a_test_that_nobody_can_do_stays_accepted_and_says_why(world):
    placed = a_request(world, tests=("FBC", "UE"), collected_at=MORNING - TAKEN)
    with unit_of_work():
        stop_test(StopTest("FBC", "The analyser is down.", None), actor=world.coordinator)
        routed = accept_and_assign(placed.request_id, None, actor=world.senior)
    assert "The analyser is down." in routed.nobody["FBC"]
    assert held_tests(placed.request_id)["FBC"].status is TestStatus.ACCEPTED
    assert held_tests(placed.request_id)["UE"].status is TestStatus.ASSIGNED


@pytest.mark.hazard("H30")
def test_choosing_a_laboratory_without_the_test_on_its_menu_is_refused(world):
    request_id = accepted(world, tests=("MG", "FILM"))
    with pytest.raises(RulesBroken, match="cannot: not on its menu"):
        send(world, request_id, "BHR-LAB", "FILM")
    assert held_tests(request_id)["FILM"].status is TestStatus.ACCEPTED


@pytest.mark.hazard("H30")
def test_choosing_a_laboratory_that_opens_too_late_is_refused(world):
    with clock.at(NIGHT):
        request_id = accepted(world, tests=("LAC",))
        with pytest.raises(RulesBroken, match="cannot"):
            send(world, request_id, "BHR-LAB", "LAC")


@pytest.mark.hazard("H30")
def test_choosing_a_laboratory_for_an_expired_sample_is_refused(world):
    request_id = accepted(world, tests=("LAC",), collected_at=MORNING - dt.timedelta(hours=3))
    with pytest.raises(RulesBroken, match="take it again"):
        send(world, request_id, "KCH-LAB", "LAC")


@pytest.mark.hazard("H30")
def test_choosing_a_laboratory_for_a_stopped_test_is_refused(world):
    request_id = accepted(world)
    with unit_of_work():
        stop_test(StopTest("FBC", "The analyser is down.", None), actor=world.coordinator)
    with pytest.raises(RulesBroken, match="not offered today: The analyser is down"):
        send(world, request_id, "KCH-LAB", "FBC")


@pytest.mark.hazard("H20")
def test_choosing_a_laboratory_without_capacity_is_refused(world):
    request_id = accepted(world)
    with unit_of_work():
        change_capacity(world, 0)
    with pytest.raises(RulesBroken, match="no capacity within a day"):
        send(world, request_id, "KCH-LAB", "FBC")


@pytest.mark.hazard("H20")
def test_a_full_hour_sends_the_next_test_to_the_next_hour(world):
    with unit_of_work():
        change_capacity(world, 1)
    hours = []
    for seed in (1, 2):
        request_id = accepted(world, identity=an_identity(seed))
        send(world, request_id, "KCH-LAB", "FBC")
        test_id = held_tests(request_id)["FBC"].id
        hours.append(
            session()
            .scalars(select(Assignment.hour).where(Assignment.requested_test_id == test_id))
            .one()
        )
    assert hours == [MORNING, MORNING + dt.timedelta(hours=1)]


def test_a_declined_test_gives_its_place_back(world):
    with unit_of_work():
        change_capacity(world, 1)
    first = accepted(world, identity=an_identity(1))
    send(world, first, "KCH-LAB", "FBC")
    with unit_of_work():
        decline_tests(DeclineTests(first, None, "NO_CHANGE"), actor=world.senior)
    second = accepted(world, identity=an_identity(2))
    send(world, second, "KCH-LAB", "FBC")
    newest = select(Assignment.hour).order_by(Assignment.id.desc())
    assert set(session().scalars(newest).all()) == {MORNING}


def test_sending_elsewhere_needs_a_reason_and_ends_the_first_choice(world):
    request_id = accepted(world)
    send(world, request_id, "KCH-LAB", "FBC")
    where = {"FBC": world.laboratories["STH-LAB"]}
    with pytest.raises(RuleBroken, match="Say why"), unit_of_work():
        reassign_tests(ReassignTests(request_id, None, where, " "), actor=world.senior)
    with unit_of_work():
        command = ReassignTests(request_id, None, where, "Analyser stopped")
        reassign_tests(command, actor=world.senior)
    assert held_tests(request_id)["FBC"].laboratory_id == world.laboratories["STH-LAB"]
    ended = session().scalars(select(Assignment.ended_by).order_by(Assignment.id)).all()
    assert sorted(ended, key=str) == [None, "Senior"]


def test_a_tube_received_before_it_is_assigned_is_on_the_bench_at_once(world):
    request_id = accepted(world)
    received(world, request_id)
    assert held_tests(request_id)["FBC"].status is TestStatus.ACCEPTED
    with unit_of_work():
        take_suggestions(request_id, actor=world.senior)
    assert held_tests(request_id)["FBC"].status is TestStatus.RECEIVED
    assert request_view(request_id, world.senior).due_at == MORNING + dt.timedelta(hours=1)


def test_a_tube_assigned_before_it_is_received_is_on_the_bench_at_receipt(world):
    request_id = accepted(world)
    send(world, request_id, "KCH-LAB", "FBC")
    received(world, request_id)
    assert held_tests(request_id)["FBC"].status is TestStatus.RECEIVED


def test_a_tube_received_elsewhere_stays_assigned_until_it_arrives(world):
    request_id = accepted(world)
    received(world, request_id, "KCH-LAB")
    send(world, request_id, "STH-LAB", "FBC")
    assert held_tests(request_id)["FBC"].status is TestStatus.ASSIGNED


def test_an_old_sample_that_reception_took_in_is_done_where_it_stands(world):
    request_id = accepted(world, tests=("LAC",), collected_at=MORNING - dt.timedelta(hours=2))
    tube = session().scalars(select(PlannedTube.id)).one()
    with unit_of_work():
        command = AcceptByHand(
            request_id,
            tube,
            frozenset(HandItem),
            MORNING - dt.timedelta(hours=2),
            "Dr A. Okafor",
            "irreplaceable",
        )
        receive_form(command, world.laboratories["KCH-LAB"], actor=world.senior)
    with unit_of_work():
        take_suggestions(request_id, actor=world.senior)
    row = held_tests(request_id)["LAC"]
    assert (row.status, row.laboratory_id) == (
        TestStatus.RECEIVED,
        world.laboratories["KCH-LAB"],
    )


def test_a_bedside_test_needs_no_tube_and_no_way(world):
    request_id = accepted(world, tests=("ABG",))
    with unit_of_work():
        routed = take_suggestions(request_id, actor=world.senior)
    assert dict(routed.assigned) == {"ABG": world.laboratories["KCH-LAB"]}
    assert held_tests(request_id)["ABG"].status is TestStatus.RECEIVED


def test_a_partner_sees_a_request_only_after_it_was_sent_there(world):
    request_id = accepted(world, band=Band.P3, reason_code="")
    with pytest.raises(NotFound):
        request_view(request_id, world.partner)
    send(world, request_id, "SWLP-LAB", "FBC")
    assert request_view(request_id, world.partner).id == request_id


@pytest.mark.hazard("H20")
def test_two_people_choosing_at_once_leave_one_live_assignment(app, world):
    request_id = accepted(world)
    places = ["KCH-LAB", "STH-LAB"]
    refused = []

    def choose(code):
        where = {"FBC": world.laboratories[code]}
        with app.app_context(), clock.at(MORNING):
            try:
                with unit_of_work():
                    assign_tests(AssignTests(request_id, None, where), actor=world.senior)
            except RuleBroken as error:
                refused.append(error.message)

    session().rollback()
    threads = [threading.Thread(target=choose, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    live = select(func.count()).select_from(Assignment).where(Assignment.ended_at.is_(None))
    assert session().scalars(live).one() == 1
    assert len(refused) == 1


@pytest.mark.hazard("H20")
def test_the_last_place_of_an_hour_is_given_once(app, world):
    with unit_of_work():
        change_capacity(world, 2)
    waiting = [accepted(world, identity=an_identity(seed)) for seed in range(1, 7)]
    session().rollback()

    def choose(request_id):
        where = {"FBC": world.laboratories["KCH-LAB"]}
        with app.app_context(), clock.at(MORNING), unit_of_work():
            assign_tests(AssignTests(request_id, None, where), actor=world.senior)

    threads = [threading.Thread(target=choose, args=(one,)) for one in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = select(Assignment.hour, func.count()).group_by(Assignment.hour)
    assert sorted(count for _, count in session().execute(counted).all()) == [2, 2, 2]
