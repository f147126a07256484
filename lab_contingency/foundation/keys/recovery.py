"""The recovery sheet's secret: 160 random bits as eight groups that say themselves when one is mistyped."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from lab_contingency.foundation.errors import RuleBroken

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})
_BYTES = 20
GROUPS, DATA = 8, 4
GROUP = DATA + 1
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1: 32 elements, one for each sign
_HIGH, _LOW = 0b100000, 0b11111


@dataclass(frozen=True, slots=True, repr=False)
class RecoverySecret:
    """20 random bytes. `groups` is how they are printed and typed."""

    raw: bytes

    @classmethod
    def new(cls) -> RecoverySecret:
        """A fresh one."""
        return cls(secrets.token_bytes(_BYTES))

    @property
    def groups(self) -> tuple[str, ...]:
        """Eight groups of four signs and a check sign."""
        number = int.from_bytes(self.raw, "big")
        values = [(number >> 5 * place) & _LOW for place in reversed(range(GROUPS * DATA))]
        parts = [values[start : start + DATA] for start in range(0, len(values), DATA)]
        return tuple(
            "".join(_SIGNS[value] for value in (*part, _check(part, place)))
            for place, part in enumerate(parts, 1)
        )

    @property
    def text(self) -> str:
        """The groups with hyphens, as the square code on the sheet holds them."""
        return "-".join(self.groups)

    @classmethod
    def from_text(cls, typed: str) -> RecoverySecret:
        """What was typed or scanned; RuleBroken names the first group that does not fit its check sign."""
        number = 0
        for place, group in enumerate(_split(typed), 1):
            for value in _values(group, place):
                number = number << 5 | value
        return cls(number.to_bytes(_BYTES, "big"))


def _split(typed: str) -> list[str]:
    tidy = typed.upper().translate(_LOOKS_LIKE)
    groups = re.findall(r"[^\s\-–.,]+", tidy)
    if len(groups) == GROUPS:
        return groups
    whole = "".join(groups)
    if len(whole) == GROUPS * GROUP:
        return [whole[start : start + GROUP] for start in range(0, len(whole), GROUP)]
    raise RuleBroken(
        f"The recovery sheet has {GROUPS} groups of {GROUP} signs, {GROUPS * GROUP} in all; this has {len(whole)}. "
        "Type all of them, with a space between two groups.",
        field="groups",
    )


def _values(group: str, place: int) -> list[int]:
    known = len(group) == GROUP and all(sign in _SIGNS for sign in group)
    values = [_SIGNS.index(sign) for sign in group] if known else []
    if not known or _check(values[:DATA], place) != values[DATA]:
        raise RuleBroken(
            f"Group {place} is not as printed. Read its {GROUP} signs again.", field="groups"
        )
    return values[:DATA]


def _check(values: list[int], place: int) -> int:
    """A weighted sum in the field of 32: another sign, two signs or two groups exchanged change it."""
    total, weight = 0, 2
    for value in (*values, place):
        total ^= _times(value, weight)
        weight = _times(weight, 2)
    return total


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & _HIGH:
            one ^= _FIELD_POLYNOMIAL
        other >>= 1
    return product
