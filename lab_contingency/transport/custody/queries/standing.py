"""Every tube and box between two hands, as rows: one statement a hop, each found along an index of what is open.

What is finished is never read: a tube leaves `ix_specimen_under_way` when it is received, a box
`ix_consignment_from` when it ends. Times are put in when a statement is executed, so that it can be kept.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.places.models import Laboratory
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.custody.rules import BOX_HOPS, HOPS, TUBE_HOPS, Hop, due
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.queries.scope import boxes_within, still_inside

MOST = 400
Since = Any  # a column with a time


class Tube(NamedTuple):
    """A tube between two hands. `bound_for_id`: where it is known to go next."""

    hop: Hop
    specimen_id: uuid.UUID
    patient_id: uuid.UUID
    request_id: uuid.UUID
    ward_id: uuid.UUID
    site_id: uuid.UUID
    band: Band
    number: str | None
    form: str
    container: str
    planned_tube_id: uuid.UUID
    holder: str
    laboratory_id: uuid.UUID | None
    bound_for_id: uuid.UUID | None
    collected_at: dt.datetime | None
    since: dt.datetime

    @property
    def due_at(self) -> dt.datetime:
        """By when the next hand takes it."""
        return due(self.hop, self.band, self.since)


class Box(NamedTuple):
    """A box between two hands: how many tubes are in it, the most pressing one's band."""

    hop: Hop
    consignment_id: uuid.UUID
    number: str
    from_id: uuid.UUID
    to_id: uuid.UUID
    since: dt.datetime
    stated_due_at: dt.datetime | None
    band: Band
    tubes: int

    @property
    def due_at(self) -> dt.datetime:
        """By when the next hand takes it, or it is there."""
        if self.stated_due_at is not None and HOPS[self.hop].within is None:
            return self.stated_due_at
        return due(self.hop, self.band, self.since)


