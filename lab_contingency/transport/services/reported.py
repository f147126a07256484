"""A laboratory that works on paper scans no box: what came back on its slips says what it got out of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request
from lab_contingency.specimens.services import receive_reported
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.rules import (
    CARRIED,
    ConsignmentAction,
    ConsignmentState,
    ItemOutcome,
)
from lab_contingency.transport.services.boxes import end_items, inside, move_on, specimens_of
from lab_contingency.transport.services.carrying import note_reported_arrival


def lock_reported_box(consignment_id: uuid.UUID) -> Consignment:
    """The box of a slip, for changing. Whose the slip is, the caller has asked; boxes come before requests."""
    statement = locked(select(Consignment).where(Consignment.id == consignment_id))
    return session().scalars(statement.execution_options(populate_existing=True)).one()


def receive_by_slip(
    box: Consignment,
    request: Request,
    planned_tube_ids: Collection[uuid.UUID],
    at: dt.datetime,
    *,
    actor: Actor,
) -> None:
    """Tubes of a locked request in a locked box were there at `at`, as a slip from there says.

    The first slip that comes back opens the box; the one that speaks of its last tube closes it. A box that
    ended otherwise stays as it is: the tubes are received all the same.
    """
    if box.state in CARRIED:
        note_reported_arrival(box, at, actor=actor)
        move_on(box, ConsignmentAction.UNPACK, actor=actor, arrived_at=at)
    for planned_tube_id in sorted(planned_tube_ids):
        receive_reported(request, planned_tube_id, box.to_laboratory_id, at, actor=actor)
    if box.state is ConsignmentState.UNPACKING:
        _take_out(box, set(planned_tube_ids), actor)


def _take_out(box: Consignment, planned_tube_ids: set[uuid.UUID], actor: Actor) -> None:
    held = inside(box)
    rows = specimens_of(held)
    arrived = [item for item in held if rows[item.specimen_id].planned_tube_id in planned_tube_ids]
    end_items(arrived, ItemOutcome.ARRIVED)
    _record(box, arrived, actor)
    if len(arrived) == len(held):
        move_on(box, ConsignmentAction.RECEIVE, actor=actor)


def _record(box: Consignment, arrived: Iterable[ConsignmentItem], actor: Actor) -> None:
    where = laboratory(box.to_laboratory_id).code
    for item in arrived:
        record(
            "consignment:tube_reported", box.id, actor=actor, specimen=item.specimen_id, by=where
        )
