"""What is wrong with a line of a menu, typed or loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.network.rules import conflict_of_alternatives


@dataclass(frozen=True, slots=True)
class LineProblem:
    """The sentence, and the field it is about."""

    field: str
    sentence: str


def line_problem(test_code: str, analytes: Sequence[str]) -> LineProblem | None:
    """Why a test with these analytes cannot stand on a menu, or None."""
    known = catalogue()
    if test_code not in known.tests:
        return LineProblem("test_code", f"There is no test “{test_code}” in the catalogue.")
    possible = {analyte.code for analyte in known.analytes_of(test_code)}
    foreign = [code for code in analytes if code not in possible]
    if foreign:
        return LineProblem("analytes", f"{test_code} does not report {' '.join(foreign)}.")
    if not analytes or len(set(analytes)) < len(analytes):
        return LineProblem("analytes", "Name the analytes that this laboratory reports, each once.")
    conflict = conflict_of_alternatives(analytes)
    return LineProblem("analytes", conflict) if conflict else None
