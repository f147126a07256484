"""On the way and at the other end: who had it, when it is due, what arrived, what did not, and how that ended."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.commands import Age, RejectTube
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.tracking.queries.story import story
from lab_contingency.transport import services
from lab_contingency.transport.commands import (
    HandOverBox,
    NameOwner,
    SettleDiscrepancy,
    UnpackTube,
)
from lab_contingency.transport.models import ConsignmentItem, HandOver
from lab_contingency.transport.queries.boxes import box as box_view
from lab_contingency.transport.queries.lists import boxes_for, open_differences
from lab_contingency.transport.rules import (
    Condition,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
    Settlement,
)
from tests.factories import boxes
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    differences,
    finish,
    hand_over,
    held,
    on_the_way,
    opened,
    seal,
    specimen,
    tubes_for,
    unpack,
)
from tests.factories.tubes import receive
from tests.factories.world import make_world

TRAVEL, MARGIN = dt.timedelta(minutes=25), dt.timedelta(minutes=15)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def status_of(number):
    row = specimen(number)
    statement = select(RequestedTest.status).where(
        RequestedTest.planned_tube_id == row.planned_tube_id
    )
    return session().scalars(statement).one()


def settle(world, row, settlement, words="looked everywhere", actor=None):
    command = SettleDiscrepancy(row.id, settlement, words)
    with unit_of_work():
        services.settle(command, actor=actor or world.scientist)


@pytest.mark.feature(45)
@pytest.mark.hazard("H05")
def test_the_first_hand_over_sends_it_and_further_ones_chain(world):
    numbers = tubes_for(world, 2)
    box_id = seal(world, a_box(world, numbers))
    now = clock.now()
    with clock.at(now):
        hand_over(world, box_id)
    box = held(box_id)
    assert (box.state, box.left_at) == (ConsignmentState.IN_TRANSIT, now)
    assert box.due_at == now + TRAVEL + MARGIN
    assert {specimen(number).status for number in numbers} == {SpecimenStatus.DISPATCHED}
    assert specimen(numbers[0]).holder == "with Courier 7, for St Thomas' core laboratory"

    hand_over(world, box_id, "Courier 8", from_name="Courier 7", at_place="Lambeth Bridge")
    hands = box_view(box_id, world.scientist).hands
    assert [(hand.from_name, hand.to_name, hand.at_place, hand.items) for hand in hands] == [
        ("Scientist", "Courier 7", "loading bay", 2),
        ("Courier 7", "Courier 8", "Lambeth Bridge", 2),
    ]
    assert specimen(numbers[1]).holder.startswith("with Courier 8")
    assert held(box_id).left_at == now


@pytest.mark.feature(45)
def test_a_page_sent_twice_is_one_hand_over(world):
    box_id = seal(world, a_box(world, tubes_for(world, 1)))
    key = new_id()
    assert hand_over(world, box_id, key=key) == hand_over(world, box_id, key=key) == key
    assert session().scalars(select(HandOver.id)).all() == [key]


def test_a_count_that_differs_from_the_manifest_stops_the_hand_over(world):
    box_id = seal(world, a_box(world, tubes_for(world, 2)))
    with pytest.raises(RuleBroken, match=r"says 2 tubes, you counted 1. Do not take it") as refused:
        hand_over(world, box_id, items=1)
    assert refused.value.field == "items"
    assert held(box_id).state is ConsignmentState.SEALED


def test_a_box_that_is_not_sealed_is_not_handed_over(world):
    box_id = a_box(world, tubes_for(world, 1))
    with pytest.raises(RuleBroken, match="being packed"):
        hand_over(world, box_id)
    command = HandOverBox(new_id(), box_id, "A", "B", "here", 1)
    with pytest.raises(NotFound), unit_of_work():
        services.hand_over_box(command, actor=world.doctor)


@pytest.mark.feature(35)
def test_everything_scanned_arrives_and_waits_on_the_bench(world):
    numbers = tubes_for(world, 2)
    box_id = opened(world, numbers)
    for number in numbers:
        unpack(world, box_id, number)
    assert finish(world, box_id) == "2 packed: 2 arrived"
    assert held(box_id).state is ConsignmentState.RECEIVED
    assert [status_of(number) for number in numbers] == [TestStatus.RECEIVED] * 2
    assert specimen(numbers[0]).laboratory_id == world.laboratories["STH-LAB"]
    assert differences(box_id) == []


@pytest.mark.feature(35)
@pytest.mark.hazard("H05")
def test_what_differs_on_arrival_has_an_owner_until_it_is_settled(world):
    here, broken, warm, gone = tubes_for(world, 4)
    extra = a_tube_for(world, seed=9)
    box_id = opened(world, [here, broken, warm, gone])
    unpack(world, box_id, here)
    unpack(world, box_id, broken, Condition.BROKEN)
    unpack(world, box_id, warm, Condition.WARM)
    unpack(world, box_id, extra)
    with unit_of_work():
        services.note_extra(box_id, "a glove", actor=world.other_scientist)
    assert finish(world, box_id) == "4 packed: 1 arrived, 1 missing, 1 broken, 1 arrived warm"

    rows = differences(box_id)
    assert [(row.kind, row.owner) for row in rows] == [
        (kind, "duty scientist, King's core laboratory")
        for kind in (
            DiscrepancyKind.BROKEN,
            DiscrepancyKind.WARM,
            DiscrepancyKind.EXTRA,
            DiscrepancyKind.EXTRA,
            DiscrepancyKind.MISSING,
        )
    ]
    assert rows[3].specimen_id is None
    assert specimen(broken).status is SpecimenStatus.REJECTED
    assert status_of(broken) is TestStatus.REJECTED
    assert specimen(extra).laboratory_id == world.laboratories["STH-LAB"]
    assert specimen(gone).status is SpecimenStatus.DISPATCHED
    for actor in (world.scientist, world.other_scientist):
        assert len(open_differences(actor)) == 5
    assert open_differences(world.partner) == ()


def test_a_missing_tube_ends_as_come_later_found_or_lost(world):
    later, found, lost = tubes_for(world, 3)
    box_id = opened(world, [later, found, lost])
    finish(world, box_id)
    by_tube = {row.specimen_id: row for row in differences(box_id)}
    row = {number: by_tube[specimen(number).id] for number in (later, found, lost)}

    with pytest.raises(RuleBroken, match="It was not received yet"):
        settle(world, row[later], Settlement.CAME_LATER)
    with unit_of_work():
        specimens.receive(later, world.laboratories["STH-LAB"], actor=world.other_scientist)
    settle(world, row[later], Settlement.CAME_LATER)

    with pytest.raises(RuleBroken, match="at King's core laboratory, not here"):
        settle(world, row[found], Settlement.FOUND, actor=world.other_scientist)
    settle(world, row[found], Settlement.FOUND)
    assert specimen(found).holder == "King's core laboratory"
    assert status_of(found) is TestStatus.ASSIGNED

    settle(world, row[lost], Settlement.LOST)
    assert status_of(lost) is TestStatus.REJECTED
    with pytest.raises(RuleBroken, match="settled this already"):
        settle(world, row[lost], Settlement.LOST)
    assert open_differences(world.scientist) == ()
    view = box_view(box_id, world.scientist)
    assert {one.words for one in view.differences} == {"looked everywhere"}


def test_an_ending_must_fit_what_is_known_and_says_what_was_found(world):
    warm, other = tubes_for(world, 2)
    box_id = opened(world, [warm, other])
    unpack(world, box_id, warm, Condition.WARM)
    (row,) = differences(box_id)
    with pytest.raises(RuleBroken, match="can end so: used as it is, rejected and explained"):
        settle(world, row, Settlement.LOST)
    with pytest.raises(RuleBroken, match=r"Reject the tube first"):
        settle(world, row, Settlement.REJECTED)
    with pytest.raises(RuleBroken, match="Say in words"):
        settle(world, row, Settlement.USED, " ")
    tube = specimen(warm)
    with unit_of_work():
        specimens.reject(
            RejectTube(tube.request_id, tube.planned_tube_id, "WRONG_TEMP"),
            actor=world.other_scientist,
        )
    settle(world, row, Settlement.REJECTED)
    unpack(world, box_id, other)
    assert finish(world, box_id) == "2 packed: 1 arrived, 1 arrived warm"
    (row,) = differences(box_id)
    assert row.settlement is Settlement.REJECTED


def test_somebody_else_can_look_after_it(world):
    box_id = opened(world, tubes_for(world, 1))
    finish(world, box_id)
    (row,) = differences(box_id)
    command = NameOwner(row.id, "P. Nair", world.laboratories["STH-LAB"])
    with unit_of_work():
        services.name_owner(command, actor=world.scientist)
    (row,) = differences(box_id)
    assert (row.owner, row.owner_laboratory_id) == ("P. Nair", world.laboratories["STH-LAB"])
    with pytest.raises(RuleBroken, match="one of the two"), unit_of_work():
        services.name_owner(
            NameOwner(row.id, "X", world.laboratories["UHL-LAB"]), actor=world.scientist
        )


@pytest.mark.hazard("H14")
def test_a_tube_that_grew_too_old_on_the_way_needs_receptions_decision(world):
    number = a_tube_for(world)
    box_id = opened(world, [number])
    with clock.at(specimen(number).unusable_at + dt.timedelta(minutes=1)):
        with pytest.raises(RuleBroken, match="Too old for") as refused:
            unpack(world, box_id, number)
        assert refused.value.field == "accept_reason"
        command = UnpackTube(box_id, number, age=Age(accept_reason="cannot be taken again"))
        with unit_of_work():
            done = services.unpack_tube(command, actor=world.other_scientist)
    assert "used all the same" in done.cautions[0]


def test_a_tube_that_reception_took_before_the_box_was_opened_has_arrived(world):
    number, other = tubes_for(world, 2)
    box_id = on_the_way(world, [number, other])
    with unit_of_work():
        specimens.receive(number, world.laboratories["STH-LAB"], actor=world.other_scientist)
    with unit_of_work():
        services.unpack_box(box_id, actor=world.other_scientist)
    assert specimen(number).status is SpecimenStatus.RECEIVED, "it is not sent off again"
    unpack(world, box_id, other)
    assert finish(world, box_id) == "2 packed: 2 arrived"


def test_a_box_is_unpacked_where_it_is_for_even_if_nobody_noted_the_courier(world):
    number = a_tube_for(world)
    box_id = seal(world, a_box(world, [number]))
    with pytest.raises(RuleBroken, match="This box is for St Thomas"), unit_of_work():
        services.unpack_box(box_id, actor=world.scientist)
    assert [row.id for row in boxes_for(world.other_scientist)] == [box_id]
    with unit_of_work():
        services.unpack_box(box_id, actor=world.other_scientist)
    view = box_view(box_id, world.other_scientist)
    assert [move.what for move in view.moves] == ["sealed", "sent", "arrived, opened"]
    assert [hand.to_name for hand in view.hands] == ["Other Scientist"]


@pytest.mark.hazard("H05")
def test_a_tube_that_has_left_cannot_be_rejected_by_whom_it_left(world):
    number = a_tube_for(world)
    on_the_way(world, [number])
    row = specimen(number)
    command = RejectTube(row.request_id, row.planned_tube_id, "CLOTTED")
    with pytest.raises(RuleBroken, match="Only the laboratory it reaches"), unit_of_work():
        specimens.reject(command, actor=world.scientist)
    with unit_of_work():
        specimens.reject(command, actor=world.other_scientist)


def test_a_tube_of_another_open_box_is_an_extra_here_and_the_other_box_still_balances(world):
    one, other = tubes_for(world, 2)
    first, second = opened(world, [one]), opened(world, [other])
    unpack(world, first, one)
    unpack(world, first, other)
    assert finish(world, first) == "1 packed: 1 arrived"
    assert [row.kind for row in differences(first)] == [DiscrepancyKind.EXTRA]
    assert finish(world, second) == "1 packed: 1 arrived"
    outcomes = session().scalars(select(ConsignmentItem.outcome)).all()
    assert outcomes == [ItemOutcome.ARRIVED] * 2


def test_a_tube_scanned_twice_is_told_so(world):
    number = a_tube_for(world)
    box_id = opened(world, [number])
    unpack(world, box_id, number)
    with pytest.raises(RuleBroken, match="Received already"):
        unpack(world, box_id, number)
    assert boxes.inside(box_id) == []


def test_reception_still_receives_here_what_never_travelled(world):
    """The desk's own scan goes on as it was."""
    number = a_tube_for(world)
    with pytest.raises(RuleBroken, match="Received already"):
        receive(world, number)


