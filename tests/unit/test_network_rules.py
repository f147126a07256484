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
    drawn,
    is_open,
    opens_next,
    overlaps,
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


NIGHTS = tuple(OpenSpell(day, 1200, 1920) for day in range(7))  # 20:00 to 08:00 the next day
BREAKS = tuple(
    OpenSpell(day, *spell) for day in range(5) for spell in ((480, 720), (840, 1080))
)  # 08:00 to 12:00 and 14:00 to 18:00, shut at the weekend
SUNDAY_NIGHT = (OpenSpell(6, 1320, 1800),)  # 22:00 to 06:00 on Monday


@pytest.mark.parametrize(
    ("hours", "wall", "opens", "closes"),
    [
        (NIGHTS, "2026-03-02 03:00", "2026-03-02 03:00", "2026-03-02 08:00"),  # from Sunday
        (NIGHTS, "2026-03-02 08:00", "2026-03-02 20:00", None),
        (NIGHTS, "2026-03-02 12:00", "2026-03-02 20:00", None),
        (NIGHTS, "2026-03-02 20:00", "2026-03-02 20:00", "2026-03-03 08:00"),
        (NIGHTS, "2026-03-02 23:59", "2026-03-02 23:59", "2026-03-03 08:00"),
        (NIGHTS, "2026-07-01 00:00", "2026-07-01 00:00", "2026-07-01 08:00"),  # summer time
        (BREAKS, "2026-03-02 07:00", "2026-03-02 08:00", None),
        (BREAKS, "2026-03-02 11:59", "2026-03-02 11:59", "2026-03-02 12:00"),
        (BREAKS, "2026-03-02 12:00", "2026-03-02 14:00", None),
        (BREAKS, "2026-03-02 14:00", "2026-03-02 14:00", "2026-03-02 18:00"),
        (BREAKS, "2026-03-06 18:00", "2026-03-09 08:00", None),  # Friday: Monday
        (SUNDAY_NIGHT, "2026-03-01 23:00", "2026-03-01 23:00", "2026-03-02 06:00"),
        (SUNDAY_NIGHT, "2026-03-02 05:59", "2026-03-02 05:59", "2026-03-02 06:00"),
        (SUNDAY_NIGHT, "2026-03-02 06:00", "2026-03-08 22:00", None),
        # The clocks go forward on Sunday 29 March at 01:00 and back on Sunday 25 October at 02:00.
        (NIGHTS, "2026-03-29 00:30", "2026-03-29 00:30", "2026-03-29 08:00"),
        (NIGHTS, "2026-03-29 12:00", "2026-03-29 20:00", None),
        (NIGHTS, "2026-10-25 00:30", "2026-10-25 00:30", "2026-10-25 08:00"),
        (SUNDAY_NIGHT, "2026-03-29 12:00", "2026-03-29 22:00", None),
    ],
)
def test_nights_and_breaks(hours, wall, opens, closes):
    at = london(wall)
    assert opens_next(hours, at) == london(opens)
    assert closes_next(hours, at) == (london(closes) if closes else None)
    assert is_open(hours, at) is (wall == opens)


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-03-28", 11), ("2026-10-24", 13), ("2026-11-24", 12)]
)
def test_a_night_is_an_hour_shorter_or_longer_when_the_clocks_change(night, hours):
    opens = london(f"{night} 20:00")
    assert closes_next(NIGHTS, opens) - opens == dt.timedelta(hours=hours)


def test_what_closes_in_the_hour_that_comes_twice_closes_once():
    until_half_past = (OpenSpell(5, 1200, 1440 + 90),)  # Saturday 20:00 to 01:30
    at = dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC)
    closes = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 01:30 for the first time
    assert closes_next(until_half_past, at) == closes
    assert not is_open(until_half_past, closes + dt.timedelta(minutes=45))
    assert opens_next(until_half_past, closes) == london("2026-10-31 20:00")


