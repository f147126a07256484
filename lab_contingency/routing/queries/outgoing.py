"""Tubes that lie here while their tests are to be done elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Row, select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.rules import TubeSystem
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus

MOST = 1000


@discloses(number=NOTHING, tests=Field.TESTS, stands_in=NOTHING)
@dataclass(frozen=True, slots=True)
class OutgoingTube:
    """One tube to send on."""

    patient_id: uuid.UUID
    specimen_id: uuid.UUID
    number: str
    band: Band
    due_at: dt.datetime
    overdue: bool
    unusable_at: dt.datetime | None
    chip: TubeChip
    tests: tuple[str, ...]
    stands_in: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Destination:
    """Where tubes go, how far that is, and which."""

    laboratory_id: uuid.UUID
    name: str
    telephone: str
    travel: dt.timedelta | None
    tubes: tuple[OutgoingTube, ...]


def outgoing(actor: Actor) -> tuple[Destination, ...]:
    """By destination, the most pressing first; of the actor's laboratory, or of the whole node."""
    statement = (
        select(
            RequestedTest.test_code,
            RequestedTest.laboratory_id.label("target"),
            Request.band,
            Request.due_at,
            Request.ward_id,
            Request.patient_id,
            Specimen.id.label("specimen_id"),
            Specimen.number,
            Specimen.laboratory_id.label("stands_in"),
            Specimen.unusable_at,
            PlannedTube.container,
        )
        .join(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .join(PlannedTube, PlannedTube.id == RequestedTest.planned_tube_id)
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            RequestedTest.status == TestStatus.ASSIGNED,
            Specimen.status == SpecimenStatus.RECEIVED,
            RequestedTest.laboratory_id != Specimen.laboratory_id,
            within(actor),
        )
        .order_by(Request.band, Request.due_at, Specimen.id)
        .limit(MOST)
    )
    if actor.laboratory_id is not None:
        statement = statement.where(Specimen.laboratory_id == actor.laboratory_id)
    found: dict[uuid.UUID, dict[uuid.UUID, list[Row[*tuple[object, ...]]]]] = {}
    for row in session().execute(statement):
        found.setdefault(row.target, {}).setdefault(row.specimen_id, []).append(row)
    return tuple(_destination(target, tubes, actor) for target, tubes in found.items())


def _destination(
    target: uuid.UUID, tubes: dict[uuid.UUID, list[Row[*tuple[object, ...]]]], actor: Actor
) -> Destination:
    held = snapshot()
    place = held.laboratories[target]
    here = actor.laboratory_id
    travel = held.network.travel_between(here, target) if here else None
    lines = tuple(_tube(rows) for rows in tubes.values())
    return Destination(target, place.name, place.telephone, travel, lines)


def _tube(rows: list[Row[*tuple[object, ...]]]) -> OutgoingTube:
    row, held = rows[0], snapshot()
    system: TubeSystem = held.wards[row.ward_id].site.tube_system
    tests = sorted((catalogue().test(one.test_code) for one in rows), key=lambda test: test.order)
    return OutgoingTube(
        patient_id=row.patient_id,
        specimen_id=row.specimen_id,
        number=grouped(row.number) if row.number else "no number: label it first",
        band=row.band,
        due_at=row.due_at,
        overdue=row.due_at < clock.now(),
        unusable_at=row.unusable_at,
        chip=chip_of(catalogue().container(row.container), system),
        tests=tuple(test.label for test in tests),
        stands_in=held.laboratories[row.stands_in].name,
        by_hand=row.number is None,
    )
