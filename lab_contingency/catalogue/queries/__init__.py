"""Reading the catalogue: the data files once, the intervals and limits of a laboratory on a day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Select, or_, select

from lab_contingency.catalogue.models import CriticalLimitRow, ReferenceInterval
from lab_contingency.catalogue.queries.loading import CatalogueError, load_catalogue
from lab_contingency.catalogue.rules import ADULT, Catalogue, CriticalLimit, Interval
from lab_contingency.foundation.database import session

__all__ = [
    "CatalogueError",
    "Stated",
    "catalogue",
    "critical_limits",
    "intervals",
    "load_catalogue",
    "stated_intervals",
]

_Model = TypeVar("_Model", ReferenceInterval, CriticalLimitRow)

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def catalogue() -> Catalogue:
    """The catalogue, read and checked once a process; CatalogueError lists every bad row."""
    return load_catalogue(DATA)


def intervals(
    laboratory_id: uuid.UUID, on: dt.date, age_years: int | None = ADULT
) -> Mapping[tuple[str, str], Interval]:
    """A laboratory's intervals on that day for somebody of that age, by (analyte, sex "M" or "F").

    Empty at an unknown age. Where two hold, the one valid from a later day, and then the one stated later.
    """
    if age_years is None:
        return MappingProxyType({})
    rows = session().scalars(
        _valid(ReferenceInterval, laboratory_id, on).order_by(ReferenceInterval.stated_at)
    )
    held = ((row.analyte_code, row.sex.value, interval_of(row)) for row in rows)
    return MappingProxyType(
        {(code, sex): interval for code, sex, interval in held if interval.covers(age_years)}
    )


def interval_of(row: ReferenceInterval) -> Interval:
    """A row as the rules know it."""
    return Interval(row.low, row.high, row.text, row.note, row.age_from, row.age_to)


@dataclass(frozen=True, slots=True)
class Stated:
    """One interval as a laboratory stated it. `stated_by` '': a starter value nobody has signed for."""

    analyte: str
    sex: str
    interval: Interval
    valid_from: dt.date
    stated_at: dt.datetime
    stated_by: str


def stated_intervals(laboratory_id: uuid.UUID) -> tuple[Stated, ...]:
    """Everything a laboratory ever stated, the latest first. Old rows stay: old results were judged by them."""
    statement = (
        select(ReferenceInterval)
        .where(ReferenceInterval.laboratory_id == laboratory_id)
        .order_by(ReferenceInterval.valid_from.desc(), ReferenceInterval.stated_at.desc())
    )
    return tuple(
        Stated(
            row.analyte_code,
            row.sex.value,
            interval_of(row),
            row.valid_from,
            row.stated_at,
            row.stated_by,
        )
        for row in session().scalars(statement)
    )


def critical_limits(laboratory_id: uuid.UUID, on: dt.date) -> Mapping[str, CriticalLimit]:
    """A laboratory's critical limits valid on that day, by analyte; harmless wording included."""
    analytes = catalogue().analytes
    limits = {}
    for row in session().scalars(_valid(CriticalLimitRow, laboratory_id, on)):
        held = analytes.get(row.analyte_code)
        expected = held.expected_text if held else ""
        limits[row.analyte_code] = CriticalLimit(
            row.low_op, row.low, row.high_op, row.high, row.text, row.note, expected
        )
    return MappingProxyType(limits)


def _valid(model: type[_Model], laboratory_id: uuid.UUID, on: dt.date) -> Select[_Model]:
    return (
        select(model)
        .where(
            model.laboratory_id == laboratory_id,
            model.valid_from <= on,
            or_(model.valid_to.is_(None), model.valid_to > on),
        )
        # where two overlap, the later one wins
        .order_by(model.valid_from)
    )
