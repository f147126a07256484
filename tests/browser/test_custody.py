"""A porter goes round the wards; a tube that nobody fetched comes to the board by itself; nobody's name on either."""

from __future__ import annotations

import datetime as dt
import re

from playwright.sync_api import expect

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import time_text
from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.rounds import labelled

_TAKE = re.compile(r"^Take \d+ tubes? from ED Resus$")
_LEAVE = re.compile(r"^Leave \d+ tubes? at King's core laboratory$")


def taken_ago(doctor, tubes, minutes):
    """The tubes of one patient are filled, and were so some minutes ago."""
    doctor.goes_to("Collect")
    doctor.scans(tubes[0])
    doctor.sees_page("Collect blood")
    doctor.reads_wristband()
    for tube in tubes:
        doctor.sticks_on(tube)
    doctor.fills("Taken at", time_text(clock.now() - dt.timedelta(minutes=minutes)))
    doctor.clicks("Save: these are taken")
    doctor.sees("noted as taken")


def presses(someone, name):
    """A button by the form of its name: how many tubes wait differs from run to run."""
    button = someone.page.get_by_role("button", name=name)
    expect(button).to_be_visible()
    with someone.page.expect_navigation():
        button.click()


def test_a_late_tube_comes_to_the_board_and_a_porters_round_takes_it_off(person):
    patient = a_patient()
    doctor, porter, coordinator = person("okafor"), person("porter.rowe"), person("bello")
    tubes = labelled(doctor, patient, "FBC", "UE")
    taken_ago(doctor, tubes, 40)

    coordinator.goes_to("Tubes")
    coordinator.sees_page("Tubes on their way")
    coordinator.sees("OVERDUE", "ED Resus", *map(grouped, tubes))
    coordinator.holds_nothing_of(patient)
    coordinator.clicks("Missing, by ward")
    coordinator.sees_page("Missing, by ward")
    coordinator.page.goto("/custody/missing?minutes=30")
    coordinator.sees("ED Resus", *map(grouped, tubes))
    coordinator.clicks("Ring ED Resus")
    coordinator.sees_page("Ring ED Resus")
    coordinator.fills("Whom did you ring?", "Sister Obi")
    coordinator.ticks("they are looking for it")
    coordinator.clicks("Note the call")
    coordinator.sees("Noted for", "they are looking for it")
    coordinator.holds_nothing_of(patient)

    porter.goes_to("Carry")
    porter.sees_page("Carry")
    porter.sees("OVERDUE", "To pick up")
    porter.holds_nothing_of(patient)
    presses(porter, _TAKE)
    porter.sees("taken from ED Resus", *map(grouped, tubes))
    porter.sees_page("Carry", about="in-hand")
    porter.holds_nothing_of(patient)
    presses(porter, _LEAVE)
    porter.sees("The laboratory scans them in.")

    coordinator.page.goto("/custody?hop=AT_DOOR")
    coordinator.sees("left at the door, not scanned in", *map(grouped, tubes))
    coordinator.page.get_by_role("link", name=grouped(tubes[0])).click()
    coordinator.sees_page(f"Tube {grouped(tubes[0])}", about="at-the-door")
    coordinator.sees("Sam Rowe", "Sister Obi", "late by")
    coordinator.holds_nothing_of(patient)


def test_a_round_goes_with_script_off_and_sent_twice_changes_nothing(person):
    patient = a_patient()
    doctor, porter = person("okafor"), person("porter.rowe", script=False)
    tubes = labelled(doctor, patient, "CRP")
    taken_ago(doctor, tubes, 2)

    porter.goes_to("Carry")
    again = porter.context.new_page()
    again.goto("/carry")
    presses(porter, _TAKE)
    porter.sees("taken from ED Resus", grouped(tubes[0]))
    again.get_by_role("button", name=_TAKE).click()
    expect(again.locator("body")).to_contain_text("Nothing changed")
    again.close()
    presses(porter, _LEAVE)
    porter.sees("left at King's core laboratory")
