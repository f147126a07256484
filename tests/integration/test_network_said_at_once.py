"""What changes in the network is said on the card at once, and stands though nobody could be told."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete

from lab_contingency.audit.services import record
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.incidents.queries import stops
from lab_contingency.network.models import MenuEntry
from lab_contingency.network.queries import network
from lab_contingency.network.queries.editing import (
    capacity_of,
    slots_of,
)
from lab_contingency.places.queries import working_laboratories
from lab_contingency.routing.services import publish_what_cannot_be_done
from tests.clients import send_form, value_of
from tests.factories.world import SYSTEM

pytestmark = pytest.mark.feature(32)

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _that_morning():
    with clock.at(MORNING):
        yield


@pytest.fixture
def coordinator(client_for, world):
    return client_for("coordinator")


@pytest.fixture
def lab(world):
    return world.laboratories["SWLP-LAB"]


def not_to_be_bled_at_kings(world):
    return {code for code, stop in stops(world.sites["KCH"]).items() if stop.found_by_routing}


@pytest.mark.hazard("H05")
def test_a_change_of_a_menu_is_said_on_the_card_before_its_page_comes_back(coordinator, world):
    line = {"turnaround": "45", "method": "latex", "price": "", "analytes": ["DDIM"]}
    able = [one for one in world.laboratories.values() if "DDIM" in network().menu(one)]
    for one in able:
        assert "DDIM" not in not_to_be_bled_at_kings(world)
        page = coordinator.get("network.menu_line", laboratory_id=one, test_code="DDIM")
        send_form(
            coordinator, "network.remove_menu_line", page, laboratory_id=one, test_code="DDIM"
        )
    assert "DDIM" in not_to_be_bled_at_kings(world)
    back = {"laboratory_id": world.laboratories["KCH-LAB"], "test_code": "DDIM"}
    assert send_form(coordinator, "network.menu_line", **back, **line).status == 303
    assert "DDIM" not in not_to_be_bled_at_kings(world)


@pytest.mark.hazard("H05")
def test_room_by_the_hour_is_said_at_once_too(coordinator, world):
    for one in world.laboratories.values():
        assert "MG" not in not_to_be_bled_at_kings(world)
        held = {f"{key.value}-{hour}": number for key, hours in capacity_of(one).items() for hour, number in enumerate(hours)}  # fmt: skip
        none = {f"CHEM-{hour}": "" for hour in range(24)}
        answer = send_form(coordinator, "network.capacity", laboratory_id=one, **{**held, **none})
        assert answer.status == 303
    assert "MG" in not_to_be_bled_at_kings(world)


@pytest.mark.hazard("H05")
def test_an_agreement_that_ended_is_said_at_once_too(coordinator, world):
    only_partners_do("MG")
    assert "MG" not in not_to_be_bled_at_kings(world)
    for one in working_laboratories():
        if not one.own:
            over = {name: value_of(page, name) for page in (coordinator.get("network.agreement", laboratory_id=one.id),) for name in _AGREED}  # fmt: skip
            over |= {"accepts": "paper only", "starts_on": "01/11/2026", "ends_on": "23/11/2026"}
            answer = send_form(coordinator, "network.agreement", laboratory_id=one.id, **over)
            assert answer.status == 303
    assert "MG" in not_to_be_bled_at_kings(world)


def test_a_change_stands_though_nobody_could_be_told(coordinator, world, lab, monkeypatch):
    def fails():
        raise OSError

    monkeypatch.setattr("lab_contingency.routing.keeping.something_to_publish", fails)
    assert (
        send_form(coordinator, "network.slots", laboratory_id=lab, COAG="", CHEM="50").status == 303
    )
    assert slots_of(lab)[Discipline.CHEM] == 50


_AGREED = (
    "reference", "hand_off_minutes", "custody_contact", "custody_telephone", "results_contact", "results_telephone",
)  # fmt: skip


def only_partners_do(code):
    with unit_of_work():
        for one in working_laboratories():
            if one.own:
                session().execute(delete(MenuEntry).where(MenuEntry.laboratory_id == one.id, MenuEntry.test_code == code))  # fmt: skip
        record("network:changed", None, actor=SYSTEM)
        publish_what_cannot_be_done()
