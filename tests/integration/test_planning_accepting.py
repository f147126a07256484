"""A plan of the whole queue: what it proposes, what a person changes, and what becomes of its lines."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken
from lab_contingency.network.models import MenuEntry
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.commands import ChangeLine, ChosenLines
from lab_contingency.routing.planning.models import LineState, PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.plans import plan_view
from lab_contingency.routing.services import declare_outage
from tests.factories.waiting import held_tests, places_of, sent, waits
from tests.factories.world import make_world

NIGHT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.feature(93)


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NIGHT):
        yield make_world()


def planned(actor):
    with unit_of_work():
        return services.plan_again(actor=actor)


def lines(plan_id) -> dict[str, PlanLine]:
    statement = (
        select(RequestedTest.test_code, PlanLine)
        .join(PlanLine, PlanLine.requested_test_id == RequestedTest.id)
        .where(PlanLine.plan_id == plan_id)
        .execution_options(populate_existing=True)
    )
    return dict(session().execute(statement).all())


def accept_all(plan_id, actor):
    with unit_of_work():
        return services.accept_lines(None, plan_id, actor=actor)


def test_a_plan_proposes_and_sends_nothing(world):
    request_id = waits(world, tests=("FBC", "UE", "CRP"))
    plan_id = planned(world.coordinator)
    assert {row.state for row in lines(plan_id).values()} == {LineState.PROPOSED}
    assert {row.laboratory_id for row in lines(plan_id).values()} == {world.laboratories["KCH-LAB"]}
    assert all("result about" in row.why for row in lines(plan_id).values())
    assert {row.status for row in held_tests(request_id).values()} == {TestStatus.ACCEPTED}
    assert session().scalars(select(Assignment)).all() == []
    row = session().get_one(RoutePlan, plan_id)
    assert (row.made_by, row.replaces_id) == ("Coordinator", None)


def test_accepting_all_sends_each_test_where_the_plan_says_in_its_hour(world):
    request_id = waits(world, tests=("FBC", "UE"))
    plan_id = planned(world.coordinator)
    accepted = accept_all(plan_id, world.coordinator)
    assert (accepted.sent, accepted.refused, accepted.left) == (2, 0, 0)
    assert {row.status for row in held_tests(request_id).values()} == {TestStatus.ASSIGNED}
    said = {row.explanation for row in session().scalars(select(Assignment))}
    assert said == {row.why for row in lines(plan_id).values()}
    assert all(row.suggested for row in session().scalars(select(Assignment)))
    assert {row.settled_by for row in lines(plan_id).values()} == {"Coordinator"}


def test_a_coordinators_plan_leaves_to_a_senior_what_waits_for_triage(world):
    request_id = waits(world, accept=False, tests=("FBC",))
    plan_id = planned(world.coordinator)
    (line,) = lines(plan_id).values()
    with unit_of_work():
        chosen = ChosenLines(plan_id, (line.id,))
        accepted = services.accept_lines(chosen, plan_id, actor=world.coordinator)
    assert (accepted.sent, accepted.refused) == (0, 1)
    assert held_tests(request_id)["FBC"].status is TestStatus.REQUESTED
    assert lines(plan_id)["FBC"].refused == "It waits for triage: a senior accepts it."
    assert accept_all(plan_id, world.senior).sent == 1
    assert held_tests(request_id)["FBC"].status is TestStatus.ASSIGNED


@pytest.mark.hazard("H20")
@pytest.mark.feature(30)
def test_what_no_longer_holds_is_refused_with_the_reason_and_the_rest_is_sent(world):
    first, second = waits(world, 1, tests=("FBC",)), waits(world, 2, tests=("COAG",))
    plan_id = planned(world.coordinator)
    places_of(world, "HAEM", 0)
    accepted = accept_all(plan_id, world.coordinator)
    assert (accepted.sent, accepted.refused) == (1, 1)
    assert held_tests(first)["FBC"].status is TestStatus.ACCEPTED
    assert held_tests(second)["COAG"].status is TestStatus.ASSIGNED
    refused = lines(plan_id)["FBC"]
    assert refused.state is LineState.REFUSED
    assert "no capacity within a day" in refused.refused


@pytest.mark.hazard("H30")
def test_places_are_given_to_the_more_pressing_and_the_others_told_what_would_help(world):
    places_of(world, "HAEM", 0)
    places_of(world, "HAEM", 1, "KCH-LAB")
    late = waits(world, 1, tests=("FBC",), band=Band.P2, reason_code="")
    first = waits(world, 2, tests=("FBC",), band=Band.P1)
    plan_id = planned(world.coordinator)
    rows = session().scalars(select(PlanLine).where(PlanLine.plan_id == plan_id)).all()
    hours = {row.requested_test_id: row.begins_at for row in rows}
    assert hours[held_tests(first)["FBC"].id] < hours[held_tests(late)["FBC"].id]


def test_what_nobody_can_do_says_why_and_what_would_help(world):
    places_of(world, "HAEM", 0)
    waits(world, tests=("FBC",))
    line = lines(planned(world.coordinator))["FBC"]
    assert line.laboratory_id is None
    assert line.why
    assert line.helps
    view = plan_view(world.coordinator)
    assert view is not None
    assert view.nobody.tests == 1
    assert view.wishes


def test_a_test_too_old_for_everybody_is_to_be_taken_again(world):
    waits(world, tests=("LAC",), collected_at=clock.now() - dt.timedelta(hours=3))
    line = lines(planned(world.coordinator))["LAC"]
    assert line.laboratory_id is None
    assert "expired" in line.why
    assert line.helps == "if it is taken again"


@pytest.mark.feature(34)
def test_a_changed_line_is_fixed_and_stays_when_planned_again(world):
    waits(world, tests=("FBC",))
    plan_id = planned(world.coordinator)
    other = world.laboratories["STH-LAB"]
    with unit_of_work():
        command = ChangeLine(lines(plan_id)["FBC"].id, other)
        again = services.change_line(command, actor=world.coordinator)
    assert lines(again)["FBC"].laboratory_id == other
    assert lines(again)["FBC"].why.startswith("fixed by hand")
    assert session().get_one(RoutePlan, again).moved == 1
    third = planned(world.coordinator)
    assert lines(third)["FBC"].laboratory_id == other
    with unit_of_work():
        chosen = ChosenLines(third, (lines(third)["FBC"].id,))
        services.free_lines(chosen, actor=world.coordinator)
    assert lines(planned(world.coordinator))["FBC"].laboratory_id == world.laboratories["KCH-LAB"]


def test_an_older_plan_is_not_accepted(world):
    waits(world, tests=("FBC",))
    first = planned(world.coordinator)
    planned(world.senior)
    with pytest.raises(ChangedByAnother, match="another plan"), unit_of_work():
        services.accept_lines(None, first, actor=world.coordinator)


def test_nothing_to_accept_says_so(world):
    plan_id = planned(world.coordinator)
    with pytest.raises(RuleBroken, match="Plan again"), unit_of_work():
        services.accept_lines(None, plan_id, actor=world.coordinator)


def test_what_is_chosen_already_may_move_but_stays_where_that_is_as_good(world):
    request_id = waits(world, tests=("FBC",))
    sent(world, request_id, "KCH-LAB")
    plan_id = planned(world.coordinator)
    line = lines(plan_id)["FBC"]
    assert line.laboratory_id == line.from_laboratory_id == world.laboratories["KCH-LAB"]
    view = plan_view(world.coordinator)
    assert view is not None
    assert (view.staying, view.to_send) == (1, 0)


def test_a_series_goes_to_one_laboratory(world):
    first = waits(world, 1, tests=("TROP",))
    sent(world, first, "STH-LAB")
    with unit_of_work():
        session().execute(
            update(RequestedTest)
            .where(RequestedTest.request_id == first)
            .values(status=TestStatus.RECEIVED)
        )
    waits(world, 1, tests=("TROP",), overrides={"TROP": "second sample"})
    line = lines(planned(world.coordinator))["TROP"]
    assert line.laboratory_id == world.laboratories["STH-LAB"]


@pytest.mark.parametrize("method", ["Roche cobas", "Abbott Alinity"])
def test_a_series_that_must_go_on_elsewhere_says_so(world, method):
    first = waits(world, 1, tests=("TROP",))
    sent(world, first, "STH-LAB")
    there, elsewhere = world.laboratories["STH-LAB"], world.laboratories["KCH-LAB"]
    with unit_of_work():
        begun = update(RequestedTest).where(RequestedTest.request_id == first)
        session().execute(begun.values(status=TestStatus.RECEIVED))
        entry = update(MenuEntry).where(MenuEntry.test_code == "TROP")
        session().execute(
            entry.where(MenuEntry.laboratory_id == there).values(method="Roche cobas")
        )
        session().execute(entry.where(MenuEntry.laboratory_id == elsewhere).values(method=method))
        declare_outage(DeclareOutage(there, "Flood", None), actor=world.coordinator)
    waits(world, 1, tests=("TROP",), overrides={"TROP": "second sample"})
    places_of(world, "CHEM", 9)  # whoever changes the network records it

    line = lines(planned(world.coordinator))["TROP"]

    assert line.laboratory_id not in (None, there)
    alike = line.laboratory_id == elsewhere and method == "Roche cobas"
    said = "by the same method" if alike else "by another method: values cannot be compared"
    assert f"its series began at St Thomas' core laboratory, {said}" in line.why


@pytest.mark.hazard("H14")
@pytest.mark.feature(94)
def test_no_line_begins_after_its_sample_is_too_old(world):
    for seed in range(1, 7):
        age = dt.timedelta(hours=seed)
        waits(world, seed, tests=("COAG", "UE", "FBC"), collected_at=clock.now() - age)
    places_of(world, "COAG", 1)
    plan_id = planned(world.coordinator)
    limits = {"COAG": 8, "UE": 12, "FBC": 24}
    rows = session().execute(
        select(RequestedTest.test_code, PlanLine.begins_at, RequestedTest.request_id)
        .join(PlanLine, PlanLine.requested_test_id == RequestedTest.id)
        .where(PlanLine.plan_id == plan_id, PlanLine.begins_at.is_not(None))
    )
    ages = dict(zip(_requests_in_order(), range(1, 7), strict=True))
    checked = 0
    for code, begins_at, request_id in rows:
        taken = NIGHT - dt.timedelta(hours=ages[request_id])
        assert begins_at < taken + dt.timedelta(hours=limits[code])
        checked += 1
    assert checked > 10


def _requests_in_order():
    statement = select(RequestedTest.request_id).order_by(RequestedTest.request_id).distinct()
    return list(session().scalars(statement))