def test_what_opens_in_the_hour_that_is_skipped_opens_an_hour_on():
    early = (OpenSpell(6, 90, 480),)  # Sunday 01:30 to 08:00
    assert opens_next(early, london("2026-03-29 00:30")) == london("2026-03-29 02:30")
    skipped = (OpenSpell(6, 90, 135),)  # nothing is left of 01:30 to 02:15
    assert opens_next(skipped, london("2026-03-29 00:30")) == london("2026-04-05 01:30")


def test_a_day_and_a_night_that_touch_are_round_the_clock():
    both = (*NIGHTS, *(OpenSpell(day, 480, 1200) for day in range(7)))
    at = london("2026-03-02 08:00")
    assert is_open(both, at)
    assert closes_next(both, at) is None


MONDAY = OpenSpell(0, 420, 1200)


@pytest.mark.parametrize(
    ("spells", "found"),
    [
        ((), ()),
        (NIGHTS, ()),
        (BREAKS, ()),
        (ALWAYS, ()),
        ((OpenSpell(6, 1200, 1860), MONDAY), ()),  # ends at 07:00, when Monday begins
        ((OpenSpell(6, 1200, 1861), MONDAY), ((OpenSpell(6, 1200, 1861), MONDAY),)),
        ((MONDAY, OpenSpell(0, 480, 540)), ((MONDAY, OpenSpell(0, 480, 540)),)),
        ((MONDAY, OpenSpell(0, 1200, 1300)), ()),
        (
            (OpenSpell(2, 0, 1440), OpenSpell(2, 60, 120), OpenSpell(2, 180, 240)),
            (
                (OpenSpell(2, 0, 1440), OpenSpell(2, 60, 120)),
                (OpenSpell(2, 0, 1440), OpenSpell(2, 180, 240)),
            ),
        ),
        (
            (OpenSpell(1, 1200, 2400), OpenSpell(2, 480, 1020)),
            ((OpenSpell(1, 1200, 2400), OpenSpell(2, 480, 1020)),),
        ),
    ],
)
def test_spells_that_overlap_are_found_also_from_sunday_into_monday(spells, found):
    assert overlaps(spells) == found
    assert overlaps(reversed(spells)) == found


@pytest.mark.parametrize(
    ("spells", "weekday", "parts"),
    [
        (NIGHTS, 0, ((0, 480), (1200, 1440))),
        (SUNDAY_NIGHT, 0, ((0, 360),)),
        (SUNDAY_NIGHT, 6, ((1320, 1440),)),
        (SUNDAY_NIGHT, 1, ()),
        (BREAKS, 4, ((480, 720), (840, 1080))),
        (ALWAYS, 3, ((0, 1440),)),
        ((*NIGHTS, OpenSpell(2, 480, 720)), 2, ((0, 720), (1200, 1440))),
    ],
)
def test_a_day_is_drawn_with_what_is_left_of_the_night_before(spells, weekday, parts):
    assert drawn(spells, weekday) == parts


weeks = st.sets(
    st.builds(OpenSpell, st.integers(0, 6), st.integers(0, 1439), st.just(0)), max_size=9
).map(
    lambda found: tuple(
        OpenSpell(day, opens, opens + 1 + (opens * 37 + day * 11) % 1439) for day, opens, _ in found
    )
)


@given(weeks, moments)
def test_open_is_where_a_spell_is_and_between_opening_and_closing_nothing_changes(spells, at):
    opens, closes = opens_next(spells, at), closes_next(spells, at)
    assert is_open(spells, at) is (opens == at)
    if closes is not None:
        assert is_open(spells, closes - dt.timedelta(minutes=1))
        assert not is_open(spells, closes)
    if opens is not None and opens > at:
        assert is_open(spells, opens)
        assert not is_open(spells, opens - dt.timedelta(minutes=1))
        assert opens - at <= dt.timedelta(days=7, hours=1)
    if not spells:
        assert opens is None


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
