"""Reading the incident, today's menu and the numbers."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Discipline, Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import day_time_text, near_time_text
from lab_contingency.incidents.models import Incident, IssuedNumber, MenuDecision
from lab_contingency.incidents.rules import IncidentState, NumberState


@dataclass(frozen=True, slots=True)
class IncidentView:
    """The open incident."""

    id: uuid.UUID
    number: int
    down_since: dt.datetime
    scope: str
    message: str
    declared_at: dt.datetime
    declared_by: str
    version: int

    @property
    def banner(self) -> str:
        """The words in the bar of every page."""
        return f"Incident {self.number} · main system down since {day_time_text(self.down_since)}"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a test is not offered now."""

    id: uuid.UUID
    test_code: str
    reason: str
    until: dt.datetime | None
    decided_by: str
    decided_at: dt.datetime

    @property
    def sentence(self) -> str:
        """Reason, and until when if that is known."""
        return f"{self.reason} Until {near_time_text(self.until)}." if self.until else self.reason


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A test that is not offered now, and why."""

    test: Test
    stop: Stop


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """One discipline of today's menu."""

    words: str
    offered: tuple[Test, ...]
    stopped: tuple[MenuLine, ...]


@dataclass(frozen=True, slots=True)
class NumberCounts:
    """The books of numbers: issued = used + void + left on paper."""

    issued: int
    used: int
    void: int
    left: int = 0


# Asked on every page: plain rows, the fields of an IncidentView and of a Stop in their order.
_OPEN: Select[*tuple[Any, ...]] = select(
    *(Incident.id, Incident.number, Incident.down_since, Incident.scope, Incident.message),
    *(Incident.declared_at, Incident.declared_by, Incident.version),
).where(Incident.state == IncidentState.OPEN)
_STANDING: Select[*tuple[Any, ...]] = select(
    *(MenuDecision.id, MenuDecision.test_code, MenuDecision.reason, MenuDecision.until),
    *(MenuDecision.decided_by, MenuDecision.decided_at),
).where(MenuDecision.ended_at.is_(None))


def open_incident() -> IncidentView | None:
    """The open incident, or None."""
    row = session().execute(_OPEN).one_or_none()
    return IncidentView(*row) if row is not None else None


def stops() -> dict[str, Stop]:
    """Tests not offered now, by code. A stop whose time has passed no longer stands."""
    now = clock.now()
    found = (Stop(*row) for row in session().execute(_STANDING))
    return {stop.test_code: stop for stop in found if stop.until is None or stop.until > now}


def todays_menu() -> tuple[MenuGroup, ...]:
    """Every test by discipline: what is offered, and what is not."""
    stopped = stops()
    return tuple(_menu_group(discipline, stopped) for discipline in Discipline)


def _menu_group(discipline: Discipline, stopped: dict[str, Stop]) -> MenuGroup:
    tests = [test for test in catalogue().tests.values() if test.discipline is discipline]
    return MenuGroup(
        discipline.words,
        tuple(test for test in tests if test.code not in stopped),
        tuple(MenuLine(test, stopped[test.code]) for test in tests if test.code in stopped),
    )


def void_reason(number: str) -> str | None:
    """Why a number is void, or None when it is not."""
    row = session().get(IssuedNumber, number)
    return row.void_reason if row is not None and row.state is NumberState.VOID else None


def number_counts() -> NumberCounts:
    """How many numbers were issued, and what became of them."""
    counted = dict(
        session()
        .execute(select(IssuedNumber.state, func.count()).group_by(IssuedNumber.state))
        .all()
    )
    used, void = counted.get(NumberState.USED, 0), counted.get(NumberState.VOID, 0)
    left = counted.get(NumberState.ISSUED, 0)
    total = session().scalars(select(func.count(IssuedNumber.number))).one()
    return NumberCounts(total, used, void, left)
