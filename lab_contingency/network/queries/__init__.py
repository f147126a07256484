"""The network read whole: small, and routing needs all of it at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.network import rules
from lab_contingency.network.models import (
    Agreement,
    Capacity,
    Link,
    LinkRun,
    MenuEntry,
    OpeningHours,
    SlotAgreement,
)
from lab_contingency.network.rules import (
    AgreedTime,
    Connection,
    Departure,
    LaboratoryOffer,
    OpenSpell,
    Way,
)
from lab_contingency.places.models import Laboratory
from lab_contingency.places.rules import LaboratoryKind

_IN_ORDER = (OpeningHours.weekday, OpeningHours.opens)
_NOTHING: Mapping[str, LaboratoryOffer] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Network:
    """Menus, hours, capacity and travel of every laboratory, as they stood when read."""

    menus: Mapping[uuid.UUID, Mapping[str, LaboratoryOffer]]
    spells: Mapping[uuid.UUID, tuple[OpenSpell, ...]]
    capacities: Mapping[tuple[uuid.UUID, Discipline, int], int]
    site_links: Mapping[tuple[uuid.UUID, uuid.UUID], Connection]
    laboratory_links: Mapping[tuple[uuid.UUID, uuid.UUID], Connection]
    slots: Mapping[tuple[uuid.UUID, Discipline], int]
    hand_offs: Mapping[uuid.UUID, dt.timedelta]
    agreed: Mapping[uuid.UUID, AgreedTime]

    def menu(self, laboratory_id: uuid.UUID) -> Mapping[str, LaboratoryOffer]:
        """What a laboratory offers, by test code; empty for one without a menu."""
        return self.menus.get(laboratory_id, _NOTHING)

    def offers(self, test_code: str) -> tuple[LaboratoryOffer, ...]:
        """Every laboratory that offers the test, own ones first, then by name."""
        return tuple(menu[test_code] for menu in self.menus.values() if test_code in menu)

    def hours(self, laboratory_id: uuid.UUID) -> tuple[OpenSpell, ...]:
        """When a laboratory is open, in the order of the week; empty when never."""
        return self.spells.get(laboratory_id, ())

    def is_open(self, laboratory_id: uuid.UUID, at: dt.datetime) -> bool:
        """Whether a laboratory works at that moment."""
        return rules.is_open(self.hours(laboratory_id), at)

    def opens_next(self, laboratory_id: uuid.UUID, at: dt.datetime) -> dt.datetime | None:
        """When a laboratory can begin from that moment on; None when never."""
        return rules.opens_next(self.hours(laboratory_id), at)

    def capacity(self, laboratory_id: uuid.UUID, discipline: Discipline, hour: int) -> int:
        """Requested tests of a discipline in one London hour (0–23); 0 where none is stated."""
        return self.capacities.get((laboratory_id, discipline, hour), 0)

    def capacity_at(self, laboratory_id: uuid.UUID, discipline: Discipline, at: dt.datetime) -> int:
        """The capacity of the hour in which that moment lies; 0 while the laboratory is shut."""
        if not self.is_open(laboratory_id, at):
            return 0
        return self.capacity(laboratory_id, discipline, clock.london(at).hour)

    def travel(self, site_id: uuid.UUID, laboratory_id: uuid.UUID) -> dt.timedelta | None:
        """The way from a site to a laboratory; None where there is no link."""
        link = self.site_links.get((site_id, laboratory_id))
        return link.travel if link else None

    def travel_between(self, one: uuid.UUID, other: uuid.UUID) -> dt.timedelta | None:
        """The way between two laboratories; stated one way it holds both ways."""
        if one == other:
            return dt.timedelta(0)
        link = self.laboratory_links.get((one, other), self.laboratory_links.get((other, one)))
        return link.travel if link else None

    def way(self, site_id: uuid.UUID, laboratory_id: uuid.UUID, at: dt.datetime) -> Way | None:
        """When tubes that are ready at a site at that moment are at a laboratory's door."""
        link = self.site_links.get((site_id, laboratory_id))
        return rules.quickest(link, at) if link else None

    def way_between(self, one: uuid.UUID, other: uuid.UUID, at: dt.datetime) -> Way | None:
        """The same between two laboratories; only who goes on demand goes both ways."""
        if one == other:
            return Way(at, at)
        link = self.laboratory_links.get((one, other))
        if link is None:
            back = self.laboratory_links.get((other, one))
            link = back if back and back.on_demand else None
        return rules.quickest(link, at) if link else None

    def slots_a_day(self, laboratory_id: uuid.UUID, discipline: Discipline) -> int | None:
        """Agreed tests of a discipline on one London day; None where no number was agreed."""
        return self.slots.get((laboratory_id, discipline))

    def hand_off(self, laboratory_id: uuid.UUID) -> dt.timedelta:
        """From a laboratory's door to its bench, as agreed; nothing where nothing was."""
        return self.hand_offs.get(laboratory_id, dt.timedelta(0))

    def lapsed(self, laboratory_id: uuid.UUID, at: dt.datetime) -> str:
        """Why its agreement lets nothing new go there at that moment; nothing where none was ever written down."""
        agreed = self.agreed.get(laboratory_id)
        return agreed.refusal(clock.london(at).date()) if agreed else ""


