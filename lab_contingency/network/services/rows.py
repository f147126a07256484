"""One line of each table as rows of the network. ValueError says in a sentence what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import NoReturn

from lab_contingency.catalogue.rules import Discipline
from lab_contingency.catalogue.rules.throughput import too_many_an_hour
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.wording import read_date
from lab_contingency.network.models import (
    Agreement,
    Capacity,
    Link,
    MenuEntry,
    OpeningHours,
    SlotAgreement,
)
from lab_contingency.network.rules import (
    DAY,
    WEEKDAYS,
    Acceptance,
    read_price,
    read_times,
    spell_between,
)
from lab_contingency.network.services.lines import line_problem
from lab_contingency.places.services import Row

CONTACTS = ("custody_contact", "custody_telephone", "results_contact", "results_telephone")
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_LAST_HOUR = 24

Made = MenuEntry | OpeningHours | Capacity | Link | Agreement | SlotAgreement
Ids = Mapping[str, uuid.UUID]
Way = tuple[str, str, str]


def menu(row: Row, labs: Ids) -> MenuEntry:
    """A line of a menu."""
    analytes = row["analytes"].split()
    problem = line_problem(row["test"], analytes)
    if problem:
        refuse(problem.sentence)
    return MenuEntry(
        id=new_id(),
        laboratory_id=_id(row["laboratory"], labs, "laboratory"),
        test_code=row["test"],
        turnaround_minutes=_whole(row, "turnaround_minutes", lowest=1),
        method=row["method"],
        analytes=analytes,
        price_pence=read_price(row["price"]),
    )


def hours(row: Row, labs: Ids) -> OpeningHours:
    """One spell of a weekday; what closes earlier than it opens closes on the next day."""
    if row["weekday"] not in WEEKDAYS:
        refuse(f"The weekday must be one of {', '.join(WEEKDAYS)}, not “{row['weekday']}”.")
    weekday = WEEKDAYS.index(row["weekday"])
    spell = spell_between(weekday, _minute(row, "opens"), _minute(row, "closes"))
    laboratory_id = _id(row["laboratory"], labs, "laboratory")
    return OpeningHours(id=new_id(), laboratory_id=laboratory_id, **spell._asdict())


def capacities(row: Row, labs: Ids) -> list[Made]:
    """One row a hour, from `from_hour` up to but without `to_hour`."""
    if row["discipline"] not in list(Discipline):
        refuse(f"There is no discipline “{row['discipline']}”.")
    first, last = _whole(row, "from_hour", lowest=0), _whole(row, "to_hour", lowest=1)
    if not first < last <= _LAST_HOUR:
        refuse("The hours must run forward between 0 and 24.")
    laboratory_id = _id(row["laboratory"], labs, "laboratory")
    per_hour = _whole(row, "per_hour", lowest=0)
    if problem := too_many_an_hour(Discipline(row["discipline"]), per_hour):
        refuse(problem)
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


def link(row: Row, sites: Ids, labs: Ids, timetabled: frozenset[Way]) -> Link:
    """A way; one of those with a timetable goes only then."""
    if bool(row["from_site"]) == bool(row["from_laboratory"]):
        refuse("A link starts at a site or at a laboratory: fill one of the two.")
    if row["from_laboratory"] == row["to_laboratory"]:
        refuse("A link leads to another laboratory.")
    start = row["from_laboratory"]
    return Link(
        id=new_id(),
        from_site_id=_id(row["from_site"], sites, "site") if row["from_site"] else None,
        from_laboratory_id=_id(start, labs, "laboratory") if start else None,
        to_laboratory_id=_id(row["to_laboratory"], labs, "laboratory"),
        travel_minutes=_whole(row, "travel_minutes", lowest=0),
        note=row["note"],
        on_demand=way_named(row) not in timetabled,
    )


def way_named(row: Row) -> Way:
    """The codes a link or run names: from site, from laboratory, to laboratory."""
    return row["from_site"], row["from_laboratory"], row["to_laboratory"]


def agreement(row: Row, partners: Ids) -> Agreement:
    """What was agreed with a partner."""
    if row["accepts"] not in list(Acceptance):
        choices = ", ".join(Acceptance)
        refuse(f"accepts must be one of {choices}, not “{row['accepts']}”.")
    starts_on = _date(row, "starts_on")
    ends_on = _date(row, "ends_on") if row["ends_on"] else None
    if ends_on is not None and ends_on < starts_on:
        refuse("It ends before it starts.")
    contacts = {column: row[column] for column in CONTACTS}
    missing = [column for column, said in contacts.items() if not said]
    if missing:
        refuse(f"{missing[0]} is missing: somebody must be able to ring.")
    return Agreement(
        id=new_id(),
        laboratory_id=_id(row["laboratory"], partners, "partner laboratory"),
        reference=row["reference"],
        accepts=Acceptance(row["accepts"]),
        hand_off_minutes=_whole(row, "hand_off_minutes", lowest=0),
        starts_on=starts_on,
        ends_on=ends_on,
        **contacts,
    )


def slots(row: Row, partners: Ids) -> SlotAgreement:
    """Agreed tests of a discipline on one London day."""
    if row["discipline"] not in list(Discipline):
        refuse(f"There is no discipline “{row['discipline']}”.")
    return SlotAgreement(
        id=new_id(),
        laboratory_id=_id(row["laboratory"], partners, "partner laboratory"),
        discipline=Discipline(row["discipline"]),
        per_day=_whole(row, "per_day", lowest=0),
    )


def runs(row: Row, ways: frozenset[Way]) -> tuple[tuple[Way, int, int], ...]:
    """The departures of one line, each as (way, weekday, minute); `days` is such as Mon or Mon-Fri."""
    if way_named(row) not in ways:
        refuse("links.csv has no such way. Name it as it stands there.")
    first, _, last = row["days"].partition("-")
    if first not in WEEKDAYS or (last and last not in WEEKDAYS):
        refuse(f"The days must be such as Mon or Mon-Fri, not “{row['days']}”.")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < begin:
        refuse("The days must run forward from Mon to Sun.")
    times = read_times(row["times"])
    if not times:
        refuse("Name the times at which it leaves.")
    return tuple((way_named(row), day, minute) for day in range(begin, end + 1) for minute in times)


def _date(row: Row, column: str) -> dt.date:
    try:
        return read_date(row[column])
    except ValueError:
        refuse(f"{column} must be a date such as 03-Jun-2024, not “{row[column]}”.")


def _id(code: str, known: Ids, noun: str) -> uuid.UUID:
    if code not in known:
        refuse(f"There is no {noun} “{code}”.")
    return known[code]


def _minute(row: Row, column: str) -> int:
    match = _TIME.fullmatch(row[column])
    if match is None:
        refuse(f"{column} must be a time such as 07:00, not “{row[column]}”.")
    minute = int(match[1]) * 60 + int(match[2])
    if minute > DAY:
        refuse(f"{column} must not be later than 24:00.")
    return minute


def _whole(row: Row, column: str, *, lowest: int) -> int:
    typed = row[column]
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) < lowest:
        refuse(f"{column} must be a whole number from {lowest}, not “{typed}”.")
    return int(typed)


def refuse(sentence: str) -> NoReturn:
    """Leave the line with that sentence."""
    raise ValueError(sentence)
