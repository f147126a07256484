"""What a coordinator types about hours, runs and prices is read, and what cannot be read is said in words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.network.rules import (
    Departure,
    minute_text,
    price_text,
    read_minute,
    read_price,
    read_spell,
    read_times,
    spans,
    spans_text,
    spell_text,
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
    ("typed", "spell"),
    [
        ("", None),
        ("24 h", (0, 1440)),
        ("24h", (0, 1440)),
        ("07:00–20:00", (420, 1200)),
        ("0700-2000", (420, 1200)),
        ("7:00 to 20:00", (420, 1200)),
    ],
)
def test_opening_hours_are_read(typed, spell):
    assert read_spell(typed) == spell


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("07:00", "from and to"),
        ("20:00–07:00", "open before it closes"),
        ("07:00–07:00", "open before it closes"),
        ("07:00–26:00", "such as 07:30"),
    ],
)
def test_opening_hours_that_cannot_be_are_told(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_spell(typed)


@given(st.integers(0, 1439), st.integers(1, 1440))
def test_hours_that_are_written_are_read_again(opens, closes):
    if opens < closes:
        assert read_spell(spell_text(opens, closes)) == (opens, closes)


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
