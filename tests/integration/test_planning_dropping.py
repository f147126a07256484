"""A laboratory drops out: said once, moved in one step, refused until it is back; and what would be if."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select, update

from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.network.models import Link
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.commands import ChangeLine, ChosenLines
from lab_contingency.routing.planning.models import PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.laboratories import at_work
from lab_contingency.routing.planning.queries.plans import plan_view
from lab_contingency.routing.planning.queries.supposing import cases, what_if
from lab_contingency.routing.services import end_outage
from tests.clients import stranger_id
from tests.factories.waiting import held_tests, places_of, sent, waits
from tests.factories.world import make_world

NIGHT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.feature(93)


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NIGHT):
        yield make_world()


def drop(world, laboratory="KCH-LAB", reason="power", actor=None):
    with unit_of_work():
        command = DeclareOutage(world.laboratories[laboratory], reason)
        return services.drop_laboratory(command, actor=actor or world.coordinator)


def test_what_was_bound_for_it_goes_elsewhere_with_the_reason(world):
    request_id = waits(world, 1, tests=("FBC", "UE"))
    sent(world, request_id)
    dropped = drop(world)
    assert (dropped.moved.sent, dropped.nobody) == (2, 0)
    held = held_tests(request_id)
    assert {row.status for row in held.values()} == {TestStatus.ASSIGNED}
    assert world.laboratories["KCH-LAB"] not in {row.laboratory_id for row in held.values()}
    live = session().scalars(select(Assignment).where(Assignment.ended_at.is_(None))).all()
    assert all(row.sealed for row in live)  # the reason, as a person gave it
    plan = session().get_one(RoutePlan, dropped.plan_id)
    assert plan.outage_id is not None


def test_what_nobody_else_can_do_is_listed_with_what_would_help(world):
    request_id = waits(world, 1, tests=("AMM",))
    sent(world, request_id)
    dropped = drop(world)
    assert dropped.nobody == 1
    line = session().scalars(select(PlanLine).where(PlanLine.plan_id == dropped.plan_id)).one()
    assert line.laboratory_id is None
    assert line.helps
    assert held_tests(request_id)["AMM"].laboratory_id == world.laboratories["KCH-LAB"]


@pytest.mark.hazard("H30")
def test_until_it_is_back_it_takes_no_new_work(world):
    drop(world)
    request_id = waits(world, 1, tests=("FBC",))
    with pytest.raises(RulesBroken, match="out of action since 03:00: power"):
        sent(world, request_id)
    session().rollback()
    with unit_of_work():
        end_outage(world.laboratories["KCH-LAB"], actor=world.senior)
    sent(world, request_id)
    assert held_tests(request_id)["FBC"].laboratory_id == world.laboratories["KCH-LAB"]


def test_it_cannot_be_out_of_action_twice_nor_come_back_twice(world):
    drop(world)
    with pytest.raises(RuleBroken, match="out of action already"):
        drop(world, reason="again")
    with unit_of_work():
        end_outage(world.laboratories["KCH-LAB"], actor=world.coordinator)
    with pytest.raises(RuleBroken, match="not out of action"), unit_of_work():
        end_outage(world.laboratories["KCH-LAB"], actor=world.coordinator)


def test_a_reason_and_a_known_laboratory_are_needed(world):
    with pytest.raises(RuleBroken, match="Say why"):
        drop(world, reason="  ")
    with pytest.raises(NotFound), unit_of_work():
        services.drop_laboratory(DeclareOutage(stranger_id(), "power"), actor=world.senior)
    past = DeclareOutage(world.laboratories["KCH-LAB"], "power", NIGHT - dt.timedelta(hours=1))
    with pytest.raises(RuleBroken, match="has passed"), unit_of_work():
        services.drop_laboratory(past, actor=world.senior)


def plan_again(world):
    with unit_of_work():
        return services.plan_again(actor=world.coordinator)


def fixed_elsewhere(world, request_id, laboratory="STH-LAB"):
    """A plan in which a person fixed that request's test there."""
    (line_id,) = (one.id for one in lines_of(plan_again(world), request_id))
    with unit_of_work():
        command = ChangeLine(line_id, world.laboratories[laboratory])
        return services.change_line(command, actor=world.coordinator)


def lines_of(plan_id, request_id):
    statement = (
        select(PlanLine)
        .join(RequestedTest, RequestedTest.id == PlanLine.requested_test_id)
        .where(PlanLine.plan_id == plan_id, RequestedTest.request_id == request_id)
    )
    return session().scalars(statement).all()


@pytest.mark.parametrize("drops", [1, 2])
def test_what_was_fixed_stays_fixed_after_another_laboratory_dropped_out(world, drops):
    bound, fixed = waits(world, 1, tests=("FBC",)), waits(world, 2, tests=("FBC",))
    sent(world, bound)
    fixed_elsewhere(world, fixed)
    for laboratory in ("KCH-LAB", "UHL-LAB")[:drops]:
        drop(world, laboratory)
    (line,) = lines_of(plan_again(world), fixed)
    assert (line.locked, line.laboratory_id) == (True, world.laboratories["STH-LAB"])


