"""What routing publishes downwards: the card says "cannot" exactly when every laboratory refuses a fresh tube."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import uuid

import pytest
from sqlalchemy import delete, select, update

from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.incidents.commands import OfferAllTheSame, StopTest
from lab_contingency.incidents.models import Incident, MenuDecision
from lab_contingency.incidents.queries import not_to_be_bled, stops, todays_menu
from lab_contingency.incidents.rules import FORECAST_GRACE, DecidedBy, IncidentState, compose
from lab_contingency.incidents.services import offer_all_the_same, offer_test, stop_test
from lab_contingency.network.models import Capacity, Link, MenuEntry, OpeningHours, SlotAgreement
from lab_contingency.places.queries import ward
from lab_contingency.places.rules import TubeSystem
from lab_contingency.requests.queries.card import card_columns, lines_of
from lab_contingency.requests.services import place_request
from lab_contingency.routing.keeping import look
from lab_contingency.routing.queries.facts import setting_at
from lab_contingency.routing.queries.fresh import answers_for_fresh
from lab_contingency.routing.rules import Refusal
from lab_contingency.routing.services import accept_and_assign, publish_what_cannot_be_done
from lab_contingency.routing.services.publishing import something_to_publish
from lab_contingency.specimens.packs.documents import pack_batch
from tests.factories.packs import a_pack, keyed
from tests.factories.world import a_card, a_request, an_identity, make_world

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
AFTERWARDS = dt.timedelta(minutes=1)

pytestmark = [pytest.mark.feature(94), pytest.mark.hazard("H05")]


@pytest.fixture
def world(app):
    with app.app_context(), clock.at(MORNING):
        yield make_world()


def changed(world) -> None:
    """The network was changed: snapshots are read anew."""
    record("network:changed", None, actor=world.coordinator)


def publish():
    with unit_of_work():
        return publish_what_cannot_be_done()


def on_the_card(site_id) -> dict[str, str]:
    """The tests that the card of a site cannot be ticked for, with what stands under them."""
    columns = card_columns(TubeSystem.BD, (), site_id)
    return {line.code: line.stop.sentence for line in lines_of(columns) if line.stop}


def nobody(site_id, code) -> bool:
    answers = answers_for_fresh(setting_at(clock.now()), site_id, catalogue().test(code))
    return all(isinstance(answer, Refusal) for answer in answers)


def off_every_menu(world, code) -> None:
    with unit_of_work():
        session().execute(delete(MenuEntry).where(MenuEntry.test_code == code))
        changed(world)


def capacity(world, per_hour, discipline=None) -> None:
    with unit_of_work():
        condition = Capacity.discipline == discipline if discipline else True
        session().execute(update(Capacity).where(condition).values(per_hour=per_hour))
        changed(world)


def test_a_test_on_nobodys_menu_is_said_under_it_on_the_card_at_once(world):
    off_every_menu(world, "DDIM")
    publish()
    told = on_the_card(world.sites["KCH"])["DDIM"]
    assert "it is on no laboratory’s menu" in told
    assert "If it cannot wait, ring King" in told


def test_the_card_is_refused_with_the_way_round_when_it_was_open_before(world):
    off_every_menu(world, "DDIM")
    publish()
    with pytest.raises(RulesBroken, match="cannot be done now"), unit_of_work():
        place_request(a_card(world, tests=("DDIM",)), actor=world.doctor)


def test_a_written_form_whose_blood_was_taken_is_keyed_all_the_same(world):
    pack = a_pack(world)
    off_every_menu(world, "DDIM")
    publish()
    assert keyed(world, pack, identity=an_identity(3), tests=("DDIM",)).request_id


def test_one_site_cut_off_is_told_and_the_others_go_on(world):
    site = world.sites["KCH"]
    with unit_of_work():
        closed = MORNING + dt.timedelta(days=3)
        session().execute(update(Link).where(Link.from_site_id == site).values(closed_until=closed))
        changed(world)
    publish()
    assert "LAC" in on_the_card(site)
    assert "LAC" not in on_the_card(world.sites["STH"])
    lines = [line for line in not_to_be_bled() if line.test.code == "LAC"]
    assert [line.where for line in lines] == [("King's College Hospital",)]


def test_the_menu_printed_with_a_pack_says_it_for_the_packs_own_site(world):
    with unit_of_work():
        closed = MORNING + dt.timedelta(days=3)
        cut_off = Link.from_site_id == world.sites["KCH"]
        session().execute(update(Link).where(cut_off).values(closed_until=closed))
        changed(world)
    publish()

    def printed(code) -> dict[str, str]:
        number, place = compose(41, 1, 4711), ward(world.wards[code])
        batch = pack_batch(place, [number], (), actor=world.porter, mark="k3m9")
        return {stop.name: stop.instead for section in batch.menu for stop in section.stopped}

    assert "Nobody can do it for blood taken now" in printed("KCH-ED-RESUS")["Lactate"]
    assert printed("STH-ED") == {}


def test_the_forecast_says_from_when_on_it_can_be_done_again(world):
    with unit_of_work():
        session().execute(update(OpeningHours).values(opens=8 * 60, closes=18 * 60))
        changed(world)
    with clock.at(MORNING.replace(hour=19)):
        publish()
        stop = stops(world.sites["KCH"])["LAC"]
        assert stop.until is not None
        assert "From about" in stop.sentence
        assert nobody(world.sites["KCH"], "LAC")
    with clock.at(stop.until):
        assert not nobody(world.sites["KCH"], "LAC")


def test_it_is_taken_back_when_somebody_can_again(world):
    capacity(world, 0, catalogue().test("FBC").discipline)
    publish()
    assert "FBC" in on_the_card(world.sites["KCH"])
    capacity(world, 9)
    with clock.at(MORNING + AFTERWARDS):
        publish()
        assert "FBC" not in on_the_card(world.sites["KCH"])


def test_the_last_slot_of_the_day_is_told_in_the_same_moment_in_which_it_is_given(world):
    discipline = catalogue().test("FBC").discipline
    capacity(world, 0, discipline)
    with unit_of_work():
        core = world.laboratories["KCH-LAB"]
        hours = (Capacity.discipline == discipline) & (Capacity.laboratory_id == core)
        session().execute(update(Capacity).where(hours).values(per_hour=5))
        session().add(
            SlotAgreement(id=uuid.uuid4(), laboratory_id=core, discipline=discipline, per_day=1)
        )
        session().execute(update(OpeningHours).values(opens=8 * 60, closes=12 * 60))
        changed(world)
    publish()
    assert "FBC" not in on_the_card(world.sites["KCH"])
    placed = a_request(world, tests=("FBC",), collected_at=MORNING)
    with unit_of_work():
        accept_and_assign(placed.request_id, None, actor=world.senior)
    assert ("FBC" in on_the_card(world.sites["KCH"])) is nobody(world.sites["KCH"], "FBC")


def test_one_place_given_back_does_not_bring_the_test_back(world):
    discipline = catalogue().test("LAC").discipline
    capacity(world, 0, discipline)
    publish()
    stood = session().scalars(select(MenuDecision.id).where(MenuDecision.test_code == "LAC")).all()
    with unit_of_work():
        one = (Capacity.discipline == discipline) & (
            Capacity.laboratory_id == world.laboratories["KCH-LAB"]
        )
        session().execute(update(Capacity).where(one, Capacity.hour == 10).values(per_hour=1))
        changed(world)
    assert not nobody(world.sites["KCH"], "LAC")
    publish()
    still = (
        session()
        .scalars(
            select(MenuDecision.id).where(
                MenuDecision.test_code == "LAC", MenuDecision.ended_at.is_(None)
            )
        )
        .all()
    )
    assert set(still) == set(stood)


def test_a_person_who_stopped_a_test_is_not_overwritten_and_stays_when_routing_takes_back(world):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent.", None), actor=world.coordinator)
    off_every_menu(world, "DDIM")
    publish()
    site = world.sites["KCH"]
    assert on_the_card(site)["DDIM"] == "No reagent."
    standing = select(MenuDecision.source).where(
        MenuDecision.test_code == "DDIM", MenuDecision.ended_at.is_(None)
    )
    found = session().scalars(standing).all()
    assert set(found) == {DecidedBy.PERSON, DecidedBy.ROUTING}
    with unit_of_work():
        offer_test("DDIM", actor=world.coordinator)
    assert "no laboratory’s menu" in on_the_card(site)["DDIM"]


def test_a_person_offers_a_test_all_the_same_and_both_are_to_be_seen(world):
    off_every_menu(world, "DDIM")
    publish()
    with unit_of_work():
        arranged = OfferAllTheSame("DDIM", "Dr Shah runs it by hand.")
        offer_all_the_same(arranged, actor=world.coordinator)
    publish()
    assert "DDIM" not in on_the_card(world.sites["KCH"])
    assert a_request(world, tests=("DDIM",)).number
    (line,) = [line for group in todays_menu() for line in group.despite]
    assert line.despite is not None
    assert line.despite.reason == "Dr Shah runs it by hand."
    assert "no laboratory’s menu" in line.stop.sentence
    with unit_of_work():
        offer_test("DDIM", actor=world.coordinator)
    assert "DDIM" in on_the_card(world.sites["KCH"])


def test_offering_all_the_same_needs_what_was_arranged(world):
    with pytest.raises(RuleBroken, match="what was arranged"), unit_of_work():
        offer_all_the_same(OfferAllTheSame("DDIM", " "), actor=world.coordinator)
    with pytest.raises(NotFound), unit_of_work():
        offer_test("DDIM", actor=world.coordinator)


def test_routing_says_nothing_of_a_site_of_which_the_network_knows_nothing(world):
    with unit_of_work():
        session().execute(delete(Link).where(Link.from_site_id == world.sites["KCH"]))
        changed(world)
    publish()
    assert on_the_card(world.sites["KCH"]) == {}


def test_without_an_incident_nothing_is_published(world):
    off_every_menu(world, "DDIM")
    with unit_of_work():
        session().execute(
            update(Incident).values(state=IncidentState.CLOSED, closed_at=clock.now())
        )
    assert publish().stopped == ()


def test_the_servers_look_publishes_what_nobody_asked_for(world):
    off_every_menu(world, "DDIM")
    assert something_to_publish()
    look()
    assert "DDIM" in on_the_card(world.sites["KCH"])
    assert not something_to_publish()


def test_a_forecast_that_nobody_looks_after_does_not_stand_for_ever(world):
    with unit_of_work():
        session().execute(update(OpeningHours).values(opens=8 * 60, closes=18 * 60))
        changed(world)
    with clock.at(MORNING.replace(hour=19)):
        publish()
        until = stops(world.sites["KCH"])["LAC"].until
    assert until is not None
    with clock.at(until + AFTERWARDS):
        assert "LAC" in stops(world.sites["KCH"])
    with clock.at(until + FORECAST_GRACE + AFTERWARDS):
        assert "LAC" not in stops(world.sites["KCH"])


def a_night_of_the_network(world, chance: random.Random) -> None:
    """Something happens: hours, places, ways, menus."""
    labs = list(world.laboratories.values())
    with unit_of_work():
        for _ in range(chance.randint(1, 4)):
            lab = chance.choice(labs)
            match chance.randrange(4):
                case 0:
                    opens, closes = chance.sample(range(0, 1440, 30), 2)
                    past_midnight = 1440 if closes < opens else 0
                    values = {"opens": opens, "closes": closes + past_midnight}
                    statement = update(OpeningHours).where(OpeningHours.laboratory_id == lab)
                    session().execute(statement.values(values))
                case 1:
                    statement = update(Capacity).where(Capacity.laboratory_id == lab)
                    session().execute(statement.values(per_hour=chance.choice((0, 0, 1, 4))))
                case 2:
                    closed = clock.now() + dt.timedelta(hours=chance.randint(-2, 60))
                    statement = update(Link).where(Link.to_laboratory_id == lab)
                    session().execute(statement.values(closed_until=closed))
                case _:
                    code = chance.choice(list(catalogue().tests))
                    session().execute(delete(MenuEntry).where(MenuEntry.test_code == code))
        changed(world)


def test_the_card_says_cannot_exactly_when_every_laboratory_refuses(world):
    chance, wrong, said, seen = random.Random(94), [], 0, 0  # noqa: S311 - the same nights each run
    for night in range(6):
        with clock.at(MORNING + dt.timedelta(minutes=47 * night)):
            a_night_of_the_network(world, chance)
            # Anew, so that nothing stands that waits to be taken back.
            with unit_of_work():
                session().execute(
                    update(MenuDecision)
                    .where(MenuDecision.ended_at.is_(None))
                    .values(ended_at=clock.now(), ended_by="test")
                )
            publish()
            for site in world.sites.values():
                told = on_the_card(site)
                for code in catalogue().tests:
                    refused = nobody(site, code)
                    seen, said = seen + 1, said + refused
                    if (code in told) != refused:
                        wrong.append((night, code))
    assert wrong == []
    assert 0 < said < seen


def test_places_taken_and_given_back_all_night_do_not_make_the_card_flicker(world):
    """A look every five minutes; between them a place or two of the hour go and come."""
    chance = random.Random(5)  # noqa: S311 - the same night in every run
    discipline, site = catalogue().test("LAC").discipline, world.sites["KCH"]
    capacity(world, 0, discipline)
    here = (Capacity.discipline == discipline) & (
        Capacity.laboratory_id == world.laboratories["KCH-LAB"]
    )
    raw: list[bool] = []
    told: list[bool] = []
    for step in range(48):
        with clock.at(MORNING + dt.timedelta(minutes=5 * step)):
            with unit_of_work():
                places = chance.choice((0, 0, 1))
                session().execute(update(Capacity).where(here).values(per_hour=places))
                changed(world)
            with unit_of_work():
                publish_what_cannot_be_done({discipline})
            raw.append(nobody(site, "LAC"))
            told.append("LAC" in on_the_card(site))
    assert all(card or not refused for card, refused in zip(told, raw, strict=True))
    assert _turns(raw) > 8
    assert _turns(told) <= 1  # it is said once and stays


def _turns(answers: list[bool]) -> int:
    return sum(one != other for one, other in itertools.pairwise(answers))
