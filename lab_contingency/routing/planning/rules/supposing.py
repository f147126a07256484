"""What could be otherwise: the cases that a coordinator asks about before they happen."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from lab_contingency.requests.rules.bands import Band


class Case(enum.StrEnum):
    """What is supposed."""

    DROPS = "drops"
    DOUBLES = "doubles"
    ROAD = "road"
    DISCIPLINE = "discipline"
    STAFF = "staff"


WORDS: dict[Case, str] = {
    Case.DROPS: "A laboratory drops out",
    Case.DOUBLES: "A laboratory has twice the places",
    Case.ROAD: "The roads to a laboratory are closed",
    Case.DISCIPLINE: "A discipline stops everywhere",
    Case.STAFF: "Fewer staff everywhere",
}
SENTENCES: dict[Case, str] = {
    Case.DROPS: "{} drops out",
    Case.DOUBLES: "{} has twice the places",
    Case.ROAD: "the roads to {} are closed",
    Case.DISCIPLINE: "{} stops everywhere",
    Case.STAFF: "{} of the places everywhere",
}
STAFF = (90, 75, 50)


class Fate(enum.StrEnum):
    """What becomes of a test."""

    IN_TIME = "in time"
    LATE = "late"
    NOBODY = "nobody can"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many tests of a band end how."""

    in_time: int = 0
    late: int = 0
    nobody: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.in_time + self.late + self.nobody


def outlook(fates: Iterable[tuple[Band, Fate]]) -> dict[Band, Outlook]:
    """By band, every band named."""
    counted = {band: dict.fromkeys(Fate, 0) for band in Band}
    for band, fate in fates:
        counted[band][fate] += 1
    return {
        band: Outlook(held[Fate.IN_TIME], held[Fate.LATE], held[Fate.NOBODY])
        for band, held in counted.items()
    }
