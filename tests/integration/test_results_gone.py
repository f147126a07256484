"""Results are not typed where the tube left before its tests could be done; what was done here first is."""

import pytest

from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.specimens import services as specimens
from lab_contingency.transport import services
from lab_contingency.transport.commands import BringBack
from tests.factories.boxes import a_box, a_tube_for, hand_over, on_the_way, seal, specimen
from tests.factories.results import enter
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, make_world
from tests.integration.test_transport_leaving import send_elsewhere

UE = {"NA": "140"}


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def here(world, **elsewhere):
    """A tube at King’s with U&E for King’s, and other tests for where they are said to be."""
    request_id = a_request(world, tests=("UE", *elsewhere)).request_id
    number = a_collected_tube(world, request_id)
    assign(world, request_id, "KCH-LAB", "UE")
    for code, place in elsewhere.items():
        assign(world, request_id, place, code)
    receive(world, number)
    return request_id, number


def send_on(world, number, to="STH-LAB"):
    with unit_of_work():
        specimens.dispatch(number, world.laboratories[to], actor=world.scientist)


@pytest.mark.hazard("H05")
def test_nothing_is_typed_for_a_tube_that_was_sent_where_nothing_on_it_is_done(world):
    request_id, number = here(world)
    send_on(world, number)
    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE=UE)
    (said,) = refused.value.problems.values()
    assert said.startswith("Its tube left this laboratory and is on the way to St Thomas'")

    with unit_of_work():
        there = world.laboratories["STH-LAB"]
        done = specimens.receive(number, there, actor=world.other_scientist)
    assert "Send it on: tests on it are for King's core laboratory." in done.cautions
    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE=UE)
    (said,) = refused.value.problems.values()
    assert "is at St Thomas'" in said

    with unit_of_work():
        specimens.dispatch(number, world.laboratories["KCH-LAB"], actor=world.other_scientist)
    receive(world, number)
    enter(request_id, world.scientist, UE=UE)


def test_what_was_done_here_is_typed_after_the_tube_was_sent_on_for_its_other_tests(world):
    request_id, number = here(world, CRP="STH-LAB")
    on_the_way(world, [number])
    enter(request_id, world.scientist, UE=UE)
    with unit_of_work():
        there = world.laboratories["STH-LAB"]
        specimens.receive(number, there, actor=world.other_scientist)
    enter(request_id, world.scientist, UE={"K": "4.4"})


def test_a_test_that_came_to_this_bench_while_its_tube_stood_here_waits_when_the_tube_is_gone(
    world,
):
    number = a_tube_for(world, tests=("UE",))
    request_id = specimen(number).request_id
    box_id = seal(world, a_box(world, [number]))
    send_elsewhere(world, number, "KCH-LAB")
    with unit_of_work():
        services.unpack_box(box_id, actor=world.other_scientist)
    with pytest.raises(RulesBroken):
        enter(request_id, world.scientist, UE=UE)


def test_a_tube_that_was_brought_back_is_typed(world):
    request_id, number = here(world, CRP="STH-LAB")
    box_id = on_the_way(world, [number])
    hand_over(world, box_id, "Courier 8", from_name="Courier 7")
    command = BringBack(box_id, frozenset({specimen(number).id}), "road closed")
    with unit_of_work():
        services.bring_back(command, actor=world.scientist)
    enter(request_id, world.scientist, UE=UE)
