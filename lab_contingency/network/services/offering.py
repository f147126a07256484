"""What a laboratory offers: its menu, hours, room by the hour, slots a day. All carry the laboratory's version.

A change that makes standing assignments impossible is allowed: whoever looks at the laboratory is told how
many it touches. Nothing that was given is taken back by lowering a number; only nothing more is given.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.catalogue.rules import Discipline
from lab_contingency.catalogue.rules.throughput import too_many_an_hour
from lab_contingency.catalogue.services import seed_intervals
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.network.commands import MenuLine, SetCapacity, SetHours, SetSlots
from lab_contingency.network.models import Capacity, MenuEntry, OpeningHours, SlotAgreement
from lab_contingency.network.rules import (
    HOURS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    OpenSpell,
    overlap_text,
    overlaps,
    spans_text,
    spells_words,
)
from lab_contingency.network.services.lines import line_problem
from lab_contingency.places.commands import AddLaboratory
from lab_contingency.places.services import add_laboratory, locked_laboratory, renew


def open_laboratory(command: AddLaboratory, *, actor: Actor) -> uuid.UUID:
    """Add a laboratory, with the starter intervals and limits its results are read by."""
    laboratory_id = add_laboratory(command, actor=actor)
    seed_intervals(laboratory_id, clock.london(clock.now()).date(), actor)
    return laboratory_id


def add_menu_line(laboratory_id: uuid.UUID, line: MenuLine, version: int, *, actor: Actor) -> None:
    """One more test on its menu; RuleBroken when it stands there already."""
    place = locked_laboratory(laboratory_id, version)
    _refuse_line(line)
    row = MenuEntry(id=new_id(), laboratory_id=laboratory_id, **_columns(line))
    session().add(row)
    session().flush()
    renew(place)
    changes = changed({}, _columns(line))
    record("menu_entry:added", row.id, actor=actor, changes=changes, test=line.test_code)


def change_menu_line(
    laboratory_id: uuid.UUID, line: MenuLine, version: int, *, actor: Actor
) -> None:
    """Another turnaround, method, price or other analytes; NotFound when the test is not on its menu."""
    place = locked_laboratory(laboratory_id, version)
    _refuse_line(line)
    row = _entry(laboratory_id, line.test_code)
    changes = changed({name: getattr(row, name) for name in _columns(line)}, _columns(line))
    for name, value in _columns(line).items():
        setattr(row, name, value)
    if changes:
        session().flush()
        renew(place)
        record("menu_entry:changed", row.id, actor=actor, changes=changes, test=line.test_code)


def remove_menu_line(
    laboratory_id: uuid.UUID, test_code: str, version: int, *, actor: Actor
) -> None:
    """The laboratory does this test no more. Results that came from it keep their own method and intervals."""
    place = locked_laboratory(laboratory_id, version)
    row = _entry(laboratory_id, test_code)
    session().delete(row)
    session().flush()
    renew(place)
    record("menu_entry:removed", row.id, actor=actor, test=test_code)


def copy_menu(laboratory_id: uuid.UUID, source_id: uuid.UUID, version: int, *, actor: Actor) -> int:
    """Add the lines of another laboratory's menu that this one lacks, without their prices. Lines added."""
    place = locked_laboratory(laboratory_id, version)
    own = select(MenuEntry.test_code).where(MenuEntry.laboratory_id == laboratory_id)
    theirs = select(MenuEntry).where(
        MenuEntry.laboratory_id == source_id, MenuEntry.test_code.not_in(own)
    )
    lines = [
        MenuLine(row.test_code, row.turnaround_minutes, row.method, tuple(row.analytes), None)
        for row in session().scalars(theirs)
    ]
    if not lines:
        raise RuleBroken("There is nothing on that menu that this one lacks.", field="source")
    session().add_all(
        MenuEntry(id=new_id(), laboratory_id=laboratory_id, **_columns(line)) for line in lines
    )
    session().flush()
    renew(place)
    tests = sorted(line.test_code for line in lines)
    record("menu_entry:copied", place.id, actor=actor, source=str(source_id), tests=tests)
    return len(lines)


