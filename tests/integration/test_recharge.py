"""What each partner did for each organisation in a month: sums checked by a slow plain count, files without a patient."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import uuid
from collections import Counter
from dataclasses import replace

import openpyxl
import pytest
from sqlalchemy import select, update

from lab_contingency.audit.models import Leaving
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.network.models import MenuEntry
from lab_contingency.oversight.recharge.queries import months, recharge
from lab_contingency.oversight.recharge.rules import CHARGED, Month, Work, month_of
from lab_contingency.oversight.recharge.services import FileKind, make_recharge_file
from lab_contingency.places.models import Laboratory, Organisation, Site
from lab_contingency.places.rules import LaboratoryKind
from lab_contingency.requests.commands import WithdrawTests
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.services import withdraw_tests
from lab_contingency.results.models import Release
from lab_contingency.specimens.services import receive
from tests.factories.chasing import referred
from tests.factories.results import CRP, amend, authorise, enter
from tests.factories.tubes import a_collected_tube
from tests.factories.world import an_identity, make_world

NOVEMBER = Month(2026, 11)
NIGHT = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.feature(100)


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(NIGHT):
        yield make_world()


def price(world, pence: int | None, laboratory="SWLP-LAB") -> None:
    with unit_of_work():
        there = MenuEntry.laboratory_id == world.laboratories[laboratory]
        session().execute(update(MenuEntry).where(there).values(price_pence=pence))
        record("network:changed", None, actor=world.coordinator)


def colleague(world):
    return replace(world.partner, user_id=uuid.uuid4())


def at_partner(world, **card) -> uuid.UUID:
    request_id = referred(world, **card)
    number = a_collected_tube(world, request_id)
    with unit_of_work():
        receive(number, world.laboratories["SWLP-LAB"], actor=world.partner)
    return request_id


def done(world, **card) -> uuid.UUID:
    request_id = at_partner(world, **card)
    enter(request_id, world.partner, CRP=CRP)
    authorise(request_id, colleague(world), "CRP")
    return request_id


def lines(month=NOVEMBER):
    return [line for account in recharge(month).accounts for line in account.lines]


def test_a_released_test_is_charged_at_the_price_that_was_agreed_then(world):
    price(world, 1050)
    done(world)
    (account,) = recharge(NOVEMBER).accounts
    (line,) = account.lines
    assert (line.test_code, line.count, line.pence, line.sum_pence) == ("CRP", 1, 1050, 1050)
    assert account.organisation_code == "RJZ"
    assert account.laboratory == "South West London Pathology, St George's"


def test_a_price_that_changes_later_does_not_change_what_was_done_before(world):
    price(world, 1050)
    done(world, identity=an_identity(1))
    price(world, 2000)
    assert recharge(NOVEMBER).sum_pence == 1050
    done(world, identity=an_identity(2))
    assert recharge(NOVEMBER).sum_pence == 3050


def test_an_amendment_is_seen_and_not_charged(world):
    price(world, 1050)
    request_id = done(world)
    amend(request_id, world.partner, "read wrong", CRP={"CRP": "9"})
    authorise(request_id, colleague(world), "CRP")
    report = recharge(NOVEMBER)
    assert (report.sum_pence, report.tests) == (1050, 1)
    assert {line.work: line.count for line in lines()} == {Work.FIRST: 1, Work.AMENDED: 1}


def test_what_was_withdrawn_there_is_seen_and_not_charged(world):
    price(world, 1050)
    request_id = at_partner(world)
    with unit_of_work():
        command = WithdrawTests(request_id, None, ("CRP",), "not needed")
        withdraw_tests(command, actor=world.doctor)
    assert recharge(NOVEMBER).sum_pence == 0
    assert [(line.work, line.count) for line in lines()] == [(Work.WITHDRAWN, 1)]


def test_what_is_not_back_yet_and_what_own_laboratories_do_is_not_there(world):
    price(world, 1050)
    at_partner(world)
    referred(world, to="STH-LAB", identity=an_identity(4))
    assert recharge(NOVEMBER).accounts == ()


def test_a_test_without_a_price_is_said_to_have_none(world):
    price(world, None)
    done(world)
    report = recharge(NOVEMBER)
    assert (report.tests, report.unpriced, report.sum_pence) == (1, 1, 0)


def test_a_test_belongs_to_the_london_month_in_which_it_was_released(world):
    price(world, 100)
    with clock.at(dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)):
        done(world, identity=an_identity(1))
    with clock.at(dt.datetime(2026, 12, 1, 0, 1, tzinfo=dt.UTC)):
        done(world, identity=an_identity(2))
        assert months() == (Month(2026, 12), NOVEMBER)
    assert (recharge(NOVEMBER).tests, recharge(NOVEMBER.after).tests) == (1, 1)


def test_the_sums_are_those_of_a_slow_plain_count(world):
    chance = random.Random(100)  # noqa: S311 - the same months in every run
    for number in range(8):
        price(world, chance.choice((None, 900, 1100)))
        moment = dt.datetime(2026, 11, 26, tzinfo=dt.UTC) + dt.timedelta(hours=31 * number)
        with clock.at(moment):
            request_id = done(world, identity=an_identity(300 + number))
            if chance.random() < 0.4:
                amend(request_id, world.partner, "read wrong", CRP={"CRP": "9"})
                authorise(request_id, colleague(world), "CRP")
    for month in (NOVEMBER, NOVEMBER.after):
        report = recharge(month)
        counted, pence = _slowly(month)
        shown = Counter[tuple[str, str, Work]]()
        for line in lines(month):
            shown[line.organisation_code, line.test_code, line.work] += line.count
        assert shown == counted
        assert (report.sum_pence, report.tests) == (pence, sum(
            count for (_, _, work), count in counted.items() if CHARGED[work]
        ))  # fmt: skip
        assert report.tests > 0


def _slowly(month: Month) -> tuple[Counter[tuple[str, str, Work]], int]:
    counted, pence = Counter[tuple[str, str, Work]](), 0
    for release in session().scalars(select(Release)).all():
        laboratory = session().get_one(Laboratory, release.laboratory_id)
        if laboratory.kind is LaboratoryKind.OWN or month_of(release.released_at) != month:
            continue
        test = session().get_one(RequestedTest, release.requested_test_id)
        site = session().get_one(Site, session().get_one(Request, test.request_id).site_id)
        organisation = session().get_one(Organisation, site.organisation_id)
        work = Work.FIRST if release.number == 1 else Work.AMENDED
        counted[organisation.ods_code, test.test_code, work] += 1
        pence += (release.price_pence or 0) if work is Work.FIRST else 0
    return counted, pence


def make(world, kind) -> bytes:
    with unit_of_work():
        return make_recharge_file(NOVEMBER, kind, actor=world.coordinator)


def test_the_csv_says_what_the_page_says_and_opens_in_a_spreadsheet(world):
    price(world, 123_456)
    done(world)
    raw = make(world, FileKind.CSV)
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert (row["Test code"], row["Number"], row["Price (GBP)"], row["Sum (GBP)"]) == (
        "CRP", "1", "1234.56", "1234.56",
    )  # fmt: skip


def test_no_cell_of_either_file_is_a_formula(world):
    with unit_of_work():
        session().execute(update(Organisation).values(name="=HYPERLINK(1)"))
        session().execute(update(Laboratory).values(name="@SUM(1)"))
    price(world, 100)
    done(world)
    (row,) = csv.DictReader(io.StringIO(make(world, FileKind.CSV).decode("utf-8-sig")))
    assert (row["Organisation"], row["Laboratory"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    sheet = openpyxl.load_workbook(io.BytesIO(make(world, FileKind.XLSX))).active
    types = {(cell.value, cell.data_type) for cells in sheet.iter_rows() for cell in cells}
    assert ("=HYPERLINK(1)", "s") in types
    assert "f" not in {kind for _, kind in types}


def test_the_workbook_holds_numbers_and_the_sum(world):
    price(world, 1050)
    done(world)
    sheet = openpyxl.load_workbook(io.BytesIO(make(world, FileKind.XLSX))).active
    rows = list(sheet.values)
    assert rows[0][0] == "Month"
    assert rows[1][8:11] == (1, 10.5, 10.5)
    assert rows[2][10] == 10.5


def test_a_file_holds_no_patient_and_is_registered_as_leaving(world):
    price(world, 100)
    request_id = done(world)
    number = session().get_one(Request, request_id).number
    raw = make(world, FileKind.CSV).decode("utf-8-sig")
    for identifier in ("Woźniak", "Siân", number, an_identity().nhs_number, "1958"):
        assert identifier not in raw
    (leaving,) = session().scalars(select(Leaving).where(Leaving.kind == "recharge csv")).all()
    assert leaving.contains == {}
    assert leaving.watermark in raw


@pytest.mark.parametrize(
    ("who", "page", "file"),
    [
        ("coordinator", 200, 200), ("administrator", 200, 200), ("governance", 200, 403),
        ("doctor", 403, 403), ("partner", 403, 403),
    ],
)  # fmt: skip
def test_who_sees_it_and_who_takes_it(client_for, world, who, page, file):
    client = client_for(who)
    assert client.get("recharge.recharge").status == page
    assert client.post("recharge.take", month="2026-11", kind="csv").status == file


def test_the_page_shows_the_month_and_what_is_no_month_is_not_found(client_for, world):
    price(world, 1050)
    done(world)
    client = client_for("coordinator")
    page = client.get("recharge.recharge", month="2026-11")
    assert "£10.50" in page.words
    assert "November 2026" in page.words
    assert (
        "No partner laboratory released a result"
        in client.get("recharge.recharge", month="2026-10").words
    )
    assert client.get("recharge.recharge", month="nonsense").status == 404
    assert client.post("recharge.take", month="2026-11", kind="exe").status == 404
