"""Boxes that do not simply arrive: called back, brought back, lost, re-routed, taken apart."""

import pytest
from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.network.models import MenuEntry
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.models import Rejection
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.specimens.services import recollect
from lab_contingency.transport import services
from lab_contingency.transport.queries.boxes import box as box_view
from lab_contingency.transport.rules import (
    SETTLEMENTS,
    TRANSITIONS,
    WORDS,
    ConsignmentAction,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
)
from tests.factories.boxes import (
    a_box,
    a_tube_for,
    asked_on,
    bring_back,
    differences,
    hand_over,
    held,
    move,
    on_the_way,
    open_there,
    reroute,
    seal,
    send_elsewhere,
    specimen,
    take_out,
    tubes_for,
)
from tests.factories.world import SYSTEM, make_world

pytestmark = pytest.mark.feature(37)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def test_every_move_needs_its_reason_and_fits_the_state(world):
    box_id = on_the_way(world, tubes_for(world, 1))
    with pytest.raises(RuleBroken, match="Give a reason to recall it"):
        move(world, box_id, ConsignmentAction.RECALL, "")
    with pytest.raises(RuleBroken, match=r"on the way. You cannot take it apart now"):
        move(world, box_id, ConsignmentAction.TAKE_APART)
    with pytest.raises(RuleBroken, match="answered for at King's"):
        move(world, box_id, ConsignmentAction.LOSE, actor=world.other_scientist)
    move(world, box_id, ConsignmentAction.RECALL)
    (last,) = [one for one in box_view(box_id, world.scientist).moves if one.reason]
    assert (last.what, last.reason) == ("called back", "the road is closed")


def test_a_box_is_opened_again_changed_and_sealed_with_another_seal(world):
    first, second = tubes_for(world, 2)
    box_id = seal(world, a_box(world, [first, second]))
    move(world, box_id, ConsignmentAction.OPEN_AGAIN)
    take_out(world, box_id, first)
    assert held(box_id).seal is None
    seal(world, box_id)
    hand_over(world, box_id)
    assert (
        box_view(box_id, world.scientist).count.sentence == "2 packed: 1 taken out, 1 not scanned"
    )
    assert specimen(first).status is SpecimenStatus.RECEIVED


def test_a_box_that_is_not_sent_is_taken_apart_and_its_tubes_are_free(world):
    (number,) = tubes_for(world, 1)
    box_id = a_box(world, [number])
    move(world, box_id, ConsignmentAction.TAKE_APART, "they rang: closed tonight")
    assert held(box_id).state is ConsignmentState.TAKEN_APART
    a_box(world, [number])


def test_a_box_called_back_can_go_on_after_all_or_come_back_whole(world):
    (number,) = tubes_for(world, 1)
    box_id = on_the_way(world, [number])
    move(world, box_id, ConsignmentAction.RECALL)
    assert held(box_id).ended_at is None, "somebody still has it"
    move(world, box_id, ConsignmentAction.SEND_AFTER_ALL)
    assert held(box_id).state is ConsignmentState.IN_TRANSIT
    move(world, box_id, ConsignmentAction.RECALL)
    assert bring_back(world, box_id, [number], "sent by mistake") == 0
    assert held(box_id).state is ConsignmentState.BROUGHT_BACK
    tube = specimen(number)
    assert (tube.status, tube.holder) == (SpecimenStatus.RECEIVED, "King's core laboratory")
    a_box(world, [number])


@pytest.mark.hazard("H05")
def test_what_is_not_in_a_box_that_came_back_is_missing_and_looked_after(world):
    here, gone = tubes_for(world, 2)
    box_id = on_the_way(world, [here, gone])
    assert bring_back(world, box_id, [here], "the van broke down") == 1
    (row,) = differences(box_id)
    assert (row.kind, row.specimen_id) == (DiscrepancyKind.MISSING, specimen(gone).id)
    assert box_view(box_id, world.scientist).count.by_outcome == {
        ItemOutcome.MISSING: 1,
        ItemOutcome.BROUGHT_BACK: 1,
    }


