"""Boxes of two places for the table of who gets what: one on the way, and something missing from another."""

from __future__ import annotations

import dataclasses
import uuid

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.commands import PlaceRequest
from lab_contingency.requests.rules.identity import Identity
from lab_contingency.requests.services import place_request
from lab_contingency.specimens.queries import tubes_of
from lab_contingency.specimens.services import receive
from lab_contingency.transport import services
from lab_contingency.transport.commands import HandOverBox, SealBox
from lab_contingency.transport.models import Discrepancy
from tests.factories.tubes import assign, collect, label
from tests.factories.world import SYSTEM, World, a_card

FOR = "UHL-LAB"


def boxes_of(
    world: World, doctor: Actor, scientist: Actor, ward: uuid.UUID, identity: Identity
) -> dict[str, object]:
    """Both go to Lewisham, so that nobody of the other place and no partner has to do with them."""
    there = dataclasses.replace(SYSTEM, laboratory_id=world.laboratories[FOR])
    sent, opened = (
        _sent(
            world,
            doctor,
            scientist,
            a_card(world, identity=identity, ward_id=ward, destination_id=ward, tests=(test,)),
        )
        for test in ("MG", "ESR")
    )
    with unit_of_work():
        services.unpack_box(opened, actor=there)
        services.finish_unpacking(opened, actor=there)
    missing = select(Discrepancy.id).where(Discrepancy.consignment_id == opened)
    return {"consignment_id": sent, "discrepancy_id": session().scalars(missing).one()}


def _sent(world: World, doctor: Actor, scientist: Actor, card: PlaceRequest) -> uuid.UUID:
    with unit_of_work():
        request_id = place_request(card, actor=doctor).request_id
    label(world, request_id, actor=doctor)
    collect(world, request_id, actor=doctor)
    number = tubes_of(request_id)[0].number or ""
    assert scientist.laboratory_id is not None
    with unit_of_work():
        receive(number, scientist.laboratory_id, actor=scientist)
    assign(world, request_id, FOR)
    with unit_of_work():
        box_id = services.start_with_tube(number, actor=scientist)
        services.seal_box(SealBox(box_id, "B1", "17"), actor=scientist)
        taken = HandOverBox(new_id(), box_id, scientist.name, "Courier 7", "loading bay", 1)
        services.hand_over_box(taken, actor=scientist)
    return box_id
