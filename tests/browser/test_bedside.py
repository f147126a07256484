"""Form, wristband and tube at the bedside, with a scanner and with nothing but keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.rounds import labelled


@pytest.mark.feature(23)
@pytest.mark.hazard("H01")
def test_a_wristband_of_somebody_else_stops_the_round_until_the_right_one_is_read(person):
    patient, other = a_patient(), a_patient()
    doctor = person("okafor")
    tubes = labelled(doctor, patient, "FBC", "UE")
    doctor.goes_to("Collect")
    doctor.scans(patient.nhs)
    doctor.sees_page("Collect blood", about="wristband-first")
    doctor.sees(patient.surname.upper(), "Scan the label on the gold tube")
    doctor.sticks_on(tubes[0])

    doctor.scans(other.nhs)
    doctor.sees(
        "STOP. This wristband is not that of the patient on the card.", "Take no blood here"
    )
    doctor.sees_page("Collect blood", about="stopped")
    expect(doctor.page.get_by_role("button", name="Save: these are taken")).to_have_count(0)
    doctor.presses("Control+Enter")
    doctor.sees("STOP.")

    doctor.reads_wristband()
    for tube in tubes:
        doctor.sticks_on(tube)
    doctor.sees("All agree. Save")
    doctor.presses("Control+Enter")
    doctor.sees("2 tubes noted as taken")


@pytest.mark.hazard("H02")
def test_two_labels_on_each_others_tubes_stop_the_round(person):
    doctor = person("okafor")
    gold, lavender = labelled(doctor, a_patient(), "FBC", "UE")
    doctor.goes_to("Collect")
    doctor.scans(gold)
    doctor.sees_page("Collect blood")
    doctor.reads_wristband()
    doctor.sees("Scan the label on the gold tube")

    doctor.scans(lavender)

    doctor.sees("STOP. This label is for another kind of tube.", "Two labels may be swapped")


def test_a_tube_is_chosen_and_everything_saved_with_keys_alone(person):
    patient = a_patient()
    doctor = person("okafor")
    gold, lavender = labelled(doctor, patient, "FBC", "UE")
    doctor.goes_to("Collect")
    doctor.scans(gold)
    doctor.sees_page("Collect blood")
    doctor.reads_wristband()
    doctor.presses("Tab", "ArrowDown")
    doctor.types(lavender)  # the scanner finds its field by itself
    doctor.presses("Enter")
    doctor.sees("1 of 2")
    doctor.scans(gold)
    doctor.sees("All agree. Save")
    doctor.presses("Control+Enter")
    doctor.sees("2 tubes noted as taken")


def test_without_a_wristband_three_identifiers_are_said_and_ticked(person):
    doctor = person("okafor")
    (tube,) = labelled(doctor, a_patient(), "FBC")
    doctor.goes_to("Collect")
    doctor.scans(tube)
    doctor.sees_page("Collect blood")
    doctor.sticks_on(tube)
    doctor.page.get_by_text("No wristband can be read").click()
    doctor.sees_page("Collect blood", about="no-wristband")
    doctor.chooses("Why no wristband is read", "newborn, not banded yet")
    doctor.ticks("surname and forename")
    doctor.clicks("Save: these are taken")
    doctor.sees("Not ticked: date of birth")
    expect(doctor.page.get_by_label("surname and forename")).to_be_checked()
    doctor.ticks("date of birth")
    doctor.ticks("NHS number, hospital number or address")
    doctor.clicks("Save: these are taken")
    doctor.sees("1 tube noted as taken")

    coordinator = person("bello")
    coordinator.goes_to("Bedside checks")
    coordinator.sees_page("Bedside checks")
    coordinator.sees("newborn, not banded yet")


@pytest.mark.hazard("H02")
def test_a_rack_of_one_colour_stops_at_a_label_of_another(person):
    doctor, scientist = person("okafor"), person("nair")
    gold, lavender = labelled(doctor, a_patient(), "FBC", "UE")
    doctor.goes_to("Collect")
    doctor.scans(gold)
    doctor.sees_page("Collect blood")
    doctor.reads_wristband()
    doctor.sticks_on(gold)
    doctor.sticks_on(lavender)
    doctor.clicks("Save: these are taken")
    doctor.sees("noted as taken")
    scientist.goes_to("Receive")
    scientist.chooses("These tubes are", "EDTA (lavender or red)")
    scientist.page.locator("#number").focus()
    scientist.scans(lavender)
    scientist.sees(grouped(lavender))
    scientist.scans(gold)
    scientist.sees("STOP. This label is for serum gel, and you are scanning EDTA tubes")
    scientist.sees_page("Receive", about="sorted")
