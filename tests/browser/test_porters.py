"""What stands on a porter's screen, and what does not."""

from __future__ import annotations

from lab_contingency.incidents.rules import grouped
from tests.browser.patients import a_patient
from tests.browser.people import numbers_on
from tests.browser.rounds import asked, collected, labelled
from tests.printing import reading


def test_a_scanner_quicker_than_the_server_loses_no_tube(person):
    doctor, porter, scientist = person("okafor"), person("porter.rowe"), person("nair")
    tubes = labelled(doctor, a_patient(), "FBC", "UE", "COAG", "GLU")
    collected(doctor, tubes)
    porter.goes_to("Carry")
    porter.scans_at_once(*tubes)
    for tube in tubes:
        porter.sees(grouped(tube))
    scientist.goes_to("Receive")
    with scientist.waits_long_for("**/receive"):
        scientist.scans_at_once(tubes[0], tubes[1])
    scientist.sees(grouped(tubes[0]), grouped(tubes[1]))
    with scientist.waits_long_for("**/receive"):
        scientist.scans_at_once("9994000004", tubes[2], tubes[3])
    scientist.sees("an NHS number", f"Not sent: {tubes[2]}, {tubes[3]}. Scan again.")
    for tube in tubes[2:]:
        scientist.scans(tube)
        scientist.sees(grouped(tube))


def test_no_page_of_a_porter_holds_an_identifier_and_the_paper_holds_all(person):
    patient = a_patient()
    doctor, porter = person("okafor"), person("porter.rowe")
    form = asked(
        doctor, patient, "FBC", "GS", answer="Transfused or pregnant in the last 3 months?"
    )
    doctors_page = doctor.page.url
    porter.goes_to("Print")
    porter.sees_page("Print station")
    porter.sees("ED Resus", "no label")
    porter.holds_nothing_of(patient)
    paper = porter.prints("Print ED Resus")
    printed = " ".join(reading.joined(paper, page) for page in range(reading.pages(paper)))
    assert patient.surname.upper() in printed
    assert patient.nhs in printed
    tubes = [number for number in set(numbers_on(paper)) if number[:9] == form[:9]]
    assert form in tubes
    (tube,) = set(tubes) - {form}

    porter.goes_to("Print")
    porter.scans(form)
    porter.sees("Why is it printed again?", "Print a copy")
    porter.sees_page("Print station", about="again")
    porter.holds_nothing_of(patient)

    collected(doctor, [tube])
    porter.goes_to("Carry")
    porter.scans(tube)
    porter.sees(*tube[3:9].split())
    porter.holds_nothing_of(patient)
    porter.page.goto("/where")
    porter.sees_page("Where is it?")
    porter.scans(tube)
    porter.sees_page(
        f"Tubes of {form[:2]} {form[2]} {form[3:9]} {form[9:11]} {form[11]}", about="porter"
    )
    porter.holds_nothing_of(patient)
    porter.is_turned_away_from(doctors_page, patient)
    porter.is_turned_away_from("/requests", patient)
