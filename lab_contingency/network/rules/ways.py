"""How tubes get from one place to another, and when somebody goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.foundation import clock


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


def _moment(at: dt.datetime, days: int, minute: int) -> dt.datetime:
    midnight = dt.datetime.combine(clock.london(at).date(), dt.time())
    wall = midnight + dt.timedelta(days=days, minutes=minute)
    return clock.from_london(wall)
