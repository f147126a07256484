"""What a plan counts with where laboratories work at night or have a break: hours that are open, places, options."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.network.rules import OpenSpell
from lab_contingency.routing.planning.rules.options import (
    Standing,
    begins_at,
    openings,
    option_of,
    rooms_of,
)
from lab_contingency.routing.rules import Asked, Candidate, Offer, judge

pytestmark = [pytest.mark.feature(93), pytest.mark.hazard("H30")]

NIGHTS = tuple(OpenSpell(day, 1200, 1920) for day in range(7))  # 20:00 to 08:00 the next day
BREAKS = tuple(OpenSpell(day, *spell) for day in range(7) for spell in ((480, 735), (825, 1080)))
SUNDAY_NIGHT = (OpenSpell(6, 1320, 1800),)  # 22:00 to 06:00 on Monday
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
NOTHING = Standing(carried=False, chosen_elsewhere=False, tube_elsewhere=False)


def london(text: str) -> dt.datetime:
    return clock.from_london(dt.datetime.fromisoformat(text))


def a_laboratory(hours) -> Candidate:
    """Half an hour away, two places in each hour."""
    return Candidate(
        uuid.UUID(int=1), "Laboratory", own=True, turnaround=HOUR, travel=30 * MINUTE, hours=hours,
        per_hour=(2,) * 24,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "now", "open_hours"),
    [
        (NIGHTS, "2026-11-24 22:10", [*range(10), 22, 23]),
        (NIGHTS, "2026-11-24 08:00", [*range(12, 24)]),
        (NIGHTS, "2026-11-24 12:00", [*range(8, 20)]),
        (BREAKS, "2026-11-24 06:00", [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        (SUNDAY_NIGHT, "2026-11-29 20:00", [*range(2, 10)]),
        (SUNDAY_NIGHT, "2026-11-30 05:30", [0]),
        # One hour less to wait for the evening, one more until the morning.
        (NIGHTS, "2026-03-28 20:00", [*range(11), 23]),
        (NIGHTS, "2026-10-24 21:00", [*range(12)]),
    ],
)
def test_the_open_hours_of_a_plan_and_their_places(hours, now, open_hours):
    held, at = a_laboratory(hours), london(now)
    opening = openings(held, at)
    assert [hour for hour, moment in enumerate(opening) if moment] == open_hours
    rooms = rooms_of(held, opening, at)
    assert [hour for hour, places in enumerate(rooms) if places] == open_hours


def test_after_a_break_work_begins_with_the_minute_of_opening():
    opening = openings(a_laboratory(BREAKS), london("2026-11-24 11:30"))
    assert opening[1] == london("2026-11-24 12:00")
    assert opening[2] == london("2026-11-24 13:45")


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        (NIGHTS, "2026-11-24 18:00", "2026-11-24 20:00"),
        (NIGHTS, "2026-11-24 23:50", "2026-11-25 00:20"),
        (NIGHTS, "2026-11-25 07:20", "2026-11-25 07:50"),
        (NIGHTS, "2026-11-25 16:40", "2026-11-25 20:00"),
        (BREAKS, "2026-11-24 11:50", "2026-11-24 13:45"),
        (SUNDAY_NIGHT, "2026-11-29 23:45", "2026-11-30 00:15"),
        (NIGHTS, "2026-03-29 00:45", "2026-03-29 02:15"),
    ],
)
def test_a_plan_and_the_judge_agree_when_work_begins(hours, now, begins):
    held, at = a_laboratory(hours), london(now)
    asked = Asked(
        catalogue().test("UE"), needed_by=at + 4 * HOUR, tube=uuid.UUID(int=9), collected_at=at
    )
    answer = judge(asked, held, at)
    assert isinstance(answer, Offer)
    assert answer.begins_at == london(begins)
    opening = openings(held, at)
    option = option_of(0, asked, held, opening, at, NOTHING)
    assert option is not None
    assert opening[option.first] is not None
    assert begins_at(opening, answer.begins_at, option.first) == answer.begins_at


def test_a_full_night_goes_on_after_midnight_and_no_longer_than_the_morning():
    at = london("2026-11-24 22:00")
    asked = Asked(catalogue().test("UE"), needed_by=at + 4 * HOUR, tube=uuid.UUID(int=9), collected_at=at)  # fmt: skip
    held = a_laboratory(NIGHTS)
    begun = [judge(asked, held, at, before=before).begins_at for before in (0, 3, 4, 18)]
    assert begun == [
        london(f"2026-11-2{wall}") for wall in ("4 22:30", "4 23:00", "5 00:00", "5 07:00")
    ]
