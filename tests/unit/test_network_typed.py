"""What a coordinator types about hours, runs and prices is read, and what cannot be read is said in words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.network.rules import (
    DAY,
    Departure,
    OpenSpell,
    minute_text,
    price_text,
    read_minute,
    read_price,
    read_spells,
    read_times,
    spans,
    spans_text,
    spells_text,
    spells_words,
    timetable_text,
)

pytestmark = pytest.mark.feature(32)


@given(st.integers(0, 1440))
def test_a_minute_that_is_written_is_read_again(minute):
    assert read_minute(minute_text(minute)) == minute


@pytest.mark.parametrize(
    ("typed", "minute"), [("7:30", 450), ("07.30", 450), ("0730", 450), (" 24:00 ", 1440)]
)
def test_a_time_is_read_however_it_is_typed(typed, minute):
    assert read_minute(typed) == minute


@pytest.mark.parametrize("typed", ["", "7", "24:01", "25:00", "07:60", "seven", "٠٧:٣٠"])
def test_what_is_no_time_is_told(typed):
    with pytest.raises(ValueError, match="Type times such as 07:30"):
        read_minute(typed)


@pytest.mark.parametrize(
    ("typed", "spells"),
    [
        ("", []),
        ("shut", []),
        ("24 h", [(0, 1440)]),
        ("24h", [(0, 1440)]),
        ("24 hours", [(0, 1440)]),
        ("00:00-24:00", [(0, 1440)]),
        ("07:00–20:00", [(420, 1200)]),
        ("0700-2000", [(420, 1200)]),
        ("7:00 to 20:00", [(420, 1200)]),
        ("08:00-12:00, 14:00-18:00", [(480, 720), (840, 1080)]),
        ("08:00-12:00; 14:00-18:00;", [(480, 720), (840, 1080)]),
        ("14:00 – 18:00 and 08:00 – 12:00", [(480, 720), (840, 1080)]),
        ("0800-1200 1400-1800", [(480, 720), (840, 1080)]),
        ("20:00-08:00", [(1200, 1920)]),
        ("20:00–08:00 next day", [(1200, 1920)]),
        ("20:00 to 08:00 the next day", [(1200, 1920)]),
        ("20:00-08:00 (next day)", [(1200, 1920)]),
        ("08:00–06:00 next day", [(480, 1800)]),
        ("17:00-09:00", [(1020, 1980)]),
        ("20:00-24:00", [(1200, 1440)]),
        ("20:00-00:00", [(1200, 1440)]),
        ("00:00-02:00, 22:00-02:00", [(0, 120), (1320, 1560)]),
        ("08:00-12:00, 12:00-18:00", [(480, 720), (720, 1080)]),
    ],
)
def test_opening_hours_are_read(typed, spells):
    assert read_spells(typed, 3) == tuple(OpenSpell(3, *spell) for spell in spells)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("07:00", "from and to, such as 07:00–20:00"),
        ("07:00 20:00", "from and to"),
        (",", "from and to"),
        ("20:00–00:00 next day", "over by midnight"),
        ("8–12 h", "such as 07:30, not “8”"),
        ("07:00–07:00", "cannot open and close at the same time"),
        ("00:00–00:00", "round the clock is 24 h"),
        ("24:00–08:00", "Midnight is 00:00 of the next day"),
        ("07:00–26:00", "such as 07:30"),
        ("08:00–06:00", "08:00 to 06:00 the next day is 22 h. Type “08:00–06:00 next day”"),
        ("12:30–5:30", "is 17 h. Type “12:30–05:30 next day” if that is meant"),
        ("20:00–22:00 next day", "leave “next day” out"),
        ("08:00–13:00, 12:00–18:00", "12:00 to 18:00 begins before 08:00 to 13:00 has ended"),
        ("08:00–12:00, 08:00–18:00", "begins before"),
        ("24 h, 08:00–12:00", "begins before 24 h has ended"),
        ("20:00–08:00, 22:00–23:00", "before 20:00 to 08:00 the next day has ended"),
        ("08:00–12:00, night", "such as 07:00–20:00"),
    ],
)
def test_opening_hours_that_cannot_be_are_told(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_spells(typed)


@st.composite
def days_with_hours(draw) -> tuple[OpenSpell, ...]:
    """Spells one after another; the last may run past midnight."""
    edges = sorted(draw(st.sets(st.integers(0, DAY - 1), min_size=2, max_size=8)))
    spells = [OpenSpell(4, *pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    if len(edges) % 2:
        spells.append(OpenSpell(4, edges[-1], DAY + draw(st.integers(0, edges[-1] - 1))))
    return tuple(spells)


@given(days_with_hours())
def test_hours_that_are_written_are_read_again(spells):
    assert read_spells(spells_text(spells), 4) == spells


@given(days_with_hours())
def test_what_a_page_says_can_be_typed(spells):
    if all(spell.closes <= DAY for spell in spells) or len(spells) == 1:
        assert read_spells(spells_words(spells), 4) == spells


@pytest.mark.parametrize(
    ("typed", "written", "words"),
    [
        ("20:00-08:00", "20:00–08:00 next day", "20:00 to 08:00 the next day"),
        (
            "0800-1200,1400-1800",
            "08:00–12:00, 14:00–18:00",
            "08:00 to 12:00 and 14:00 to 18:00",
        ),
        ("24 hours", "24 h", "24 h"),
        ("20:00-00:00", "20:00–24:00", "20:00 to 24:00"),
        ("", "", ""),
    ],
)
def test_a_day_is_written_for_its_box_and_for_the_page(typed, written, words):
    spells = read_spells(typed)
    assert (spells_text(spells), spells_words(spells)) == (written, words)


def test_the_times_of_a_van_are_read_in_order_and_once():
    assert read_times("17:30, 07:30 12.00;0730") == (450, 720, 1050)
    assert read_times("") == ()
    with pytest.raises(ValueError, match="Midnight is 00:00"):
        read_times("24:00")


@given(st.lists(st.integers(0, 3), min_size=24, max_size=24))
def test_hours_with_the_same_number_stand_together_and_none_is_lost(per_hour):
    found = spans(per_hour)
    assert [number for first, last, number in found for _ in range(first, last)] == per_hour
    assert all(one[2] != other[2] for one, other in itertools.pairwise(found))


def test_hours_without_any_are_not_written():
    assert spans_text([0] * 7 + [10] * 13 + [0] * 4) == "7–20 10"
    assert spans_text([0] * 24) == ""


@pytest.mark.feature(33)
@pytest.mark.parametrize(
    ("typed", "pence", "written"),
    [("4.20", 420, "£4.20"), ("£1,004", 100_400, "£1,004.00"), ("", None, ""), ("0", 0, "£0.00")],
)
def test_a_price_is_read_and_written(typed, pence, written):
    assert read_price(typed) == pence
    assert price_text(pence) == written


@pytest.mark.parametrize("typed", ["4.2", "-1", "four", "4,20 €"])
def test_what_is_no_price_is_told(typed):
    with pytest.raises(ValueError, match=r"pounds and pence such as 4\.20"):
        read_price(typed)


def test_days_with_the_same_runs_are_written_together():
    runs = [Departure(day, minute) for day in range(5) for minute in (450, 720)]
    assert timetable_text([*runs, Departure(6, 540)]) == "Mon–Fri 07:30 12:00; Sun 09:00"
    assert timetable_text([]) == ""
