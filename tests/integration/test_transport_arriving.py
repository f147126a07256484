"""At the other end, where things went another way: tests that are done elsewhere, tubes received without their box."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.transport import services
from lab_contingency.transport.commands import UnpackTube
from lab_contingency.transport.custody.queries.standing import boxes_on
from lab_contingency.transport.custody.rules import Hop
from lab_contingency.transport.queries.boxes import box as box_view
from lab_contingency.transport.queries.lists import boxes_for, boxes_to_carry
from tests.factories.boxes import (
    a_box,
    finish,
    held,
    on_the_way,
    open_there,
    opened,
    receive_there,
    seal,
    send_elsewhere,
    tubes_for,
)
from tests.factories.world import make_world

pytestmark = pytest.mark.feature(35)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.mark.parametrize(("to", "name"), [("SWLP-LAB", "South West London"), ("KCH-LAB", "King's")])
def test_unpacking_a_tube_with_nothing_for_here_says_where_it_goes(world, to, name):
    (number,) = tubes_for(world, 1)
    box_id = opened(world, [number])
    send_elsewhere(world, number, to)
    with unit_of_work():
        done = services.unpack_tube(UnpackTube(box_id, number), actor=world.other_scientist)
    (said,) = done.cautions
    assert said.startswith(f"Send it on: tests on it are for {name}")


def test_a_tube_whose_tests_were_on_the_bench_it_left_is_sent_back(world):
    (number,) = tubes_for(world, 1)
    box_id = seal(world, a_box(world, [number]))
    send_elsewhere(world, number, "KCH-LAB")
    open_there(world, box_id)  # it came without a hand-over: nothing could be refused
    with unit_of_work():
        done = services.unpack_tube(UnpackTube(box_id, number), actor=world.other_scientist)
    assert done.cautions == ("Send it on: tests on it are for King's core laboratory.",)


def test_unpacking_says_it_on_the_page_also_where_reception_has_taken_the_tube(world, client_for):
    (number,) = tubes_for(world, 1)
    box_id = opened(world, [number])
    send_elsewhere(world, number, "SWLP-LAB")
    receive_there(world, number)
    client = client_for("other_scientist")
    data = {"number": number, "condition": "as expected"}
    answer = client.post("transport.unpack_tube", data, consignment_id=box_id)
    assert "Send it on: tests on it are for South West London" in client.follow(answer).words


@pytest.mark.hazard("H05")
def test_a_tube_received_without_its_box_is_not_in_it_any_more(world):
    first, second = tubes_for(world, 2)
    box_id = on_the_way(world, [first, second])
    receive_there(world, first)
    view = box_view(box_id, world.scientist)
    assert [tube.words for tube in view.tubes] == [
        "received, St Thomas' core laboratory",
        "in the box",
    ]
    assert (view.row.tubes, len(view.waiting)) == (1, 1)
    assert view.count.sentence == "2 packed: 1 arrived, 1 not scanned"


@pytest.mark.hazard("H05")
def test_a_box_all_of_whose_tubes_were_received_is_never_overdue(world):
    numbers = tubes_for(world, 2)
    box_id = on_the_way(world, numbers)
    due_at = held(box_id).due_at
    for number in numbers:
        receive_there(world, number)
    with clock.at(due_at + dt.timedelta(hours=1)):
        (row,) = boxes_for(world.other_scientist)
        assert (row.overdue, row.words) == (False, "arrived, every tube received")
        assert boxes_to_carry(world.porter) == ()
        assert boxes_on([Hop.BOX_SENT], world.scientist, late=True) == ()
    open_there(world, box_id)
    assert finish(world, box_id) == "2 packed: 2 arrived"


def test_a_tube_received_without_its_box_can_be_sent_on(world):
    (number,) = tubes_for(world, 1)
    on_the_way(world, [number])
    receive_there(world, number)
    send_elsewhere(world, number, "SWLP-LAB")
    with unit_of_work():
        services.start_with_tube(number, actor=world.other_scientist)
