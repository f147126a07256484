"""A slip comes back from a laboratory that has only paper: by scanner and keyboard, from the box to the ward."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import time_text
from tests.browser.patients import a_patient
from tests.browser.people import Person
from tests.browser.rounds import received
from tests.printing import reading

THERE = "Barking and Havering"
VALUES = ("139", "6.9", "6.1", "80")


def _packs(scientist: Person, senior: Person, patient, tube: str) -> bytes:
    """Sent there, packed and sealed; the paper that goes along."""
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("l")
    senior.sees_page("Choose laboratory")
    for row in senior.main.locator(".choose tbody tr").all():
        row.locator("label.choose-one", has_text=THERE).locator("input").check()
    senior.clicks("Send there")
    scientist.goes_to("Send out")
    scientist.scans(tube)
    scientist.sees("Seal with 1 tube")
    scientist.fills("Box", "B15")
    scientist.fills("Seal number", "008822")
    scientist.clicks("Seal with 1 tube")
    scientist.sees("Print the return slips")
    return scientist.prints("Print the return slips")


def _opens(scientist: Person, number: str, patient) -> None:
    scientist.goes_to("Returned")
    scientist.scans(number)
    scientist.types(patient.born)
    scientist.presses("Enter")


@pytest.mark.feature(41)
@pytest.mark.hazard("07")
@pytest.mark.hazard("15")
def test_a_slip_is_typed_back_checked_against_its_page_and_read_on_the_ward(person):
    patient = a_patient()
    doctor, scientist, senior = person("okafor"), person("nair"), person("marsh")
    colleague = person("osei")
    (tube,) = received(doctor, scientist, patient, "UE")
    paper = _packs(scientist, senior, patient, tube)
    (number,) = {bar for bar in reading.barcodes(paper, 300) if bar.startswith("07")}
    photo = io.BytesIO()
    pypdfium2.PdfDocument(paper)[0].render(scale=1.6).to_pil().convert("L").save(photo, "PNG")

    scientist.goes_to("Returned")
    scientist.sees_page("Returned on paper")
    _opens(scientist, number, patient)
    scientist.sees_page("Type back", about="fresh")
    for value in VALUES:
        scientist.types(value)
        scientist.presses("Enter")
    scientist.fills("Done by, as on the page", "J. Mensah")
    scientist.fills("Authorised by, as on the page", "Dr M. Osei")
    scientist.fills("Signed, day and time", time_text(clock.now()))
    scientist.presses("Control+Enter")
    scientist.sees("Keep a photo or scan of the page now")
    file = {"name": "page.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    scientist.page.locator("#picture").set_input_files(file)
    scientist.clicks("Keep the page")
    scientist.sees("The page is kept, sealed.")
    scientist.looks_over(about="with-page")

    colleague.goes_to("Returned")
    colleague.looks_over(about="waiting")
    colleague.clicks("Check it")
    colleague.sees_page("Check against the page")
    colleague.does_not_see("6.9")
    colleague.fills("Potassium", "6.9")
    colleague.ticks("Number, name and date of birth on the page are those shown here")
    colleague.clicks("Everything agrees: release")
    colleague.sees("U&E released to the ward. 1 result is on the call list now")

    senior.goes_to("To telephone")
    senior.sees(patient.surname.upper(), "Potassium")
    doctor.goes_to("Results to read")
    doctor.follows_in_row(patient.surname, "Read the results")
    doctor.sees("6.9", "by Dr M. Osei, Barking and Havering")
