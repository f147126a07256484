"""The queue by keyboard: another priority, hold, decline; and what the ward is told."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.rounds import asked


def test_a_lower_priority_asks_for_a_reason(person):
    patient = a_patient()
    asked(person("okafor"), patient, "FBC")
    senior = person("marsh")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("3")
    senior.sees_page("Change priority")
    senior.presses("Control+Enter")
    senior.sees("Choose a reason. The ward reads it.")
    senior.sees_page("Change priority")
    senior.chooses("Reason", "The patient is stable")
    senior.presses("Control+Enter")
    senior.sees_in_row(patient.surname, "P3 DAYS", "asked P1")


def test_the_ward_reads_why_a_test_waits_and_why_another_is_not_done(person):
    patient = a_patient()
    doctor, senior = person("okafor"), person("marsh")
    asked(doctor, patient, "FBC", "CRP")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("h")
    senior.sees_page("Hold")
    senior.ticks_one_of("CRP")
    senior.chooses("Reason", "No capacity now")
    senior.presses("Control+Enter")
    senior.sees_page("Queue")
    senior.walks_to(patient.surname)
    senior.presses("d")
    senior.sees_page("Decline")
    senior.ticks_one_of("FBC")
    senior.clicks("Decline the ticked tests")
    senior.sees("Choose a reason. The ward reads it.")
    senior.chooses("Reason", "Done too recently to have changed")
    senior.clicks("Decline the ticked tests")

    doctor.goes_to("My patients")
    doctor.follows_in_row(patient.surname, "41 1")
    doctor.sees("No capacity now", "Done too recently to have changed", "Use the last result.")
    doctor.sees_page("Where is it?", about="declined")


def test_the_queue_moves_by_itself_and_says_when_it_no_longer_hears(person):
    patient = a_patient()
    senior = person("marsh")
    senior.page.clock.install()
    senior.goes_to("Queue")
    senior.does_not_see_waiting(patient.surname)
    asked(person("okafor"), patient, "FBC")
    senior.waits(6)
    senior.sees_in_row(patient.surname, "FBC", "not taken yet")

    senior.loses_the_network()
    senior.waits(70)
    senior.sees("Ring before you rely on it. Its buttons are off until it answers.")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees("Ring before you rely on it.")
    senior.has_the_network_again()
    senior.waits(6)
    senior.does_not_see("Ring before you rely on it.")
    senior.sees_in_row(patient.surname, "not taken yet")
