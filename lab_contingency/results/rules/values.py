"""A value with everything that belongs to it: unit, interval, flag, method and age stay with it for ever."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lab_contingency.catalogue.rules import (
    Analyte,
    Calculation,
    CriticalLimit,
    Flag,
    Interval,
    Qualifier,
    Reading,
    calculate,
    flag,
    implausible,
    interval_for,
    is_critical,
    read_number,
)
from lab_contingency.foundation.errors import RuleBroken

NOT_DONE = "not done"
NOT_DONE_TYPED = frozenset({NOT_DONE, "..", "not tested"})
LONGEST_TEXT = 200
TYPED_ALREADY = "This was typed already. Type the right value, or “..” for not done."
_MINUTE = dt.timedelta(minutes=1)


class ResultStatus(enum.StrEnum):
    """Where one version of one value stands."""

    ENTERED = "entered"
    CHECKED = "checked"
    AUTHORISED = "authorised"
    SUPERSEDED = "superseded"


class Source(enum.StrEnum):
    """Typed by a person, taken over as it was reported, or typed back from another laboratory's page."""

    MANUAL = "manual"
    IMPORTED = "imported"
    TYPED_BACK = "typed back"


class Repeated(enum.StrEnum):
    """Whether a value that surprises was measured again: said by whoever typed it."""

    UNSAID = ""
    YES = "yes"
    NO = "no"


REPEATED_WORDS = {
    Repeated.UNSAID: "",
    Repeated.YES: "Repeated, the same.",
    Repeated.NO: "Not repeated yet.",
}
STATUS_WORDS = {
    ResultStatus.ENTERED: "typed, not checked",
    ResultStatus.CHECKED: "checked, not authorised",
    ResultStatus.AUTHORISED: "authorised",
    ResultStatus.SUPERSEDED: "replaced",
}


@dataclass(frozen=True, slots=True)
class ResultValue:
    """One value as it is sealed. `text` is what was typed; `interval` and `unit` those of the issuer.

    `laboratory`: the issuer's name as it was then; '' of values from before names were kept with them.
    """

    text: str
    not_done: bool = False
    qualifier: Qualifier = Qualifier.NONE
    number: Decimal | None = None
    unit: str = ""
    interval: str = ""
    flag: Flag = Flag.NONE
    limit: str = ""
    method: str = ""
    laboratory: str = ""
    taken_at: dt.datetime | None = None
    age_minutes: int | None = None
    worked_out: str = ""
    comment: str = ""
    reason: str = ""
    repeated: Repeated = Repeated.UNSAID

    @property
    def said(self) -> str:
        """What is told beside the value: whether it was repeated, and the comment."""
        return " ".join(filter(None, (REPEATED_WORDS[self.repeated], self.comment)))

    @property
    def words(self) -> str:
        """As shown to people: `<5`, `−4.2`, `Not detected`, `not done`."""
        if self.not_done:
            return NOT_DONE
        return self.text if self.number is None else self.text.replace("-", "−")

    @property
    def reading(self) -> Reading | None:
        """The number with its sign, None for a text."""
        return None if self.number is None else Reading(self.qualifier, self.number)

    @property
    def exact(self) -> Decimal | None:
        """The number when it is not only a bound."""
        return self.number if self.qualifier is Qualifier.NONE else None

    @property
    def age(self) -> dt.timedelta | None:
        """How old the sample was when it was measured."""
        return None if self.age_minutes is None else self.age_minutes * _MINUTE


def same_text(one: ResultValue, other: ResultValue) -> bool:
    """Whether two versions tell the same value, whatever is said beside it."""
    if one.reading is not None and other.reading is not None:
        return one.reading == other.reading
    return one.words.casefold() == other.words.casefold()


def record_of(value: ResultValue) -> dict[str, Any]:
    """The value as it is sealed; empty entries are left out."""
    held = {
        "text": value.text,
        "not_done": value.not_done,
        "qualifier": value.qualifier.value,
        "number": None if value.number is None else format(value.number, "f"),
        "unit": value.unit,
        "interval": value.interval,
        "flag": value.flag.value,
        "limit": value.limit,
        "method": value.method,
        "laboratory": value.laboratory,
        "taken_at": value.taken_at.isoformat() if value.taken_at else None,
        "age_minutes": value.age_minutes,
        "worked_out": value.worked_out,
        "comment": value.comment,
        "reason": value.reason,
        "repeated": value.repeated.value,
    }
    empty = ("", None)
    return {
        name: entry for name, entry in held.items() if entry not in empty and entry is not False
    }


