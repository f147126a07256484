"""What a doctor puts right: details, the patient, a test too many; and what the old label is worth then."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.browser.rounds import labelled


def test_details_patient_and_tests_are_put_right_and_the_old_labels_no_longer_count(person):
    patient, other = a_patient(), a_patient()
    doctor = person("okafor")
    old = labelled(doctor, patient, "FBC", "UE")
    assert len(old) == 2

    doctor.clicks("Put details right")
    doctor.sees_page("Put details right")
    doctor.fills("Phone result to", "extension 4417")
    doctor.clicks("Put right")
    doctor.sees("Say why it is changed.")
    doctor.finds_typed("Phone result to", "extension 4417")
    doctor.fills("Why it is changed", "handed over")
    doctor.clicks("Put right")
    doctor.sees_page("Where is it?")
    doctor.sees("Put right.", "extension 4417")

    doctor.clicks("Put the patient right")
    doctor.sees_page("Put the patient right")
    doctor.fills("NHS number", other.nhs)
    doctor.fills("Surname", other.surname)
    doctor.fills("Why it is changed", "wristband read again")
    doctor.clicks("Put the patient right")
    doctor.sees("Read the wristband and tick the box.")
    doctor.ticks("I have read the wristband again and it agrees with what stands here.")
    doctor.clicks("Put the patient right")
    doctor.sees_page("Where is it?")
    doctor.sees("Old labels no longer count", other.surname.upper(), other.nhs_text)
    doctor.does_not_see(patient.surname.upper())

    new = numbers_on(doctor.prints("Print labels"))
    assert len(new) == 2
    assert not set(old) & set(new)
    doctor.goes_to("Collect")
    doctor.scans(old[0])
    doctor.sees("no longer counts", "Print the new one.")
    scientist = person("nair")
    scientist.goes_to("Receive")
    scientist.scans(old[0])
    scientist.sees("no longer counts", "the label that replaced it")
    scientist.sees_page("Receive")

    doctor.goes_to("My patients")
    doctor.sees_page("My patients")
    doctor.follows_in_row(other.surname, "41 1")
    doctor.clicks("Withdraw")
    doctor.sees_page("Withdraw tests")
    doctor.ticks_one_of("Urea & electrolytes")
    doctor.clicks("Withdraw these tests")
    doctor.sees("Say why")
    doctor.fills("Why", "asked twice")
    doctor.clicks("Withdraw these tests")
    doctor.sees("Withdrawn: Urea & electrolytes.", "Under way: FBC")
