"""When a laboratory is open: spells of the week on London's clock, also over midnight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from lab_contingency.foundation import clock

DAY = 1440
WEEK = 7 * DAY
# Longer than any week: what has not closed by then never does.
_NEVER_CLOSES = dt.timedelta(days=8)

_Edge = TypeVar("_Edge", int, dt.datetime)


class OpenSpell(NamedTuple):
    """Open on that weekday (0 Monday) from `opens` to `closes`, in minutes of the day.

    Minutes go on past midnight: 20:00 to 08:00 of the next day is 1200 to 1920. Whole weeks are asked about by
    the thousand while a queue is planned: a tuple is found again quickly.
    """

    weekday: int
    opens: int
    closes: int

    @property
    def begins(self) -> int:
        """The minute of the week; Monday 00:00 is 0."""
        return self.weekday * DAY + self.opens

    @property
    def ends(self) -> int:
        """The minute of the week; Sunday night ends in the week that follows."""
        return self.weekday * DAY + self.closes


def is_open(hours: Iterable[OpenSpell], at: dt.datetime) -> bool:
    """Whether the laboratory works at that moment."""
    return opens_next(hours, at) == at


def opens_next(hours: Iterable[OpenSpell], at: dt.datetime) -> dt.datetime | None:
    """When work can begin from then on: `at` itself when open, None when never. Aware UTC."""
    return next((max(at, begins) for begins, ends in _stretches_from(hours, at) if at < ends), None)


def closes_next(hours: Iterable[OpenSpell], at: dt.datetime) -> dt.datetime | None:
    """When the laboratory, open at that moment, stops; None when shut or around the clock."""
    held = (ends for begins, ends in _stretches_from(hours, at) if begins <= at < ends)
    return next((ends for ends in held if ends < at + _NEVER_CLOSES), None)


_Stretches = tuple[tuple[dt.datetime, dt.datetime], ...]


def _stretches_from(hours: Iterable[OpenSpell], at: dt.datetime) -> _Stretches:
    return _stretches(tuple(hours), at.astimezone(dt.UTC).toordinal())


@lru_cache(maxsize=2048)
def _stretches(spells: tuple[OpenSpell, ...], day: int) -> _Stretches:
    """When it is open, from two days before that day (its ordinal) to nine after it, in order.

    Spells that touch are one stretch, so that a night written as two halves is not shut at midnight. Moments,
    not the face of the clock: what closes at 01:30 closes once on the night that has this hour twice.
    """
    return tuple(_joined(_spells_as_moments(spells, day)))


def _joined(parts: Iterable[tuple[_Edge, _Edge]]) -> list[tuple[_Edge, _Edge]]:
    found: list[tuple[_Edge, _Edge]] = []
    for begins, ends in sorted(parts):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def _spells_as_moments(
    spells: tuple[OpenSpell, ...], day: int
) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    for each in range(day - 2, day + 10):
        midnight = dt.datetime.fromordinal(each)
        for spell in (one for one in spells if one.weekday == midnight.weekday()):
            begins, ends = (
                clock.from_london(midnight + dt.timedelta(minutes=minute))
                for minute in (spell.opens, spell.closes)
            )
            # Nothing is left of a spell that the clocks skip in March.
            if begins < ends:
                yield begins, ends


def overlaps(spells: Iterable[OpenSpell]) -> tuple[tuple[OpenSpell, OpenSpell], ...]:
    """Each spell that begins while another still runs, after that one. Sunday night runs into Monday."""
    week = sorted(spells, key=lambda spell: spell.begins)
    if not week:
        return ()
    found = []
    running = max(week, key=lambda spell: spell.ends)
    until = running.ends - WEEK
    for spell in week:
        if spell.begins < until:
            found.append((running, spell))
        if spell.ends > until:
            running, until = spell, spell.ends
    return tuple(found)


def drawn(spells: Iterable[OpenSpell], weekday: int) -> tuple[tuple[int, int], ...]:
    """The open minutes of that weekday, those of the night before with them, in order; what touches is one."""
    parts: list[tuple[int, int]] = []
    for spell in spells:
        offset = ((spell.weekday - weekday) % 7) * DAY
        for begins in (spell.opens + offset, spell.opens + offset - WEEK):
            first, last = max(begins, 0), min(begins + spell.closes - spell.opens, DAY)
            if first < last:
                parts.append((first, last))
    return tuple(_joined(parts))
