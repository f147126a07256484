"""Tubes that cannot be used: told with a reason, taken again, and every tube accounted for."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.commands import WithdrawTests
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services import withdraw_tests
from lab_contingency.specimens import services
from lab_contingency.specimens.commands import CollectTubes, RejectTube
from lab_contingency.specimens.queries import (
    tubes_of,
)
from lab_contingency.specimens.rules import SpecimenStatus
from tests.factories.tubes import (
    a_collected_tube,
    assign,
    collect,
    label,
    match,
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


def collect_some(world, request_id, *places):
    match(world, request_id)
    tubes = tubes_of(request_id)
    planned = tuple(tubes[place].planned_tube_id for place in places)
    with unit_of_work():
        services.collect(CollectTubes(request_id, planned, NOW, "A"), actor=world.doctor)


def test_a_rejection_reaches_the_requester_and_is_taken_again(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)

    reject(world, request_id, reason="MISMATCH_FORM", note="surname differs")
    seen = tubes_of(request_id, world.doctor)[0]
    with unit_of_work():
        services.recollect(request_id, seen.planned_tube_id, actor=world.doctor)
    again = label(world, request_id).labels[0]

    assert seen.words == "rejected: tube and form do not agree"
    assert seen.rejection_note == "surname differs"
    assert seen.needs_recollection
    assert [one.ordinal for one in tubes_of(request_id)] == [1, 2]
    assert again.number != number
    assert again.draw_order == "tube 2"
    assert statuses(world, request_id) == {"FBC": TestStatus.ACCEPTED}
    assert not tubes_of(request_id)[0].needs_recollection


def test_a_tube_is_taken_again_only_once(world):
    request_id = card(world, "FBC")
    a_collected_tube(world, request_id)
    reject(world, request_id, actor=world.senior)
    planned = tube(request_id).planned_tube_id
    with unit_of_work():
        services.recollect(request_id, planned, actor=world.doctor)

    with pytest.raises(RuleBroken, match="planned already"), unit_of_work():
        services.recollect(request_id, planned, actor=world.doctor)


def test_a_tube_that_was_not_rejected_is_not_taken_again(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="was not rejected"), unit_of_work():
        services.recollect(request_id, tube(request_id).planned_tube_id, actor=world.doctor)


def test_a_rejection_needs_a_reason_and_some_need_a_note(world):
    request_id = card(world, "FBC")
    a_collected_tube(world, request_id)

    for reason, field in (
        ("", "reason_code"),
        ("NONSENSE", "reason_code"),
        ("MISLABELLED", "note"),
    ):
        with pytest.raises(RuleBroken) as refused:
            reject(world, request_id, reason=reason, actor=world.senior)
        assert refused.value.field == field


def test_a_rejected_tube_is_not_received(world):
    request_id = card(world, "FBC")
    number = a_collected_tube(world, request_id)
    reject(world, request_id, actor=world.senior)

    with pytest.raises(RuleBroken, match="was rejected"):
        receive(world, number)


def test_the_other_bottle_of_a_blood_culture_is_still_cultured(world):
    request_id = card(world, "BCUL")
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    collect(world, request_id)
    reject(world, request_id, place=0, reason="LEAKED")

    receive(world, numbers[1])

    assert statuses(world, request_id) == {"BCUL": TestStatus.RECEIVED}


def test_losing_both_bottles_rejects_the_culture(world):
    request_id = card(world, "BCUL")
    assign(world, request_id)
    label(world, request_id)
    reject(world, request_id, place=0, reason="LEAKED")
    reject(world, request_id, place=1, reason="LEAKED")

    assert statuses(world, request_id) == {"BCUL": TestStatus.REJECTED}


@pytest.mark.hazard("H05")
def test_tubes_planned_are_received_rejected_or_not_taken(world):
    request_id = card(world, "FBC", "UE", "COAG", "LAC")
    assign(world, request_id)
    numbers = [one.number for one in label(world, request_id).labels]
    collect_some(world, request_id, 0, 1)
    receive(world, numbers[0])
    reject(world, request_id, place=1)
    version = request_view(request_id, world.doctor).version
    with unit_of_work():
        command = WithdrawTests(request_id, version, ("FBC", "LAC"), "discharged")
        withdraw_tests(command, actor=world.doctor)
        services.give_up_unwanted(request_id, actor=world.doctor)

    held = [one.status for one in tubes_of(request_id)]

    assert held.count(SpecimenStatus.RECEIVED) == 1
    assert held.count(SpecimenStatus.REJECTED) == 1
    assert held.count(SpecimenStatus.NOT_COLLECTED) == 2
    assert len(held) == 4


def test_a_tube_still_wanted_is_not_given_up(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="still needs"), unit_of_work():
        services.not_collected(request_id, tube(request_id).planned_tube_id, actor=world.doctor)
