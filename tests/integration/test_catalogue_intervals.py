"""Intervals and limits of a laboratory, as stored and as read on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from lab_contingency.audit.models import AuditEvent
from lab_contingency.catalogue.models import CriticalLimitRow, ReferenceInterval
from lab_contingency.catalogue.queries import catalogue, critical_limits, intervals
from lab_contingency.catalogue.rules import (
    HighOperator,
    LowOperator,
    Sex,
    interval_for,
    is_critical,
)
from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.places.models import Laboratory, Organisation
from lab_contingency.places.rules import LaboratoryKind

DAY = dt.date(2026, 3, 2)
ACTOR = Actor.system("test")
STATED = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def laboratory(app):
    """The id of a laboratory beside one that holds its own values (noise)."""
    ours, theirs = new_id(), new_id()
    with app.app_context():
        with unit_of_work() as work:
            organisation = new_id()
            work.add(Organisation(id=organisation, ods_code="RXX", name="Invented trust"))
            work.flush()
            for key, code in ((ours, "OUR-LAB"), (theirs, "THEIR-LAB")):
                work.add(
                    Laboratory(
                        id=key,
                        code=code,
                        name=code,
                        kind=LaboratoryKind.OWN,
                        organisation_id=organisation,
                        site_id=None,
                        telephone="020 7946 0000",
                    )
                )
            work.flush()
            seed_intervals(theirs, DAY, ACTOR)
        yield ours


def _interval(laboratory, **changes):
    fields = {
        "id": new_id(),
        "laboratory_id": laboratory,
        "analyte_code": "K",
        "sex": Sex.MALE,
        "low": Decimal("3.60"),
        "high": Decimal("5.0"),
        "text": "",
        "note": "",
        "valid_from": DAY,
        "valid_to": None,
        "stated_at": STATED,
    }
    return ReferenceInterval(**(fields | changes))


def _limit(laboratory, **changes):
    fields = {
        "id": new_id(),
        "laboratory_id": laboratory,
        "analyte_code": "K",
        "low_op": LowOperator.BELOW,
        "low": Decimal("2.5"),
        "high_op": None,
        "high": None,
        "text": "",
        "note": "",
        "valid_from": DAY,
        "valid_to": None,
    }
    return CriticalLimitRow(**(fields | changes))


def test_the_starter_values_come_back_digit_for_digit(laboratory):
    with unit_of_work():
        seed_intervals(laboratory, DAY, ACTOR)
    known = catalogue().analytes.values()
    held = intervals(laboratory, DAY)
    assert held == {
        (analyte.code, sex): interval
        for analyte in known
        for sex, interval in (("M", analyte.male), ("F", analyte.female))
        if interval is not None
    }
    assert str(held["CA", "M"].high) == "2.60"
    assert critical_limits(laboratory, DAY) == {a.code: a.critical for a in known if a.critical}


def test_what_is_read_judges(laboratory):
    with unit_of_work():
        seed_intervals(laboratory, DAY, ACTOR)
    limits = critical_limits(laboratory, DAY)
    assert is_critical(Decimal("6.5"), limits["K"])
    assert is_critical("Gram-negative rods", limits["BCUL"])
    assert not is_critical("No growth", limits["BCUL"])
    assert interval_for(intervals(laboratory, DAY), "HB", "F", 40).low == 120


def test_seeding_twice_adds_nothing_and_is_recorded_once(laboratory):
    with unit_of_work():
        first = seed_intervals(laboratory, DAY, ACTOR)
    with unit_of_work():
        second = seed_intervals(laboratory, DAY + dt.timedelta(days=1), ACTOR)
    assert first > 200
    assert second == 0
    events = select(func.count()).where(
        AuditEvent.action == "interval:seeded", AuditEvent.subject_id == laboratory
    )
    assert session().scalar(select(events.scalar_subquery())) == 1


def test_seeding_leaves_what_the_laboratory_holds(laboratory):
    with unit_of_work() as work:
        work.add(_interval(laboratory))
        work.flush()
        seed_intervals(laboratory, DAY)
    held = intervals(laboratory, DAY)
    assert held["K", "M"].high == Decimal("5.0")
    assert ("K", "F") not in held
    assert ("NA", "F") in held


def test_nothing_is_held_before_its_day(laboratory):
    with unit_of_work():
        seed_intervals(laboratory, DAY, ACTOR)
    assert intervals(laboratory, DAY - dt.timedelta(days=1)) == {}
    assert critical_limits(laboratory, DAY - dt.timedelta(days=1)) == {}


def test_a_later_interval_takes_over_on_its_day(laboratory):
    change = DAY + dt.timedelta(days=10)
    with unit_of_work() as work:
        work.add(_interval(laboratory, valid_to=change))
        work.add(_interval(laboratory, valid_from=change, high=Decimal("5.5")))
    assert intervals(laboratory, change - dt.timedelta(days=1))["K", "M"].high == Decimal("5.0")
    assert intervals(laboratory, change)["K", "M"].high == Decimal("5.5")


@pytest.mark.parametrize(
    "row",
    [
        lambda lab: _interval(lab, valid_to=DAY),
        lambda lab: _limit(lab, valid_to=DAY),
        lambda lab: _limit(lab, low_op=None),
        lambda lab: _limit(lab, low=None),
        lambda lab: _limit(lab, high=Decimal(7)),
        lambda lab: _limit(lab, high_op=HighOperator.ABOVE),
        lambda _: _interval(new_id()),
    ],
)
def test_the_database_refuses(laboratory, row):
    with pytest.raises(IntegrityError), unit_of_work() as work:
        work.add(row(laboratory))


@pytest.mark.parametrize("row", [_interval, _limit])
def test_one_row_a_laboratory_analyte_and_day(laboratory, row):
    with unit_of_work() as work:
        work.add(row(laboratory))
    with pytest.raises(IntegrityError), unit_of_work() as work:
        work.add(row(laboratory))
