"""The second person and the page: what is keyed blind, what goes back, what goes out and is telephoned."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.printing.result_slip import result_slip_pdf
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.commands import EnterResults, SendBack, TypedValue
from lab_contingency.results.models import Release, Result
from lab_contingency.results.queries.calls import open_calls
from lab_contingency.results.queries.released import released_page
from lab_contingency.results.returned.models import ReturnPagePart, SlipReturn
from lab_contingency.results.returned.queries import open_returns, page_bytes
from lab_contingency.results.rules.values import ResultStatus
from lab_contingency.results.services import enter_results, print_slip, send_back
from lab_contingency.tracking.queries.story import story
from lab_contingency.tracking.queries.work import waiting
from lab_contingency.tracking.rules import Step
from tests.factories import returns
from tests.factories.packs import PNG
from tests.factories.results import authorise, check, live, value, versions
from tests.factories.returns import CRITICAL_UE, NAME, UE, rows
from tests.factories.world import make_world
from tests.printing import reading

K = ("UE", "K")
SIGNED = f"Dr M. Osei, {NAME}"


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


@pytest.fixture
def typed(world):
    """A slip whose values are ordinary, typed back with its page kept."""
    slip_id = returns.a_slip(world)
    returns.type_back(world, slip_id, *rows("UE", UE))
    returns.keep_page(world, slip_id)
    return slip_id


@pytest.fixture
def critical(world):
    """The same with a potassium of 6.9."""
    slip_id = returns.a_slip(world)
    returns.type_back(world, slip_id, *rows("UE", CRITICAL_UE))
    returns.keep_page(world, slip_id)
    return slip_id


@pytest.mark.feature(41)
def test_a_second_person_releases_what_the_other_laboratory_signed(world, typed):
    done = returns.check(world, typed)

    assert done.released == ("UE",)
    row = live(returns.request_of(typed), "K")
    assert row.status is ResultStatus.AUTHORISED
    assert (row.entered_by_id, row.checked_by_id) == (
        world.scientist.user_id,
        world.colleague.user_id,
    )
    assert (row.authorised_by_id, row.authorised_by_name) == (None, SIGNED)
    test = released_page(returns.request_of(typed), world.doctor).tests[0]
    assert test.laboratory == NAME
    assert {each.view.interval for each in test.rows if each.view.analyte.code == "K"} == {
        "3.3–4.9"
    }
    assert {each.view.authorised_by for each in test.rows} == {SIGNED}


@pytest.mark.feature(103)
@pytest.mark.hazard("08")
def test_the_slip_for_the_ward_names_the_issuer_its_interval_and_all_three_people(world, typed):
    returns.check(world, typed)
    with unit_of_work():
        out = print_slip(returns.request_of(typed), actor=world.doctor)

    words = " ".join(reading.text(out.pdf).split())
    for said in (
        NAME,
        "Beckman AU",
        "3.3–4.9",
        f"Typed by Scientist, checked by Colleague, authorised by {SIGNED}",
    ):
        assert said in words, said
    assert out.pdf == result_slip_pdf([out.slip])


def test_nobody_checks_their_own_and_the_database_refuses_it_too(world, typed):
    with pytest.raises(RuleBroken, match="typed this yourself"):
        returns.check(world, typed, by=world.scientist)
    row = live(returns.request_of(typed), "K")
    himself = {
        "checked_at": row.entered_at,
        "checked_by_id": row.entered_by_id,
        "checked_by_name": "Scientist",
    }
    with pytest.raises(IntegrityError, match="checker_did_not_type"), unit_of_work():
        session().execute(
            update(Result).where(Result.id == row.id).values(status=ResultStatus.CHECKED, **himself)
        )
    alone = {"checked_at": clock.now(), "checked_by": "S", "checked_by_id": world.scientist.user_id}
    with pytest.raises(RuleBroken, match="somebody else checks it") as refused, unit_of_work():
        session().execute(update(SlipReturn).values(alone))
    assert "two_people" in str(refused.value.__cause__)


def test_the_database_lets_nothing_typed_back_out_that_nobody_checked(world, typed):
    row = live(returns.request_of(typed), "K")
    out = {
        "status": ResultStatus.AUTHORISED,
        "authorised_at": clock.now(),
        "authorised_by_name": "Dr M. Osei",
    }
    with pytest.raises(IntegrityError, match="typed_back_by_two"), unit_of_work():
        session().execute(update(Result).where(Result.id == row.id).values(out))


def test_without_its_page_or_with_another_patients_page_nothing_goes_out(world):
    slip_id = returns.a_slip(world)
    returns.type_back(world, slip_id, *rows("UE", UE))
    with pytest.raises(RuleBroken, match="photo or scan of the page first"):
        returns.check(world, slip_id)
    returns.keep_page(world, slip_id)
    with pytest.raises(RuleBroken, match="tick that they agree"):
        returns.check(world, slip_id, page_agrees=False)
    assert session().scalars(select(Release)).all() == []


@pytest.mark.hazard("07")
def test_a_critical_value_is_keyed_blind_and_telephoned_by_our_own(world, critical):
    seen = {row.name: row for test in returns.seen(world, critical).tests for row in test.rows}
    assert [name for name, row in seen.items() if row.blind] == ["UE-K"]
    with pytest.raises(RulesBroken, match="compared, not shown"):
        returns.check(world, critical)
    with pytest.raises(RulesBroken, match="cannot be potassium"):
        returns.check(world, critical, {K: "69000"})
    assert open_calls(world.senior) == ()

    done = returns.check(world, critical, {K: "6.9"})

    assert done.calls == 1
    (call,) = open_calls(world.senior)
    assert call.words == "Potassium 6.9 mmol/L"
    assert waiting(world.senior)["results.calls"] == 1
    assert open_calls(world.partner) == ()


@pytest.mark.hazard("15")
def test_what_two_people_read_differently_goes_back_with_both_versions(world, critical):
    done = returns.check(world, critical, {K: "5.9", ("UE", "NA"): "139"})

    assert done.differing == (K,)
    assert done.released == ()
    rows_seen = {row.name: row for test in returns.seen(world, critical).tests for row in test.rows}
    assert (rows_seen["UE-K"].words, rows_seen["UE-K"].differs) == ("6.9", "Colleague reads 5.9.")
    assert [row.sent_back for row in open_returns(world.scientist)] == [True]
    assert waiting(world.scientist)["returned.start"] == 1
    with pytest.raises(RuleBroken, match="went back"):
        returns.check(world, critical, {K: "6.9"})

    returns.type_back(world, critical, *rows("UE", UE | {"K": "5.9"}))
    assert waiting(world.colleague)["returned.start"] == 1
    assert returns.check(world, critical, {K: "5.9"}).released == ("UE",)
    assert value(returns.request_of(critical), "K").words == "5.9"
    assert len(versions(returns.request_of(critical), "K")) == 2


def test_a_compared_value_that_does_not_agree_goes_back_too_and_a_same_one_does_not(world, typed):
    assert returns.check(world, typed, {("UE", "NA"): "193"}).differing == (("UE", "NA"),)
    returns.type_back(world, typed, *rows("UE", UE))
    assert returns.check(world, typed, {("UE", "NA"): "139.0"}).released == ("UE",)


class TestOrdinaryPagesKeepOut:
    """What waits for its page cannot be checked, authorised, put right or sent back anywhere else."""

    def test_checking_and_authorising(self, world, typed):
        request_id = returns.request_of(typed)
        for act in (check, authorise):
            with pytest.raises(RuleBroken, match="against that page"):
                act(request_id, world.second_senior, "UE")

    def test_typing_and_sending_back(self, world, typed):
        request_id = returns.request_of(typed)
        other = EnterResults(request_id, (TypedValue("UE", "K", "4.5"),))
        with pytest.raises(RulesBroken, match="under “Returned”"), unit_of_work():
            enter_results(other, actor=world.senior)
        with pytest.raises(RuleBroken, match="under “Returned”"), unit_of_work():
            send_back(SendBack(request_id, (K,), "no"), actor=world.senior)


class TestASecondReturn:
    def test_the_same_again_changes_nothing(self, world, typed):
        returns.check(world, typed)
        with pytest.raises(RuleBroken, match="Nothing is typed that does not stand here"):
            returns.type_back(world, typed, *rows("UE", UE))

    def test_another_value_is_an_amendment_with_a_reason_and_its_own_page(self, world, typed):
        returns.check(world, typed)
        request_id = returns.request_of(typed)
        changed = rows("UE", UE | {"K": "4.6"})
        with pytest.raises(RuleBroken, match="ward reads this sentence"):
            returns.type_back(world, typed, *changed)
        returns.type_back(world, typed, *changed, reason="corrected page of 05:10")

        page = released_page(request_id, world.doctor)
        assert page.being_put_right
        with pytest.raises(RuleBroken, match="photo or scan of the page first"):
            returns.check(world, typed)
        returns.keep_page(world, typed)
        assert returns.check(world, typed).released == ("UE",)

        statuses = session().scalars(select(RequestedTest.status)).all()
        assert statuses == [TestStatus.AMENDED]
        (test,) = released_page(request_id, world.doctor).tests
        (potassium,) = [row for row in test.rows if row.view.analyte.code == "K"]
        assert ([old.words for old in potassium.old], potassium.view.words) == (["4.4"], "4.6")
        assert potassium.view.reason == "corrected page of 05:10"
        assert session().scalars(select(Release.number).order_by(Release.number)).all() == [1, 2]


def test_the_page_is_kept_sealed_and_given_back_only_to_who_may_see_the_request(world, typed):
    (page,) = returns.seen(world, typed).pages
    assert page_bytes(page.id, world.colleague)[1] == PNG
    assert all(
        b"PNG" not in part.sealed.encode() for part in session().scalars(select(ReturnPagePart))
    )
    with pytest.raises(NotFound):
        page_bytes(page.id, world.other_scientist)


def test_the_story_says_who_signed_there_and_who_released_it_here(world, typed, client_for):
    returns.check(world, typed)
    request_id = returns.request_of(typed)

    told = story(request_id, world.doctor)

    (out,) = [one for one in told.table if one.step is Step.RELEASED]
    assert out.what == "U&E: released here after comparison with the page"
    assert out.who == f"Colleague; authorised by {SIGNED}"
    assert not [one for one in told.table if one.step is Step.AUTHORISED]
    assert [step.who for step in told.steps if step.label == "Released here"] == [out.who]
    page = client_for("doctor").get("tracking.request", request_id=request_id).words
    assert "Authorised" not in page