@pytest.mark.feature(45)
def test_where_is_it_tells_the_box_and_every_hand(world):
    number, other = tubes_for(world, 2)
    box_id = on_the_way(world, [number, other])
    hand_over(world, box_id, "Courier 8", from_name="Courier 7", at_place="Lambeth Bridge")
    with unit_of_work():
        services.unpack_box(box_id, actor=world.other_scientist)
    finish(world, box_id)
    held_number = grouped(held(box_id).number)

    told = story(specimen(number).request_id, world.doctor)
    said = [(one.what, one.place) for one in told.table if held_number in one.what]
    assert said == [
        (f"packed in box {held_number}", ""),
        (f"box {held_number}: Scientist gave it to Courier 7", "loading bay"),
        (f"box {held_number}: Courier 7 gave it to Courier 8", "Lambeth Bridge"),
        (
            f"box {held_number}: Courier 8 gave it to Other Scientist",
            "St Thomas' core laboratory",
        ),
        (f"missing from box {held_number}", ""),
    ]
    assert not [one for one in told.table if one.what.startswith("on the way to another")]
    assert "Sent on" in [step.label for step in told.steps]


def test_a_tube_on_its_way_is_not_dispatched_as_if_it_stood_here(world):
    number = a_tube_for(world)
    on_the_way(world, [number])
    with (
        pytest.raises(RuleBroken, match="This tube left already: it is with Courier 7"),
        unit_of_work(),
    ):
        specimens.dispatch(number, world.laboratories["SWLP-LAB"], actor=world.scientist)


