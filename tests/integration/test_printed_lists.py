"""Lists for when screens are down: the worklist of a bench, the calls to make, the hand-over of a shift."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.audit.anchors import read_anchor
from lab_contingency.audit.models import Checkpoint, Leaving
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.oversight.commands import HandOverShift
from lab_contingency.oversight.queries.handing_over import stages
from lab_contingency.oversight.services import hand_over_shift, verify_record
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.commands import RecordAttempt
from lab_contingency.results.rules.calls import AttemptOutcome
from lab_contingency.results.services import (
    print_bench_list,
    print_call_sheets,
    record_failed_attempt,
)
from tests.factories.results import a_critical_call, an_authorised_request, on_the_bench
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import a_request, an_identity, make_world
from tests.printing.reading import barcodes, pages, text

LATER = dt.timedelta(hours=6)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def bench_of(actor):
    with unit_of_work():
        return print_bench_list(actor=actor)


def calls_of(actor):
    with unit_of_work():
        return print_call_sheets(actor=actor)


def handed_over(actor, to_whom="", notes=""):
    with unit_of_work():
        return hand_over_shift(HandOverShift(to_whom, notes), actor=actor)


def received(world, seed, **card):
    placed = a_request(world, identity=an_identity(seed, surname=f"Patient{seed}"), **card)
    assign(world, placed.request_id)
    number = a_collected_tube(world, placed.request_id)
    receive(world, number)
    return placed.request_id, number


def test_the_worklist_has_bars_and_identifiers_bench_by_bench_the_most_pressing_first(world):
    _, later = received(world, 1, tests=("CRP",), band=Band.P2)
    _, now = received(world, 2, tests=("CRP",), band=Band.P1)
    _, blood = received(world, 3, tests=("FBC",), band=Band.P1)

    pdf = bench_of(world.scientist)

    words = text(pdf)
    assert barcodes(pdf, 203) == sorted([later, now, blood])
    assert words.index("Haematology") < words.index("PATIENT3") < words.index("Chemistry")
    assert words.index("Chemistry") < words.index("PATIENT2") < words.index("PATIENT1")
    assert "04-Nov-1958" in words


@pytest.mark.hazard("H18")
def test_a_worklist_marks_names_that_can_be_mixed_up(world):
    on_the_bench(world, identity=an_identity(1, surname="Patel", forenames="Anita"))
    on_the_bench(world, identity=an_identity(2, surname="Patel", forenames="Anika"))

    assert text(bench_of(world.scientist)).count("SIMILAR NAME") == 2


def test_what_left_with_a_worklist_is_in_the_register(world):
    request_id = on_the_bench(world)

    bench_of(world.scientist)

    leaving = session().scalars(select(Leaving)).one()
    patient_id = session().get_one(Request, request_id).patient_id
    assert leaving.kind == "bench worklist"
    assert leaving.contains[patient_id.hex] & (Field.NAME | Field.BORN | Field.TESTS)


def test_a_bench_prints_nothing_of_another_laboratory(world):
    on_the_bench(world)

    with pytest.raises(RuleBroken, match="Nothing waits"):
        bench_of(world.other_scientist)


@pytest.mark.feature(59)
@pytest.mark.hazard("H06")
def test_the_calls_are_a_list_and_a_sheet_each_with_what_to_say_and_whom_to_ring(world):
    request_id, call_id = a_critical_call(world)
    with unit_of_work():
        command = RecordAttempt(call_id, AttemptOutcome.NO_ANSWER, "bleep 2222")
        record_failed_attempt(command, actor=world.senior)

    pdf = calls_of(world.senior)

    number = session().get_one(Request, request_id).number
    assert pages(pdf) == 2
    assert barcodes(pdf, 203, 0) == barcodes(pdf, 203, 1) == [number]
    sheet = text(pdf, 1)
    for said in (
        "Potassium 6.8 mmol/L",
        "Potassium, six point eight, millimoles per litre.",
        "Please read that back to me.",
        "bleep 2222",
        "no answer",
        "Dr P. Mehta",
        "checked, not authorised",
    ):
        assert said in sheet
    assert "tried once" in text(pdf, 0)
    leaving = session().scalars(select(Leaving)).one()
    assert leaving.kind == "call sheets"
    assert leaving.contains[session().get_one(Request, request_id).patient_id.hex] & Field.RESULTS


def test_without_a_call_there_is_no_list(world):
    with pytest.raises(RuleBroken, match="Nobody has to be rung"):
        calls_of(world.senior)


def test_the_hand_over_counts_what_is_open_and_names_nobody(world):
    request_id, _ = a_critical_call(world)
    on_the_bench(world, identity=an_identity(2))
    an_authorised_request(world, identity=an_identity(3))
    a_request(world, identity=an_identity(4))

    pdf = handed_over(world.senior, "T. Osei", "Analyser 2 stopped at 05:40.")

    words = text(pdf)
    held = {stage.words: stage.waiting for stage in stages(world.senior)}
    assert (held["Triage: to decide"], held["On the bench: to type"]) == (1, 1)
    assert (held["To telephone"], held["Slips to print"]) == (1, 1)
    number = session().get_one(Request, request_id).number
    assert number in "".join(words.split())
    for said in ("Potassium, critical", "T. Osei", "Senior", "Analyser 2 stopped at 05:40."):
        assert said in words
    for hidden in ("WOŹNIAK", "Siân", "04-Nov-1958", "6.8"):
        assert hidden not in words


def test_what_is_overdue_stands_on_the_hand_over_with_where_it_is(world):
    on_the_bench(world, band=Band.P1)

    with clock.at(clock.now() + LATER):
        words = text(handed_over(world.senior))

    assert "Overdue: 1" in words
    assert "U&E: on the bench" in words
    assert "OVERDUE" in words


@pytest.mark.hazard("H29")
def test_the_anchor_of_a_hand_over_proves_the_record_before_it(world):
    on_the_bench(world)

    pdf = handed_over(world.coordinator)

    checkpoint = session().scalars(select(Checkpoint)).one()
    (scanned,) = [code for code in barcodes(pdf, 300) if code.startswith("LAB-ANCHOR")]
    found = verify_record(read_anchor(scanned), actor=world.governance)
    assert checkpoint.digest in scanned
    assert found.ok
    assert found.anchor.number == checkpoint.number


def test_a_bench_hands_over_its_own_work_only(world):
    on_the_bench(world)

    theirs = {stage.words: stage.waiting for stage in stages(world.other_scientist)}

    assert theirs["On the bench: to type"] == 0
