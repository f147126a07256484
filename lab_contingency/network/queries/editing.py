"""One laboratory's part of the network as its page shows it and its forms begin: names, not ids; its version with it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
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
    HOURS,
    Acceptance,
    Departure,
    OpenSpell,
    price_text,
    timetable_text,
)
from lab_contingency.places.models import Laboratory, Site
from lab_contingency.places.rules import LaboratoryKind


@dataclass(frozen=True, slots=True)
class LaboratorySheet:
    """What stands at the head of a laboratory's pages and in the form that changes it."""

    id: uuid.UUID
    code: str
    name: str
    own: bool
    organisation_id: uuid.UUID
    organisation: str
    site_id: uuid.UUID | None
    site: str
    telephone: str
    retired_at: dt.datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class AgreementView:
    """What was agreed with a partner. `version` 0: nothing was so far, and all else is empty."""

    version: int = 0
    reference: str = ""
    accepts: Acceptance = Acceptance.ELECTRONIC
    hand_off_minutes: int = 0
    custody_contact: str = ""
    custody_telephone: str = ""
    results_contact: str = ""
    results_telephone: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None

    @property
    def written(self) -> bool:
        """Whether anything was agreed."""
        return self.version > 0


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A test on a laboratory's menu."""

    test_code: str
    label: str
    discipline: Discipline
    turnaround: dt.timedelta
    method: str
    analytes: tuple[str, ...]
    price_pence: int | None

    @property
    def price(self) -> str:
        """`£4.20`, or nothing."""
        return price_text(self.price_pence)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A way to the laboratory."""

    id: uuid.UUID
    start: str
    to_laboratory_id: uuid.UUID
    travel: dt.timedelta
    note: str
    on_demand: bool
    runs: tuple[Departure, ...]
    closed_until: dt.datetime | None
    closed_reason: str
    version: int

    def is_closed(self, now: dt.datetime) -> bool:
        """Whether nothing goes at that moment."""
        return self.closed_until is not None and self.closed_until > now

    @property
    def runs_text(self) -> str:
        """`Mon–Fri 07:30 12:00; Sat 09:00`."""
        return timetable_text(self.runs)


def laboratory_sheet(laboratory_id: uuid.UUID) -> LaboratorySheet:
    """One laboratory; NotFound."""
    row = session().get(Laboratory, laboratory_id, populate_existing=True)
    if row is None:
        raise NotFound
    return LaboratorySheet(
        id=row.id,
        code=row.code,
        name=row.name,
        own=row.kind is LaboratoryKind.OWN,
        organisation_id=row.organisation_id,
        organisation=row.organisation.name,
        site_id=row.site_id,
        site=session().get_one(Site, row.site_id).name if row.site_id else "",
        telephone=row.telephone,
        retired_at=row.retired_at,
        version=row.version,
    )


def agreement_with(laboratory_id: uuid.UUID) -> AgreementView:
    """What was agreed with that laboratory; an empty one of version 0 where nothing was."""
    return agreements().get(laboratory_id, AgreementView())


def agreements() -> Mapping[uuid.UUID, AgreementView]:
    """Every agreement, by laboratory."""
    rows = session().scalars(select(Agreement).execution_options(populate_existing=True))
    return {
        row.laboratory_id: AgreementView(
            version=row.version,
            reference=row.reference,
            accepts=row.accepts,
            hand_off_minutes=row.hand_off_minutes,
            custody_contact=row.custody_contact,
            custody_telephone=row.custody_telephone,
            results_contact=row.results_contact,
            results_telephone=row.results_telephone,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in rows
    }


def menu_of(laboratory_id: uuid.UUID) -> tuple[MenuRow, ...]:
    """Its menu in the catalogue's order, also while it is retired."""
    tests = catalogue().tests
    rows = session().scalars(select(MenuEntry).where(MenuEntry.laboratory_id == laboratory_id))
    known = sorted(
        (row for row in rows if row.test_code in tests), key=lambda row: tests[row.test_code].order
    )
    return tuple(_menu_row(row) for row in known)


