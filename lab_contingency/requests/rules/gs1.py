"""GS1 element strings: application identifiers with their values, as a scanner types them.

Three ways of writing are read: in parentheses, with a separator after values of variable length, and a single
identifier with nothing after it. GS1 General Specifications; the names of patients' identifiers as there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SEPARATORS = "\x1d|"
"""Group separator (FNC1), or the bar that scanners are set to type for it: a keyboard has no such key."""
MARKS = ("]C1", "]D2", "]Q3", "]E0")
"""What a scanner may type before a GS1 code to say what kind of symbol it was, in capitals."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One application identifier: its name, the fewest and the most characters of its value."""

    ai: str
    name: str
    fewest: int
    most: int

    @property
    def fixed(self) -> bool:
        """Whether the value ends by itself, without a separator."""
        return self.fewest == self.most


GSRN, BORN = "8018", "7250"
IDENTIFIERS: dict[str, Identifier] = {
    held.ai: held
    for held in (
        Identifier("00", "number of a box (SSCC)", 18, 18),
        Identifier("01", "product (GTIN)", 14, 14),
        Identifier("02", "product in a box (GTIN)", 14, 14),
        Identifier("10", "batch", 1, 20),
        Identifier("11", "made on", 6, 6),
        Identifier("17", "use by", 6, 6),
        Identifier("21", "serial number", 1, 20),
        Identifier("410", "place to deliver to (GLN)", 13, 13),
        Identifier("414", "place (GLN)", 13, 13),
        Identifier(BORN, "date of birth", 8, 8),
        Identifier("7251", "date and time of birth", 12, 12),
        Identifier("7252", "sex", 1, 1),
        Identifier("7253", "family name", 1, 40),
        Identifier("7254", "given name", 1, 40),
        Identifier("7255", "suffix of a name", 1, 10),
        Identifier("7256", "full name", 1, 90),
        Identifier("7257", "address", 1, 70),
        Identifier("7258", "order of birth", 3, 3),
        Identifier("7259", "baby of", 1, 40),
        Identifier("8004", "thing (GIAI)", 1, 30),
        Identifier("8017", "member of staff (GSRN)", 18, 18),
        Identifier(GSRN, "patient (GSRN)", 18, 18),
        Identifier("8019", "stay in hospital (SRIN)", 1, 10),
        *(Identifier(str(ai), f"the hospital’s own use ({ai})", 1, 90) for ai in range(90, 100)),
    )
}
_LONGEST_AI = 4
_IN_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]*)")


def is_gs1(text: str) -> bool:
    """Whether a scan is written as GS1: by its mark, in parentheses, or as a lone GSRN."""
    return (
        text.upper().startswith(MARKS)
        or _IN_BRACKETS.match(text) is not None
        or any(sign in text for sign in SEPARATORS)
        or re.match(rf"{GSRN}\d{{18}}", text) is not None
    )


def read_gs1(text: str) -> dict[str, str]:
    """Values by application identifier. ValueError with a sentence for what is no element string."""
    bare = text[3:] if text.upper().startswith(MARKS) else text
    pairs = _bracketed(bare) if bare.startswith("(") else _run_together(bare)
    found: dict[str, str] = {}
    for held, value in pairs:
        if not held.fewest <= len(value) <= held.most:
            raise ValueError(f"The {held.name} in this code is not whole. Scan it again.")
        if found.setdefault(held.ai, value) != value:
            raise ValueError(f"The {held.name} stands twice in this code, with two values.")
    if GSRN in found and not has_check_digit(found[GSRN]):
        raise ValueError("The check digit of the GSRN does not fit. Scan it again.")
    return found


def _bracketed(text: str) -> list[tuple[Identifier, str]]:
    pairs = _IN_BRACKETS.findall(text)
    if "".join(f"({ai}){value}" for ai, value in pairs) != text:
        raise ValueError("This GS1 code was not read whole. Scan it again.")
    return [(_identifier(ai), value.rstrip(SEPARATORS)) for ai, value in pairs]


def _identifier(ai: str) -> Identifier:
    if ai not in IDENTIFIERS:
        raise ValueError(
            f"This GS1 code holds something with the identifier {ai}, which no wristband has. "
            "Scan the code on the wristband."
        )
    return IDENTIFIERS[ai]


def _run_together(text: str) -> list[tuple[Identifier, str]]:
    pairs, rest = [], text.lstrip(SEPARATORS)
    while rest:
        held = _first_identifier(rest)
        rest = rest[len(held.ai) :]
        end = held.most if held.fixed else _next_separator(rest)
        pairs.append((held, rest[:end]))
        rest = rest[end:].lstrip(SEPARATORS)
    return pairs


def _first_identifier(text: str) -> Identifier:
    for length in range(2, _LONGEST_AI + 1):
        if text[:length] in IDENTIFIERS:
            return IDENTIFIERS[text[:length]]
    return _identifier(text[:2])


def _next_separator(text: str) -> int:
    return next((at for at, sign in enumerate(text) if sign in SEPARATORS), len(text))


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is GS1’s check digit of the others (weights 3 and 1 from the right)."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1)
        for place, digit in enumerate(reversed(digits[:-1]))
    )
    return (weighed + int(digits[-1])) % 10 == 0
