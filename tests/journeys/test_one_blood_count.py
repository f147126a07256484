"""One blood count from the card to the slip."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from lab_contingency.incidents.rules import grouped
from tests.clients import Answer, LabClient, value_of
from tests.journeys.ward import box, compares, receives
from tests.printing import reading

COUNT = {
    "Haemoglobin": "74", "White cells": "14.2", "Platelets": "231", "Red cells": "3.95",
    "Haematocrit": "0.34", "MCV": "86", "MCH": "28.3", "MCHC": "329", "RDW-CV": "14.0",
    "Neutrophils": "11.9", "Lymphocytes": "1.4", "Monocytes": "0.7", "Eosinophils": "0.15",
    "Basophils": "0.05",
}  # fmt: skip


def types(scientist: LabClient, request_id: uuid.UUID, values: Mapping[str, str]) -> Answer:
    page = scientist.get("results.entry", request_id=request_id)
    form = {box(page.text, label): value for label, value in values.items()}
    form["version"] = value_of(page, "version")
    return scientist.post("results.enter", form, request_id=request_id)


def reads(doctor: LabClient, request_id: uuid.UUID) -> None:
    page = doctor.get("results.read", request_id=request_id)
    assert "Haemoglobin 74" in page.words
    assert "Not acknowledged." in page.words
    form = {"releases": value_of(page, "releases")}
    said = doctor.follow(doctor.post("results.acknowledge", form, request_id=request_id))
    assert "Noted that you read these results." in said.words


def test_a_blood_count_comes_back_to_the_doctor_who_asked_for_it(ward, client_for):
    request_id = ward.sends(ward.card("FBC"))
    (tube,) = ward.labels(request_id)
    ward.takes(request_id, tube)

    porter = client_for("porter.rowe")
    carried = porter.follow(porter.post("custody.scan", {"number": tube}))
    assert "1 tube taken." in carried.words
    assert grouped(tube) in carried.words
    assert "WOŹNIAK" not in carried.text.upper()

    scientist, colleague, senior = client_for("nair"), client_for("osei"), client_for("marsh")
    receives(scientist, tube)
    queue = senior.get("routing.queue")
    assert "WOŹNIAK-O’NEILL" in queue.words
    said = senior.follow(
        senior.post(
            "routing.accept", {"version": value_of(queue, "version")}, request_id=request_id
        )
    )
    assert "Accepted for King's core laboratory." in said.words

    refused = types(scientist, request_id, {**COUNT, "Haemoglobin": "740"})
    assert refused.status == 422
    assert "740 g/L cannot be haemoglobin." in refused.words
    assert types(scientist, request_id, COUNT).status == 303
    compares(colleague, "results.check", request_id, "FBC")
    compares(senior, "results.authorise", request_id, "FBC")

    assert "WOŹNIAK-O’NEILL" in ward.doctor.get("tracking.results_to_read").words
    reads(ward.doctor, request_id)
    assert "WOŹNIAK-O’NEILL" not in ward.doctor.get("tracking.results_to_read").words

    slip = senior.post("results.print_slip", request_id=request_id)
    assert "WOŹNIAK-O’NEILL" in reading.joined(slip.data)
    assert "Haemoglobin74" in reading.joined(slip.data)
