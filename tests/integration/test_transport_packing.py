"""Packing a box: what goes in is right for it, what does not is refused by name, and it is sealed whole."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.incidents.rules import grouped, read_consignment_number
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.services import reject
from lab_contingency.transport import services
from lab_contingency.transport.commands import PackTube, SealBox, SendOne
from lab_contingency.transport.models import ConsignmentItem, HandOver
from lab_contingency.transport.rules import ConsignmentState, ItemOutcome, Temperature
from tests.factories import boxes
from tests.factories.boxes import a_box, a_tube_for, held, inside, seal, specimen
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, an_identity, make_world

pytestmark = pytest.mark.feature(35)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def pack(world, box_id, number, anyway="", actor=None):
    with unit_of_work():
        return services.pack_tube(PackTube(box_id, number, anyway), actor=actor or world.scientist)


@pytest.mark.feature(34)
def test_a_box_is_begun_with_a_tube_packed_sealed_and_has_a_number_of_its_own(world):
    first, second = boxes.tubes_for(world, 2)
    with unit_of_work():
        box_id = services.start_with_tube(first, actor=world.scientist)
    pack(world, box_id, second)

    box = held(box_id)
    assert box.to_laboratory_id == world.laboratories["STH-LAB"]
    assert read_consignment_number(grouped(box.number)) == box.number
    assert [item.place for item in inside(box_id)] == [1, 2]

    seal(world, box_id)
    box = held(box_id)
    assert (box.state, box.box, box.seal) == (ConsignmentState.SEALED, "B14", "008821")
    assert specimen(first).status is SpecimenStatus.RECEIVED, "it has not left yet"


def test_what_is_bound_elsewhere_is_refused_with_where_it_goes(world):
    box_id = a_box(world, boxes.tubes_for(world, 1))
    other = a_tube_for(world, "SWLP-LAB", 9)
    with pytest.raises(
        RuleBroken, match=r"No test on this tube is for St Thomas.* Put it into a box"
    ):
        pack(world, box_id, other)


def test_what_belongs_here_or_was_not_received_here_is_refused(world):
    box_id = a_box(world, boxes.tubes_for(world, 1))
    mine = a_tube_for(world, "KCH-LAB", 8)
    with pytest.raises(RuleBroken, match=r"Leave it where it is"):
        pack(world, box_id, mine)
    request_id = a_request(world, tests=("FBC",), identity=an_identity(7)).request_id
    number = a_collected_tube(world, request_id)
    assign(world, request_id, "STH-LAB")
    with pytest.raises(RuleBroken, match=r"taken, with the ward. Receive it first"):
        pack(world, box_id, number, actor=world.senior)
    receive(world, number)
    pack(world, box_id, number)


def test_a_rejected_tube_is_not_packed_and_one_rejected_since_is_not_sealed(world):
    first, second = boxes.tubes_for(world, 2)
    box_id = a_box(world, [first])
    for number in (first, second):
        row = specimen(number)
        with unit_of_work():
            reject(
                RejectTube(row.request_id, row.planned_tube_id, "CLOTTED"), actor=world.scientist
            )
    with pytest.raises(RuleBroken, match=r"This tube is rejected"):
        pack(world, box_id, second)
    with pytest.raises(
        RuleBroken, match=r"Take out what does not belong here any more: tube 1 is rejected"
    ):
        seal(world, box_id)
    with unit_of_work():
        services.take_out(box_id, first, actor=world.scientist)
    with pytest.raises(RuleBroken, match=r"Nothing is in this box"):
        seal(world, box_id)


def test_a_tube_is_in_one_open_box_and_the_sentence_names_it(world):
    (number,) = boxes.tubes_for(world, 1)
    one, other = a_box(world, [number]), a_box(world, [])
    with pytest.raises(RuleBroken, match=rf"in box {grouped(held(one).number)} for St Thomas"):
        pack(world, other, number)
    with pytest.raises(RuleBroken, match=r"in this box already"):
        pack(world, one, number)
    with unit_of_work():
        services.take_out(one, number, actor=world.scientist)
    pack(world, other, number)
    rows = session().scalars(select(ConsignmentItem).order_by(ConsignmentItem.packed_at)).all()
    assert [row.outcome for row in rows] == [ItemOutcome.TAKEN_OUT, None]


def test_one_box_has_one_temperature(world):
    warm = a_tube_for(world, seed=1)
    cold = a_tube_for(world, seed=2, tests=("LAC",))
    box_id = a_box(world, [warm])
    with pytest.raises(RuleBroken, match=r"kept at room temperature, the tube needs 2–8 °C"):
        pack(world, box_id, cold)
    cold_box = a_box(world, [cold])
    assert held(cold_box).temperature is Temperature.COOLED
    with unit_of_work():
        services.take_out(box_id, warm, actor=world.scientist)
    with pytest.raises(RuleBroken, match=r"kept at 2–8 °C, the tube needs room temperature"):
        pack(world, cold_box, warm)


@pytest.mark.hazard("H14")
def test_a_tube_that_is_useless_on_arrival_needs_a_reason(world):
    number = a_tube_for(world)
    box_id = a_box(world, [])
    end = specimen(number).unusable_at
    with clock.at(end - dt.timedelta(minutes=1)):
        with pytest.raises(RuleBroken, match=r"STOP. This tube cannot be used from") as refused:
            pack(world, box_id, number)
        assert refused.value.field == "anyway"
        pack(world, box_id, number, "the second one is on ice")
    assert len(inside(box_id)) == 1


def test_only_whoever_stands_there_packs_and_nobody_else_sees_the_box(world):
    box_id = a_box(world, boxes.tubes_for(world, 1, "SWLP-LAB"), to="SWLP-LAB")
    with pytest.raises(NotFound):
        pack(world, box_id, "410000000000", actor=world.other_scientist)
    with pytest.raises(NotFound):
        services.unpack_box(box_id, actor=world.partner)
    ours = a_box(world, boxes.tubes_for(world, 1, first=5))
    with pytest.raises(RuleBroken, match=r"packed at King's core laboratory, not here"):
        services.seal_box(SealBox(ours, "B1", "1"), actor=world.other_scientist)


def test_an_older_page_seals_nothing_and_a_seal_has_its_number(world):
    numbers = boxes.tubes_for(world, 1)
    box_id = seal(world, a_box(world, numbers))
    with pytest.raises(ChangedByAnother):
        services.seal_box(SealBox(box_id, "B1", "1", version=1), actor=world.scientist)
    with pytest.raises(RuleBroken, match=r"sealed. Open it again before"), unit_of_work():
        services.take_out(box_id, numbers[0], actor=world.scientist)
    again = a_box(world, boxes.tubes_for(world, 1, first=4))
    with pytest.raises(RuleBroken) as refused, unit_of_work():
        services.seal_box(SealBox(again, "B1", " "), actor=world.scientist)
    assert refused.value.field == "seal"


def test_one_tube_leaves_at_once_in_a_consignment_of_one(world):
    number = a_tube_for(world)
    with unit_of_work():
        sent = services.send_one(SendOne(number, None, "Courier 7"), actor=world.scientist)
    box = held(sent.consignment_id)
    assert (box.state, box.seal) == (ConsignmentState.IN_TRANSIT, None)
    assert specimen(number).holder == "with Courier 7, for St Thomas' core laboratory"
    assert session().scalars(select(HandOver.items)).all() == [1]
    with pytest.raises(RuleBroken, match=r"on the way"), unit_of_work():
        services.send_one(SendOne(number, None, "Courier 8"), actor=world.scientist)
