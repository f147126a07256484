"""What is typed about hours, runs and prices, and how it is written again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from lab_contingency.foundation.wording import and_text, duration_text
from lab_contingency.network.rules.hours import DAY, OpenSpell, overlaps
from lab_contingency.network.rules.ways import Departure

NOON = 720
LONG_NIGHT = 16 * 60
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])[:.]?([0-5][0-9])")
_SPELL = re.compile(r"\s*(?:-|–|to)\s*")
_SPELLS_APART = re.compile(r"\s*(?:[,;&]|\band\b|(?<=[0-9])\s+(?=[0-9]))\s*")
_NEXT_DAY = re.compile(r"[\s(]+(?:the )?next day\)?$")
_ROUND_THE_CLOCK = {"24h", "24 h", "24", "24 hours", "all day"}
_SHUT = {"", "shut", "closed"}


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


def spell_text(spell: OpenSpell) -> str:
    """As it stands in a box: `07:00–20:00`, `20:00–08:00 next day` or `24 h`."""
    if (spell.opens, spell.closes) == (0, DAY):
        return "24 h"
    if spell.closes <= DAY:
        return f"{minute_text(spell.opens)}–{minute_text(spell.closes)}"
    return f"{minute_text(spell.opens)}–{minute_text(spell.closes - DAY)} next day"


def spells_text(spells: Iterable[OpenSpell]) -> str:
    """A day as it stands in a box: `08:00–12:00, 14:00–18:00`; nothing for a day shut."""
    return ", ".join(spell_text(spell) for spell in spells)


def spell_words(spell: OpenSpell) -> str:
    """As it is read: `07:00 to 20:00`, `20:00 to 08:00 the next day` or `24 h`."""
    return spell_text(spell).replace("–", " to ").replace("next", "the next")


def spells_words(spells: Iterable[OpenSpell]) -> str:
    """A day as it is read: `08:00 to 12:00 and 14:00 to 18:00`; nothing for a day shut."""
    return and_text([spell_words(spell) for spell in spells])


def spell_between(weekday: int, opens: int, closes: int) -> OpenSpell:
    """From two times of the clock; what closes earlier than it opens closes on the next day. ValueError says why not."""
    if opens == DAY:
        raise ValueError("Midnight is 00:00 of the next day: nothing opens at 24:00.")
    if (opens, closes) == (0, DAY):
        return OpenSpell(weekday, 0, DAY)
    if opens == closes % DAY:
        raise ValueError(
            "It cannot open and close at the same time; round the clock is 24 h (00:00 to 24:00)."
        )
    return OpenSpell(weekday, opens, closes if closes > opens else closes + DAY)


def read_spells(typed: str, weekday: int = 0) -> tuple[OpenSpell, ...]:
    """What is typed in the box of a day: one spell or several, `24 h`, nothing for shut. ValueError says what is wrong."""
    text = typed.strip().casefold()
    if text in _SHUT:
        return ()
    parts = [part for part in _SPELLS_APART.split(text) if part] or [text]
    spells = tuple(sorted(_read_spell(part, weekday) for part in parts))
    for running, spell in overlaps(spells):
        raise ValueError(overlap_text(running, spell))
    return spells


def _read_spell(text: str, weekday: int) -> OpenSpell:
    if text in _ROUND_THE_CLOCK:
        return OpenSpell(weekday, 0, DAY)
    times, said = _NEXT_DAY.subn("", text)
    ends = _SPELL.split(times)
    if len(ends) != 2:  # noqa: PLR2004 - from and to
        raise ValueError(
            "Type from and to, such as 07:00–20:00 or 08:00–12:00, 14:00–18:00, or 24 h."
        )
    spell = spell_between(weekday, read_minute(ends[0]), read_minute(ends[1]))
    _refuse_half_clock(spell, said_next_day=bool(said))
    return spell


def _refuse_half_clock(spell: OpenSpell, *, said_next_day: bool) -> None:
    """Who means 08:00 to 18:00 and types 08:00–06:00 must not open a laboratory for the night."""
    if said_next_day and spell.closes <= DAY:
        raise ValueError(f"{spell_words(spell)} is over by midnight: leave “next day” out.")
    minutes = spell.closes - spell.opens
    no_night = spell.closes > DAY and (spell.opens < NOON or minutes > LONG_NIGHT)
    if no_night and not said_next_day:
        raise ValueError(
            f"{spell_words(spell)} is {duration_text(dt.timedelta(minutes=minutes))}. "
            f"Type “{spell_text(spell)}” if that is meant, or the 24-hour clock, such as 08:00–18:00."
        )


def overlap_text(running: OpenSpell, spell: OpenSpell) -> str:
    """The sentence for a spell that begins while another still runs."""
    if running.weekday == spell.weekday:
        return (
            f"{spell_words(spell)} begins before {spell_words(running)} has ended. "
            "Let one end before the next begins, such as 08:00–12:00, 14:00–18:00."
        )
    night, day = WEEKDAY_NAMES[running.weekday], WEEKDAY_NAMES[spell.weekday]
    return (
        f"{spell_words(spell)} begins before {night}’s {spell_words(running)} has ended. "
        f"Let {day} begin at {minute_text(running.closes - DAY)}, or let {night}’s end sooner."
    )


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
