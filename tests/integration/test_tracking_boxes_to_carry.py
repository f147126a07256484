"""The number beside a porter’s boxes: those that wait to be taken and those in the porter’s own hands."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.tracking.queries.work import waiting
from tests.factories.boxes import (
    a_box,
    hand_over,
    held,
    on_the_way,
    receive_there,
    seal,
    tubes_for,
)

pytestmark = pytest.mark.feature(35)


def to_do(world):
    return waiting(world.porter)["transport.boxes"]


def test_a_box_counts_when_it_waits_and_while_the_porter_has_it(world):
    box_id = a_box(world, tubes_for(world, 1))
    assert to_do(world) == 0, "it is being packed"
    seal(world, box_id)
    assert to_do(world) == 1
    hand_over(world, box_id, world.porter.name)
    assert to_do(world) == 1, "the porter must hand it on"
    hand_over(world, box_id, "Courier 7", from_name=world.porter.name)
    assert to_do(world) == 0, "somebody else has it"


def test_a_box_that_another_carries_does_not_count(world):
    on_the_way(world, tubes_for(world, 1))
    assert to_do(world) == 0


def test_a_box_out_of_which_everything_came_asks_nobody_for_anything(world, client_for):
    numbers = tubes_for(world, 2)
    box_id = seal(world, a_box(world, numbers))
    hand_over(world, box_id, world.porter.name)
    due_at = held(box_id).due_at
    here_by = near_time_text(due_at)
    assert here_by in client_for("other_scientist").get("tracking.to_us").words
    receive_there(world, numbers[0])
    assert to_do(world) == 1
    receive_there(world, numbers[1])
    assert to_do(world) == 0
    with clock.at(due_at - dt.timedelta(minutes=5)):
        words = client_for("other_scientist").get("tracking.to_us").words
        listed = client_for("other_scientist").get("transport.consignments").words
    assert "arrived, every tube received" in words
    assert here_by not in words
    assert f"due {here_by}" not in listed
