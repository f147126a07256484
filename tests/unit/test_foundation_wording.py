"""How dates, times and durations are written, and read again as people type them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import (
    and_text,
    count_text,
    date_text,
    day_time_text,
    duration_text,
    full_time_text,
    near_time_text,
    read_date,
    read_moment,
    time_text,
    until_text,
    with_object,
)

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
# Whole minutes; the hour that stands twice on the wall clock in October has only one reading.
MOMENTS = (
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2050, 1, 1), timezones=st.just(dt.UTC))
    .map(lambda moment: moment.replace(second=0, microsecond=0))
    .filter(lambda moment: not clock.london(moment).fold)
)
NIGHT = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)


@given(DAYS)
def test_a_written_date_is_read_as_the_same_day(day):
    assert read_date(date_text(day)) == day


@given(DAYS)
@pytest.mark.parametrize(
    "shape", ["%d/%m/%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d", "%d %b %Y", "%d%b%Y", "%-d-%-m-%Y"]
)
def test_a_date_is_read_in_every_shape_people_type(shape, day):
    assert read_date(day.strftime(shape)) == day


@given(st.text(max_size=20))
def test_any_other_text_is_refused_with_a_sentence(typed):
    try:
        read = read_date(typed)
    except ValueError as refused:
        assert str(refused).endswith(".")
    else:
        assert isinstance(read, dt.date)


@pytest.mark.parametrize(
    "typed", ["31/02/2001", "00/01/2001", "12/13/2001", "4-Foo-1958", "4/11/58", ""]
)
def test_a_day_that_the_calendar_lacks_is_refused(typed):
    with pytest.raises(ValueError, match=r"\.$"):
        read_date(typed)


@given(MOMENTS)
def test_a_written_moment_is_read_as_the_same_moment(moment):
    assert read_moment(full_time_text(moment), near=moment) == moment


@given(MOMENTS, st.integers(0, 23 * 60))
def test_a_bare_time_means_the_latest_such_moment(moment, minutes):
    near = moment + dt.timedelta(minutes=minutes)

    read = read_moment(time_text(moment), near=near)

    assert time_text(read) == time_text(moment)
    assert near - dt.timedelta(hours=25) <= read <= near + dt.timedelta(minutes=70)


@given(MOMENTS, st.integers(1, 22 * 60))
def test_a_bare_time_to_come_means_the_next_such_moment(near, minutes):
    wanted = near + dt.timedelta(minutes=minutes)

    read = read_moment(time_text(wanted), near=near, future=True)

    assert clock.london(read).replace(tzinfo=None).strftime("%H:%M") == time_text(wanted)
    assert near - dt.timedelta(hours=1) <= read <= near + dt.timedelta(hours=26)


def test_a_bare_time_may_run_a_little_ahead_of_a_slow_clock():
    assert read_moment("03:10", near=NIGHT) == NIGHT + dt.timedelta(minutes=5)
    assert read_moment("0320", near=NIGHT) == NIGHT - dt.timedelta(hours=23, minutes=45)


def test_a_moment_with_its_day_is_read_in_the_year_it_is_near_to():
    assert read_moment("23-Nov 21:40", near=NIGHT) == dt.datetime(
        2026, 11, 23, 21, 40, tzinfo=dt.UTC
    )


def test_a_moment_of_last_december_typed_in_january_is_of_last_year():
    january = dt.datetime(2027, 1, 1, 1, 0, tzinfo=dt.UTC)

    assert read_moment("31-Dec 23:10", near=january) == dt.datetime(
        2026, 12, 31, 23, 10, tzinfo=dt.UTC
    )


def test_a_moment_of_next_january_typed_in_december_is_of_next_year():
    december = dt.datetime(2026, 12, 31, 22, 0, tzinfo=dt.UTC)

    read = read_moment("01-Jan 03:00", near=december, future=True)

    assert read == dt.datetime(2027, 1, 1, 3, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "24:00",
        "3 o'clock",
        "12:60",
        "now",
        "",
        "32-Nov 03:00",
        "2026-11-24 25:00",
        "2026-02-31 03:00",
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence_in_plain_words(typed):
    with pytest.raises(ValueError, match=r"^(Type|That day).*\.?$"):
        read_moment(typed, near=NIGHT)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (33, "33 min"),
        (60, "1 h"),
        (78, "1 h 18 min"),
        (2879, "47 h 59 min"),
        (4560, "3 d 4 h"),
    ],
)
def test_a_duration_is_written_in_at_most_two_units(minutes, text):
    assert duration_text(dt.timedelta(minutes=minutes)) == text
    assert duration_text(-dt.timedelta(minutes=minutes)) == text


def test_what_is_late_says_so_in_a_word():
    assert until_text(NIGHT + dt.timedelta(minutes=33), NIGHT) == "in 33 min"
    assert until_text(NIGHT - dt.timedelta(minutes=12), NIGHT) == "OVERDUE 12 min"


def test_a_time_of_another_day_carries_its_day():
    with clock.at(NIGHT):
        assert near_time_text(NIGHT) == "03:05"
        assert near_time_text(NIGHT - dt.timedelta(days=1)) == "23-Nov 03:05"
    assert day_time_text(NIGHT) == "24-Nov 03:05"


def test_times_are_those_of_the_wall_clock_in_london():
    assert time_text(dt.datetime(2026, 7, 1, 2, 0, tzinfo=dt.UTC)) == "03:00"
    assert full_time_text(dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)) == "01-Jul-2026 00:30"


def test_counts_and_lists_read_as_sentences():
    assert (count_text(1, "tube"), count_text(2, "tube")) == ("1 tube", "2 tubes")
    assert count_text(12_400, "person", "people") == "12,400 people"
    assert (and_text([]), and_text(["a"]), and_text(["a", "b"])) == ("", "a", "a and b")
    assert and_text(("a", "b", "c")) == "a, b and c"


@pytest.mark.parametrize(
    ("near", "typed", "meant"),
    [
        # 25-Oct-2026: 01:35 stands twice on the wall clock, at 00:35 and at 01:35 UTC
        (
            dt.datetime(2026, 10, 25, 1, 40, tzinfo=dt.UTC),
            "01:35",
            dt.datetime(2026, 10, 25, 1, 35, tzinfo=dt.UTC),
        ),
        (
            dt.datetime(2026, 10, 25, 0, 40, tzinfo=dt.UTC),
            "01:35",
            dt.datetime(2026, 10, 25, 0, 35, tzinfo=dt.UTC),
        ),
        (
            dt.datetime(2026, 10, 25, 1, 40, tzinfo=dt.UTC),
            "25-Oct 01:35",
            dt.datetime(2026, 10, 25, 1, 35, tzinfo=dt.UTC),
        ),
        (
            dt.datetime(2026, 10, 25, 0, 40, tzinfo=dt.UTC),
            "2026-10-25 01:35",
            dt.datetime(2026, 10, 25, 0, 35, tzinfo=dt.UTC),
        ),
    ],
)
def test_in_the_hour_that_stands_twice_the_latest_that_has_been_is_meant(near, typed, meant):
    assert read_moment(typed, near=near) == meant


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-61, "OVERDUE 1 min"),
        (-59, "OVERDUE just now"),
        (0, "in under 1 min"),
        (59, "in under 1 min"),
        (60, "in 1 min"),
    ],
)
def test_nothing_is_overdue_or_due_by_no_minutes(seconds, words):
    assert until_text(NIGHT + dt.timedelta(seconds=seconds), NIGHT) == words


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("receive", "receive it"),
        ("hand over", "hand it over"),
        ("send after all", "send it after all"),
        ("void the label of", "void the label of it"),
        ("put another label on", "put another label on it"),
    ],
)
def test_what_is_done_stands_where_people_put_it(verb, words):
    assert with_object(verb) == words
    assert with_object(verb, "them") == words.replace(" it", " them")
