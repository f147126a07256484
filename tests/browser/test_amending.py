"""A result that was wrong: both values stay in sight, and it is to be read again."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.rounds import PROTEIN_AGREES, accepted, authorised, checked, received, typed
from tests.printing import reading


def test_an_amended_result_shows_the_old_value_struck_through_and_is_unread_again(person):
    patient = a_patient()
    doctor, scientist = person("okafor"), person("nair")
    colleague, senior = person("osei"), person("marsh")
    (tube,) = received(doctor, scientist, patient, "CRP")
    accepted(senior, patient)
    typed(scientist, tube, {"CRP": "18"})
    checked(colleague, patient, PROTEIN_AGREES)
    authorised(senior, patient, PROTEIN_AGREES)
    senior.prints("Print the slip")
    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.clicks("I have read these results")
    doctor.sees("Noted that you read these results.")

    scientist.goes_to("Bench")
    scientist.scans(tube)
    scientist.follows("Amend an authorised value")
    scientist.sees_page("Amend authorised results")
    scientist.sees("Already read by", "Dr A. Okafor")
    scientist.fills("CRP", "188")
    scientist.clicks("Amend")
    scientist.sees("Say why it is amended.")
    scientist.finds_typed("CRP", "188")
    scientist.fills("Why it is amended", "read from the wrong line")
    scientist.clicks("Amend")
    scientist.sees("Amended. A colleague checks it")
    doctor.looks_again()
    doctor.sees("Being put right.", "18")

    checked(colleague, patient, PROTEIN_AGREES)
    authorised(senior, patient, PROTEIN_AGREES)
    slip = reading.joined(senior.prints("Print the slip"))
    assert "version2of2" in slip.lower()
    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.sees("Amended, version 2 of 2", "188", "read from the wrong line")
    doctor.sees_struck_through("18 mg/L")
    doctor.sees_page("Results", about="amended")
