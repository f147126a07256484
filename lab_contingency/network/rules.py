"""What a laboratory offers and when it is open. Weekdays and hours are London's."""

from __future__ import annotations

import datetime as dt
import enum
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.foundation.wording import date_text

DAY = 1440
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# One quantity measured in two ways that cannot be compared: a laboratory reports one of them.
HOURS = 24
MOST_AN_HOUR = 9999
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])[:.]?([0-5][0-9])")
_SPELL = re.compile(r"\s*(?:-|–|to)\s*")
_ROUND_THE_CLOCK = {"24h", "24 h", "24", "all day"}
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
class AgreedTime:
    """The days on which an agreement holds, both included; `ends_on` None: until further notice."""

    starts_on: dt.date
    ends_on: dt.date | None

    def refusal(self, day: dt.date) -> str:
        """Why nothing new is sent on that London day, or nothing."""
        if day < self.starts_on:
            return (
                f"its agreement begins on {date_text(self.starts_on)}; nothing is sent there before"
            )
        if self.ends_on is not None and day > self.ends_on:
            return f"its agreement ended on {date_text(self.ends_on)}; renew it to send there"
        return ""


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


def minute_text(minute: int) -> str:
    """`07:30` for minute 450 of a day; 1440 is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_minute(typed: str) -> int:
    """A time such as 07:30, 7.30 or 0730 as a minute of the day (24:00 is 1440); ValueError says how to type it."""
    match = _CLOCK.fullmatch(typed.strip())
    minute = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    if minute > DAY:
        raise ValueError(f"Type times such as 07:30, not “{typed.strip()}”.")
    return minute


def spell_text(opens: int, closes: int) -> str:
    """`07:00–20:00`, or `24 h`."""
    return "24 h" if (opens, closes) == (0, DAY) else f"{minute_text(opens)}–{minute_text(closes)}"


def read_spell(typed: str) -> tuple[int, int] | None:
    """Opening and closing minute of `07:00–20:00` or `24 h`; None for nothing typed. ValueError says what is wrong."""
    text = typed.strip().casefold()
    if not text:
        return None
    if text in _ROUND_THE_CLOCK:
        return 0, DAY
    ends = _SPELL.split(text)
    if len(ends) != 2:  # noqa: PLR2004 - from and to
        raise ValueError("Type from and to, such as 07:00–20:00, or 24 h.")
    opens, closes = read_minute(ends[0]), read_minute(ends[1])
    if opens >= closes:
        raise ValueError("It must open before it closes; round the clock is 24 h.")
    return opens, closes


def read_times(typed: str) -> tuple[int, ...]:
    """Times apart by spaces or commas as minutes of the day, each once, in order; ValueError says what is wrong."""
    minutes = [read_minute(one) for one in typed.replace(",", " ").replace(";", " ").split()]
    if DAY in minutes:
        raise ValueError("Midnight is 00:00 of the next day.")
    return tuple(sorted(set(minutes)))


def spans(per_hour: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Equal hours together: (from hour, to hour, tests an hour)."""
    found: list[tuple[int, int, int]] = []
    for hour, number in enumerate(per_hour):
        if found and found[-1][2] == number:
            found[-1] = (found[-1][0], hour + 1, number)
        else:
            found.append((hour, hour + 1, number))
    return tuple(found)


def spans_text(per_hour: Sequence[int]) -> str:
    """`0–8 14, 8–20 24, 20–24 14`; hours without any are left out."""
    found = ((first, last, number) for first, last, number in spans(per_hour) if number)
    return ", ".join(f"{first}–{last} {number}" for first, last, number in found)


def price_text(pence: int | None) -> str:
    """`£4.20`, or nothing where no price was said."""
    return "" if pence is None else f"£{pence // 100:,}.{pence % 100:02d}"


def read_price(typed: str) -> int | None:
    """Pence of `4.20`, `£4.20` or `4`; None for nothing typed. ValueError says how to type it."""
    text = typed.strip().removeprefix("£").replace(",", "").strip()
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,6})(?:\.([0-9]{2}))?", text)
    if match is None:
        raise ValueError(f"Type pounds and pence such as 4.20, not “{typed.strip()}”.")
    return int(match[1]) * 100 + int(match[2] or 0)


def timetable_text(runs: Iterable[Departure]) -> str:
    """`Mon–Fri 07:30 12:00; Sat 09:00`: neighbouring days with the same times together."""
    days: dict[int, list[str]] = {}
    for run in runs:
        days.setdefault(run.weekday, []).append(minute_text(run.leaves))
    return "; ".join(_day_groups(days))


def _day_groups(days: Mapping[int, list[str]]) -> Iterable[str]:
    weekday = 0
    while weekday < len(WEEKDAYS):
        times = days.get(weekday)
        last = weekday
        while times and days.get(last + 1) == times:
            last += 1
        if times:
            name = WEEKDAYS[weekday] + (f"–{WEEKDAYS[last]}" if last > weekday else "")
            yield f"{name} {' '.join(times)}"
        weekday = last + 1
