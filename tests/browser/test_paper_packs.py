"""A form written on paper: packs from the printer, keyed by scanner and keyboard, read again by a second person."""

from __future__ import annotations

import pytest

from lab_contingency.incidents.rules import for_tube, grouped
from tests.browser.patients import a_patient
from tests.browser.people import Person
from tests.printing import reading


def _keys(person: Person, patient, *tests: str) -> None:
    person.page.locator("#written_at").fill("00:01")
    person.page.locator("#nhs_number").fill(patient.nhs)
    person.page.locator("#born").fill(patient.born)
    person.page.locator("#surname").fill(patient.surname)
    person.page.locator("#forenames").fill(patient.forename)
    person.page.locator("input[name=sex][value=F]").check()
    person.page.locator("#requested_by").fill("Dr A. Okafor")
    person.page.locator("#collected_at").fill("00:02")
    person.page.locator("#collected_by").fill("Dr A. Okafor")
    person.fills_rest_of_card(*tests)


@pytest.mark.feature(7)
@pytest.mark.feature(8)
def test_a_written_form_is_keyed_from_its_scan_and_read_again_by_another(person):
    patient = a_patient()
    porter, scientist, colleague = person("porter.rowe"), person("nair"), person("osei")
    porter.goes_to("Packs")
    porter.sees_page("Paper packs")
    paper = porter.prints("Print for ED Resus", count="1")
    (form,) = {n for n in reading.barcodes(paper, 300, 7) if n[9:11] == "00"}
    porter.goes_to("Packs")
    porter.sees("1 pack left")

    scientist.goes_to("Receive")
    scientist.scans(for_tube(form, 3))
    scientist.sees("was not keyed yet")
    scientist.goes_to("Forms")
    scientist.sees_page("Written forms")
    scientist.scans(form)
    scientist.sees_page("Key a written form")
    colleague.goes_to("Forms")
    colleague.scans(for_tube(form, 3))
    colleague.sees("has this form open too")
    _keys(scientist, patient, "FBC", "GS")
    scientist.chooses("Transfused or pregnant in the last 3 months?", "no")
    scientist.clicks("Save the form")
    scientist.sees_page("Where is it?", about="from paper")
    scientist.sees(grouped(form), "A second person must key it")

    colleague.goes_to("Forms")
    colleague.clicks("Key it again")
    colleague.sees_page("Key the form again")
    colleague.does_not_see(patient.surname)
    colleague.page.locator("#nhs_number").fill(patient.nhs)
    colleague.page.locator("#born").fill(patient.born)
    colleague.page.locator("#surname").fill(patient.surname)
    colleague.page.locator("#forenames").fill(patient.forename)
    colleague.page.locator("input[name=sex][value=F]").check()
    colleague.page.locator("input[name=tests][value=FBC]").check()
    colleague.clicks("Compare the two")
    assert colleague.refusals(), "agreed with a test left out"
    colleague.page.locator("input[name=tests][value=GS]").check()
    colleague.clicks("Compare the two")
    colleague.sees("Both keyed the same.")

    scientist.goes_to("Receive")
    scientist.scans(for_tube(form, 3))
    scientist.sees(grouped(for_tube(form, 3)), "written by hand")
