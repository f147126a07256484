"""Low, high, critical: what the machine says about a value. Intervals are those of adults."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from decimal import Decimal

from lab_contingency.catalogue.rules.readings import DOWNWARDS, UPWARDS, Qualifier, Reading
from lab_contingency.catalogue.rules.vocabulary import (
    CriticalLimit,
    HighOperator,
    Interval,
    LowOperator,
    Sex,
)

ADULT = 16
_SHORTEST_PLURAL = 4


class Flag(enum.StrEnum):
    """Where a value lies; NONE when no interval applies."""

    LOW = "low"
    HIGH = "high"
    NORMAL = "normal"
    NONE = "none"

    @property
    def words(self) -> str:
        """`low`, `high`, or nothing."""
        return self.value if self in (Flag.LOW, Flag.HIGH) else ""


def interval_for(
    intervals: Mapping[tuple[str, str], Interval], analyte: str, sex: str, age_years: int | None
) -> Interval | None:
    """The interval that applies to this patient, by (analyte, sex "M" or "F").

    None at an age it is not stated for (the starter intervals: under 16) or that is unknown, and at unknown
    sex where the sexes differ.
    """
    if age_years is None:
        return None
    male, female = (
        held if held is not None and held.covers(age_years) else None
        for held in (intervals.get((analyte, each)) for each in (Sex.MALE, Sex.FEMALE))
    )
    if male == female:
        return male
    return {Sex.MALE.value: male, Sex.FEMALE.value: female}.get(sex)


def flag(value: Decimal | Reading, interval: Interval | None) -> Flag:
    """Where the value lies in the interval, whose ends belong to it.

    A qualified value (`<5`) is flagged only when every value it may stand for lies on one side.
    """
    if interval is None or (interval.low is None and interval.high is None):
        return Flag.NONE
    reading = value if isinstance(value, Reading) else Reading(Qualifier.NONE, value)
    if reading.qualifier in DOWNWARDS:
        return _flag_of_below(reading, interval)
    if reading.qualifier in UPWARDS:
        return _flag_of_above(reading, interval)
    if interval.low is not None and reading.number < interval.low:
        return Flag.LOW
    if interval.high is not None and reading.number > interval.high:
        return Flag.HIGH
    return Flag.NORMAL


def _flag_of_below(reading: Reading, interval: Interval) -> Flag:
    strict = reading.qualifier is Qualifier.BELOW
    # An interval from nought is open below: nothing it is held for can be less than nothing.
    low = interval.low or None
    if low is not None:
        return Flag.LOW if _reaches(low, reading.number, strict=strict) else Flag.NONE
    if interval.high is not None and reading.number > interval.high:
        return Flag.NONE
    return Flag.NORMAL


def _flag_of_above(reading: Reading, interval: Interval) -> Flag:
    strict = reading.qualifier is Qualifier.ABOVE
    if interval.high is not None:
        return Flag.HIGH if _reaches(reading.number, interval.high, strict=strict) else Flag.NONE
    return Flag.NORMAL if interval.low is not None and reading.number >= interval.low else Flag.NONE


def _reaches(larger: Decimal, smaller: Decimal, *, strict: bool) -> bool:
    return larger >= smaller if strict else larger > smaller


def is_critical(value: Decimal | Reading | str, limit: CriticalLimit | None) -> bool:
    """Whether the result is telephoned: a number by its limits, a text by the critical word.

    A qualified number that may lie beyond a limit is telephoned. Holds at every age.
    """
    if limit is None:
        return False
    if limit.phone_all:
        return bool(value.strip()) if isinstance(value, str) else True
    if isinstance(value, str):
        return _text_is_critical(value, limit)
    reading = value if isinstance(value, Reading) else Reading(Qualifier.NONE, value)
    return _beyond_low(reading, limit) or _beyond_high(reading, limit)


def _beyond_low(reading: Reading, limit: CriticalLimit) -> bool:
    if limit.low is None:
        return False
    if reading.qualifier in DOWNWARDS:
        return True
    inclusive = limit.low_op is LowOperator.AT_OR_BELOW and reading.qualifier is not Qualifier.ABOVE
    return reading.number <= limit.low if inclusive else reading.number < limit.low


def _beyond_high(reading: Reading, limit: CriticalLimit) -> bool:
    if limit.high is None:
        return False
    if reading.qualifier in UPWARDS:
        return True
    inclusive = (
        limit.high_op is HighOperator.AT_OR_ABOVE and reading.qualifier is not Qualifier.BELOW
    )
    return reading.number >= limit.high if inclusive else reading.number > limit.high


# A closed list of whole clauses: "no growth at 24 h then yeast" begins harmlessly and is not.
_CLAUSES = re.compile(r"[,;.:\n/]| but | and | with | however |[–—]")
_SEEN = r"(seen|detected|found|present|identified|isolated|reactive)"
_THING = (
    r"(malaria(l)?( parasites?| antigens?)?|parasites?|plasmodium|antigens?"
    r"|((red cell|irregular|atypical|hiv|hcv) )?antibod(y|ies)|hiv([- ]?[12])?|hcv|hbsag"
    r"|organisms?|bacteria|(bacterial )?growth)"
)
_WHERE = (
    r" ((in|on) )?(the |this |both )?((thick|thin|blood|aerobic|anaerobic)( films?| bottles?)?"
    r"|films?|bottles?)"
)
_ASIDE_TEXT = (
    r"((after |at |to |in |so |for )?(date|far|interim|final|preliminary|provisional"
    r"|(\d+|one|two|three|four|five) ?(h|hrs?|hours?|d|days?)( of)?( incubation)?))"
)
_ASIDE = re.compile(_ASIDE_TEXT)
_HARMLESS = re.compile(
    rf"((no|nil) {_THING}( {_SEEN})?|(none|nil|nothing) {_SEEN}"
    rf"|({_THING} )?(not {_SEEN}|negative|neg|absent|undetected|non[- ]?reactive))"
    rf"({_WHERE})?( {_ASIDE_TEXT})?"
)
_NO_RESULT = re.compile(
    r"(not (done|tested|performed|examined)|cancelled|((result|report) )?(pending|to follow)"
    r"|((sample|specimen) )?(insufficient|unsuitable|haemolysed|clotted|too old)"
    r"( (sample|specimen|volume))?( for (testing|analysis))?)"
)


def _text_is_critical(value: str, limit: CriticalLimit) -> bool:
    clauses = _clauses(value)
    if not limit.text or not clauses:
        return False
    if limit.expected:
        # Whatever is neither the expected wording nor plainly harmless is telephoned.
        expected = limit.expected.casefold()
        return not all(clause == expected or _is_harmless(clause) for clause in clauses)
    word = _word(limit.text)
    found, absent = re.compile(word), _absent(word)
    return any(found.search(clause) and not absent.fullmatch(clause) for clause in clauses)


def _word(text: str) -> str:
    """The critical word with its endings: "blasts" also finds "blast cells" and "lymphoblasts"."""
    stem = text.casefold()
    if len(stem) > _SHORTEST_PLURAL:
        stem = stem.removesuffix("s")
    return rf"\b(lympho|myelo|mono)?{re.escape(stem)}"


def _absent(word: str) -> re.Pattern[str]:
    """The clauses that say the critical word is not there, and nothing else."""
    thing = rf"{word}\w*( cells?)?"
    return re.compile(
        rf"(no|nil|without|negative for) (evidence of |circulating |obvious )?{thing}( {_SEEN})?"
        rf"|{thing} (not {_SEEN}|absent|negative)"
    )


def _clauses(value: str) -> list[str]:
    text = re.sub(r"[^\S\n]+", " ", re.sub(r"[()]", ", ", value)).casefold()
    return [clause.strip() for clause in _CLAUSES.split(text) if clause.strip()]


def _is_harmless(clause: str) -> bool:
    return any(form.fullmatch(clause) for form in (_HARMLESS, _ASIDE, _NO_RESULT))
