"""Where tubes and boxes stand, by when the next hand takes them, whom to ring; who sees which."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of as asked
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.commands import Age, CorrectCollection
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.commands import HandOverBox, SealBox
from lab_contingency.transport.custody import services
from lab_contingency.transport.custody.commands import NoteEnquiry
from lab_contingency.transport.custody.models import Enquiry
from lab_contingency.transport.custody.queries.board import Filter, board
from lab_contingency.transport.custody.queries.hands import hands_of
from lab_contingency.transport.custody.queries.missing import missing
from lab_contingency.transport.custody.queries.standing import late_count
from lab_contingency.transport.custody.rules import Answer, Hop
from lab_contingency.transport.services import hand_over_box, seal_box, start_with_tube
from tests.factories.tubes import a_collected_tube, assign, collect, label, receive, tube
from tests.factories.world import SYSTEM, a_request, an_identity

HOUR = dt.timedelta(hours=1)


def in_minutes(minutes):
    return clock.at(clock.now() + dt.timedelta(minutes=minutes))


def late(actor, **chosen):
    """What stands as overdue: hops of tubes and boxes, in the board's order."""
    return [getattr(one, "first", one).hop for one in board(actor, Filter(**chosen)).late]


def carried(world, number, actor=None):
    porter = actor or world.porter
    with unit_of_work():
        return specimens.hand_over([number], porter.name, actor=porter)


def a_tube_for_elsewhere(world, seed=1, **card):
    """Received at King's, its test to be done at St Thomas'."""
    request_id = a_request(world, identity=an_identity(seed), **card).request_id
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    receive(world, number)
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        (test,) = asked(request_id)
        there = Evidence(laboratory_id=world.laboratories["STH-LAB"], reason="no reagent")
        move_test(request, test, TestAction.REASSIGN, there, actor=SYSTEM)
    return request_id, number


def a_box(world, **card):
    request_id, number = a_tube_for_elsewhere(world, **card)
    with unit_of_work():
        box_id = start_with_tube(number, actor=world.scientist)
    return request_id, box_id


def sealed(world, box_id):
    with unit_of_work():
        seal_box(SealBox(box_id, "Box 7", "S-100"), actor=world.scientist)


def sent(world, box_id):
    place = "King's reception"
    with unit_of_work():
        command = HandOverBox(uuid.uuid4(), box_id, "Scientist", "C. Rider", place, 1)
        hand_over_box(command, actor=world.scientist)


@pytest.mark.hazard("H05")
@pytest.mark.parametrize(
    ("band", "minutes"), [(Band.P1, 30), (Band.P2, 60), (Band.P3, 240), (Band.P4, 1440)]
)
def test_a_printed_label_nobody_used_is_overdue_when_its_band_says_so(world, band, minutes):
    label(world, a_request(world, band=band).request_id)

    with in_minutes(minutes - 1):
        assert late(world.coordinator) == []
    with in_minutes(minutes + 1):
        assert late(world.coordinator) == [Hop.PRINTED]


@pytest.mark.hazard("H05")
def test_each_hand_begins_anew_and_nothing_is_left_when_it_is_received(world):
    request_id = a_request(world).request_id
    number = label(world, request_id).labels[0].number
    collect(world, request_id, ago=dt.timedelta(0))
    with in_minutes(16):
        assert late(world.coordinator) == [Hop.TAKEN]
        carried(world, number)
        assert late(world.coordinator) == []
    with in_minutes(37):
        assert late(world.coordinator) == [Hop.CARRIED]
        with unit_of_work():
            services.leave_at(
                world.laboratories["KCH-LAB"], [tube(request_id).specimen_id], actor=world.porter
            )
        assert late(world.coordinator) == []
    with in_minutes(48):
        assert late(world.coordinator) == [Hop.AT_DOOR]
        receive(world, number)
        assert late(world.coordinator) == []
        assert board(world.coordinator, Filter()).tubes == 0


def test_blood_counts_from_when_it_was_taken_and_the_clock_is_put_right_with_it(world):
    request_id = a_request(world).request_id
    label(world, request_id)
    collect(world, request_id, ago=dt.timedelta(minutes=20))
    assert late(world.coordinator) == [Hop.TAKEN]

    right = CorrectCollection(
        request_id, tube(request_id).planned_tube_id, clock.now(), "A. Okafor", "ward clock"
    )
    with unit_of_work():
        specimens.correct_collection(right, actor=world.doctor)

    assert late(world.coordinator) == []


