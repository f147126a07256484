"""One request as pages show it, and lists of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.tubes import questions_of
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import forgotten_when_sealed, unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses, not_for_pages
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import WardView, ward, wards
from lab_contingency.requests.models import (
    PlannedTube,
    Request,
    RequestedTest,
)
from lab_contingency.requests.queries.patients import ALTERED, PatientView, patients_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.beds import NOT_GIVEN, ward_and_bed
from lab_contingency.requests.rules.statuses import WORDS, Outcome, TestStatus, outcome
from lab_contingency.requests.scope import (
    is_partner,
    sees_test,
    tests_within,
    tubes_within,
    within,
    within_reading,
)

MOST = 500
NOT_COMING = frozenset({TestStatus.DECLINED, TestStatus.WITHDRAWN})
_CACHED = 4096
# Plain rows: an entity of each would be watched for changes that nobody makes here.
_REQUESTS = tuple(getattr(Request, name) for name in Request.__table__.columns.keys())  # noqa: SIM118
_TESTS = tuple(getattr(RequestedTest, name) for name in RequestedTest.__table__.columns.keys())  # noqa: SIM118


@discloses(test=Field.TESTS, words=NOTHING, asked_again=Field.REMARKS)
@dataclass(frozen=True, slots=True)
class TestView:
    """One requested test."""

    __test__ = False

    patient_id: uuid.UUID
    id: uuid.UUID
    test: Test
    status: TestStatus
    status_at: dt.datetime
    planned_tube_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None
    asked_again: str

    @property
    def words(self) -> str:
        """Where it stands, as people say it."""
        return WORDS[self.status]


@discloses(
    number=NOTHING,
    number_text=NOTHING,
    ward=Field.PLACE,
    bed=Field.PLACE,
    place=Field.PLACE,
    destination=Field.PLACE,
    reason=Field.CLINICAL,
    reason_code=Field.CLINICAL,
    clinical_details=Field.CLINICAL,
    anticoagulant=Field.CLINICAL,
    infection_risk=Field.CLINICAL,
    answers=Field.CLINICAL,
    requested_by=Field.CONTACT,
    consultant=Field.CONTACT,
    callback=Field.CONTACT,
    collected_by=NOTHING,
    collection_method=NOTHING,
    tests=Field.TESTS,
    elsewhere=NOTHING,
)
@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with its patient, sealed text opened, and its tests.

    `elsewhere`: other tests of it are done where this reader, a partner, sees nothing of them.
    """

    id: uuid.UUID
    number: str
    version: int
    patient_id: uuid.UUID
    patient: PatientView
    ward: WardView
    bed: str
    destination: WardView
    requested_at: dt.datetime
    band_asked: Band
    band: Band
    reason: str
    reason_code: str
    needed_by: dt.datetime
    due_at: dt.datetime
    unusable_at: dt.datetime | None
    received_at: dt.datetime | None
    closed_at: dt.datetime | None
    requested_by: str
    consultant: str
    callback: str
    clinical_details: str
    anticoagulant: str
    infection_risk: str
    answers: Mapping[str, str]
    collected_at: dt.datetime | None
    collected_by: str
    collection_method: str
    tests: tuple[TestView, ...]
    elsewhere: bool = False

    @property
    def number_text(self) -> str:
        """Grouped as printed."""
        return grouped(self.number)

    @property
    def place(self) -> str:
        """Where the patient is: “ED Resus, bed 4”."""
        return ward_and_bed(self.ward.name, self.bed)

    @property
    def outcome(self) -> Outcome:
        """What became of it so far."""
        return outcome(test.status for test in self.tests)

    @property
    def overdue(self) -> bool:
        """Whether it is still open after its due time."""
        return self.closed_at is None and self.due_at < clock.now()


@not_for_pages
@dataclass(frozen=True, slots=True)
class PlannedTubeView:
    """A tube the request needs."""

    id: uuid.UUID
    ordinal: int
    container: str
    tube_group: str
    bottle: int
    bottles: int
    by_hand: bool
    replaces_id: uuid.UUID | None
    test_codes: tuple[str, ...]


def request_view(request_id: uuid.UUID, actor: Actor, *, reading: bool = False) -> RequestView:
    """One request in the actor's scope, or for reading only, in a look beyond it; NotFound."""
    found = _views(Request.id == request_id, actor, reading=reading)
    if not found:
        raise NotFound
    return _readable(found[0])


def request_by_number(form_number: str, actor: Actor) -> RequestView:
    """The request with that form number in the actor's scope; NotFound."""
    found = _views(Request.number == form_number, actor)
    if not found:
        raise NotFound("No request here has that number. Check that it was read whole.")
    return _readable(found[0])


def _readable(view: RequestView) -> RequestView:
    """One request alone is not shown with a patient who cannot be read."""
    if view.patient is ALTERED:
        raise Unreadable("the patient of a request cannot be opened")
    return view


def request_id_of(form_number: str, actor: Actor, *, reading: bool = False) -> uuid.UUID | None:
    """Its id, in the actor's scope, or None."""
    scope = within_reading(actor) if reading else within(actor)
    statement = select(Request.id).where(Request.number == form_number, scope)
    return session().scalars(statement).one_or_none()


def request_views(
    condition: ColumnElement[bool], actor: Actor, most: int = MOST, *, reading: bool = False
) -> tuple[RequestView, ...]:
    """Requests in the scope that meet a condition, in the order of the queue."""
    return _views(condition, actor, most, reading=reading)


