"""Packing: a box is begun, tubes are scanned in and out, it is sealed; or one tube leaves without a box."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.services import issue_consignment_number
from lab_contingency.places.queries import laboratory
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.routing.services import destination_of
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import WORDS, SpecimenStatus
from lab_contingency.specimens.services.scanning import open_scan
from lab_contingency.specimens.services.tubes import Tube
from lab_contingency.transport.commands import HandOverBox, PackTube, SealBox, SendOne
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.rules import (
    ConsignmentAction,
    ConsignmentState,
    ItemOutcome,
    Temperature,
)
from lab_contingency.transport.rules.packing import (
    MOST_IN_BOX,
    refuse_mixed,
    refuse_useless,
    temperature_of,
)
from lab_contingency.transport.services.boxes import (
    end_items,
    inside,
    lock_box,
    move_on,
    named,
    next_place,
    refuse_elsewhere,
    refuse_misled,
    refuse_unfit,
)
from lab_contingency.transport.services.carrying import hand_over_box

ONE_TUBE = "bag with one tube"


@dataclass(frozen=True, slots=True)
class SentOne:
    """A tube that left, in which consignment, and for where."""

    consignment_id: uuid.UUID
    specimen_id: uuid.UUID
    laboratory: str


def start_box(laboratory_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """Begin a box for a laboratory, in the one where the actor works."""
    here = _here(actor)
    if laboratory_id == here or laboratory_id not in snapshot().laboratories:
        raise RuleBroken("Choose another laboratory than the one you work in.", field="laboratory")
    return _made(here, laboratory_id, Temperature.AMBIENT, actor).id


def start_with_tube(
    number: str, laboratory_id: uuid.UUID | None = None, anyway: str = "", *, actor: Actor
) -> uuid.UUID:
    """Begin a box with its first tube: where its tests are done is where the box goes."""
    tube, target = _bound(number, laboratory_id, actor)
    box = _made(_here(actor), target, temperature_of(tube.wanted_tests), actor)
    _put_in(box, tube, anyway, actor)
    return box.id


def pack_tube(command: PackTube, *, actor: Actor) -> uuid.UUID:
    """Put a scanned tube into a box that is being packed; returns the specimen. RuleBroken says why not."""
    box = lock_box(command.consignment_id, actor=actor)
    _refuse_closed(box, actor)
    tube = _tube(command.number, actor)
    _refuse_packed(tube, box, actor)
    specimen = _refuse_not_here(tube, box.from_laboratory_id)
    destination_of(tube.tests, specimen.laboratory_id, box.to_laboratory_id)
    held = inside(box)
    if len(held) >= MOST_IN_BOX:
        raise RuleBroken(
            f"{MOST_IN_BOX} tubes are in this box. Seal it and begin another.", field="number"
        )
    if not held:
        box.temperature = temperature_of(tube.wanted_tests)
    refuse_mixed(box.temperature, temperature_of(tube.wanted_tests))
    return _put_in(box, tube, command.anyway, actor)


def take_out(consignment_id: uuid.UUID, number: str, *, actor: Actor) -> uuid.UUID:
    """Take a scanned tube out of a box that is being packed; returns the specimen."""
    box = lock_box(consignment_id, actor=actor)
    _refuse_closed(box, actor)
    tube = _tube(number, actor)
    held = [item for item in inside(box) if tube.specimen and item.specimen_id == tube.specimen.id]
    if not held:
        raise RuleBroken("That tube is not in this box. Nothing was changed.", field="number")
    end_items(held, ItemOutcome.TAKEN_OUT)
    record("consignment:tube_taken_out", box.id, actor=actor, specimen=held[0].specimen_id)
    return held[0].specimen_id


def seal_box(command: SealBox, *, actor: Actor) -> None:
    """Close a box. Every tube in it stands here, can be used and is for where it goes, as far as is known."""
    box = lock_box(command.consignment_id, actor=actor, version=command.version)
    refuse_elsewhere(box.from_laboratory_id, "packed", actor)
    refuse_unfit(box)
    refuse_misled(box, actor=actor)
    if not command.box.strip():
        raise RuleBroken("Type what stands on the box.", field="box")
    if not command.seal.strip():
        raise RuleBroken("Type the number on the seal.", field="seal")
    move_on(
        box,
        ConsignmentAction.SEAL,
        actor=actor,
        box=command.box,
        seal=command.seal,
        sealed_at=clock.now(),
    )


def send_one(command: SendOne, *, actor: Actor) -> SentOne:
    """One tube leaves at once, in a bag: a consignment of one, in the hands of `to_name`."""
    tube, target = _bound(command.number, command.laboratory_id, actor)
    stands_in = tube.specimen.laboratory_id if tube.specimen else None
    box = _made(stands_in or _here(actor), target, temperature_of(tube.wanted_tests), actor)
    specimen_id = _put_in(box, tube, command.anyway, actor)
    move_on(box, ConsignmentAction.SEAL, actor=actor, box=ONE_TUBE, sealed_at=clock.now())
    place = laboratory(box.from_laboratory_id).name
    taken = HandOverBox(new_id(), box.id, actor.name, command.to_name, place, 1)
    hand_over_box(taken, actor=actor)
    return SentOne(box.id, specimen_id, laboratory(target).name)


def _here(actor: Actor) -> uuid.UUID:
    if actor.laboratory_id is None:
        raise RuleBroken("Boxes are packed in a laboratory. Sign in for the one you stand in.")
    return actor.laboratory_id


def _made(
    here: uuid.UUID, target: uuid.UUID, temperature: Temperature, actor: Actor
) -> Consignment:
    box = Consignment(
        id=new_id(),
        number=issue_consignment_number(),
        from_laboratory_id=here,
        to_laboratory_id=target,
        state=ConsignmentState.PACKING,
        box="",
        temperature=temperature,
        made_at=clock.now(),
        made_by=actor.name,
        made_by_id=actor.user_id,
    )
    session().add(box)
    session().flush()
    record("consignment:begun", box.id, actor=actor, laboratory=target)
    return box


def _bound(number: str, laboratory_id: uuid.UUID | None, actor: Actor) -> tuple[Tube, uuid.UUID]:
    """A scanned tube that stands here in no box, and where it goes."""
    tube = _tube(number, actor)
    _refuse_packed(tube, None, actor)
    specimen = tube.specimen
    _refuse_not_here(tube, actor.laboratory_id or (specimen.laboratory_id if specimen else None))
    stands_in = specimen.laboratory_id if specimen else None
    return tube, destination_of(tube.tests, stands_in, laboratory_id)


def _tube(number: str, actor: Actor) -> Tube:
    scan = open_scan(number, actor=actor)
    if scan.tube is None:
        raise RuleBroken("That is a form. Scan the label on the tube.", field="number")
    return scan.tube


def _refuse_closed(box: Consignment, actor: Actor) -> None:
    refuse_elsewhere(box.from_laboratory_id, "packed", actor)
    if box.state is not ConsignmentState.PACKING:
        raise RuleBroken(
            f"This box is {box.state.value}. Open it again before you change what is in it.",
            field="number",
        )


def _refuse_packed(tube: Tube, box: Consignment | None, actor: Actor) -> None:
    """A tube is in one open box at most; the index of the table says so too."""
    if tube.specimen is None:
        return
    statement = (
        select(Consignment)
        .join(ConsignmentItem, ConsignmentItem.consignment_id == Consignment.id)
        .where(ConsignmentItem.specimen_id == tube.specimen.id, ConsignmentItem.ended_at.is_(None))
    )
    other = session().scalars(statement).one_or_none()
    if other is None or _came_out(tube, other, actor):
        return
    if box is not None and other.id == box.id:
        raise RuleBroken("This tube is in this box already. Scan the next.", field="number")
    raise RuleBroken(
        f"This tube is in box {named(other)}, which is {other.state.value}. Take it out of there first.",
        field="number",
    )


def _came_out(tube: Tube, other: Consignment, actor: Actor) -> bool:
    """Whether it was received since its box left, without being scanned out: then its place there is empty now."""
    items = [
        item for item in inside(other) if tube.specimen and item.specimen_id == tube.specimen.id
    ]
    if other.left_at is None or tube.status is not SpecimenStatus.RECEIVED:
        return False
    end_items(items, ItemOutcome.ARRIVED)
    record("consignment:tube_came_out", other.id, actor=actor, specimen=items[0].specimen_id)
    return True


def _refuse_not_here(tube: Tube, here: uuid.UUID | None) -> Specimen:
    specimen = tube.specimen
    if specimen is None or specimen.status is not SpecimenStatus.RECEIVED:
        held = WORDS[specimen.status] if specimen else "not labelled yet"
        raise RuleBroken(
            f"This tube is {held}. Receive it first: only what was received is packed.",
            field="number",
        )
    if specimen.laboratory_id != here:
        raise RuleBroken(
            f"This tube was received at {specimen.holder}, not here. Receive it here first.",
            field="number",
        )
    return specimen


def _put_in(box: Consignment, tube: Tube, anyway: str, actor: Actor) -> uuid.UUID:
    specimen = tube.specimen
    assert specimen is not None  # it was received  # noqa: S101
    network = snapshot().network
    way = network.way_between(box.from_laboratory_id, box.to_laboratory_id, clock.now())
    refuse_useless(specimen.unusable_at, way, network.hand_off(box.to_laboratory_id), anyway)
    item = ConsignmentItem(
        id=new_id(),
        consignment_id=box.id,
        specimen_id=specimen.id,
        place=next_place(box),
        packed_at=clock.now(),
        packed_by=actor.name,
        packed_by_id=actor.user_id,
    )
    session().add(item)
    session().flush()
    record(
        "consignment:tube_packed",
        box.id,
        actor=actor,
        specimen=specimen.id,
        changes={"anyway": (None, anyway)} if anyway else None,
    )
    return specimen.id
