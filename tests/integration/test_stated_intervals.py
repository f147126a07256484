"""A laboratory states its own intervals and methods; results keep the ones they were reported with, for ever."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from lab_contingency.audit.models import AuditEvent
from lab_contingency.catalogue.commands import StateInterval
from lab_contingency.catalogue.queries import intervals, stated_intervals
from lab_contingency.catalogue.rules import Flag, Interval, Sex, interval_for
from lab_contingency.catalogue.services import state_interval
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.foundation.wording import date_text
from lab_contingency.network.stated.commands import StateMethod
from lab_contingency.network.stated.queries import history, menu_of
from lab_contingency.network.stated.services import state_method
from lab_contingency.places.models import Laboratory
from lab_contingency.results.queries.released import released_page
from tests.clients import LabClient
from tests.factories.results import amend, authorise, enter, on_the_bench, value
from tests.factories.world import an_identity

pytestmark = [pytest.mark.feature(103), pytest.mark.hazard("08")]
BOTH = (Sex.MALE, Sex.FEMALE)


def today():
    return clock.london(clock.now()).date()


def states(world, low, high, *, analyte="K", actor=None, sexes=BOTH, ages=(16, None), days=0):
    """State an interval for the partner, in its own unit of work."""
    interval = Interval(Decimal(low), Decimal(high), from_age=ages[0], to_age=ages[1])
    day = today() + dt.timedelta(days=days)
    command = StateInterval(world.laboratories["SWLP-LAB"], analyte, sexes, interval, day)
    with unit_of_work():
        state_interval(command, actor=actor or world.partner)


def at_the_partner(world, **card):
    return on_the_bench(world, tests=("UE",), laboratory="SWLP-LAB", **card)


UE = {"NA": "140", "K": "5.2", "UREA": "6.1", "CREA": "80", "CL": "101", "BIC": "24"}


def typed(world, request_id):
    """What the partner's menu reports, typed by one of its people."""
    reports = next(one for one in menu_of(world.laboratories["SWLP-LAB"]) if one.test.code == "UE")
    codes = {one.analyte.code for one in reports.analytes}
    enter(request_id, world.partner, UE={k: v for k, v in UE.items() if k in codes})


def test_a_value_is_judged_by_its_own_laboratorys_interval_and_keeps_it(world):
    states(world, "3.4", "5.6")
    request_id = at_the_partner(world)
    typed(world, request_id)
    before = value(request_id, "K")
    assert (before.interval, before.flag, before.unit) == ("3.4–5.6", Flag.NORMAL, "mmol/L")
    assert before.laboratory.startswith("South West London Pathology")
    assert before.method

    states(world, "3.5", "5.0", days=0)
    with unit_of_work():
        method = StateMethod(world.laboratories["SWLP-LAB"], "UE", "another analyser")
        state_method(method, actor=world.partner)
        session().get_one(Laboratory, world.laboratories["SWLP-LAB"]).name = "Renamed"

    assert value(request_id, "K") == before  # nothing that was reported changes
    authorise(request_id, world.senior, "UE")
    (test,) = released_page(request_id, world.doctor).tests
    assert test.laboratory == before.laboratory
    assert test.method == before.method
    row = next(one for one in test.rows if one.view.analyte.code == "K")
    assert (row.view.interval, row.view.flag_words) == ("3.4–5.6", "")

    amend(request_id, world.partner, "wrong line", UE={"K": "5.3"})
    after = value(request_id, "K")
    assert (after.interval, after.flag, after.method, after.laboratory) == (
        "3.5–5.0", Flag.HIGH, "another analyser", "Renamed",
    )  # fmt: skip


def test_ours_judge_nothing_of_a_partners_value(world):
    """Ours would call it high; the issuer does not, and no page of ours says so."""
    states(world, "3.4", "5.9")
    request_id = at_the_partner(world)
    typed(world, request_id)
    authorise(request_id, world.senior, "UE")
    ours = intervals(world.laboratories["KCH-LAB"], today())["K", "F"]
    assert ours.high < Decimal("5.2") <= Decimal("5.9") or ours.high < Decimal("5.9")
    for reader in (world.doctor, world.senior):
        (test,) = released_page(request_id, reader).tests
        row = next(one for one in test.rows if one.view.analyte.code == "K")
        assert (row.view.interval, row.view.flag_words) == ("3.4–5.9", "")


