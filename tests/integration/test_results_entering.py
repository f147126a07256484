"""Typing, judging and keeping values."""

import datetime as dt

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lab_contingency.catalogue.rules import Flag
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken, RulesBroken
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.identity import Sex
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.commands import EnterResults, TypedValue
from lab_contingency.results.models import Result
from lab_contingency.results.rules.values import Reported, ResultStatus, Source
from lab_contingency.results.services import enter_results
from tests.factories.results import (
    CRP,
    GROUP,
    UE,
    amend,
    an_authorised_request,
    authorise,
    enter,
    live,
    on_the_bench,
    typed,
    value,
    versions,
)
from tests.factories.world import an_identity, make_world


@pytest.fixture
def world(app):
    with app.app_context():
        yield make_world()


def status(request_id, code="UE"):
    statement = select(RequestedTest.status).where(
        RequestedTest.request_id == request_id, RequestedTest.test_code == code
    )
    return session().scalars(statement).one()


def test_a_whole_panel_moves_its_test_on(world):
    request_id = on_the_bench(world)

    complete = enter(request_id, world.scientist, UE=UE)

    assert complete == ("UE",)
    assert status(request_id) is TestStatus.ENTERED


def test_a_part_of_a_panel_is_kept_and_the_test_waits(world):
    request_id = on_the_bench(world)

    complete = enter(request_id, world.scientist, UE={"K": "4.4"})

    assert complete == ()
    assert status(request_id) is TestStatus.RECEIVED
    assert value(request_id, "K").words == "4.4"


def test_the_rest_of_a_panel_can_come_later_from_somebody_else(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "4.4"})

    complete = enter(request_id, world.colleague, UE={**UE, "K": "4.4"})

    assert complete == ("UE",)
    assert live(request_id, "K").entered_by_id == world.scientist.user_id
    assert live(request_id, "NA").entered_by_id == world.colleague.user_id


def test_several_tests_are_typed_in_one_go(world):
    request_id = on_the_bench(world, tests=("UE", "CRP"))

    assert set(enter(request_id, world.scientist, UE=UE, CRP=CRP)) == {"UE", "CRP"}


@pytest.mark.hazard("H07")
def test_an_impossible_value_is_refused_on_its_box_and_nothing_is_stored(world):
    request_id = on_the_bench(world)

    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE={**UE, "K": "68"})

    assert refused.value.problems == {
        "value-UE-K": "68 mmol/L cannot be potassium. Possible: 1–12. "
        "Read the print-out and type it again."
    }
    assert session().scalars(select(Result)).all() == []


@pytest.mark.hazard("H07")
def test_a_decimal_comma_is_refused(world):
    request_id = on_the_bench(world)

    with pytest.raises(RulesBroken, match="with a point"):
        enter(request_id, world.scientist, UE={"K": "6,8"})


@pytest.mark.hazard("H07")
def test_a_unit_behind_the_number_is_refused(world):
    request_id = on_the_bench(world)

    with pytest.raises(RulesBroken, match="the unit stands beside the box"):
        enter(request_id, world.scientist, UE={"K": "6.8 mmol/L"})


@pytest.mark.hazard("H07")
def test_a_report_in_another_unit_is_refused_not_converted(world):
    request_id = on_the_bench(world, tests=("CRP",))
    values = (TypedValue("CRP", "CRP", "1.2", reported=Reported(unit="mg/dL")),)

    with unit_of_work(), pytest.raises(RulesBroken, match="not in mg/dL"):
        enter_results(
            EnterResults(request_id, values, source=Source.IMPORTED), actor=world.scientist
        )


def test_every_refused_box_is_named_at_once(world):
    request_id = on_the_bench(world)

    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE={"NA": "1310", "K": "six", "UREA": "6.1"})

    assert set(refused.value.problems) == {"value-UE-NA", "value-UE-K"}


def test_a_value_stays_as_it_was_typed(world):
    request_id = on_the_bench(world)

    enter(request_id, world.scientist, UE={"K": " 7.0 "})

    assert value(request_id, "K").words == "7.0"


