"""Loading places and network: the demonstration's files, again, and broken ones."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

import lab_contingency
from lab_contingency.audit.models import AuditEvent
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.models import Capacity, Link, MenuEntry, OpeningHours
from lab_contingency.network.queries import network, reported_analytes
from lab_contingency.network.rules import OpenSpell
from lab_contingency.network.services import load_network
from lab_contingency.places import queries as places
from lab_contingency.places.rules import TubeSystem
from lab_contingency.places.services import load_places

FOLDER = Path(lab_contingency.__file__).parent / "rehearsal" / "data" / "places"
ACTOR = Actor.system("test")
SATURDAY_NIGHT = dt.datetime(2026, 2, 28, 22, tzinfo=dt.UTC)


@pytest.fixture
def loaded(app):
    """An application that knows the places and the network of the demonstration."""
    with app.app_context():
        with unit_of_work():
            load_places(FOLDER, ACTOR)
            load_network(FOLDER, ACTOR)
        yield app


@pytest.fixture
def folder(tmp_path):
    """A copy of the files, to be broken."""
    return Path(shutil.copytree(FOLDER, tmp_path / "places"))


def lab(code):
    return places.laboratory_by_code(code).id


def site(code):
    return next(each.id for each in places.sites() if each.code == code)


def change(folder, file, old, new):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def hours(folder, *lines):
    """Hours of nobody but these."""
    text = "\n".join(("laboratory,weekday,opens,closes", *lines))
    (folder / "hours.csv").write_text(f"{text}\n", encoding="utf-8")


@pytest.mark.usefixtures("loaded")
class TestPlaces:
    def test_wards_stand_at_their_sites(self):
        ward = places.ward_by_code("KCH-ED-RESUS")
        assert (ward.name, ward.site.code, ward.site.ods_code) == ("ED Resus", "KCH", "RJZ")
        assert places.ward_by_code("UHL-ED").site.tube_system is TubeSystem.SARSTEDT
        assert places.ward_by_code("GP-LAMBETH-A").site.ods_code == "G85001"

    def test_own_laboratories_come_first_and_partners_stand_at_no_site(self):
        found = places.laboratories()
        assert [each.own for each in found] == [True] * 3 + [False] * 3
        assert all((each.site_id is None) is not each.own for each in found)

    def test_loading_again_adds_nothing_and_records_nothing(self):
        with unit_of_work():
            assert load_places(FOLDER, ACTOR) == 0
            assert load_network(FOLDER, ACTOR) == 0
        for action in ("places:loaded", "network:loaded"):
            count = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
            assert session().scalar(count) == 1

    def test_loading_adds_what_is_missing(self, folder):
        with (folder / "wards.csv").open("a", encoding="utf-8") as file:
            file.write("KCH-NEW,New ward,KCH,020 7946 0999\n")
        with unit_of_work():
            assert load_places(folder, ACTOR) == 1
        assert places.ward_by_code("KCH-NEW").site.code == "KCH"


@pytest.mark.usefixtures("loaded")
class TestNetwork:
    def test_every_test_is_offered_somewhere(self):
        held = network()
        assert [code for code in catalogue().tests if not held.offers(code)] == []

    def test_own_laboratories_are_offered_first(self):
        order = [each.id for each in places.laboratories()]
        found = [offer.laboratory_id for offer in network().offers("UE")]
        assert found == order

    def test_troponin_t_or_i_is_the_laboratorys_choice(self):
        assert reported_analytes(lab("KCH-LAB"), "TROP") == ("TNT",)
        assert reported_analytes(lab("UHL-LAB"), "TROP") == ("TNI",)
        assert reported_analytes(lab("KCH-LAB"), "HIV") == ()
        assert network().menu(lab("STH-LAB"))["TROP"].analytes == ("TNT",)

    def test_nobody_offers_what_its_menu_lacks(self):
        assert "HIV" not in network().menu(lab("KCH-LAB"))
        assert network().menu(new_id()) == {}

    def test_the_essential_services_laboratory_sleeps(self):
        held, bhr = network(), lab("BHR-LAB")
        assert len(held.hours(bhr)) == 6
        assert not held.is_open(bhr, SATURDAY_NIGHT)
        assert held.opens_next(bhr, SATURDAY_NIGHT) == dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
        assert held.is_open(lab("STH-LAB"), SATURDAY_NIGHT)
        assert held.opens_next(new_id(), SATURDAY_NIGHT) is None

    def test_a_weekday_may_have_several_lines_and_one_that_closes_earlier_closes_on_the_next_day(
        self, folder
    ):
        with unit_of_work():
            session().execute(
                delete(OpeningHours).where(
                    OpeningHours.laboratory_id == lab("BHR-LAB"), OpeningHours.weekday != 5
                )
            )
        hours(
            folder,
            "BHR-LAB,Tue,14:00,18:00",
            "BHR-LAB,Tue,08:00,12:00",
            "BHR-LAB,Sun,20:00,08:00",
            "BHR-LAB,Sat,00:00,06:00",
        )
        with unit_of_work():
            assert load_network(folder, ACTOR) == 3
        held, bhr = network(), lab("BHR-LAB")
        week = [spell for spell in held.hours(bhr) if spell.weekday != 5]
        assert week == [OpenSpell(1, 480, 720), OpenSpell(1, 840, 1080), OpenSpell(6, 1200, 1920)]
        # Saturday had hours: they stay as they were.
        assert [spell for spell in held.hours(bhr) if spell.weekday == 5] == [OpenSpell(5, 420, 1200)]  # fmt: skip
        monday = dt.datetime(2026, 3, 2, 7, 59, tzinfo=dt.UTC)
        assert held.is_open(bhr, monday)
        assert held.capacity_at(bhr, Discipline.HAEM, monday) == 10
        assert held.opens_next(bhr, monday.replace(hour=8, minute=0)) == dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)  # fmt: skip
        with unit_of_work():
            assert load_network(folder, ACTOR) == 0

    def test_a_night_that_runs_into_hours_that_stand_is_refused(self, folder):
        hours(folder, "BHR-LAB,Sun,20:00,08:00")
        with pytest.raises(RulesBroken, match="begins before Sunday’s 20:00 to 08:00"), unit_of_work():  # fmt: skip
            load_network(folder, ACTOR)

    def test_capacity_by_the_hour(self):
        held, bhr, sth = network(), lab("BHR-LAB"), lab("STH-LAB")
        assert held.capacity(bhr, Discipline.HAEM, 6) == 0
        assert held.capacity(bhr, Discipline.HAEM, 7) == 10
        assert held.capacity(bhr, Discipline.MICRO, 7) == 0
        sunday_noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
        assert held.capacity(bhr, Discipline.HAEM, 12) > 0
        assert held.capacity_at(bhr, Discipline.HAEM, sunday_noon) == 0
        assert held.capacity_at(sth, Discipline.HAEM, sunday_noon) == 24

    def test_every_laboratory_can_be_reached_from_every_site_and_laboratory(self):
        held = network()
        labs = [each.id for each in places.laboratories()]
        assert all(held.travel(each.id, key) for each in places.sites() for key in labs)
        own = [each.id for each in places.laboratories() if each.own]
        assert all(held.travel_between(one, other) is not None for one in own for other in labs)
        assert held.travel(site("GUY"), lab("STH-LAB")) == dt.timedelta(minutes=20)
        assert held.travel_between(lab("KCH-LAB"), lab("KCH-LAB")) == dt.timedelta(0)
        assert held.travel_between(lab("BHR-LAB"), lab("KCH-LAB")) == dt.timedelta(minutes=75)
        assert held.travel(new_id(), lab("STH-LAB")) is None


class TestBadRows:
    @pytest.mark.parametrize(
        ("file", "old", "new", "sentence"),
        [
            (
                "wards.csv",
                "East Wing ICU,STH",
                "East Wing ICU,STX",
                "line 3: There is no site “STX”",
            ),
            ("wards.csv", "STH-ICU,", "STH-ED,", "line 3: STH-ED stands already on line 2"),
            ("wards.csv", "East Wing ICU", "", "line 3: The name is missing"),
            ("wards.csv", "STH-ICU,", ",", "line 3: code must be filled"),
            ("sites.csv", "RJ1,BD", "RJ9,BD", "line 2: There is no organisation “RJ9”"),
            ("sites.csv", "RJ1,BD", "RJ1,Greiner", "tube_system must be BD or Sarstedt"),
            ("laboratories.csv", ",own,RJ1,STH", ",ours,RJ1,STH", "kind must be own or partner"),
            ("laboratories.csv", ",own,RJ1,STH", ",own,RJ1,", "There is no site “”"),
            ("organisations.csv", "ods_code,name", "code,name", "line 1: the columns must be"),
        ],
    )
    def test_of_places_are_refused(self, app, folder, file, old, new, sentence):
        change(folder, file, old, new)
        with (
            app.app_context(),
            pytest.raises(RulesBroken, match=f"{file}, line") as refused,
            unit_of_work(),
        ):
            load_places(folder, ACTOR)
        assert sentence in refused.value.message
        with app.app_context():
            assert places.sites() == ()

    @pytest.mark.parametrize(
        ("file", "old", "new", "sentence"),
        [
            ("menus.csv", "STH-LAB,FBC,60", "XXX-LAB,FBC,60", "There is no laboratory “XXX-LAB”"),
            ("menus.csv", "STH-LAB,FBC,60", "STH-LAB,FBX,60", "no test “FBX”"),
            ("menus.csv", "STH-LAB,FBC,60", "STH-LAB,FBC,0", "whole number from 1"),
            ("menus.csv", "STH-LAB,FILM", "STH-LAB,FBC", "stands already on line 2"),
            ("menus.csv", 'hs-troponin T",TNT', 'hs-troponin T",TNT TNI', "cannot be compared"),
            ("menus.csv", "microscopy,FILMC", "microscopy,HB", "does not report HB"),
            ("menus.csv", "microscopy,FILMC", "microscopy,", "each once"),
            ("hours.csv", "STH-LAB,Mon", "STH-LAB,Monday", "weekday must be one of"),
            ("hours.csv", "00:00,24:00", "24:00,00:00", "nothing opens at 24:00"),
            ("hours.csv", "00:00,24:00", "08:00,08:00", "open and close at the same time"),
            ("hours.csv", "00:00,24:00", "00:00,24:30", "not be later than 24:00"),
            (
                "hours.csv",
                "STH-LAB,Tue",
                "STH-LAB,Mon,08:00,12:00\nSTH-LAB,Tue",
                "line 3: 08:00 to 12:00 begins before 24 h has ended",
            ),
            (
                "hours.csv",
                "STH-LAB,Sun,00:00,24:00",
                "STH-LAB,Sun,20:00,08:00",
                "line 8: 24 h begins before Sunday’s 20:00 to 08:00 the next day has ended",
            ),
            (
                "hours.csv",
                "STH-LAB,Tue",
                "STH-LAB,Mon,00:00,24:00\nSTH-LAB,Tue",
                "STH-LAB Mon 00:00 stands already on line 2",
            ),
            ("hours.csv", "00:00,24:00", "0,24:00", "must be a time"),
            ("capacity.csv", "STH-LAB,HAEM,0,8", "STH-LAB,HEAM,0,8", "no discipline “HEAM”"),
            ("capacity.csv", "STH-LAB,HAEM,0,8", "STH-LAB,HAEM,8,0", "whole number from 1"),
            ("capacity.csv", "STH-LAB,HAEM,0,8", "STH-LAB,HAEM,8,8", "run forward"),
            ("capacity.csv", "STH-LAB,HAEM,0,8", "STH-LAB,HAEM,0,9", "says this already"),
            ("links.csv", "STH,,STH-LAB", "STH,KCH-LAB,STH-LAB", "fill one of the two"),
            ("links.csv", "STH,,STH-LAB", ",STH-LAB,STH-LAB", "another laboratory"),
            ("links.csv", "STH,,STH-LAB", "STX,,STH-LAB", "no site “STX”"),
            ("links.csv", "STH,,STH-LAB,5", "STH,,STH-LAB,-5", "whole number from 0"),
        ],
    )
    def test_of_the_network_are_refused(self, app, folder, file, old, new, sentence):
        change(folder, file, old, new)
        with app.app_context():
            with unit_of_work():
                load_places(folder, ACTOR)
            with pytest.raises(RulesBroken, match=f"{file}, line") as refused, unit_of_work():
                load_network(folder, ACTOR)
            assert sentence in refused.value.message
            assert network().menus == {}


@pytest.mark.usefixtures("loaded")
class TestTheDatabaseItselfRefuses:
    @pytest.mark.parametrize(
        "row",
        [
            lambda key: MenuEntry(
                id=new_id(),
                laboratory_id=key,
                test_code="X",
                turnaround_minutes=0,
                method="",
                analytes=[],
            ),
            lambda key: OpeningHours(id=new_id(), laboratory_id=key, weekday=7, opens=0, closes=1),
            lambda key: OpeningHours(
                id=new_id(), laboratory_id=key, weekday=6, opens=1440, closes=1500
            ),
            lambda key: OpeningHours(
                id=new_id(), laboratory_id=key, weekday=6, opens=-1, closes=60
            ),
            lambda key: Capacity(
                id=new_id(), laboratory_id=key, discipline=Discipline.TOX, hour=24, per_hour=1
            ),
            lambda key: Link(id=new_id(), to_laboratory_id=key, travel_minutes=5, note=""),
            lambda key: Link(
                id=new_id(), from_laboratory_id=key, to_laboratory_id=key, travel_minutes=5, note=""
            ),
        ],
    )
    def test_what_cannot_be(self, row):
        with pytest.raises(Exception, match=r"(?i)check"), unit_of_work() as work:
            work.add(row(lab("BHR-LAB")))

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            (
                lambda key: MenuEntry(
                    id=new_id(),
                    laboratory_id=key,
                    test_code="FBC",
                    turnaround_minutes=60,
                    method="",
                    analytes=["HB"],
                ),
                "on the laboratory's menu already",
            ),
            (
                lambda key: OpeningHours(
                    id=new_id(), laboratory_id=key, weekday=6, opens=60, closes=60
                ),
                "open before it closes",
            ),
            (
                lambda key: OpeningHours(
                    id=new_id(), laboratory_id=key, weekday=6, opens=480, closes=1920
                ),
                "ends before it has lasted a day",
            ),
            (
                lambda key: OpeningHours(
                    id=new_id(), laboratory_id=key, weekday=0, opens=420, closes=421
                ),
                "opens twice at this time",
            ),
        ],
    )
    def test_in_words(self, row, sentence):
        with pytest.raises(RuleBroken, match=sentence), unit_of_work() as work:
            work.add(row(lab("BHR-LAB")))
