"""Putting a request right, taking tests back, moving a test; and who may reach a request at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken, RulesBroken
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
    request_view,
)
from lab_contingency.requests.rules.statuses import Outcome, TestAction, TestStatus
from lab_contingency.requests.services import (
    Evidence,
    correct_details,
    correct_identity,
    lock_request,
    move_test,
    withdraw_tests,
)
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
        "12A",
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
    assert view.place == f"{view.ward.name}, bed 12A"
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


def test_the_history_of_corrections_is_kept_for_good(world, placed):
    with unit_of_work():
        correct_details(_details(world, placed), actor=world.doctor)

    with pytest.raises(Exception, match="append-only"), unit_of_work():
        session().execute(update(RequestChange).values(by_name="Nobody"))