def value_of(record: Mapping[str, Any]) -> ResultValue:
    """The value again from its sealed record."""
    number, taken_at = record.get("number"), record.get("taken_at")
    return ResultValue(
        text=record.get("text", ""),
        not_done=record.get("not_done", False),
        qualifier=Qualifier(record.get("qualifier", "")),
        number=None if number is None else Decimal(number),
        unit=record.get("unit", ""),
        interval=record.get("interval", ""),
        flag=Flag(record.get("flag", "none")),
        limit=record.get("limit", ""),
        method=record.get("method", ""),
        laboratory=record.get("laboratory", ""),
        taken_at=dt.datetime.fromisoformat(taken_at) if taken_at else None,
        age_minutes=record.get("age_minutes"),
        worked_out=record.get("worked_out", ""),
        comment=record.get("comment", ""),
        reason=record.get("reason", ""),
        repeated=Repeated(record.get("repeated", "")),
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """What a value is judged by: the issuing laboratory's intervals and limits, and whose blood it is."""

    sex: str
    age_years: int | None
    method: str = ""
    laboratory: str = ""
    taken_at: dt.datetime | None = None
    intervals: Mapping[tuple[str, str], Interval] = field(default_factory=dict)
    limits: Mapping[str, CriticalLimit] = field(default_factory=dict)

    def interval(self, analyte: str) -> Interval | None:
        """The interval that applies: by sex and age."""
        return interval_for(self.intervals, analyte, self.sex, self.age_years)


@dataclass(frozen=True, slots=True)
class Reported:
    """What another laboratory's report says beside its value: kept as it stands, never judged again."""

    unit: str = ""
    interval: str | None = None
    flag: Flag | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A value and whether it is telephoned."""

    value: ResultValue
    critical: bool

    @property
    def flag_words(self) -> str:
        """`critical`, `high`, `low` or nothing."""
        return "critical" if self.critical else self.value.flag.words

    @property
    def mark(self) -> str:
        """The sign before the word of the flag."""
        sign = {Flag.HIGH: "▲", Flag.LOW: "▼"}.get(self.value.flag, "")
        return (sign or "●") * 2 if self.critical else sign

    @property
    def said(self) -> str:
        """What is told beside it."""
        return self.value.said


def judge(
    analyte: Analyte,
    typed: str,
    bench: Bench,
    measured_at: dt.datetime,
    *,
    reported: Reported | None = None,
) -> Judged:
    """Read one value and judge it by its issuer's limits. RuleBroken says what to type instead.

    A reported unit must be the one fixed for the analyte: nothing is converted.
    """
    if typed.casefold() in NOT_DONE_TYPED:
        return Judged(
            _dressed(analyte, ResultValue(NOT_DONE, not_done=True), bench, measured_at),
            critical=False,
        )
    if reported is not None and reported.unit not in ("", analyte.unit, analyte.ucum):
        raise RuleBroken(
            f"{analyte.name} is reported in {analyte.unit or 'no unit'} here, not in {reported.unit}. "
            "Ask the other laboratory for it in that unit."
        )
    limit = bench.limits.get(analyte.code)
    if analyte.numeric:
        reading = read_number(typed)
        if problem := implausible(analyte, reading.number):
            raise RuleBroken(problem)
        text = f"{reading.qualifier}{reading.number:f}"
        bare = ResultValue(text, qualifier=reading.qualifier, number=reading.number)
        return Judged(
            _dressed(analyte, bare, bench, measured_at, reported), is_critical(reading, limit)
        )
    text = read_text(analyte, typed)
    return Judged(
        _dressed(analyte, ResultValue(text), bench, measured_at, reported), is_critical(text, limit)
    )


def read_text(analyte: Analyte, typed: str) -> str:
    """A text as it is kept: a choice as the catalogue spells it, a description as it was typed."""
    if len(typed) > LONGEST_TEXT:
        raise RuleBroken(
            f"Keep this to {LONGEST_TEXT} characters; the rest would not fit on the slip."
        )
    if not analyte.choices:
        return typed
    spelt = {choice.casefold(): choice for choice in analyte.choices}
    if typed.casefold() not in spelt:
        raise RuleBroken(choices_sentence(analyte))
    return spelt[typed.casefold()]


def choices_sentence(analyte: Analyte) -> str:
    """What may stand in the box of a coded text."""
    *others, last = analyte.choices
    return (
        f"{analyte.name} is {', '.join(others)} or {last}. "
        "Choose one of these, or “..” for not done."
    )


def _dressed(
    analyte: Analyte,
    bare: ResultValue,
    bench: Bench,
    measured_at: dt.datetime,
    reported: Reported | None = None,
) -> ResultValue:
    """The value with all that must never be looked up again later."""
    interval, limit = bench.interval(analyte.code), bench.limits.get(analyte.code)
    words = interval.words if interval else ""
    flagged = flag(bare.reading, interval) if bare.reading else Flag.NONE
    method = bench.method
    if reported is not None:
        words = words if reported.interval is None else reported.interval
        flagged = flagged if reported.flag is None else reported.flag
        method = reported.method or method
    age = None if bench.taken_at is None else (measured_at - bench.taken_at) // _MINUTE
    return ResultValue(
        text=bare.text,
        not_done=bare.not_done,
        qualifier=bare.qualifier,
        number=bare.number,
        unit="" if bare.not_done else analyte.unit,
        interval=words,
        flag=flagged,
        limit=limit.words if limit else "",
        method=method,
        laboratory=bench.laboratory,
        taken_at=bench.taken_at,
        age_minutes=age if age is None or age >= 0 else 0,
    )


def worked_out(
    analyte: Analyte, numbers: Mapping[str, Decimal], bench: Bench, measured_at: dt.datetime
) -> Judged | None:
    """A calculated analyte from the numbers of others, judged; None while an input is missing."""
    number = calculate(analyte, numbers, bench.sex, bench.age_years)
    if number is None:
        return None
    return judge_worked_out(analyte, number, bench, measured_at)


def judge_worked_out(
    analyte: Analyte, number: Decimal, bench: Bench, measured_at: dt.datetime
) -> Judged:
    """Judge a worked-out number; it is not refused as implausible, because nobody can type it again."""
    bare = ResultValue(format(number, "f"), number=number)
    reading = Reading(Qualifier.NONE, number)
    critical = is_critical(reading, bench.limits.get(analyte.code))
    return Judged(_dressed(analyte, bare, bench, measured_at), critical)


def is_worked_out(analyte: Analyte) -> bool:
    """Whether the analyte is calculated, never typed."""
    return analyte.calculated is not Calculation.NONE