def test_stated_for_a_later_day_it_holds_from_that_day(world):
    states(world, "3.0", "6.0", days=3)
    lab = world.laboratories["SWLP-LAB"]
    assert intervals(lab, today())["K", "F"].high != Decimal("6.0")
    assert intervals(lab, today() + dt.timedelta(days=3))["K", "F"].high == Decimal("6.0")


def test_by_sex_and_by_age(world):
    lab = world.laboratories["SWLP-LAB"]
    states(world, "3.7", "5.9", ages=(0, 1))
    states(world, "3.4", "4.7", ages=(1, 16))
    states(world, "3.6", "5.1", sexes=(Sex.FEMALE,))

    def high(age, sex):
        found = interval_for(intervals(lab, today(), age), "K", sex, age)
        return found.high if found else None

    assert high(0, "F") == high(0, "M") == Decimal("5.9")
    assert high(15, "M") == Decimal("4.7")
    assert high(40, "F") == Decimal("5.1")
    assert high(40, "M") not in (Decimal("5.1"), None)
    assert high(None, "F") is None
    child = at_the_partner(world, identity=an_identity(91, born=today() - dt.timedelta(days=3000)))
    typed(world, child)
    assert value(child, "K").interval == "3.4–4.7"


def test_stated_again_on_the_same_day_the_later_statement_counts(world):
    states(world, "3.0", "6.0")
    states(world, "3.1", "6.1")
    lab = world.laboratories["SWLP-LAB"]
    assert intervals(lab, today())["K", "F"].high == Decimal("6.1")
    assert [one.words for one in history(lab, "K").lines][:2] == ["3.1–6.1", "3.0–6.0"]
    assert {one.stated_by for one in stated_intervals(lab) if one.analyte == "K"} == {
        "Partner", "",
    }  # fmt: skip


def test_a_row_is_never_changed(world):
    states(world, "3.0", "6.0")
    for change in ("UPDATE stated_interval SET high = '9'", "DELETE FROM stated_interval"):
        with pytest.raises(DatabaseError), unit_of_work():
            session().execute(text(change))


def test_only_ones_own_laboratory(world):
    with pytest.raises(NotPermitted):
        states(world, "3.0", "6.0", actor=world.senior)
    command = StateMethod(world.laboratories["SWLP-LAB"], "UE", "x")
    with pytest.raises(NotPermitted), unit_of_work():
        state_method(command, actor=world.senior)
    nothing = StateMethod(world.laboratories["SWLP-LAB"], "nothing", "x")
    with pytest.raises(NotFound), unit_of_work():
        state_method(nothing, actor=world.partner)


@pytest.mark.parametrize(
    ("analyte", "low", "high", "days", "field"),
    [
        ("K", "5", "4", 0, "high"),
        ("K", "4", "5", -1, "valid_from"),
        ("ABO", "1", "2", 0, None),
    ],
)
def test_what_cannot_stand_is_refused(world, analyte, low, high, days, field):
    with pytest.raises(RuleBroken) as refused:
        states(world, low, high, analyte=analyte, days=days)
    assert refused.value.field == field


def test_the_page_states_and_the_record_says_who(app, world):
    client = LabClient(app).sign_in("partner")
    assert "starter value" in client.get("stated.menu").words
    form = {
        "analyte": "K", "whom": "both", "from_age": "16", "to_age": "", "low": "3.4",
        "high": "", "valid_from": date_text(today()),
    }  # fmt: skip
    wrong = client.post("stated.state", form | {"low": "3,4x"})
    assert wrong.status == 422
    assert "3,4x" in wrong.text
    shown = client.follow(client.post("stated.state", form | {"high": "5.6"}))
    assert "3.4–5.6" in shown.words
    held = client.follow(
        client.post("stated.change_method", {"test": "UE", "method": "cobas, enzymatic"})
    )
    assert "cobas, enzymatic" in held.words
    events = session().scalars(
        select(AuditEvent).where(AuditEvent.action.in_(["interval:stated", "method:stated"]))
    )
    assert sorted((one.action, one.actor_name) for one in events) == [
        ("interval:stated", "Partner"),
        ("method:stated", "Partner"),
    ]
