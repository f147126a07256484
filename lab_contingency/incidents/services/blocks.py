"""Taking a block of form numbers ahead of time, for paper that is printed before anybody is ill."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import explain_constraint, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.incidents.commands import IssueBlock
from lab_contingency.incidents.models import IssuedNumber, NumberBlock
from lab_contingency.incidents.rules import (
    BLOCK_MOST,
    BlockPurpose,
    BlockState,
    NumberState,
    compose,
)
from lab_contingency.incidents.services.numbers import FORMS, take
from lab_contingency.places.queries import site

explain_constraint("uq_number_block_first", "These numbers were taken already. Try again.")


@dataclass(frozen=True, slots=True)
class IssuedBlock:
    """A block and its form numbers, in order."""

    id: uuid.UUID
    numbers: tuple[str, ...]


def issue_block(
    purpose: BlockPurpose,
    count: int,
    *,
    actor: Actor,
    site_id: uuid.UUID | None = None,
    ward_id: uuid.UUID | None = None,
) -> IssuedBlock:
    """Take `count` form numbers that follow each other, from the series that cards take theirs from."""
    if not 1 <= count <= BLOCK_MOST:
        raise RuleBroken(f"Choose a number from 1 to {BLOCK_MOST}.", field="count")
    taken = take(FORMS, count)
    block = NumberBlock(
        id=new_id(),
        node=taken.node,
        epoch=taken.epoch,
        first_sequence=taken.first,
        last_sequence=taken.first + count - 1,
        purpose=purpose,
        site_id=site_id,
        ward_id=ward_id,
        state=BlockState.ISSUED,
        issued_at=clock.now(),
        issued_by=actor.name,
        issued_by_id=actor.user_id,
    )
    session().add(block)
    session().flush()
    numbers = tuple(
        compose(taken.node, taken.epoch, sequence)
        for sequence in range(taken.first, taken.first + count)
    )
    session().add_all(
        IssuedNumber(
            number=number, state=NumberState.ISSUED, block_id=block.id, issued_at=block.issued_at
        )
        for number in numbers
    )
    session().flush()
    record(
        "number_block:issued",
        block.id,
        actor=actor,
        purpose=purpose.value,
        first=numbers[0],
        last=numbers[-1],
        ward=ward_id,
    )
    return IssuedBlock(block.id, numbers)


def issue_for_server(command: IssueBlock, *, actor: Actor) -> IssuedBlock:
    """Take numbers for the server of a hospital, which nobody else is given from now on."""
    where = site(command.site_id)
    return issue_block(BlockPurpose.SERVER, command.count, actor=actor, site_id=where.id)
