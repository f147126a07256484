"""The print station with a printer that is a real server: set up, a ward printed, a jam, the last good label scanned."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.patients import a_patient
from tests.browser.people import Person
from tests.browser.rounds import asked
from tests.printers import a_printer, senders_are_done


def sets_up(coordinator: Person, name: str, host: str) -> None:
    """A printer on the network, at ED Resus."""
    coordinator.goes_home_to("Printers")
    coordinator.sees_page("Printers", about="coordinator")
    coordinator.fills("Name", name)
    coordinator.chooses("Where it stands", "ED Resus, King's College Hospital")
    coordinator.fills("Address", "http://printer")
    coordinator.clicks("Set it up")
    coordinator.sees_page("Printers", about="coordinator-wrong")
    assert "10.20.3.14" in " ".join(coordinator.refusals())
    coordinator.corrects_to("Address", host)
    coordinator.presses("Control+Enter")
    coordinator.sees_page(f"Printer {name}", about="one")


def all_came_out(porter: Person) -> None:
    """The page says so by itself."""
    for words in ("stopped at", "coming out at", "for printer"):
        porter.does_not_see(words)
    porter.sees_page("Print station")
    senders_are_done()


@pytest.mark.hazard("H23")
@pytest.mark.feature(21)
@pytest.mark.feature(22)
def test_a_jam_in_the_middle_of_a_ward_is_put_right_by_one_scan(person):
    patients = [a_patient() for _ in range(3)]
    doctor = person("okafor")
    for patient in patients:
        asked(doctor, patient, "FBC", "UE", "COAG")
    coordinator, porter = person("bello"), person("porter.rowe")
    with a_printer() as fake:
        sets_up(coordinator, "ED 1", fake.host)
        coordinator.clicks("Print a test label")
        coordinator.sees_page("Test label", about="test")
        coordinator.sees("Test label: printed")
        printers_label = fake.numbers()[0]

        porter.goes_to("Print")
        porter.scans(printers_label)  # stuck on the printer: print here
        porter.sees("Printer ED 1", "ready")
        fake.seen = 0
        fake.set(dies_at=5)
        porter.prints("Print ED Resus")
        senders_are_done()
        porter.sees("Printer ED 1 stopped at ED Resus, after label 4 of", "torn?", "waiting")
        porter.sees_page("Print station", about="jam")
        for patient in patients:
            porter.holds_nothing_of(patient)
        stopped = len(fake.out)
        porter.is_at(porter.page.locator("#number"))

        fake.repair()
        porter.scans(fake.numbers()[-1])  # the last good label in the hand
        all_came_out(porter)
        assert stopped == 5  # the test label and four
        numbers = fake.numbers()[1:]
        assert len(numbers) == len(set(numbers)) >= 9
        assert sum(fake.copies()) == 1
        assert fake.copies()[5]
        for patient in patients:
            porter.holds_nothing_of(patient)

        porter.scans(numbers[0])  # torn afterwards: one more of it
        porter.sees("came out 1 time", "Print this label again")
        porter.sees_page("Print station", about="label")
        porter.chooses("Why is it printed again?", "torn or smudged")
        porter.clicks("Print this label again")
        porter.sees_page("Labels of ED Resus", about="done")
        porter.sees("Labels of ED Resus", "ED Resus: printed")
        senders_are_done()
        assert fake.numbers()[-1] == numbers[0]
        assert fake.copies()[-1]


def test_the_jam_is_put_right_by_keyboard_and_the_rest_goes_to_another_printer(person):
    doctor, coordinator, porter = person("okafor"), person("bello"), person("porter.rowe")
    asked(doctor, a_patient(), "FBC", "UE", "COAG")
    with a_printer() as fake, a_printer() as other:
        sets_up(coordinator, "ED 2", fake.host)
        sets_up(coordinator, "ED 3", other.host)
        porter.page.goto("/print/printers")
        porter.sees_page("Printers", about="porter")
        porter.clicks("Print at ED 2")
        porter.sees_page("Print station")
        fake.set(dies_at=2)
        porter.prints("Print ED Resus")
        senders_are_done()
        porter.sees("Printer ED 2 stopped")
        porter.follows("Another printer, or give these up")
        porter.sees_page("Labels of ED Resus", about="stopped")
        porter.chooses("Print the rest at", "ED 3, ED Resus, King's College Hospital")
        button = porter.page.get_by_role("button", name="Print from 2 there")
        button.focus()
        porter.presses("Enter")
        all_came_out(porter)
        assert len({*fake.numbers(), *other.numbers()}) >= 3
        assert other.copies()[0]


def test_a_round_is_chosen_and_printed_at_the_bedside(person):
    one, two = a_patient(), a_patient()
    doctor, coordinator = person("okafor"), person("bello")
    for patient in (one, two):
        asked(doctor, patient, "FBC", "UE")
    with a_printer() as fake:
        sets_up(coordinator, "ED 4", fake.host)
        doctor.page.goto("/print/printers")
        doctor.clicks("Print at ED 4")
        doctor.sees_page("Printers", about="doctor")
        doctor.goes_to("Collect")
        doctor.follows("Print labels for a round")
        doctor.sees_page("Labels for a round")
        doctor.main.locator(".ward-row", has_text="ED Resus").get_by_role("button").click()
        doctor.sees_page("Labels for a round", about="patients")
        doctor.clicks("Print labels at ED 4")
        doctor.sees_page("Labels for a round", about="nobody")
        for patient in (one, two):
            row = doctor.main.locator(".round-row", has_text=patient.surname.upper())
            row.get_by_role("checkbox").check()
        doctor.clicks("Print labels at ED 4")
        doctor.sees_page("Labels of ED Resus", about="doctor")
        doctor.sees("ED Resus: printed")
        senders_are_done()
        assert len(fake.numbers()) == 4
        expect(doctor.page.locator("li.tile-done")).to_have_count(4)


def test_a_senior_allows_more_prints(person):
    senior = person("marsh")
    senior.goes_home_to("More prints")
    senior.sees_page("More prints of a label")
    senior.fills("Scan or type the label’s number", "411000000000")
    senior.clicks("Allow")
    assert senior.refusals()
    senior.sees_page("More prints of a label", about="wrong")


def test_who_types_before_the_scripts_have_come_is_not_called_away_from_the_box(person):
    coordinator = person("bello")
    coordinator.goes_home_to("Printers")
    coordinator.fills("Name", "ED 9")
    coordinator.fills("Address", "http://printer")
    with coordinator.waits_long_for("**/js/main*"):
        coordinator.clicks("Set it up")
        expect(coordinator.page.locator("[data-error-summary]")).to_be_visible()
        address = coordinator.field("Address")
        address.focus()
        coordinator.page.keyboard.type("10")
    coordinator.types(".20.3.14")
    coordinator.is_at(address)
    assert "10.20.3.14" in address.input_value()
