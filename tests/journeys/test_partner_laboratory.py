"""A partner laboratory sees what was sent to it, does it, and sees nothing else."""

from __future__ import annotations

import uuid

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import date_text
from lab_contingency.specimens.queries import tubes_of
from tests.clients import value_of
from tests.factories.world import nhs_number
from tests.journeys.test_one_blood_count import COUNT, types
from tests.journeys.ward import compares, is_sent_to, receives


def test_a_partner_sees_only_what_was_sent_to_it_and_its_result_comes_back(ward, client_for):
    kept = ward.sends(ward.card("CRP", nhs_number=nhs_number(420_000), surname="Ashdown"))
    sent = ward.sends(ward.card("CRP"))
    ward.takes(kept, *ward.labels(kept))
    (tube,) = ward.labels(sent)
    ward.takes(sent, tube)
    scientist, senior, partner = client_for("nair"), client_for("marsh"), client_for("castellan")
    assert partner.get("tracking.request", request_id=sent).status == 404
    receives(scientist, tube)

    is_sent_to(senior, sent, ward.laboratory("SWLP-LAB"), "CRP")
    gone = scientist.follow(
        scientist.post("transport.send_one", {"number": tube, "laboratory": ""})
    )
    assert "On the way to South West London Pathology" in gone.words

    receives(partner, tube)
    bench = partner.get("results.bench")
    assert "WOŹNIAK-O’NEILL" in bench.words
    assert "ASHDOWN" not in bench.words
    assert types(partner, sent, {"CRP": "188"}).status == 303
    compares(client_for("swlp.second"), "results.check", sent, "CRP")
    compares(client_for("swlp.senior"), "results.authorise", sent, "CRP")

    read = ward.doctor.get("results.read", request_id=sent)
    assert "188" in read.words
    assert "South West London Pathology" in read.words
    for endpoint in ("tracking.request", "results.entry", "results.read", "specimens.receive_form"):
        assert partner.get(endpoint, request_id=kept).status == 404


@pytest.mark.feature(36)
@pytest.mark.hazard("08")
def test_two_tubes_go_out_one_comes_to_nothing_a_question_comes_back_answered(ward, client_for):
    """The whole night of a partner: receive, reject, ask, type by its own interval, check, authorise."""
    request_id = ward.sends(ward.card("FBC", "CRP"))
    tubes = ward.labels(request_id)
    ward.takes(request_id, *tubes)
    scientist, senior, partner = client_for("nair"), client_for("marsh"), client_for("castellan")
    for tube in tubes:
        receives(scientist, tube)
    is_sent_to(senior, request_id, ward.laboratory("SWLP-LAB"), "FBC", "CRP")
    for tube in tubes:
        scientist.post(
            "transport.send_one", {"number": tube, "laboratory": "", "to_name": "", "anyway": ""}
        )
    expected = partner.get("tracking.to_us").words
    assert "On the way 2 tubes" in expected
    assert "WOŹNIAK" not in expected

    _states_its_interval(partner)
    for tube in tubes:
        receives(partner, tube)
    blood, serum = _by_test(ward, request_id)
    page = partner.get("specimens.reject", request_id=request_id, planned_tube_id=serum)
    why = {"version": value_of(page, "version"), "reason_code": "HAEMOLYSED", "note": ""}
    assert (
        partner.post("specimens.reject", why, request_id=request_id, planned_tube_id=serum).status
        == 303
    )

    _asks_and_is_answered(partner, senior, request_id, blood)
    assert types(partner, request_id, {**COUNT, "Haemoglobin": "114"}).status == 303
    compares(client_for("swlp.second"), "results.check", request_id, "FBC")
    compares(client_for("swlp.senior"), "results.authorise", request_id, "FBC")
    read = ward.doctor.get("results.read", request_id=request_id).words
    assert "South West London Pathology" in read
    assert "Haemoglobin 114 g/L 112–151" in read  # low by nobody's interval but ours
    assert "to be taken again" in read or "take it again" in read


def _asks_and_is_answered(partner, senior, request_id, tube):
    """Which of two collection times: it waits on the senior’s first page, and comes back."""
    asks = {"kind": "time", "words": "02:10 or 03:10?", "tube": str(tube), "to": ""}
    asked = partner.post("questions.ask", asks, request_id=request_id)
    assert asked.status == 303, asked.words
    assert "Questions 1" in senior.get("tracking.home").words
    thread = senior.follow(asked)
    said = {"version": value_of(thread, "version"), "how": "written", "words": "03:10."}
    question_id = uuid.UUID(asked.location.rpartition("/")[2])
    assert senior.post("questions.answer", said, question_id=question_id).status == 303
    assert "03:10." in partner.get("questions.thread", question_id=question_id).words


def _states_its_interval(partner):
    """Of haemoglobin, for women."""
    form = {"analyte": "HB", "whom": "women", "from_age": "16", "to_age": "", "low": "112"}
    form |= {"high": "151", "valid_from": date_text(clock.london(clock.now()).date())}
    assert partner.post("stated.state", form).status == 303


def _by_test(ward, request_id):
    """The planned tubes of the blood count and of the protein."""
    with ward.app.app_context():
        tubes = {tube.test_words: tube.planned_tube_id for tube in tubes_of(request_id)}
    return tubes["FBC"], tubes["CRP"]
