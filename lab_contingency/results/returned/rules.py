"""What may stand on a return slip, how it is read, and who may check what was typed back from it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal

from lab_contingency.catalogue.rules import Flag, Interval, Reading, flag, read_number
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import day_time_text
from lab_contingency.results.rules.hands import Hands
from lab_contingency.results.rules.values import ResultValue, same_text

PAGES_MOST = 8
COPY_REASONS: dict[str, str] = {
    "LOST": "the first was lost",
    "TORN": "torn or smudged",
    "JAM": "printer jammed",
    "ANOTHER": "they asked for another",
}


def copy_reason(code: str) -> str:
    """The words of a reason for printing again; RuleBroken asks for one."""
    if code not in COPY_REASONS:
        raise RuleBroken(
            "These slips were printed before. Choose why they come out again; the copies will say so.",
            field="reason",
        )
    return COPY_REASONS[code]


@dataclass(frozen=True, slots=True)
class CannotBeDone:
    """Why a laboratory could not do a test, by the number on its slip.

    `rejection`: the reason code with which the test is taken again; '' where another laboratory must do it.
    """

    number: str
    words: str
    rejection: str = ""


CANNOT: dict[str, CannotBeDone] = {
    each.number: each
    for each in (
        CannotBeDone("1", "haemolysed", "HAEMOLYSED"),
        CannotBeDone("2", "clotted", "CLOTTED"),
        CannotBeDone("3", "too little", "INSUFFICIENT"),
        CannotBeDone("4", "too old on arrival", "TOO_OLD"),
        CannotBeDone("5", "leaked or broken", "LEAKED"),
        CannotBeDone("6", "wrong temperature on the way", "WRONG_TEMP"),
        CannotBeDone("7", "did not arrive"),
        CannotBeDone("8", "not done here now"),
    )
}


def cannot_be_done(number: str) -> CannotBeDone:
    """The reason with that number; RuleBroken for none."""
    if number not in CANNOT:
        raise RuleBroken("Type the number of the reason as it stands on the slip, 1 to 8.")
    return CANNOT[number]


# How the flag stands on the slip: '' says nothing, so that laboratory's own interval speaks.
FLAGS_WRITTEN: dict[str, str] = {
    "": "by interval",
    "low": "low",
    "high": "high",
    "none": "none written",
}


def interval_of(low: str, high: str) -> Interval | None:
    """The interval from its two boxes as typed, None for two empty ones; RuleBroken says what is wrong."""
    ends = [_end(text) for text in (low, high)]
    if ends[0] is None and ends[1] is None:
        return None
    if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
        raise RuleBroken(
            "The lower end of the interval must be below the upper one. Read it again."
        )
    return Interval(ends[0], ends[1])


def _end(text: str) -> Decimal | None:
    if not text.strip():
        return None
    reading = read_number(text)
    if reading.qualifier:
        raise RuleBroken(
            "Type the ends of the interval as plain numbers; leave the open end empty."
        )
    return reading.number


_BETWEEN = re.compile(r"(?P<low>−?[\d.]+)(?:–| to )(?P<high>−?[\d.]+)")
_UP_TO = re.compile(r"up to (?P<high>−?[\d.]+)")
_OR_MORE = re.compile(r"(?P<low>−?[\d.]+) or more")


def interval_ends(words: str) -> tuple[str, str]:
    """The two boxes again from the words of an interval: '3.5–5.3' is ('3.5', '5.3')."""
    for shape in (_BETWEEN, _UP_TO, _OR_MORE):
        if found := shape.fullmatch(words):
            held = found.groupdict()
            return held.get("low", ""), held.get("high", "")
    return "", ""


def flag_said(written: str, reading: Reading | None, interval: Interval | None) -> Flag:
    """The flag that stays with the value: as written, or by the interval of the laboratory that wrote it."""
    if written == "":
        return (
            flag(reading, interval) if reading is not None and interval is not None else Flag.NONE
        )
    return {"low": Flag.LOW, "high": Flag.HIGH}.get(written, Flag.NONE)


def contradiction(written: str, reading: Reading | None, interval: Interval | None) -> str | None:
    """The sentence when flag and interval of one row cannot both be right: mostly a row was misread."""
    if written not in ("low", "high") or reading is None or interval is None:
        return None
    by_interval = flag(reading, interval)
    if by_interval.words == written:
        return None
    lies = f"lies {by_interval.words or 'within'} {interval.words}".replace(
        "low ", "below "
    ).replace("high ", "above ")
    return (
        f"The slip says {written}, but {reading.words} {lies}. Read the row again. If it does stand there like "
        "that, say so in the comment."
    )


CLOCKS_DIFFER = dt.timedelta(minutes=10)
"""How far the clocks of two laboratories may be apart, and how late somebody notes that a box left."""


def too_early(at: dt.datetime, taken: dt.datetime | None, left: dt.datetime | None) -> str:
    """Why nothing of these tubes happened at the other laboratory at that time, or nothing.

    Times on paper are to the minute. `left`: when the box left for there.
    """
    if taken is not None and at < taken.replace(second=0, microsecond=0):
        return f"the blood was taken {day_time_text(taken)}"
    if left is not None and at < left - CLOCKS_DIFFER:
        return f"the box left {day_time_text(left)}"
    return ""


_OWN = "You typed this yourself, so somebody else checks it against the page."
_NOBODY = "Only a person can do this. Sign in."
_SENT_BACK = "This did not agree with the page. Whoever typed it looks at it first."


def check_by_page_refusal(hands: Hands, person: uuid.UUID | None) -> str | None:
    """Why this person cannot check a typed-back value against the page, or None."""
    if person is None:
        return _NOBODY
    if hands.sent_back:
        return _SENT_BACK
    return _OWN if hands.typed(person) else None


def differs(first: ResultValue, second: ResultValue) -> bool:
    """Whether two people read another value from the page."""
    return first.not_done != second.not_done or not same_text(first, second)
