"""A laboratory’s starter intervals and limits, which it must replace or sign off, and what it states itself."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.commands import StateInterval
from lab_contingency.catalogue.models import CriticalLimitRow, ReferenceInterval
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte, CriticalLimit, Interval, Sex
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.foundation.identity import new_id


def seed_intervals(
    laboratory_id: uuid.UUID, valid_from: dt.date, actor: Actor | None = None
) -> int:
    """Write the starter intervals and limits that the laboratory lacks. The number of rows added.

    An analyte for which the laboratory holds anything, from whatever day, is left as it is.
    """
    held_intervals = set(_held(ReferenceInterval, laboratory_id))
    held_limits = set(_held(CriticalLimitRow, laboratory_id))
    rows: list[ReferenceInterval | CriticalLimitRow] = []
    for analyte in catalogue().analytes.values():
        if analyte.code not in held_intervals:
            rows += _intervals(analyte, laboratory_id, valid_from)
        if analyte.critical is not None and analyte.code not in held_limits:
            rows.append(_limit(analyte.code, analyte.critical, laboratory_id, valid_from))
    if rows:
        session().add_all(rows)
        session().flush()
        who = actor or Actor.system("starter values")
        record("interval:seeded", laboratory_id, actor=who, rows=len(rows), valid_from=valid_from)
    return len(rows)


def _held(model: type[ReferenceInterval | CriticalLimitRow], laboratory_id: uuid.UUID) -> list[str]:
    codes = select(model.analyte_code).where(model.laboratory_id == laboratory_id)
    return list(session().scalars(codes))


def _intervals(
    analyte: Analyte, laboratory_id: uuid.UUID, valid_from: dt.date
) -> list[ReferenceInterval]:
    now = clock.now()
    sexes: tuple[tuple[Sex, Interval | None], ...] = (
        (Sex.MALE, analyte.male),
        (Sex.FEMALE, analyte.female),
    )
    return [
        ReferenceInterval(
            id=new_id(),
            laboratory_id=laboratory_id,
            analyte_code=analyte.code,
            sex=sex,
            low=interval.low,
            high=interval.high,
            text=interval.text,
            note=interval.note,
            age_from=interval.from_age,
            age_to=interval.to_age,
            valid_from=valid_from,
            valid_to=None,
            stated_at=now,
            stated_by="",
        )
        for sex, interval in sexes
        if interval is not None
    ]


def _limit(
    code: str, limit: CriticalLimit, laboratory_id: uuid.UUID, valid_from: dt.date
) -> CriticalLimitRow:
    return CriticalLimitRow(
        id=new_id(),
        laboratory_id=laboratory_id,
        analyte_code=code,
        low_op=limit.low_op,
        low=limit.low,
        high_op=limit.high_op,
        high=limit.high,
        text=limit.text,
        note=limit.note,
        valid_from=valid_from,
        valid_to=None,
    )


def state_interval(command: StateInterval, *, actor: Actor) -> None:
    """State an interval from a day on: a new row for each sex. What was reported before keeps its own.

    RuleBroken says which box cannot stand; NotPermitted for another laboratory than one's own.
    """
    if actor.laboratory_id != command.laboratory_id:
        raise NotPermitted
    analyte = catalogue().analytes.get(command.analyte)
    if analyte is None:
        raise NotFound
    _refuse_unfit(analyte, command)
    held, now = command.interval, clock.now()
    for sex in command.sexes:
        row = ReferenceInterval(
            id=new_id(),
            laboratory_id=command.laboratory_id,
            analyte_code=analyte.code,
            sex=sex,
            low=held.low,
            high=held.high,
            text=held.text,
            note=held.note,
            age_from=held.from_age,
            age_to=held.to_age,
            valid_from=command.valid_from,
            valid_to=None,
            stated_at=now,
            stated_by=actor.name,
            stated_by_id=actor.user_id,
        )
        session().add(row)
    session().flush()
    record(
        "interval:stated",
        command.laboratory_id,
        actor=actor,
        analyte=analyte.code,
        sexes=[sex.value for sex in command.sexes],
        ages=held.ages,
        interval=held.words,
        valid_from=command.valid_from,
    )


def _refuse_unfit(analyte: Analyte, command: StateInterval) -> None:
    held, today = command.interval, clock.london(clock.now()).date()
    if not analyte.numeric:
        raise RuleBroken(f"{analyte.name} is reported in words: no interval is stated for it.")
    if held.low is None and held.high is None:
        raise RuleBroken("Type at least one end of the interval.", field="low")
    if held.low is not None and held.high is not None and held.low >= held.high:
        raise RuleBroken("The upper end must be above the lower one.", field="high")
    if held.to_age is not None and held.to_age <= held.from_age:
        raise RuleBroken("The last age must be above the first, or empty.", field="to_age")
    if command.valid_from < today:
        raise RuleBroken(
            "It holds from today or a later day: what was reported before keeps its own.",
            field="valid_from",
        )
