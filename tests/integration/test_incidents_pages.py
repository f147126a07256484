"""Declaring, the message on every page, and today's menu."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken
from lab_contingency.incidents.commands import DeclareIncident, StopTest
from lab_contingency.incidents.models import Incident, IncidentState, MenuDecision
from lab_contingency.incidents.queries import open_incident, stops, todays_menu
from lab_contingency.incidents.services import (
    change_message,
    declare_incident,
    offer_test,
    stop_test,
)
from tests.clients import options_of, value_of
from tests.threads import together


@pytest.fixture
def calm(world):
    """The world before anything happened."""
    with unit_of_work():
        session().delete(session().scalars(select(Incident)).one())
    return world


@pytest.fixture
def coordinator(client_for, world):
    return client_for("coordinator")


def test_before_an_incident_a_page_says_where_requests_go(client_for, calm):
    page = client_for("doctor").get("incidents.incident")

    assert page.h1 == "Incident"
    assert "No incident is declared" in page.words
    assert "coordinator" in page.words
    assert "Declare the incident" not in page.words


def test_a_coordinator_declares(client_for, calm):
    client = client_for("coordinator")
    form = {"down_since": "0640", "scope": "All sites", "message": "Ring before you send."}

    with clock.at(dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)):
        answer = client.post("incidents.declare", form)
        page = client.follow(answer)

    incident = open_incident()
    assert answer.status == 303
    assert (incident.number, incident.scope) == (1, "All sites")
    assert incident.down_since == dt.datetime(2026, 11, 23, 6, 40, tzinfo=dt.UTC)
    assert page.words.count("Ring before you send.") >= 2
    assert "Incident 1" in page.h1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"down_since": "", "scope": "All", "message": ""}, "Type since when"),
        ({"down_since": "soon", "scope": "All", "message": ""}, "24-hour clock"),
        ({"down_since": "2030-01-01 00:00", "scope": "All", "message": ""}, "future"),
        ({"down_since": "0640", "scope": "", "message": ""}, "Say who is affected"),
        ({"down_since": "0640", "scope": "x" * 200, "message": ""}, "120 characters"),
        ({"down_since": "0640", "scope": "All\u202e", "message": ""}, "cannot be printed"),
    ],
)
def test_a_declaration_that_lacks_something_is_refused_and_what_was_typed_kept(
    client_for, calm, form, words
):
    page = client_for("coordinator").post("incidents.declare", form)

    assert page.status == 422
    assert words in page.words
    assert value_of(page, "down_since") == form["down_since"]
    assert open_incident() is None


def test_there_is_one_incident_at_a_time(coordinator, world):
    page = coordinator.post(
        "incidents.declare", {"down_since": "0640", "scope": "All", "message": ""}
    )

    assert page.status == 422
    assert session().scalars(select(func.count(Incident.id))).one() == 1


def test_of_two_who_declare_at_once_one_does(app, calm):
    outcomes = []
    session().remove()

    def declare() -> None:
        command = DeclareIncident(clock.now(), "All sites", "")
        try:
            with app.app_context(), unit_of_work():
                declare_incident(command, actor=calm.coordinator)
            outcomes.append("declared")
        except RuleBroken:
            outcomes.append("told")

    assert together([declare] * 4) == []

    assert sorted(outcomes) == ["declared", "told", "told", "told"]


def test_of_four_who_stop_a_test_at_once_none_meets_a_fault(app, world):
    outcomes = []
    session().remove()

    def stop() -> None:
        try:
            with app.app_context(), unit_of_work():
                stop_test(StopTest("DDIM", "No reagent.", None), actor=world.coordinator)
            outcomes.append("stopped")
        except RuleBroken:
            outcomes.append("told")

    assert together([stop] * 4) == []

    standing = select(func.count(MenuDecision.id)).where(MenuDecision.ended_at.is_(None))
    assert "stopped" in outcomes
    assert session().scalars(standing).one() == 1


def test_the_number_of_an_incident_is_never_given_again(world):
    with unit_of_work():
        row = session().scalars(select(Incident)).one()
        row.state, row.closed_at = IncidentState.CLOSED, clock.now()
    with unit_of_work():
        declare_incident(DeclareIncident(clock.now(), "All sites", ""), actor=world.coordinator)

    assert open_incident().number == 2


def test_the_message_stands_on_every_page(coordinator, client_for, world):
    shown = coordinator.get("incidents.incident")
    coordinator.post(
        "incidents.change_message",
        {"message": "Platelets: ring first.", "version": value_of(shown, "version")},
    )

    for name, endpoint in (
        ("doctor", "requests.new"),
        ("porter", "incidents.menu"),
        ("senior", "accounts.roles"),
    ):
        assert "Platelets: ring first." in client_for(name).get(endpoint).words


def test_a_message_from_a_page_out_of_date_is_not_taken_and_kept_as_typed(coordinator, world):
    with unit_of_work():
        change_message("First.", open_incident().version, actor=world.coordinator)

    page = coordinator.post("incidents.change_message", {"message": "Second.", "version": "1"})

    assert page.status == 409
    assert "Somebody else changed this" in page.words
    assert "First. Second." in page.words  # there now, and yours
    assert open_incident().message == "First."
    again = {"message": "Second.", "version": value_of(page, "version")}
    assert coordinator.post("incidents.change_message", again).status == 303
    assert open_incident().message == "Second."


def test_a_message_is_taken_off(coordinator, world):
    with unit_of_work():
        change_message("First.", open_incident().version, actor=world.coordinator)
    shown = coordinator.get("incidents.incident")

    coordinator.post(
        "incidents.change_message", {"message": "", "version": value_of(shown, "version")}
    )

    assert "First." not in coordinator.get("incidents.incident").words


def test_without_an_incident_there_is_no_message_to_change(calm):
    with pytest.raises(RuleBroken), unit_of_work():
        change_message("x", 1, actor=calm.coordinator)


def test_a_stale_version_is_told_as_such(world):
    with pytest.raises(ChangedByAnother), unit_of_work():
        change_message("x", 99, actor=world.coordinator)


@pytest.mark.parametrize(
    "name", ["doctor", "porter", "scientist", "partner", "governance", "administrator"]
)
def test_the_menu_is_for_everybody_and_its_buttons_are_not(client_for, world, name):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent.", None), actor=world.coordinator)

    page = client_for(name).get("incidents.menu")

    assert "D-dimer" in page.words
    assert "No reagent." in page.words
    assert "Take it off the menu" not in page.words
    assert "Offer again" not in page.words


def test_a_test_is_taken_off_the_menu_and_offered_again(coordinator, world):
    before = options_of(coordinator.get("incidents.menu"), "test")
    coordinator.post("incidents.stop", {"test": "DDIM", "reason": "No reagent.", "until": ""})
    off = coordinator.get("incidents.menu")
    coordinator.post("incidents.offer", test_code="DDIM")
    on = coordinator.get("incidents.menu")

    assert "DDIM" in before
    assert "DDIM" not in options_of(off, "test")
    assert "No reagent." in off.words
    assert "Until when is not known" in off.words
    assert "Every test is offered" in on.words


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"test": "", "reason": "x", "until": ""}, "Choose the test"),
        ({"test": "NOSUCH", "reason": "x", "until": ""}, "Choose one of the list"),
        ({"test": "DDIM", "reason": "", "until": ""}, "Say why"),
        ({"test": "DDIM", "reason": "x", "until": "later"}, "24-hour clock"),
        ({"test": "DDIM", "reason": "x", "until": "2020-01-01 10:00"}, "has passed"),
    ],
)
def test_a_stop_that_lacks_something_is_refused(coordinator, world, form, words):
    page = coordinator.post("incidents.stop", form)

    assert page.status == 422
    assert words in page.words
    assert stops() == {}


def test_a_stop_until_a_time_ends_by_itself(coordinator, world):
    with clock.at(dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)):
        coordinator.post(
            "incidents.stop", {"test": "DDIM", "reason": "Analyser down.", "until": "0700"}
        )
        during = stops()
    with clock.at(dt.datetime(2026, 11, 24, 7, 1, tzinfo=dt.UTC)):
        after = stops()

    assert during["DDIM"].until == dt.datetime(2026, 11, 24, 7, 0, tzinfo=dt.UTC)
    assert after == {}


def test_a_new_stop_takes_the_place_of_the_one_before(world):
    for reason in ("First.", "Second."):
        with unit_of_work():
            stop_test(StopTest("DDIM", reason, None), actor=world.coordinator)

    assert stops()["DDIM"].reason == "Second."
    assert session().scalars(select(func.count(MenuDecision.id))).one() == 2


def test_a_test_that_is_offered_cannot_be_offered_again(coordinator, world):
    assert coordinator.post("incidents.offer", test_code="DDIM").status == 404
    assert coordinator.post("incidents.offer", test_code="NOSUCH").status == 404


def test_without_an_incident_nothing_is_taken_off_the_menu(client_for, calm):
    client = client_for("coordinator")
    page = client.get("incidents.menu")

    answer = client.post("incidents.stop", {"test": "DDIM", "reason": "x", "until": ""})

    assert "Declare one first" in page.words
    assert answer.status == 422
    assert "Declare an incident first" in answer.words


def test_the_menu_holds_every_test_once(world):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent.", None), actor=world.coordinator)
        offered = [test.code for group in todays_menu() for test in group.offered]
        stopped = [line.test.code for group in todays_menu() for line in group.stopped]

    from lab_contingency.catalogue.queries import catalogue

    assert sorted(offered + stopped) == sorted(catalogue().tests)
    assert stopped == ["DDIM"]


def test_offering_a_test_again_keeps_who_stopped_it_and_when(world):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent.", None), actor=world.coordinator)
    with unit_of_work():
        offer_test("DDIM", actor=world.senior)

    row = session().scalars(select(MenuDecision)).one()
    assert (row.decided_by, row.ended_by) == ("Coordinator", "Senior")
    assert row.ended_at is not None
