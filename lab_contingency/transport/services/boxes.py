"""A locked box and the one way in which it moves."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.foundation.wording import and_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.services import lock_request
from lab_contingency.routing.queries.outages import outages
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import WORDS, SpecimenStatus
from lab_contingency.specimens.services.tubes import Tube, tubes_for
from lab_contingency.transport.models import (
    Consignment,
    ConsignmentItem,
    ConsignmentMove,
    Discrepancy,
    HandOver,
)
from lab_contingency.transport.queries.scope import boxes_within
from lab_contingency.transport.rules import (
    ENDED,
    ConsignmentAction,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
    next_state,
)
from lab_contingency.transport.rules.packing import bound_elsewhere, elsewhere_words


def lock_box(consignment_id: uuid.UUID, *, actor: Actor, version: int | None = None) -> Consignment:
    """The box for changing, within the actor’s scope; ChangedByAnother for a stale version."""
    statement = locked(
        select(Consignment).where(Consignment.id == consignment_id, boxes_within(actor))
    )
    row = session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise ChangedByAnother
    return row


def refuse_elsewhere(laboratory_id: uuid.UUID, doing: str, actor: Actor) -> None:
    """Hands are needed there: RuleBroken for whoever works in another laboratory."""
    if actor.laboratory_id not in (None, laboratory_id):
        raise RuleBroken(f"This box is {doing} at {laboratory(laboratory_id).name}, not here.")


def refuse_not_sender(box: Consignment, actor: Actor) -> None:
    """Whoever sent a box decides on it, or somebody senior."""
    if actor.role != Role.SENIOR.value:
        refuse_elsewhere(box.from_laboratory_id, "answered for", actor)


def move_on(
    consignment: Consignment,
    action: ConsignmentAction,
    *,
    actor: Actor,
    reason: str = "",
    **changes: Any,
) -> None:
    """Move a box on and write it into its history; RuleBroken where the table does not allow it.

    `changes` are the columns that the new state demands.
    """
    before, now = consignment.state, clock.now()
    after = next_state(before, action, reason=reason)
    consignment.state = after
    consignment.ended_at = now if after in ENDED else None
    for name, value in changes.items():
        setattr(consignment, name, value)
    row = ConsignmentMove(
        id=new_id(),
        consignment_id=consignment.id,
        action=action,
        state_before=before,
        state_after=after,
        to_laboratory_id=consignment.to_laboratory_id,
        moved_at=now,
        by_id=actor.user_id,
        by_name=actor.name,
    )
    row.sealed = seal(ConsignmentMove.__tablename__, row.id, {"reason": reason}) if reason else None
    session().add(row)
    session().flush()
    record(
        f"consignment:{action.name.lower()}",
        consignment.id,
        actor=actor,
        changes={"state": (before.value, after.value), "reason": (None, reason)}
        if reason
        else None,
        after=after.value,
    )


def items_of(box: Consignment) -> list[ConsignmentItem]:
    """Every place of a locked box, in order, also those that are empty again."""
    statement = (
        select(ConsignmentItem)
        .where(ConsignmentItem.consignment_id == box.id)
        .order_by(ConsignmentItem.place)
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(statement))


def inside(box: Consignment) -> list[ConsignmentItem]:
    """The places with a tube in them."""
    return [item for item in items_of(box) if item.ended_at is None]


def specimens_of(items: Iterable[ConsignmentItem]) -> dict[uuid.UUID, Specimen]:
    """The tubes themselves, as they stand now."""
    ids = [item.specimen_id for item in items]
    statement = select(Specimen).where(Specimen.id.in_(ids))
    rows = session().scalars(statement.execution_options(populate_existing=True))
    return {row.id: row for row in rows}


def refuse_unfit(box: Consignment) -> None:
    """A box with nothing in it, or with a tube that was rejected or stands elsewhere since, does not leave."""
    held = inside(box)
    if not held:
        raise RuleBroken("Nothing is in this box. Scan a tube first.", field="number")
    rows = specimens_of(held)
    wrong = [
        f"tube {item.place} is {WORDS[rows[item.specimen_id].status]}"
        for item in held
        if rows[item.specimen_id].status is not SpecimenStatus.RECEIVED
        or rows[item.specimen_id].laboratory_id != box.from_laboratory_id
    ]
    if wrong:
        raise RuleBroken(f"Take out what does not belong here any more: {and_text(wrong)}.")


def refuse_misled(box: Consignment, *, actor: Actor) -> None:
    """A box leaves neither for a laboratory out of action, nor with a tube whose tests are not done there any more.

    Much happens while a box is packed: this is asked when it is sealed, and again when it leaves.
    """
    target = laboratory(box.to_laboratory_id)
    outage = outages().get(target.id)
    if outage is not None:
        raise RuleBroken(
            f"{target.name} is {outage.sentence.removesuffix('.')}. Do not send this box there: keep it until "
            "they are back in work, or take it apart and have its tests sent elsewhere."
        )
    wrong = []
    for place, tube in sorted(tubes_in_order(box, actor), key=lambda held: held[0]):
        tests = ((test.status, test.laboratory_id) for test in tube.tests)
        places = bound_elsewhere(tests, target.id)
        if places is not None:
            number = tube.specimen.number if tube.specimen else None
            words = elsewhere_words(laboratory(each).name for each in places)
            wrong.append(f"tube {place}{f', {grouped(number)}' if number else ''} ({words})")
    if wrong:
        first = "Open the box again and take" if box.state is ConsignmentState.SEALED else "Take"
        raise RuleBroken(f"{first} out what is not for {target.name} any more: {and_text(wrong)}.")


def tubes_in_order(box: Consignment, actor: Actor) -> Iterator[tuple[int, Tube]]:
    """The tubes in a box with their places; their requests are locked in the one order."""
    held = inside(box)
    rows = specimens_of(held)
    places = {item.specimen_id: item.place for item in held}
    for request_id in sorted({row.request_id for row in rows.values()}):
        for tube in tubes_for(lock_request(request_id, actor=actor)):
            if tube.specimen is not None and tube.specimen.id in places:
                yield places[tube.specimen.id], tube


def under_way(box: Consignment) -> list[uuid.UUID]:
    """The tubes in it that have left and that nobody has received or rejected since."""
    rows = specimens_of(inside(box))
    return [key for key, row in rows.items() if row.status is SpecimenStatus.DISPATCHED]


def end_items(items: Iterable[ConsignmentItem], outcome: ItemOutcome) -> None:
    """These tubes are out of the box."""
    now = clock.now()
    for item in items:
        item.ended_at, item.outcome = now, outcome
    session().flush()


def next_place(box: Consignment) -> int:
    """The number of the next place; one that was emptied is not used again."""
    statement = select(func.max(ConsignmentItem.place)).where(
        ConsignmentItem.consignment_id == box.id
    )
    return (session().scalars(statement).one() or 0) + 1


def holder_of(box: Consignment) -> str:
    """Who has it: whoever took it last, or whoever packed it."""
    statement = (
        select(HandOver.to_name)
        .where(HandOver.consignment_id == box.id)
        .order_by(HandOver.recorded_at.desc(), HandOver.id.desc())
        .limit(1)
    )
    return session().scalars(statement).one_or_none() or box.made_by


def open_discrepancy(
    box: Consignment,
    kind: DiscrepancyKind,
    specimen_id: uuid.UUID | None,
    *,
    actor: Actor,
    found: str = "",
) -> None:
    """Something does not agree: from now on whoever is on duty where it was packed looks after it."""
    row = Discrepancy(
        id=new_id(),
        consignment_id=box.id,
        specimen_id=specimen_id,
        kind=kind,
        owner=f"duty scientist, {laboratory(box.from_laboratory_id).name}",
        owner_laboratory_id=box.from_laboratory_id,
        opened_at=clock.now(),
        opened_by=actor.name,
        opened_by_id=actor.user_id,
    )
    row.sealed = seal(Discrepancy.__tablename__, row.id, {"found": found}) if found else None
    session().add(row)
    session().flush()
    record("discrepancy:opened", row.id, actor=actor, consignment=box.id, kind=kind.value)


def named(box: Consignment) -> str:
    """The box as people say it."""
    return f"{grouped(box.number)} for {laboratory(box.to_laboratory_id).name}"
