"""Reading the catalogue: the data files once, the intervals and limits of a laboratory on a day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Select, or_, select

from lab_contingency.catalogue.models import CriticalLimitRow, ReferenceInterval
from lab_contingency.catalogue.queries.loading import CatalogueError, load_catalogue
from lab_contingency.catalogue.rules import Catalogue, CriticalLimit, Interval
from lab_contingency.foundation.database import session

__all__ = ["CatalogueError", "catalogue", "critical_limits", "intervals", "load_catalogue"]

_Model = TypeVar("_Model", ReferenceInterval, CriticalLimitRow)

DATA = Path(__file__).resolve().parents[1] / "data"


@cache
def catalogue() -> Catalogue:
    """The catalogue, read and checked once a process; CatalogueError lists every bad row."""
    return load_catalogue(DATA)


def intervals(laboratory_id: uuid.UUID, on: dt.date) -> Mapping[tuple[str, str], Interval]:
    """A laboratory's intervals valid on that day, by (analyte, sex "M" or "F")."""
    rows = session().scalars(_valid(ReferenceInterval, laboratory_id, on))
    return MappingProxyType(
        {
            (row.analyte_code, row.sex.value): Interval(row.low, row.high, row.text, row.note)
            for row in rows
        }
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
