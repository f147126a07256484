"""Labels: in order of draw, numbered once, COPY with a reason, and never for transfusion."""

import uuid
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import is_transfusion
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.models import IssuedNumber
from lab_contingency.incidents.queries import void_reason
from lab_contingency.incidents.rules import NumberState
from lab_contingency.places.models import Site
from lab_contingency.places.rules import TubeSystem
from lab_contingency.printing.content import HandwrittenTube, TubeLabel
from lab_contingency.requests.commands import CorrectIdentity, WithdrawTests
from lab_contingency.requests.models import PlannedTube
from lab_contingency.requests.queries import request_view
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import (
    Evidence,
    correct_identity,
    lock_request,
    move_test,
    summary,
    withdraw_tests,
)
from lab_contingency.specimens import documents, services
from lab_contingency.specimens.models import FormPrint, LabelPrint
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.rules import SpecimenStatus
from tests.factories.tubes import accept_by_hand, assign, collect, label, receive, tube
from tests.factories.world import a_request, an_identity, make_world, with_an_unprintable_name

TRANSFUSION = [test.code for test in catalogue().tests.values() if is_transfusion(test)]
ANSWERS = {
    "transfused_or_pregnant_3_months": "no",
    "units": "2",
    "needed_by": "04:00",
}


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def card(world, *tests, **changes):
    return a_request(world, tests=tests, answers=ANSWERS, **changes).request_id


def text(pdf):
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_labels_come_out_in_order_of_draw_whatever_order_the_tests_were_ticked(world):
    request_id = card(world, "LAC", "FBC", "UE", "COAG")

    printed = label(world, request_id)

    colours = [one.tube_colour for one in printed.labels]
    assert colours == ["light blue", "gold", "lavender", "grey"]
    assert [one.draw_order for one in printed.labels] == ["tube 1", "tube 2", "tube 3", "tube 4"]
    assert len(text(printed.pdf)) == 4


def test_a_label_says_who_what_and_where(world):
    printed = label(world, card(world, "FBC", "RETIC"))

    one = printed.labels[0]
    assert one.patient.surname == "WOŹNIAK-O’NEILL"
    assert one.patient.born == "04-Nov-1958"
    assert (one.tests, one.ward, one.priority) == ("FBC, Reticulocytes", "ED Resus", "P1")
    assert one.bed == "bed 4"
    assert one.tube_detail == "EDTA 4 mL"
    assert one.test_mark


def test_a_tube_on_ice_says_so_on_its_label(world):
    printed = label(world, card(world, "LAC"))

    assert printed.labels[0].notes == "ON ICE"


def test_a_blood_culture_is_two_bottles_with_two_numbers_and_a_cap_each(world):
    printed = label(world, card(world, "BCUL"))

    assert [one.tube_colour for one in printed.labels] == ["blue cap", "purple cap"]
    assert len({one.number for one in printed.labels}) == 2
    assert all(one.tests == "Blood cultures" for one in printed.labels)


def test_a_sarstedt_site_gets_sarstedt_colours_only(world):
    with unit_of_work():
        session().get(Site, world.sites["KCH"]).tube_system = TubeSystem.SARSTEDT
    request_id = card(world, "UE", "COAG")

    with unit_of_work():
        printed = services.print_form(request_id, actor=world.doctor)

    assert [one.tube_colour for one in printed.labels] == ["green", "brown"]
    assert printed.forms[0].tube_system == "Sarstedt colours"


def test_every_number_is_unique_and_every_print_is_recorded(world):
    numbers = []
    for seed in range(1, 6):
        identity = an_identity(seed)
        printed = label(world, card(world, "FBC", "UE", "COAG", identity=identity))
        numbers += [one.number for one in printed.labels]

    assert len(set(numbers)) == 15
    assert session().scalars(select(LabelPrint.number)).all() == numbers
    leavings = session().scalars(select(Leaving)).all()
    assert len(leavings) == 5
    assert all(len(leaving.contains) == 1 for leaving in leavings)


