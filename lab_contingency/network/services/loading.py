"""Loading the network from tables: menus, hours, capacity, links; agreements, slots and runs where there are any."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.models import (
    Agreement,
    Capacity,
    Link,
    LinkRun,
    MenuEntry,
    OpeningHours,
    SlotAgreement,
)
from lab_contingency.network.rules import OpenSpell, overlap_text, overlaps
from lab_contingency.network.services import rows
from lab_contingency.network.services.rows import Ids, Made, Way
from lab_contingency.places.models import Laboratory, Site
from lab_contingency.places.rules import LaboratoryKind
from lab_contingency.places.services import Row, read_rows, refuse_if, unique_rows

MENU_COLUMNS = ("laboratory", "test", "turnaround_minutes", "method", "analytes")
MENU_MORE = ("price",)
HOURS_COLUMNS = ("laboratory", "weekday", "opens", "closes")
CAPACITY_COLUMNS = ("laboratory", "discipline", "from_hour", "to_hour", "per_hour")
LINK_COLUMNS = ("from_site", "from_laboratory", "to_laboratory", "travel_minutes", "note")
AGREEMENT_COLUMNS = (
    "laboratory", "reference", "accepts", "hand_off_minutes", *rows.CONTACTS, "starts_on", "ends_on",
)  # fmt: skip
SLOT_COLUMNS = ("laboratory", "discipline", "per_day")
RUN_COLUMNS = ("from_site", "from_laboratory", "to_laboratory", "days", "times")

_Runs = Sequence[tuple[Way, int, int]]


def load_network(folder: Path, actor: Actor) -> int:
    """Add what `folder` names and the database lacks; nothing is changed or removed. Rows added.

    Reads menus.csv (a price may stand in its last column), hours.csv, capacity.csv and links.csv; where they
    are, also agreements.csv, slots.csv and runs.csv. A link with runs goes only then, and gets them when it is
    added itself. hours.csv may have several lines for a weekday; a weekday that has hours keeps them. The places
    must be loaded before. RulesBroken lists every bad row.
    """
    problems: list[str] = []
    read = partial(_read, folder, problems)
    labs, partners, sites = _laboratories(), _laboratories(LaboratoryKind.PARTNER), _sites()
    links = read("links.csv", LINK_COLUMNS)
    ways = frozenset(rows.way_named(row) for row in links)
    runs = _runs(read("runs.csv", RUN_COLUMNS, optional=True), ways, problems)
    timed = frozenset(way for way, _, _ in runs)
    menus = read("menus.csv", MENU_COLUMNS, more=MENU_MORE, key=("laboratory", "test"))
    hours = read("hours.csv", HOURS_COLUMNS, key=("laboratory", "weekday", "opens"))
    agreed = read("agreements.csv", AGREEMENT_COLUMNS, key=("laboratory",), optional=True)
    slots = read("slots.csv", SLOT_COLUMNS, key=("laboratory", "discipline"), optional=True)
    made = [
        *_made(menus, lambda row: [rows.menu(row, labs)], problems),
        *_hours(hours, labs, problems),
        *_made(
            read("capacity.csv", CAPACITY_COLUMNS), lambda row: rows.capacities(row, labs), problems
        ),
        *_made(links, lambda row: [rows.link(row, sites, labs, timed)], problems),
        *_made(agreed, lambda row: [rows.agreement(row, partners)], problems),
        *_made(slots, lambda row: [rows.slots(row, partners)], problems),
    ]
    refuse_if(problems)
    return _add(made, runs, sites, labs, actor)


def _laboratories(kind: LaboratoryKind | None = None) -> Ids:
    held = session().scalars(select(Laboratory))
    return {lab.code: lab.id for lab in held if kind is None or lab.kind is kind}


def _sites() -> Ids:
    return {site.code: site.id for site in session().scalars(select(Site))}


def _read(
    folder: Path,
    problems: list[str],
    file: str,
    columns: tuple[str, ...],
    *,
    key: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    optional: bool = False,
) -> tuple[Row, ...]:
    """The rows of one file; `more`: columns that may be left out; an optional file may be missing."""
    if optional and not (folder / file).exists():
        return ()
    found = read_rows(folder / file, columns, problems, more)
    return unique_rows(found, key, problems) if key else found


def _runs(read: Iterable[Row], ways: frozenset[Way], problems: list[str]) -> _Runs:
    """Every departure once; a bad row, or one that repeats another, joins the problems."""
    found: dict[tuple[Way, int, int], None] = {}
    for row in read:
        try:
            for run in rows.runs(row, ways):
                if run in found:
                    rows.refuse("An earlier line says this already.")
                found[run] = None
        except ValueError as refused:
            problems.append(row.problem(str(refused)))
    return tuple(found)


def _add(made: list[Made], runs: _Runs, sites: Ids, labs: Ids, actor: Actor) -> int:
    held = _held_keys()
    added: list[Made | LinkRun] = [row for row in made if _key(row) not in held]
    if not added:
        return 0
    session().add_all(added)
    session().flush()
    fresh = {_key(row): row.id for row in added if isinstance(row, Link)}
    session().add_all(_with_runs(runs, fresh, sites, labs))
    session().flush()
    record("network:loaded", None, actor=actor, rows=len(added))
    return len(added)


def _held_keys() -> set[tuple[object, ...]]:
    held: list[Made] = [
        *session().scalars(select(MenuEntry)),
        *session().scalars(select(OpeningHours)),
        *session().scalars(select(Capacity)),
        *session().scalars(select(Link)),
        *session().scalars(select(Agreement)),
        *session().scalars(select(SlotAgreement)),
    ]
    return {_key(row) for row in held}


def _with_runs(
    runs: _Runs, fresh: dict[tuple[object, ...], uuid.UUID], sites: Ids, labs: Ids
) -> Iterable[LinkRun]:
    for (site, laboratory, target), weekday, leaves in runs:
        key = (Link, sites.get(site), labs.get(laboratory), labs[target])
        if key in fresh:
            yield LinkRun(id=new_id(), link_id=fresh[key], weekday=weekday, leaves=leaves)


def _made(
    read: Iterable[Row], make: Callable[[Row], list[Made]], problems: list[str]
) -> list[Made]:
    """What the good rows say; a bad row, or one that repeats another, joins the problems."""
    made: dict[tuple[object, ...], Made] = {}
    for row in read:
        try:
            for each in make(row):
                if _key(each) in made:
                    rows.refuse("An earlier line says this already.")
                made[_key(each)] = each
        except ValueError as refused:
            problems.append(row.problem(str(refused)))
    return list(made.values())


def _hours(read: Iterable[Row], labs: Ids, problems: list[str]) -> list[Made]:
    """The spells of weekdays that have none yet; one that overlaps another, or what stands there, joins the problems."""
    standing: dict[uuid.UUID, list[OpenSpell]] = {}
    for held in session().scalars(select(OpeningHours)):
        standing.setdefault(held.laboratory_id, []).append(_spell(held))
    said: dict[uuid.UUID, list[OpenSpell]] = {}

    def make(row: Row) -> list[Made]:
        made = rows.hours(row, labs)
        spell, week = _spell(made), said.setdefault(made.laboratory_id, [])
        _refuse_overlap(spell, week)
        week.append(spell)
        stands = standing.get(made.laboratory_id, [])
        if any(one.weekday == spell.weekday for one in stands):
            return []
        _refuse_overlap(spell, stands)
        return [made]

    return _made(read, make, problems)


def _refuse_overlap(spell: OpenSpell, others: Iterable[OpenSpell]) -> None:
    for other in others:
        for running, later in overlaps((spell, other)):
            rows.refuse(overlap_text(running, later))


def _spell(row: OpeningHours) -> OpenSpell:
    return OpenSpell(row.weekday, row.opens, row.closes)


def _key(row: Made) -> tuple[object, ...]:
    match row:
        case MenuEntry():
            return (MenuEntry, row.laboratory_id, row.test_code)
        case OpeningHours():
            return (OpeningHours, row.laboratory_id, row.weekday, row.opens)
        case Capacity():
            return (Capacity, row.laboratory_id, row.discipline, row.hour)
        case Link():
            return (Link, row.from_site_id, row.from_laboratory_id, row.to_laboratory_id)
        case Agreement():
            return (Agreement, row.laboratory_id)
        case SlotAgreement():
            return (SlotAgreement, row.laboratory_id, row.discipline)
