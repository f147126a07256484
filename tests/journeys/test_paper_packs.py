"""A night on paper: packs printed, one written, its tubes carried, keyed by one, checked by another, named later."""

from __future__ import annotations

import re
import uuid

import pytest

from lab_contingency.incidents.rules import for_tube, grouped
from lab_contingency.requests.queries import planned_tubes
from lab_contingency.specimens.rules import HandItem
from tests.clients import Answer, LabClient, value_of
from tests.factories.world import nhs_number
from tests.journeys.test_one_blood_count import COUNT, types
from tests.printing import reading

GUIDES = 7


def prints_packs(porter: LabClient, ward_id: uuid.UUID) -> tuple[str, tuple[str, str]]:
    """The form number read from the paper, and the first prepared name with its number."""
    paper = porter.post("packs.print_packs", {"count": "2"}, ward_id=ward_id)
    (form,) = {n for n in reading.barcodes(paper.data, 300, GUIDES) if n[9:11] == "00"}
    lines = reading.text(paper.data, GUIDES - 1).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("number RJZ"))
    return form, (lines[place - 1], lines[place].removeprefix("number "))


def keys(clerk: LabClient, form: str, name: str, number: str) -> uuid.UUID:
    """As the ward wrote it: somebody nobody knows, under a prepared name."""
    page = clerk.follow(clerk.post("forms.scan", {"number": grouped(form)}))
    link = re.search(r'href="([^"]*unidentified=1)"', page.text)[1]
    page = clerk.open(link)
    action = re.search(r'action="(/forms/[0-9a-f-]{36})" class="card"', page.text)[1]
    surname, forename = name.split()
    answer = clerk.open(
        action,
        method="POST",
        data={
            "idempotency_key": value_of(page, "idempotency_key"),
            "unidentified": "1",
            "surname": surname,
            "forenames": forename,
            "hospital_number": number,
            "issuer": "RJZ",
            "sex": "F",
            "estimated_age": "60",
            "ward": re.search(r'<option selected value="([0-9a-f-]{36})"', page.text)[1],
            "bed": "4",
            "destination": "",
            "callback": "bleep 2222",
            "requested_by": "Dr A. Okafor",
            "tests": ["FBC", "GS"],
            "answer-transfused_or_pregnant_3_months": "not known",
            "band": "P1",
            "reason_code": "MAJOR_HAEM",
            "clinical_details": "Found at the station",
            "anticoagulant": "not known",
            "infection_risk": "none known",
            "collection_method": "vein",
            "written_at": "00:01",
            "collected_at": "00:02",
            "collected_by": "Dr A. Okafor",
            "do": "save",
        },
    )
    assert answer.status == 303, answer.words
    return uuid.UUID(re.search(r"[0-9a-f-]{36}", answer.location)[0])


def takes_in_by_hand(clerk: LabClient, app, request_id: uuid.UUID) -> Answer:
    """The transfusion tube, compared with its form."""
    with app.app_context():
        pink = next(tube.id for tube in planned_tubes(request_id) if tube.by_hand)
    form = {
        "confirmed": [item.value for item in HandItem],
        "collected_at": "00:02",
        "collected_by": "Dr A. Okafor",
    }
    return clerk.post("specimens.accept_by_hand", form, request_id=request_id, planned_tube_id=pink)


def keys_again(colleague: LabClient, name: str, number: str) -> Answer:
    """The second person, from the paper."""
    again = re.search(r'href="(/forms/again/[0-9a-f-]{36})"', colleague.get("forms.start").text)[1]
    surname, forename = name.split()
    typed = {
        "surname": surname, "forenames": forename, "sex": "F", "nhs_number": "",
        "hospital_number": number, "issuer": "RJZ", "tests": ["FBC", "GS"],
    }  # fmt: skip
    return colleague.follow(colleague.open(again, method="POST", data=typed))


def says_who_it_is(doctor: LabClient, request_id: uuid.UUID) -> Answer:
    """The daughter came."""
    who = {
        "version": value_of(doctor.get("linking.identify", request_id=request_id), "version"),
        "nhs_number": nhs_number(410_001), "born": "04-Nov-1958", "sex": "F", "issuer": "RJZ",
        "surname": "Woźniak-O’Neill", "forenames": "Siân", "reason": "daughter came", "checked": "y",
    }  # fmt: skip
    return doctor.follow(doctor.post("linking.identify", who, request_id=request_id))


@pytest.mark.feature(7)
@pytest.mark.feature(8)
def test_a_form_written_while_nothing_worked_comes_back_as_a_result(ward, client_for, app):
    porter, clerk, colleague = client_for("porter.rowe"), client_for("nair"), client_for("osei")
    form, (name, number) = prints_packs(porter, ward.place)
    tube = for_tube(form, 3)

    early = clerk.post("specimens.receive_scan", {"number": tube})
    assert early.status == 422
    assert "was not keyed yet" in early.words
    request_id = keys(clerk, form, name, number)
    received = clerk.follow(clerk.post("specimens.receive_scan", {"number": tube}))
    assert grouped(tube) in received.words
    assert "written by hand" in received.words

    refused = takes_in_by_hand(clerk, app, request_id)
    assert "a second person must key it again first" in refused.words
    assert "Both keyed the same." in keys_again(colleague, name, number).words
    assert takes_in_by_hand(clerk, app, request_id).status == 303

    senior = client_for("marsh")
    version = value_of(senior.get("routing.queue"), "version")
    senior.post("routing.accept", {"version": version}, request_id=request_id)
    assert types(clerk, request_id, COUNT).status == 303


@pytest.mark.feature(104)
@pytest.mark.hazard("H19")
def test_somebody_nobody_knew_gets_a_name_and_keeps_every_number(ward, client_for):
    form, (name, number) = prints_packs(client_for("porter.rowe"), ward.place)
    request_id = keys(client_for("nair"), form, name, number)
    doctor = ward.doctor

    story = says_who_it_is(doctor, request_id)
    assert name in story.words
    assert "Identified as WOŹNIAK-O’NEILL Siân, 04-Nov-1958" in story.words
    assert f"Request {grouped(form)}" in story.words
    found = doctor.follow(doctor.post("tracking.where", {"number": for_tube(form, 3)}))
    assert grouped(form) in found.words
    mine = ward.sends(ward.card("CRP", nhs_number=nhs_number(410_001)))
    other = doctor.get("tracking.request", request_id=mine)
    assert f"The same person, under the other name: {grouped(form)}" in other.words

    back = doctor.post("linking.end", {"why": "it was her sister"}, request_id=request_id)
    assert "taken back by Dr A. Okafor" in doctor.follow(back).words
    assert "Identified as" not in doctor.get("tracking.request", request_id=request_id).words
