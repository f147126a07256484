"""Putting a request right, taking tests back, moving a test; and who may reach a request at all."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lab_contingency.accounts.rules import Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken, RulesBroken
from lab_contingency.requests.commands import CorrectDetails, CorrectIdentity, WithdrawTests
from lab_contingency.requests.models import (
    PatientIdentity,
    Request,
    RequestChange,
    RequestedTest,
    TestMove,
)
from lab_contingency.requests.queries import (
    changes_of,
    moves_of,
    planned_tubes,
    request_by_number,
    request_id_of,
    request_view,
)
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TRANSITIONS, Outcome, TestAction, TestStatus
from lab_contingency.requests.services import (
    Evidence,
    change_band,
    correct_details,
    correct_identity,
    lock_request,
    move_test,
    next_tube_number,
    note_received,
    plan_again,
    reach,
    withdraw_tests,
)
from tests.clients import stranger_id
from tests.factories.world import SYSTEM, a_request, an_identity
from tests.threads import together


@pytest.fixture
def placed(world):
    return a_request(world, tests=("FBC", "UE"))


def _version(placed) -> int:
    return session().scalars(select(Request.version).where(Request.id == placed.request_id)).one()


def _move(placed, code: str, action: TestAction, world, **evidence) -> None:
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        test = (
            session()
            .scalars(
                select(RequestedTest).where(
                    RequestedTest.request_id == placed.request_id, RequestedTest.test_code == code
                )
            )
            .one()
        )
        move_test(request, test, action, Evidence(**evidence), actor=world.senior)


def _force(placed, status: TestStatus, world) -> None:
    """Set the status past the services; only to begin from."""
    with unit_of_work():
        session().execute(
            update(RequestedTest)
            .where(RequestedTest.request_id == placed.request_id)
            .values(status=status, laboratory_id=world.laboratories["KCH-LAB"])
        )


# --- who it is for -----------------------------------------------------------------------------


def _correction(placed, **changes) -> CorrectIdentity:
    identity = an_identity(**changes)
    return CorrectIdentity(placed.request_id, _version(placed), identity, "wristband read again")


def test_a_name_is_put_right_and_the_old_one_stays_in_the_history(world, placed):
    with unit_of_work():
        changed = correct_identity(_correction(placed, surname="Nowak"), actor=world.doctor)

    view = request_view(placed.request_id, world.doctor)
    assert changed
    assert view.patient.surname == "NOWAK"
    assert session().scalars(select(func.count(PatientIdentity.id))).one() == 2
    assert [change.reason for change in changes_of(placed.request_id)] == ["wristband read again"]


def test_a_correction_that_differs_in_nothing_changes_nothing(world, placed):
    before = _version(placed)

    with unit_of_work():
        assert correct_identity(_correction(placed), actor=world.doctor) is False

    assert _version(placed) == before
    assert changes_of(placed.request_id) == ()


def test_a_request_for_the_wrong_patient_goes_to_the_right_one_who_is_known(world, placed):
    other = a_request(world, identity=an_identity(2, surname="Nowak"))

    with unit_of_work():
        correct_identity(
            CorrectIdentity(
                placed.request_id, _version(placed), an_identity(2, surname="Nowak"), "wrong card"
            ),
            actor=world.doctor,
        )

    views = [request_view(each.request_id, world.doctor) for each in (placed, other)]
    assert views[0].patient_id == views[1].patient_id


def test_a_correction_by_number_with_another_birthday_shows_nothing_of_the_other(world, placed):
    a_request(world, identity=an_identity(2, surname="Thornberry"))
    command = CorrectIdentity(
        placed.request_id,
        _version(placed),
        an_identity(2, surname="X", born=dt.date(2001, 1, 1)),
        "wrong",
    )

    with pytest.raises(RuleBroken) as refused, unit_of_work():
        correct_identity(command, actor=world.doctor)

    assert refused.value.field == "born"
    assert "thornberry" not in refused.value.message.casefold()


@pytest.mark.parametrize(
    "status", [TestStatus.ENTERED, TestStatus.CHECKED, TestStatus.AUTHORISED, TestStatus.AMENDED]
)
def test_with_a_result_typed_the_patient_is_not_changed_here(world, placed, status):
    _force(placed, status, world)

    with pytest.raises(RuleBroken, match="Ring the laboratory"), unit_of_work():
        correct_identity(_correction(placed, surname="Nowak"), actor=world.doctor)


def test_a_correction_without_a_reason_is_refused(world, placed):
    command = replace(_correction(placed, surname="Nowak"), reason=" ")

    with pytest.raises(RuleBroken) as refused, unit_of_work():
        correct_identity(command, actor=world.doctor)

    assert refused.value.field == "reason"
    assert request_view(placed.request_id, world.doctor).patient.surname == "WOŹNIAK-O’NEILL"


def test_a_date_of_birth_that_was_misread_is_put_right(world, placed):
    with unit_of_work():
        correct_identity(_correction(placed, born=dt.date(1985, 11, 4)), actor=world.doctor)

    assert request_view(placed.request_id, world.doctor).patient.born == "04-Nov-1985"
    assert a_request(world, identity=an_identity(born=dt.date(1985, 11, 4)), tests=("CRP",)).number


def test_numbers_of_two_patients_are_not_put_on_one(world, placed):
    a_request(world, identity=an_identity(2))
    mixed = an_identity(1, hospital_number=an_identity(2).hospital_number)

    with pytest.raises(RuleBroken, match="two different patients"), unit_of_work():
        correct_identity(
            CorrectIdentity(placed.request_id, _version(placed), mixed, "x"), actor=world.doctor
        )


def test_a_correction_takes_no_number_of_the_living_in_a_demonstration(world, placed):
    with pytest.raises(RuleBroken) as refused, unit_of_work():
        correct_identity(_correction(placed, nhs_number="9434765919"), actor=world.doctor)

    assert refused.value.field == "nhs_number"


def test_a_date_of_birth_cannot_be_put_right_into_the_future(world, placed):
    with pytest.raises(RulesBroken) as refused, unit_of_work():
        correct_identity(_correction(placed, born=dt.date(2100, 1, 1)), actor=world.doctor)

    assert set(refused.value.problems) == {"born"}


def test_a_patient_cannot_be_left_without_any_number(world, placed):
    nameless = _correction(placed, nhs_number="", hospital_number="", issuer="")

    with pytest.raises(RulesBroken) as refused, unit_of_work():
        correct_identity(nameless, actor=world.doctor)

    assert set(refused.value.problems) == {"nhs_number"}


# --- details -----------------------------------------------------------------------------------


def _details(world, placed, **changes) -> CorrectDetails:
    ward_id = world.wards["KCH-AMU"]
    held = CorrectDetails(
        placed.request_id,
        _version(placed),
        ward_id,
        ward_id,
        "ext 4400",
        "Dr Q",
        "melaena",
        "moved",
    )
    return replace(held, **changes)


def test_details_are_put_right_with_the_reason_kept(world, placed):
    with unit_of_work():
        correct_details(_details(world, placed), actor=world.doctor)

    view = request_view(placed.request_id, world.doctor)
    assert (view.ward.code, view.destination.code) == ("KCH-AMU", "KCH-AMU")
    assert (view.callback, view.consultant, view.clinical_details) == (
        "ext 4400",
        "Dr Q",
        "melaena",
    )
    assert view.requested_by == "Dr A. Okafor"
    assert [change.reason for change in changes_of(placed.request_id)] == ["moved"]


@pytest.mark.parametrize("field", ["ward", "destination"])
def test_a_request_does_not_move_to_another_site(world, placed, field):
    command = _details(world, placed, **{f"{field}_id": world.wards["STH-ED"]})

    with pytest.raises(RuleBroken) as refused, unit_of_work():
        correct_details(command, actor=world.doctor)

    assert refused.value.field == field


# --- what was shown has changed ----------------------------------------------------------------


def test_nothing_is_put_right_on_a_page_that_is_out_of_date(world, placed):
    shown = _version(placed)
    with unit_of_work():
        correct_details(_details(world, placed), actor=world.doctor)
    stale = [
        lambda: correct_details(_details(world, placed, version=shown), actor=world.doctor),
        lambda: correct_identity(
            CorrectIdentity(placed.request_id, shown, an_identity(surname="Nowak"), "x"),
            actor=world.doctor,
        ),
        lambda: withdraw_tests(
            WithdrawTests(placed.request_id, shown, ("FBC",), "x"), actor=world.doctor
        ),
    ]

    for act in stale:
        with pytest.raises(ChangedByAnother), unit_of_work():
            act()


def test_every_change_of_a_test_counts_the_requests_version_on(world, placed):
    before = _version(placed)

    _move(placed, "FBC", TestAction.ACCEPT, world)

    assert _version(placed) == before + 1


def test_of_five_who_withdraw_at_once_one_does_it(app, world, placed):
    shown, outcomes = _version(placed), []
    session().remove()

    def withdraw() -> None:
        command = WithdrawTests(placed.request_id, shown, ("FBC", "UE"), "asked twice")
        try:
            with app.app_context(), unit_of_work():
                withdraw_tests(command, actor=world.doctor)
            outcomes.append("done")
        except ChangedByAnother:
            outcomes.append("told")

    assert together([withdraw] * 5) == []

    assert sorted(outcomes) == ["done", "told", "told", "told", "told"]
    assert session().scalars(select(func.count(TestMove.id))).one() == 2


# --- taking back -------------------------------------------------------------------------------


def test_withdrawn_tests_close_the_request_when_none_is_left(world, placed):
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(placed.request_id, _version(placed), ("FBC",), "asked twice"),
            actor=world.doctor,
        )
    half = request_view(placed.request_id, world.doctor)
    with unit_of_work():
        withdraw_tests(
            WithdrawTests(placed.request_id, _version(placed), ("UE",), "went home"),
            actor=world.doctor,
        )
    whole = request_view(placed.request_id, world.doctor)

    assert (half.outcome, half.closed_at) == (Outcome.OPEN, None)
    assert whole.outcome is Outcome.WITHDRAWN
    assert whole.closed_at is not None
    assert {(move.test_code, move.reason) for move in moves_of(placed.request_id)} == {
        ("FBC", "asked twice"),
        ("UE", "went home"),
    }


def test_a_test_with_a_result_is_not_taken_back(world, placed):
    _force(placed, TestStatus.AUTHORISED, world)

    with pytest.raises(RuleBroken, match="Ring the laboratory"), unit_of_work():
        withdraw_tests(
            WithdrawTests(placed.request_id, _version(placed), ("FBC",), "x"), actor=world.doctor
        )


# --- moving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", TestStatus)
def test_the_service_moves_exactly_what_the_table_allows(world, status):
    placed, moved = a_request(world), 0
    evidence = {"reason": "because", "laboratory_id": world.laboratories["KCH-LAB"]}

    for action in TestAction:
        _force(placed, status, world)
        if status in TRANSITIONS[action].sources:
            _move(placed, "FBC", action, world, **evidence)
            after, moved = TRANSITIONS[action].target, moved + 1
        else:
            with pytest.raises(RuleBroken):
                _move(placed, "FBC", action, world, **evidence)
            after = status

        assert session().scalars(select(RequestedTest.status)).one() is after, action
        assert session().scalars(select(func.count(TestMove.id))).one() == moved, action


def test_a_move_keeps_when_it_happened_beside_when_it_was_recorded(world, placed):
    happened = clock.now() - dt.timedelta(hours=2)

    _move(
        placed,
        "FBC",
        TestAction.DEFER,
        world,
        reason_code="STABLE",
        reason="stable, later",
        occurred_at=happened,
    )

    move = moves_of(placed.request_id)[0]
    assert (move.occurred_at, move.by_name) == (happened, world.senior.name)
    assert move.recorded_at > happened
    assert (move.reason_code, move.reason) == ("STABLE", "stable, later")


def test_the_database_refuses_a_test_on_a_bench_that_is_at_no_laboratory(world, placed):
    with pytest.raises(IntegrityError), unit_of_work():
        session().execute(update(RequestedTest).values(status=TestStatus.RECEIVED))


def test_a_laboratory_reaches_a_request_from_the_moment_it_is_assigned(world, placed):
    with pytest.raises(NotFound):
        request_view(placed.request_id, world.scientist)
    _move(placed, "FBC", TestAction.ACCEPT, world)
    _move(placed, "FBC", TestAction.ASSIGN, world, laboratory_id=world.laboratories["KCH-LAB"])

    assert request_view(placed.request_id, world.scientist).number == placed.number
    with pytest.raises(NotFound):
        request_view(placed.request_id, world.partner)


def test_a_reopened_request_is_open_again(world, placed):
    _force(placed, TestStatus.AUTHORISED, world)
    with unit_of_work():
        session().execute(update(Request).values(closed_at=clock.now()))

    _move(placed, "FBC", TestAction.AMEND, world, reason="typed wrong")

    assert request_view(placed.request_id, world.doctor).closed_at is None


# --- tubes and times ---------------------------------------------------------------------------


def test_tubes_of_a_form_are_numbered_on(world, placed):
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        numbers = [next_tube_number(request) for _ in range(3)]

    assert [number[9:11] for number in numbers] == ["01", "02", "03"]
    assert {number[:9] for number in numbers} == {placed.number[:9]}


def test_a_form_that_used_its_tube_numbers_says_so(world, placed):
    with pytest.raises(RuleBroken, match="99 tube numbers"), unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        request.next_tube = 100
        next_tube_number(request)


def test_a_tube_taken_again_replaces_the_first(world, placed):
    first = planned_tubes(placed.request_id)[0]

    with unit_of_work():
        plan_again(first.id)

    last = planned_tubes(placed.request_id)[-1]
    assert (last.replaces_id, last.container, last.ordinal) == (first.id, first.container, 3)


def test_from_receipt_the_laboratorys_own_target_runs(world, placed):
    with unit_of_work():
        request = lock_request(placed.request_id, actor=SYSTEM)
        early, late = clock.now(), clock.now() + dt.timedelta(minutes=5)
        note_received(request, late, dt.timedelta(minutes=30))
        note_received(request, early, dt.timedelta(minutes=30))

    view = request_view(placed.request_id, world.doctor)
    assert view.received_at == early
    assert view.due_at == early + dt.timedelta(minutes=30)


def test_another_band_keeps_what_the_clinician_asked_for(world, placed):
    later = clock.now() + dt.timedelta(hours=24)
    with unit_of_work():
        change_band(
            lock_request(placed.request_id, actor=SYSTEM), Band.P3, later, actor=world.senior
        )

    view = request_view(placed.request_id, world.doctor)
    assert (view.band_asked, view.band) == (Band.P1, Band.P3)
    assert view.due_at == view.needed_by == later


# --- reach -------------------------------------------------------------------------------------

INSIDE = {"doctor", "senior", "second_senior", "porter", "coordinator"}


@pytest.mark.parametrize(
    "name",
    [
        "doctor",
        "other_doctor",
        "porter",
        "scientist",
        "other_scientist",
        "senior",
        "coordinator",
        "partner",
        "governance",
        "administrator",
    ],
)
def test_a_request_is_reached_by_those_within_its_scope_and_does_not_exist_for_others(
    world, placed, name
):
    actor = world.people[name]
    with unit_of_work():
        reach(placed.request_id, world.laboratories["KCH-LAB"])

    found = request_id_of(placed.number, actor)

    if name in INSIDE | {"scientist"}:
        assert found == placed.request_id
        assert request_view(placed.request_id, actor).id == placed.request_id
        return
    assert found is None
    for missing in (
        lambda: request_view(placed.request_id, actor),
        lambda: request_by_number(placed.number, actor),
        lambda: lock_request(placed.request_id, actor=actor),
    ):
        with pytest.raises(NotFound):
            missing()


def test_out_of_reach_is_told_with_the_words_of_not_existing(world, placed):
    with pytest.raises(NotFound) as outside:
        request_view(placed.request_id, world.other_doctor)
    with pytest.raises(NotFound) as nowhere:
        request_view(stranger_id(), world.other_doctor)

    assert outside.value.message == nowhere.value.message


def test_a_laboratory_role_without_a_laboratory_reaches_nothing(world, placed):
    actor = Actor(uuid.uuid4(), "Nobody", Role.LABORATORY.value)

    assert request_id_of(placed.number, actor) is None
    assert request_id_of(placed.number, replace(actor, role=Role.REQUESTER.value)) is None


def test_the_history_of_corrections_is_kept_for_good(world, placed):
    with unit_of_work():
        correct_details(_details(world, placed), actor=world.doctor)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session().execute(update(RequestChange).values(by_name="Nobody"))