def test_not_done_counts_as_typed(world):
    request_id = on_the_bench(world)

    complete = enter(request_id, world.scientist, UE={**UE, "BIC": ".."})

    assert complete == ("UE",)
    assert value(request_id, "BIC").words == "not done"


def test_what_was_typed_cannot_be_emptied(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"K": "4.4"})

    with pytest.raises(RulesBroken, match="typed already"):
        enter(request_id, world.scientist, UE={"K": ""})


@pytest.mark.hazard("H08")
@pytest.mark.parametrize(
    ("sex", "flagged"), [(Sex.FEMALE, Flag.HIGH), (Sex.MALE, Flag.NORMAL), (Sex.UNKNOWN, Flag.NONE)]
)
def test_flags_go_by_sex(world, sex, flagged):
    request_id = on_the_bench(world, identity=an_identity(sex=sex))

    enter(request_id, world.scientist, UE={"CREA": "95"})

    assert value(request_id, "CREA").flag is flagged


def test_nobody_under_sixteen_gets_an_interval_of_adults(world):
    born = clock.now().date() - dt.timedelta(days=365 * 10)
    request_id = on_the_bench(world, identity=an_identity(born=born))

    enter(request_id, world.scientist, UE={"NA": "120"})

    held = value(request_id, "NA")
    assert (held.interval, held.flag) == ("", Flag.NONE)
    assert live(request_id, "NA").is_critical


@pytest.mark.hazard("H08")
def test_a_partners_interval_unit_and_flag_stay_as_reported(world):
    request_id = on_the_bench(world, tests=("CRP",), laboratory="SWLP-LAB")
    reported = Reported(unit="mg/L", interval="0–10", flag=Flag.NORMAL, method="Their analyser")
    values = (TypedValue("CRP", "CRP", "8", reported=reported),)

    with unit_of_work():
        enter_results(EnterResults(request_id, values, source=Source.IMPORTED), actor=world.partner)

    held, row = value(request_id, "CRP"), live(request_id, "CRP")
    assert (held.interval, held.flag, held.method) == ("0–10", Flag.NORMAL, "Their analyser")
    assert row.laboratory_id == world.laboratories["SWLP-LAB"]


def test_the_value_keeps_the_age_of_its_sample(world):
    taken = clock.now() - dt.timedelta(minutes=90)
    request_id = on_the_bench(world, collected_at=taken, collected_by="Sr J. Ferreira")

    enter(request_id, world.scientist, UE={"K": "4.4"})

    held = value(request_id, "K")
    assert held.taken_at == taken
    assert held.age_minutes in (90, 91)


def test_egfr_is_worked_out_from_the_creatinine(world):
    request_id = on_the_bench(world)

    enter(request_id, world.scientist, UE={"CREA": "212"})

    assert value(request_id, "EGFR").words == "20"


def test_a_worked_out_value_cannot_be_typed(world):
    request_id = on_the_bench(world)

    with pytest.raises(RulesBroken) as refused:
        enter(request_id, world.scientist, UE={"EGFR": "60"})

    assert refused.value.problems["value-UE-EGFR"].endswith(
        "worked out, never typed. Leave the box empty."
    )


def test_an_imported_worked_out_value_stays_as_reported(world):
    request_id = on_the_bench(world)
    values = typed(UE={**UE, "EGFR": "71"})

    with unit_of_work():
        enter_results(
            EnterResults(request_id, values, source=Source.IMPORTED), actor=world.scientist
        )

    assert value(request_id, "EGFR").words == "71"


