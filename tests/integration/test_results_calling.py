"""Telephoning critical results, and reading what came."""

import datetime as dt

import pytest
from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.commands import (
    Acknowledge,
    CloseWithoutCall,
    RecordAttempt,
    RecordCall,
)
from lab_contingency.results.models import CallAttempt, CriticalCall, Release
from lab_contingency.results.queries.calls import call_page
from lab_contingency.results.rules.calls import (
    AttemptOutcome,
    CallCause,
    CallOutcome,
    CallStatus,
    Taker,
)
from lab_contingency.results.services import (
    acknowledge,
    close_without_call,
    record_call,
    record_failed_attempt,
)
from tests.factories.results import (
    CRITICAL_UE,
    a_critical_call,
    amend,
    an_authorised_request,
    authorise,
    call,
    check,
    enter,
    on_the_bench,
    sent_elsewhere,
)
from tests.factories.world import make_world

THEIR_UE = {code: CRITICAL_UE[code] for code in ("NA", "K", "UREA", "CREA", "CL")}


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def a_record(call_id, **changes):
    held = {
        "call_id": call_id,
        "number": "4302",
        "person": "J. Ferreira",
        "role": Taker.NURSE,
        "patient_agrees": True,
        "read_back": "6.8",
    }
    return RecordCall(**{**held, **changes})


def tell(call_id, actor, **changes):
    with unit_of_work():
        record_call(a_record(call_id, **changes), actor=actor)


@pytest.mark.hazard("H06")
def test_a_critical_value_is_not_telephoned_before_it_is_checked(world):
    request_id = on_the_bench(world)

    enter(request_id, world.scientist, UE=CRITICAL_UE)

    assert session().scalars(select(CriticalCall)).all() == []


@pytest.mark.hazard("H06")
def test_the_check_puts_a_critical_value_on_the_list(world):
    _, call_id = a_critical_call(world)

    row = call(call_id)
    assert (row.status, row.analyte_code) == (CallStatus.OPEN, "K")
    assert row.due_at == row.opened_at + dt.timedelta(minutes=60)


def test_a_later_band_gives_two_hours(world):
    request_id = on_the_bench(world, band=Band.P3, reason_code="")
    enter(request_id, world.scientist, UE=CRITICAL_UE)

    (call_id,) = check(request_id, world.colleague, "UE")

    assert call(call_id).due_at == call(call_id).opened_at + dt.timedelta(hours=2)


@pytest.mark.hazard("H06")
def test_a_read_back_that_agrees_closes_the_call(world):
    _, call_id = a_critical_call(world)

    tell(call_id, world.senior, read_back=" 6.80 ")

    row = call(call_id)
    assert (row.status, row.outcome) == (CallStatus.CLOSED, CallOutcome.TOLD)
    assert row.closed_by_id == world.senior.user_id


@pytest.mark.hazard("H06")
@pytest.mark.parametrize("heard", ["5.8", "68", "6,8", "high", "<6.8", ""])
def test_a_read_back_that_differs_leaves_the_call_on_the_list(world, heard):
    _, call_id = a_critical_call(world)

    with pytest.raises(RulesBroken) as refused:
        tell(call_id, world.senior, read_back=heard)

    assert set(refused.value.problems) == {"read_back"}
    assert call(call_id).status is CallStatus.OPEN


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"role": None}, "role"),
        ({"patient_agrees": False}, "patient_agrees"),
        ({"number": " "}, "number"),
        ({"person": ""}, "person"),
    ],
)
def test_a_call_is_recorded_whole_or_not_at_all(world, missing, field):
    _, call_id = a_critical_call(world)

    with pytest.raises(RulesBroken) as refused:
        tell(call_id, world.senior, **missing)

    assert field in refused.value.problems
    assert session().scalars(select(CallAttempt)).all() == []


def test_a_failed_attempt_is_noted_and_the_call_stays(world):
    _, call_id = a_critical_call(world)

    with unit_of_work():
        attempt = RecordAttempt(call_id, AttemptOutcome.NO_ANSWER, "2222")
        record_failed_attempt(attempt, actor=world.senior)

    (row,) = session().scalars(select(CallAttempt)).all()
    assert not row.reached
    assert call(call_id).status is CallStatus.OPEN


