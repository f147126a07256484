"""A partner laboratory sees what was sent to it, does it, and sees nothing else."""

from __future__ import annotations

from tests.clients import value_of
from tests.factories.world import nhs_number
from tests.journeys.test_one_blood_count import types
from tests.journeys.ward import compares, receives


def test_a_partner_sees_only_what_was_sent_to_it_and_its_result_comes_back(ward, client_for):
    kept = ward.sends(ward.card("CRP", nhs_number=nhs_number(420_000), surname="Ashdown"))
    sent = ward.sends(ward.card("CRP"))
    ward.takes(kept, *ward.labels(kept))
    (tube,) = ward.labels(sent)
    ward.takes(sent, tube)
    scientist, senior, partner = client_for("nair"), client_for("marsh"), client_for("castellan")
    assert partner.get("tracking.request", request_id=sent).status == 404
    receives(scientist, tube)

    page = senior.get("routing.request", request_id=sent)
    form = {
        "version": value_of(page, "version"),
        "laboratory-CRP": str(ward.laboratory("SWLP-LAB")),
        "reason": "",
    }
    assert senior.post("routing.choose", form, request_id=sent).status == 303
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