def test_another_creatinine_gives_another_egfr(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    enter(request_id, world.scientist, UE={"CREA": "212"})

    assert [row.version for row in versions(request_id, "EGFR")] == [1, 2]


def test_what_two_tests_report_of_one_tube_is_typed_once(world):
    request_id = on_the_bench(world, tests=("LFT", "BONE"))

    enter(request_id, world.scientist, LFT={"ALB": "30"}, BONE={"CA": "2.20", "PHOS": "1.00"})

    assert [row.version for row in versions(request_id, "ALB")] == [1, 1]
    assert value(request_id, "CAADJ").words == "2.40"


def test_typing_again_before_authorisation_makes_another_version(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    enter(request_id, world.colleague, UE={"NA": "132"})

    first, second = versions(request_id, "NA")
    assert (first.status, second.status) == (ResultStatus.SUPERSEDED, ResultStatus.ENTERED)
    assert (first.entered_by_id, second.entered_by_id) == (
        world.scientist.user_id,
        world.colleague.user_id,
    )


def test_the_same_value_again_makes_no_version(world):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE=UE)

    enter(request_id, world.colleague, UE=UE)

    assert [row.version for row in versions(request_id, "NA")] == [1]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE result SET sealed = 'x'", "UPDATE result SET version = 9", "DELETE FROM result"],
)
def test_the_database_refuses_to_overwrite_a_version(world, statement):
    request_id = on_the_bench(world)
    enter(request_id, world.scientist, UE={"NA": "131"})

    refusal = pytest.raises(DBAPIError, match=r"append-only|never overwritten")
    with refusal, unit_of_work():
        session().execute(text(statement))


def test_an_authorised_value_is_not_typed_over(world):
    request_id = an_authorised_request(world)

    with pytest.raises(RulesBroken, match="Amend it, and say why"):
        enter(request_id, world.scientist, CRP={"CRP": "120"})


def test_a_test_whose_tube_has_not_come_takes_no_result(world):
    from tests.factories.world import a_request

    placed = a_request(world, tests=("UE",))

    with pytest.raises(RulesBroken, match="on nobody’s bench yet"):
        enter(placed.request_id, world.senior, UE={"K": "4.4"})


def test_another_laboratory_does_not_reach_the_request(world):
    request_id = on_the_bench(world)

    with pytest.raises(NotFound):
        enter(request_id, world.other_scientist, UE={"K": "4.4"})


def test_an_older_page_is_refused(world):
    request_id = on_the_bench(world)
    with unit_of_work():
        from lab_contingency.requests.queries import request_view

        shown = request_view(request_id, world.scientist).version
    enter(request_id, world.colleague, UE={"K": "4.4"})

    command = EnterResults(request_id, typed(UE={"K": "5.4"}), version=shown)
    with pytest.raises(ChangedByAnother), unit_of_work():
        enter_results(command, actor=world.scientist)


@pytest.mark.hazard("H21")
def test_an_amendment_keeps_both_versions_and_its_reason(world):
    request_id = an_authorised_request(world)

    amend(request_id, world.scientist, "Wrong line of the print-out", CRP={"CRP": "120"})

    first, second = versions(request_id, "CRP")
    assert first.status is ResultStatus.SUPERSEDED
    assert first.authorised_by_id == world.senior.user_id
    assert value(request_id, "CRP").reason == "Wrong line of the print-out"
    assert status(request_id, "CRP") is TestStatus.ENTERED
    assert second.version == 2


def test_an_amendment_without_a_reason_is_refused(world):
    request_id = an_authorised_request(world)

    with pytest.raises(RuleBroken, match="Say why"):
        amend(request_id, world.scientist, " ", CRP={"CRP": "120"})


def test_an_amendment_that_changes_nothing_is_refused(world):
    request_id = an_authorised_request(world)

    with pytest.raises(RuleBroken, match="Nothing differs"):
        amend(request_id, world.scientist, "Again", CRP=CRP)


def test_an_authorised_amendment_makes_the_test_amended(world):
    request_id = an_authorised_request(world)
    amend(request_id, world.scientist, "Wrong line", CRP={"CRP": "120"})

    authorise(request_id, world.senior, "CRP")

    assert status(request_id, "CRP") is TestStatus.AMENDED


def test_a_group_in_words_is_kept(world):
    request_id = on_the_bench(world, tests=("GS",))

    assert enter(request_id, world.scientist, GS=GROUP) == ("GS",)
    assert live(request_id, "ABO").needs_check
