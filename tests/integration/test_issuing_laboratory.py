"""Wherever a partner's value is shown or printed, its laboratory's name and interval stand with it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.catalogue.commands import StateInterval
from lab_contingency.catalogue.rules import Interval, Sex
from lab_contingency.catalogue.services import state_interval
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.network.models import MenuEntry
from lab_contingency.printing import content
from lab_contingency.printing.content import lists, sheets
from lab_contingency.results.models import CriticalCall
from lab_contingency.results.queries.calls import call_page
from lab_contingency.results.queries.grids import grid
from lab_contingency.results.queries.released import released_page
from lab_contingency.results.services import print_slip
from tests.clients import LabClient
from tests.factories.results import authorise, check, enter, on_the_bench
from tests.factories.world import SYSTEM, an_identity
from tests.printing.reading import joined, pages

pytestmark = [pytest.mark.hazard("08"), pytest.mark.feature(103)]

LABORATORY = "South West London Pathology"
INTERVAL = "3.1–4.9"
UE = {"NA": "140", "K": "6.9", "UREA": "6.1", "CREA": "80", "CL": "101", "BIC": "24"}

AGAIN = {"TROP": "second of two", "UE": "second of two"}

# Every page and paper that shows a value, and the rest of the folder, which shows none.
SHOW_VALUES = {"amend", "call", "calls", "check", "entry", "judged", "read"}
SHOW_NONE = {"bench", "checking", "parts", "slips"}
PAPERS_WITH_VALUES = {"ResultRow", "CallSheet", "CriticalNote"}
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "results"


def test_every_page_and_paper_with_values_is_on_the_list():
    """A new one is added here, and to the tests below."""
    assert {path.stem for path in TEMPLATES.glob("*.html")} == SHOW_VALUES | SHOW_NONE
    named = {
        kind.__name__
        for module in (content, lists, sheets)
        for kind in vars(module).values()
        if dataclasses.is_dataclass(kind)
        and {"value", "result", "interval"} & {each.name for each in dataclasses.fields(kind)}
    }
    assert named <= PAPERS_WITH_VALUES, named - PAPERS_WITH_VALUES


@pytest.fixture
def people(world):
    """Three people of the partner."""
    there = world.laboratories["SWLP-LAB"]
    found = [world.partner]
    for name in ("second_partner", "third_partner"):
        with unit_of_work():
            command = AddUser(name, name.title(), Role.PARTNER, None, there)
            user_id = add_demonstration_person(command, actor=SYSTEM)
        found.append(Actor(user_id, name.title(), Role.PARTNER.value, None, there))
    return found


@pytest.fixture
def measured(world, people):
    """A potassium that the partner holds for critical, typed and checked there by its own interval."""
    command = StateInterval(
        world.laboratories["SWLP-LAB"],
        "K",
        (Sex.FEMALE,),
        Interval(Decimal("3.1"), Decimal("4.9")),
        clock.london(clock.now()).date(),
    )
    with unit_of_work():
        state_interval(command, actor=people[0])
    request_id = on_the_bench(world, laboratory="SWLP-LAB", identity=an_identity(95))
    entry = select(MenuEntry.analytes).where(
        MenuEntry.laboratory_id == world.laboratories["SWLP-LAB"], MenuEntry.test_code == "UE"
    )
    reported = session().scalars(entry).one()
    enter(request_id, people[0], UE={k: v for k, v in UE.items() if k in reported})
    return request_id


def reads(page):
    """Laboratory and interval stand on the page."""
    assert LABORATORY in page.words, page.words[:400]
    assert INTERVAL in page.words, page.words[:400]


def test_on_every_page(app, world, people, measured):
    sees = {name: LabClient(app).sign_in(name) for name in ("partner", "second_partner", "senior")}
    reads(sees["partner"].get("results.entry", request_id=measured))
    reads(sees["senior"].get("results.entry", request_id=measured))
    reads(sees["second_partner"].get("results.check_page", request_id=measured))
    judged = sees["partner"].post("results.judged", {"value-UE-K": "4.8"}, request_id=measured)
    assert judged.status in (200, 404)  # a fragment of the page above
    check(measured, people[1], "UE")
    reads(sees["partner"].get("results.calls"))
    call_id = session().scalars(select(CriticalCall.id)).one()
    session().rollback()
    reads(sees["partner"].get("results.call", call_id=call_id))
    reads(sees["senior"].get("results.call", call_id=call_id))
    authorise(measured, people[2], "UE")
    for name in ("partner", "senior"):
        reads(sees[name].get("results.read", request_id=measured))
    reads(LabClient(app).sign_in("doctor").get("results.read", request_id=measured))
    reads(sees["partner"].get("results.amendment", request_id=measured))
    told = LabClient(app).sign_in("doctor").get("results.read", request_id=measured).words
    assert "critical" in told  # by the partner's limits: ours judge nothing of it


def test_on_every_paper(app, world, people, measured):
    check(measured, people[1], "UE")
    client = LabClient(app).sign_in("partner")
    sheets_of_calls = client.post("results.print_calls")
    authorise(measured, people[2], "UE")
    with unit_of_work():
        ours = print_slip(measured, "", actor=world.senior).pdf
    with unit_of_work():
        theirs = print_slip(measured, "", actor=people[0]).pdf
    for paper in (sheets_of_calls.data, ours, theirs):
        text = joined(paper, pages(paper) - 1)
        assert LABORATORY.replace(" ", "") in text
        assert INTERVAL in text


def test_troponin_t_is_not_compared_with_troponin_i(app, world):
    """The same patient at two laboratories, which measure another thing under the same name on the card."""
    before = on_the_bench(world, tests=("TROP",), laboratory="STH-LAB", identity=an_identity(96))
    enter(before, world.other_scientist, TROP={"TNT": "12"})
    authorise(before, world.senior, "TROP")
    now = on_the_bench(
        world, tests=("TROP",), laboratory="UHL-LAB", identity=an_identity(96), overrides=AGAIN
    )
    (panel,) = grid(now, world.senior).panels
    (row,) = panel.rows
    assert row.before.words == "12"
    assert row.incomparable == "hs-troponin T before, hs-troponin I now"
    enter(now, world.senior, TROP={"TNI": "240"})
    (panel,) = grid(now, world.second_senior).panels
    assert (panel.rows[0].change, panel.rows[0].slip) == ("", "")
    _authorised(now, world)

    (test,) = released_page(now, world.doctor).tests
    (row,) = test.rows
    assert (row.change, row.incomparable) == ("", "hs-troponin T before, hs-troponin I now")
    page = LabClient(app).sign_in("doctor").get("results.read", request_id=now).words
    assert "not comparable" in page
    assert "hs-troponin T before, hs-troponin I now" in page
    shown = LabClient(app).sign_in("senior").get("results.amendment", request_id=now).words
    assert "hs-troponin T before, hs-troponin I now" in shown
    with unit_of_work():
        slip = joined(print_slip(now, "", actor=world.senior).pdf)
    assert "Notcomparable:hs-troponinTbefore,hs-troponinInow." in slip


def test_a_creatinine_by_another_method_is_not_compared_but_the_sodium_is(world):
    first = on_the_bench(world, laboratory="STH-LAB", identity=an_identity(97))
    enter(first, world.other_scientist, UE={**UE, "K": "4.4"})
    authorise(first, world.senior, "UE")
    second = on_the_bench(world, laboratory="UHL-LAB", identity=an_identity(97), overrides=AGAIN)
    enter(second, world.senior, UE={**UE, "K": "4.5"})
    _authorised(second, world)
    rows = {
        r.view.analyte.code: r for t in released_page(second, world.doctor).tests for r in t.rows
    }
    assert rows["CREA"].incomparable == "Roche cobas before, Abbott Alinity now"
    assert rows["CREA"].change == ""
    assert (rows["K"].incomparable, rows["K"].change) == ("", "+0.1")


def _authorised(request_id, world):
    """Checked where it must be, and released."""
    code = released_code(request_id, world)
    check(request_id, world.second_senior, code)
    third = AddUser(
        "third_senior", "Third Senior", Role.SENIOR, None, world.laboratories["UHL-LAB"]
    )
    with unit_of_work():
        user_id = add_demonstration_person(third, actor=SYSTEM)
    authorise(
        request_id,
        Actor(user_id, "Third Senior", "senior", None, world.laboratories["UHL-LAB"]),
        code,
    )


def released_code(request_id, world):
    """The one test of a request."""
    (panel,) = grid(request_id, world.senior).panels
    return panel.code


def test_the_script_of_a_call_compares_nothing_that_cannot_be_compared(world):
    first = on_the_bench(world, tests=("TROP",), laboratory="STH-LAB", identity=an_identity(98))
    enter(first, world.other_scientist, TROP={"TNT": "12"})
    authorise(first, world.senior, "TROP")
    now = on_the_bench(
        world, tests=("TROP",), laboratory="UHL-LAB", identity=an_identity(98), overrides=AGAIN
    )
    enter(now, world.senior, TROP={"TNI": "24000"})
    check(now, world.second_senior, "TROP")
    call_id = session().scalars(select(CriticalCall.id)).first()
    if call_id is None:
        pytest.fail("a troponin of 24000 is telephoned")
    said = " ".join(call_page(call_id, world.senior).script)
    assert "is not comparable: hs-troponin T before, hs-troponin I now." in said
