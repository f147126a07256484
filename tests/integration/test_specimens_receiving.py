"""At the laboratory: what a scan receives, which tests move, and how old is too old."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import Age, RejectTube
from lab_contingency.specimens.queries import (
    custody_of,
    tubes_at,
    tubes_of,
)
from lab_contingency.specimens.rules import SpecimenStatus
from tests.factories.tubes import (
    a_collected_tube,
    assign,
    collect,
    label,
    receive,
    tube,
)
from tests.factories.world import a_request, make_world

NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)
ANSWERS = {"transfused_or_pregnant_3_months": "no", "units": "2", "needed_by": "04:00"}


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NOW):
        yield make_world()


def card(world, *tests, **changes):
    return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def statuses(world, request_id):
    view = request_view(request_id, world.doctor)
    return {one.test.code: one.status for one in view.tests}


def reject(world, request_id, place=0, reason="HAEMOLYSED", note="", actor=None):
    planned = tubes_of(request_id)[place].planned_tube_id
    with unit_of_work():
        command = RejectTube(request_id, planned, reason, note)
        return services.reject(command, actor=actor or world.scientist)


def old_tube(world, *tests, hours):
    request_id = card(world, *tests)
    assign(world, request_id)
    number = label(world, request_id).labels[0].number
    collect(world, request_id, ago=dt.timedelta(hours=hours))
    return request_id, number


def test_receipt_moves_only_the_tests_assigned_to_that_laboratory(world):
    request_id = card(world, "UE", "CRP", "LFT")
    assign(world, request_id, "KCH-LAB", "UE")
    assign(world, request_id, "STH-LAB", "CRP")
    number = a_collected_tube(world, request_id)

    done = receive(world, number)

    assert statuses(world, request_id) == {
        "UE": TestStatus.RECEIVED,
        "CRP": TestStatus.ASSIGNED,
        "LFT": TestStatus.REQUESTED,
    }
    assert done.cautions == ("Send it on: tests on it are for St Thomas' core laboratory.",)


def test_a_tube_received_before_routing_stands_there_with_its_tests_unmoved(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)

    receive(world, number)

    assert tube(request_id).status is SpecimenStatus.RECEIVED
    assert statuses(world, request_id) == {"FBC": TestStatus.REQUESTED}
    assert request_view(request_id, world.scientist).number


def test_receipt_starts_the_laboratorys_own_clock(world):
    request_id = card(world, "LAC", needed_by=NOW + dt.timedelta(hours=4))
    assign(world, request_id)
    number = a_collected_tube(world, request_id)

    receive(world, number)

    request = session().get(Request, request_id)
    assert request.received_at == NOW
    assert request.due_at == NOW + dt.timedelta(minutes=30)
    assert request.unusable_at == NOW + dt.timedelta(minutes=55)


def test_a_less_pressing_request_keeps_the_time_the_ward_needs_it_by(world):
    needed = NOW + dt.timedelta(hours=20)
    request_id = card(world, "LAC", band=Band.P3, needed_by=needed)
    assign(world, request_id)
    number = a_collected_tube(world, request_id)

    receive(world, number)

    assert session().get(Request, request_id).due_at == needed


def test_a_tube_received_already_says_when_and_where(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)

    with pytest.raises(RuleBroken, match="Received already at 03:05, King's core laboratory"):
        receive(world, number)


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("9992173858", "NHS number"),
        ("=A99971712345600", "blood component"),
        ("020000000017", "check digit|result slip"),
        ("41100471", "8 digits"),
        ("", "Scan or type"),
    ],
)
def test_a_foreign_barcode_is_refused_by_name(world, scanned, words):
    with pytest.raises(RuleBroken, match=words) as refused:
        receive(world, scanned)
    assert refused.value.field == "number"


def test_a_forms_number_in_the_tube_field_says_what_to_do(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="number of a form"):
        receive(world, request_view(request_id, world.doctor).number)


def test_receipt_asks_when_the_blood_was_taken_if_nobody_noted_it(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = label(world, request_id).labels[0].number

    with pytest.raises(RuleBroken) as refused:
        receive(world, number)
    receive(world, number, age=Age(NOW - dt.timedelta(minutes=30)))

    assert refused.value.field == "collected_at"
    held = tube(request_id)
    assert held.collected_at == NOW - dt.timedelta(minutes=30)
    assert held.collected_by == "not noted"
    assert "as noted on tube or form" in [one.reason for one in custody_of(request_id)]


def test_receipt_takes_the_time_from_the_card(world):
    taken = NOW - dt.timedelta(minutes=12)
    request_id = card(world, "FBC", collected_at=taken, collected_by="Dr A. Okafor")
    assign(world, request_id)
    number = label(world, request_id).labels[0].number

    receive(world, number)

    assert (tube(request_id).collected_at, tube(request_id).collected_by) == (taken, "Dr A. Okafor")


@pytest.mark.hazard("H14")
def test_a_tube_too_old_demands_a_decision(world):
    request_id, number = old_tube(world, "UE", hours=13)

    with pytest.raises(RuleBroken) as refused:
        receive(world, number)
    done = receive(world, number, age=Age(accept_reason="only sample there will be"))

    assert refused.value.field == "accept_reason"
    assert "13 h ago, the limit is 12 h" in refused.value.message
    assert "used all the same: U&E" in done.cautions[0]
    assert "only sample there will be" in [one.reason for one in custody_of(request_id)]


@pytest.mark.hazard("H14")
def test_only_the_tests_it_is_too_old_for_are_left_out(world):
    request_id, number = old_tube(world, "UE", "CRP", hours=13)

    receive(world, number, age=Age(leave_out=True))

    assert statuses(world, request_id) == {"UE": TestStatus.REJECTED, "CRP": TestStatus.RECEIVED}
    with unit_of_work():
        services.recollect(request_id, tube(request_id).planned_tube_id, actor=world.doctor)
    assert statuses(world, request_id) == {"UE": TestStatus.ACCEPTED, "CRP": TestStatus.RECEIVED}


def test_a_tube_nearly_too_old_is_received_with_a_caution(world):
    _, number = old_tube(world, "UE", hours=5)

    assert "Report with a caution: U&E" in receive(world, number).cautions[0]


def test_a_tube_sent_on_is_received_at_the_other_laboratory(world):
    request_id = card(world, "UE", "CRP")
    assign(world, request_id, "KCH-LAB", "UE")
    assign(world, request_id, "STH-LAB", "CRP")
    number = a_collected_tube(world, request_id)
    receive(world, number)

    with unit_of_work():
        services.dispatch(number, world.laboratories["STH-LAB"], actor=world.scientist)
    with pytest.raises(RuleBroken, match="on the way to St Thomas"):
        reject(world, request_id)
    with unit_of_work():
        services.receive(number, world.laboratories["STH-LAB"], actor=world.other_scientist)

    assert statuses(world, request_id)["CRP"] is TestStatus.RECEIVED
    assert [one.tube.number for one in tubes_at(world.laboratories["STH-LAB"])] == [number]
    assert tubes_at(world.laboratories["KCH-LAB"]) == ()


def test_a_tube_that_arrives_at_the_wrong_laboratory_is_not_lost(world):
    request_id = card(world, "UE")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)
    with unit_of_work():
        services.dispatch(number, world.laboratories["STH-LAB"], actor=world.scientist)

    done = receive(world, number)

    assert done.cautions == ("This tube was on its way to St Thomas' core laboratory. Ring them.",)


def test_a_partner_receives_only_what_was_sent_to_it(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)
    partner = world.laboratories["SWLP-LAB"]

    with pytest.raises(NotFound), unit_of_work():
        services.receive(number, partner, actor=world.partner)
    assign(world, request_id, "SWLP-LAB")
    with unit_of_work():
        services.receive(number, partner, actor=world.partner)

    assert tube(request_id).status is SpecimenStatus.RECEIVED
