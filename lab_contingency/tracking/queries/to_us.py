"""What is bound for a laboratory and has not come yet: the tubes to expect, without whose they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Site, Ward
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import FINAL, TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.queries.gone import is_gone
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus

MOST = 200
_ON_THE_WAY = "on its way"


@discloses(tests=Field.TESTS, site=NOTHING, number=NOTHING, words=NOTHING)
@dataclass(frozen=True, slots=True)
class ExpectedTube:
    """A tube with tests for this laboratory. `site`: where it comes from; `words`: where it is now."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    chip: TubeChip
    number: str
    tests: str
    band: Band
    site: str
    words: str
    on_the_way: bool
    due_at: dt.datetime
    unusable_at: dt.datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ToUs:
    """How many tests stand where, and the tubes still to come: the most pressing first."""

    on_the_bench: int
    overdue: int
    tubes: tuple[ExpectedTube, ...]

    @property
    def on_the_way(self) -> int:
        """Tubes that have left for here."""
        return sum(tube.on_the_way for tube in self.tubes)

    @property
    def announced(self) -> int:
        """Tubes that were chosen for here and have not left yet."""
        return len(self.tubes) - self.on_the_way


def to_us(actor: Actor) -> ToUs:
    """What is for the actor's laboratory, within their scope."""
    lies_here = RequestedTest.status == TestStatus.RECEIVED
    return ToUs(
        session().scalars(_counted(actor, lies_here, ~is_gone())).one(),
        session().scalars(_late(actor)).one(),
        tuple(_tubes(actor)),
    )


def expected(actor: Actor) -> Select[int]:
    """How many tubes are announced or on their way."""
    return (
        select(func.count(func.distinct(RequestedTest.planned_tube_id)))
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            RequestedTest.laboratory_id == actor.laboratory_id,
            RequestedTest.status == TestStatus.ASSIGNED,
            within(actor),
        )
    )


def _counted(actor: Actor, *conditions: object) -> Select[int]:
    statement = (
        select(func.count(RequestedTest.id))
        .join(Request, Request.id == RequestedTest.request_id)
        .where(RequestedTest.laboratory_id == actor.laboratory_id, within(actor))
    )
    return statement.where(*conditions)  # type: ignore[arg-type]


def _late(actor: Actor) -> Select[int]:
    """Tests for here whose time has passed, wherever they stand."""
    return _counted(
        actor,
        RequestedTest.status.not_in([*FINAL, TestStatus.REJECTED]),
        Request.due_at < clock.now(),
    )


def _tubes(actor: Actor) -> Iterable[ExpectedTube]:
    waits = RequestedTest.status == TestStatus.ASSIGNED
    statement = (
        select(RequestedTest.test_code, Request, PlannedTube, Specimen, Site)
        .join(Request, Request.id == RequestedTest.request_id)
        .join(PlannedTube, PlannedTube.id == RequestedTest.planned_tube_id)
        .join(Ward, Ward.id == Request.ward_id)
        .join(Site, Site.id == Ward.site_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == PlannedTube.id)
        .where(RequestedTest.laboratory_id == actor.laboratory_id, waits, within(actor))
        .order_by(Request.band, Request.due_at, Request.id, PlannedTube.ordinal)
        .limit(MOST)
    )
    together: dict[uuid.UUID, list[Row[*tuple[object, ...]]]] = {}
    for row in session().execute(statement):
        together.setdefault(row.PlannedTube.id, []).append(row)
    for rows in together.values():
        yield _tube([row.test_code for row in rows], rows[0], actor)


def _tube(codes: list[str], row: Row[*tuple[object, ...]], actor: Actor) -> ExpectedTube:
    request, held, site = row.Request, row.Specimen, row.Site
    tests = sorted((catalogue().test(code) for code in codes), key=lambda test: test.order)
    coming = held is not None and held.bound_for_id == actor.laboratory_id
    return ExpectedTube(
        patient_id=request.patient_id,
        request_id=request.id,
        chip=chip_of(catalogue().container(row.PlannedTube.container), site.tube_system),
        number=grouped(held.number) if held is not None and held.number else "",
        tests=", ".join(test.label for test in tests),
        band=request.band,
        site=site.name,
        words=_ON_THE_WAY if coming else _words(held),
        on_the_way=coming,
        due_at=request.due_at,
        unusable_at=held.unusable_at if held is not None else None,
        overdue=request.due_at < clock.now(),
    )


def _words(held: Specimen | None) -> str:
    """Where a tube is that has not left for here."""
    if held is None or held.collected_at is None:
        return "not taken yet"
    if held.status is SpecimenStatus.DISPATCHED:
        return held.holder
    if held.status is SpecimenStatus.HANDED_OVER:
        return f"with {held.holder}"
    if held.status is SpecimenStatus.COLLECTED:
        return "taken, not picked up yet"  # its ward is nothing to a partner
    return f"at {held.holder}" if held.holder else "taken"
