"""Giving a laboratory its starter intervals and limits, which it must replace or sign off."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.catalogue.models import CriticalLimitRow, ReferenceInterval
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte, CriticalLimit, Interval, Sex
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
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
            valid_from=valid_from,
            valid_to=None,
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