def test_what_was_freed_before_a_laboratory_dropped_out_stays_free(world):
    request_id = waits(world, 2, tests=("FBC",))
    plan_id = fixed_elsewhere(world, request_id)
    (line,) = lines_of(plan_id, request_id)
    with unit_of_work():
        services.free_lines(ChosenLines(plan_id, (line.id,)), actor=world.coordinator)
    drop(world)
    (line,) = lines_of(plan_again(world), request_id)
    assert not line.locked


def test_what_was_fixed_at_the_laboratory_that_dropped_out_goes_elsewhere_and_says_so(world):
    request_id = waits(world, 2, tests=("FBC",))
    fixed_elsewhere(world, request_id)
    drop(world, "STH-LAB")
    (line,) = lines_of(plan_again(world), request_id)
    assert line.laboratory_id not in {None, world.laboratories["STH-LAB"]}
    assert not line.locked
    assert "was fixed at St Thomas' core laboratory, which is out of action" in line.why


def test_the_plan_of_an_outage_tells_what_moved_and_what_waits_beside_it(world):
    sent(world, waits(world, 1, tests=("FBC", "UE")))
    waits(world, 2, tests=("FBC", "UE", "CRP"))
    drop(world)
    view = plan_view(world.coordinator)
    assert (view.dropped, view.waiting) == ("King's core laboratory", 3)
    assert view.sent_on.tests == 2
    assert all(one.to and one.to != view.dropped for one in view.sent_on.rows)
    plan_again(world)
    view = plan_view(world.coordinator)
    assert (view.dropped, view.waiting, view.sent_on.rows) == ("", 0, ())
    assert view.to_send == 3


def test_supposing_keeps_what_is_fixed(world):
    fixed_elsewhere(world, waits(world, 1, tests=("FBC",)))
    found = what_if("staff:90", world.coordinator)
    loads = {one.name: (one.now, one.then) for one in found.loads}
    assert loads["St Thomas' core laboratory"] == (1, 1)
    found = what_if(f"drops:{world.laboratories['STH-LAB']}", world.coordinator)
    loads = {one.name: (one.now, one.then) for one in found.loads}
    assert loads["St Thomas' core laboratory"] == (1, 0)
    assert found.moved == 1
    assert sum(one.then.nobody for one in found.bands) == 0


def test_a_fixed_line_that_is_late_says_that_fixing_made_it_late(world):
    request_id = waits(world, 1, tests=("FBC",), band=Band.P2, reason_code="")
    with unit_of_work():
        statement = update(Link).where(Link.to_laboratory_id == world.laboratories["STH-LAB"])
        session().execute(statement.values(travel_minutes=1000))
        record("network:changed", None, actor=world.coordinator)
    (line,) = lines_of(fixed_elsewhere(world, request_id), request_id)
    assert (line.late, line.helps) == (True, "late because it was fixed there")


def test_a_fixed_line_without_room_there_says_that_it_may_move(world):
    request_id = waits(world, 1, tests=("FBC",))
    fixed_elsewhere(world, request_id)
    places_of(world, "HAEM", 0, "STH-LAB")
    (line,) = lines_of(plan_again(world), request_id)
    assert line.laboratory_id is None
    assert line.why == "no capacity within a day where it was fixed"
    assert line.helps == "if it is no longer fixed there"


def test_what_is_bound_for_a_laboratory_is_counted(world):
    sent(world, waits(world, 1, tests=("FBC", "UE")))
    place = at_work(world.laboratories["KCH-LAB"], world.coordinator)
    assert (place.bound, place.coming, place.there) == (2, 0, 0)
    with pytest.raises(NotFound):
        at_work(stranger_id(), world.coordinator)


def test_supposing_changes_nothing(world):
    sent(world, waits(world, 1, tests=("FBC",)))
    waits(world, 2, tests=("UE", "CRP"))
    counted = _rows()
    for _, group in cases():
        for code, _ in group:
            assert what_if(code, world.coordinator) is not None
    assert _rows() == counted


def _rows():
    tables = (Assignment, PlanLine, RoutePlan, AuditEvent, RequestedTest)
    return [session().scalar(select(func.count()).select_from(one)) for one in tables]


def test_a_laboratory_that_would_drop_out_loses_its_tests_to_others(world):
    waits(world, 1, tests=("FBC",))
    found = what_if(f"drops:{world.laboratories['KCH-LAB']}", world.coordinator)
    assert found is not None
    loads = {one.name: (one.now, one.then) for one in found.loads}
    assert loads["King's core laboratory"] == (1, 0)
    assert sum(then for _, then in loads.values()) == 1
    assert found.moved == 1


def test_a_discipline_that_would_stop_leaves_its_tests_undone(world):
    waits(world, 1, tests=("FBC", "UE"))
    found = what_if("discipline:HAEM", world.coordinator)
    assert found is not None
    assert sum(one.then.nobody for one in found.bands) == 1
    assert sum(one.now.nobody for one in found.bands) == 0


def test_closed_roads_leave_only_what_is_near(world):
    waits(world, 1, tests=("FBC",))
    found = what_if(f"road:{world.laboratories['KCH-LAB']}", world.coordinator)
    assert found is not None
    loads = {one.name: one.then for one in found.loads}
    assert loads["King's core laboratory"] == 1  # its own site needs no road


def test_what_cannot_be_supposed_is_nothing(world):
    assert what_if("drops:nowhere", world.coordinator) is None
