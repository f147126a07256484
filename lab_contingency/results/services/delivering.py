"""The way of a slip: it begins with the print and ends with a scan where it is read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import read_delivery_number, read_slip_number
from lab_contingency.places.queries import ward
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import within
from lab_contingency.results.models import DeliveryList, Slip, SlipDelivery
from lab_contingency.results.queries.deliveries import releases_of
from lab_contingency.results.rules.slips import Arrival, deliver_by

_SCAN = "Scan the bars at the top of a delivery list or of a result slip."
_UNKNOWN = (
    "No list or slip here has that number. Check that it was read whole, or ask the laboratory."
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a scan closed: how many slips, and where they went."""

    slips: int
    destination: str


def begin_way(
    request: Request, slip: Slip, list_id: uuid.UUID | None, *, actor: Actor
) -> SlipDelivery:
    """A slip of the ward left the printer. One that is still on its way is overtaken, its time is not."""
    now = clock.now()
    statement = select(SlipDelivery).where(
        SlipDelivery.request_id == request.id, SlipDelivery.arrival.is_(None)
    )
    before = session().scalars(locked(statement)).one_or_none()
    if before is not None:
        _end(before, Arrival.OVERTAKEN, actor)
    session().flush()
    row = SlipDelivery(
        id=new_id(),
        slip_id=slip.id,
        request_id=request.id,
        destination_id=request.destination_id,
        list_id=list_id,
        releases=releases_of(request.id),
        printed_at=now,
        due_at=deliver_by(request.band, now, before.due_at if before else None),
    )
    if list_id is None and actor.site_id == ward(request.destination_id).site.id:
        _end(row, Arrival.THERE, actor)
    session().add(row)
    session().flush()
    return row


def deliver(scanned: str, *, actor: Actor) -> Delivered:
    """A list or a slip has arrived: who scanned it, and when. RuleBroken says what it is instead."""
    if number := read_delivery_number(scanned):
        return _deliver_list(number, actor)
    if number := read_slip_number(scanned):
        return _deliver_slip(number, actor)
    raise RuleBroken(_SCAN, field="number")


def _deliver_list(number: str, actor: Actor) -> Delivered:
    reached = (
        select(SlipDelivery.id)
        .join(DeliveryList, DeliveryList.id == SlipDelivery.list_id)
        .join(Request, Request.id == SlipDelivery.request_id)
        .where(DeliveryList.number == number, within(actor))
    )
    rows = _locked(reached)
    if not rows:
        raise RuleBroken(_UNKNOWN, field="number")
    waiting = [row for row in rows if row.arrival is None]
    if not waiting:
        raise RuleBroken(_closed(rows), field="number")
    for row in waiting:
        _end(row, Arrival.LIST, actor)
    record("slips:delivered", rows[0].list_id, actor=actor, slips=len(waiting))
    return Delivered(len(waiting), ward(rows[0].destination_id).name)


def _deliver_slip(number: str, actor: Actor) -> Delivered:
    reached = (
        select(SlipDelivery.id)
        .join(Slip, Slip.id == SlipDelivery.slip_id)
        .join(Request, Request.id == SlipDelivery.request_id)
        .where(Slip.number == number, within(actor))
    )
    rows = _locked(reached)
    if not rows:
        raise RuleBroken(_UNKNOWN, field="number")
    last = rows[-1]
    if last.arrival is not None:
        raise RuleBroken(_closed(rows), field="number")
    _end(last, Arrival.SLIP, actor)
    record("slips:delivered", last.request_id, actor=actor, slips=1)
    return Delivered(1, ward(last.destination_id).name)


def _locked(reached: Select[uuid.UUID]) -> Sequence[SlipDelivery]:
    """These ways, locked in a fixed order, the oldest print first."""
    statement = (
        select(SlipDelivery)
        .where(SlipDelivery.id.in_(reached))
        .order_by(SlipDelivery.printed_at, SlipDelivery.id)
    )
    fresh = locked(statement).execution_options(populate_existing=True)
    return session().scalars(fresh).all()


def _closed(rows: Sequence[SlipDelivery]) -> str:
    """Why nothing of it is still on its way."""
    last = max(rows, key=lambda row: row.ended_at or row.printed_at)
    if last.arrival is Arrival.OVERTAKEN:
        return "This was printed again since: deliver the newer one. Put this one in the confidential waste."
    at = near_time_text(last.ended_at) if last.ended_at else ""
    return f"This arrived already: noted {at} by {last.ended_by_name}."


def _end(row: SlipDelivery, arrival: Arrival, actor: Actor) -> None:
    row.arrival, row.ended_at = arrival, clock.now()
    row.ended_by_id, row.ended_by_name = actor.user_id, actor.name
