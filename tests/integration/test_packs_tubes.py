"""Labels of a pack on real tubes: tied where they are scanned first, stopped where they do not belong."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.models import IssuedNumber
from lab_contingency.incidents.rules import for_tube
from lab_contingency.requests.models import PlannedTube
from lab_contingency.requests.packs.commands import KeyAgain, VoidPacks
from lab_contingency.requests.packs.queries import transcription_of
from lab_contingency.requests.packs.rules import Keyed, VoidReason
from lab_contingency.requests.packs.services import key_again, void_packs
from lab_contingency.specimens.commands import AcceptByHand, Age
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import find_by_number, labels_waiting
from lab_contingency.specimens.rules import HandItem, SpecimenStatus
from lab_contingency.specimens.services import (
    hand_over,
    labels_for,
    receive,
    receive_form,
    tie_scanned,
    tie_spare,
)
from lab_contingency.specimens.services.receiving import WRITTEN
from lab_contingency.specimens.services.scanning import scanned_number
from tests.factories.packs import keyed, pack_id, packs
from tests.factories.world import an_identity

ANSWERS = {"transfused_or_pregnant_3_months": "no", "transfusion_reason": "bleeding"}


def _form(world, *tests, **changes):
    number = packs(world).numbers[0]
    answers = {"answers": ANSWERS} if "GS" in tests else {}
    placed = keyed(world, pack_id(number), tests=tests, **answers, **changes)
    return number, placed.request_id


def _receives(world, number):
    with unit_of_work():
        return receive(
            number, world.laboratories["KCH-LAB"], Age(clock.now()), actor=world.scientist
        )


@pytest.mark.feature(7)
def test_a_label_of_the_form_is_received_on_the_tube_that_it_names(world):
    form, _ = _form(world, "FBC", "UE")

    done = _receives(world, for_tube(form, 3))

    tube = session().get_one(PlannedTube, done.planned_tube_id)
    specimen = session().get_one(Specimen, done.specimen_id)
    assert tube.container == "EDTA"
    assert (specimen.number, specimen.status) == (for_tube(form, 3), SpecimenStatus.RECEIVED)
    assert session().get_one(IssuedNumber, specimen.number)
    assert WRITTEN in done.cautions
    assert session().scalars(labels_waiting()).one() == 0


@pytest.mark.hazard("H02")
def test_a_label_whose_tube_the_form_does_not_ask_for_is_stopped(world):
    form, _ = _form(world, "FBC")

    with pytest.raises(RuleBroken, match="light blue tube, clotting"):
        _receives(world, for_tube(form, 1))
    with pytest.raises(NotFound):
        _receives(world, for_tube(form, 40))


def test_the_same_label_on_a_second_tube_is_stopped(world):
    form, _ = _form(world, "FBC")
    _receives(world, for_tube(form, 3))

    with pytest.raises(RuleBroken, match="Received already"):
        _receives(world, for_tube(form, 3))


@pytest.mark.feature(7)
def test_a_spare_label_is_tied_by_whoever_reads_it_and_only_once(world):
    form, request_id = _form(world, "BCUL", "HIV")
    with pytest.raises(RuleBroken, match="spare label"):
        _receives(world, for_tube(form, 6))
    tubes = (
        session()
        .scalars(
            select(PlannedTube)
            .where(PlannedTube.request_id == request_id)
            .order_by(PlannedTube.ordinal)
        )
        .all()
    )
    for place, tube in enumerate(tubes[:2]):
        with unit_of_work():
            number = scanned_number(for_tube(form, 6 + place))
            tie_spare(request_id, tube.id, number, actor=world.scientist)

    assert _receives(world, for_tube(form, 7)).planned_tube_id == tubes[1].id
    for number, tube, words in (
        (for_tube(form, 6), tubes[2], "tied to a tube already"),
        (for_tube(form, 8), tubes[0], "has a label already"),
        (for_tube(form, 3), tubes[2], "no spare label"),
        (packs(world).numbers[0], tubes[2], "STOP"),
    ):
        with pytest.raises(RuleBroken, match=words), unit_of_work():
            tie_spare(request_id, tube.id, scanned_number(number), actor=world.scientist)


def test_a_tube_whose_form_was_not_keyed_says_how_to_go_on(world):
    number = packs(world).numbers[0]

    with pytest.raises(RuleBroken, match="Forms"):
        _receives(world, for_tube(number, 3))
    with pytest.raises(RuleBroken, match="ED Resus"):
        find_by_number(for_tube(number, 3), world.doctor)
    with pytest.raises(RuleBroken, match="Carry tube and form together"), unit_of_work():
        hand_over([for_tube(number, 3)], "Porter", actor=world.porter)
    with pytest.raises(NotFound):
        find_by_number(for_tube(number, 3), world.other_doctor)
    with unit_of_work():
        void_packs(VoidPacks(number, "", VoidReason.LOST), actor=world.porter)
    with pytest.raises(RuleBroken, match="pack that is void: lost"):
        _receives(world, for_tube(number, 3))


def test_at_the_bedside_too_the_label_is_tied_when_it_is_scanned(world):
    form, request_id = _form(world, "UE", by=world.doctor)
    with unit_of_work():
        tie_scanned(for_tube(form, 2), actor=world.doctor)

    found = find_by_number(for_tube(form, 2), world.doctor)
    assert (found.request_id, found.void) == (request_id, None)


def test_no_printed_label_takes_the_place_of_a_written_one(world):
    form, request_id = _form(world, "UE", by=world.doctor)
    with unit_of_work():
        tie_scanned(for_tube(form, 2), actor=world.doctor)
    planned = session().scalars(select(PlannedTube.id)).one()

    with pytest.raises(RuleBroken, match="paper pack"), unit_of_work():
        labels_for(request_id, [planned], actor=world.doctor)
    with pytest.raises(RuleBroken, match="no label to print"), unit_of_work():
        labels_for(request_id, actor=world.doctor)


@pytest.mark.hazard("H03")
@pytest.mark.feature(8)
def test_the_transfusion_tube_of_a_written_form_waits_for_the_second_person(world):
    _, request_id = _form(world, "GS")
    planned = session().scalars(select(PlannedTube.id)).one()
    command = AcceptByHand(request_id, planned, frozenset(HandItem), clock.now(), "A. Okafor", "")

    def accept():
        with unit_of_work():
            return receive_form(command, world.laboratories["KCH-LAB"], actor=world.scientist)

    with pytest.raises(RuleBroken, match="second person"):
        accept()
    with unit_of_work():
        again = Keyed(an_identity(), frozenset({"GS"}))
        key_again(KeyAgain(transcription_of(request_id).id, again), actor=world.colleague)

    assert accept().planned_tube_id == planned
