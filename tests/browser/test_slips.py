"""Slips by place: a porter prints, carries and scans them in; no name is on the screen."""

from __future__ import annotations

import re

import pytest

from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.browser.rounds import accepted, authorised, received, typed
from tests.printing import reading


@pytest.mark.feature(61)
def test_a_result_goes_by_paper_from_the_laboratory_to_the_ward(person):
    patient = a_patient()
    doctor, scientist, senior = person("okafor"), person("nair"), person("marsh")
    porter = person("porter.rowe")
    (tube,) = received(doctor, scientist, patient, "CRP")
    accepted(senior, patient)
    typed(scientist, tube, {"CRP": "12"})
    authorised(senior, patient, "C-reactive protein: every value")

    porter.goes_to("Slips")
    porter.sees_page("Slips", about="to-print")
    porter.sees("ED Resus")
    porter.holds_nothing_of(patient)
    paper = porter.prints("Print ED Resus")
    words = "".join(reading.joined(paper, page) for page in range(reading.pages(paper)))
    assert patient.surname.upper() in words
    (listed,) = [number for number in numbers_on(paper) if number.startswith("06")]

    porter.goes_to("Slips")
    porter.sees("On the way", "not there")
    porter.sees_page("Slips", about="on-the-way")
    porter.scans("411004711022")
    porter.sees("Scan the bars at the top of a delivery list or of a result slip.")
    porter.scans(listed)
    porter.sees("arrived at ED Resus")
    assert listed not in re.sub(r"\s", "", porter.page.locator("main").inner_text())
    porter.holds_nothing_of(patient)


def test_the_sheet_for_the_next_shift(person):
    senior = person("marsh")
    senior.page.goto("/hand-over")
    senior.sees_page("Hand over")
    senior.looks_over()
    paper = senior.prints("Print the hand-over sheet", to_whom="T. Osei")
    assert "T. Osei" in reading.text(paper)
