"""Deciding on requests: accept, hold, decline, another priority."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.triage.commands import AcceptTests, ChangePriority, DeclineTests, DeferTests
from lab_contingency.triage.models import TriageDecision
from lab_contingency.triage.queries import decisions_of
from lab_contingency.triage.rules import DecisionKind
from lab_contingency.triage.services import (
    accept_tests,
    change_priority,
    decline_tests,
    defer_tests,
)
from tests.factories.world import a_request, make_world

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(MORNING):
        yield make_world()


def statuses(request_id) -> dict[str, TestStatus]:
    rows = session().scalars(select(RequestedTest).where(RequestedTest.request_id == request_id))
    return {row.test_code: row.status for row in rows}


def the_request(request_id) -> Request:
    return session().scalars(select(Request).where(Request.id == request_id)).one()


def test_accepting_takes_every_test_that_waits(world):
    placed = a_request(world, tests=("FBC", "UE"))
    with unit_of_work():
        accepted = accept_tests(AcceptTests(placed.request_id, 1), actor=world.senior)
    assert set(accepted) == {"FBC", "UE"}
    assert set(statuses(placed.request_id).values()) == {TestStatus.ACCEPTED}


def test_accepting_some_leaves_the_others_waiting(world):
    placed = a_request(world, tests=("FBC", "UE"))
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1, ("UE",)), actor=world.senior)
    assert statuses(placed.request_id) == {
        "FBC": TestStatus.REQUESTED,
        "UE": TestStatus.ACCEPTED,
    }


def test_holding_says_why_on_the_requesters_page(world):
    placed = a_request(world, tests=("FBC", "FERR"))
    command = DeferTests(placed.request_id, 1, "NO_CAPACITY", "back by six", ("FERR",))
    with unit_of_work():
        defer_tests(command, actor=world.senior)
    (decision,) = decisions_of(placed.request_id)
    assert statuses(placed.request_id)["FERR"] is TestStatus.DEFERRED
    assert decision.sentence == (
        "Held: Ferritin. No capacity now: back by six. "
        "Nothing to do: it is looked at again when there is room."
    )
    assert decision.by_name == world.senior.name
    assert decision.decided_at == MORNING


def test_declining_closes_the_request_and_says_what_to_do_instead(world):
    placed = a_request(world, tests=("FERR", "B12F"))
    command = DeclineTests(placed.request_id, 1, "OTHER", "No reagent left", "Ask again on Monday")
    with unit_of_work():
        decline_tests(command, actor=world.senior)
    (decision,) = decisions_of(placed.request_id)
    assert the_request(placed.request_id).closed_at is not None
    assert decision.tests == ("FERR", "B12F")
    assert decision.sentence.endswith("No reagent left. Ask again on Monday.")


def test_declining_gives_up_tubes_that_nobody_needs(world):
    placed = a_request(world, tests=("FBC", "FERR"))
    command = DeclineTests(placed.request_id, 1, "NOT_IN_INCIDENT", test_codes=("FERR",))
    with unit_of_work():
        decline_tests(command, actor=world.senior)
    given_up = session().scalars(select(Specimen)).all()
    containers = dict(session().execute(select(PlannedTube.id, PlannedTube.container)).all())
    assert [(containers[row.planned_tube_id], row.status) for row in given_up] == [
        ("SST", SpecimenStatus.NOT_COLLECTED)
    ]


def test_what_is_held_can_be_accepted_later(world):
    placed = a_request(world)
    with unit_of_work():
        defer_tests(DeferTests(placed.request_id, 1, "NO_CAPACITY"), actor=world.senior)
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, None), actor=world.senior)
    kinds = [decision.kind for decision in decisions_of(placed.request_id)]
    assert set(kinds) == {DecisionKind.ACCEPT, DecisionKind.DEFER}
    assert statuses(placed.request_id) == {"FBC": TestStatus.ACCEPTED}


@pytest.mark.parametrize("decide", [defer_tests, decline_tests])
def test_a_refusal_without_a_reason_is_not_taken(world, decide):
    placed = a_request(world)
    kind = DeferTests if decide is defer_tests else DeclineTests
    with pytest.raises(RuleBroken, match="Choose a reason"), unit_of_work():
        decide(kind(placed.request_id, 1, ""), actor=world.senior)
    assert decisions_of(placed.request_id) == ()


@pytest.mark.hazard("H13")
def test_a_decision_on_a_stale_row_is_refused_and_nothing_is_saved(world):
    placed = a_request(world, tests=("FBC", "UE"))
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1, ("UE",)), actor=world.senior)
    command = DeclineTests(placed.request_id, 1, "NO_CHANGE")
    with pytest.raises(ChangedByAnother), unit_of_work():
        decline_tests(command, actor=world.second_senior)
    assert statuses(placed.request_id)["FBC"] is TestStatus.REQUESTED


def test_a_test_that_is_not_on_the_request_is_named(world):
    placed = a_request(world)
    with pytest.raises(RuleBroken, match="UE is not on this request"), unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1, ("UE",)), actor=world.senior)


def test_a_decided_test_cannot_be_accepted_again(world):
    placed = a_request(world)
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1), actor=world.senior)
    with pytest.raises(RuleBroken, match="None of its tests can be accepted"), unit_of_work():
        accept_tests(AcceptTests(placed.request_id, None), actor=world.senior)


def test_a_request_outside_ones_scope_does_not_exist(world):
    placed = a_request(world)
    with pytest.raises(NotFound), unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1), actor=world.other_doctor)


@pytest.mark.hazard("H28")
@pytest.mark.feature(28)
def test_lowering_needs_a_reason(world):
    placed = a_request(world)
    with pytest.raises(RuleBroken, match="Choose a reason"), unit_of_work():
        change_priority(ChangePriority(placed.request_id, 1, Band.P3), actor=world.senior)
    assert the_request(placed.request_id).band is Band.P1


@pytest.mark.hazard("H28")
@pytest.mark.feature(28)
def test_what_was_asked_and_what_was_given_are_both_kept_and_told(world):
    placed = a_request(world)
    command = ChangePriority(placed.request_id, 1, Band.P3, "STABLE", "obs normal since nine")
    with unit_of_work():
        change_priority(command, actor=world.senior)
    request = the_request(placed.request_id)
    (decision,) = decisions_of(placed.request_id)
    assert (request.band_asked, request.band) == (Band.P1, Band.P3)
    assert request.due_at == MORNING + dt.timedelta(hours=24)
    assert decision.lowered
    assert decision.sentence == (
        "Priority P3 DAYS, before P1 NOW. The patient is stable: obs normal since nine. "
        "Ring the laboratory if that changes."
    )


@pytest.mark.feature(28)
def test_raising_needs_no_reason_and_is_recorded(world):
    placed = a_request(world, band=Band.P3, reason_code="")
    with unit_of_work():
        change_priority(ChangePriority(placed.request_id, 1, Band.P1), actor=world.senior)
    (decision,) = decisions_of(placed.request_id)
    request = the_request(placed.request_id)
    assert (decision.band_before, decision.band_after) == (Band.P3, Band.P1)
    assert request.due_at == MORNING + dt.timedelta(hours=1)


def test_a_needed_by_in_the_past_is_refused(world):
    placed = a_request(world)
    before = MORNING - dt.timedelta(hours=1)
    command = ChangePriority(placed.request_id, 1, Band.P2, "STABLE", needed_by=before)
    with pytest.raises(RuleBroken, match="Choose a time"), unit_of_work():
        change_priority(command, actor=world.senior)


@pytest.mark.hazard("H28")
def test_the_database_itself_refuses_a_lowered_band_without_a_reason(world):
    placed = a_request(world)
    with unit_of_work():
        command = ChangePriority(placed.request_id, 1, Band.P3, "STABLE")
        change_priority(command, actor=world.senior)
    copied = """
        INSERT INTO triage_decision (id, request_id, kind, band_before, band_after, reason_code,
                                     decided_at, by_name)
        SELECT :id, request_id, kind, band_before, band_after, '', decided_at, by_name
        FROM triage_decision
    """
    with pytest.raises(IntegrityError, match="lowered_for_a_reason"), unit_of_work():
        session().execute(text(copied), {"id": placed.request_id.hex})


def test_a_decision_is_never_changed(world):
    placed = a_request(world)
    with unit_of_work():
        accept_tests(AcceptTests(placed.request_id, 1), actor=world.senior)
    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session().execute(update(TriageDecision).values(by_name="somebody else"))
