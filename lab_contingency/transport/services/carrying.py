"""From hand to hand: the first hand-over sends a box on its way, the last brings it to the door."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import func, select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.wording import count_text, near_time_text
from lab_contingency.places.queries import laboratory
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.specimens.rules import AHEAD_OF_CLOCK
from lab_contingency.specimens.services import send_tubes
from lab_contingency.transport.commands import HandOverBox
from lab_contingency.transport.models import Consignment, HandOver
from lab_contingency.transport.rules import CARRIED, WORDS, ConsignmentAction, ConsignmentState
from lab_contingency.transport.rules.packing import due_at
from lab_contingency.transport.services.boxes import (
    holder_of,
    inside,
    lock_box,
    move_on,
    refuse_misled,
    refuse_unfit,
    under_way,
)


def hand_over_box(command: HandOverBox, *, actor: Actor) -> uuid.UUID:
    """Note that a box went from one hand to the next; a page sent twice is one hand-over. Returns its id."""
    box = lock_box(command.consignment_id, actor=actor)
    held = session().get(HandOver, command.key)
    if held is not None:
        if held.consignment_id != box.id:
            raise RuleBroken("This page was used for another box. Scan the box again.")
        return held.id
    _refuse(box, command)
    if box.state is ConsignmentState.SEALED:  # it leaves now; one that has left goes on to its end
        refuse_unfit(box)
        refuse_misled(box, actor=actor)
    return _noted(box, command, actor)


def note_arrival(box: Consignment, place: str, *, actor: Actor) -> None:
    """Whoever unpacks a box has it: the last hand-over, also where nobody noted the first."""
    tubes = len(inside(box))
    taken = HandOverBox(new_id(), box.id, holder_of(box), actor.name, place, tubes)
    _noted(box, taken, actor)


def note_reported_arrival(box: Consignment, at: dt.datetime, *, actor: Actor) -> None:
    """The same where nobody scanned it: a laboratory that works on paper wrote that it had it at that time."""
    there, tubes = laboratory(box.to_laboratory_id).name, len(inside(box))
    taken = HandOverBox(new_id(), box.id, holder_of(box), there, there, tubes, occurred_at=at)
    _noted(box, taken, actor)


def set_due(box: Consignment) -> None:
    """When it should be there, from now on."""
    now = clock.now()
    way = snapshot().network.way_between(box.from_laboratory_id, box.to_laboratory_id, now)
    box.due_at = due_at(way, now)


def _refuse(box: Consignment, command: HandOverBox) -> None:
    if box.state not in CARRIED:
        raise RuleBroken(f"This box is {WORDS[box.state]}. It cannot be handed over now.")
    for field, said in (("from_name", command.from_name), ("to_name", command.to_name)):
        if not said.strip():
            raise RuleBroken("Say who gives it and who takes it.", field=field)
    if not command.at_place.strip():
        raise RuleBroken("Say where it is handed over.", field="at_place")
    tubes = len(inside(box))
    if command.items != tubes:
        raise RuleBroken(
            f"The manifest says {count_text(tubes, 'tube')}, you counted {command.items}. Do not take it: count "
            "again with whoever packed it.",
            field="items",
        )
    if command.occurred_at is not None and command.occurred_at > clock.now() + AHEAD_OF_CLOCK:
        raise RuleBroken("That has not happened yet. Check the time.", field="occurred_at")
    if command.occurred_at is not None:
        _refuse_too_early(box, command.occurred_at)


def _refuse_too_early(box: Consignment, at: dt.datetime) -> None:
    """Times are typed by the minute; one without a day may have been read as yesterday’s."""
    statement = select(func.max(HandOver.occurred_at)).where(HandOver.consignment_id == box.id)
    last = session().scalars(statement).one()
    before: tuple[tuple[str, dt.datetime | None], ...] = (
        ("sealed", box.sealed_at or box.made_at),
        ("handed over last", last),
    )
    for done, moment in before:
        if moment is not None and at < moment.replace(second=0, microsecond=0):
            raise RuleBroken(
                f"That is {near_time_text(at)}, and the box was {done} at {near_time_text(moment)}. Check the time, "
                "and type the day with it if it was not today.",
                field="occurred_at",
            )


def _noted(box: Consignment, command: HandOverBox, actor: Actor) -> uuid.UUID:
    now = clock.now()
    tubes = under_way(box)
    if box.state is ConsignmentState.SEALED:
        tubes = [item.specimen_id for item in inside(box)]
        refuse_unfit(box)
        set_due(box)
        move_on(box, ConsignmentAction.SEND, actor=actor, left_at=command.occurred_at or now)
    row = HandOver(
        id=command.key,
        consignment_id=box.id,
        from_name=command.from_name,
        to_name=command.to_name,
        at_place=command.at_place,
        items=command.items,
        occurred_at=command.occurred_at or now,
        recorded_at=now,
        by_id=actor.user_id,
        by_name=actor.name,
    )
    session().add(row)
    session().flush()
    send_tubes(tubes, box.to_laboratory_id, row.to_name, occurred_at=row.occurred_at, actor=actor)
    record("consignment:handed_over", box.id, actor=actor, hand_over=row.id, tubes=command.items)
    return row.id
