"""What one shift hands to the next: counts by stage, calls not made, requests overdue. No name is read here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Ward
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.statuses import FINAL, WORDS, TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.results.models import CriticalCall
from lab_contingency.results.queries.deliveries import not_read, on_the_way, slips_to_print
from lab_contingency.results.rules.calls import CallStatus

MOST_LINES = 24
_S = TestStatus
# The stages in the order of the journey, each with the statuses of the tests that stand there.
STAGES: tuple[tuple[str, tuple[TestStatus, ...]], ...] = (
    ("Triage: to decide", (_S.REQUESTED,)),
    ("Held for later", (_S.DEFERRED,)),
    ("Accepted: laboratory or tube awaited", (_S.ACCEPTED, _S.ASSIGNED)),
    ("Tube rejected: to be taken again", (_S.REJECTED,)),
    ("On the bench: to type", (_S.RECEIVED,)),
    ("To check or authorise", (_S.ENTERED, _S.CHECKED)),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """How many requests stand at a stage, how many overdue, since when the oldest."""

    words: str
    waiting: int
    overdue: int
    since: dt.datetime | None


@not_for_pages
@dataclass(frozen=True, slots=True)
class OpenItem:
    """One thing that is open, by number; `fields` is what a line about it tells of the patient."""

    patient_id: uuid.UUID
    number: str
    what: str
    ward: str
    due_at: dt.datetime
    fields: Field


def stages(actor: Actor) -> tuple[Stage, ...]:
    """Every stage with what stands there now, for this person’s laboratory or the node."""
    return (*_tests(actor), _telephoning(actor), *_slips(actor))


def _here(actor: Actor) -> ColumnElement[bool]:
    """The condition on `RequestedTest`: this laboratory’s, and what nobody has given to a laboratory yet."""
    if actor.laboratory_id is None:
        return true()
    own = RequestedTest.laboratory_id == actor.laboratory_id
    return or_(own, RequestedTest.laboratory_id.is_(None))


def _tests(actor: Actor) -> list[Stage]:
    late = Request.due_at < clock.now()
    statement = (
        select(RequestedTest.status, Request.id, late, func.min(RequestedTest.status_at))
        .join(Request, Request.id == RequestedTest.request_id)
        .where(RequestedTest.status.not_in(list(FINAL)), within(actor), _here(actor))
        .group_by(RequestedTest.status, Request.id, Request.due_at)
    )
    rows = list(session().execute(statement))
    return [
        _stage(words, {r[1]: (bool(r[2]), _aware(r[3])) for r in rows if r[0] in statuses})
        for words, statuses in STAGES
    ]


def _stage(words: str, held: dict[uuid.UUID, tuple[bool, dt.datetime]]) -> Stage:
    since = min((at for _, at in held.values()), default=None)
    return Stage(words, len(held), sum(late for late, _ in held.values()), since)


def _telephoning(actor: Actor) -> Stage:
    statement = (
        select(CriticalCall.due_at, CriticalCall.opened_at)
        .join(Request, Request.id == CriticalCall.request_id)
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .where(CriticalCall.status == CallStatus.OPEN, within(actor), _here(actor))
    )
    rows = list(session().execute(statement))
    late = sum(due < clock.now() for due, _ in rows)
    return Stage("To telephone", len(rows), late, min((at for _, at in rows), default=None))


def _slips(actor: Actor) -> list[Stage]:
    places, ways, unread = slips_to_print(actor), on_the_way(actor), not_read(actor)
    waiting = sum(place.slips for place in places)
    missing = sum(way.missing for way in ways)
    late = sum(way.missing for way in ways if way.overdue)
    return [
        Stage("Slips to print", waiting, 0, min((p.since for p in places), default=None)),
        Stage("Slips on the way", missing, late, min((w.printed_at for w in ways), default=None)),
        Stage(
            "Results not acknowledged in time",
            len(unread),
            len(unread),
            min((row.since for row in unread), default=None),
        ),
    ]


def open_criticals(actor: Actor, most: int = MOST_LINES) -> tuple[OpenItem, ...]:
    """The critical results that nobody has been told, the first due first."""
    statement = (
        select(
            Request.patient_id,
            Request.number,
            CriticalCall.analyte_code,
            Ward.name,
            CriticalCall.due_at,
        )
        .join(Request, Request.id == CriticalCall.request_id)
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .join(Ward, Ward.id == Request.ward_id)
        .where(CriticalCall.status == CallStatus.OPEN, within(actor), _here(actor))
        .order_by(CriticalCall.due_at, CriticalCall.id)
        .limit(most)
    )
    analytes = catalogue().analytes
    told = Field.PLACE | Field.TESTS | Field.RESULTS
    return tuple(
        OpenItem(whose, grouped(number), f"{analytes[code].name}, critical", ward, due_at, told)
        for whose, number, code, ward, due_at in session().execute(statement)
    )


def overdue_requests(actor: Actor, most: int = MOST_LINES) -> tuple[OpenItem, ...]:
    """The open requests past their time, the longest overdue first, with where their tests stand."""
    statement = (
        select(Request.id, Request.patient_id, Request.number, Ward.name, Request.due_at)
        .join(Ward, Ward.id == Request.ward_id)
        .where(
            Request.due_at < clock.now(),
            within(actor),
            Request.id.in_(
                select(RequestedTest.request_id).where(
                    RequestedTest.status.not_in(list(FINAL)), _here(actor)
                )
            ),
        )
        .order_by(Request.due_at, Request.id)
        .limit(most)
    )
    rows = list(session().execute(statement))
    words = _words([row[0] for row in rows], actor)
    told = Field.PLACE | Field.TESTS
    return tuple(
        OpenItem(whose, grouped(number), words[request_id], ward, due_at, told)
        for request_id, whose, number, ward, due_at in rows
    )


def _words(request_ids: Sequence[uuid.UUID], actor: Actor) -> dict[uuid.UUID, str]:
    """`FBC, CRP: on the bench`, by request."""
    statement = (
        select(RequestedTest.request_id, RequestedTest.test_code, RequestedTest.status)
        .where(
            RequestedTest.request_id.in_(request_ids),
            RequestedTest.status.not_in(list(FINAL)),
            _here(actor),
        )
        .order_by(RequestedTest.id)
    )
    found: dict[uuid.UUID, dict[str, list[str]]] = {}
    for request_id, code, status in session().execute(statement):
        found.setdefault(request_id, {}).setdefault(WORDS[status], []).append(
            catalogue().test(code).label
        )
    return {
        request_id: "; ".join(f"{', '.join(tests)}: {where}" for where, tests in held.items())
        for request_id, held in found.items()
    }


def _aware(moment: dt.datetime) -> dt.datetime:
    """SQLite forgets the zone of what is worked out."""
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
