"""What each test of a request is measured and judged by."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.catalogue.queries import catalogue, critical_limits, intervals
from lab_contingency.catalogue.rules import Analyte, CriticalLimit, Interval, Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.network.models import MenuEntry
from lab_contingency.places.queries import laboratories
from lab_contingency.requests.models import PlannedTube
from lab_contingency.requests.queries import RequestView
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.rules.values import Bench
from lab_contingency.specimens.models import Specimen


@dataclass(frozen=True, slots=True)
class TestBench:
    """One requested test at its laboratory: what is reported, and what it is judged by."""

    __test__ = False

    id: uuid.UUID
    test: Test
    status: TestStatus
    laboratory_id: uuid.UUID
    planned_tube_id: uuid.UUID | None
    tube_number: str | None
    container: str
    analytes: tuple[Analyte, ...]
    bench: Bench


@dataclass(frozen=True, slots=True)
class _Tube:
    container: str
    number: str | None
    collected_at: dt.datetime | None
    again: bool

    def taken_at(self, card: dt.datetime | None) -> dt.datetime | None:
        """When it was filled; the card speaks of the first draw only."""
        return self.collected_at or (None if self.again else card)


@dataclass(frozen=True, slots=True)
class _Limits:
    intervals: Mapping[tuple[str, str], Interval]
    limits: Mapping[str, CriticalLimit]


def benches_of(view: RequestView) -> dict[str, TestBench]:
    """The tests of a request that have a laboratory, by code, in the catalogue's order."""
    placed = [test for test in view.tests if test.laboratory_id is not None]
    laboratory_ids = {test.laboratory_id for test in placed if test.laboratory_id is not None}
    menu = _menu(laboratory_ids, [test.test.code for test in placed])
    age = view.patient.age_years
    judged_by = {each: _limits(each, age) for each in laboratory_ids}
    names = {each.id: each.name for each in laboratories()}
    tubes = _tubes(view.id)
    found = {}
    for each in placed:
        if each.laboratory_id is None:
            continue
        analytes, method = menu.get((each.laboratory_id, each.test.code), _whole(each.test))
        tube = tubes.get(each.planned_tube_id) if each.planned_tube_id else None
        held = judged_by[each.laboratory_id]
        bench = Bench(
            sex=view.patient.identity.sex.value,
            age_years=age,
            method=method,
            laboratory=names.get(each.laboratory_id, ""),
            taken_at=tube.taken_at(view.collected_at) if tube else view.collected_at,
            intervals=held.intervals,
            limits=held.limits,
        )
        found[each.test.code] = TestBench(
            each.id,
            each.test,
            each.status,
            each.laboratory_id,
            each.planned_tube_id,
            tube.number if tube else None,
            tube.container if tube else each.test.container,
            analytes,
            bench,
        )
    return found


def _menu(
    laboratory_ids: Iterable[uuid.UUID], codes: Iterable[str]
) -> dict[tuple[uuid.UUID, str], tuple[tuple[Analyte, ...], str]]:
    statement = select(
        MenuEntry.laboratory_id, MenuEntry.test_code, MenuEntry.analytes, MenuEntry.method
    ).where(MenuEntry.laboratory_id.in_(laboratory_ids), MenuEntry.test_code.in_(codes))
    analytes = catalogue().analytes
    return {
        (laboratory_id, code): (tuple(analytes[each] for each in reported), method)
        for laboratory_id, code, reported, method in session().execute(statement)
    }


def _whole(test: Test) -> tuple[tuple[Analyte, ...], str]:
    """All that the test can report: the laboratory has taken it off its menu since."""
    return catalogue().analytes_of(test.code), ""


def _limits(laboratory_id: uuid.UUID, age_years: int | None) -> _Limits:
    today = clock.london(clock.now()).date()
    held = intervals(laboratory_id, today, age_years)
    return _Limits(held, critical_limits(laboratory_id, today))


def _tubes(request_id: uuid.UUID) -> dict[uuid.UUID, _Tube]:
    statement = (
        select(
            PlannedTube.id,
            PlannedTube.container,
            PlannedTube.replaces_id,
            Specimen.number,
            Specimen.collected_at,
        )
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(PlannedTube.request_id == request_id)
    )
    return {
        row.id: _Tube(row.container, row.number, row.collected_at, row.replaces_id is not None)
        for row in session().execute(statement)
    }
