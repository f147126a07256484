"""Opening hours on the London wall clock, also across the change of clocks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation import clock
from lab_contingency.network.rules import (
    Connection,
    Departure,
    OpenSpell,
    Way,
    closes_next,
    conflict_of_alternatives,
    is_open,
    opens_next,
    quickest,
)

ALWAYS = tuple(OpenSpell(day, 0, 1440) for day in range(7))
DAYS = tuple(OpenSpell(day, 420, 1200) for day in range(6))  # 07:00–20:00, shut on Sunday
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=dt.UTC, microsecond=0)
)


def london(text: str) -> dt.datetime:
    return clock.from_london(dt.datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("wall", "is_it"),
    [
        ("2026-03-02 06:59", False),
        ("2026-03-02 07:00", True),
        ("2026-03-02 19:59", True),
        ("2026-03-02 20:00", False),
        ("2026-03-01 12:00", False),  # Sunday
        ("2026-07-01 07:00", True),  # summer time
        ("2026-07-01 06:30", False),
    ],
)
def test_open_from_seven_to_eight_but_on_sunday(wall, is_it):
    assert is_open(DAYS, london(wall)) is is_it


@pytest.mark.parametrize(
    ("wall", "opens"),
    [
        ("2026-03-02 06:00", "2026-03-02 07:00"),
        ("2026-03-02 09:13", "2026-03-02 09:13"),
        ("2026-03-02 21:00", "2026-03-03 07:00"),
        ("2026-02-28 20:00", "2026-03-02 07:00"),  # Saturday evening: Monday
        ("2026-03-28 21:00", "2026-03-30 07:00"),  # over the night the clocks go forward
    ],
)
def test_opens_next(wall, opens):
    assert opens_next(DAYS, london(wall)) == london(opens)


def test_once_a_week_comes_round_again():
    tuesday = (OpenSpell(1, 540, 600),)
    assert opens_next(tuesday, london("2026-03-03 11:00")) == london("2026-03-10 09:00")


def test_never_open():
    assert opens_next((), london("2026-03-02 12:00")) is None
    assert closes_next((), london("2026-03-02 12:00")) is None


def test_closes_next():
    assert closes_next(DAYS, london("2026-03-02 12:00")) == london("2026-03-02 20:00")
    assert closes_next(DAYS, london("2026-03-02 21:00")) is None
    assert closes_next(ALWAYS, london("2026-03-02 12:00")) is None


def test_a_night_over_midnight_is_one_stretch():
    night = (OpenSpell(0, 1200, 1440), OpenSpell(1, 0, 480))
    assert closes_next(night, london("2026-03-02 23:00")) == london("2026-03-03 08:00")


@given(moments)
def test_round_the_clock_is_always_open(at):
    assert is_open(ALWAYS, at)
    assert opens_next(ALWAYS, at) == at


@given(moments)
def test_where_it_opens_next_it_is_open(at):
    opens = opens_next(DAYS, at)
    assert opens >= at
    assert is_open(DAYS, opens)


@pytest.mark.parametrize(
    ("analytes", "refused"), [("TNT TNI", True), ("TNT", False), ("TNI", False), ("NA K", False)]
)
def test_troponin_is_t_or_i(analytes, refused):
    assert (conflict_of_alternatives(analytes.split()) is not None) is refused


def _london(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC)


class TestTheWayThere:
    """Somebody goes at once, or with the next run of the timetable."""

    VAN = Connection(
        dt.timedelta(minutes=40), on_demand=False, runs=(Departure(1, 270), Departure(3, 270))
    )

    def test_a_courier_on_demand_leaves_at_once(self):
        way = quickest(Connection(dt.timedelta(minutes=25)), _london(24, 3, 12))
        assert way == Way(_london(24, 3, 12), _london(24, 3, 37))

    def test_a_run_is_waited_for(self):
        way = quickest(self.VAN, _london(24, 3, 12))  # a Tuesday
        assert way == Way(_london(24, 4, 30), _london(24, 5, 10), by_run=True)

    def test_the_minute_of_departure_still_catches_it_and_the_next_waits_two_days(self):
        assert quickest(self.VAN, _london(24, 4, 30)).leaves_at == _london(24, 4, 30)
        assert quickest(self.VAN, _london(24, 4, 31)).leaves_at == _london(26, 4, 30)

    def test_nothing_goes_while_the_way_is_closed(self):
        closed = replace(self.VAN, closed_until=_london(24, 5))
        assert quickest(closed, _london(24, 3)).leaves_at == _london(26, 4, 30)
        at_will = Connection(dt.timedelta(minutes=25), closed_until=_london(24, 5))
        assert quickest(at_will, _london(24, 3)).leaves_at == _london(24, 5)

    def test_a_link_without_runs_leads_nowhere(self):
        assert quickest(replace(self.VAN, runs=()), _london(24, 3)) is None
