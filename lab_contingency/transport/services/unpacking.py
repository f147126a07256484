"""At the other end: the box is scanned, then each tube; at the end nothing is unaccounted for."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotPermitted, RuleBroken
from lab_contingency.places.queries import laboratory
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import BROKEN, SpecimenStatus
from lab_contingency.specimens.services import receive, reject, send_tubes, to_send_on
from lab_contingency.specimens.services.scanning import claim_scan, scanned_number
from lab_contingency.transport.commands import Unpacked, UnpackTube
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.rules import (
    Condition,
    ConsignmentAction,
    ConsignmentState,
    Count,
    DiscrepancyKind,
    ItemOutcome,
    count,
    next_state,
)
from lab_contingency.transport.services.boxes import (
    end_items,
    inside,
    items_of,
    lock_box,
    move_on,
    open_discrepancy,
    specimens_of,
)
from lab_contingency.transport.services.carrying import note_arrival

_FOUND = {
    Condition.AS_EXPECTED: (ItemOutcome.ARRIVED, None),
    Condition.BROKEN: (ItemOutcome.BROKEN, DiscrepancyKind.BROKEN),
    Condition.WARM: (ItemOutcome.WARM, DiscrepancyKind.WARM),
}


def unpack_box(consignment_id: uuid.UUID, version: int | None = None, *, actor: Actor) -> None:
    """The box is here and is opened: from now on its tubes are scanned one by one."""
    box = lock_box(consignment_id, actor=actor, version=version)
    _refuse_not_receiver(box, actor)
    if box.state is ConsignmentState.PACKING:
        raise RuleBroken(
            f"For {laboratory(box.from_laboratory_id).name} this box is still being packed. Ring them and have it "
            "sealed on the screen; then scan it again."
        )
    if box.state is ConsignmentState.UNPACKING:
        return
    next_state(box.state, ConsignmentAction.UNPACK)
    note_arrival(box, laboratory(box.to_laboratory_id).name, actor=actor)
    move_on(box, ConsignmentAction.UNPACK, actor=actor, arrived_at=clock.now())


def unpack_tube(command: UnpackTube, *, actor: Actor) -> Unpacked:
    """A tube is out of the box: received as any tube is, or rejected if broken; what differs is noted.

    RuleBroken as at reception: one that is too old needs a decision.
    """
    box = _open(command.consignment_id, actor)
    number = scanned_number(command.number)
    if number.is_form:
        raise RuleBroken("That is a form. Scan the label on the tube.", field="number")
    item = _item(box, number.text)
    if item is None:
        return _extra(box, command, actor)
    outcome, kind = _FOUND[command.condition]
    specimen = specimens_of([item])[item.specimen_id]
    cautions: tuple[str, ...] = ()
    if command.condition is Condition.BROKEN:
        _reject_broken(specimen, actor)
    elif not _is_here(specimen, box):
        cautions = receive(command.number, box.to_laboratory_id, command.age, actor=actor).cautions
    elif specimen.status is SpecimenStatus.RECEIVED:
        cautions = to_send_on(command.number, box.to_laboratory_id, actor=actor)
    end_items([item], outcome)
    record(
        "consignment:tube_unpacked",
        box.id,
        actor=actor,
        specimen=specimen.id,
        outcome=outcome.value,
    )
    if kind is not None:
        open_discrepancy(box, kind, specimen.id, actor=actor)
    return Unpacked(specimen.id, cautions)


def note_extra(consignment_id: uuid.UUID, found: str, *, actor: Actor) -> None:
    """Something in the box is no tube of ours: said in words, and somebody looks after it."""
    box = _open(consignment_id, actor)
    if not found.strip():
        raise RuleBroken("Say what it is and what stands on it.", field="found")
    open_discrepancy(box, DiscrepancyKind.EXTRA, None, actor=actor, found=found)


def finish_unpacking(
    consignment_id: uuid.UUID, version: int | None = None, *, actor: Actor
) -> Count:
    """Close the box: what was not scanned is missing, and somebody looks after each of it."""
    box = _open(consignment_id, actor, version)
    held = inside(box)
    rows = specimens_of(held)
    here = [item for item in held if _is_here(rows[item.specimen_id], box)]
    missing = [item for item in held if item not in here]
    end_items(here, ItemOutcome.ARRIVED)
    end_items(missing, ItemOutcome.MISSING)
    for item in missing:
        open_discrepancy(box, DiscrepancyKind.MISSING, item.specimen_id, actor=actor)
    move_on(box, ConsignmentAction.RECEIVE, actor=actor)
    counted = count(item.outcome for item in items_of(box))
    assert counted.balances  # every place has an outcome now  # noqa: S101
    return counted


def _open(consignment_id: uuid.UUID, actor: Actor, version: int | None = None) -> Consignment:
    box = lock_box(consignment_id, actor=actor, version=version)
    _refuse_not_receiver(box, actor)
    if box.state is not ConsignmentState.UNPACKING:
        raise RuleBroken(
            f"This box is {box.state.value}. Scan its number first, then its tubes.", field="number"
        )
    return box


def _refuse_not_receiver(box: Consignment, actor: Actor) -> None:
    if actor.laboratory_id is None:
        raise NotPermitted
    if actor.laboratory_id != box.to_laboratory_id:
        raise RuleBroken(
            f"This box is for {laboratory(box.to_laboratory_id).name}. Send it on; if it stays here, have a "
            "senior re-route it first.",
            field="number",
        )


def _item(box: Consignment, number: str) -> ConsignmentItem | None:
    statement = (
        select(ConsignmentItem)
        .join(Specimen, Specimen.id == ConsignmentItem.specimen_id)
        .where(
            ConsignmentItem.consignment_id == box.id,
            ConsignmentItem.ended_at.is_(None),
            Specimen.number == number,
        )
    )
    return session().scalars(statement).one_or_none()


def _extra(box: Consignment, command: UnpackTube, actor: Actor) -> Unpacked:
    """A tube that is not on the manifest, or was scanned before, which reception says.

    One that was laid in without a scan stands elsewhere as far as anybody knew: from now on it came with this box.
    """
    tube = claim_scan(command.number, box.to_laboratory_id, actor=actor).tube
    row = tube.specimen if tube else None
    if row is not None and _stands_elsewhere(row, box):
        _leave_other_boxes(row.id, actor)
        send_tubes([row.id], box.to_laboratory_id, actor.name, actor=actor)
    done = receive(command.number, box.to_laboratory_id, command.age, actor=actor)
    open_discrepancy(box, DiscrepancyKind.EXTRA, done.specimen_id, actor=actor)
    caution = (
        "This tube is not on the manifest. It is received all the same; the sender is asked why."
    )
    return Unpacked(done.specimen_id, (caution, *done.cautions))


def _is_here(specimen: Specimen, box: Consignment) -> bool:
    """Reception may have taken or rejected a tube already that belongs to this box."""
    if specimen.status is SpecimenStatus.REJECTED:
        return True
    received = specimen.status is SpecimenStatus.RECEIVED
    return received and specimen.laboratory_id == box.to_laboratory_id


def _leave_other_boxes(specimen_id: uuid.UUID, actor: Actor) -> None:
    """A tube that came with this box cannot lie in one that has not left: there its place is empty now."""
    statement = (
        select(ConsignmentItem)
        .join(Consignment, Consignment.id == ConsignmentItem.consignment_id)
        .where(
            ConsignmentItem.specimen_id == specimen_id,
            ConsignmentItem.ended_at.is_(None),
            Consignment.left_at.is_(None),
        )
    )
    for item in session().scalars(statement).all():
        end_items([item], ItemOutcome.TAKEN_OUT)
        record(
            "consignment:tube_came_elsewhere",
            item.consignment_id,
            actor=actor,
            specimen=specimen_id,
        )


def _stands_elsewhere(specimen: Specimen, box: Consignment) -> bool:
    received = specimen.status is SpecimenStatus.RECEIVED
    return received and specimen.laboratory_id != box.to_laboratory_id


def _reject_broken(specimen: Specimen, actor: Actor) -> None:
    if specimen.status is not SpecimenStatus.REJECTED:
        reject(RejectTube(specimen.request_id, specimen.planned_tube_id, BROKEN), actor=actor)
