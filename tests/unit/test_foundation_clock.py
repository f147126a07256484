"""The clock and the row keys that are made from it."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from lab_contingency.foundation import clock
from lab_contingency.foundation.identity import new_id

NIGHT = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)


def test_the_time_is_aware_utc():
    assert clock.now().tzinfo is dt.UTC


def test_a_simulated_moment_is_told_until_the_block_ends():
    with clock.at(NIGHT):
        inside = clock.now()
        with clock.at(NIGHT + dt.timedelta(hours=1)):
            nested = clock.now()
        after = clock.now()

    assert (inside, nested, after) == (NIGHT, NIGHT + dt.timedelta(hours=1), NIGHT)
    assert clock.now() != NIGHT


def test_a_simulated_moment_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"), clock.at(dt.datetime(2026, 11, 24)):
        pass


def test_a_moment_of_another_zone_is_kept_as_utc():
    tokyo = dt.timezone(dt.timedelta(hours=9))

    with clock.at(dt.datetime(2026, 11, 24, 12, 5, tzinfo=tokyo)):
        assert clock.now() == NIGHT
        assert clock.now().tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("wall", "utc_hour"),
    [
        (dt.datetime(2026, 1, 5, 3, 0), 3),
        (dt.datetime(2026, 7, 5, 3, 0), 2),
        (dt.datetime(2026, 10, 25, 1, 30), 0),  # twice that night: the first is meant
        (dt.datetime(2026, 3, 29, 1, 30), 1),  # skipped that night: read as before the change
    ],
)
def test_a_wall_clock_time_of_london_is_read_as_utc(wall, utc_hour):
    assert clock.from_london(wall).hour == utc_hour
    assert clock.from_london(wall).tzinfo is dt.UTC


def test_keys_made_later_sort_later():
    made = []
    for minute in range(50):
        with clock.at(NIGHT + dt.timedelta(minutes=minute)):
            made.append(new_id())

    assert made == sorted(made)


def test_keys_are_uuids_of_version_7_and_never_the_same():
    with clock.at(NIGHT):
        made = {new_id() for _ in range(2000)}

    assert len(made) == 2000
    assert {key.version for key in made} == {7}
    assert {key.variant for key in made} == {uuid.RFC_4122}
    assert {key.int >> 80 for key in made} == {int(NIGHT.timestamp() * 1000)}
