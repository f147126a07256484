"""Handwritten tubes: received by their form, item by item, and never two groups from one hand."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens import services
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from tests.factories.tubes import (
    accept_by_hand,
    assign,
    collect,
    tube,
)
from tests.factories.world import a_request, an_identity, make_world

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


def accept_second(world, request_id, *, minutes, by):
    accept_by_hand(
        world,
        request_id,
        tube(request_id).planned_tube_id,
        collected_at=NOW - dt.timedelta(minutes=minutes),
        collected_by=by,
    )


def test_a_tube_without_a_label_cannot_be_collected(world):
    request_id = card(world, "FBC")

    with pytest.raises(RuleBroken, match="no label yet"):
        collect(world, request_id)


def test_a_handwritten_tube_is_collected_without_one(world):
    request_id = card(world, "GS")

    collect(world, request_id)

    held = tube(request_id)
    assert (held.status, held.number) == (SpecimenStatus.COLLECTED, None)
    assert held.unusable_at == NOW - dt.timedelta(minutes=5) + dt.timedelta(hours=48)


def test_a_handwritten_tube_is_accepted_only_when_every_item_agrees(world):
    request_id = card(world, "GS")
    assign(world, request_id)
    planned = tube(request_id).planned_tube_id

    for item in HandItem:
        with pytest.raises(RuleBroken, match=item.value):
            accept_by_hand(world, request_id, planned, confirmed=frozenset(HandItem) - {item})
    accept_by_hand(world, request_id, planned)

    assert tube(request_id).status is SpecimenStatus.RECEIVED
    assert statuses(world, request_id) == {"GS": TestStatus.RECEIVED}


def test_scanning_a_form_lets_the_laboratory_see_its_request(world):
    request_id = card(world, "GS")
    number = request_view(request_id, world.doctor).number
    with pytest.raises(NotFound):
        request_view(request_id, world.scientist)

    with unit_of_work():
        services.take_in_form(number, world.laboratories["KCH-LAB"], actor=world.scientist)

    assert request_view(request_id, world.scientist).number == number


@pytest.mark.hazard("H04")
def test_a_group_and_its_check_group_never_share_collector_or_time(world):
    request_id = card(world, "GS")
    assign(world, request_id)
    accept_by_hand(world, request_id, tube(request_id).planned_tube_id)
    second = card(world, "CHK")
    assign(world, second)

    with pytest.raises(RuleBroken) as same_person:
        accept_second(world, second, minutes=2, by="Dr a okafor")
    with pytest.raises(RuleBroken) as same_time:
        accept_second(world, second, minutes=18, by="B. Osei")
    accept_second(world, second, minutes=2, by="B. Osei")

    assert same_person.value.field == "collected_by"
    assert same_time.value.field == "collected_at"


@pytest.mark.hazard("H04")
def test_a_check_group_is_refused_at_the_bedside_too(world):
    first = card(world, "GS")
    collect(world, first)
    second = card(world, "CHK")

    with pytest.raises(RuleBroken):
        collect(world, second, ago=dt.timedelta(0))
    collect(world, second, ago=dt.timedelta(0), by="B. Osei")

    assert tube(second).status is SpecimenStatus.COLLECTED


def test_a_check_group_of_somebody_else_is_another_matter(world):
    collect(world, card(world, "GS"))
    other = card(world, "CHK", identity=an_identity(2, surname="Smith"))

    collect(world, other)

    assert tube(other).status is SpecimenStatus.COLLECTED