def test_a_closed_call_is_not_closed_again(world):
    _, call_id = a_critical_call(world)
    tell(call_id, world.senior)

    with pytest.raises(RuleBroken, match="was closed by"):
        tell(call_id, world.second_senior)


def test_a_call_cannot_lie_in_the_future(world):
    _, call_id = a_critical_call(world)

    with pytest.raises(RuleBroken, match="in the future"):
        tell(call_id, world.senior, at=clock.now() + dt.timedelta(hours=1))


def test_no_call_is_needed_only_with_a_reason_in_words(world):
    _, call_id = a_critical_call(world)

    with pytest.raises(RuleBroken, match="Say in a sentence"), unit_of_work():
        close_without_call(CloseWithoutCall(call_id, "SIMILAR"), actor=world.senior)


def test_a_similar_result_telephoned_before_closes_the_call(world):
    _, call_id = a_critical_call(world)

    with unit_of_work():
        decision = CloseWithoutCall(call_id, "SIMILAR", "6.7 told to Dr Mehta at 02:10")
        close_without_call(decision, actor=world.senior)

    assert call(call_id).outcome is CallOutcome.NOT_NEEDED


def test_a_call_outside_the_scope_does_not_exist(world):
    _, call_id = a_critical_call(world)

    with pytest.raises(NotFound):
        tell(call_id, world.partner)


@pytest.mark.hazard("H06")
def test_a_partner_with_a_test_of_the_same_request_cannot_open_or_close_our_call(world):
    request_id = on_the_bench(world, tests=("UE", "CRP"))
    sent_elsewhere(world, request_id, "CRP")
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    (call_id,) = check(request_id, world.colleague, "UE")

    with pytest.raises(NotFound):
        call_page(call_id, world.partner)
    with pytest.raises(NotFound):
        tell(call_id, world.partner)
    with pytest.raises(NotFound), unit_of_work():
        attempt = RecordAttempt(call_id, AttemptOutcome.NO_ANSWER, "2222")
        record_failed_attempt(attempt, actor=world.partner)
    with pytest.raises(NotFound), unit_of_work():
        decision = CloseWithoutCall(call_id, "SIMILAR", "6.7 told to Dr Mehta at 02:10")
        close_without_call(decision, actor=world.partner)
    assert call(call_id).status is CallStatus.OPEN


def test_a_partner_opens_and_closes_the_call_of_its_own_test(world):
    request_id = on_the_bench(world, tests=("UE", "CRP"))
    sent_elsewhere(world, request_id, "UE")
    enter(request_id, world.partner, UE=THEIR_UE)
    (call_id,) = check(request_id, world.senior, "UE")

    assert call_page(call_id, world.partner).row.words == "Potassium 6.8 mmol/L"
    tell(call_id, world.partner)

    assert call(call_id).outcome is CallOutcome.TOLD


def a_told_potassium(world, **card):
    request_id = on_the_bench(world, **card)
    enter(request_id, world.scientist, UE=CRITICAL_UE)
    (call_id,) = check(request_id, world.colleague, "UE")
    tell(call_id, world.senior)
    authorise(request_id, world.senior, "UE")


def test_the_caller_sees_what_was_telephoned_before_of_the_same_patient(world):
    a_told_potassium(world)
    again = on_the_bench(world, overrides={"UE": "after treatment"})
    enter(again, world.scientist, UE={**CRITICAL_UE, "K": "6.9"})
    (call_id,) = check(again, world.colleague, "UE")

    page = call_page(call_id, world.senior)

    assert page.before.value.words == "6.8"
    assert page.similar == ("6.8 mmol/L told to J. Ferreira",)


@pytest.mark.hazard("H22")
def test_a_partner_is_not_shown_what_our_laboratory_measured_and_telephoned(world):
    a_told_potassium(world)
    again = on_the_bench(world, laboratory="SWLP-LAB", overrides={"UE": "after treatment"})
    enter(again, world.partner, UE={**THEIR_UE, "K": "6.9"})
    (call_id,) = check(again, world.senior, "UE")

    page = call_page(call_id, world.partner)

    assert (page.before, page.similar) == (None, ())


@pytest.mark.hazard("H06")
def test_a_value_put_right_before_the_call_leaves_the_list_only_when_it_is_checked(world):
    request_id, call_id = a_critical_call(world)

    enter(request_id, world.scientist, UE={"K": "4.8"})
    before_check = call(call_id).status
    check(request_id, world.colleague, "UE")

    assert before_check is CallStatus.OPEN
    assert call(call_id).outcome is CallOutcome.PUT_RIGHT


