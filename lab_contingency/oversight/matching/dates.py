"""Whether a date of birth stands in a row of words, in any usual way of writing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

_IN_ONE_WORD = 5  # signs from which a word is a whole date, not a year


def born_at(words: Sequence[bytes], at: int, born: dt.date) -> bool:
    """Whether the word at `at`, noticed as a year or a whole date of birth, is that with day and month beside it."""
    if len(words[at]) >= _IN_ONE_WORD:
        return True
    days, months = _days(born.day), _months(born.month)
    before = (words[at - 2], words[at - 1]) if at >= 2 else ()  # noqa: PLR2004 - day and month
    after = tuple(words[at + 1 : at + 3])
    return _is(before, days, months) or _is(after, days, months)


def _is(two: Sequence[bytes], days: frozenset[bytes], months: frozenset[bytes]) -> bool:
    """Day and month in either order; a time of day may stick to the day."""
    if len(two) != 2:  # noqa: PLR2004 - day and month
        return False
    one, other = two[0].partition(b"T0")[0], two[1].partition(b"T0")[0]
    return (one in days and other in months) or (one in months and other in days)


@lru_cache(maxsize=64)
def _days(day: int) -> frozenset[bytes]:
    ends = ("", "ST", "ND", "RD", "TH")
    return frozenset(f"{form}{end}".encode() for form in (f"{day}", f"{day:02d}") for end in ends)


@lru_cache(maxsize=16)
def _months(month: int) -> frozenset[bytes]:
    first = dt.date(2000, month, 1)
    forms = (f"{month}", f"{month:02d}", f"{first:%b}", f"{first:%B}")
    return frozenset(form.upper().encode() for form in forms)
