"""The open requests in the order of the queue: one read along the partial index, and the counts."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select, true

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import NEVER_HIDDEN, Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.triage.rules import SOON, QueueKey, queue_key

LATER_SHOWN = 300
MOST = 5000


class Show(enum.StrEnum):
    """What of P3 and P4 is shown; P1 and P2 always are."""

    ALL = "all"
    TO_DECIDE = "to-decide"
    HELD = "held"
    NOT_RECEIVED = "not-received"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Filter:
    """The choice of the person; `whole` asks for the less pressing rows without a limit of ours."""

    show: Show = Show.ALL
    site_id: uuid.UUID | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open request as the queue orders it."""

    id: uuid.UUID
    version: int
    band: Band
    band_asked: Band
    due_at: dt.datetime
    unusable_at: dt.datetime | None
    received_at: dt.datetime | None
    patient_id: uuid.UUID
    identity_id: uuid.UUID
    site_id: uuid.UUID
    ward_id: uuid.UUID
    sealed: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many wait: by band, by what is asked of them, by site; and the two clocks."""

    bands: Mapping[Band, int]
    sites: Mapping[uuid.UUID, int]
    to_decide: int
    held: int
    not_received: int
    overdue: int
    expiring: int

    @property
    def total(self) -> int:
        """Every open request in the scope."""
        return sum(self.bands.values())

    @property
    def pressing(self) -> int:
        """P1 and P2."""
        return sum(self.bands.get(band, 0) for band in NEVER_HIDDEN)


def waiting_statement(actor: Actor, chosen: Filter, most: int) -> Select[*tuple[Any, ...]]:
    """The rows in the order of `ix_request_queue`: the engine reads along it and sorts nothing."""
    return (
        select(
            Request.id,
            Request.version,
            Request.band,
            Request.band_asked,
            Request.due_at,
            Request.unusable_at,
            Request.received_at,
            Request.patient_id,
            Request.identity_id,
            Request.site_id,
            Request.ward_id,
            Request.sealed,
        )
        .where(Request.closed_at.is_(None), within(actor), _kept(chosen))
        .order_by(
            Request.band, Request.due_at, Request.unusable_at, Request.received_at, Request.id
        )
        .limit(most)
    )


def waiting(actor: Actor, chosen: Filter, counts: Counts) -> tuple[Waiting, ...]:
    """Every P1 and P2, then the less pressing up to a limit.

    P1 and P2 come first in the order, so a limit counted from their number never cuts one off.
    """
    later = MOST if chosen.whole else LATER_SHOWN
    statement = waiting_statement(actor, chosen, counts.pressing + later)
    rows = [Waiting(**row) for row in session().execute(statement).mappings()]
    # the engines disagree on where an unknown time stands
    return tuple(sorted(rows, key=_place))


def _place(row: Waiting) -> QueueKey:
    return queue_key(row.band, row.due_at, row.unusable_at, row.received_at, row.id)


def _kept(chosen: Filter) -> ColumnElement[bool]:
    condition = _condition(chosen)
    if condition is None:
        return true()
    return or_(Request.band <= max(NEVER_HIDDEN), condition)


def _condition(chosen: Filter) -> ColumnElement[bool] | None:
    match chosen.show:
        case Show.ALL:
            return None
        case Show.TO_DECIDE:
            return _has_test(TestStatus.REQUESTED)
        case Show.HELD:
            return _has_test(TestStatus.DEFERRED)
        case Show.NOT_RECEIVED:
            return Request.received_at.is_(None)
        case Show.SITE:
            return Request.site_id == chosen.site_id


def _has_test(status: TestStatus) -> ColumnElement[bool]:
    return exists().where(RequestedTest.request_id == Request.id, RequestedTest.status == status)


def counts(actor: Actor, now: dt.datetime) -> Counts:
    """Over everything that is open in the scope, whatever is shown."""
    statement = (
        select(
            Request.band,
            Request.site_id,
            func.count(),
            _sum(Request.received_at.is_(None)),
            _sum(Request.due_at < now),
            _sum(Request.unusable_at <= now + SOON),
        )
        .where(Request.closed_at.is_(None), within(actor))
        .group_by(Request.band, Request.site_id)
    )
    bands: Counter[Band] = Counter()
    sites: Counter[uuid.UUID] = Counter()
    not_received = overdue = expiring = 0
    for band, site_id, number, unreceived, late, soon in session().execute(statement):
        bands[band] += number
        sites[site_id] += number
        not_received, overdue, expiring = not_received + unreceived, overdue + late, expiring + soon
    by_status = _by_status(actor)
    return Counts(
        bands,
        sites,
        by_status.get(TestStatus.REQUESTED, 0),
        by_status.get(TestStatus.DEFERRED, 0),
        not_received,
        overdue,
        expiring,
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _by_status(actor: Actor) -> Mapping[TestStatus, int]:
    statement = (
        select(RequestedTest.status, func.count(func.distinct(Request.id)))
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            Request.closed_at.is_(None),
            within(actor),
            RequestedTest.status.in_((TestStatus.REQUESTED, TestStatus.DEFERRED)),
        )
        .group_by(RequestedTest.status)
    )
    return dict(session().execute(statement).all())
