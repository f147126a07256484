"""A rejected tube on paper: the slip that says why, and the form that goes with the new tube."""

import pytest
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.models import Request
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.models import LabelPrint, RejectionPrint, Specimen
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import (
    print_recollection_form,
    print_rejection_slip,
    recollect,
    reject,
)
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, make_world
from tests.printing.reading import barcodes, joined, text

pytestmark = [pytest.mark.feature(47), pytest.mark.hazard("H16")]


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.fixture
def rejected(world):
    """A haemolysed tube: (request, planned tube, its number)."""
    placed = a_request(world, tests=("UE", "CRP"))
    assign(world, placed.request_id)
    number = a_collected_tube(world, placed.request_id)
    receive(world, number)
    (tube,) = tubes_of(placed.request_id)
    command = RejectTube(placed.request_id, tube.planned_tube_id, "HAEMOLYSED", "Cherry red", None)
    with unit_of_work():
        reject(command, actor=world.scientist)
    return placed.request_id, tube.planned_tube_id, tube.number


def slip_of(world, rejected, reason="", actor=None):
    with unit_of_work():
        return print_rejection_slip(*rejected[:2], reason, actor=actor or world.scientist)


def taken_again(world, rejected):
    with unit_of_work():
        return recollect(*rejected[:2], actor=world.doctor)


def form_of(world, request_id, planned_id, reason=""):
    with unit_of_work():
        return print_recollection_form(request_id, planned_id, reason, actor=world.doctor)


def test_the_slip_says_whose_tube_why_and_what_to_do_now(world, rejected):
    out = slip_of(world, rejected)

    words = text(out.pdf)
    for said in (
        "Tube rejected",
        "NO RESULT",
        "WOŹNIAK-O’NEILL Siân",
        "04-Nov-1958",
        "Haemolysed",
        "Cherry red",
        "U&E, CRP",
        "Take it again without force, from a vein.",
        "To be taken again",
        "Rejected by Scientist",
    ):
        assert said in words
    assert barcodes(out.pdf, 203) == [rejected[2]]


def test_the_slip_again_needs_a_reason_and_says_copy(world, rejected):
    slip_of(world, rejected)
    with pytest.raises(RuleBroken, match="Choose why"):
        slip_of(world, rejected)

    again = slip_of(world, rejected, "TORN")

    assert "COPY" in text(again.pdf)
    assert again.slip.made.copy_reason == "torn or smudged"
    assert [row.copy for row in session().scalars(select(RejectionPrint))] == [1, 2]


def test_a_slip_is_registered_with_the_patient_on_it(world, rejected):
    slip_of(world, rejected)

    leaving = session().scalars(select(Leaving).where(Leaving.kind == "rejection slip")).one()
    row = session().scalars(select(RejectionPrint)).one()
    patient_id = session().get_one(Request, rejected[0]).patient_id
    assert row.leaving_id == leaving.id
    assert set(leaving.contains) == {patient_id.hex}


def test_a_tube_that_was_not_rejected_has_no_slip(world):
    placed = a_request(world, tests=("CRP",))
    (tube,) = tubes_of(placed.request_id)

    with pytest.raises(RuleBroken, match="was not rejected"):
        slip_of(world, (placed.request_id, tube.planned_tube_id), actor=world.doctor)


def test_another_site_prints_none(world, rejected):
    with pytest.raises(NotFound):
        slip_of(world, rejected, actor=world.other_doctor)


def test_the_form_goes_with_the_new_tube_and_says_why_it_is_taken_again(world, rejected):
    fresh = taken_again(world, rejected)

    out = form_of(world, rejected[0], fresh)

    words = text(out.pdf)
    assert "Request, taken again" in words
    assert "TAKEN AGAIN because tube 1 was rejected. Haemolysed." in words
    (label,) = out.labels
    assert label.number != rejected[2]
    assert label.number in barcodes(out.pdf, 300)
    assert [line.name for group in out.forms[0].groups for line in group.tests if line.ticked] == [
        "U&E",
        "CRP",
    ]


def test_the_new_label_is_in_the_books_and_the_old_number_is_not_on_it(world, rejected):
    fresh = taken_again(world, rejected)
    out = form_of(world, rejected[0], fresh)

    specimen = session().scalars(select(Specimen).where(Specimen.planned_tube_id == fresh)).one()
    prints = (
        session().scalars(select(LabelPrint).where(LabelPrint.specimen_id == specimen.id)).all()
    )
    assert specimen.number == out.labels[0].number
    assert [row.leaving_id for row in prints] == [
        session().scalars(select(Leaving.id).where(Leaving.kind == "recollection form")).one()
    ]
    assert rejected[2] not in joined(out.pdf)


def test_the_form_again_says_copy_with_the_same_number(world, rejected):
    fresh = taken_again(world, rejected)
    first = form_of(world, rejected[0], fresh)
    with pytest.raises(RuleBroken, match="Choose why"):
        form_of(world, rejected[0], fresh)

    again = form_of(world, rejected[0], fresh, "JAM")

    assert again.labels[0].number == first.labels[0].number
    assert "copy: printer jammed" in text(again.pdf)


def test_a_tube_that_replaces_none_has_no_such_form(world, rejected):
    with pytest.raises(RuleBroken, match="replaces none"):
        form_of(world, *rejected[:2])


@pytest.mark.hazard("H03")
def test_a_transfusion_tube_taken_again_gets_no_printed_label(world):
    placed = a_request(world, tests=("GS",), answers={"transfused_or_pregnant_3_months": "no"})
    (tube,) = tubes_of(placed.request_id)
    command = RejectTube(placed.request_id, tube.planned_tube_id, "UNDERFILLED", "", None)
    with unit_of_work():
        reject(command, actor=world.senior)
    fresh = taken_again(world, (placed.request_id, tube.planned_tube_id))

    out = form_of(world, placed.request_id, fresh)

    assert out.labels == ()
    assert session().scalars(select(LabelPrint)).all() == []
