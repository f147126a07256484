"""A page that is out of date comes back with both versions, what was typed kept, and can be sent again."""

from __future__ import annotations

import pytest

from lab_contingency.foundation.database import unit_of_work
from lab_contingency.requests.queries import request_view
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests
from tests.clients import value_of
from tests.factories.tubes import assign, collect, label
from tests.factories.world import a_request


@pytest.fixture
def doctor(world, client_for):
    return client_for("doctor")


def details(world, page, **changes):
    held = {
        "version": value_of(page, "version"),
        "ward": str(world.wards["KCH-ED-RESUS"]),
        "destination": str(world.wards["KCH-ED-RESUS"]),
        "bed": "4",
        "callback": "bleep 2222",
        "reason": "moved",
    }
    return {**held, **changes}


@pytest.mark.hazard("H13")
def test_details_changed_by_a_colleague_stand_beside_what_was_typed(world, doctor):
    placed = a_request(world)
    where = {"request_id": placed.request_id}
    mine, theirs = (doctor.get("requests.correct", **where) for _ in range(2))
    amu = str(world.wards["KCH-AMU"])
    doctor.post("requests.correct", details(world, theirs, ward=amu, bed="7"), **where)

    page = doctor.post("requests.correct", details(world, mine, bed="9"), **where)

    assert page.status == 409
    assert "Somebody else changed this" in page.words
    assert "Ward or place Acute Medical Unit ED Resus" in page.words
    assert "Bed 7 9" in page.words
    assert "Slip goes to ED Resus" not in page.words  # the same in both
    assert request_view(placed.request_id, world.doctor).bed == "7"
    again = doctor.post("requests.correct", details(world, page, bed="9"), **where)
    assert again.status == 303
    assert request_view(placed.request_id, world.doctor).bed == "9"


def test_work_of_the_laboratory_meanwhile_is_no_dead_end(world, doctor):
    placed = a_request(world)
    where = {"request_id": placed.request_id}
    mine = doctor.get("requests.correct", **where)
    shown = request_view(placed.request_id, world.senior)
    with unit_of_work():
        accept_tests(AcceptTests(shown.id, shown.version, ("FBC",)), actor=world.senior)
    page = doctor.post("requests.correct", details(world, mine, bed="9"), **where)
    assert page.status == 409
    assert doctor.post("requests.correct", details(world, page, bed="9"), **where).status == 303


def test_a_withdrawal_from_an_old_page_can_be_sent_again(world, doctor):
    placed = a_request(world, tests=("FBC", "UE"))
    sent = {"tests": ["FBC"], "reason": "asked twice"}
    where = {"request_id": placed.request_id}
    page = doctor.post("requests.withdraw", {**sent, "version": "0"}, **where)
    assert page.status == 409
    sent["version"] = value_of(page, "version")
    assert doctor.post("requests.withdraw", sent, **where).status == 303


def test_a_rejection_from_an_old_page_can_be_sent_again(world, client_for):
    placed = a_request(world)
    assign(world, placed.request_id, "KCH-LAB")
    label(world, placed.request_id, actor=world.doctor)
    collect(world, placed.request_id, actor=world.doctor)
    (tube,) = tubes_of(placed.request_id)
    where = {"request_id": placed.request_id, "planned_tube_id": tube.planned_tube_id}
    scientist = client_for("scientist")

    page = scientist.post("specimens.reject", {"reason_code": "CLOTTED", "version": "99"}, **where)
    sent = {"reason_code": "CLOTTED", "version": value_of(page, "version")}

    assert page.status == 409
    assert scientist.post("specimens.reject", sent, **where).status == 303
