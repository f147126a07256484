"""A critical result is telephoned and read back."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.rounds import accepted, authorised, checked, received, typed

SALTS = {
    "Sodium": "131",
    "Potassium": "6.8",
    "Urea": "18.6",
    "Creatinine": "212",
    "Chloride": "99",
    "Bicarbonate": "19",
}
AGREES = "Urea & electrolytes: every value agrees with the print-out"


def test_a_potassium_of_six_point_eight_leaves_the_list_only_when_the_read_back_agrees(person):
    patient = a_patient()
    doctor, scientist = person("okafor"), person("nair")
    colleague, senior = person("osei"), person("marsh")
    (tube,) = received(doctor, scientist, patient, "UE")
    accepted(senior, patient)
    typed(scientist, tube, SALTS)
    scientist.sees("CRITICAL", "Telephoned as soon as a colleague has checked it.")
    checked(colleague, patient, AGREES)
    colleague.sees("on the call list now")

    senior.goes_to("To telephone")
    senior.sees_page("To telephone")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees_page("Telephone a critical result")
    senior.sees("six point eight", "bleep 2222", patient.nhs_text)
    senior.fills("Number you rang", "2222")
    senior.fills("Their name", "Dr A. Okafor")
    senior.ticks("doctor")
    senior.ticks("They gave the patient’s name, date of birth and number, and all agree")
    senior.fills("They read back", "5.8")
    senior.clicks("Record the call")
    assert senior.refusals()
    senior.sees_page("Telephone a critical result")
    senior.finds_typed("Their name", "Dr A. Okafor")
    senior.fills("They read back", "6.8")
    senior.clicks("Record the call")
    senior.sees("Recorded. The call is off the list.")
    senior.does_not_see_waiting(patient.surname)

    authorised(senior, patient, AGREES)
    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.sees("6.8", "CRITICAL", "Told to Dr A. Okafor, doctor")
    doctor.sees_page("Results", about="critical")
