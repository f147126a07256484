"""What happens to the tests and the laboratory while a box is packed is asked again when it is sealed and leaves."""

import datetime as dt

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.incidents.rules import grouped
from lab_contingency.routing.services import end_outage
from lab_contingency.transport import services
from lab_contingency.transport.commands import SendOne
from lab_contingency.transport.queries.boxes import box as box_view
from lab_contingency.transport.rules import ConsignmentState
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    hand_over,
    held,
    on_the_way,
    open_there,
    put_out,
    seal,
    send_elsewhere,
    specimen,
    take_out,
    tubes_for,
)
from tests.factories.world import make_world

pytestmark = pytest.mark.feature(35)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.mark.hazard("H05")
def test_a_tube_whose_tests_went_elsewhere_keeps_its_box_from_being_sealed(world):
    stays, other, home = tubes_for(world, 3)
    box_id = a_box(world, [stays, other, home])
    send_elsewhere(world, other, "SWLP-LAB")
    send_elsewhere(world, home, "KCH-LAB")
    with pytest.raises(
        RuleBroken, match=r"Take out what is not for St Thomas.* any more"
    ) as refused:
        seal(world, box_id)
    assert f"tube 2, {grouped(other)} (its tests are for South West London" in refused.value.message
    assert f"tube 3, {grouped(home)} (its tests are for King's" in refused.value.message
    assert grouped(stays) not in refused.value.message
    assert [bool(tube.misled) for tube in box_view(box_id, world.scientist).tubes] == [
        False,
        True,
        True,
    ]
    for number in (other, home):
        take_out(world, box_id, number)
    seal(world, box_id)


def test_a_sealed_box_does_not_leave_with_a_tube_whose_tests_went_elsewhere(world):
    stays, other = tubes_for(world, 2)
    box_id = seal(world, a_box(world, [stays, other]))
    send_elsewhere(world, other, "SWLP-LAB")
    with pytest.raises(RuleBroken, match=r"Open the box again and take out .* tube 2, "):
        hand_over(world, box_id)
    assert held(box_id).state is ConsignmentState.SEALED


def test_a_box_that_left_goes_on_though_its_tests_went_elsewhere(world):
    (number,) = tubes_for(world, 1)
    box_id = on_the_way(world, [number])
    send_elsewhere(world, number, "SWLP-LAB")
    put_out(world)
    hand_over(world, box_id, "Courier 8", from_name="Courier 7")
    open_there(world, box_id)
    assert box_view(box_id, world.scientist).tubes[0].misled == ""


def test_a_box_is_neither_sealed_for_a_laboratory_out_of_action_nor_leaves_for_it(world):
    numbers = tubes_for(world, 2)
    packed, sealed = a_box(world, numbers[:1]), seal(world, a_box(world, numbers[1:]))
    put_out(world)
    for act in (lambda: seal(world, packed), lambda: hand_over(world, sealed)):
        with pytest.raises(
            RuleBroken, match=r"St Thomas.* is out of action since .*: Flood. Do not"
        ):
            act()
    outage = box_view(sealed, world.scientist).outage
    assert outage is not None
    assert outage.reason == "Flood"
    with unit_of_work():
        end_outage(world.laboratories["STH-LAB"], actor=world.coordinator)
    seal(world, packed)
    hand_over(world, sealed)


def test_one_tube_does_not_leave_for_a_laboratory_out_of_action(world):
    number = a_tube_for(world)
    put_out(world)
    with pytest.raises(RuleBroken, match="Flood"), unit_of_work():
        services.send_one(SendOne(number, None, "Courier 7"), actor=world.scientist)
    assert specimen(number).holder == "King's core laboratory"


def test_the_page_of_a_box_says_which_tube_comes_out_and_why_it_does_not_leave(world, client_for):
    stays, other = tubes_for(world, 2)
    box_id = a_box(world, [stays, other])
    send_elsewhere(world, other, "SWLP-LAB")
    put_out(world)
    words = client_for("scientist").get("transport.consignment", consignment_id=box_id).words
    assert words.count("TAKE IT OUT") == 1
    assert "its tests are for South West London" in words
    assert "This box does not leave for there." in words


@pytest.mark.parametrize("before", ["sealed", "handed over last"])
def test_a_hand_over_is_not_before_what_went_before_it(world, before):
    box_id = seal(world, a_box(world, tubes_for(world, 1)))
    now = clock.now()
    if before == "handed over last":
        with clock.at(now + dt.timedelta(hours=1)):
            hand_over(world, box_id)
    with clock.at(now + dt.timedelta(hours=2)):
        at = now + (dt.timedelta(minutes=30) if before != "sealed" else -dt.timedelta(minutes=5))
        with pytest.raises(RuleBroken, match=f"the box was {before} at") as refused:
            hand_over(world, box_id, "Courier 8", occurred_at=at)
        assert refused.value.field == "occurred_at"
        minute = (now if before == "sealed" else held(box_id).left_at).replace(
            second=0, microsecond=0
        )
        hand_over(world, box_id, "Courier 8", occurred_at=minute)
