"""The page of a plan says what changed since it was made, without anybody asking."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.network.commands import SetCapacity, SetSlots
from lab_contingency.network.queries.editing import capacity_of, laboratory_sheet, slots_of
from lab_contingency.network.services import remove_menu_line, set_capacity, set_slots
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.planning import services
from lab_contingency.routing.planning.queries.plans import plan_view
from lab_contingency.routing.services import declare_outage, end_outage
from tests.factories.waiting import sent, waits
from tests.factories.world import make_world

NIGHT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

pytestmark = [pytest.mark.feature(93), pytest.mark.hazard("H30")]


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NIGHT):
        yield make_world()


@pytest.fixture
def later(world):
    """A plan stands, and a minute has passed."""
    waits(world, 1)
    plan(world)
    with clock.at(NIGHT + MINUTE):
        yield world


def plan(world):
    with unit_of_work():
        services.plan_again(actor=world.coordinator)


def since(world, actor=None):
    return plan_view(actor or world.coordinator).since


def put_out(world, laboratory="GUY-LAB"):
    with unit_of_work():
        command = DeclareOutage(world.laboratories[laboratory], "Flood", None)
        declare_outage(command, actor=world.coordinator)


def halve(world, laboratory):
    """Fewer chemistry tests an hour there."""
    lab_id = world.laboratories[laboratory]
    half = {
        key: tuple(number // 2 for number in hours) for key, hours in capacity_of(lab_id).items()
    }
    with unit_of_work():
        command = SetCapacity(lab_id, laboratory_sheet(lab_id).version, half)
        set_capacity(command, actor=world.coordinator)


def test_nothing_is_said_when_nothing_changed(later):
    assert since(later) == ""


def test_tests_that_came_in_and_a_laboratory_that_went_out(later):
    waits(later, 2, tests=("UE", "CRP"))
    waits(later, 3, accept=False)
    put_out(later, "STH-LAB")
    assert since(later) == (
        "Since this plan 3 tests came in and St Thomas' core laboratory went out of action."
    )


def test_what_is_planned_again_is_not_said_any_more(later):
    waits(later, 2)
    put_out(later, "STH-LAB")
    with clock.at(NIGHT + 2 * MINUTE):
        plan(later)
        assert since(later) == ""


def test_a_test_of_the_plan_that_is_sent_is_no_change(later):
    sent(later, waits(later, 5))
    assert since(later) == ""


def test_an_outage_that_came_and_went_is_none_and_one_that_ended_is_told(world):
    put_out(world, "STH-LAB")
    waits(world, 1)
    plan(world)
    with clock.at(NIGHT + MINUTE):
        put_out(world, "KCH-LAB")
    with clock.at(NIGHT + 2 * MINUTE):
        for laboratory in ("STH-LAB", "KCH-LAB"):
            with unit_of_work():
                end_outage(world.laboratories[laboratory], actor=world.coordinator)
        assert since(world) == "Since this plan St Thomas' core laboratory came back in work."


def test_changes_of_the_network_are_named_with_their_laboratory(later):
    halve(later, "KCH-LAB")
    partner = later.laboratories["SWLP-LAB"]
    fewer = {**slots_of(partner), Discipline.CHEM: 3}
    with clock.at(NIGHT + 2 * MINUTE), unit_of_work():
        version = laboratory_sheet(partner).version
        set_slots(SetSlots(partner, version, fewer), actor=later.coordinator)
    assert since(later) == (
        "Since this plan the tests an hour of King's core laboratory changed and the agreement with "
        "South West London Pathology, St George's changed."
    )


def test_a_line_taken_off_a_menu_is_said_and_many_changes_are_counted(later):
    kings = later.laboratories["KCH-LAB"]
    with unit_of_work():
        remove_menu_line(kings, "MG", laboratory_sheet(kings).version, actor=later.coordinator)
    assert since(later) == "Since this plan a menu changed."
    for laboratory in ("KCH-LAB", "STH-LAB", "SWLP-LAB"):
        halve(later, laboratory)
        halve(later, laboratory)
    assert since(later) == "Since this plan 4 things changed in the network."


def test_a_plan_for_a_laboratory_that_dropped_out_does_not_count_what_it_never_held(world):
    waits(world, 1)
    with unit_of_work():
        command = DeclareOutage(world.laboratories["KCH-LAB"], "power")
        services.drop_laboratory(command, actor=world.coordinator)
    with clock.at(NIGHT + MINUTE):
        waits(world, 2)
        assert since(world) == ""


def test_the_page_says_it_above_the_numbers(later, client_for):
    waits(later, 2)
    client = client_for("coordinator")
    words = client.get("planning.plan").words
    assert "Since this plan 1 test came in. Plan again; what was fixed stays fixed." in words
