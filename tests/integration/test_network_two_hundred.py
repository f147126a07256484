"""Two hundred clients at once for ten agreed tests, and for the last places of an hour."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

import pytest
from sqlalchemy import delete, func, select

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.network.commands import SetCapacity, SetSlots
from lab_contingency.network.models import MenuEntry
from lab_contingency.network.queries.editing import laboratory_sheet
from lab_contingency.network.services import set_capacity, set_slots
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.services import accept_and_assign
from tests.factories.world import a_request, an_identity, make_world
from tests.threads import together

pytestmark = pytest.mark.hazard("H20")

MORNING = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
CLIENTS, SLOTS = 200, 10
AT_ONCE = threading.Semaphore(12)  # the server has so many hands


@pytest.fixture
def world(app):
    """Only the partner does clotting screens now."""
    with app.app_context(), clock.at(MORNING):
        held = make_world()
        partner = held.laboratories["SWLP-LAB"]
        with unit_of_work():
            session().execute(
                delete(MenuEntry).where(
                    MenuEntry.test_code == "COAG", MenuEntry.laboratory_id != partner
                )
            )
        yield held


def version(laboratory_id) -> int:
    return laboratory_sheet(laboratory_id).version


def waiting(world, number) -> list:
    taken = MORNING - dt.timedelta(minutes=20)
    seeds = range(1, number + 1)
    return [
        a_request(world, tests=("COAG",), identity=an_identity(seed), collected_at=taken).request_id
        for seed in seeds
    ]


def all_accept(app, world, requests) -> list:
    """Each request is accepted by a client of its own, all at the same moment; what each was told."""
    told: list = []

    def accept(request_id):
        with AT_ONCE, app.app_context(), clock.at(MORNING):
            with unit_of_work():
                routed = accept_and_assign(request_id, None, actor=world.senior)
            told.append(routed)

    session().rollback()
    assert together([lambda one=one: accept(one) for one in requests]) == []
    return told


@pytest.mark.feature(40)
def test_of_two_hundred_clients_exactly_ten_get_a_slot(app, world):
    partner = world.laboratories["SWLP-LAB"]
    with unit_of_work():
        command = SetSlots(partner, version(partner), {Discipline.COAG: SLOTS})
        set_slots(command, actor=world.coordinator)
    told = all_accept(app, world, waiting(world, CLIENTS))

    given = Counter(dict(routed.assigned).get("COAG") for routed in told)
    assert given == {partner: SLOTS, None: CLIENTS - SLOTS}
    refused = {routed.nobody["COAG"] for routed in told if routed.nobody}
    assert refused == {"no capacity until 25-Nov 00:00; the sample expires 17:40"}
    live = select(func.count()).select_from(Assignment).where(Assignment.ended_at.is_(None))
    assert session().scalars(live).one() == SLOTS


def test_no_hour_is_given_more_tests_than_it_has_room_for(app, world):
    partner = world.laboratories["SWLP-LAB"]
    with unit_of_work():
        command = SetCapacity(partner, version(partner), {Discipline.COAG: (3,) * 24})
        set_capacity(command, actor=world.coordinator)
    told = all_accept(app, world, waiting(world, 40))

    counted = select(Assignment.hour, func.count()).group_by(Assignment.hour)
    by_hour = dict(session().execute(counted).all())
    # From the door at a quarter to eleven to the age limit at twenty to six: eight hours with three places each.
    assert set(by_hour.values()) == {3}
    assert sum(bool(routed.assigned) for routed in told) == sum(by_hour.values()) == 24