def test_a_second_print_needs_a_reason_and_says_copy_with_the_same_number(world):
    request_id = card(world, "FBC")
    first = label(world, request_id).labels[0]

    with pytest.raises(RuleBroken) as refused:
        label(world, request_id)
    second = label(world, request_id, reason="JAM").labels[0]

    assert refused.value.field == "reason"
    assert second.number == first.number
    assert second.copy_reason == "printer jammed"
    assert [row.copy for row in session().scalars(select(LabelPrint).order_by(LabelPrint.id))] == [
        1,
        2,
    ]


def test_a_copy_of_a_collected_tube_says_what_its_label_said(world):
    request_id = card(world, "FBC")
    first = label(world, request_id).labels[0]
    collect(world, request_id)

    copy = label(world, request_id, reason="TORN").labels[0]

    assert copy.number == first.number
    assert copy.patient == first.patient


def correct(world, request_id, **changes):
    version = request_view(request_id, world.doctor).version
    with unit_of_work():
        command = CorrectIdentity(request_id, version, an_identity(1, **changes), "misread")
        assert correct_identity(command, actor=world.doctor)
        services.void_labels(request_id, "the patient was corrected.", actor=world.doctor)


def test_a_corrected_patient_voids_the_label_and_takes_the_next_number(world):
    request_id = card(world, "FBC")
    old = label(world, request_id).labels[0]

    correct(world, request_id, forenames="Siân Mair")
    assert tube(request_id).status is SpecimenStatus.UNLABELLED
    new = label(world, request_id).labels[0]

    assert void_reason(old.number) == "the patient was corrected."
    assert new.number[9:11] == "02"
    assert new.copy_reason is None
    assert new.patient.forenames == "Siân Mair"


@pytest.mark.hazard("H16")
def test_a_changed_label_never_keeps_its_number_even_when_nobody_voided_it(world):
    request_id = card(world, "FBC", "RETIC")
    old = label(world, request_id).labels[0]
    version = request_view(request_id, world.doctor).version
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(request_id, version, ("RETIC",), "not needed"), actor=world.doctor
        )

    new = label(world, request_id).labels[0]

    assert new.number != old.number
    assert void_reason(old.number) is not None
    assert new.tests == "FBC"


