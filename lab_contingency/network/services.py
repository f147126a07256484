"""Loading the network from tables: menus, hours, capacity, links."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.models import Capacity, Link, MenuEntry, OpeningHours
from lab_contingency.network.rules import DAY, WEEKDAYS, conflict_of_alternatives
from lab_contingency.places.models import Laboratory, Site
from lab_contingency.places.services import Row, read_rows, refuse_if, unique_rows

MENU_COLUMNS = ("laboratory", "test", "turnaround_minutes", "method", "analytes")
HOURS_COLUMNS = ("laboratory", "weekday", "opens", "closes")
CAPACITY_COLUMNS = ("laboratory", "discipline", "from_hour", "to_hour", "per_hour")
LINK_COLUMNS = ("from_site", "from_laboratory", "to_laboratory", "travel_minutes", "note")
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_LAST_HOUR = 24

_Made = MenuEntry | OpeningHours | Capacity | Link
_Ids = Mapping[str, uuid.UUID]


def load_network(folder: Path, actor: Actor) -> int:
    """Add what `folder` names and the database lacks; nothing is changed or removed. Rows added.

    Reads menus.csv, hours.csv, capacity.csv and links.csv. The places must be loaded before.
    RulesBroken lists every bad row.
    """
    problems: list[str] = []
    labs: _Ids = {lab.code: lab.id for lab in session().scalars(select(Laboratory))}
    sites: _Ids = {site.code: site.id for site in session().scalars(select(Site))}

    def each(
        file: str,
        columns: tuple[str, ...],
        key: tuple[str, ...],
        make: Callable[[Row], list[_Made]],
    ) -> list[_Made]:
        rows = read_rows(folder / file, columns, problems)
        return _made(unique_rows(rows, key, problems) if key else rows, make, problems)

    made = [
        *each("menus.csv", MENU_COLUMNS, ("laboratory", "test"), lambda row: [_menu(row, labs)]),
        *each(
            "hours.csv", HOURS_COLUMNS, ("laboratory", "weekday"), lambda row: [_hours(row, labs)]
        ),
        *each("capacity.csv", CAPACITY_COLUMNS, (), lambda row: _capacities(row, labs)),
        *each("links.csv", LINK_COLUMNS, (), lambda row: [_link(row, sites, labs)]),
    ]
    refuse_if(problems)
    held = _held_keys()
    added = [row for row in made if _key(row) not in held]
    if added:
        session().add_all(added)
        session().flush()
        record("network:loaded", None, actor=actor, rows=len(added))
    return len(added)


def _made(
    rows: Iterable[Row], make: Callable[[Row], list[_Made]], problems: list[str]
) -> list[_Made]:
    """What the good rows say; a bad row, or one that repeats another, joins the problems."""
    made: dict[tuple[object, ...], _Made] = {}
    for row in rows:
        try:
            for each in make(row):
                if _key(each) in made:
                    _refuse("An earlier line says this already.")
                made[_key(each)] = each
        except ValueError as refused:
            problems.append(row.problem(str(refused)))
    return list(made.values())


def _key(row: _Made) -> tuple[object, ...]:
    match row:
        case MenuEntry():
            return (MenuEntry, row.laboratory_id, row.test_code)
        case OpeningHours():
            return (OpeningHours, row.laboratory_id, row.weekday)
        case Capacity():
            return (Capacity, row.laboratory_id, row.discipline, row.hour)
        case Link():
            return (Link, row.from_site_id, row.from_laboratory_id, row.to_laboratory_id)


def _held_keys() -> set[tuple[object, ...]]:
    held: list[_Made] = [
        *session().scalars(select(MenuEntry)),
        *session().scalars(select(OpeningHours)),
        *session().scalars(select(Capacity)),
        *session().scalars(select(Link)),
    ]
    return {_key(row) for row in held}


def _menu(row: Row, labs: _Ids) -> MenuEntry:
    known = catalogue()
    if row["test"] not in known.tests:
        _refuse(f"There is no test “{row['test']}” in the catalogue.")
    analytes = row["analytes"].split()
    possible = {analyte.code for analyte in known.analytes_of(row["test"])}
    foreign = [code for code in analytes if code not in possible]
    if foreign:
        _refuse(f"{row['test']} does not report {' '.join(foreign)}.")
    if not analytes or len(set(analytes)) < len(analytes):
        _refuse("Name the analytes that this laboratory reports, each once.")
    conflict = conflict_of_alternatives(analytes)
    if conflict:
        _refuse(conflict)
    return MenuEntry(
        id=new_id(),
        laboratory_id=_id(row["laboratory"], labs, "laboratory"),
        test_code=row["test"],
        turnaround_minutes=_whole(row, "turnaround_minutes", lowest=1),
        method=row["method"],
        analytes=analytes,
    )


def _hours(row: Row, labs: _Ids) -> OpeningHours:
    if row["weekday"] not in WEEKDAYS:
        _refuse(f"The weekday must be one of {', '.join(WEEKDAYS)}, not “{row['weekday']}”.")
    opens, closes = _minute(row, "opens"), _minute(row, "closes")
    if opens >= closes:
        _refuse("The laboratory must open before it closes; round the clock is 00:00 to 24:00.")
    return OpeningHours(
        id=new_id(),
        laboratory_id=_id(row["laboratory"], labs, "laboratory"),
        weekday=WEEKDAYS.index(row["weekday"]),
        opens=opens,
        closes=closes,
    )


def _capacities(row: Row, labs: _Ids) -> list[_Made]:
    """One row a hour, from `from_hour` up to but without `to_hour`."""
    if row["discipline"] not in list(Discipline):
        _refuse(f"There is no discipline “{row['discipline']}”.")
    first, last = _whole(row, "from_hour", lowest=0), _whole(row, "to_hour", lowest=1)
    if not first < last <= _LAST_HOUR:
        _refuse("The hours must run forward between 0 and 24.")
    laboratory_id = _id(row["laboratory"], labs, "laboratory")
    per_hour = _whole(row, "per_hour", lowest=0)
    return [
        Capacity(
            id=new_id(),
            laboratory_id=laboratory_id,
            discipline=Discipline(row["discipline"]),
            hour=hour,
            per_hour=per_hour,
        )
        for hour in range(first, last)
    ]


def _link(row: Row, sites: _Ids, labs: _Ids) -> Link:
    if bool(row["from_site"]) == bool(row["from_laboratory"]):
        _refuse("A link starts at a site or at a laboratory: fill one of the two.")
    if row["from_laboratory"] == row["to_laboratory"]:
        _refuse("A link leads to another laboratory.")
    start = row["from_laboratory"]
    return Link(
        id=new_id(),
        from_site_id=_id(row["from_site"], sites, "site") if row["from_site"] else None,
        from_laboratory_id=_id(start, labs, "laboratory") if start else None,
        to_laboratory_id=_id(row["to_laboratory"], labs, "laboratory"),
        travel_minutes=_whole(row, "travel_minutes", lowest=0),
        note=row["note"],
    )


def _id(code: str, known: _Ids, noun: str) -> uuid.UUID:
    if code not in known:
        _refuse(f"There is no {noun} “{code}”.")
    return known[code]


def _minute(row: Row, column: str) -> int:
    match = _TIME.fullmatch(row[column])
    if match is None:
        _refuse(f"{column} must be a time such as 07:00, not “{row[column]}”.")
    minute = int(match[1]) * 60 + int(match[2])
    if minute > DAY:
        _refuse(f"{column} must not be later than 24:00.")
    return minute


def _whole(row: Row, column: str, *, lowest: int) -> int:
    typed = row[column]
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) < lowest:
        _refuse(f"{column} must be a whole number from {lowest}, not “{typed}”.")
    return int(typed)


def _refuse(sentence: str) -> NoReturn:
    raise ValueError(sentence)