@pytest.mark.hazard("H05")
def test_the_tubes_of_a_lost_box_are_taken_again_and_the_ward_is_told(world):
    numbers = tubes_for(world, 2)
    box_id = on_the_way(world, numbers)
    move(world, box_id, ConsignmentAction.LOSE, "van searched, courier rung twice")
    assert held(box_id).state is ConsignmentState.LOST
    for number in numbers:
        assert specimen(number).status is SpecimenStatus.REJECTED
        assert [test.status for test in asked_on(number)] == [TestStatus.REJECTED]
    assert session().scalars(select(Rejection.reason_code)).all() == ["LOST", "LOST"]
    with unit_of_work():
        row = specimen(numbers[0])
        recollect(row.request_id, row.planned_tube_id, actor=world.doctor)


def test_a_box_on_its_way_goes_elsewhere_and_its_tests_with_it(world):
    (number,) = tubes_for(world, 1)
    box_id = on_the_way(world, [number])
    target = world.laboratories["SWLP-LAB"]
    done = reroute(world, box_id, "SWLP-LAB", "St Thomas' lost power")
    assert done.left == ()
    assert held(box_id).to_laboratory_id == target
    assert [test.laboratory_id for test in asked_on(number)] == [target]
    assert specimen(number).holder.startswith("with Courier 7, for South West London")
    open_there(world, box_id, actor=world.partner)


def test_what_cannot_be_done_there_stays_assigned_and_is_said(world):
    one = a_tube_for(world, seed=1)
    other = a_tube_for(world, seed=2, tests=("CRP",))
    box_id = on_the_way(world, [one, other])
    target = world.laboratories["SWLP-LAB"]
    with unit_of_work() as held_session:
        entries = select(MenuEntry).where(
            MenuEntry.laboratory_id == target, MenuEntry.test_code == "CRP"
        )
        for entry in held_session.scalars(entries):
            held_session.delete(entry)
        record("menu_entry:removed", None, actor=SYSTEM)
    done = reroute(world, box_id, "SWLP-LAB", "closed")
    assert len(done.left) == 1
    assert done.left[0].startswith("Tube 2: ")
    assert [test.laboratory_id for test in asked_on(other)] == [world.laboratories["STH-LAB"]]


def test_a_box_that_is_called_back_goes_forward_when_it_is_re_routed(world):
    box_id = on_the_way(world, tubes_for(world, 1))
    move(world, box_id, ConsignmentAction.RECALL)
    reroute(world, box_id, "SWLP-LAB", "open there")
    assert held(box_id).state is ConsignmentState.IN_TRANSIT


def test_a_box_goes_where_its_tests_were_sent_before_it(world):
    (number,) = tubes_for(world, 1)
    box_id = on_the_way(world, [number])
    send_elsewhere(world, number, "SWLP-LAB")
    done = reroute(world, box_id, "SWLP-LAB", "closed")
    assert done.left == ()
    assert held(box_id).to_laboratory_id == world.laboratories["SWLP-LAB"]


def test_a_re_routing_that_moves_nothing_says_where_the_tests_are_done_instead(world):
    (number,) = tubes_for(world, 1)
    box_id = on_the_way(world, [number])
    send_elsewhere(world, number, "KCH-LAB")
    with pytest.raises(RuleBroken, match=r"Tube 1: its tests are for King's core laboratory now"):
        reroute(world, box_id, "SWLP-LAB", "closed")


def test_a_box_called_back_is_brought_back_and_gets_no_paper_for_where_it_was_for(
    world, client_for
):
    box_id = on_the_way(world, tubes_for(world, 1))
    move(world, box_id, ConsignmentAction.RECALL)
    porter = client_for("porter")
    for page in (
        porter.get("transport.boxes"),
        porter.get("transport.hand_over", consignment_id=box_id),
        client_for("scientist").get("transport.consignment", consignment_id=box_id),
    ):
        assert "Bring it back to King's core laboratory" in page.words
        assert "Print the manifest" not in page.words
    assert "St Thomas" not in porter.get("transport.boxes").words
    with pytest.raises(RuleBroken, match="called back"), unit_of_work():
        services.print_manifest(box_id, actor=world.scientist)
    hand_over(world, box_id, "Courier 8", from_name="Courier 7")


def test_the_table_of_moves_names_every_state_and_action():
    assert set(TRANSITIONS) == set(ConsignmentAction)
    assert set(WORDS) == set(ConsignmentState)
    assert set(SETTLEMENTS) == set(DiscrepancyKind)
    reached = {step.target for step in TRANSITIONS.values() if step.target}
    assert reached | {ConsignmentState.PACKING} == set(ConsignmentState)
