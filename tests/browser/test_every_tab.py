"""Each person's tabs, and the pages that no story visits."""

from __future__ import annotations

import pytest

from tests.browser.patients import a_patient
from tests.browser.people import NAMES
from tests.browser.rounds import labelled


@pytest.mark.parametrize("username", NAMES)
def test_every_tab_of_a_person_is_a_page_without_fault(person, username):
    somebody = person(username)
    somebody.page.goto("/")
    somebody.looks_over(about=username)
    for tab in somebody.tabs():
        somebody.goes_to(tab)
        somebody.looks_over()
    somebody.page.goto("/roles")
    somebody.looks_over()


def test_the_pages_where_triage_chooses_are_without_fault(person):
    patient = a_patient()
    doctor, senior = person("okafor"), person("marsh")
    labelled(doctor, patient, "FBC", "CRP")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.looks_over(about="row-in-use")
    senior.presses("l")
    senior.sees_page("Choose laboratory")
    for chip, title in (("Accept", "Accept"), ("Hold", "Hold"), ("Decline", "Decline")):
        senior.goes_to("Queue")
        senior.walks_to(patient.surname)
        senior.presses("p")
        senior.sees_page("Change priority")
        senior.follows(chip)
        senior.sees_page(title, about=chip.lower())


def test_the_administrator_adds_a_person(person):
    administrator = person("administrator")
    administrator.page.goto("/accounts/new")
    administrator.looks_over()
    administrator.clicks("Add")
    administrator.looks_over(about="new")
    assert administrator.refusals()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("username", NAMES)
def test_the_tabs_stand_in_one_line_and_the_rest_is_under_more(person, username, width):
    somebody = person(username)
    page = somebody.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    bar = page.get_by_role("navigation", name="Your work")
    standing = bar.locator("> .tab:visible, > details:visible > summary")
    tops = {round(box["y"]) for box in (each.bounding_box() for each in standing.all())}

    assert len(tops) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    before = set(bar.get_by_role("link").all_inner_texts())
    if (more := bar.locator("summary")).is_visible():
        more.press("Enter")
        folded = set(bar.get_by_role("link").all_inner_texts()) - before
        assert folded
        somebody.looks_over(about=f"more-{width}")
        page.keyboard.press("Escape")
        assert set(bar.get_by_role("link").all_inner_texts()) == before
        assert more.evaluate("one => one === document.activeElement")
