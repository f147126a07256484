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
from lab_contingency.incidents.models import Incident, IssuedNumber, MenuDecision, NumberBlock
from lab_contingency.incidents.rules import (
    BlockPurpose,
    IncidentState,
    NumberState,
    compose,
    grouped,
)
from lab_contingency.places.models import Site

_BLOCKS_SHOWN = 100


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


@dataclass(frozen=True, slots=True)
class BlockView:
    """Form numbers that follow each other, taken for another server: what became of them so far."""

    id: uuid.UUID
    first: str
    last: str
    site: str
    issued_at: dt.datetime
    issued_by: str
    left: int
    used: int
    void: int

    @property
    def issued(self) -> int:
        """How many there are: used, void and left."""
        return self.left + self.used + self.void


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


def server_blocks() -> tuple[BlockView, ...]:
    """The blocks taken for other servers, the newest first, and what became of their numbers."""
    states = {state: func.count().filter(IssuedNumber.state == state) for state in NumberState}
    statement = (
        select(
            NumberBlock,
            Site.name,
            states[NumberState.ISSUED],
            states[NumberState.USED],
            states[NumberState.VOID],
        )
        .join(IssuedNumber, IssuedNumber.block_id == NumberBlock.id)
        .outerjoin(Site, Site.id == NumberBlock.site_id)
        .where(NumberBlock.purpose == BlockPurpose.SERVER)
        .group_by(NumberBlock.id, Site.name)
        .order_by(NumberBlock.issued_at.desc(), NumberBlock.id.desc())
        .limit(_BLOCKS_SHOWN)
    )
    return tuple(
        BlockView(
            row.id,
            grouped(compose(row.node, row.epoch, row.first_sequence)),
            grouped(compose(row.node, row.epoch, row.last_sequence)),
            site or "",
            row.issued_at,
            row.issued_by,
            left,
            used,
            void,
        )
        for row, site, left, used, void in session().execute(statement)
    )
