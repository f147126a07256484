"""Parts of the work that many stories have in common, done quickly."""

from __future__ import annotations

from collections.abc import Mapping

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import Patient
from tests.browser.people import Person, numbers_on

COUNT = {
    "Haemoglobin": "74", "White cells": "14.2", "Platelets": "231", "Red cells": "3.95",
    "Haematocrit": "0.34", "MCV": "86", "MCH": "28.3", "MCHC": "329", "RDW-CV": "14.0",
    "Neutrophils": "11.9", "Lymphocytes": "1.4", "Monocytes": "0.7", "Eosinophils": "0.15",
    "Basophils": "0.05",
}  # fmt: skip
COUNT_AGREES = "Full blood count: every value agrees with the print-out"
PROTEIN_AGREES = "C-reactive protein: every value agrees with the print-out"


def asked(doctor: Person, patient: Patient, *tests: str, **card: str) -> str:
    """A card is sent; returns its number."""
    doctor.fills_card(patient, *tests, **card)
    return doctor.sends()


def labelled(doctor: Person, patient: Patient, *tests: str, **card: str) -> list[str]:
    """A card is sent and its labels are printed; returns their numbers."""
    asked(doctor, patient, *tests, **card)
    return numbers_on(doctor.prints("Print labels"))


def collected(doctor: Person, tubes: list[str]) -> None:
    """The tubes of one patient are filled: the wristband is read, then each label on its tube."""
    doctor.goes_to("Collect")
    doctor.scans(tubes[0])
    doctor.sees_page("Collect blood")
    doctor.reads_wristband()
    for tube in tubes:
        doctor.sticks_on(tube)
    doctor.sees_page("Collect blood", about="agreed")
    doctor.clicks("Save: these are taken")
    doctor.sees("noted as taken")


def received(
    doctor: Person, scientist: Person, patient: Patient, *tests: str, **card: str
) -> list[str]:
    """Asked, labelled, collected and scanned in at the laboratory."""
    tubes = labelled(doctor, patient, *tests, **card)
    collected(doctor, tubes)
    scientist.goes_to("Receive")
    for tube in tubes:
        scientist.scans(tube)
        scientist.sees(grouped(tube))
    return tubes


def accepted(senior: Person, patient: Patient) -> None:
    """As suggested, from the queue."""
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("Enter")
    senior.sees_in_row(patient.surname, "on the bench")


def typed(scientist: Person, tube: str, values: Mapping[str, str]) -> None:
    """The values of one print-out."""
    scientist.goes_to("Bench")
    scientist.scans(tube)
    scientist.sees_page("Type results")
    for label, value in values.items():
        scientist.field(label).fill(value)
    scientist.clicks("Save for second check")
    scientist.sees("Saved.")


def compared(person: Person, patient: Patient, agrees: str, button: str) -> None:
    """Checked or authorised by somebody else."""
    person.goes_to("To check")
    person.follows_in_row(patient.surname, patient.surname.upper())
    person.ticks(agrees)
    person.clicks(button)


def checked(colleague: Person, patient: Patient, agrees: str) -> None:
    """By a colleague."""
    compared(colleague, patient, agrees, "Check the ticked tests")
    colleague.sees("Checked.")


def authorised(senior: Person, patient: Patient, agrees: str) -> None:
    """By a senior; the senior is left at the results."""
    compared(senior, patient, agrees, "Authorise the ticked tests")
    senior.sees("Authorised. The ward can read it now.")
