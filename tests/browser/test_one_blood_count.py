"""One blood count from the card to the slip, by keyboard and scanner."""

from __future__ import annotations

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.printing import reading

COUNT = (
    ("Haemoglobin", "74"), ("White cells", "14.2"), ("Platelets", "231"), ("Red cells", "3.95"),
    ("Haematocrit", "0.34"), ("MCV", "86"), ("MCH", "28.3"), ("MCHC", "329"), ("RDW-CV", "14.0"),
    ("Neutrophils", "11.9"), ("Lymphocytes", "1.4"), ("Monocytes", "0.7"), ("Eosinophils", "0.15"),
    ("Basophils", "0.05"),
)  # fmt: skip


def test_from_the_card_to_the_slip(person):
    patient = a_patient()
    doctor = person("okafor")
    doctor.goes_to("Request")
    doctor.sees_page("Urgent pathology request")
    doctor.fills_card_by_keyboard(patient, "FBC")
    doctor.presses("Control+Enter")
    doctor.sees_page("Where is it?")
    doctor.sees("Sent to the laboratory", patient.surname.upper(), patient.nhs_text, "ED Resus")

    labels = doctor.prints("Print labels")
    (tube,) = numbers_on(labels)
    assert reading.size_mm(labels)[0] < 60
    doctor.goes_to("Collect")
    doctor.sees_page("Collect")
    doctor.scans(tube)
    doctor.sees_page("Collect blood")
    doctor.sees(patient.nhs_text)
    doctor.scans(patient.nhs)
    doctor.sees("Scan the label on the lavender tube")
    doctor.scans(tube)
    doctor.sees("All agree. Save")
    doctor.presses("Control+Enter")
    doctor.sees("1 tube noted as taken")

    porter = person("porter.rowe")
    porter.goes_to("Carry")
    porter.sees_page("Carry")
    porter.scans(tube)
    porter.sees("1 tube taken", "In your hands", grouped(tube))
    porter.sees_page("Carry", about="with-tube")

    scientist = person("nair")
    scientist.goes_to("Receive")
    scientist.sees_page("Receive")
    scientist.scans(tube)
    scientist.sees("Received", patient.surname.upper())
    scientist.sees_page("Receive", about="with-tube")

    senior = person("marsh")
    senior.goes_to("Queue")
    senior.sees_page("Queue")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees_in_row(patient.surname, "on the bench")

    scientist.goes_to("Bench")
    scientist.sees_page("Bench")
    scientist.scans(tube)
    scientist.sees_page("Type results")
    scientist.types_down("Haemoglobin", ["740", *(value for _, value in COUNT[1:])])
    scientist.presses("Control+Enter")
    scientist.sees_page("Type results")
    scientist.sees("One thing to put right", "It will not save like this")
    for name, value in (("Haemoglobin", "740"), *COUNT[1:]):
        scientist.finds_typed(name, value)
    scientist.corrects_to("Haemoglobin", "74")
    scientist.presses("Control+Enter")
    scientist.sees("can be checked by a colleague now")

    colleague = person("osei")
    colleague.goes_to("To check")
    colleague.sees_page("To check and authorise")
    colleague.walks_to(patient.surname)
    colleague.presses("Enter")
    colleague.sees_page("Check results")
    colleague.reaches("Full blood count: every value agrees with the print-out")
    colleague.presses("Space", "Control+Enter")
    colleague.sees("Checked.")

    senior.goes_to("To check")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees_page("Check results", about="senior")
    senior.reaches("Full blood count: every value agrees with the print-out")
    senior.presses("Space", "Control+Enter")
    senior.sees("Authorised. The ward can read it now.")

    doctor.goes_to("Results to read")
    doctor.sees_page("Results to read")
    doctor.walks_to(patient.surname)
    doctor.sees(patient.surname.upper())
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.sees_page("Results")
    doctor.sees("Haemoglobin", "74", "g/L", patient.nhs_text)
    doctor.presses("Control+Enter")
    doctor.sees("Noted that you read these results.")
    doctor.goes_to("Results to read")
    doctor.does_not_see(patient.surname.upper())

    senior.looks_again()
    slip = senior.prints("Print the slip")
    text = reading.joined(slip)
    assert patient.surname.upper() in text
    assert patient.nhs in text
    assert "Haemoglobin74" in text
    (slip_number,) = numbers_on(slip)
    assert slip_number.startswith("02")