def price_of(laboratory_id: uuid.UUID, test_code: str) -> int | None:
    """What a laboratory asks for a test now, in pence; None where nothing was agreed."""
    statement = select(MenuEntry.price_pence).where(
        MenuEntry.laboratory_id == laboratory_id, MenuEntry.test_code == test_code
    )
    return session().scalars(statement).one_or_none()


def network() -> Network:
    """Everything that is known of the network."""
    site_links, laboratory_links = _links()
    agreements = session().scalars(select(Agreement)).all()
    return Network(
        menus=_menus(),
        spells=_spells(),
        capacities=MappingProxyType(
            {
                (row.laboratory_id, row.discipline, row.hour): row.per_hour
                for row in session().scalars(select(Capacity))
            }
        ),
        site_links=site_links,
        laboratory_links=laboratory_links,
        slots=MappingProxyType(
            {
                (row.laboratory_id, row.discipline): row.per_day
                for row in session().scalars(select(SlotAgreement))
            }
        ),
        hand_offs=MappingProxyType(
            {row.laboratory_id: dt.timedelta(minutes=row.hand_off_minutes) for row in agreements}
        ),
        agreed=MappingProxyType(
            {row.laboratory_id: AgreedTime(row.starts_on, row.ends_on) for row in agreements}
        ),
    )


def reported_analytes(laboratory_id: uuid.UUID, test_code: str) -> tuple[str, ...]:
    """What a laboratory reports for a test, in its order; empty when it does not offer the test."""
    statement = select(MenuEntry.analytes).where(
        MenuEntry.laboratory_id == laboratory_id, MenuEntry.test_code == test_code
    )
    return tuple(session().scalars(statement).one_or_none() or ())


def _menus() -> Mapping[uuid.UUID, Mapping[str, LaboratoryOffer]]:
    """A laboratory that was retired keeps its menu, but offers nothing."""
    partners_last = Laboratory.kind == LaboratoryKind.PARTNER
    statement = (
        select(MenuEntry)
        .join(Laboratory, Laboratory.id == MenuEntry.laboratory_id)
        .where(Laboratory.retired_at.is_(None))
        .order_by(partners_last, Laboratory.name, MenuEntry.test_code)
    )
    menus: dict[uuid.UUID, dict[str, LaboratoryOffer]] = defaultdict(dict)
    for row in session().scalars(statement):
        turnaround = dt.timedelta(minutes=row.turnaround_minutes)
        offer = LaboratoryOffer(
            row.laboratory_id,
            row.test_code,
            turnaround,
            row.method,
            tuple(row.analytes),
            row.price_pence,
        )
        menus[row.laboratory_id][row.test_code] = offer
    return MappingProxyType({key: MappingProxyType(menu) for key, menu in menus.items()})


def _spells() -> Mapping[uuid.UUID, tuple[OpenSpell, ...]]:
    spells: dict[uuid.UUID, list[OpenSpell]] = defaultdict(list)
    for row in session().scalars(select(OpeningHours).order_by(*_IN_ORDER)):
        spells[row.laboratory_id].append(OpenSpell(row.weekday, row.opens, row.closes))
    return MappingProxyType({key: tuple(held) for key, held in spells.items()})


def _links() -> tuple[
    Mapping[tuple[uuid.UUID, uuid.UUID], Connection],
    Mapping[tuple[uuid.UUID, uuid.UUID], Connection],
]:
    runs: dict[uuid.UUID, list[Departure]] = defaultdict(list)
    for run in session().scalars(select(LinkRun).order_by(LinkRun.weekday, LinkRun.leaves)):
        runs[run.link_id].append(Departure(run.weekday, run.leaves))
    sites: dict[tuple[uuid.UUID, uuid.UUID], Connection] = {}
    laboratories: dict[tuple[uuid.UUID, uuid.UUID], Connection] = {}
    for row in session().scalars(select(Link)):
        link = Connection(
            dt.timedelta(minutes=row.travel_minutes),
            row.on_demand,
            tuple(runs.get(row.id, ())),
            row.closed_until,
            row.note,
        )
        if row.from_site_id is not None:
            sites[row.from_site_id, row.to_laboratory_id] = link
        elif row.from_laboratory_id is not None:
            laboratories[row.from_laboratory_id, row.to_laboratory_id] = link
    return MappingProxyType(sites), MappingProxyType(laboratories)
