"""What happens to a whole box besides travelling: opened, taken apart, called back, brought back, lost, re-routed."""

from __future__ import annotations

import uuid
from typing import Any

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.commands import ReassignTests
from lab_contingency.routing.services import reassign_tests
from lab_contingency.specimens.rules import LOST
from lab_contingency.specimens.services import send_tubes, take_back_tubes, write_off_tubes
from lab_contingency.specimens.services.tubes import Tube
from lab_contingency.transport.commands import BringBack, MoveBox, RerouteBox, Rerouted
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.rules import (
    ConsignmentAction,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
)
from lab_contingency.transport.rules.packing import bound_elsewhere, elsewhere_words
from lab_contingency.transport.services.boxes import (
    end_items,
    holder_of,
    inside,
    lock_box,
    move_on,
    open_discrepancy,
    refuse_not_sender,
    tubes_in_order,
    under_way,
)
from lab_contingency.transport.services.carrying import set_due

SIMPLE = frozenset(
    {
        ConsignmentAction.OPEN_AGAIN,
        ConsignmentAction.TAKE_APART,
        ConsignmentAction.RECALL,
        ConsignmentAction.SEND_AFTER_ALL,
        ConsignmentAction.LOSE,
    }
)
"""Moves that need a reason and nothing else."""


def move_box(command: MoveBox, *, actor: Actor) -> None:
    """Do one of the SIMPLE moves to a box."""
    if command.action not in SIMPLE:
        raise RuleBroken("Choose what happens to the box.")
    box = lock_box(command.consignment_id, actor=actor, version=command.version)
    refuse_not_sender(box, actor)
    held = inside(box)
    changes: dict[str, Any] = {}
    if command.action is ConsignmentAction.OPEN_AGAIN:
        changes = {"seal": None, "sealed_at": None}
    if command.action is ConsignmentAction.TAKE_APART and not box.box:
        changes = {"box": "none"}
    if command.action is ConsignmentAction.SEND_AFTER_ALL:
        set_due(box)
    move_on(box, command.action, actor=actor, reason=command.reason, **changes)
    if command.action is ConsignmentAction.TAKE_APART:
        end_items(held, ItemOutcome.TAKEN_OUT)
    if command.action is ConsignmentAction.LOSE:
        _lose(held, under_way(box), command.reason, actor)


def _lose(held: list[ConsignmentItem], gone: list[uuid.UUID], reason: str, actor: Actor) -> None:
    """What was in it will reach nobody; a tube that somebody received meanwhile did."""
    write_off_tubes(gone, LOST, reason, actor=actor)
    end_items([item for item in held if item.specimen_id in gone], ItemOutcome.LOST)
    end_items([item for item in held if item.specimen_id not in gone], ItemOutcome.ARRIVED)


def bring_back(command: BringBack, *, actor: Actor) -> int:
    """A box is back where it was packed; returns how many of its tubes are missing from it."""
    box = lock_box(command.consignment_id, actor=actor, version=command.version)
    refuse_not_sender(box, actor)
    held = inside(box)
    on_its_way = under_way(box)
    move_on(box, ConsignmentAction.BRING_BACK, actor=actor, reason=command.reason)
    back = [
        item
        for item in held
        if item.specimen_id in command.specimen_ids and item.specimen_id in on_its_way
    ]
    elsewhere = [item for item in held if item.specimen_id not in on_its_way]
    missing = [item for item in held if item not in back and item not in elsewhere]
    take_back_tubes([item.specimen_id for item in back], box.from_laboratory_id, actor=actor)
    end_items(back, ItemOutcome.BROUGHT_BACK)
    end_items(elsewhere, ItemOutcome.ARRIVED)
    end_items(missing, ItemOutcome.MISSING)
    for item in missing:
        open_discrepancy(box, DiscrepancyKind.MISSING, item.specimen_id, actor=actor)
    return len(missing)


def reroute_box(command: RerouteBox, *, actor: Actor) -> Rerouted:
    """Send a box to another laboratory; its tests go there with it where they can be done there.

    RuleBroken when not one of them can.
    """
    box = lock_box(command.consignment_id, actor=actor, version=command.version)
    target = laboratory(command.laboratory_id)
    if target.id in (box.from_laboratory_id, box.to_laboratory_id):
        raise RuleBroken("Choose another laboratory than these two.", field="laboratory")
    meant = box.to_laboratory_id
    box.to_laboratory_id = target.id
    if box.left_at is not None:
        set_due(box)
    forward = box.state is ConsignmentState.RECALLED
    move_on(box, ConsignmentAction.REROUTE, actor=actor, reason=command.reason)
    if forward:
        move_on(box, ConsignmentAction.SEND_AFTER_ALL, actor=actor, reason=command.reason)
    moved, left = _reassigned(box, meant, command.reason, actor)
    if not moved:
        raise RuleBroken(
            f"Nothing in this box can be done at {target.name}: {' '.join(left)}",
            field="laboratory",
        )
    if box.left_at is not None:
        send_tubes(under_way(box), target.id, holder_of(box), actor=actor)
    return Rerouted(target.name, tuple(left))


def _reassigned(
    box: Consignment, meant: uuid.UUID, reason: str, actor: Actor
) -> tuple[int, list[str]]:
    """How many tests go along, and a sentence for each that cannot, or tube that is for neither place."""
    moved, left = 0, []
    for place, tube in sorted(tubes_in_order(box, actor), key=lambda held: held[0]):
        codes = _assigned_to(tube, meant)
        there = len(_assigned_to(tube, box.to_laboratory_id))
        moved += there  # its tests were sent there before it
        if not codes and not there:
            left.append(f"Tube {place}: {_elsewhere(tube, box.to_laboratory_id)}.")
        for code in codes:
            command = ReassignTests(tube.request.id, None, {code: box.to_laboratory_id}, reason)
            try:
                with session().begin_nested():
                    reassign_tests(command, actor=actor)
            except (RuleBroken, RulesBroken) as refused:
                left.append(f"Tube {place}: {refused.message}")
            else:
                moved += 1
    return moved, left


def _assigned_to(tube: Tube, laboratory_id: uuid.UUID) -> list[str]:
    return [
        test.test_code
        for test in tube.tests
        if test.status is TestStatus.ASSIGNED and test.laboratory_id == laboratory_id
    ]


def _elsewhere(tube: Tube, laboratory_id: uuid.UUID) -> str:
    """Where its tests are done instead: neither where the box was for nor where it goes now."""
    tests = ((test.status, test.laboratory_id) for test in tube.tests)
    places = bound_elsewhere(tests, laboratory_id) or ()
    return elsewhere_words(laboratory(place).name for place in places)
