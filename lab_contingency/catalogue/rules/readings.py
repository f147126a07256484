"""Reading a typed number, and refusing one that cannot be."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from decimal import Decimal

from lab_contingency.catalogue.rules.vocabulary import Analyte
from lab_contingency.foundation.errors import RuleBroken


class Qualifier(enum.StrEnum):
    """A value beyond what the method can measure: `<5`, `>1000`."""

    NONE = ""
    BELOW = "<"
    AT_OR_BELOW = "<="
    ABOVE = ">"
    AT_OR_ABOVE = ">="


DOWNWARDS = frozenset({Qualifier.BELOW, Qualifier.AT_OR_BELOW})
UPWARDS = frozenset({Qualifier.ABOVE, Qualifier.AT_OR_ABOVE})


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as the analyser gave it, digits kept (`7.0` stays `7.0`)."""

    qualifier: Qualifier
    number: Decimal

    @property
    def words(self) -> str:
        """`<5`, `−10.2`: as shown to people."""
        return f"{self.qualifier}{self.number:f}".replace("-", "−")


# [0-9], not \d, which also takes digits of other scripts.
_NUMBER = re.compile(r"(?P<qualifier><=|>=|<|>)? ?(?P<number>[+-]?[0-9]{1,8}(?:\.[0-9]{1,6})?)")
_COMMA = re.compile(r"[<>=+-]* ?[0-9]+(,[0-9]+)+(\.[0-9]+)?")
_UNIT_BEHIND = re.compile(r"[<>=+-]* ?[0-9]+(\.[0-9]+)? ?[^0-9\s.,].*")
_NO_LEADING = re.compile(r"[<>=+-]* ?\.[0-9]+")
_SIGNS = str.maketrans({"−": "-", "–": "-", "≤": "<=", "≥": ">="})
_SHOWN = 20


def read_number(typed: str) -> Reading:
    """A number as people type it: `6.8`, ` 6.8 `, `<5`, `>1000`, `-4.2`.

    RuleBroken says what to type instead.
    A decimal comma is refused, not guessed: 1,234 may mean two different numbers.
    """
    text = typed.translate(_SIGNS).strip()
    if match := _NUMBER.fullmatch(text):
        return Reading(Qualifier(match["qualifier"] or ""), Decimal(match["number"]))
    raise RuleBroken(_what_to_type(text))


def _what_to_type(text: str) -> str:
    if not text:
        return "Type the number from the print-out, for example 6.8."
    if _COMMA.fullmatch(text):
        return "Write the decimal with a point, for example 6.8, and thousands without a sign."
    if _NO_LEADING.fullmatch(text):
        return "Put a nought before the point, for example 0.5."
    if _UNIT_BEHIND.fullmatch(text):
        return "Type the number alone, without unit or words: the unit stands beside the box."
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f"“{shown}” is not a number. Type it from the print-out, for example 6.8, <5 or >1000."


def implausible(analyte: Analyte, number: Decimal) -> str | None:
    """The sentence for a number outside the possible range, or None. No guess at what was meant."""
    possible = analyte.plausible
    if possible is None or possible.low <= number <= possible.high:
        return None
    return impossible(analyte, f"{number:f}".replace("-", "−"))


def impossible(analyte: Analyte, shown: str) -> str:
    """The sentence for a number that the analyte cannot be; nothing where every number is possible."""
    possible = analyte.plausible
    if possible is None:
        return ""
    dash = " to " if possible.low < 0 else "–"
    range_text = f"{possible.low:f}{dash}{possible.high:f}".replace("-", "−")
    return (
        f"{shown} {analyte.unit}".strip()
        + f" cannot be {in_sentence(analyte.name)}. Possible: {range_text}. "
        "Read the print-out and type it again."
    )


def in_sentence(name: str) -> str:
    """A name inside a sentence: `Haemoglobin` → `haemoglobin`; `INR`, `D-dimer`, `Free T4` stay."""
    first = name.split(maxsplit=1)[0].rstrip(",")
    ordinary = first.isalpha() and first[:1].isupper() and first[1:].islower()
    if not ordinary or any(word.isupper() or word[-1].isdigit() for word in name.split()):
        return name
    return name[0].lower() + name[1:]
