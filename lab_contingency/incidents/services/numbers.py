"""Giving out numbers: each once, on this database and on every copy of it that is ever put back."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import add_rows, locked, session
from lab_contingency.foundation.errors import RuleBroken, StartRefused
from lab_contingency.foundation.high_water import HighWater, Mark, high_water_of
from lab_contingency.incidents.models import IssuedNumber, NumberBlock, NumberSeries
from lab_contingency.incidents.rules import (
    SEQUENCE_MOST,
    BlockState,
    NumberState,
    PaperKind,
    block_state,
    compose,
    compose_paper,
    for_tube,
)

FORMS, SLIPS, LISTS, CONSIGNMENTS = "form", "slip", "delivery list", "consignment"
RETURNS = "return slip"
KINDS = (FORMS, SLIPS, LISTS, CONSIGNMENTS, RETURNS)
OLD_COPY = (
    "The numbers of this database end before numbers that were given out: an old copy was put back. "
    "No number is given until the administrator has typed: flask lab numbers restore"
)
_USED_UP = "This node has used up its numbers. The administrator must give it a new node number."
_NOT_KEPT = (
    "The file that keeps the numbers safe cannot be written, so no number is given. "
    "Ring the administrator, and use a paper pack meanwhile."
)
_UNDER_WAY = "numbers under way"
log = logging.getLogger("lab_contingency")


@dataclass(frozen=True, slots=True)
class Taken:
    """Sequences of one series that follow each other: `first` to `first + count - 1`."""

    node: int
    epoch: int
    first: int
    count: int


def take(kind: str, count: int = 1) -> Taken:
    """Take the next numbers of a series; its row stays locked until the transaction ends.

    They stand in the side file before they are used, so a unit of work that fails leaves a gap.
    """
    series = locked_series(kind)
    file = high_water_of(current_app)
    marks = file.marks(kind)
    if is_old_copy(series, marks):
        raise RuleBroken(OLD_COPY)
    first = max(series.next_sequence, taken_in(marks, series) + 1)
    last = first + count - 1
    if last > SEQUENCE_MOST:
        raise RuleBroken(_USED_UP)
    _note(file, Mark(kind, series.node, series.epoch, taken=last, kept=0))
    _under_way()[kind] = (file, Mark(kind, series.node, series.epoch, taken=last, kept=last))
    series.next_sequence = last + 1
    return Taken(series.node, series.epoch, first, count)


def locked_series(kind: str) -> NumberSeries:
    """The row of a series, for taking numbers from it."""
    statement = locked(select(NumberSeries).where(NumberSeries.kind == kind))
    return session().scalars(statement.execution_options(populate_existing=True)).one()


def is_old_copy(series: NumberSeries, marks: tuple[Mark, ...]) -> bool:
    """Whether a database that kept more numbers wrote the side file."""
    here = (series.node, series.epoch)
    places = [mark.place for mark in marks]
    if here not in places:
        return False  # a side file that knows nothing of it
    return places[-1] != here or marks[-1].kept > series.next_sequence - 1


def taken_in(marks: tuple[Mark, ...], series: NumberSeries) -> int:
    """The highest sequence that the side file holds under the node and epoch of the series."""
    held = [mark.taken for mark in marks if mark.place == (series.node, series.epoch)]
    return max(held, default=0)


def _under_way() -> dict[str, tuple[HighWater, Mark]]:
    held: dict[str, tuple[HighWater, Mark]] = session().info.setdefault(_UNDER_WAY, {})
    return held


@event.listens_for(Session, "after_commit")
def _kept(ended: Session) -> None:
    """The database has them: only now can a copy without them be told from a unit of work that failed."""
    for file, mark in ended.info.pop(_UNDER_WAY, {}).values():
        try:
            file.note(mark, at_once=False)
        except OSError:
            log.exception("numbers.not_noted")


@event.listens_for(Session, "after_rollback")
def _lost(ended: Session) -> None:
    ended.info.pop(_UNDER_WAY, None)


def _note(file: HighWater, mark: Mark) -> None:
    try:
        file.note(mark)
    except OSError as failed:
        raise RuleBroken(_NOT_KEPT) from failed


def check_numbers() -> None:
    """Refuse to start with an old copy of the database: StartRefused says what to type."""
    file = high_water_of(current_app)
    for series in session().scalars(select(NumberSeries)):
        if is_old_copy(series, file.marks(series.kind)):
            raise StartRefused(OLD_COPY)


def lock_form_numbers() -> None:
    """Wait for the turn to take a form number, without taking one yet."""
    locked_series(FORMS)


def issue_form_number() -> str:
    """The next form number."""
    taken = take(FORMS)
    return _used(compose(taken.node, taken.epoch, taken.first))


def issue_tube_number(form_number: str, tube: int) -> str:
    """The number of one tube of a form; the caller holds the lock on the form's row."""
    return _used(for_tube(form_number, tube))