def menu_row(laboratory_id: uuid.UUID, test_code: str) -> MenuRow:
    """One line of it; NotFound."""
    statement = select(MenuEntry).where(
        MenuEntry.laboratory_id == laboratory_id, MenuEntry.test_code == test_code
    )
    row = session().scalars(statement).one_or_none()
    if row is None or test_code not in catalogue().tests:
        raise NotFound
    return _menu_row(row)


def _menu_row(row: MenuEntry) -> MenuRow:
    test = catalogue().tests[row.test_code]
    return MenuRow(
        test_code=row.test_code,
        label=test.label,
        discipline=test.discipline,
        turnaround=dt.timedelta(minutes=row.turnaround_minutes),
        method=row.method,
        analytes=tuple(row.analytes),
        price_pence=row.price_pence,
    )


def spells_of(laboratory_id: uuid.UUID) -> Mapping[int, tuple[OpenSpell, ...]]:
    """When it is open, by weekday, in order."""
    rows = session().scalars(
        select(OpeningHours)
        .where(OpeningHours.laboratory_id == laboratory_id)
        .order_by(OpeningHours.weekday, OpeningHours.opens)
    )
    spells = (OpenSpell(row.weekday, row.opens, row.closes) for row in rows)
    return {day: tuple(held) for day, held in groupby(spells, key=lambda spell: spell.weekday)}


def capacity_of(laboratory_id: uuid.UUID) -> Mapping[Discipline, tuple[int, ...]]:
    """Tests an hour for each of the 24 London hours; every discipline, also those it does not do."""
    hours: dict[Discipline, list[int]] = {discipline: [0] * HOURS for discipline in Discipline}
    for row in session().scalars(select(Capacity).where(Capacity.laboratory_id == laboratory_id)):
        hours[row.discipline][row.hour] = row.per_hour
    return {discipline: tuple(numbers) for discipline, numbers in hours.items()}


def slots_of(laboratory_id: uuid.UUID) -> Mapping[Discipline, int]:
    """Agreed tests a day, for each discipline with an agreed number."""
    statement = select(SlotAgreement).where(SlotAgreement.laboratory_id == laboratory_id)
    return {row.discipline: row.per_day for row in session().scalars(statement)}


def links_to(laboratory_id: uuid.UUID) -> tuple[LinkRow, ...]:
    """Every way to it, the shortest first."""
    rows = session().scalars(
        select(Link)
        .where(Link.to_laboratory_id == laboratory_id)
        .order_by(Link.travel_minutes, Link.id)
        .execution_options(populate_existing=True)
    )
    return _links(rows.all())


def link_row(link_id: uuid.UUID) -> LinkRow:
    """One way; NotFound."""
    row = session().get(Link, link_id, populate_existing=True)
    if row is None:
        raise NotFound
    return _links([row])[0]


def _links(rows: Iterable[Link]) -> tuple[LinkRow, ...]:
    held = tuple(rows)
    sites = {row.id: row.name for row in session().execute(select(Site.id, Site.name))}
    named = select(Laboratory.id, Laboratory.name)
    labs = {row.id: row.name for row in session().execute(named)}
    runs = _runs([row.id for row in held])
    return tuple(
        LinkRow(
            id=row.id,
            start=sites[row.from_site_id] if row.from_site_id else labs[_sure(row)],
            to_laboratory_id=row.to_laboratory_id,
            travel=dt.timedelta(minutes=row.travel_minutes),
            note=row.note,
            on_demand=row.on_demand,
            runs=runs.get(row.id, ()),
            closed_until=row.closed_until,
            closed_reason=row.closed_reason,
            version=row.version,
        )
        for row in held
    )


def _sure(row: Link) -> uuid.UUID:
    """The laboratory it starts from: a link without a site has one, says the table."""
    if row.from_laboratory_id is None:  # pragma: no cover
        raise NotFound
    return row.from_laboratory_id


def _runs(link_ids: list[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Departure, ...]]:
    statement = (
        select(LinkRun)
        .where(LinkRun.link_id.in_(link_ids))
        .order_by(LinkRun.weekday, LinkRun.leaves)
    )
    found: dict[uuid.UUID, list[Departure]] = {}
    for run in session().scalars(statement):
        found.setdefault(run.link_id, []).append(Departure(run.weekday, run.leaves))
    return {key: tuple(held) for key, held in found.items()}
