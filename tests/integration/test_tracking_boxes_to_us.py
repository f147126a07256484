"""The boxes that a laboratory has to expect, with the time by which each should be there."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of as asked_for
from tests.factories.boxes import a_box, held, on_the_way, seal, specimen, tubes_for
from tests.factories.world import SYSTEM

pytestmark = pytest.mark.feature(35)


@pytest.fixture
def to_us(client_for):
    return lambda who: client_for(who).get("tracking.to_us").words


def test_a_box_on_its_way_is_announced_with_its_time_and_comes_up_when_it_is_late(world, to_us):
    box = on_the_way(world, tubes_for(world, 2))
    due_at = held(box).due_at
    number = held(box).number
    assert due_at is not None

    said = to_us("other_scientist")

    assert number in said.replace(" ", "")
    assert "Courier 7" in said
    assert near_time_text(due_at) in said
    with clock.at(due_at + dt.timedelta(minutes=7)):
        late = to_us("other_scientist")
    assert "7 min" in late


def test_a_sealed_box_is_announced_before_it_has_left(world, to_us):
    seal(world, a_box(world, tubes_for(world, 1)))
    assert "not left yet" in to_us("other_scientist")


def test_boxes_of_others_are_not(world, to_us):
    on_the_way(world, tubes_for(world, 1))
    assert "Courier 7" not in to_us("scientist")
    assert "Courier 7" not in to_us("partner")


def test_nothing_is_on_its_way_is_only_said_when_neither_tube_nor_box_is(world, to_us):
    nothing = "Nothing is announced"
    assert nothing in to_us("other_scientist")
    number = tubes_for(world, 1)[0]
    on_the_way(world, [number])
    with unit_of_work():
        request = lock_request(specimen(number).request_id, actor=SYSTEM)
        for test in asked_for(request.id):
            move_test(
                request, test, TestAction.WITHDRAW, Evidence(reason="not needed"), actor=SYSTEM
            )
    said = to_us("other_scientist")
    assert "Courier 7" in said
    assert "Tests for us" not in said
    assert nothing not in said
