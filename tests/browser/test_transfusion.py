"""A transfusion tube is written by hand and compared with its form."""

from __future__ import annotations

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.printing import reading


def test_group_and_screen_has_no_patient_label_and_is_compared_item_by_item(person):
    patient = a_patient()
    doctor, scientist = person("okafor"), person("nair")
    doctor.fills_card(patient, "GS")
    doctor.chooses("Transfused or pregnant in the last 3 months?", "no")
    form = doctor.sends()
    doctor.sees("Group")
    doctor.is_refused_print("Print labels", "written by hand")
    paper = doctor.prints("Print the form")
    assert set(numbers_on(paper)) == {form}
    assert patient.surname.upper() in reading.joined(paper)

    doctor.goes_to("Collect")
    doctor.scans(form)
    doctor.sees_page("Collect blood")
    doctor.sees("write by hand, beside the patient")
    doctor.reads_wristband()
    doctor.page.locator("input[name=tubes]").check()
    doctor.clicks("Save: these are taken")
    doctor.sees("1 tube noted as taken")

    scientist.goes_to("Receive")
    scientist.scans(form)
    scientist.sees_page("Compare tube and form")
    scientist.sees(patient.surname.upper(), patient.nhs_text)
    boxes = scientist.page.locator("input[name=confirmed]")
    for box in boxes.all()[:-1]:
        box.check()
    scientist.clicks("Accept the tube")
    assert scientist.refusals(), "accepted with an item left out"
    boxes.last.check()
    scientist.clicks("Accept the tube")
    scientist.sees("Accepted. Print its number and put it on, without the patient.")
    scientist.sees_page("Compare tube and form", about="accepted")
    label = scientist.prints("Print its number")
    (number,) = numbers_on(label)
    assert number != form
    text = reading.joined(label)
    for identifier in (patient.surname, patient.surname.upper(), patient.nhs, patient.born_text):
        assert identifier not in text
