"""Slips by destination: a batch with the list to sign in front, all recorded in the transaction that makes it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.services import issue_list_number
from lab_contingency.printing.content import ResultSlip
from lab_contingency.printing.content.lists import DeliveryList as DeliveryListContent
from lab_contingency.printing.delivery_list import delivery_list_pdf, try_delivery_row
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.result_slip import try_slip
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import within
from lab_contingency.requests.services import lock_request
from lab_contingency.results.documents import delivery_list, delivery_row
from lab_contingency.results.models import DeliveryList, SlipDelivery
from lab_contingency.results.queries.deliveries import waiting_slips
from lab_contingency.results.rules.slips import NOT_THERE
from lab_contingency.results.services.slips import ReadySlip, make_slip, record_slip

_GONE = "Nothing waits for this place any more. Somebody else has printed it, or it was read on a screen."
_NONE = "These slips hold something that cannot be printed. Read the results out by telephone."


@dataclass(frozen=True, slots=True)
class PrintedBatch:
    """What came out. `skipped` are numbers of requests whose slip could not be drawn."""

    pdf: bytes
    delivery: DeliveryListContent
    slips: int
    skipped: tuple[str, ...]


def print_batch(ward_id: uuid.UUID, *, actor: Actor) -> PrintedBatch:
    """Print every slip that waits for a destination. One that cannot be drawn holds up no other."""
    waiting = waiting_slips(ward_id, actor)
    for request_id in sorted(waiting):
        lock_request(request_id, actor=actor)
    still = [each for each in waiting_slips(ward_id, actor) if each in waiting]
    if not still:
        raise RuleBroken(_GONE)
    return _print_out(ward_id, still, actor)


def print_list_again(list_id: uuid.UUID, *, actor: Actor) -> PrintedBatch:
    """Print what of a list is not there, as copies under a new list; the old one is overtaken."""
    statement = (
        select(SlipDelivery.request_id, SlipDelivery.destination_id)
        .join(Request, Request.id == SlipDelivery.request_id)
        .where(SlipDelivery.list_id == list_id, within(actor))
        .order_by(SlipDelivery.request_id)
    )
    rows = list(session().execute(statement))
    if not rows:
        raise NotFound
    for request_id, _ in rows:
        lock_request(request_id, actor=actor)
    missing = session().scalars(
        select(SlipDelivery.request_id).where(
            SlipDelivery.list_id == list_id, SlipDelivery.arrival.is_(None)
        )
    )
    wanted = set(missing)
    still = [request_id for request_id, _ in rows if request_id in wanted]
    if not still:
        raise RuleBroken("Everything on this list has arrived.")
    return _print_out(rows[0][1], still, actor)


def _print_out(ward_id: uuid.UUID, ids: Sequence[uuid.UUID], actor: Actor) -> PrintedBatch:
    mark, ready, skipped = new_watermark(), list[ReadySlip](), list[str]()
    for request_id in ids:
        try:
            ready.append(make_slip(request_id, NOT_THERE, mark, actor=actor, trying=_try_both))
        except (CannotPrint, RuleBroken):
            skipped.append(lock_request(request_id, actor=actor).number)
    if not ready:
        raise RuleBroken(_NONE)
    number = issue_list_number()
    content = delivery_list(
        number, ward_id, [(each.request, each.slip) for each in ready], mark, actor=actor
    )
    pdf = delivery_list_pdf(content, [each.slip for each in ready])
    leaving_id = register_leaving(
        "slips of a place", _contains(ready), pdf, actor=actor, watermark=mark
    )
    row = DeliveryList(
        id=new_id(),
        number=number,
        destination_id=ward_id,
        slips=len(ready),
        printed_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        leaving_id=leaving_id,
    )
    session().add(row)
    session().flush()
    for each in ready:
        record_slip(each, leaving_id, row.id, actor=actor)
    record("slips:printed", row.id, actor=actor, slips=len(ready), leaving=leaving_id)
    return PrintedBatch(pdf, content, len(ready), tuple(skipped))


def _try_both(slip: ResultSlip) -> None:
    try_slip(slip)
    try_delivery_row(delivery_row(slip, similar=True))


def _contains(ready: Sequence[ReadySlip]) -> dict[uuid.UUID, Field]:
    found: dict[uuid.UUID, Field] = {}
    for each in ready:
        for patient_id, fields in each.contains().items():
            found[patient_id] = found.get(patient_id, Field(0)) | fields
    return found
