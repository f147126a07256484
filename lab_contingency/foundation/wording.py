"""How dates, times and durations are written for people: 04-Nov-1958, 03:45, 1 h 18 min."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress

from lab_contingency.foundation import clock

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTES_IN_HOUR = 60
_HOURS_SHOWN_AS_HOURS = 48


def date_text(day: dt.date) -> str:
    """`04-Nov-1958`, independent of the machine's locale."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def time_text(moment: dt.datetime) -> str:
    """`03:45` on the London wall clock."""
    return clock.london(moment).strftime("%H:%M")


def day_time_text(moment: dt.datetime) -> str:
    """`24-Nov 03:05` on the London wall clock."""
    wall = clock.london(moment)
    return f"{wall.day:02d}-{_MONTHS[wall.month - 1]} {wall:%H:%M}"


def full_time_text(moment: dt.datetime) -> str:
    """`24-Nov-2026 03:05` on the London wall clock."""
    wall = clock.london(moment)
    return f"{date_text(wall.date())} {wall:%H:%M}"


def near_time_text(moment: dt.datetime) -> str:
    """`03:05` today in London, `24-Nov 03:05` on any other day."""
    today = clock.london(clock.now()).date()
    return time_text(moment) if clock.london(moment).date() == today else day_time_text(moment)


def duration_text(span: dt.timedelta) -> str:
    """`33 min`, `1 h 18 min`, `3 d 4 h`; the sign is dropped."""
    minutes = int(abs(span).total_seconds() // 60)
    hours, minutes = divmod(minutes, _MINUTES_IN_HOUR)
    if hours >= _HOURS_SHOWN_AS_HOURS:
        return f"{hours // 24} d {hours % 24} h".removesuffix(" 0 h")
    if hours:
        return f"{hours} h {minutes} min".removesuffix(" 0 min")
    return f"{minutes} min"


def until_text(moment: dt.datetime, now: dt.datetime) -> str:
    """`in 33 min`, or `OVERDUE 12 min` once the moment has passed; the minute round it in words."""
    span = moment - now
    short = abs(span) < dt.timedelta(minutes=1)
    if span < dt.timedelta(0):
        return f"OVERDUE {'just now' if short else duration_text(span)}"
    return f"in {'under 1 min' if short else duration_text(span)}"


def count_text(number: int, one: str, many: str | None = None) -> str:
    """`1 tube`, `2 tubes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_OPEN_VERBS = (" of", " on", " with")


def with_object(verb: str, what: str = "it") -> str:
    """`receive it`, `hand it over`, `print it again`, `void the label of it`: where people put the word."""
    first, space, rest = verb.partition(" ")
    if not space or verb.endswith(_OPEN_VERBS):
        return f"{verb} {what}"
    return f"{first} {what} {rest}"


def and_text(words: list[str] | tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - one word joins to itself
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


_DATE_SHAPES = (
    re.compile(r"(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})[-/. ]?(?P<name>[A-Za-z]{3})[A-Za-z]*[-/. ]?(?P<y>\d{4})"),
)


def read_date(typed: str) -> dt.date:
    """A date as people type it: 04-Nov-1958, 4/11/1958, 04111958 or 1958-11-04.

    Raises ValueError with a sentence when it is none of these or no day of the calendar.
    """
    text = typed.strip()
    for shape in _DATE_SHAPES:
        if match := shape.fullmatch(text):
            return _date_of(match.groupdict())
    raise ValueError("Type the date as day, month and year, for example 04-Nov-1958 or 04/11/1958.")


def _date_of(parts: dict[str, str | None]) -> dt.date:
    name = parts.get("name")
    if name is not None and name.title() not in _MONTHS:
        raise ValueError(f"“{name}” is not a month. Type, for example, 04-Nov-1958.")
    month = _MONTHS.index(name.title()) + 1 if name else int(parts["m"] or 0)
    try:
        return dt.date(int(parts["y"] or 0), month, int(parts["d"] or 0))
    except ValueError:
        raise ValueError("That day is not in the calendar. Check day and month.") from None


_TIME = re.compile(r"(?P<h>[01]?\d|2[0-3])[:.]?(?P<m>[0-5]\d)")
_DAY_TIME = re.compile(
    r"(?P<d>\d{1,2})[-/ ](?P<mon>[A-Za-z]{3}|\d{1,2})(?:[-/ ](?P<y>\d{4}))?[ ,T]+(?P<t>\S+)"
)
# A collection may be typed a few minutes ahead of a slow server clock without meaning yesterday.
_AHEAD = dt.timedelta(minutes=10)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?")


def read_moment(typed: str, *, near: dt.datetime, future: bool = False) -> dt.datetime:
    """A London time as people type it, aware UTC: `0345`, `03:45`, `24-Nov 03:05`, `2026-11-24 03:05`.

    A bare time means the latest such moment up to `near` (a collection), or with `future` the next
    one from `near` on (needed by). Raises ValueError with a sentence.
    """
    text = typed.strip()
    latest = None if future else near + _AHEAD
    if _ISO.fullmatch(text):
        return _iso(text, latest)
    if match := _TIME.fullmatch(text):
        return _nearest(int(match["h"]), int(match["m"]), near, future=future)
    if (match := _DAY_TIME.fullmatch(text)) and (time := _TIME.fullmatch(match["t"])):
        day = _day_near(f"{match['d']}-{match['mon']}", match["y"], clock.london(near).date())
        wall = dt.datetime.combine(day, dt.time(int(time["h"]), int(time["m"])))
        return clock.from_london(wall, latest=latest)
    raise ValueError(
        "Type the time on the 24-hour clock, for example 03:45, or with its day: 24-Nov 03:45."
    )


def _iso(text: str, latest: dt.datetime | None) -> dt.datetime:
    try:
        return clock.from_london(dt.datetime.fromisoformat(text), latest=latest)
    except ValueError:
        raise ValueError("That day or time is not in the calendar. Check it.") from None


def _day_near(day_and_month: str, year: str | None, near: dt.date) -> dt.date:
    """The day in the year typed, or else in the year that brings it nearest: nights cross New Year."""
    if year:
        return read_date(f"{day_and_month}-{year}")
    found = []
    for candidate in (near.year - 1, near.year, near.year + 1):
        with suppress(ValueError):  # 29 February
            found.append(read_date(f"{day_and_month}-{candidate:04d}"))
    if not found:
        return read_date(f"{day_and_month}-{near.year:04d}")  # raises the sentence
    return min(found, key=lambda day: abs(day - near))


def _nearest(hour: int, minute: int, near: dt.datetime, *, future: bool) -> dt.datetime:
    wall = clock.london(near).replace(tzinfo=None)
    that = wall.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if not future and that > wall + _AHEAD:
        that -= dt.timedelta(days=1)
    if future and that < wall.replace(second=0, microsecond=0):
        that += dt.timedelta(days=1)
    return clock.from_london(that, latest=None if future else near + _AHEAD)
