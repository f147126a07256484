"""A tube that cannot be used is asked for again."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.browser.rounds import collected, received


def test_a_clotted_tube_is_rejected_and_taken_again_under_a_new_number(person):
    patient = a_patient()
    doctor, scientist = person("okafor"), person("nair")
    (first,) = received(doctor, scientist, patient, "FBC")

    scientist.clicks("Reject this tube")
    scientist.sees_page("Reject a tube")
    scientist.clicks("Reject this tube")
    scientist.sees("Choose why the tube is rejected.")
    scientist.chooses("Why it is rejected", "clotted")
    scientist.clicks("Reject this tube")
    scientist.sees("Rejected. The ward is asked to take it again.")

    doctor.goes_to("My patients")
    doctor.sees_in_row(patient.surname, "again")
    doctor.follows_in_row(patient.surname, "41 1")
    doctor.sees("clotted")
    doctor.sees_page("Where is it?", about="rejected")
    doctor.clicks("Take it again")
    doctor.sees("A new tube is planned.")
    (second,) = numbers_on(doctor.prints("Print labels"))
    assert second != first
    collected(doctor, [second])
    scientist.goes_to("Receive")
    scientist.scans(second)
    scientist.sees("Received", patient.surname.upper())
    scientist.scans(first)
    scientist.sees("This tube was rejected. Put it with the rejected tubes; the ward was told.")
    scientist.sees_page("Receive", about="rejected-before")
