"""From hand to hand: taken by a porter, left at a laboratory's door.

Said twice is done once: a phone with one bar of signal sends again what has long arrived.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus
from lab_contingency.specimens.rules.way import LEFT_AT_DOOR
from lab_contingency.specimens.services.scanning import open_scan
from lab_contingency.specimens.services.tubes import Happening, Tube, move, tubes_for


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What one scan is about, and which of its tubes went to another hand by it: never whose they are."""

    request_id: uuid.UUID
    specimen_ids: tuple[uuid.UUID, ...]


def hand_over(numbers: Iterable[str], to_name: str, *, actor: Actor) -> tuple[HandedOver, ...]:
    """Note who carries the tubes now. A form’s number stands for every tube that travels with it."""
    if not to_name.strip():
        raise RuleBroken("Say who takes them.", field="to_name")
    return tuple(_hand_over(number, to_name, actor) for number in numbers)


def _hand_over(number: str, to_name: str, actor: Actor) -> HandedOver:
    scan = open_scan(number, actor=actor)
    if scan.tube is not None:
        tubes = [scan.tube]
    else:
        tubes = [tube for tube in scan.tubes if _travels(tube)]
    if not tubes:
        raise RuleBroken(
            "No tube of this form is ready to be carried. Ask the ward whether blood was taken.",
            field="number",
        )
    moved = [_take(tube, to_name, actor) for tube in tubes if not _carries(tube, to_name, actor)]
    return HandedOver(scan.request.id, tuple(moved))


def take_tubes(
    specimen_ids: Iterable[uuid.UUID], to_name: str, *, actor: Actor
) -> tuple[uuid.UUID, ...]:
    """Take tubes that wait with blood in them; what was taken or received meanwhile is left as it is.

    Returns those that were taken.
    """
    waiting = (
        tube for tube in _locked(specimen_ids, actor) if tube.status is SpecimenStatus.COLLECTED
    )
    return tuple(_take(tube, to_name, actor) for tube in waiting)


def leave_tubes(
    specimen_ids: Iterable[uuid.UUID], laboratory_id: uuid.UUID, *, actor: Actor
) -> tuple[uuid.UUID, ...]:
    """Leave tubes that one carries at a laboratory’s door, where they are still to be scanned in.

    Returns those that were left.
    """
    place = Happening(
        place=f"{laboratory(laboratory_id).name}, at the door", reason_code=LEFT_AT_DOOR
    )
    return tuple(
        move(tube, CustodyAction.HAND_OVER, place, actor=actor, laboratory_id=laboratory_id).id
        for tube in _locked(specimen_ids, actor)
        if _carries(tube, actor.name, actor)
    )


def _take(tube: Tube, to_name: str, actor: Actor) -> uuid.UUID:
    place = Happening(place=to_name)
    return move(tube, CustodyAction.HAND_OVER, place, actor=actor, laboratory_id=None).id


def _travels(tube: Tube) -> bool:
    return tube.status in (SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER)


def _carries(tube: Tube, to_name: str, actor: Actor) -> bool:
    """Whether it is in these hands already: of the same name, and noted by the same person."""
    specimen = tube.specimen
    if (
        specimen is None
        or specimen.status is not SpecimenStatus.HANDED_OVER
        or specimen.laboratory_id is not None
        or specimen.holder != to_name
    ):
        return False
    last = (
        select(CustodyEvent.by_id)
        .where(
            CustodyEvent.specimen_id == specimen.id,
            CustodyEvent.action == CustodyAction.HAND_OVER,
        )
        .order_by(CustodyEvent.recorded_at.desc(), CustodyEvent.id.desc())
        .limit(1)
    )
    return session().scalars(last).first() == actor.user_id


def _locked(specimen_ids: Iterable[uuid.UUID], actor: Actor) -> Iterator[Tube]:
    """The tubes, their requests locked in one order, so that two porters never wait for each other."""
    wanted = set(specimen_ids)
    statement = select(Specimen.request_id).where(Specimen.id.in_(wanted)).distinct()
    for request_id in sorted(session().scalars(statement)):
        request = lock_request(request_id, actor=actor)
        for tube in tubes_for(request):
            if tube.specimen is not None and tube.specimen.id in wanted:
                yield tube
