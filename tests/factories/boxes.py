"""Boxes between laboratories in valid states, made by the real services."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.models import RequestedTest
from lab_contingency.routing.commands import DeclareOutage, ReassignTests
from lab_contingency.routing.services import declare_outage, reassign_tests
from lab_contingency.specimens import services as specimens
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport import services
from lab_contingency.transport.commands import (
    BringBack,
    HandOverBox,
    MoveBox,
    PackTube,
    RerouteBox,
    SealBox,
    UnpackTube,
)
from lab_contingency.transport.models import Consignment, ConsignmentItem, Discrepancy
from lab_contingency.transport.rules import Condition, ConsignmentAction
from lab_contingency.transport.services.changing import Rerouted
from tests.factories.tubes import a_collected_tube, assign, receive
from tests.factories.world import World, a_request, an_identity


def a_tube_for(
    world: World,
    to: str = "STH-LAB",
    seed: int = 1,
    tests: tuple[str, ...] = ("FBC",),
    **card: object,
) -> str:
    """The number of a tube that lies at King’s and is bound for another laboratory."""
    card = {"identity": an_identity(seed), **card}
    request_id = a_request(world, tests=tests, **card).request_id
    number = a_collected_tube(world, request_id)
    receive(world, number)
    assign(world, request_id, to)
    return number


def tubes_for(world: World, count: int, to: str = "STH-LAB", first: int = 1) -> list[str]:
    """Several such tubes, each of another patient."""
    return [a_tube_for(world, to, seed) for seed in range(first, first + count)]


def a_box(world: World, numbers: Iterable[str], to: str = "STH-LAB") -> uuid.UUID:
    """A box being packed, with these tubes in it."""
    with unit_of_work():
        box_id = services.start_box(world.laboratories[to], actor=world.scientist)
    for number in numbers:
        with unit_of_work():
            services.pack_tube(PackTube(box_id, number), actor=world.scientist)
    return box_id


def seal(world: World, box_id: uuid.UUID) -> uuid.UUID:
    """Close it."""
    with unit_of_work():
        services.seal_box(SealBox(box_id, "B14", "008821"), actor=world.scientist)
    return box_id


def hand_over(
    world: World,
    box_id: uuid.UUID,
    to_name: str = "Courier 7",
    *,
    actor: Actor | None = None,
    **changes: object,
) -> uuid.UUID:
    """Give it to somebody."""
    held: dict[str, object] = {
        "key": new_id(),
        "consignment_id": box_id,
        "from_name": "Scientist",
        "to_name": to_name,
        "at_place": "loading bay",
        "items": len(inside(box_id)),
    }
    command = HandOverBox(**{**held, **changes})  # type: ignore[arg-type]
    with unit_of_work():
        return services.hand_over_box(command, actor=actor or world.porter)


def on_the_way(world: World, numbers: Iterable[str], to: str = "STH-LAB") -> uuid.UUID:
    """A box that was packed, sealed and taken by a courier."""
    box_id = seal(world, a_box(world, numbers, to))
    hand_over(world, box_id)
    return box_id


def opened(world: World, numbers: Iterable[str]) -> uuid.UUID:
    """A box that is being unpacked at St Thomas’."""
    return open_there(world, on_the_way(world, numbers))


def open_there(world: World, box_id: uuid.UUID, *, actor: Actor | None = None) -> uuid.UUID:
    """It is opened at St Thomas’, or by whom it reached instead, however it came there."""
    with unit_of_work():
        services.unpack_box(box_id, actor=actor or world.other_scientist)
    return box_id


def take_out(world: World, box_id: uuid.UUID, number: str) -> None:
    """Take one tube out of a box that is being packed."""
    with unit_of_work():
        services.take_out(box_id, number, actor=world.scientist)


def move(
    world: World,
    box_id: uuid.UUID,
    action: ConsignmentAction,
    reason: str = "the road is closed",
    *,
    actor: Actor | None = None,
) -> None:
    """One of the moves that need a reason: called back, lost, opened again and the rest."""
    with unit_of_work():
        services.move_box(MoveBox(box_id, action, reason), actor=actor or world.scientist)


def bring_back(world: World, box_id: uuid.UUID, numbers: Iterable[str], reason: str) -> int:
    """It comes back to King’s with these tubes in it; how many are missing."""
    there = frozenset(specimen(number).id for number in numbers)
    with unit_of_work():
        return services.bring_back(BringBack(box_id, there, reason), actor=world.scientist)


def reroute(world: World, box_id: uuid.UUID, to: str, reason: str) -> Rerouted:
    """It goes to another laboratory, and its tests with it."""
    with unit_of_work():
        command = RerouteBox(box_id, world.laboratories[to], reason)
        return services.reroute_box(command, actor=world.senior)


def send_elsewhere(world: World, number: str, to: str) -> None:
    """The tests of a tube are done at another laboratory; where the tube is does not change."""
    places = dict.fromkeys((test.test_code for test in asked_on(number)), world.laboratories[to])
    with unit_of_work():
        command = ReassignTests(specimen(number).request_id, None, places, "analyser down")
        reassign_tests(command, actor=world.senior)


def put_out(world: World, laboratory: str = "STH-LAB") -> None:
    """A laboratory takes no work."""
    with unit_of_work():
        command = DeclareOutage(world.laboratories[laboratory], "Flood", None)
        declare_outage(command, actor=world.coordinator)


def receive_there(world: World, number: str) -> specimens.Received:
    """Reception at St Thomas’ takes a tube, without its box."""
    there = world.laboratories["STH-LAB"]
    with unit_of_work():
        return specimens.receive(number, there, actor=world.other_scientist)


def unpack(
    world: World, box_id: uuid.UUID, number: str, condition: Condition = Condition.AS_EXPECTED
) -> None:
    """Scan one tube out of it at St Thomas’."""
    with unit_of_work():
        services.unpack_tube(UnpackTube(box_id, number, condition), actor=world.other_scientist)


def finish(world: World, box_id: uuid.UUID) -> str:
    """Close it at St Thomas’; the sentence of the count."""
    with unit_of_work():
        return services.finish_unpacking(box_id, actor=world.other_scientist).sentence


def inside(box_id: uuid.UUID) -> list[ConsignmentItem]:
    """The places with a tube in them."""
    statement = select(ConsignmentItem).where(
        ConsignmentItem.consignment_id == box_id, ConsignmentItem.ended_at.is_(None)
    )
    return list(session().scalars(statement))


def held(box_id: uuid.UUID) -> Consignment:
    """The box as it stands now."""
    statement = select(Consignment).where(Consignment.id == box_id)
    return session().scalars(statement.execution_options(populate_existing=True)).one()


def specimen(number: str) -> Specimen:
    """The tube as it stands now."""
    statement = select(Specimen).where(Specimen.number == number)
    return session().scalars(statement.execution_options(populate_existing=True)).one()


def asked_on(number: str) -> Sequence[RequestedTest]:
    """The tests that are asked on a tube, as they stand now."""
    statement = select(RequestedTest).where(
        RequestedTest.planned_tube_id == specimen(number).planned_tube_id
    )
    return session().scalars(statement.execution_options(populate_existing=True)).all()


def differences(box_id: uuid.UUID) -> list[Discrepancy]:
    """What did not agree, in order."""
    statement = (
        select(Discrepancy)
        .where(Discrepancy.consignment_id == box_id)
        .order_by(Discrepancy.opened_at, Discrepancy.id)
    )
    return list(session().scalars(statement.execution_options(populate_existing=True)))
