"""Dates in a row of words, in any usual way of writing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from lab_contingency.oversight.matching.known import Known

_MONTHS = {
    word.encode(): number
    for number in range(1, 13)
    for shape in ("%m", "%b", "%B")
    for word in (dt.date(2000, number, 1).strftime(shape).upper(), str(number))
}
_DAYS = {
    f"{form}{end}".encode(): number
    for number in range(1, 32)
    for form in (f"{number}", f"{number:02d}")
    for end in ("", "ST", "ND", "RD", "TH")
}


def dates_at(words: Sequence[bytes], at: int, known: Known) -> Iterator[dt.date]:
    """Dates of birth that are known and noticed by this word: a year with day and month beside it, or the whole."""
    word = words[at]
    if word in known.whole_dates:
        yield from known.whole_dates[word]
    if word in known.years:
        for year in known.years[word]:
            yield from _with_year(words, at, year)


def _with_year(words: Sequence[bytes], at: int, year: int) -> Iterator[dt.date]:
    """Day and month before the year or after it, in either order; a time of day may stick to the day."""
    for one, other in ((at - 2, at - 1), (at + 1, at + 2)):
        if one >= 0 and other < len(words):
            first, second = words[one], words[other].partition(b"T0")[0]
            for day, month in ((first, second), (second, first)):
                if day in _DAYS and month in _MONTHS:
                    yield from _date(year, _MONTHS[month], _DAYS[day])


def _date(year: int, month: int, day: int) -> Iterator[dt.date]:
    try:
        yield dt.date(year, month, day)
    except ValueError:
        return
