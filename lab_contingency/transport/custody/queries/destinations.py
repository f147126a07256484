"""To which laboratory a tube is to be carried."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import func, select

from lab_contingency.foundation.database import session
from lab_contingency.places.models import Laboratory
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.queries.snapshot import Snapshot
from lab_contingency.transport.custody.queries.standing import Tube

_GONE = (TestStatus.WITHDRAWN, TestStatus.DECLINED, TestStatus.REJECTED)
_CHUNK = 500


def bound_for(tubes: Iterable[Tube], held: Snapshot) -> Mapping[uuid.UUID, uuid.UUID]:
    """By specimen: where it was sent, else where most of its tests are done, else the own laboratory of its site.

    The last one before anybody has decided: that laboratory takes in whatever comes, and sends it on. A tube
    without any of the three is left out.
    """
    rows = list(tubes)
    chosen = _chosen([row.planned_tube_id for row in rows])
    own = {
        each.site_id: each.id for each in held.laboratories.values() if each.own and each.site_id
    }
    found = {
        row.specimen_id: row.bound_for_id or chosen.get(row.planned_tube_id) or own.get(row.site_id)
        for row in rows
    }
    return {specimen: place for specimen, place in found.items() if place is not None}


def _chosen(planned_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """The laboratory with most of the tests on each planned tube."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for some in _chunks(planned_ids):
        statement = (
            select(RequestedTest.planned_tube_id, RequestedTest.laboratory_id)
            .join(Laboratory, Laboratory.id == RequestedTest.laboratory_id)
            .where(RequestedTest.planned_tube_id.in_(some), RequestedTest.status.not_in(_GONE))
            .group_by(RequestedTest.planned_tube_id, RequestedTest.laboratory_id, Laboratory.name)
            .order_by(func.count().desc(), Laboratory.name)
        )
        for planned, laboratory_id in session().execute(statement):
            if planned is not None and laboratory_id is not None:
                found.setdefault(planned, laboratory_id)
    return found


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