@pytest.mark.hazard("H16")
def test_a_superseded_label_is_refused_at_receipt_with_the_one_to_scan_instead(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    old = label(world, request_id).labels[0].number
    correct(world, request_id, forenames="Siân Mair")
    new = label(world, request_id).labels[0].number
    collect(world, request_id)

    with pytest.raises(RuleBroken) as refused:
        receive(world, old)
    receive(world, new)

    assert "the patient was corrected" in refused.value.message
    assert f"{new[:2]} {new[2]} {new[3:9]}" in refused.value.message
    assert tube(request_id).status is SpecimenStatus.RECEIVED


def test_blood_on_its_way_with_a_void_label_is_refused_and_can_only_be_rejected(world):
    request_id = card(world, "FBC")
    old = label(world, request_id).labels[0].number
    collect(world, request_id)
    with unit_of_work():
        services.hand_over([old], "Sam Rowe", actor=world.porter)

    correct(world, request_id, forenames="Siân Mair")

    with pytest.raises(RuleBroken, match="reject it"):
        receive(world, old)
    with pytest.raises(RuleBroken):
        label(world, request_id, tubes=[tube(request_id).planned_tube_id])


def test_blood_received_under_another_name_is_rejected_at_once(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    number = label(world, request_id).labels[0].number
    collect(world, request_id)
    receive(world, number)

    correct(world, request_id, forenames="Siân Mair")

    held = tube(request_id)
    assert held.status is SpecimenStatus.REJECTED
    assert held.needs_recollection
    assert request_view(request_id, world.doctor).tests[0].words == "rejected: take it again"


@pytest.mark.hazard("H03")
@pytest.mark.parametrize("code", TRANSFUSION)
def test_no_path_prints_a_patient_label_for_a_transfusion_tube(world, code):
    request_id = card(world, code, "FBC")
    pink = next(one for one in tubes_of(request_id) if one.by_hand)
    view = request_view(request_id, world.doctor)
    planned = session().get(PlannedTube, pink.planned_tube_id)
    tests = [catalogue().test(code)]

    with pytest.raises(RuleBroken):
        label(world, request_id, tubes=[pink.planned_tube_id])
    with pytest.raises(RuleBroken):
        documents.tube_label(view, planned, tests, view.number)
    everything = label(world, request_id)
    with unit_of_work():
        form = services.print_form(request_id, actor=world.doctor)
    with unit_of_work():
        copy = services.print_form(request_id, "TORN", actor=world.doctor)

    assert [one.tests for one in everything.labels] == ["FBC"]
    for printed in (form, copy):
        notes = [one for one in printed.forms[0].labels if isinstance(one, HandwrittenTube)]
        assert len(notes) == 1
        labels = [one for one in printed.forms[0].labels if isinstance(one, TubeLabel)]
        assert all("pink" not in one.tube_colour for one in labels)
    assert tubes_of(request_id)[1].number is None or not tubes_of(request_id)[1].by_hand


@pytest.mark.hazard("H03")
@pytest.mark.parametrize("code", TRANSFUSION)
def test_a_wrongly_planned_transfusion_tube_gets_no_label_either(world, code):
    request_id = card(world, code)
    planned_tube_id = tubes_of(request_id)[0].planned_tube_id
    with unit_of_work():
        planned = session().get(PlannedTube, planned_tube_id)
        planned.by_hand, planned.container = False, "EDTA"

    with pytest.raises(RuleBroken):
        label(world, request_id, tubes=[planned_tube_id])
    with pytest.raises(RuleBroken):
        label(world, request_id)
    with unit_of_work():
        printed = services.print_form(request_id, actor=world.doctor)

    assert printed.labels == ()


def test_an_accepted_transfusion_tube_gets_a_number_without_a_patient(world):
    request_id = card(world, "GS")
    assign(world, request_id)
    planned_tube_id = tubes_of(request_id)[0].planned_tube_id

    with pytest.raises(RuleBroken):
        _number_only(world, request_id, planned_tube_id)
    accept_by_hand(world, request_id, planned_tube_id)
    printed = _number_only(world, request_id, planned_tube_id)

    said = text(printed.pdf)[0]
    assert "WOŹNIAK" not in said
    assert "999" not in said.replace(" ", "").replace(printed.labels[0].number, "")
    assert tubes_of(request_id)[0].number == printed.labels[0].number
    with pytest.raises(RuleBroken) as refused:
        _number_only(world, request_id, planned_tube_id)
    assert refused.value.field == "reason"


def _number_only(world, request_id, planned_tube_id):
    with unit_of_work():
        return services.number_only_label(request_id, planned_tube_id, actor=world.scientist)


def test_the_form_brings_the_labels_that_were_never_printed(world):
    request_id = card(world, "FBC", "GS", "COAG")

    with unit_of_work():
        printed = services.print_form(request_id, actor=world.doctor)

    form = printed.forms[0]
    kinds = [type(one).__name__ for one in form.labels]
    assert kinds == ["TubeLabel", "TubeLabel", "HandwrittenTube"]
    assert form.made.copy_number == "copy 1"
    assert all(one.number for one in tubes_of(request_id) if not one.by_hand)
    said = text(printed.pdf)[0]
    assert "Haematemesis" in said
    assert "ED Resus" in said


def _printed_form(world, request_id):
    with unit_of_work():
        return services.print_form(request_id, actor=world.doctor).forms[0]


def test_the_form_says_the_bed(world):
    form = _printed_form(world, card(world, "FBC", bed="bay 2 bed 4"))

    assert (form.requester.ward, form.requester.bed) == ("ED Resus", "bay 2 bed 4")


def test_the_form_counts_the_tubes_that_are_still_wanted(world):
    request_id = card(world, "FBC", "UE", "LAC")
    version = request_view(request_id, world.doctor).version
    with unit_of_work():
        withdraw_tests(WithdrawTests(request_id, version, ("FBC",), "x"), actor=world.doctor)

    assert _printed_form(world, request_id).tubes == (1, 3)


def test_how_the_blood_was_taken_stays_empty_until_it_is(world):
    taken = {"collected_at": clock.now(), "collected_by": "A. Okafor"}
    before = _printed_form(world, card(world, "FBC", collection_method="vein"))
    after = _printed_form(world, card(world, "UE", collection_method="vein", **taken))

    assert (before.collection.taken, before.collection.how) == ("", "")
    assert after.collection.how == "vein"


def test_a_form_printed_again_needs_a_reason_and_says_copy(world):
    request_id = card(world, "FBC")
    with unit_of_work():
        services.print_form(request_id, actor=world.doctor)

    with pytest.raises(RuleBroken) as refused, unit_of_work():
        services.print_form(request_id, actor=world.doctor)
    with unit_of_work():
        again = services.print_form(request_id, "LOST", actor=world.doctor)

    assert refused.value.field == "reason"
    assert again.forms[0].made.copy_reason == "lost"
    assert again.labels[0].copy_reason == "lost"
    assert session().scalars(select(FormPrint.copy).order_by(FormPrint.copy)).all() == [1, 2]


def test_a_label_that_cannot_be_drawn_leaves_no_trace(world):
    request_id = card(world, "FBC")
    with_an_unprintable_name(request_id)

    with pytest.raises(Exception, match="Too long to print"):
        label(world, request_id)

    assert session().scalars(select(LabelPrint)).all() == []
    assert tubes_of(request_id)[0].number is None


def test_nobody_prints_labels_of_another_site(world):
    request_id = card(world, "FBC")

    with pytest.raises(NotFound):
        label(world, request_id, actor=world.other_doctor)
    with pytest.raises(NotFound):
        label(world, request_id, tubes=[uuid.uuid4()])


def test_the_books_of_numbers_balance_after_corrections(world):
    request_id = card(world, "FBC", "UE")
    label(world, request_id)
    correct(world, request_id, forenames="Siân Mair")
    label(world, request_id)

    states = session().scalars(select(IssuedNumber.state)).all()

    assert states.count(NumberState.USED) == 3  # the form and two labels
    assert states.count(NumberState.VOID) == 2


def test_blood_with_a_void_label_is_not_accepted_as_a_handwritten_tube(world):
    request_id = card(world, "FBC")
    assign(world, request_id)
    label(world, request_id)
    collect(world, request_id)
    correct(world, request_id, forenames="Siân Mair")

    with pytest.raises(RuleBroken, match="no longer counts"):
        accept_by_hand(world, request_id, tube(request_id).planned_tube_id)

    assert not tube(request_id).to_compare
    assert tube(request_id).number_text == "label void"
    assert tube(request_id).status is SpecimenStatus.COLLECTED


def test_a_declined_test_is_not_ticked_on_the_form_any_more(world):
    request_id = card(world, "FBC", "CRP")
    with unit_of_work():
        request = lock_request(request_id, actor=world.senior)
        for test in summary.tests_of(request_id):
            if test.test_code == "CRP":
                why = Evidence(reason_code="NO_CHANGE")
                move_test(request, test, TestAction.DECLINE, why, actor=world.senior)

    form = documents.request_form(request_view(request_id, world.doctor), (), actor=world.doctor)

    assert [line.name for group in form.groups for line in group.tests if line.ticked] == ["FBC"]