def test_a_copy_of_a_label_does_not_begin_the_hop_anew(world):
    request_id = a_request(world).request_id
    label(world, request_id)
    with in_minutes(29):
        label(world, request_id, reason="JAM")
    with in_minutes(31):
        assert late(world.coordinator) == [Hop.PRINTED]


def test_a_tube_of_another_laboratory_waits_to_be_packed_from_when_that_was_decided(world):
    a_tube_for_elsewhere(world)
    with in_minutes(14):
        assert late(world.coordinator) == []
    with in_minutes(16):
        (group,) = board(world.coordinator, Filter()).late
        assert (group.first.hop, group.first.bound_for) == (
            Hop.TO_PACK,
            "St Thomas' core laboratory",
        )
        assert late(world.scientist) == [Hop.TO_PACK]


@pytest.mark.hazard("H05")
def test_a_box_is_watched_from_packing_until_it_is_unpacked(world):
    _, box_id = a_box(world)
    assert late(world.coordinator) == []
    with in_minutes(21):
        assert late(world.coordinator) == [Hop.PACKING]
        sealed(world, box_id)
        assert late(world.coordinator) == []
    with in_minutes(42):
        assert late(world.coordinator) == [Hop.SEALED]
        sent(world, box_id)
        assert late(world.coordinator) == []
    with in_minutes(60 * 8):
        (box,) = board(world.coordinator, Filter()).late
        assert (box.hop, box.tubes, box.ring.name) == (
            Hop.BOX_SENT,
            1,
            "St Thomas' core laboratory",
        )
        assert late(world.other_scientist) == [Hop.BOX_SENT]


def test_the_count_of_the_tab_is_what_the_board_lists(world):
    a_box(world, seed=1)
    label(world, a_request(world, identity=an_identity(2)).request_id)
    a_collected_tube(world, a_request(world, identity=an_identity(3)).request_id)
    a_tube_for_elsewhere(world, seed=4)

    with in_minutes(120):
        assert session().scalars(late_count(world.coordinator)).one() == 4
        assert len(late(world.coordinator)) == 4


def test_the_most_pressing_stands_first_then_the_longest_overdue(world):
    for seed, band in enumerate((Band.P3, Band.P1, Band.P2), 1):
        label(world, a_request(world, identity=an_identity(seed), band=band).request_id)

    with in_minutes(300):
        groups = board(world.coordinator, Filter()).late
        assert [group.first.band for group in groups] == [Band.P1, Band.P2, Band.P3]


def test_a_laboratory_sees_its_own_and_a_requester_none(world):
    other = a_request(world, identity=an_identity(2)).request_id
    assign(world, other, "STH-LAB")
    label(world, other)
    ours = a_request(world).request_id
    assign(world, ours, "KCH-LAB")
    label(world, ours)

    with in_minutes(60):
        (group,) = board(world.scientist, Filter()).late
        assert group.first.request_id == ours
        assert len(late(world.senior)) == 2
    with pytest.raises(NotFound):
        hands_of(tube(other).specimen_id, world.scientist)


def test_a_filter_shows_one_place_whole_what_is_in_time_too(world):
    label(world, a_request(world).request_id)
    place = world.wards["KCH-ED-RESUS"]

    held = board(world.coordinator, Filter(place_id=place))
    elsewhere = board(world.coordinator, Filter(place_id=world.wards["KCH-AMU"]))
    by_hop = board(world.coordinator, Filter(hop=Hop.TAKEN))
    by_site = board(world.coordinator, Filter(site_id=world.sites["STH"]))

    assert [group.first.where for group in held.in_time] == ["ED Resus"]
    assert [one.name for one in held.places] == ["ED Resus"]
    assert [each.places for each in (elsewhere, by_hop, by_site)] == [(), (), ()]


def test_a_place_counts_its_tubes_and_says_what_is_due_next(world):
    request_id = a_request(world, tests=("FBC", "UE")).request_id
    label(world, request_id)

    (place,) = board(world.coordinator, Filter()).places

    assert (place.name, place.hop, place.tubes, place.overdue) == ("ED Resus", Hop.PRINTED, 2, 0)
    assert place.next_due == place.longest_since + dt.timedelta(minutes=30)


