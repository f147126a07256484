"""The coordinator writes a partner down in the night, and the queue suggests it."""

from __future__ import annotations

import pytest

from tests.browser.patients import a_patient
from tests.browser.people import Person
from tests.browser.rounds import asked

NAME = "Croydon virology"


def adds_the_laboratory(coordinator: Person) -> None:
    coordinator.goes_to("Network")
    coordinator.sees_page("Network", about="coordinator")
    coordinator.clicks("Add a laboratory")
    coordinator.sees_page("Add a laboratory")
    coordinator.ticks("a partner’s")
    coordinator.fills("Code", "CRO-LAB")
    coordinator.fills("Name", NAME)
    coordinator.chooses("Organisation", "RJ7 St George's University Hospitals NHS Foundation Trust")
    coordinator.clicks("Add it")
    assert coordinator.refusals()
    coordinator.looks_over(about="no-telephone")
    coordinator.finds_typed("Name", NAME)
    coordinator.fills("Telephone", "020 7946 0800")
    coordinator.presses("Control+Enter")
    coordinator.sees_page(NAME, about="new")
    coordinator.sees("it still lacks a menu, opening hours, tests an hour and a way to it")


def writes_the_agreement(coordinator: Person) -> None:
    coordinator.follows("Write the agreement down")
    coordinator.sees_page(f"Agreement with {NAME}")
    coordinator.fills("Reference", "by telephone, Dr L. Stone")
    coordinator.ticks("paper only")
    for label, typed in (
        ("Hand-off, minutes", "5"),
        ("Who takes the tubes", "Night desk"),
        ("Telephone for tubes", "020 7946 0801"),
        ("Who answers for results", "Duty virologist"),
        ("Telephone for results", "020 7946 0802"),
        ("From", "03-Jun-2024"),
    ):
        coordinator.fills(label, typed)
    coordinator.clicks("Write it down")
    coordinator.sees("The agreement is written down.", "Night desk", "020 7946 0801")


def writes_what_it_does(coordinator: Person) -> None:
    coordinator.follows("Change the menu")
    coordinator.sees_page(f"Menu: {NAME}", about="empty")
    coordinator.follows("Add Hepatitis B")
    coordinator.sees_page(f"Hepatitis B (HBsAg): {NAME}")
    coordinator.fills("Minutes from receipt to result", "30")
    coordinator.fills("Method", "rapid test")
    coordinator.fills("Price, pounds", "6.50")
    coordinator.clicks("Put it on the menu")
    coordinator.follows("Change the hours")
    coordinator.sees_page(f"Hours: {NAME}")
    coordinator.fills("What stands in all of them", "24 h")
    coordinator.clicks("Fill these days")
    coordinator.finds_typed("Sunday", "24 h")
    coordinator.fills("Saturday", "8 to 12")
    coordinator.fills("Sunday", "20:00-08:00, 13:00-14:00")
    coordinator.clicks("Change the hours")
    assert coordinator.refusals()
    coordinator.looks_over(about="hours-refused")
    coordinator.finds_typed("Saturday", "8 to 12")
    coordinator.fills("Saturday", "08:00-12:00, 14:00-18:00")
    coordinator.clicks("Change the hours")
    coordinator.sees("24 h begins before Sunday’s 20:00 to 08:00 the next day has ended")
    coordinator.finds_typed("Sunday", "20:00-08:00, 13:00-14:00")
    coordinator.fills("Sunday", "20:00-24:00")
    coordinator.clicks("Change the hours")
    coordinator.sees(
        "Its hours are changed.", "08:00 to 12:00 and 14:00 to 18:00", "20:00 to 24:00"
    )
    coordinator.follows("Change the tests an hour")
    coordinator.sees_page(f"Tests an hour: {NAME}")
    coordinator.chooses("Fill", "Virology")
    coordinator.fills("tests an hour", "4")
    coordinator.clicks("Fill these hours")
    coordinator.field("Virology 23").press("Enter")  # saves; the button that fills is not pressed
    coordinator.sees("Its tests an hour are changed.", "0–24 4")
    coordinator.follows("Change the tests a day")
    coordinator.sees_page(f"Tests a day: {NAME}")
    coordinator.fills("Virology", "10")
    coordinator.clicks("Change the tests a day")
    coordinator.sees("10 of 10 left")


def adds_the_way(coordinator: Person) -> None:
    coordinator.follows("Add a way")
    coordinator.sees_page(f"A new way to {NAME}")
    coordinator.chooses("From", "King's College Hospital")
    coordinator.fills("Minutes on the way", "10")
    coordinator.ticks("only at the times below")
    coordinator.clicks("Add the way")
    coordinator.sees("Type the times of its runs")
    coordinator.ticks("at any time, when called")
    coordinator.clicks("Add the way")
    coordinator.sees("The way is added.", "when called")
    coordinator.does_not_see("it still lacks")
    coordinator.sees_page(NAME, about="whole")


@pytest.mark.feature(32)
@pytest.mark.feature(33)
@pytest.mark.feature(39)
@pytest.mark.feature(40)
def test_a_partner_that_is_written_down_is_suggested_in_the_queue(person):
    coordinator = person("bello")
    adds_the_laboratory(coordinator)
    writes_the_agreement(coordinator)
    writes_what_it_does(coordinator)
    adds_the_way(coordinator)

    patient = a_patient()
    doctor, senior = person("okafor"), person("marsh")
    asked(doctor, patient, "HBV")
    senior.goes_to("Queue")
    senior.sees_in_row(patient.surname, NAME)
    senior.walks_to(patient.surname)
    senior.presses("l")
    senior.sees_page("Choose laboratory", about="partner")
    senior.sees("rapid test · 30 min from receipt · £6.50", "10 of 10 left today")
    senior.presses("Control+Enter")

    coordinator.goes_to("Network")
    coordinator.follows(NAME)
    coordinator.follows("Change the menu")
    coordinator.follows("Hepatitis B")
    coordinator.clicks("Take it off the menu")
    coordinator.sees("1 open test stands where it cannot be done any more.", "not on its menu")
    coordinator.looks_over(about="touched")


@pytest.mark.feature(32)
def test_the_places_and_a_way_are_pages_without_fault(person):
    coordinator = person("bello")
    coordinator.goes_to("Network")
    coordinator.follows("Places")
    coordinator.sees_page("Places")
    coordinator.follows("Cancer Day Unit")
    coordinator.sees_page("Ward GUY-CANCER")
    for address, title in (
        ("/network/organisations/new", "Add an organisation"),
        ("/network/sites/new", "Add a site"),
        ("/network/wards/new", "Add a ward"),
    ):
        coordinator.page.goto(address)
        coordinator.sees_page(title)
    coordinator.goes_to("Network")
    coordinator.follows("Barking and Havering")
    coordinator.follows("King's College Hospital")
    coordinator.sees_page("From King's College Hospital to Barking and Havering essential services laboratory")  # fmt: skip
    coordinator.finds_typed("Monday", "07:30 10:30 13:30 16:30")
    coordinator.page.go_back()
    coordinator.follows("Change name or telephone")
    coordinator.sees_page("Laboratory BHR-LAB")