def set_hours(command: SetHours, *, actor: Actor) -> None:
    """Another week; RulesBroken names each day that begins while what was before it still runs."""
    place = locked_laboratory(command.laboratory_id, command.version)
    _refuse_overlaps(command.spells)
    held = select(OpeningHours).where(OpeningHours.laboratory_id == place.id)
    before = [OpenSpell(row.weekday, row.opens, row.closes) for row in session().scalars(held)]
    changes = changed(_by_day(before), _by_day(command.spells))
    if not changes:
        return
    session().execute(delete(OpeningHours).where(OpeningHours.laboratory_id == place.id))
    session().add_all(
        OpeningHours(id=new_id(), laboratory_id=place.id, **spell._asdict())
        for spell in command.spells
    )
    session().flush()
    renew(place)
    record("opening_hours:set", place.id, actor=actor, changes=changes)


def _refuse_overlaps(spells: Iterable[OpenSpell]) -> None:
    problems = {
        WEEKDAY_NAMES[spell.weekday].casefold(): overlap_text(running, spell)
        for running, spell in overlaps(spells)
    }
    if problems:
        raise RulesBroken(problems)


def _by_day(spells: Iterable[OpenSpell]) -> dict[str, str]:
    """Each day with hours as it is read, which is how it stands in the record."""
    days: dict[str, list[OpenSpell]] = {}
    for spell in sorted(spells):
        days.setdefault(WEEKDAYS[spell.weekday], []).append(spell)
    return {day: spells_words(held) for day, held in days.items()}


def set_capacity(command: SetCapacity, *, actor: Actor) -> None:
    """Other numbers by the hour; RuleBroken for one that no laboratory finishes."""
    _refuse_numbers(command)
    place = locked_laboratory(command.laboratory_id, command.version)
    before = {key.value: spans_text(hours) for key, hours in _capacity(place.id).items()}
    after = {key.value: spans_text(hours) for key, hours in command.per_hour.items()}
    changes = changed(before, after)
    if not changes:
        return
    session().execute(delete(Capacity).where(Capacity.laboratory_id == place.id))
    session().add_all(
        Capacity(
            id=new_id(), laboratory_id=place.id, discipline=discipline, hour=hour, per_hour=number
        )
        for discipline, hours in command.per_hour.items()
        for hour, number in enumerate(hours)
        if number
    )
    session().flush()
    renew(place)
    record("capacity:set", place.id, actor=actor, changes=changes)


def set_slots(command: SetSlots, *, actor: Actor) -> None:
    """Other numbers of tests a day. Below what is given today: nothing more goes there today."""
    place = locked_laboratory(command.laboratory_id, command.version)
    held = select(SlotAgreement).where(SlotAgreement.laboratory_id == place.id)
    before = {row.discipline.value: row.per_day for row in session().scalars(held)}
    changes = changed(before, {key.value: number for key, number in command.per_day.items()})
    if not changes:
        return
    session().execute(delete(SlotAgreement).where(SlotAgreement.laboratory_id == place.id))
    session().add_all(
        SlotAgreement(id=new_id(), laboratory_id=place.id, discipline=discipline, per_day=number)
        for discipline, number in command.per_day.items()
    )
    session().flush()
    renew(place)
    record("agreement:slots_set", place.id, actor=actor, changes=changes)


def _capacity(laboratory_id: uuid.UUID) -> Mapping[Discipline, tuple[int, ...]]:
    found: dict[Discipline, list[int]] = {}
    for row in session().scalars(select(Capacity).where(Capacity.laboratory_id == laboratory_id)):
        found.setdefault(row.discipline, [0] * HOURS)[row.hour] = row.per_hour
    return {discipline: tuple(hours) for discipline, hours in found.items() if any(hours)}


def _entry(laboratory_id: uuid.UUID, test_code: str) -> MenuEntry:
    statement = select(MenuEntry).where(
        MenuEntry.laboratory_id == laboratory_id, MenuEntry.test_code == test_code
    )
    row = session().scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def _columns(line: MenuLine) -> dict[str, object]:
    return {**dataclasses.asdict(line), "analytes": list(line.analytes)}


def _refuse_numbers(command: SetCapacity) -> None:
    for discipline, hours in command.per_hour.items():
        for hour, number in enumerate(hours):
            if problem := too_many_an_hour(discipline, number):
                raise RuleBroken(problem, field=f"{discipline.value}-{hour}")


def _refuse_line(line: MenuLine) -> None:
    problem = line_problem(line.test_code, line.analytes)
    if problem is not None:
        raise RuleBroken(problem.sentence, field=problem.field)
