"""A laboratory as it stands for a test, made into what the planner counts with: hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.network.rules import opens_next
from lab_contingency.routing.planning.rules.problem import ALIQUOT, HOURS, Option
from lab_contingency.routing.rules import Asked, Candidate, hour_of, usable_until

HOUR = dt.timedelta(hours=1)
# The same assay for every sample of a series: its laboratories' values cannot be compared.
SERIES = frozenset({"TROP"})
SERIES_WITHIN = dt.timedelta(hours=24)
_QUARTER = 4
_CARRIED, _PARTNER, _CHOSEN_ELSEWHERE = 0.25, 0.25, 0.5

Openings = tuple[dt.datetime | None, ...]
"""When work can begin in each hour of the plan; None while the laboratory is shut."""


def openings(candidate: Candidate, now: dt.datetime) -> Openings:
    """The first open moment of each hour, the running one from now on."""
    start = hour_of(now)
    found: list[dt.datetime | None] = []
    for hour in range(HOURS):
        moment = opens_next(candidate.hours, max(start + hour * HOUR, now))
        found.append(moment if moment and moment < start + (hour + 1) * HOUR else None)
    return tuple(found)


def rooms_of(candidate: Candidate, opening: Openings, now: dt.datetime) -> tuple[int, ...]:
    """Places left in each hour."""
    start = hour_of(now)
    starts = (start + hour * HOUR for hour in range(HOURS))
    return tuple(
        max(candidate.per_hour[clock.london(at).hour] - candidate.used.get(at, 0), 0)
        if open_at
        else 0
        for at, open_at in zip(starts, opening, strict=True)
    )


def days_of(now: dt.datetime) -> tuple[tuple[int, ...], tuple[dt.date, ...]]:
    """The London day of each hour, counted from 0, and which days they are."""
    dates = [clock.london(hour_of(now) + hour * HOUR).date() for hour in range(HOURS)]
    known = tuple(dict.fromkeys(dates))
    return tuple(known.index(date) for date in dates), known


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a test's past speaks for or against a laboratory: carried there, chosen before, parted from its tube."""

    carried: bool
    chosen_elsewhere: bool
    tube_elsewhere: bool

    def effort(self, candidate: Candidate) -> float:
        """In hours."""
        return (
            _CARRIED * self.carried
            + _PARTNER * (not candidate.own)
            + _CHOSEN_ELSEWHERE * self.chosen_elsewhere
            + ALIQUOT * self.tube_elsewhere
        )


def option_of(
    place: int,
    asked: Asked,
    candidate: Candidate,
    opening: Openings,
    now: dt.datetime,
    standing: Standing,
) -> Option | None:
    """What the laboratory can do for the test; None where it cannot within a day, rooms aside."""
    if candidate.takes_nothing or asked.stop:
        return None
    if candidate.turnaround is None or candidate.travel is None:
        return None
    start, expires_at = hour_of(now), usable_until(asked, candidate, now)
    ready = opens_next(candidate.hours, now + candidate.travel)
    if ready is None or ready >= expires_at:
        return None
    first = (ready - start) // HOUR
    last = _latest(opening, first, ready, expires_at - dt.timedelta(microseconds=1), start)
    if last < first:
        return None
    return Option(
        place=place,
        first=first,
        last=last,
        in_time=_latest(opening, first, ready, asked.needed_by - candidate.turnaround, start),
        ready=_quarters(ready - start),
        takes=_quarters(candidate.turnaround),
        effort=standing.effort(candidate),
    )


def begins_at(opening: Openings, ready: dt.datetime, hour: int) -> dt.datetime:
    """When work begins in an hour of the plan."""
    return max(opening[hour] or ready, ready)


def _latest(
    opening: Openings, first: int, ready: dt.datetime, limit: dt.datetime, start: dt.datetime
) -> int:
    """The last hour in which work begins by that moment; -1 for none."""
    if ready > limit:
        return -1
    hour = min((limit - start) // HOUR, HOURS - 1)
    while hour >= first:
        moment = opening[hour]
        if moment is not None and max(moment, ready) <= limit:
            return hour
        hour -= 1
    return -1


def _quarters(span: dt.timedelta) -> float:
    """Hours, to the quarter: what is alike to a quarter of an hour is planned alike."""
    return round(span / HOUR * _QUARTER) / _QUARTER
