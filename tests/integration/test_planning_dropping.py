"""A laboratory drops out: said once, moved in one step, refused until it is back; and what would be if."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from lab_contingency.audit.models import AuditEvent
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.models import PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.laboratories import at_work
from lab_contingency.routing.planning.queries.supposing import cases, what_if
from lab_contingency.routing.services import end_outage
from tests.clients import stranger_id
from tests.factories.waiting import held_tests, sent, waits
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
