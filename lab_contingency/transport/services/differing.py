"""What did not agree on arrival: who looks after it, and how it ended."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.sealing import seal, unseal
from lab_contingency.places.queries import laboratory
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import LOST, SpecimenStatus
from lab_contingency.specimens.services import take_back_tubes, write_off_tubes
from lab_contingency.transport.commands import NameOwner, SettleDiscrepancy
from lab_contingency.transport.models import Consignment, Discrepancy
from lab_contingency.transport.rules import Settlement, refuse_settlement
from lab_contingency.transport.services.boxes import lock_box, refuse_elsewhere


def settle(command: SettleDiscrepancy, *, actor: Actor) -> None:
    """Say how a difference ended, and what was found; RuleBroken where that does not fit what is known."""
    row, box = _open(command.discrepancy_id, actor)
    refuse_settlement(row.kind, command.settlement)
    if not command.words.strip():
        raise RuleBroken("Say in words what was found.", field="words")
    specimen = session().get(Specimen, row.specimen_id) if row.specimen_id else None
    if specimen is not None:
        _follow(command, box, specimen, actor)
    said = unseal(Discrepancy.__tablename__, row.id, row.sealed) if row.sealed else {}
    row.sealed = seal(Discrepancy.__tablename__, row.id, {**said, "words": command.words})
    row.settled_at, row.settled_by = clock.now(), actor.name
    row.settlement = command.settlement
    session().flush()
    record(
        "discrepancy:settled",
        row.id,
        actor=actor,
        consignment=box.id,
        settlement=command.settlement.value,
        changes={"words": (None, command.words)},
    )


def name_owner(command: NameOwner, *, actor: Actor) -> None:
    """Hand a difference to somebody else, by name, at one of the two ends."""
    row, box = _open(command.discrepancy_id, actor)
    if not command.owner.strip():
        raise RuleBroken("Type who looks after it now.", field="owner")
    if command.laboratory_id not in (box.from_laboratory_id, box.to_laboratory_id):
        raise RuleBroken("Choose one of the two laboratories.", field="laboratory")
    before = row.owner
    row.owner, row.owner_laboratory_id = command.owner, command.laboratory_id
    session().flush()
    record(
        "discrepancy:handed_on",
        row.id,
        actor=actor,
        consignment=box.id,
        changes={"owner": (before, command.owner)},
    )


def _follow(command: SettleDiscrepancy, box: Consignment, specimen: Specimen, actor: Actor) -> None:
    """What the ending says of the tube is done, or must have been done."""
    on_its_way = specimen.status is SpecimenStatus.DISPATCHED
    if command.settlement is Settlement.CAME_LATER and on_its_way:
        raise RuleBroken("It was not received yet. Scan it at reception first.", field="settlement")
    if command.settlement is Settlement.FOUND and on_its_way:
        refuse_elsewhere(box.from_laboratory_id, "looked for where it was packed,", actor)
        take_back_tubes([specimen.id], box.from_laboratory_id, actor=actor)
    if command.settlement is Settlement.LOST:
        if not on_its_way:
            raise RuleBroken(
                f"It is not lost: it is {specimen.holder}. Choose how it came there.",
                field="settlement",
            )
        write_off_tubes([specimen.id], LOST, command.words, actor=actor)
    if command.settlement is Settlement.REJECTED and specimen.status is not SpecimenStatus.REJECTED:
        raise RuleBroken(
            f"It was not rejected: it stands in {laboratory(box.to_laboratory_id).name} as usable. "
            "Reject the tube first.",
            field="settlement",
        )


def _open(discrepancy_id: uuid.UUID, actor: Actor) -> tuple[Discrepancy, Consignment]:
    """The difference for changing, within the actor’s boxes. RuleBroken when it has ended."""
    held = session().get(Discrepancy, discrepancy_id)
    if held is None:
        raise NotFound
    box = lock_box(held.consignment_id, actor=actor)
    statement = locked(select(Discrepancy).where(Discrepancy.id == discrepancy_id))
    row = session().scalars(statement.execution_options(populate_existing=True)).one()
    if row.settled_at is not None:
        raise RuleBroken(f"{row.settled_by} settled this already. Nothing was changed.")
    return row, box