_IN_A_BOX = (
    select(ConsignmentItem.id)
    .where(ConsignmentItem.specimen_id == Specimen.id, ConsignmentItem.ended_at.is_(None))
    .correlate(Specimen)
)
# The tests that wait for a tube, read first: the tubes that were received are very many. Every laboratory is
# named, so that the index of the benches is used, which begins with them.
_WAITING = (
    select(RequestedTest.planned_tube_id, RequestedTest.laboratory_id, RequestedTest.status_at)
    .where(
        RequestedTest.status == TestStatus.ASSIGNED,
        RequestedTest.laboratory_id.in_(select(Laboratory.id)),
    )
    .cte("waiting_tests")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_NARROWER: Mapping[Hop, ColumnElement[bool]] = {
    Hop.CARRIED: Specimen.laboratory_id.is_(None),
    Hop.AT_DOOR: Specimen.laboratory_id.is_not(None),
    Hop.SENT: ~exists(_IN_A_BOX),
    Hop.TO_PACK: and_(~exists(_IN_A_BOX), _WAITING.c.laboratory_id != Specimen.laboratory_id),
}
_BOX_SINCE: Mapping[Hop, Since] = {
    Hop.PACKING: Consignment.made_at,
    Hop.SEALED: Consignment.sealed_at,
    Hop.BOX_SENT: Consignment.left_at,
    Hop.UNPACKING: Consignment.arrived_at,
    Hop.RECALLED: Consignment.left_at,
}


def _since(hop: Hop) -> Since:
    """From when the hop counts. Of a tube to be packed it is the later of two: see `_late`."""
    return Specimen.received_at if hop is Hop.TO_PACK else Specimen.under_way_since


def _tubes(hop: Hop, *columns: Any) -> Select[Any]:
    """The tubes on one hop; of one to be packed a row for each test that goes elsewhere."""
    statement = (
        select(*columns)
        .select_from(Specimen)
        .join(Request, Request.id == Specimen.request_id)
        .where(Specimen.status == HOPS[hop].status, _NARROWER.get(hop, true()))
    )
    if hop is Hop.TO_PACK:
        return statement.join(_WAITING, _WAITING.c.planned_tube_id == Specimen.planned_tube_id)
    return statement.where(Specimen.under_way_since.is_not(None))


def _boxes(hop: Hop, *columns: Any) -> Select[Any]:
    """The boxes on one hop, a row for each tube that is still in them."""
    return (
        select(*columns)
        .select_from(Consignment)
        .join(
            ConsignmentItem,
            and_(
                ConsignmentItem.consignment_id == Consignment.id,
                ConsignmentItem.ended_at.is_(None),
            ),
        )
        .join(Specimen, Specimen.id == ConsignmentItem.specimen_id)
        .join(Request, Request.id == Specimen.request_id)
        .where(
            Consignment.state == HOPS[hop].state,
            Consignment.ended_at.is_(None),
            still_inside(),
            Consignment.from_laboratory_id.in_(select(Laboratory.id)),
        )
    )


def _began_before(column: Since, moment: Callable[[], dt.datetime]) -> ColumnElement[bool]:
    held = bindparam("began", type_=column.type, callable_=moment, unique=True)
    earlier: ColumnElement[bool] = column < held
    return earlier


def _ago(span: dt.timedelta) -> dt.datetime:
    return clock.now() - span


def _late(hop: Hop) -> ColumnElement[bool]:
    """The condition that its due time has passed when it is asked: by the shortest limit first, for the index."""
    within_band = HOPS[hop].within
    if within_band is None:
        return _began_before(Consignment.due_at, clock.now)
    columns = _counted(hop)
    shortest = partial(_ago, min(within_band.values()))
    by_band = (
        and_(
            Request.band == band,
            *(_began_before(column, partial(_ago, span)) for column in columns),
        )
        for band, span in within_band.items()
    )
    return and_(*(_began_before(column, shortest) for column in columns), or_(*by_band))


def _counted(hop: Hop) -> tuple[Since, ...]:
    if hop in BOX_HOPS:
        return (_BOX_SINCE[hop],)
    if hop is Hop.TO_PACK:
        return (Specimen.received_at, _WAITING.c.status_at)
    return (Specimen.under_way_since,)


def tubes_on(
    hops: Iterable[Hop],
    actor: Actor,
    *conditions: ColumnElement[bool],
    late: bool = False,
    most: int = MOST,
) -> tuple[Tube, ...]:
    """The tubes on those hops within the scope, those first that have been there longest, `most` of each hop."""
    found: dict[uuid.UUID, Tube] = {}
    for hop in hops:
        statement = (
            _tubes(hop, *_columns(hop))
            .join(PlannedTube, PlannedTube.id == Specimen.planned_tube_id)
            .where(within(actor), *conditions)
            .order_by(_since(hop), Specimen.id)
            .limit(most)
        )
        if late:
            statement = statement.where(_late(hop))
        for row in session().execute(statement):
            tube = Tube(hop, *row)
            if tube.specimen_id not in found or tube.since < found[tube.specimen_id].since:
                found[tube.specimen_id] = tube
    return tuple(found.values())


def _columns(hop: Hop) -> Iterator[Any]:
    yield from (Specimen.id, Request.patient_id, Request.id, Request.ward_id, Request.site_id)
    yield from (Request.band, Specimen.number, Request.number, PlannedTube.container)
    yield from (Specimen.planned_tube_id, Specimen.holder, Specimen.laboratory_id)
    yield _WAITING.c.laboratory_id if hop is Hop.TO_PACK else Specimen.bound_for_id
    yield Specimen.collected_at
    yield _later(*_counted(hop))


def _later(first: Since, *others: Since) -> Since:
    """The later of two times."""
    return case((first > others[0], first), else_=others[0]) if others else first


def boxes_on(
    hops: Iterable[Hop], actor: Actor, *conditions: ColumnElement[bool], late: bool = False
) -> tuple[Box, ...]:
    """The boxes on those hops within the scope, with the most pressing band in each."""
    found: list[Box] = []
    for hop in hops:
        columns = (
            Consignment.id,
            Consignment.number,
            Consignment.from_laboratory_id,
            Consignment.to_laboratory_id,
            _BOX_SINCE[hop],
            Consignment.due_at,
        )
        statement = (
            _boxes(hop, *columns, func.min(Request.band), func.count(Specimen.id))
            .where(boxes_within(actor), *conditions)
            .group_by(*columns)
            .limit(MOST)
        )
        found += [_box(hop, row) for row in session().execute(statement)]
    now = clock.now()
    return tuple(box for box in found if not late or box.due_at < now)


def _box(hop: Hop, row: Sequence[Any]) -> Box:
    """The least of texts comes back as text: the band is read again."""
    consignment_id, number, from_id, to_id, since, due_at, band, tubes = row
    return Box(hop, consignment_id, number, from_id, to_id, since, due_at, Band(band), tubes)


def late_count(actor: Actor) -> Select[int]:
    """Count tubes and boxes whose due time has passed: a statement of one number."""
    parts = [
        _tubes(hop, func.count(func.distinct(Specimen.id)))
        .where(within(actor), _late(hop))
        .scalar_subquery()
        for hop in TUBE_HOPS
    ]
    parts += [
        _boxes(hop, func.count(func.distinct(Consignment.id)))
        .where(boxes_within(actor), _late(hop))
        .scalar_subquery()
        for hop in BOX_HOPS
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part  # type: ignore[assignment]
    return select(total)
