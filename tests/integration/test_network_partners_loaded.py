"""Tables of partners: agreements, tests a day, runs and prices are optional; every bad row is told with its line."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

import lab_contingency
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RulesBroken
from lab_contingency.network.models import Link, LinkRun, SlotAgreement
from lab_contingency.network.queries import network
from lab_contingency.network.queries.editing import agreement_with, links_to, menu_row
from lab_contingency.network.rules import Acceptance
from lab_contingency.network.services import load_network
from lab_contingency.places import queries as places
from lab_contingency.places.services import load_places

pytestmark = pytest.mark.feature(39)

FOLDER = Path(lab_contingency.__file__).parent / "rehearsal" / "data" / "places"
ACTOR = Actor.system("test")
OPTIONAL = ("agreements.csv", "slots.csv", "runs.csv")


@pytest.fixture
def folder(tmp_path):
    """A copy of the files, to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "places"))


def load(folder) -> None:
    with unit_of_work():
        load_places(folder, ACTOR)
        load_network(folder, ACTOR)


def lab(code):
    return places.laboratory_by_code(code).id


def site(code):
    return next(each.id for each in places.sites() if each.code == code)


def test_the_demonstration_has_a_partner_of_each_kind(app, folder):
    with app.app_context():
        load(folder)
        found = {code: agreement_with(lab(code)) for code in ("SWLP-LAB", "NWLP-LAB", "BHR-LAB")}
        assert [one.accepts for one in found.values()] == [
            Acceptance.ELECTRONIC,
            Acceptance.FILE,
            Acceptance.PAPER,
        ]
        assert found["BHR-LAB"].hand_off_minutes == 20
        assert found["SWLP-LAB"].starts_on == dt.date(2024, 6, 3)
        assert network().slots_a_day(lab("SWLP-LAB"), Discipline.CHEM) == 200
        assert menu_row(lab("SWLP-LAB"), "FBC").price == "£3.10"
        assert menu_row(lab("KCH-LAB"), "FBC").price == ""


def test_a_link_with_runs_goes_only_then(app, folder):
    with app.app_context():
        load(folder)
        links = {link.start: link for link in links_to(lab("BHR-LAB"))}
        assert links["King's College Hospital"].runs_text == "Mon–Sat 07:30 10:30 13:30 16:30"
        assert links["Guy's Hospital"].on_demand
        at = clock.from_london(dt.datetime(2026, 11, 24, 8, 0))
        way = network().way(site("KCH"), lab("BHR-LAB"), at)
        assert clock.london(way.leaves_at).strftime("%H:%M") == "10:30"


def test_without_the_optional_files_and_prices_the_rest_is_loaded(app, folder):
    for name in OPTIONAL:
        (folder / name).unlink()
    menus = (folder / "menus.csv").read_text(encoding="utf-8").splitlines()
    plain = "\n".join(line.rpartition(",")[0] for line in menus)
    (folder / "menus.csv").write_text(plain + "\n", encoding="utf-8")
    with app.app_context():
        load(folder)
        assert not agreement_with(lab("SWLP-LAB")).written
        assert session().scalar(select(func.count()).select_from(LinkRun)) == 0
        assert all(session().scalars(select(Link.on_demand)))
        assert menu_row(lab("SWLP-LAB"), "FBC").price == ""


def test_loading_again_changes_nothing_and_brings_what_is_new(app, folder):
    with app.app_context():
        load(folder)
        with unit_of_work():
            session().execute(delete(SlotAgreement))
        with unit_of_work():
            assert load_network(folder, ACTOR) == 7
            assert load_network(folder, ACTOR) == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("agreements.csv", "SWLP-LAB,", "XXX-LAB,", "line 2: There is no partner laboratory “XXX-LAB”"),
        ("agreements.csv", "SWLP-LAB,", "KCH-LAB,", "no partner laboratory “KCH-LAB”"),
        ("agreements.csv", "signs in here", "by fax", "accepts must be one of"),
        ("agreements.csv", ",10,", ",soon,", "hand_off_minutes must be a whole number"),
        ("agreements.csv", "03-Jun-2024,", "3rd June,", "starts_on must be a date"),
        ("agreements.csv", "03-Jun-2024,", "03-Jun-2024,01-Jun-2024", "It ends before it starts"),
        ("agreements.csv", "020 7946 0934", "", "custody_telephone is missing"),
        ("agreements.csv", "NWLP-LAB,", "SWLP-LAB,", "line 3: SWLP-LAB stands already on line 2"),
        ("agreements.csv", "reference,accepts", "ref,accepts", "line 1: the columns must be"),
        ("slots.csv", "SWLP-LAB,HAEM,80", "SWLP-LAB,HEAM,80", "no discipline “HEAM”"),
        ("slots.csv", "SWLP-LAB,HAEM,80", "SWLP-LAB,HAEM,-1", "whole number from 0"),
        ("slots.csv", "SWLP-LAB,HAEM,80", "UHL-LAB,HAEM,80", "no partner laboratory “UHL-LAB”"),
        ("slots.csv", "SWLP-LAB,COAG", "SWLP-LAB,HAEM", "stands already on line 2"),
        ("runs.csv", "KCH,,BHR-LAB", "XYZ,,BHR-LAB", "line 2: links.csv has no such way"),
        ("runs.csv", "Mon-Sat", "Sat-Mon", "days must run forward"),
        ("runs.csv", "Mon-Sat", "Werktag", "days must be such as"),
        ("runs.csv", "07:30 10:30", "07:30 25:00", "Type times such as 07:30"),
        ("runs.csv", "07:30 10:30 13:30 16:30", "", "Name the times"),
        ("runs.csv", "GP-SOUTHWARK-B,,BHR-LAB,Mon-Fri,08:15", "KCH,,BHR-LAB,Mon,07:30", "says this already"),
        ("menus.csv", "BASO,3.10", "BASO,3.1", "pounds and pence"),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_with_its_file_and_line(app, folder, file, old, new, sentence):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with app.app_context():
        with unit_of_work():
            load_places(folder, ACTOR)
        with pytest.raises(RulesBroken, match=f"{file}, line") as refused, unit_of_work():
            load_network(folder, ACTOR)
        assert sentence in refused.value.message
        assert network().menus == {}
