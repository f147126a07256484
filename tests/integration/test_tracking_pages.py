"""What stands round every page and on first pages: marked tabs, counts, lists that say their age."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.incidents.rules import grouped
from lab_contingency.tracking.queries import lists
from lab_contingency.tracking.queries.happenings import Happening, told_together
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.queries.work import DUTIES
from lab_contingency.tracking.rules import Step
from lab_contingency.tracking.shell import BENEATH
from tests.factories import results, tubes
from tests.factories.world import a_request

NIGHT = dt.datetime(2026, 11, 24, 23, 5, tzinfo=dt.UTC)


def marked(page):
    """The tab that is marked, and how."""
    tabs = [a for a in page.tree.iter("a") if "tab" in (a.get("class") or "").split()]
    return [
        ("".join(a.itertext()).split("\n")[0].strip(), a.get("aria-current"))
        for a in tabs
        if a.get("aria-current")
    ]


def counts(page):
    """The counts beside the tabs, by how they are drawn."""
    return {
        (span.get("class") or "", "".join(span.itertext()))
        for span in page.tree.iter("span")
        if "tab-count" in (span.get("class") or "")
    }


def test_every_page_beneath_a_tab_and_every_tab_exists(app):
    tabs = {duty.endpoint for duties in DUTIES.values() for duty in duties}
    assert set(BENEATH) <= tabs
    named = set(BENEATH) | {page for pages in BENEATH.values() for page in pages}
    assert named <= set(app.view_functions)


def test_the_tab_stays_marked_on_the_pages_beneath_it(world, client_for):
    placed = a_request(world)
    doctor, senior = client_for("doctor"), client_for("senior")
    own = marked(doctor.get("tracking.my_requests"))
    beneath = marked(doctor.get("tracking.request", request_id=placed.request_id))
    assert [how for _, how in own] == ["page"]
    assert [how for _, how in beneath] == ["true"]
    assert own[0][0] == beneath[0][0]
    triage = marked(senior.get("triage.request", request_id=placed.request_id))
    assert triage[0][0].startswith("Queue")


def test_nothing_to_telephone_is_not_shown_as_urgent(world, client_for):
    senior = client_for("senior")
    assert not any("urgent" in css for css, _ in counts(senior.get("results.bench")))
    results.a_critical_call(world)
    assert ("tab-count tab-count-urgent", "1") in counts(senior.get("results.bench"))


@pytest.mark.parametrize("endpoint", ["tracking.my_requests", "tracking.home"])
def test_the_wards_list_says_how_old_it_is_and_comes_again(world, client_for, endpoint):
    placed = a_request(world)
    doctor = client_for("doctor")
    page = doctor.get(endpoint)
    (live,) = [one for one in page.tree.iter("section") if one.get("data-live") is not None]
    assert live.get("id") == "request-list"
    assert 'data-updated-for="request-list"' in page.text
    again = doctor.open(live.get("hx-get"))
    assert 'id="request-list"' in again.text
    assert grouped(placed.number) in again.words


def test_tests_at_the_same_point_stand_together(world):
    a_request(world, tests=("FBC", "UE", "CRP"))
    (row,) = lists.my_requests(world.doctor)[lists.Group.WAITING]
    assert [(one.label, one.words) for one in row.tests] == [
        ("FBC, U&E, CRP", "waiting for triage")
    ]


def test_what_was_done_to_several_tubes_alike_is_one_line_of_the_table(world):
    placed = a_request(world, tests=("FBC", "UE"))
    tubes.label(world, placed.request_id)
    tubes.collect(world, placed.request_id, ago=dt.timedelta(hours=1))
    taken = [
        one for one in story(placed.request_id, world.doctor).table if one.what.startswith("taken")
    ]
    assert [one.tubes for one in taken] == [(1, 2)]


def test_what_was_done_twice_to_one_tube_stays_twice():
    def printed(*numbers: int, by: str = "Sam Rowe") -> Happening:
        return Happening(NIGHT, NIGHT, "label printed", by, "ED", numbers, Step.LABELLED)

    told = told_together([printed(1), printed(1), printed(2), printed(3, by="P. Nair"), printed()])
    assert [(one.tubes, one.who) for one in told] == [
        ((1,), "Sam Rowe"),
        ((1, 2), "Sam Rowe"),
        ((3,), "P. Nair"),
        ((), "Sam Rowe"),
    ]


def test_times_of_another_day_bring_their_day_into_the_picture(world, client_for):
    placed = a_request(world)
    with clock.at(clock.now() + dt.timedelta(days=1)):
        (step,) = story(placed.request_id, world.doctor).steps
        page = client_for("doctor").get("tracking.request", request_id=placed.request_id)
    day, time = step.time.split(" ")
    drawn = ["".join(one.itertext()) for one in page.tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {day, time} <= set(drawn)
    assert step.time not in drawn


def test_one_knows_in_which_role_one_works(world, client_for):
    page = client_for("doctor").get("accounts.roles")
    assert "you work as this now" in page.words
    assert "Work as requester" not in page.words


def test_who_has_places_is_not_told_how_to_load_them(world, client_for):
    assert "load-places" not in client_for("administrator").get("tracking.home").words


def test_a_page_for_another_role_does_not_say_to_try_again(client_for, world):
    page = client_for("porter").get("requests.new")
    assert page.status == 403
    assert "Try once more" not in page.words
    assert "print the blank card" in page.words
