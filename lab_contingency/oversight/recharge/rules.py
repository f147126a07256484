"""What a partner's work costs whom: months of London, what is charged, and sums."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab_contingency.foundation import clock

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_LAST = 12
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


class Work(enum.StrEnum):
    """What became of a test that a partner had."""

    FIRST = "result"
    AMENDED = "amended again"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


# A test asked again later is another test, with a first result of its own. Putting a value right, and work
# that was stopped before a result, is not paid for.
CHARGED: Mapping[Work, bool] = {
    Work.FIRST: True,
    Work.AMENDED: False,
    Work.WITHDRAWN: False,
    Work.REJECTED: False,
}


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of the London calendar."""

    year: int
    month: int

    @property
    def value(self) -> str:
        """`2026-11`."""
        return f"{self.year}-{self.month:02d}"

    @property
    def words(self) -> str:
        """`November 2026`."""
        return f"{_NAMES[self.month - 1]} {self.year}"

    @property
    def before(self) -> Month:
        """The month before."""
        return Month(self.year - 1, _LAST) if self.month == 1 else Month(self.year, self.month - 1)

    @property
    def after(self) -> Month:
        """The month after."""
        return Month(self.year + 1, 1) if self.month == _LAST else Month(self.year, self.month + 1)

    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """Its first moment and the first of the next, aware UTC."""
        return self.begins, self.after.begins

    @property
    def begins(self) -> dt.datetime:
        """Its first moment, aware UTC."""
        return clock.from_london(dt.datetime(self.year, self.month, 1))  # noqa: DTZ001 - London's wall clock


def month_of(moment: dt.datetime) -> Month:
    """The London month in which a moment lies."""
    wall = clock.london(moment)
    return Month(wall.year, wall.month)


def read_month(typed: str) -> Month | None:
    """`2026-11` as a month, else None."""
    match = _MONTH.fullmatch(typed)
    return Month(int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class Line:
    """So many tests of one kind at one price. `pence` None: no price was agreed when they were done."""

    organisation_code: str
    organisation: str
    laboratory: str
    test_code: str
    test: str
    work: Work
    pence: int | None
    count: int

    @property
    def sum_pence(self) -> int:
        """What is charged for them; nothing where no price was agreed."""
        return (self.pence or 0) * self.count if CHARGED[self.work] else 0

    @property
    def is_unpriced(self) -> bool:
        """Whether it would be charged if a price had been agreed."""
        return CHARGED[self.work] and self.pence is None


@dataclass(frozen=True, slots=True)
class Account:
    """What one partner laboratory did for one organisation."""

    organisation_code: str
    organisation: str
    laboratory: str
    lines: tuple[Line, ...]

    @property
    def tests(self) -> int:
        """Tests that are charged, priced or not."""
        return sum(line.count for line in self.lines if CHARGED[line.work])

    @property
    def unpriced(self) -> int:
        """Tests without an agreed price."""
        return sum(line.count for line in self.lines if line.is_unpriced)

    @property
    def sum_pence(self) -> int:
        """What is charged."""
        return sum(line.sum_pence for line in self.lines)


def accounts(lines: Iterable[Line]) -> tuple[Account, ...]:
    """By organisation, then by laboratory, lines by test and what is charged first."""
    works = list(Work)
    found: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        key = (line.organisation, line.organisation_code, line.laboratory)
        found.setdefault(key, []).append(line)
    return tuple(
        Account(code, name, laboratory, tuple(sorted(
            held, key=lambda line: (line.test, works.index(line.work), line.pence or 0)
        )))
        for (name, code, laboratory), held in sorted(found.items())
    )  # fmt: skip


def pounds(pence: int) -> str:
    """`1,234.50`."""
    return f"{pence // 100:,}.{pence % 100:02d}"
