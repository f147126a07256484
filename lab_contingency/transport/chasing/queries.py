"""What partner laboratories have and have not sent back: whom to ring first, and what is known."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.network.models import Agreement
from lab_contingency.places.models import Laboratory, Ward
from lab_contingency.places.rules import LaboratoryKind
from lab_contingency.requests.models import NOT_BACK, Request, RequestedTest
from lab_contingency.requests.queries.patients import PatientView, patients_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.routing.models import Assignment
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import CustodyAction
from lab_contingency.transport.chasing.models import ReferralCall, ReferralCallTest
from lab_contingency.transport.chasing.rules import GRACE, due_back, order, sent_words, to_ring

MOST = 5000
"""Overdue tests on the page: more than any night has, and a bound all the same."""
MOST_WAITING = 300
_NAMELESS = frozenset({Role.COORDINATOR.value, Role.PORTER.value})


@dataclass(frozen=True, slots=True)
class Rung:
    """The last call about something: when, by whom, what was promised, when somebody rings again."""

    rung_at: dt.datetime
    by_name: str
    answered: bool
    expected_at: dt.datetime | None
    ring_at: dt.datetime
    laboratory: str = ""

    @property
    def known(self) -> str:
        """`rung 03:40: expected 05:00`."""
        rung = f"rung {near_time_text(self.rung_at)}"
        if not self.answered:
            return f"{rung}: nobody answered"
        if self.expected_at is None:
            return f"{rung}: no time was promised"
        return f"{rung}: expected {near_time_text(self.expected_at)}"


@discloses(
    number=NOTHING,
    patient=NOTHING,
    ward=Field.PLACE,
    tests=Field.TESTS,
    said=Field.REMARKS,
    rung=NOTHING,
    sent=NOTHING,
)
@dataclass(frozen=True, slots=True)
class Referred:
    """Tests of one request that are for one partner and not back. `patient` None: not for this person."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    laboratory_id: uuid.UUID
    number: str
    patient: PatientView | None
    ward: str
    band: Band
    tests: tuple[str, ...]
    sent: str
    result_at: dt.datetime
    due_at: dt.datetime
    rung: Rung | None
    said: str
    overdue: bool
    to_ring: bool


@dataclass(frozen=True, slots=True)
class PartnerList:
    """One partner laboratory: whom to ring there, and what is not back, what is to be rung first."""

    id: uuid.UUID
    name: str
    contact: str
    telephone: str
    rows: tuple[Referred, ...]

    @property
    def overdue(self) -> int:
        """How many requests are overdue there."""
        return sum(row.overdue for row in self.rows)

    @property
    def to_ring(self) -> int:
        """How many somebody rings about now."""
        return sum(row.to_ring for row in self.rows)


_LEFT_AT = (
    select(func.max(CustodyEvent.occurred_at))
    .join(Specimen, Specimen.id == CustodyEvent.specimen_id)
    .where(
        Specimen.planned_tube_id == RequestedTest.planned_tube_id,
        CustodyEvent.action == CustodyAction.DISPATCH,
        (RequestedTest.status != TestStatus.ASSIGNED)
        | (Specimen.bound_for_id == RequestedTest.laboratory_id),
    )
    .correlate(RequestedTest)
    .scalar_subquery()
)
_COLUMNS = (
    RequestedTest.id,
    RequestedTest.test_code,
    RequestedTest.laboratory_id,
    RequestedTest.status,
    _LEFT_AT.label("left_at"),
    Assignment.id.label("assignment_id"),
    Assignment.result_at,
    Request.id.label("request_id"),
    Request.number,
    Request.patient_id,
    Request.identity_id,
    Request.ward_id,
    Request.band,
)


