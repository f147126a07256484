"""Every test, laboratory and time: what is offered, compared with somebody slow who looks at every minute."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.network.rules import Connection, Departure, OpenSpell, quickest
from lab_contingency.routing.rules import Asked, Candidate, Offer, Refusal, hour_of, judge

pytestmark = [pytest.mark.hazard("H30"), pytest.mark.feature(40)]

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
ORDINARY = dt.datetime(2026, 11, 24, 3, 12, tzinfo=dt.UTC)
CLOCKS_CHANGE = (
    dt.datetime(2026, 3, 28, 20, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 24, 20, 0, tzinfo=dt.UTC),
)
# What is offered is never later than a day after the door opens; the last hour of it is nobody's concern here.
SURE = 23 * HOUR


@dataclass(frozen=True)
class Case:
    """One question: may this test be done there at that time?"""

    asked: Asked
    candidate: Candidate
    now: dt.datetime
    before: int


@st.composite
def cases(draw, starts=(ORDINARY,)) -> Case:
    now = draw(st.sampled_from(starts)) + MINUTE * draw(st.integers(0, 7 * 1440))
    test = draw(st.sampled_from(sorted(catalogue().tests.values(), key=lambda one: one.code)))
    taken = draw(st.none() | st.integers(0, 30 * 60))
    return Case(
        Asked(
            test=test,
            needed_by=now + 2 * HOUR,
            tube=uuid.UUID(int=99),
            collected_at=None if taken is None else now - MINUTE * taken,
        ),
        Candidate(
            laboratory_id=uuid.UUID(int=1),
            name="Laboratory",
            own=draw(st.booleans()),
            turnaround=draw(st.none() | st.integers(1, 600).map(lambda n: MINUTE * n)),
            travel=draw(st.none() | st.integers(0, 300).map(lambda n: MINUTE * n)),
            hours=draw(weeks()),
            per_hour=tuple(draw(st.lists(st.integers(0, 3), min_size=24, max_size=24))),
            used=draw(used_hours(now)),
            slots=draw(st.none() | st.integers(0, 6)),
            slots_used=draw(used_days(now)),
        ),
        now,
        draw(st.integers(0, 4)),
    )


@st.composite
def weeks(draw) -> tuple[OpenSpell, ...]:
    if draw(st.booleans()):
        return tuple(OpenSpell(day, 0, 1440) for day in range(7))
    found = []
    for day in sorted(draw(st.sets(st.integers(0, 6)))):
        edges = sorted(draw(st.sets(st.integers(0, 1439), min_size=1, max_size=4)))
        found += [OpenSpell(day, *pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
        if len(edges) % 2:
            found.append(OpenSpell(day, edges[-1], edges[-1] + draw(st.integers(1, 1439))))
    return tuple(found)


@st.composite
def used_hours(draw, now) -> dict[dt.datetime, int]:
    hours = draw(st.dictionaries(st.integers(0, 30), st.integers(0, 4), max_size=10))
    return {hour_of(now) + HOUR * hour: count for hour, count in hours.items()}


@st.composite
def used_days(draw, now) -> dict[dt.date, int]:
    today = clock.london(now).date()
    days = draw(st.dictionaries(st.integers(0, 2), st.integers(0, 8), max_size=3))
    return {today + dt.timedelta(days=day): count for day, count in days.items()}


def is_open(candidate: Candidate, at: dt.datetime) -> bool:
    """Somebody stands at the door and looks at the clock on the wall."""
    wall = clock.london(at)
    midnights = (
        wall.replace(hour=0, minute=0, tzinfo=None) - dt.timedelta(days=ago) for ago in range(2)
    )
    return any(
        spell.weekday == midnight.weekday()
        and struck(midnight, spell.opens) <= at < struck(midnight, spell.closes)
        for midnight in midnights
        for spell in candidate.hours
    )


def struck(midnight: dt.datetime, minute: int) -> dt.datetime:
    """When the clock shows that time: the first time in autumn, as if it had not been put on in spring."""
    return clock.from_london(midnight + MINUTE * minute)


def first_minute(case: Case) -> dt.datetime | None:
    """Each test before it and then the test itself sits down in the first free minute; None within the sure time."""
    held, taken, days = case.candidate, Counter(), Counter()
    assert held.travel is not None
    moment = case.now + held.travel
    opened = None
    for _ in range(case.before + 1):
        while True:
            if is_open(held, moment):
                opened = opened or moment
                hour, day = hour_of(moment), clock.london(moment).date()
                full = held.used.get(hour, 0) + taken[hour]
                given = held.slots_used.get(day, 0) + days[day]
                room = full < held.per_hour[clock.london(moment).hour]
                if room and (held.slots is None or given < held.slots):
                    taken[hour] += 1
                    days[day] += 1
                    break
            moment += MINUTE
            if moment > case.now + dt.timedelta(days=9) or (opened and moment > opened + SURE):
                return None
    return moment


def expiry(case: Case) -> dt.datetime:
    """When the sample is too old, counted from now when nobody knows when it was taken."""
    return (case.asked.collected_at or case.now) + case.asked.test.reject_after


def check_offer(case: Case, answer: Offer) -> None:
    """Nothing that is offered lies outside menu, way, hours, room, slots or the life of the sample."""
    held, asked = case.candidate, case.asked
    assert held.turnaround is not None
    assert held.travel is not None
    if asked.test.bedside:
        assert held.own
        return
    assert answer.begins_at >= answer.arrives_at == case.now + held.travel
    assert answer.begins_at < expiry(case)
    assert is_open(held, answer.begins_at)
    hour, day = hour_of(answer.begins_at), clock.london(answer.begins_at).date()
    assert held.used.get(hour, 0) < held.per_hour[clock.london(answer.begins_at).hour]
    assert held.slots is None or held.slots_used.get(day, 0) < held.slots
    assert answer.result_at == answer.begins_at + held.turnaround


@given(cases())
@settings(deadline=None, max_examples=400)
def test_on_every_day_exactly_what_can_be_done_is_offered_and_at_the_first_free_minute(case):
    with clock.at(case.now):
        answer = judge(case.asked, case.candidate, case.now, before=case.before)
    if isinstance(answer, Offer):
        check_offer(case, answer)
    if (
        case.asked.test.bedside
        or case.candidate.turnaround is None
        or case.candidate.travel is None
    ):
        return
    wanted = first_minute(case)
    if wanted is not None and wanted < expiry(case):
        assert isinstance(answer, Offer), answer
        assert answer.begins_at == wanted
    elif wanted is not None:
        assert isinstance(answer, Refusal)


@given(cases(CLOCKS_CHANGE))
@settings(deadline=None, max_examples=200)
def test_in_the_nights_in_which_the_clocks_change_nothing_is_offered_that_cannot_be_done(case):
    with clock.at(case.now):
        answer = judge(case.asked, case.candidate, case.now, before=case.before)
    if isinstance(answer, Offer):
        check_offer(case, answer)


@given(
    travel=st.integers(0, 240),
    runs=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 1439)), max_size=5),
    on_demand=st.booleans(),
    closed=st.none() | st.integers(-60, 3 * 1440),
    wait=st.integers(0, 7 * 1440),
)
@example(travel=30, runs={(0, 0)}, on_demand=False, closed=None, wait=0)
@settings(deadline=None, max_examples=150)
def test_a_tube_leaves_with_the_first_run_after_the_way_opens(
    travel, runs, on_demand, closed, wait
):
    at = ORDINARY + MINUTE * wait
    until = None if closed is None else at + MINUTE * closed
    timetable = tuple(Departure(day, minute) for day, minute in runs)
    way = quickest(Connection(MINUTE * travel, on_demand, timetable, until), at)
    ready = at if until is None or until < at else until
    moment = ready
    while not on_demand and moment <= ready + dt.timedelta(days=8):
        wall = clock.london(moment)
        if (wall.weekday(), wall.hour * 60 + wall.minute) in runs:
            break
        moment += MINUTE
    if not on_demand and not runs:
        assert way is None
    else:
        assert way is not None
        assert (way.leaves_at, way.arrives_at) == (moment, moment + MINUTE * travel)
