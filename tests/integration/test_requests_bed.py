"""The bed: asked on the card, put right from its page, and shown beside the ward."""

from __future__ import annotations

import uuid

import pytest

from tests.clients import value_of
from tests.factories.world import a_request, nhs_number


@pytest.fixture
def doctor(world, client_for):
    return client_for("doctor")


def _card(world, doctor, **changes):
    held = {
        "idempotency_key": str(uuid.uuid4()),
        "nhs_number": nhs_number(5),
        "born": "04-Nov-1958",
        "sex": "F",
        "surname": "Nowak",
        "forenames": "Ewa",
        "ward": str(world.wards["KCH-ED-RESUS"]),
        "bed": "4",
        "callback": "bleep 2222",
        "destination": "",
        "anticoagulant": "none",
        "requested_by": "Dr A. Okafor",
        "issuer": "RJZ",
        "collection_method": "vein",
        "tests": ["FBC"],
        "band": "P1",
        "reason_code": "SEPSIS",
        "infection_risk": "none known",
        "do": "send",
    }
    return doctor.post("requests.send", {**held, **changes})


def test_a_card_without_a_bed_comes_back_and_says_what_may_be_typed(world, doctor):
    answer = _card(world, doctor, bed="")

    assert answer.status == 422
    assert "Type the bed; “chair” and “none yet” are answers." in answer.words


@pytest.mark.parametrize("bed", ["4", "chair", "none yet", "bay 2 bed 4"])
def test_a_bed_a_chair_and_none_yet_are_answers(world, doctor, bed):
    assert _card(world, doctor, bed=bed).status == 303


def test_the_bed_stands_beside_the_ward_and_with_what_was_asked(world, doctor):
    placed = a_request(world, bed="12A")

    page = doctor.get("tracking.request", request_id=placed.request_id)

    assert "ED Resus, bed 12A" in page.words


def test_the_bed_is_put_right_from_its_page(world, doctor):
    placed = a_request(world)
    page = doctor.get("requests.correct", request_id=placed.request_id)
    form = {
        "version": value_of(page, "version"),
        "ward": str(world.wards["KCH-ED-RESUS"]),
        "destination": str(world.wards["KCH-ED-RESUS"]),
        "callback": "bleep 2222",
        "reason": "moved",
    }

    refused = doctor.post("requests.correct", {**form, "bed": ""}, request_id=placed.request_id)
    moved = doctor.post("requests.correct", {**form, "bed": "7"}, request_id=placed.request_id)

    assert value_of(page, "bed") == "4"
    assert (refused.status, moved.status) == (422, 303)
    assert "ED Resus, bed 7" in doctor.follow(moved).words