def _views(
    condition: ColumnElement[bool], actor: Actor, most: int = MOST, *, reading: bool = False
) -> tuple[RequestView, ...]:
    statement = (
        select(*_REQUESTS)
        .where(condition, within_reading(actor) if reading else within(actor))
        .order_by(
            Request.band, Request.due_at, Request.unusable_at, Request.received_at, Request.id
        )
        .limit(most)
    )
    rows = session().execute(statement).all()
    if not rows:
        return ()
    patients = patients_of(row.identity_id for row in rows)
    tests = tests_by_request([row.id for row in rows])
    places = {place.id: place for place in wards()} if len(rows) > 1 else {}
    return tuple(
        _in_sight(_view(row, patients[row.identity_id], tests.get(row.id, ()), places), actor)
        for row in rows
    )


def _in_sight(view: RequestView, actor: Actor) -> RequestView:
    """A partner sees its own tests, and what the card asked because of them."""
    if not is_partner(actor):
        return view
    seen = tuple(each for each in view.tests if sees_test(actor, each.laboratory_id, each.status))
    hidden = [each for each in view.tests if each not in seen]
    asked = {question.key for question in questions_of([each.test for each in seen])}
    return replace(
        view,
        tests=seen,
        answers={key: text for key, text in view.answers.items() if key in asked},
        elsewhere=any(each.status not in NOT_COMING for each in hidden),
    )


def tests_by_request(request_ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[TestView, ...]]:
    """The tests of many requests, in the catalogue's order."""
    statement = (
        select(*_TESTS, Request.patient_id)
        .join(Request, Request.id == RequestedTest.request_id)
        .where(RequestedTest.request_id.in_(request_ids))
    )
    found: dict[uuid.UUID, list[TestView]] = {}
    for row in session().execute(statement):
        found.setdefault(row.request_id, []).append(_test_view(row))
    return {
        key: tuple(sorted(views, key=lambda view: view.test.order)) for key, views in found.items()
    }


def _test_view(row: Row[*tuple[Any, ...]]) -> TestView:
    again = (
        unseal(RequestedTest.__tablename__, row.id, row.sealed)["asked_again"] if row.sealed else ""
    )
    return TestView(
        row.patient_id,
        row.id,
        catalogue().test(row.test_code),
        row.status,
        row.status_at,
        row.planned_tube_id,
        row.laboratory_id,
        again,
    )


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def _opened(request_id: uuid.UUID, sealed: str) -> Mapping[str, Any]:
    """By row and ciphertext: an altered row is never answered from memory."""
    return unseal(Request.__tablename__, request_id, sealed)


def _view(
    row: Row[*tuple[Any, ...]],
    patient: PatientView,
    tests: tuple[TestView, ...],
    places: Mapping[uuid.UUID, WardView],
) -> RequestView:
    held = _opened(row.id, row.sealed)
    collected = held["collected_at"]
    return RequestView(
        id=row.id,
        number=row.number,
        version=row.version,
        patient_id=row.patient_id,
        patient=patient,
        ward=places.get(row.ward_id) or ward(row.ward_id),
        bed=held.get("bed", NOT_GIVEN),
        destination=places.get(row.destination_id) or ward(row.destination_id),
        requested_at=row.requested_at,
        band_asked=row.band_asked,
        band=row.band,
        reason=_reason_words(row.reason_code, held["reason_text"]),
        reason_code=row.reason_code,
        needed_by=row.needed_by,
        due_at=row.due_at,
        unusable_at=row.unusable_at,
        received_at=row.received_at,
        closed_at=row.closed_at,
        requested_by=held["requested_by"],
        consultant=held["consultant"],
        callback=held["callback"],
        clinical_details=held["clinical_details"],
        anticoagulant=held["anticoagulant"],
        infection_risk=held["infection_risk"],
        answers=held["answers"],
        collected_at=dt.datetime.fromisoformat(collected) if collected else None,
        collected_by=held["collected_by"],
        collection_method=held["collection_method"],
        tests=tests,
    )


def _reason_words(code: str, text: str) -> str:
    if not code:
        return text
    return text if code == "OTHER" and text else catalogue().reason_words(code)


def planned_tubes(request_id: uuid.UUID, actor: Actor | None = None) -> tuple[PlannedTubeView, ...]:
    """The tubes of a request in order of draw, recollections last, with the tests that wait for each.

    With an actor: what that person sees of them.
    """
    tests: dict[uuid.UUID, list[str]] = {}
    asked = select(RequestedTest).where(RequestedTest.request_id == request_id)
    drawn = select(PlannedTube).where(PlannedTube.request_id == request_id)
    if actor is not None:
        asked, drawn = asked.where(tests_within(actor)), drawn.where(tubes_within(actor))
    for row in session().scalars(asked):
        if row.planned_tube_id is not None:
            tests.setdefault(row.planned_tube_id, []).append(row.test_code)
    rows = session().scalars(drawn.order_by(PlannedTube.ordinal)).all()
    return tuple(_planned_view(row, tests, rows) for row in rows)


def _planned_view(
    row: PlannedTube, tests: Mapping[uuid.UUID, list[str]], rows: object
) -> PlannedTubeView:
    codes = tests.get(row.id) or _tests_of_sibling(row, tests, rows)
    return PlannedTubeView(
        row.id,
        row.ordinal,
        row.container,
        row.tube_group,
        row.bottle,
        row.bottles,
        row.by_hand,
        row.replaces_id,
        tuple(sorted(codes, key=lambda code: catalogue().test(code).order)),
    )


def _tests_of_sibling(
    row: PlannedTube, tests: Mapping[uuid.UUID, list[str]], rows: object
) -> list[str]:
    """The second bottle of a pair serves the same tests as the first, which their rows point to."""
    for other in rows if isinstance(rows, list | tuple) else []:
        same = (other.container, other.tube_group, other.replaces_id) == (
            row.container,
            row.tube_group,
            row.replaces_id,
        )
        if row.bottles > 1 and same and tests.get(other.id):
            return tests[other.id]
    return []