def referred(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Tests at a partner that are not back, within the actor's scope, with where they were sent and when."""
    return (
        select(*_COLUMNS)
        .join(Assignment, Assignment.requested_test_id == RequestedTest.id)
        .join(Request, Request.id == RequestedTest.request_id)
        .join(Laboratory, Laboratory.id == RequestedTest.laboratory_id)
        .where(
            Laboratory.kind == LaboratoryKind.PARTNER,
            NOT_BACK,
            Assignment.ended_at.is_(None),
            within(actor),
        )
    )


def overdue_now() -> ColumnElement[bool]:
    """The condition on `Assignment` and `Request` that a test is overdue when it is asked."""
    return or_(
        *(
            (Request.band == band)
            & (
                Assignment.result_at
                <= bindparam(
                    "overdue", callable_=partial(_overdue_since, band), unique=True,
                    type_=Assignment.result_at.type,
                )
            )
            for band in Band
        )
    )  # fmt: skip


def _overdue_since(band: Band) -> dt.datetime:
    return clock.now() - GRACE[band]


def _ring_at() -> ColumnElement[Any]:
    """When somebody rings again, as the last call about the assignment said; NULL when nobody rang."""
    return (
        select(ReferralCallTest.ring_at)
        .where(ReferralCallTest.assignment_id == Assignment.id)
        .order_by(ReferralCallTest.rung_at.desc(), ReferralCallTest.id.desc())
        .limit(1)
        .correlate(Assignment)
        .scalar_subquery()
    )


def _now() -> ColumnElement[Any]:
    return bindparam("now", type_=Assignment.result_at.type, callable_=clock.now, unique=True)


def referrals_to_ring(actor: Actor) -> Select[int]:
    """Count the requests that somebody rings a partner about now: a statement of one number."""
    ring_at = _ring_at()
    due = or_(ring_at <= _now(), ring_at.is_(None) & overdue_now())
    return (
        referred(actor)
        .where(due)
        .with_only_columns(func.count(func.distinct(RequestedTest.request_id)))
    )


def chasing(actor: Actor) -> tuple[PartnerList, ...]:
    """Partner by partner what is not back: to be rung now first, then overdue, then by time.

    Nothing overdue is ever left out; of the rest the first 300 due.
    """
    pressing, rest = pressing_and_rest(actor)
    rows = [*session().execute(pressing.limit(MOST)), *session().execute(rest.limit(MOST_WAITING))]
    found: dict[uuid.UUID, list[Referred]] = {}
    for view in _merged(rows, actor, clock.now()):
        found.setdefault(view.laboratory_id, []).append(view)
    return tuple(_partners(found))


def partner(laboratory_id: uuid.UUID, actor: Actor) -> PartnerList:
    """One partner that has something which is not back; NotFound."""
    for each in chasing(actor):
        if each.id == laboratory_id:
            return each
    raise NotFound


def pressing_and_rest(actor: Actor) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """What is overdue or to be rung about again now; and everything else, the first due first."""
    ring_at = _ring_at()
    pressing = referred(actor).where(or_(overdue_now(), ring_at <= _now()))
    rest = referred(actor).where(~overdue_now(), or_(ring_at.is_(None), ring_at > _now()))
    return pressing, rest.order_by(Assignment.result_at, Assignment.id)


def _merged(rows: Sequence[Row[Any]], actor: Actor, now: dt.datetime) -> list[Referred]:
    """One line a request and partner, in the order of whom to ring first."""
    together: dict[tuple[uuid.UUID, uuid.UUID], list[Row[Any]]] = {}
    for row in rows:
        together.setdefault((row.laboratory_id, row.request_id), []).append(row)
    calls = _last_calls(row.assignment_id for row in rows)
    named = actor.role not in _NAMELESS
    patients = patients_of({row.identity_id for row in rows}) if named else {}
    wards = _wards({row.ward_id for row in rows})
    views = [_view(same, calls, patients, wards, now) for same in together.values()]
    return sorted(
        views,
        key=lambda view: order(
            now, view.due_at, view.rung.ring_at if view.rung else None, view.band
        ),
    )


def _view(
    rows: Sequence[Row[Any]],
    calls: Mapping[uuid.UUID, tuple[Rung, uuid.UUID, str]],
    patients: Mapping[uuid.UUID, PatientView],
    wards: Mapping[uuid.UUID, str],
    now: dt.datetime,
) -> Referred:
    first = min(rows, key=lambda row: row.result_at)
    # A test that nobody rang about yet decides: a call about another of the card does not cover it.
    unrung = any(row.assignment_id not in calls for row in rows)
    held = [calls[row.assignment_id] for row in rows if row.assignment_id in calls]
    last = max(held, key=lambda call: call[0].rung_at, default=None)
    rung = None
    if last is not None and not unrung:
        rung = replace(last[0], ring_at=min(call[0].ring_at for call in held))
    due_at = due_back(first.result_at, first.band)
    tests = sorted(rows, key=lambda row: catalogue().test(row.test_code).order)
    return Referred(
        patient_id=first.patient_id,
        request_id=first.request_id,
        laboratory_id=first.laboratory_id,
        number=grouped(first.number),
        patient=patients.get(first.identity_id),
        ward=wards[first.ward_id],
        band=first.band,
        tests=tuple(catalogue().test(row.test_code).label for row in tests),
        sent=sent_words([row.left_at for row in rows], [row.status for row in rows]),
        result_at=first.result_at,
        due_at=due_at,
        rung=rung,
        said=_said(last[1], last[2]) if last and patients else "",
        overdue=due_at <= now,
        to_ring=to_ring(now, due_at, rung.ring_at if rung else None),
    )


def _said(call_id: uuid.UUID, sealed: str) -> str:
    held = unseal(ReferralCall.__tablename__, call_id, sealed)
    return f"{held['answered']}: {held['said']}" if held["answered"] else held["said"]


def _last_calls(
    assignment_ids: Iterable[uuid.UUID],
) -> dict[uuid.UUID, tuple[Rung, uuid.UUID, str]]:
    """The last call about each assignment, with the sealed words of it."""
    ids, found = list(assignment_ids), {}
    for start in range(0, len(ids), 1000):
        statement = (
            select(ReferralCallTest, ReferralCall)
            .join(ReferralCall, ReferralCall.id == ReferralCallTest.call_id)
            .where(ReferralCallTest.assignment_id.in_(ids[start : start + 1000]))
            .order_by(ReferralCallTest.rung_at, ReferralCallTest.id)
        )
        for test, call in session().execute(statement):
            rung = Rung(test.rung_at, call.by_name, call.answered, test.expected_at, test.ring_at)
            found[test.assignment_id] = (rung, call.id, call.sealed)
    return found


def _wards(ward_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    statement = select(Ward.id, Ward.name).where(Ward.id.in_(list(ward_ids)))
    return dict(session().execute(statement).all())


def _partners(found: Mapping[uuid.UUID, list[Referred]]) -> list[PartnerList]:
    """Whoever has the most pressing row first, as the rows came."""
    statement = (
        select(
            Laboratory.id,
            Laboratory.name,
            func.coalesce(Agreement.results_contact, ""),
            func.coalesce(func.nullif(Agreement.results_telephone, ""), Laboratory.telephone),
        )
        .outerjoin(Agreement, Agreement.laboratory_id == Laboratory.id)
        .where(Laboratory.id.in_(list(found)))
    )
    held = {
        laboratory_id: PartnerList(laboratory_id, name, contact, rings, tuple(found[laboratory_id]))
        for laboratory_id, name, contact, rings in session().execute(statement)
    }
    return [held[laboratory_id] for laboratory_id in found]


def open_assignments(
    laboratory_id: uuid.UUID, request_ids: Iterable[uuid.UUID], actor: Actor
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Request and assignment of every test of these requests that is at the partner and not back."""
    statement = referred(actor).where(
        RequestedTest.laboratory_id == laboratory_id,
        RequestedTest.request_id.in_(list(request_ids)),
    )
    return [(row.request_id, row.assignment_id) for row in session().execute(statement)]


def known_of(request_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What a ward may know of tests that are not back: `rung 03:40: expected 05:00`, by request."""
    ids = list(request_ids)
    if not ids:
        return {}
    statement = (
        select(RequestedTest.request_id, ReferralCallTest, ReferralCall)
        .join(Assignment, Assignment.requested_test_id == RequestedTest.id)
        .join(ReferralCallTest, ReferralCallTest.assignment_id == Assignment.id)
        .join(ReferralCall, ReferralCall.id == ReferralCallTest.call_id)
        .where(
            RequestedTest.request_id.in_(ids),
            NOT_BACK,
            Assignment.ended_at.is_(None),
        )
        .order_by(ReferralCallTest.rung_at)
    )
    return {
        request_id: Rung(
            test.rung_at, call.by_name, call.answered, test.expected_at, test.ring_at
        ).known
        for request_id, test, call in session().execute(statement)
    }


def calls_about(request_id: uuid.UUID) -> tuple[Rung, ...]:
    """Every call about a request's tests, the first first; one about several of its tests is one call."""
    statement = (
        select(ReferralCallTest, ReferralCall, Laboratory.name)
        .join(ReferralCall, ReferralCall.id == ReferralCallTest.call_id)
        .join(Laboratory, Laboratory.id == ReferralCall.laboratory_id)
        .join(Assignment, Assignment.id == ReferralCallTest.assignment_id)
        .join(RequestedTest, RequestedTest.id == Assignment.requested_test_id)
        .where(RequestedTest.request_id == request_id)
        .order_by(ReferralCallTest.rung_at)
    )
    found = {
        call.id: Rung(
            test.rung_at, call.by_name, call.answered, test.expected_at, test.ring_at, name
        )
        for test, call, name in session().execute(statement)
    }
    return tuple(found.values())