def test_a_value_being_put_right_is_not_telephoned(world):
    request_id, call_id = a_critical_call(world)
    enter(request_id, world.scientist, UE={"K": "4.8"})

    with pytest.raises(RuleBroken, match="being put right"):
        tell(call_id, world.senior)


@pytest.mark.hazard("H06")
@pytest.mark.hazard("H21")
def test_a_correction_of_a_telephoned_value_is_telephoned_too(world):
    request_id, call_id = a_critical_call(world)
    tell(call_id, world.senior)
    authorise(request_id, world.senior, "UE")
    amend(request_id, world.scientist, "Haemolysed", UE={"K": "4.8"})

    (correction,) = check(request_id, world.colleague, "UE")

    assert call(correction).cause is CallCause.CORRECTION


@pytest.mark.hazard("H21")
def test_an_amendment_opens_the_acknowledgement_again(world):
    request_id = an_authorised_request(world)
    (first,) = session().scalars(select(Release.id)).all()
    with unit_of_work():
        acknowledge(Acknowledge(request_id, (first,)), actor=world.doctor)
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})

    authorise(request_id, world.senior, "CRP")

    unread = session().scalars(select(Release).where(Release.unread)).all()
    assert [row.number for row in unread] == [2]


def test_reading_the_first_release_does_not_acknowledge_the_second(world):
    request_id = an_authorised_request(world)
    (first,) = session().scalars(select(Release.id)).all()
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})
    authorise(request_id, world.senior, "CRP")

    with unit_of_work():
        acknowledge(Acknowledge(request_id, (first,)), actor=world.doctor)

    assert session().scalars(select(Release.unread).where(Release.number == 2)).one()


def test_acknowledging_twice_counts_once(world):
    request_id = an_authorised_request(world)
    releases = tuple(session().scalars(select(Release.id)))
    with unit_of_work():
        first = acknowledge(Acknowledge(request_id, releases), actor=world.doctor)

    with unit_of_work():
        second = acknowledge(Acknowledge(request_id, releases), actor=world.doctor)

    assert (first, second) == (1, 0)


def test_another_sites_doctor_cannot_acknowledge(world):
    request_id = an_authorised_request(world)
    releases = tuple(session().scalars(select(Release.id)))

    with pytest.raises(NotFound), unit_of_work():
        acknowledge(Acknowledge(request_id, releases), actor=world.other_doctor)


@pytest.mark.hazard("H06")
def test_a_telephoned_value_typed_again_twice_is_still_checked_and_corrected_by_telephone(world):
    request_id, call_id = a_critical_call(world)
    tell(call_id, world.senior)
    enter(request_id, world.scientist, UE={"K": "4.4"})
    enter(request_id, world.colleague, UE={"K": "4.5"})

    with pytest.raises(RuleBroken, match="not checked yet"):
        authorise(request_id, world.senior, "UE")
    (correction,) = check(request_id, world.senior, "UE")

    assert call(correction).cause is CallCause.CORRECTION


@pytest.mark.hazard("H06")
def test_a_call_does_not_outlive_a_value_typed_again_twice(world):
    request_id, call_id = a_critical_call(world)
    enter(request_id, world.scientist, UE={"K": "4.4"})
    enter(request_id, world.colleague, UE={"K": "4.5"})

    check(request_id, world.senior, "UE")

    assert call(call_id).outcome is CallOutcome.PUT_RIGHT


@pytest.mark.hazard("H21")
def test_a_telephoned_value_amended_twice_is_telephoned_each_time(world):
    request_id, call_id = a_critical_call(world)
    tell(call_id, world.senior)
    authorise(request_id, world.senior, "UE")
    amend(request_id, world.scientist, "Wrong line", UE={"K": "4.4"})
    (first,) = check(request_id, world.colleague, "UE")
    authorise(request_id, world.senior, "UE")
    amend(request_id, world.scientist, "Wrong line again", UE={"K": "5.9"})

    with pytest.raises(RuleBroken, match="not checked yet"):
        authorise(request_id, world.senior, "UE")
    (second,) = check(request_id, world.colleague, "UE")

    assert call(first).outcome is CallOutcome.PUT_RIGHT
    assert call(second).cause is CallCause.CORRECTION
