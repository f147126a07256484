"""Requesting, triage and results with script off."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on


def test_a_blood_test_goes_all_its_way_with_script_off(person):
    patient = a_patient()
    doctor = person("okafor", script=False)
    doctor.fills_card(patient, "CRP")
    doctor.clicks("Sign and send")
    doctor.sees_page("Where is it?")
    (tube,) = numbers_on(doctor.prints("Print labels"))
    doctor.goes_to("Collect")
    doctor.scans_without_script(tube)
    doctor.sees_page("Collect blood")
    doctor.scans_without_script(patient.nhs)
    doctor.sees("Wristband agrees")
    doctor.scans_without_script(tube)
    doctor.sees("All agree. Save")
    doctor.clicks("Save: these are taken")
    doctor.sees("1 tube noted as taken")

    scientist = person("nair", script=False)
    scientist.goes_to("Receive")
    scientist.scans_without_script(tube)
    scientist.sees("Received", patient.surname.upper())
    senior = person("marsh", script=False)
    senior.goes_to("Queue")
    senior.row(patient.surname).focus()
    senior.row(patient.surname).locator("button[data-key=Enter]").click()
    senior.sees_in_row(patient.surname, "on the bench")

    scientist.goes_to("Bench")
    scientist.scans_without_script(tube)
    scientist.sees_page("Type results")
    scientist.fills("CRP", "188")
    scientist.clicks("Save for second check")
    scientist.sees("can be checked by a colleague now")
    colleague = person("osei", script=False)
    agrees = "C-reactive protein: every value agrees with the print-out"
    for reader, button in (
        (colleague, "Check the ticked tests"),
        (senior, "Authorise the ticked tests"),
    ):
        reader.goes_to("To check")
        reader.follows_in_row(patient.surname, patient.surname.upper())
        reader.ticks(agrees)
        reader.clicks(button)
    senior.sees("Authorised. The ward can read it now.")

    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.sees("188")
    doctor.clicks("I have read these results")
    doctor.sees("Noted that you read these results.")


def test_a_set_of_tests_and_a_known_patient_are_filled_in_by_the_server(person):
    patient = a_patient()
    first = person("okafor")
    first.fills_card(patient, "FBC")
    first.sends()
    doctor = person("okafor", script=False)
    doctor.goes_to("Request")
    doctor.fills("NHS number", patient.nhs)
    doctor.fills("Date of birth", patient.born)
    doctor.presses("Enter")
    doctor.sees("number and date of birth agree")
    doctor.finds_typed("Surname", patient.surname)
    doctor.clicks("Chest pain")
    doctor.sees("Gold")
    doctor.finds_typed("Surname", patient.surname)


def test_a_double_click_sends_one_request(person):
    for script in (True, False):
        patient = a_patient()
        doctor = person("okafor", script=script)
        doctor.fills_card(patient, "FBC")
        doctor.main.get_by_role("button", name="Sign and send").dblclick()
        doctor.sees_page("Where is it?")
        doctor.goes_to("My patients")
        doctor.sees_page("My patients")
        assert doctor.row(patient.surname).count() == 1
