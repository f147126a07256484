"""The menu of one laboratory with what it states: method by test, intervals by analyte."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.catalogue.queries import Stated, catalogue, stated_intervals
from lab_contingency.catalogue.rules import Analyte, Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.wording import and_text
from lab_contingency.network.models import MenuEntry

_SEXES = {"M": "men", "F": "women"}


@dataclass(frozen=True, slots=True)
class Line:
    """One interval as it reads: for whom, what, since when, who stated it ('': a starter value)."""

    whom: str
    words: str
    valid_from: dt.date
    stated_by: str
    coming: bool = False

    @property
    def is_starter(self) -> bool:
        """Whether nobody of the laboratory has signed for it yet."""
        return not self.stated_by


@dataclass(frozen=True, slots=True)
class AnalyteLines:
    """An analyte with what holds now, and what is to hold from a later day."""

    analyte: Analyte
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MenuTest:
    """A test of the menu."""

    test: Test
    method: str
    analytes: tuple[AnalyteLines, ...]

    @property
    def starters(self) -> int:
        """How many of its analytes still have a starter value."""
        return sum(any(line.is_starter for line in one.lines) for one in self.analytes)


@dataclass(frozen=True, slots=True)
class AnalyteHistory:
    """Everything that was ever stated of an analyte, the latest first."""

    analyte: Analyte
    lines: tuple[Line, ...]


def menu_of(laboratory_id: uuid.UUID) -> tuple[MenuTest, ...]:
    """What a laboratory offers, in the catalogue's order."""
    statement = select(MenuEntry).where(MenuEntry.laboratory_id == laboratory_id)
    held, today = stated_intervals(laboratory_id), clock.london(clock.now()).date()
    known = catalogue()
    rows = sorted(session().scalars(statement), key=lambda row: known.test(row.test_code).order)
    return tuple(
        MenuTest(
            known.test(row.test_code),
            row.method,
            tuple(_analyte(known.analyte(code), held, today) for code in row.analytes),
        )
        for row in rows
    )


def menu_test(laboratory_id: uuid.UUID, test_code: str) -> MenuTest:
    """One test of a laboratory's menu; NotFound."""
    for each in menu_of(laboratory_id):
        if each.test.code == test_code:
            return each
    raise NotFound


def history(laboratory_id: uuid.UUID, analyte_code: str) -> AnalyteHistory:
    """All that a laboratory ever stated of an analyte; NotFound when there is no such analyte."""
    analyte = catalogue().analytes.get(analyte_code)
    if analyte is None:
        raise NotFound
    held = [each for each in stated_intervals(laboratory_id) if each.analyte == analyte_code]
    today = clock.london(clock.now()).date()
    return AnalyteHistory(analyte, _lines(held, today))


def _analyte(analyte: Analyte, held: tuple[Stated, ...], today: dt.date) -> AnalyteLines:
    """The latest for each sex and ages, and what is to come."""
    mine = [each for each in held if each.analyte == analyte.code]
    shown: list[Stated] = []
    seen: set[tuple[str, int, int | None]] = set()
    for each in mine:
        key = (each.sex, each.interval.from_age, each.interval.to_age)
        if each.valid_from > today:
            shown.append(each)
        elif key not in seen:
            seen.add(key)
            shown.append(each)
    return AnalyteLines(analyte, _lines(shown, today))


def _lines(held: list[Stated], today: dt.date) -> tuple[Line, ...]:
    """One line where men and women have the same."""
    together: dict[tuple[object, ...], list[Stated]] = {}
    for each in held:
        key = (each.interval, each.valid_from, each.stated_by, each.stated_at)
        together.setdefault(key, []).append(each)
    return tuple(_line(same, today) for same in together.values())


def _line(same: list[Stated], today: dt.date) -> Line:
    first = same[0]
    whom = and_text(sorted({_SEXES.get(each.sex, each.sex) for each in same}, reverse=True))
    return Line(
        f"{whom}, {first.interval.ages}",
        first.interval.words or "none",
        first.valid_from,
        first.stated_by,
        first.valid_from > today,
    )
