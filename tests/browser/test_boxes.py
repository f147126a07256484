"""A box is packed, handed over on a phone, unpacked with two tubes missing, and both are settled."""

from __future__ import annotations

import pytest

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.rounds import received
from tests.printing import reading

PHONE = {"width": 390, "height": 844}
THERE = "South West London"


@pytest.mark.feature(35)
@pytest.mark.feature(45)
@pytest.mark.hazard("H05")
def test_a_box_goes_to_another_laboratory_and_what_is_missing_is_settled(person):
    patient = a_patient()
    doctor, scientist, senior = person("okafor"), person("nair"), person("marsh")
    porter, partner = person("porter.rowe"), person("castellan")
    tubes = received(doctor, scientist, patient, "FBC", "CRP", "COAG")
    senior.goes_to("Queue")
    senior.walks_to(patient.surname)
    senior.presses("l")
    senior.sees_page("Choose laboratory")
    for row in senior.main.locator(".choose tbody tr").all():
        row.locator("label.choose-one", has_text=THERE).locator("input").check()
    senior.clicks("Send there")

    scientist.goes_to("Send out")
    scientist.sees_page("Send out", about="to-pack")
    scientist.scans(tubes[0])
    scientist.sees("Seal with 1 tube")
    for tube in tubes[1:]:
        scientist.scans(tube)
        scientist.sees(grouped(tube))
    scientist.sees("Seal with 3 tubes")
    scientist.looks_over(about="packing")
    scientist.scans(tubes[0])
    scientist.sees("This tube is in this box already. Scan the next.")
    scientist.fills("Box", "B14")
    scientist.fills("Seal number", "008821")
    scientist.clicks("Seal with 3 tubes")
    scientist.sees("Sealed. Print the manifest")
    scientist.looks_over(about="sealed")
    paper = scientist.prints("Print the manifest")
    (number,) = {bar for bar in reading.barcodes(paper, 300) if bar.startswith("01")}
    assert patient.surname.upper() in reading.joined(paper)

    porter.page.set_viewport_size(PHONE)
    porter.goes_to("Boxes")
    porter.sees_page("Boxes", about="phone")
    porter.holds_nothing_of(patient)
    porter.scans(number)
    porter.sees_page("Hand over a box")
    porter.fills("To", "Courier 7")
    porter.fills("Tubes, as on the manifest", "3")
    porter.clicks("It is handed over")
    porter.sees("Noted: Courier 7 has it now.")
    porter.holds_nothing_of(patient)

    partner.goes_to("Boxes")
    partner.scans(number)
    partner.clicks("It is here: unpack it")
    partner.scans(tubes[1])
    partner.sees("2 still inside")
    partner.looks_over(about="unpacking")
    partner.clicks("Finish: 2 tubes are missing")
    partner.sees("3 packed: 1 arrived, 2 missing.")
    partner.looks_over(about="missing")

    for tube, ending in ((tubes[0], "found where it was packed"), (tubes[2], "lost")):
        scientist.goes_to("Boxes")
        scientist.follows(grouped(tube))
        scientist.sees("duty scientist, King's core laboratory")
        scientist.looks_over()
        scientist.chooses("It ended so", ending)
        scientist.fills("What was found", "looked on the bench")
        scientist.clicks("Settle it")
        scientist.sees("Settled.")
    doctor.goes_to("My patients")
    doctor.sees_in_row(patient.surname, "again")