@pytest.mark.feature(48)
def test_what_no_laboratory_has_seen_stands_by_ward_with_its_telephone(world):
    label(world, a_request(world, identity=an_identity(2)).request_id)
    number = a_collected_tube(world, a_request(world).request_id)
    carried(world, number)

    with in_minutes(59):
        assert [len(ward.tubes) for ward in missing(world.coordinator, HOUR)] == [1]
    with in_minutes(61):
        (ward,) = missing(world.coordinator, HOUR)
        assert (ward.ward, ward.telephone) == ("ED Resus", "020 7946 0163")
        assert {one.tube.hop for one in ward.tubes} == {Hop.PRINTED, Hop.CARRIED}
        receive(world, number)
        assert [len(ward.tubes) for ward in missing(world.coordinator, HOUR)] == [1]


def test_a_tube_that_goes_from_porter_to_porter_is_missing_from_when_it_was_taken(world):
    number = a_collected_tube(world, a_request(world).request_id)
    carried(world, number)
    with in_minutes(50):
        carried(world, number, world.coordinator)
    with in_minutes(65):
        (ward,) = missing(world.coordinator, HOUR)
        assert ward.tubes[0].tube.where == world.coordinator.name


@pytest.mark.feature(48)
def test_a_call_is_noted_for_each_tube_with_its_words_sealed(world):
    request_id = a_request(world, tests=("FBC", "UE")).request_id
    label(world, request_id)
    ids = tuple(tube(request_id, place).specimen_id for place in (0, 1))

    with unit_of_work():
        noted = services.note_enquiry(
            NoteEnquiry(ids, Answer.LOOKING, "Sister Obi", "in theatre"), actor=world.coordinator
        )

    with in_minutes(61):
        (ward,) = missing(world.coordinator, HOUR)
        assert noted == 2
        assert {one.tube.rung.answer for one in ward.tubes} == {Answer.LOOKING}
    rows = list(session().scalars(select(Enquiry.sealed)))
    assert len(rows) == 2
    assert not any("Obi" in row or "theatre" in row for row in rows)


def test_a_call_needs_tubes_and_a_name(world):
    request_id = a_request(world).request_id
    label(world, request_id)
    some = (tube(request_id).specimen_id,)

    with pytest.raises(RuleBroken, match="Tick"):
        services.note_enquiry(NoteEnquiry((), Answer.NOBODY, "x", ""), actor=world.coordinator)
    with pytest.raises(RuleBroken, match="whom"):
        services.note_enquiry(NoteEnquiry(some, Answer.NOBODY, " ", ""), actor=world.coordinator)


@pytest.mark.feature(48)
def test_a_tube_found_in_the_laboratory_is_received_as_by_its_scan(world):
    request_id = a_request(world).request_id
    assign(world, request_id)
    a_collected_tube(world, request_id)

    with unit_of_work():
        services.found_here(
            tube(request_id).specimen_id,
            world.laboratories["KCH-LAB"],
            Age(),
            actor=world.scientist,
        )

    assert tube(request_id).status is SpecimenStatus.RECEIVED


@pytest.mark.hazard("H05")
@pytest.mark.feature(48)
def test_a_lost_tube_is_given_up_and_its_label_waits_to_be_printed_again(world):
    request_id = a_request(world).request_id
    assign(world, request_id)
    number = a_collected_tube(world, request_id)
    lost = session().get_one(Specimen, tube(request_id).specimen_id)

    with unit_of_work():
        fresh = services.take_again(
            lost.id, lost.version, "not on ward, not here", actor=world.scientist
        )

    assert fresh is not None
    assert tube(request_id).status is SpecimenStatus.REJECTED
    with pytest.raises(RuleBroken, match="rejected"):
        receive(world, number)


def test_under_way_since_stands_exactly_while_somebody_has_it(world):
    request_id = a_request(world).request_id
    number = label(world, request_id).labels[0].number
    held = session().get_one(Specimen, tube(request_id).specimen_id)
    assert held.under_way_since is not None

    collect(world, request_id)
    receive(world, number)
    session().expire_all()

    assert session().get_one(Specimen, held.id).under_way_since is None