def issue_slip_number() -> str:
    """The next slip number."""
    taken = take(SLIPS)
    return _used(compose_paper(PaperKind.SLIP, taken.node, taken.epoch, taken.first))


def issue_list_number() -> str:
    """The next number of a delivery list."""
    taken = take(LISTS)
    return _used(compose_paper(PaperKind.DELIVERY_LIST, taken.node, taken.epoch, taken.first))


def issue_consignment_number() -> str:
    """The next number of a consignment."""
    taken = take(CONSIGNMENTS)
    return _used(compose_paper(PaperKind.CONSIGNMENT, taken.node, taken.epoch, taken.first))


def issue_return_number() -> str:
    """The next number of a return slip."""
    taken = take(RETURNS)
    return _used(compose_paper(PaperKind.RETURN, taken.node, taken.epoch, taken.first))


def _used(number: str) -> str:
    add_rows(IssuedNumber, {"number": number, "state": NumberState.USED, "issued_at": clock.now()})
    return number


def use_number(number: str) -> None:
    """A number that stood on paper was used; RuleBroken when it was used before or is void."""
    row = _locked_number(number)
    if row is None or row.state is not NumberState.ISSUED:
        raise RuleBroken(
            "This number was used before or is void. Look at its pack.", field="number"
        )
    row.state = NumberState.USED
    _settle_block(row.block_id)


def void_number(number: str, reason: str, *, actor: Actor) -> None:
    """A label whose content changed, or paper that is lost: refused from now on, and never issued again."""
    row = _locked_number(number)
    if row is None or row.state is NumberState.VOID:
        return
    row.state, row.voided_at, row.void_reason = NumberState.VOID, clock.now(), reason
    _settle_block(row.block_id)
    record("number:voided", None, actor=actor, number=number)


def _locked_number(number: str) -> IssuedNumber | None:
    statement = locked(select(IssuedNumber).where(IssuedNumber.number == number))
    return session().scalars(statement.execution_options(populate_existing=True)).one_or_none()


def _settle_block(block_id: uuid.UUID | None) -> None:
    if block_id is None:
        return
    block = session().scalars(locked(select(NumberBlock).where(NumberBlock.id == block_id))).one()
    session().flush()
    counted = (
        select(IssuedNumber.state, func.count())
        .where(IssuedNumber.block_id == block_id)
        .group_by(IssuedNumber.state)
    )
    states: Mapping[NumberState, int] = dict(session().execute(counted).all())
    left, used = states.get(NumberState.ISSUED, 0), states.get(NumberState.USED, 0)
    block.state = block_state(left, used)
    block.closed_at = None if block.state is BlockState.ISSUED else clock.now()
    session().flush()


def set_up_series() -> None:
    """The rows that numbers are taken from, once a database. A demonstration made anew begins anew."""
    this = node.this_node()
    fresh = session().scalars(select(func.count()).select_from(NumberSeries)).one() == 0
    if fresh and this.demonstration:
        high_water_of(current_app).begin_anew()
    for kind in KINDS:
        if session().get(NumberSeries, kind) is None:
            session().add(
                NumberSeries(kind=kind, node=this.number, epoch=this.epoch, next_sequence=1)
            )
    session().flush()
