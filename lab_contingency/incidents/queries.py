"""Reading the incident, today's menu and the numbers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
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
    DecidedBy,
    IncidentState,
    NumberState,
    compose,
    decision_stands,
    grouped,
)
from lab_contingency.places.models import Site
from lab_contingency.places.queries import sites

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
    """Why a test is not offered now: a person said so, or routing found nobody who can do it."""

    id: uuid.UUID
    test_code: str
    reason: str
    until: dt.datetime | None
    decided_by: str
    decided_at: dt.datetime
    source: DecidedBy = DecidedBy.PERSON
    site_id: uuid.UUID | None = None
    offered: bool = False
    instead: str | None = None

    @property
    def found_by_routing(self) -> bool:
        """Whether nobody can do it for blood taken now."""
        return self.source is DecidedBy.ROUTING

    @property
    def tag(self) -> str:
        """What stands beside the test on the card."""
        return "do not take blood" if self.found_by_routing else "not offered today"

    @property
    def sentence(self) -> str:
        """Reason, until when if that is known, and the way round."""
        return " ".join(part for part in (self.reason, self.again, self.instead) if part)

    @property
    def again(self) -> str:
        """Until when, if that is known."""
        if self.until is None:
            return ""
        at = near_time_text(self.until)
        return f"From about {at} it can be done again." if self.found_by_routing else f"Until {at}."


@dataclass(frozen=True, slots=True)
class Decisions:
    """What stands about offering tests: what people decided, by test; what routing found, by site and test."""

    persons: Mapping[str, Stop]
    found: Mapping[uuid.UUID, Mapping[str, Stop]]

    def stops(self, site_id: uuid.UUID | None) -> dict[str, Stop]:
        """Tests not offered, by code: by a person, or else by what routing found for the site.

        Without a site only what people decided. A person who offers a test goes before routing.
        """
        found = self.found.get(site_id, {}) if site_id is not None else {}
        both = {**found, **self.persons}
        return {code: stop for code, stop in both.items() if not stop.offered}


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A test that is not offered now, why, and at which sites; `where` empty: at every site.

    `despite` is a person's decision to offer it all the same.
    """

    test: Test
    stop: Stop
    where: tuple[str, ...] = ()
    despite: Stop | None = None


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """One discipline of today's menu. `despite`: offered although routing found nobody."""

    words: str
    offered: tuple[Test, ...]
    stopped: tuple[MenuLine, ...]
    despite: tuple[MenuLine, ...] = ()


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
    *(MenuDecision.source, MenuDecision.site_id, MenuDecision.offered),
    MenuDecision.instead,
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


def decisions() -> Decisions:
    """Everything that stands now. A stop whose time has passed no longer does."""
    now = clock.now()
    persons: dict[str, Stop] = {}
    found: dict[uuid.UUID, dict[str, Stop]] = {}
    for row in session().execute(_STANDING):
        stop = Stop(*row)
        if not decision_stands(stop.source, stop.until, now):
            continue
        held = persons if stop.site_id is None else found.setdefault(stop.site_id, {})
        held[stop.test_code] = stop
    return Decisions(persons, found)


def stops(site_id: uuid.UUID | None = None) -> dict[str, Stop]:
    """Tests not offered now, by code: for blood taken at the site, or only what people decided."""
    return decisions().stops(site_id)


def todays_menu(site_id: uuid.UUID | None = None) -> tuple[MenuGroup, ...]:
    """Every test by discipline: what is offered and what is not, at one site or at all of them."""
    held, places = decisions(), {one.id: one.name for one in sites()}
    if site_id is not None:
        places = {site_id: places[site_id]}
    return tuple(_menu_group(discipline, held, places) for discipline in Discipline)


def not_to_be_bled(site_id: uuid.UUID | None = None) -> tuple[MenuLine, ...]:
    """What nobody can do for blood taken now, at one site or at any: for the first page of each role."""
    return tuple(
        line
        for group in todays_menu(site_id)
        for line in group.stopped
        if line.stop.found_by_routing
    )


def _menu_group(
    discipline: Discipline, held: Decisions, places: Mapping[uuid.UUID, str]
) -> MenuGroup:
    tests = [test for test in catalogue().tests.values() if test.discipline is discipline]
    lines = [line for test in tests for line in _menu_lines(test, held, places)]
    nowhere = {line.test.code for line in lines if not line.where and line.despite is None}
    return MenuGroup(
        discipline.words,
        tuple(test for test in tests if test.code not in nowhere),
        tuple(line for line in lines if line.despite is None),
        tuple(line for line in lines if line.despite is not None),
    )


def _menu_lines(
    test: Test, held: Decisions, places: Mapping[uuid.UUID, str]
) -> tuple[MenuLine, ...]:
    """What stands about one test: a person's stop, or what routing found, sites with one reason together."""
    said = held.persons.get(test.code)
    if said is not None and not said.offered:
        return (MenuLine(test, said),)
    alike: dict[tuple[str, dt.datetime | None], list[Stop]] = {}
    for site_id in places:
        stop = held.found.get(site_id, {}).get(test.code)
        if stop is not None:
            alike.setdefault((stop.reason, stop.until), []).append(stop)
    return tuple(MenuLine(test, same[0], _where(same, places), said) for same in alike.values())


def _where(same: Sequence[Stop], places: Mapping[uuid.UUID, str]) -> tuple[str, ...]:
    named = [places[stop.site_id] for stop in same if stop.site_id is not None]
    return () if len(named) == len(places) else tuple(named)


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
