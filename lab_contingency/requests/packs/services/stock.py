"""Packs on the wards: issued in blocks, voided when lost or spoilt."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import BlockPurpose, form_of_pack, grouped, read_number
from lab_contingency.incidents.services import issue_block, void_number
from lab_contingency.places.queries import ward
from lab_contingency.requests.packs.commands import VoidPacks
from lab_contingency.requests.packs.models import PaperPack
from lab_contingency.requests.packs.queries import used_words
from lab_contingency.requests.packs.rules import PRINT_MOST, VOID_WORDS, PackState

_VOID_MOST = 200
NO_PACK = (
    "No pack has that number. Scan the barcode at the top of the form, or the label of its strip."
)


@dataclass(frozen=True, slots=True)
class IssuedPacks:
    """What was issued: the block, and the form number of each pack in order."""

    block_id: uuid.UUID
    numbers: tuple[str, ...]


def issue_packs(ward_id: uuid.UUID, count: int, *, actor: Actor) -> IssuedPacks:
    """Take a block of numbers for a ward; each of them is a pack that lies there from now on."""
    if not 1 <= count <= PRINT_MOST:
        raise RuleBroken(f"Choose a number of packs from 1 to {PRINT_MOST}.", field="count")
    place = ward(ward_id)
    block = issue_block(
        BlockPurpose.PACK, count, actor=actor, site_id=place.site.id, ward_id=place.id
    )
    now = clock.now()
    session().add_all(
        PaperPack(
            id=new_id(),
            number=number,
            block_id=block.id,
            ward_id=place.id,
            state=PackState.ISSUED,
            printed_at=now,
        )
        for number in block.numbers
    )
    session().flush()
    record("paper_pack:issued", block.id, actor=actor, ward=place.id, count=count)
    return IssuedPacks(block.id, block.numbers)


def form_number(scanned: str) -> str:
    """The form number of whatever of a pack was scanned: form, label, strip. RuleBroken says what it is else."""
    if form := form_of_pack(scanned):
        return form
    try:
        return read_number(scanned).form
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused


def locked_pack(number: str) -> PaperPack | None:
    """The pack of a form number, locked; None when the form came from no pack."""
    statement = locked(select(PaperPack).where(PaperPack.number == number))
    return session().scalars(statement.execution_options(populate_existing=True)).one_or_none()


def void_packs(command: VoidPacks, *, actor: Actor) -> int:
    """Void one pack, or a run of them; a run leaves out what was used. Returns how many were voided.

    Their labels are refused from now on. RuleBroken when nothing in it can be voided.
    """
    first = _pack(command.first, "number")
    last = _pack(command.last, "last") if command.last else first
    if last.ward_id != first.ward_id or last.number < first.number:
        raise RuleBroken(
            "The last number belongs to another ward or comes before the first. Scan both again.",
            field="last",
        )
    run = (
        select(PaperPack)
        .where(
            PaperPack.ward_id == first.ward_id,
            PaperPack.number >= first.number,
            PaperPack.number <= last.number,
        )
        .order_by(PaperPack.number)
        .limit(_VOID_MOST)
    )
    packs = [pack for pack in session().scalars(locked(run)) if pack.state is PackState.ISSUED]
    if not packs:
        raise RuleBroken(_not_voidable(first), field="number")
    for pack in packs:
        _void(pack, command, actor)
    record(
        "paper_pack:voided",
        packs[0].block_id,
        actor=actor,
        reason=command.reason.value,
        count=len(packs),
        first=packs[0].number,
        last=packs[-1].number,
    )
    return len(packs)


def _void(pack: PaperPack, command: VoidPacks, actor: Actor) -> None:
    pack.state, pack.voided_at = PackState.VOID, clock.now()
    pack.void_reason, pack.voided_by = command.reason, actor.name
    session().flush()
    void_number(pack.number, f"its pack is void ({command.reason.value}).", actor=actor)


def _pack(scanned: str, field: str) -> PaperPack:
    try:
        pack = locked_pack(form_number(scanned))
    except RuleBroken as refused:
        raise RuleBroken(refused.message, field=field) from refused
    if pack is None:
        raise RuleBroken(NO_PACK, field=field)
    return pack


def _not_voidable(pack: PaperPack) -> str:
    if pack.state is PackState.USED:
        return f"Pack {grouped(pack.number)} cannot be voided: {used_words(pack)}."
    assert pack.void_reason is not None  # noqa: S101 - the table says so
    assert pack.voided_at is not None  # noqa: S101
    words = VOID_WORDS[pack.void_reason]
    return f"Pack {grouped(pack.number)} is void already since {near_time_text(pack.voided_at)}: {words}."
