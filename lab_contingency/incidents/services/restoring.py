"""After an old copy of the database was put back: the numbers go on where nobody has been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app

from lab_contingency.audit.services import record
from lab_contingency.foundation import node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.high_water import Mark, high_water_of
from lab_contingency.incidents.rules import Height, after_restore, height_on_label
from lab_contingency.incidents.services.numbers import KINDS, locked_series


@dataclass(frozen=True, slots=True)
class RestoredNumbers:
    """Node and epoch before and now, and the sequence after which forms go on."""

    before: tuple[int, int]
    node: int
    epoch: int
    sequence: int


def restore_numbers(
    last_labels: Iterable[str], *, new_node: int | None = None, actor: Actor
) -> RestoredNumbers:
    """Begin the next epoch after the highest number that database, side file or a label knows of.

    With `new_node` the node begins anew under a number that it never had. RuleBroken says what is wrong.
    """
    this = node.this_node()
    before = (this.number, this.epoch)
    try:
        printed = [height_on_label(label) for label in last_labels]
        places = {kind: _after(kind, printed, this.number, new_node) for kind in KINDS}
    except ValueError as wrong:
        raise RuleBroken(str(wrong), field="last_label") from wrong
    epoch = max(place.epoch for place in places.values())
    number = new_node or this.number
    for kind, place in places.items():
        _go_on(kind, Height(number, epoch, place.sequence))
    this.number, this.epoch = number, epoch
    session().flush()
    record(
        "numbers:restored",
        None,
        actor=actor,
        changes={"node": (before[0], number), "epoch": (before[1], epoch)},
    )
    return RestoredNumbers(before, number, epoch, places[KINDS[0]].sequence)


def _after(kind: str, printed: list[Height], number: int, new_node: int | None) -> Height:
    series = locked_series(kind)
    marks = high_water_of(current_app).marks(kind)
    heights = [
        Height(series.node, series.epoch, series.next_sequence - 1),
        *(Height(mark.node, mark.epoch, mark.taken) for mark in marks),
        *printed,
    ]
    if new_node is None:
        # Marks of a node number that this node had before say nothing of the present one.
        old = {mark.node for mark in marks} - {number}
        heights = [height for height in heights if height.node not in old or height in printed]
    return after_restore(heights, number, new_node=new_node)


def _go_on(kind: str, height: Height) -> None:
    series = locked_series(kind)
    series.node, series.epoch, series.next_sequence = (
        height.node,
        height.epoch,
        height.sequence + 1,
    )
    mark = Mark(kind, height.node, height.epoch, height.sequence, height.sequence)
    try:
        high_water_of(current_app).note(mark)
    except OSError as failed:
        raise RuleBroken(
            "The side file of the numbers cannot be written. Nothing was changed."
        ) from failed
