"""What a laboratory offers and when it is open. Weekdays and hours are London's."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.foundation import clock

DAY = 1440
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# One quantity measured in two ways that cannot be compared: a laboratory reports one of them.
ALTERNATIVES = (frozenset({"TNT", "TNI"}),)


class Acceptance(enum.StrEnum):
    """How a partner laboratory works with us."""

    ELECTRONIC = "signs in here"
    FILE = "takes a file"
    PAPER = "paper only"


@dataclass(frozen=True, slots=True)
class LaboratoryOffer:
    """A test on a laboratory's menu. `turnaround` counts from receipt to authorised result."""

    laboratory_id: uuid.UUID
    test_code: str
    turnaround: dt.timedelta
    method: str
    analytes: tuple[str, ...]
    price_pence: int | None = None


@dataclass(frozen=True, slots=True)
class OpenSpell:
    """Open on that weekday (0 Monday) from `opens` to `closes`, in minutes of the day."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Departure:
    """A timetabled run: weekday (0 Monday) and minute of the day, London."""

    weekday: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Connection:
    """How tubes get from one place to another: the way, and when somebody goes."""

    travel: dt.timedelta
    on_demand: bool = True
    runs: tuple[Departure, ...] = ()
    closed_until: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The quickest way from a moment on. `by_run`: with a timetabled run, not at will."""

    leaves_at: dt.datetime
    arrives_at: dt.datetime
    by_run: bool = False


def quickest(connection: Connection, at: dt.datetime) -> Way | None:
    """When tubes that are ready at that moment arrive; None where nothing goes within a week."""
    ready = max(at, connection.closed_until) if connection.closed_until else at
    if connection.on_demand:
        return Way(ready, ready + connection.travel)
    leaves_at = next_departure(connection.runs, ready)
    return None if leaves_at is None else Way(leaves_at, leaves_at + connection.travel, by_run=True)


def next_departure(runs: Iterable[Departure], at: dt.datetime) -> dt.datetime | None:
    """The first run from that moment on; None without runs."""
    timetable = tuple(runs)
    today = clock.london(at).weekday()
    leaving = (
        _moment(at, days, run.leaves)
        for days in range(8)
        for run in timetable
        if run.weekday == (today + days) % 7
    )
    return min((moment for moment in leaving if moment >= at), default=None)


def is_open(hours: Iterable[OpenSpell], at: dt.datetime) -> bool:
    """Whether the laboratory works at that moment."""
    wall = clock.london(at)
    minute = wall.hour * 60 + wall.minute
    return any(
        spell.weekday == wall.weekday() and spell.opens <= minute < spell.closes for spell in hours
    )


def opens_next(hours: Iterable[OpenSpell], at: dt.datetime) -> dt.datetime | None:
    """When work can begin from then on: `at` itself when open, None when never. Aware UTC."""
    spells = tuple(hours)
    if is_open(spells, at):
        return at
    starts = (_moment(at, days, spell.opens) for days, spell in _coming(spells, at))
    return min((start for start in starts if start > at), default=None)


def closes_next(hours: Iterable[OpenSpell], at: dt.datetime) -> dt.datetime | None:
    """When the laboratory, open at that moment, stops; None when shut or around the clock."""
    spells = tuple(hours)
    if not is_open(spells, at):
        return None
    ends = sorted(_moment(at, days, spell.closes) for days, spell in _coming(spells, at))
    return next((end for end in ends if end > at and not is_open(spells, end)), None)


def _coming(spells: tuple[OpenSpell, ...], at: dt.datetime) -> Iterable[tuple[int, OpenSpell]]:
    """Each spell of today and the seven days after, with its distance in days."""
    today = clock.london(at).weekday()
    for days in range(8):
        for spell in spells:
            if spell.weekday == (today + days) % 7:
                yield days, spell


def _moment(at: dt.datetime, days: int, minute: int) -> dt.datetime:
    midnight = dt.datetime.combine(clock.london(at).date(), dt.time())
    wall = midnight + dt.timedelta(days=days, minutes=minute)
    return clock.from_london(wall)


def conflict_of_alternatives(analytes: Iterable[str]) -> str | None:
    """The sentence when a menu line reports two alternatives of one quantity, or None."""
    reported = set(analytes)
    for alternatives in ALTERNATIVES:
        both = sorted(alternatives & reported)
        if len(both) > 1:
            return f"{' and '.join(both)} cannot be compared: report one of them."
    return None