@pytest.mark.hazard("H05")
def test_a_tube_that_was_not_in_its_box_looks_missing_until_it_is_found(world, client_for):
    number = tubes_for(world, 1)[0]
    request_id = specimen(number).request_id
    box_id = opened(world, [number])
    finish(world, box_id)
    known = f"from box {grouped(held(box_id).number)} since"
    owner = "duty scientist, King's core laboratory looks for it"

    told = story(request_id, world.doctor)
    (answer,) = [one for one in told.answers if one.heading == "Missing: tube 1"]
    assert answer.sentence.startswith(f"Missing {known} ")
    assert owner in answer.sentence
    assert "Now: its tube is missing." in told.answers[0].sentence
    assert told.lanes[0].notes[0]["lines"][0] == "MISSING"
    assert owner in client_for("doctor").get("tracking.request", request_id=request_id).words
    assert f"missing {known}" in (
        client_for("porter").get("tracking.tubes", request_id=request_id).words
    )

    with clock.at(clock.now() + dt.timedelta(hours=9)):  # not seen as well: it is said once
        headings = [one.heading for one in story(request_id, world.doctor).answers]
    assert "Missing: tube 1" in headings
    assert "Not seen: tube 1" not in headings
    settle(world, differences(box_id)[0], Settlement.FOUND)
    headings = [one.heading for one in story(request_id, world.doctor).answers]
    assert "Missing: tube 1" not in headings
