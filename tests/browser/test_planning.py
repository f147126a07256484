"""The coordinator plans the whole queue and accepts it; a laboratory drops out, and its work moves."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.rounds import asked


def test_the_queue_is_planned_and_accepted_by_a_senior(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    coordinator = person("bello")
    coordinator.goes_to("Plan")
    coordinator.sees_page("Plan")
    coordinator.page.get_by_role("button", name="Plan").first.click()
    coordinator.sees("whole queue at once", "waits for triage", "result about")
    coordinator.does_not_see(patient.surname)
    coordinator.sees_page("Plan", about="made")

    senior = person("marsh")
    senior.goes_home_to("Plan")
    senior.sees_page("Plan")
    senior.presses("Control+Enter")
    senior.sees("sent where the plan says.")
    senior.goes_to("Queue")
    senior.sees_in_row(patient.surname, "laboratory chosen")


def test_a_line_goes_elsewhere_and_a_laboratory_drops_out(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees_in_row(patient.surname, "laboratory chosen")
    coordinator = person("bello")
    coordinator.goes_to("Plan")
    coordinator.follows("What if")
    coordinator.sees_page("What if")
    coordinator.page.select_option("#case", label="A laboratory drops out: King's core laboratory")
    coordinator.clicks("Plan it both ways")
    coordinator.sees("If King's core laboratory drops out", "Tests by laboratory")
    coordinator.sees_page("What if", about="compared")

    coordinator.follows("Laboratories")
    coordinator.sees_page("Laboratories at work")
    coordinator.follows("Out of action")  # the first of ours
    coordinator.sees_page("Out of action")
    coordinator.clicks("It drops out: move its work")
    coordinator.sees("Say why it takes no work.")
    coordinator.fills("Why it takes no work", "power")
    coordinator.clicks("It drops out: move its work")
    coordinator.sees_page("Plan", about="dropped out")
    coordinator.sees("takes no work.")
    coordinator.follows("Laboratories")
    coordinator.sees("OUT OF ACTION", "power")
    coordinator.clicks("Back in work")
    coordinator.does_not_see("OUT OF ACTION")
