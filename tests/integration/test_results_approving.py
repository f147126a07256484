"""Two people at least, three where it is critical or of transfusion."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.commands import EnterResults, SendBack, TypedValue
from lab_contingency.results.models import Release, Result
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.worklists import check_worklist
from lab_contingency.results.rules.values import ResultStatus
from lab_contingency.results.services import enter_results, send_back
from tests.factories.results import (
    CRITICAL_UE,
    CRP,
    GROUP,
    authorise,
    check,
    enter,
    live,
    on_the_bench,
    versions,
)
from tests.factories.world import make_world

ORDINARY = ("CRP", CRP)
CRITICAL = ("UE", CRITICAL_UE)
TRANSFUSION = ("GS", GROUP)


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def typed_test(world, kind):
    code, values = kind
    request_id = on_the_bench(world, tests=(code,))
    enter(request_id, world.senior, **{code: values})
    return request_id, code


@pytest.mark.parametrize("kind", [ORDINARY, CRITICAL, TRANSFUSION], ids=lambda kind: kind[0])
def test_nobody_checks_their_own_entry(world, kind):
    request_id, code = typed_test(world, kind)

    with pytest.raises(RuleBroken, match="typed this yourself"):
        check(request_id, world.senior, code)


@pytest.mark.parametrize("kind", [ORDINARY, CRITICAL, TRANSFUSION], ids=lambda kind: kind[0])
def test_a_result_cannot_be_authorised_by_the_person_who_entered_it(world, kind):
    request_id, code = typed_test(world, kind)
    check(request_id, world.colleague, code)

    with pytest.raises(RuleBroken, match="typed this yourself"):
        authorise(request_id, world.senior, code)


def test_an_ordinary_result_is_authorised_straight_from_the_typed_state(world):
    request_id, code = typed_test(world, ORDINARY)

    authorise(request_id, world.second_senior, code)

    row = live(request_id, "CRP")
    assert row.status is ResultStatus.AUTHORISED
    assert row.checked_by_id == row.authorised_by_id == world.second_senior.user_id


def test_the_checker_may_authorise_an_ordinary_result(world):
    request_id, code = typed_test(world, ORDINARY)
    check(request_id, world.second_senior, code)

    authorise(request_id, world.second_senior, code)

    assert live(request_id, "CRP").status is ResultStatus.AUTHORISED


@pytest.mark.parametrize("kind", [CRITICAL, TRANSFUSION], ids=lambda kind: kind[0])
def test_critical_and_transfusion_results_are_checked_first(world, kind):
    request_id, code = typed_test(world, kind)

    with pytest.raises(RuleBroken, match="not checked yet"):
        authorise(request_id, world.second_senior, code)


@pytest.mark.parametrize("kind", [CRITICAL, TRANSFUSION], ids=lambda kind: kind[0])
def test_the_checker_does_not_authorise_critical_and_transfusion_results(world, kind):
    request_id, code = typed_test(world, kind)
    check(request_id, world.second_senior, code)

    with pytest.raises(RuleBroken, match="another person authorises"):
        authorise(request_id, world.second_senior, code)


@pytest.mark.parametrize("kind", [CRITICAL, TRANSFUSION], ids=lambda kind: kind[0])
def test_three_people_release_critical_and_transfusion_results(world, kind):
    request_id, code = typed_test(world, kind)
    check(request_id, world.colleague, code)

    authorise(request_id, world.second_senior, code)

    statuses = session().scalars(select(Result.status).where(Result.request_id == request_id))
    assert set(statuses) == {ResultStatus.AUTHORISED}


def test_the_database_refuses_an_authoriser_who_typed(world):
    request_id, _ = typed_test(world, ORDINARY)
    row = live(request_id, "CRP")

    with pytest.raises(IntegrityError, match="authoriser_did_not_type"), unit_of_work():
        session().execute(
            update(Result)
            .where(Result.id == row.id)
            .values(
                status=ResultStatus.AUTHORISED,
                authorised_at=row.entered_at,
                authorised_by_id=row.entered_by_id,
                authorised_by_name="Senior",
            )
        )


def test_the_database_refuses_a_critical_result_that_nobody_checked(world):
    request_id, _ = typed_test(world, CRITICAL)
    row = live(request_id, "K")

    with pytest.raises(IntegrityError, match="three_people_where_needed"), unit_of_work():
        session().execute(
            update(Result)
            .where(Result.id == row.id)
            .values(
                status=ResultStatus.AUTHORISED,
                authorised_at=row.entered_at,
                authorised_by_id=world.second_senior.user_id,
                authorised_by_name="Second Senior",
            )
        )


def test_the_database_refuses_authorised_without_evidence(world):
    request_id, _ = typed_test(world, ORDINARY)

    with pytest.raises(IntegrityError, match="authorised_with_evidence"), unit_of_work():
        session().execute(
            update(Result)
            .where(Result.request_id == request_id)
            .values(status=ResultStatus.AUTHORISED)
        )


def test_a_panel_that_is_not_typed_whole_cannot_be_checked(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "4.4"})

    with pytest.raises(RuleBroken, match="not typed whole yet"):
        check(request_id, world.colleague, "UE")


def test_what_was_sent_back_waits_until_it_is_typed_again(world):
    request_id, code = typed_test(world, ORDINARY)
    with unit_of_work():
        command = SendBack(request_id, (("CRP", "CRP"),), "The print-out says 112")
        send_back(command, actor=world.colleague)

    with pytest.raises(RuleBroken, match="was sent back"):
        authorise(request_id, world.second_senior, code)


def test_the_same_value_typed_again_answers_what_was_sent_back(world):
    request_id, code = typed_test(world, ORDINARY)
    with unit_of_work():
        command = SendBack(request_id, (("CRP", "CRP"),), "Is this the right patient?")
        send_back(command, actor=world.colleague)
    enter(request_id, world.senior, CRP=CRP)

    check(request_id, world.colleague, code)

    assert [row.version for row in versions(request_id, "CRP")] == [1, 2]


def test_sending_back_needs_a_reason(world):
    request_id, _ = typed_test(world, ORDINARY)

    with pytest.raises(RuleBroken, match="Say what does not agree"), unit_of_work():
        send_back(SendBack(request_id, (("CRP", "CRP"),), " "), actor=world.colleague)


def test_authorising_releases_each_test_once(world):
    request_id = on_the_bench(world, tests=("CRP", "MG"))
    enter(request_id, world.scientist, CRP=CRP, MG={"MG": "0.8"})

    authorise(request_id, world.senior, "CRP", "MG")

    releases = session().scalars(select(Release).where(Release.request_id == request_id)).all()
    assert [(row.number, row.unread) for row in releases] == [(1, True), (1, True)]


def test_authorising_closes_the_request_when_nothing_is_open(world):
    request_id, code = typed_test(world, ORDINARY)

    authorise(request_id, world.second_senior, code)

    test = (
        session().scalars(select(RequestedTest).where(RequestedTest.request_id == request_id)).one()
    )
    assert test.status is TestStatus.AUTHORISED


def comment(request_id, actor, words):
    with unit_of_work():
        values = (TypedValue("CRP", "CRP", CRP["CRP"], words),)
        enter_results(EnterResults(request_id, values), actor=actor)


def test_a_comment_does_not_make_the_typist_a_second_pair_of_eyes(world):
    request_id, code = typed_test(world, ORDINARY)
    comment(request_id, world.scientist, "repeated")

    with pytest.raises(RuleBroken, match="typed this yourself"):
        check(request_id, world.senior, code)
    with pytest.raises(RuleBroken, match="typed this yourself"):
        authorise(request_id, world.senior, code)
    authorise(request_id, world.second_senior, code)

    assert live(request_id, "CRP").status is ResultStatus.AUTHORISED


def test_the_pages_say_so_before_the_button_is_pressed(world):
    request_id, _ = typed_test(world, ORDINARY)
    comment(request_id, world.scientist, "repeated")

    (row,) = check_worklist(world.senior)
    (panel,) = grid(request_id, world.senior).panels

    assert (row.to_check, row.to_authorise) == (False, False)
    assert "typed this yourself" in (panel.check_refusal or "")


def test_whoever_typed_another_value_may_check_the_right_one(world):
    request_id = on_the_bench(world, tests=("CRP",))
    enter(request_id, world.colleague, CRP={"CRP": "112"})
    enter(request_id, world.scientist, CRP=CRP)

    check(request_id, world.colleague, "CRP")

    assert live(request_id, "CRP").status is ResultStatus.CHECKED
