"""Telephoning: by when, to whom, and when a read-back agrees. After RCPath G158."""

from __future__ import annotations

import datetime as dt
import enum
import re
from decimal import Decimal

from lab_contingency.catalogue.rules import read_number
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.rules.values import ResultValue

# Counted from the check. RCPath asks for critical results within two hours; the nearest bands get one.
CALL_WITHIN = {
    Band.P1: dt.timedelta(minutes=60),
    Band.P2: dt.timedelta(minutes=60),
    Band.P3: dt.timedelta(hours=2),
    Band.P4: dt.timedelta(hours=2),
}
SIMILAR_WITHIN = dt.timedelta(days=7)


class Taker(enum.StrEnum):
    """Who may take a critical result by telephone. Nobody else: no clerk, no answering machine."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    MIDWIFE = "midwife"
    GP = "GP"


class CallStatus(enum.StrEnum):
    """A call stays on the list until it is closed."""

    OPEN = "open"
    CLOSED = "closed"


class CallCause(enum.StrEnum):
    """Why it is telephoned: the value itself, or a value telephoned earlier was put right."""

    CRITICAL = "critical"
    CORRECTION = "correction"


class CallOutcome(enum.StrEnum):
    """How a call left the list."""

    TOLD = "told"
    NOT_NEEDED = "not needed"
    PUT_RIGHT = "put right"


class AttemptOutcome(enum.StrEnum):
    """What came of one attempt."""

    TOLD = "told"
    NO_ANSWER = "no answer"
    ENGAGED = "engaged"
    WRONG_PERSON = "nobody who may take it"
    DIFFERS = "read back something else"
    CUT_OFF = "cut off"


NOT_NEEDED_REASONS = {
    "SIMILAR": "a similar result of this patient was telephoned already",
    "BEDSIDE": "it was measured at the bedside, by the people who treat the patient",
    "OTHER": "another reason",
}


def call_due(band: Band, checked_at: dt.datetime) -> dt.datetime:
    """By when a critical result is telephoned."""
    return checked_at + CALL_WITHIN[band]


def read_back_agrees(value: ResultValue, read_back: str) -> bool:
    """Whether what was read back is the result: the same number and sign, or the same words."""
    typed = read_back.strip()
    if value.number is None:
        heard_words = _plain(typed)
        return bool(heard_words) and heard_words == _plain(value.words)
    try:
        heard = read_number(typed)
    except RuleBroken:
        return False
    return (heard.qualifier, heard.number) == (value.qualifier, value.number)


_SPELT_OUT = (
    (r"[−–‐‑]", "-"),
    (r"≤", "<="),
    (r"≥", ">="),
    (r"\+\s?i?ve\b|\bpos\b", " positive "),
    (r"-\s?i?ve\b|\bneg\b", " negative "),
)
# Signs are words of their own. A hyphen that joins words is none, nor is a stop outside a number.
_WORDS = re.compile(r"\d*(?:\.\d+)+|[^\W_]+|(?<![^\W_])-|-(?![^\W_])|(?<=\d)-(?=\d)|[+<>=?%/]")


def _plain(text: str) -> list[str]:
    """The words and signs that have to agree; case, stops and spaces do not."""
    plain = text.casefold()
    for spelling, words in _SPELT_OUT:
        plain = re.sub(spelling, words, plain)
    return _WORDS.findall(plain)


_DIGITS = ("nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_SIGNS = {"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least ", "": ""}
_TEN, _TWENTY, _HUNDRED, _THOUSAND = 10, 20, 100, 1000
_MOST_SPOKEN = 999_999


def spoken(value: ResultValue) -> str:
    """The value as it is said aloud: `six point eight`, `less than five`, or its words."""
    if value.number is None:
        return value.words
    return _SIGNS[value.qualifier.value] + spoken_number(value.number)


def spoken_number(number: Decimal) -> str:
    """A number in words, its decimals digit by digit."""
    digits = format(number, "f")
    sign = "minus " if digits.startswith("-") else ""
    whole, _, decimals = digits.lstrip("-+").partition(".")
    if int(whole) > _MOST_SPOKEN:
        said = " ".join(_DIGITS[int(digit)] for digit in whole)
    else:
        said = _whole(int(whole))
    if decimals:
        said += " point " + " ".join(_DIGITS[int(digit)] for digit in decimals)
    return sign + said


def _whole(number: int) -> str:
    if number < _TEN:
        return _DIGITS[number]
    if number < _TWENTY:
        return _TEENS[number - _TEN]
    if number < _HUNDRED:
        tens, ones = divmod(number, _TEN)
        return _TENS[tens] + (f"-{_DIGITS[ones]}" if ones else "")
    if number < _THOUSAND:
        hundreds, rest = divmod(number, _HUNDRED)
        return f"{_DIGITS[hundreds]} hundred" + (f" and {_whole(rest)}" if rest else "")
    thousands, rest = divmod(number, _THOUSAND)
    joint = " and " if 0 < rest < _HUNDRED else " "
    return f"{_whole(thousands)} thousand" + (f"{joint}{_whole(rest)}" if rest else "")


_UNITS = {
    "mmol/L": "millimoles per litre",
    "µmol/L": "micromoles per litre",
    "nmol/L": "nanomoles per litre",
    "pmol/L": "picomoles per litre",
    "g/L": "grams per litre",
    "mg/L": "milligrams per litre",
    "µg/L": "micrograms per litre",
    "ng/L": "nanograms per litre",
    "U/L": "units per litre",
    "IU/L": "international units per litre",
    "IU/mL": "international units per millilitre",
    "×10⁹/L": "times ten to the nine per litre",
    "×10¹²/L": "times ten to the twelve per litre",
    "kPa": "kilopascals",
    "%": "per cent",
    "s": "seconds",
    "mm/h": "millimetres per hour",
}


def spoken_unit(unit: str) -> str:
    """The unit as it is said aloud."""
    return _UNITS.get(unit, unit)
