"""The pages of planning, through the browser's door."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from lab_contingency.foundation import clock
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from tests.clients import stranger_id
from tests.factories.waiting import held_tests, places_of, sent, waits

pytestmark = pytest.mark.feature(93)


@pytest.fixture
def coordinator(world, client_for):
    return client_for("coordinator")


def made(client):
    client.post("planning.make")
    return client.get("planning.plan")


def plan_of(page) -> str:
    return re.search(r'name="plan" value="([0-9a-f-]+)"', page.text)[1]


def lines_of(page) -> list[str]:
    return re.findall(r'name="chosen" value="([0-9a-f-]+)"', page.text)


def test_no_plan_yet_says_what_to_press(coordinator):
    page = coordinator.get("planning.plan")
    assert "No plan was made yet." in page.words
    assert "Plan the queue" in page.words


def test_the_coordinator_sees_numbers_and_kinds_but_no_names(app, world, coordinator):
    with app.app_context():
        waits(world, tests=("FBC", "UE"))
    page = made(coordinator)
    assert "1 test, Haematology" in page.words
    assert "WOŹNIAK" not in page.text.upper()
    assert "FBC" not in page.words


def test_a_senior_sees_which_tests(app, world, client_for):
    with app.app_context():
        waits(world, tests=("FBC", "UE"))
    assert "FBC" in made(client_for("senior")).words


def test_accepting_all_and_the_ticked(app, world, coordinator):
    with app.app_context():
        first, second = waits(world, 1, tests=("FBC",)), waits(world, 2, tests=("UE",))
    page = made(coordinator)
    data = {"plan": plan_of(page), "what": "accept", "chosen": lines_of(page)[:1]}
    assert coordinator.post("planning.settle", data=data).status == 303
    assert "1 test sent where the plan says." in coordinator.get("planning.plan").words
    coordinator.post("planning.accept_all", data={"plan": plan_of(page)})
    with app.app_context():
        states = {row.status for one in (first, second) for row in held_tests(one).values()}
    assert states == {TestStatus.ASSIGNED}
    assert "Nothing of this plan is left to send." in coordinator.get("planning.plan").words


def test_where_nothing_is_left_to_send_nothing_is_offered_to_accept(app, world, coordinator):
    with app.app_context(), clock.at(clock.now() - dt.timedelta(hours=3)):
        sent(world, waits(world, tests=("FBC",), band=Band.P1))
    page = made(coordinator).words
    assert "Nothing of this plan is left to send." in page
    assert "Late: 1" in page
    assert "Fix the ticked" in page
    assert "Accept the ticked" not in page


def test_nothing_ticked_asks_for_a_tick(app, world, coordinator):
    with app.app_context():
        waits(world, tests=("FBC",))
    page = made(coordinator)
    answer = coordinator.post("planning.settle", data={"plan": plan_of(page), "what": "accept"})
    assert answer.status == 422
    assert "Tick a line first, or accept all." in answer.words


@pytest.mark.parametrize("bad", ["", "x", "0" * 36])
def test_a_plan_that_cannot_be_read_is_never_accepted(app, world, coordinator, bad):
    with app.app_context():
        waits(world, tests=("FBC",))
    made(coordinator)
    answer = coordinator.post("planning.accept_all", data={"plan": bad})
    assert answer.status == 422
    assert "another plan" in answer.words


def test_a_line_is_put_elsewhere_and_fixed(app, world, coordinator):
    with app.app_context():
        waits(world, tests=("FBC",))
    (line,) = lines_of(made(coordinator))
    page = coordinator.get("planning.line", line_id=line)
    assert "Change a line" in page.words
    where = str(world.laboratories["STH-LAB"])
    data = {"laboratory": where}
    assert coordinator.post("planning.change", line_id=line, data=data).status == 303
    page = coordinator.get("planning.plan")
    assert "fixed by hand" in page.words
    assert "1 test goes elsewhere than in the plan before." in page.words
    answer = coordinator.get("planning.line", line_id=line)  # of the plan before
    assert answer.status == 303
    assert "The plan was made again. Its lines are new." in coordinator.follow(answer).words
    answer = coordinator.post("planning.change", line_id=line, data=data)
    assert answer.status == 303
    page = coordinator.follow(answer)
    assert "Its lines are new. Nothing of yours was saved." in page.words
    (now,) = lines_of(page)
    data = {"plan": plan_of(page), "what": "free", "chosen": [now]}
    coordinator.post("planning.settle", data=data)
    assert "1 test may move again." in coordinator.get("planning.plan").words


def test_late_and_impossible_stand_first_with_what_would_help(app, world, coordinator):
    with app.app_context():
        places_of(world, "HAEM", 0)
        waits(world, 1, tests=("FBC",))
        waits(world, 2, tests=("UE",), band=Band.P3, reason_code="")
    words = made(coordinator).words
    assert words.index("Nobody can: 1") < words.index("In time: 1")
    assert "more place in Haematology at" in words or "no laboratory" in words


def test_what_if_compares_and_says_so_when_it_does_not_know(app, world, coordinator):
    with app.app_context():
        waits(world, tests=("FBC",))
    case = f"drops:{world.laboratories['KCH-LAB']}"
    page = coordinator.get("planning.suppose", case=case)
    assert "If King's core laboratory drops out" in page.words
    assert "<svg" in page.text
    assert "That cannot be supposed." in coordinator.get("planning.suppose", case="rain:1").words


def test_a_laboratory_drops_out_and_comes_back(app, world, coordinator):
    with app.app_context():
        request_id = waits(world, tests=("FBC",))
        sent(world, request_id)
    place = world.laboratories["KCH-LAB"]
    page = coordinator.get("planning.outage", laboratory_id=place)
    assert "1 test bound for it and not left yet" in page.words
    answer = coordinator.post("planning.declare", laboratory_id=place, data={"until": "25:99"})
    assert answer.status == 422
    assert "25:99" in answer.text
    coordinator.post("planning.declare", laboratory_id=place, data={"reason": "power"})
    page = coordinator.get("planning.plan")
    assert "takes no work. 1 test moved." in page.words
    with app.app_context():
        assert held_tests(request_id)["FBC"].laboratory_id != place
    assert "OUT OF ACTION" in coordinator.get("planning.laboratories").words
    assert "out of action since" in coordinator.get("planning.outage", laboratory_id=place).words
    coordinator.post("planning.put_back", laboratory_id=place)
    assert "OUT OF ACTION" not in coordinator.get("planning.laboratories").words


def test_after_an_outage_the_page_lists_what_moved_and_offers_to_plan_the_rest(
    app, world, coordinator
):
    with app.app_context():
        sent(world, waits(world, 1, tests=("FBC",)))
        waits(world, 2, tests=("UE", "CRP"))
    data = {"reason": "power"}
    place = world.laboratories["KCH-LAB"]
    page = coordinator.follow(coordinator.post("planning.declare", data=data, laboratory_id=place))
    assert "because King's core laboratory dropped out" in page.words
    assert "Moved from King's core laboratory: 1" in page.words
    assert "2 tests wait for a laboratory beside this plan." in page.words
    assert "Plan again for the tests that wait." in page.words


def test_what_is_not_there_is_not_found(coordinator):
    assert coordinator.get("planning.line", line_id=stranger_id()).status == 404
    assert coordinator.get("planning.outage", laboratory_id=stranger_id()).status == 404
