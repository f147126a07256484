"""Whether a value and the one before it say the same thing: two methods may differ more than two days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.network.rules import ALTERNATIVES
from lab_contingency.results.rules.values import ResultValue

# Quantities whose methods disagree by more than illness does: another method is another scale. For all others
# (sodium, haemoglobin, platelets) two laboratories of the country are close enough to be read side by side.
METHOD_MATTERS = frozenset(
    {
        "CREA", "EGFR", "TNT", "TNI", "NTBNP", "BNP", "DDIM", "APTT", "AXA",
        "ALB", "CAADJ", "ALP", "AMY", "LI", "DIG", "PHENY",
        "HCG", "TSH", "FT4", "CORT", "FERR", "B12", "FOL", "PCT",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with what was measured and where: all of it as it was kept with the value."""

    analyte: str
    name: str
    value: ResultValue
    laboratory: str


def alike(analytes: Iterable[str]) -> frozenset[str]:
    """These analytes, and those that others measure in their place: troponin T for troponin I."""
    wanted = frozenset(analytes)
    return wanted.union(*(group for group in ALTERNATIVES if group & wanted))


def in_place_of(analyte: str) -> frozenset[str]:
    """The analyte and its alternatives."""
    return alike((analyte,))


def incomparable(now: Measured, before: Measured) -> str:
    """Why the two cannot be compared, to follow “not comparable:”; nothing when they can."""
    if now.analyte != before.analyte:
        return f"{before.name} before, {now.name} now"
    units = now.value.unit, before.value.unit
    if all(units) and units[0] != units[1]:
        return f"{units[1]} before, {units[0]} now"
    if now.analyte not in METHOD_MATTERS:
        return ""
    return _methods(now, before)


def _methods(now: Measured, before: Measured) -> str:
    here, there = now.value.method.strip(), before.value.method.strip()
    if here.casefold() == there.casefold():
        same_place = not now.laboratory or now.laboratory == before.laboratory
        return "" if here or same_place else f"method not stated, {before.laboratory} before"
    return f"{there or 'method not stated'} before, {here or 'method not stated'} now"
