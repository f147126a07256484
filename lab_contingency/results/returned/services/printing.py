"""Return slips that go with a box: one for each request in it, recorded in the transaction that makes them."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.rules import Field
from lab_contingency.audit.services import new_watermark, record, register_leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal, unseal
from lab_contingency.incidents.services import issue_return_number
from lab_contingency.printing import return_slip as drawing
from lab_contingency.printing.content.returns import ReturnSlip as SlipContent
from lab_contingency.requests.services import lock_request
from lab_contingency.results.returned import documents
from lab_contingency.results.returned.models import (
    ReturnLine,
    ReturnSlip,
    ReturnSlipPrint,
    SlipReturn,
)
from lab_contingency.results.returned.queries.asked import (
    Asked,
    PaperPartner,
    asked_in_box,
    paper_partner,
)
from lab_contingency.results.returned.rules import copy_reason

_TRIAL = "070000000005"
_NOTHING = "Nothing in this box is asked of that laboratory, so there is no slip to print."


@dataclass(frozen=True, slots=True)
class PrintedReturns:
    """What came out, a slip for each request in the order of the box."""

    pdf: bytes
    slips: tuple[SlipContent, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A slip that can be drawn, and what is to be written down about it."""

    row: ReturnSlip
    patient_id: uuid.UUID
    content: SlipContent
    copy: int


def print_return_slips(
    consignment_id: uuid.UUID, reason: str = "", *, actor: Actor
) -> PrintedReturns:
    """Print the slips of a sealed box. The same again are copies and need a `reason`.

    A request whose tubes in the box changed since gets a new slip, and the one before opens nothing any more.
    """
    partner = paper_partner(consignment_id, actor)
    everything = asked_in_box(partner.consignment, actor)
    if not everything:
        raise RuleBroken(_NOTHING)
    for request_id in sorted(asked.request.id for asked in everything):
        lock_request(request_id, actor=actor)
    mark = new_watermark()
    ready = [_ready(asked, partner, reason, mark, actor) for asked in everything]
    contents = tuple(each.content for each in ready)
    pdf = drawing.return_slips_pdf(contents)
    leaving_id = register_leaving(
        "return slips", _contains(ready), pdf, actor=actor, watermark=mark
    )
    for each in ready:
        _record_print(each, reason, leaving_id, actor)
    record(
        "return_slips:printed", consignment_id, actor=actor, slips=len(ready), leaving=leaving_id
    )
    return PrintedReturns(pdf, contents)


def _contains(ready: Iterable[_Ready]) -> Mapping[uuid.UUID, Field]:
    found: dict[uuid.UUID, Field] = {}
    for each in ready:
        fields = documents.fields_on_return(each.content)
        found[each.patient_id] = found.get(each.patient_id, Field(0)) | fields
    return found


def _ready(asked: Asked, partner: PaperPartner, reason: str, mark: str, actor: Actor) -> _Ready:
    held = _standing(asked, partner)
    patient_id = asked.request.patient_id
    if held is not None and _lines(held) == asked.lines:
        copy = _copies(held) + 1
        said = unseal(ReturnSlip.__tablename__, held.id, held.sealed)
        content = documents.slip_again(said, partner, actor=actor)
        words = copy_reason(reason)
        printed = documents.printed_as(content, copy, words, mark, actor=actor)
        return _Ready(held, patient_id, printed, copy)
    if held is not None:
        _replace(held)
    drawing.return_slips_pdf([documents.return_slip(_TRIAL, asked, partner, actor=actor)])
    row, content = _make(asked, partner, actor)
    return _Ready(
        row, patient_id, documents.printed_as(content, 1, None, mark, actor=actor), copy=1
    )


def _standing(asked: Asked, partner: PaperPartner) -> ReturnSlip | None:
    statement = select(ReturnSlip).where(
        ReturnSlip.consignment_id == partner.consignment.id,
        ReturnSlip.request_id == asked.request.id,
        ReturnSlip.replaced_at.is_(None),
    )
    return session().scalars(statement).one_or_none()


def _lines(slip: ReturnSlip) -> tuple[tuple[uuid.UUID, uuid.UUID, str], ...]:
    statement = (
        select(ReturnLine.requested_test_id, ReturnLine.planned_tube_id, ReturnLine.analyte_code)
        .where(ReturnLine.slip_id == slip.id)
        .order_by(ReturnLine.ordinal)
    )
    return tuple((test, tube, analyte) for test, tube, analyte in session().execute(statement))


def _copies(slip: ReturnSlip) -> int:
    statement = select(func.max(ReturnSlipPrint.copy)).where(ReturnSlipPrint.slip_id == slip.id)
    return session().scalars(statement).one() or 0


def _replace(slip: ReturnSlip) -> None:
    """Its box was changed; a slip that came back already stays."""
    returned = select(func.count(SlipReturn.id)).where(SlipReturn.slip_id == slip.id)
    if session().scalars(returned).one():
        raise RuleBroken(
            "A slip of this box was typed back already, and what is in the box changed since. "
            "Pack what is new into another box."
        )
    slip.replaced_at = clock.now()
    session().flush()


def _make(asked: Asked, partner: PaperPartner, actor: Actor) -> tuple[ReturnSlip, SlipContent]:
    box, number, row_id = partner.consignment, issue_return_number(), new_id()
    content = documents.return_slip(number, asked, partner, actor=actor)
    said = {name: value for name, value in dataclasses.asdict(content).items() if name != "made"}
    row = ReturnSlip(
        id=row_id,
        number=number,
        request_id=asked.request.id,
        consignment_id=box.id,
        laboratory_id=box.to_laboratory_id,
        from_laboratory_id=box.from_laboratory_id,
        made_at=clock.now(),
        sealed=seal(ReturnSlip.__tablename__, row_id, said),
    )
    session().add(row)
    session().flush()
    session().add_all(
        ReturnLine(
            id=new_id(),
            slip_id=row.id,
            ordinal=ordinal,
            requested_test_id=test_id,
            planned_tube_id=tube_id,
            analyte_code=analyte,
        )
        for ordinal, (test_id, tube_id, analyte) in enumerate(asked.lines, 1)
    )
    session().flush()
    return row, content


def _record_print(ready: _Ready, reason: str, leaving_id: uuid.UUID, actor: Actor) -> None:
    session().add(
        ReturnSlipPrint(
            id=new_id(),
            slip_id=ready.row.id,
            copy=ready.copy,
            reason=reason if ready.copy > 1 else "",
            printed_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            leaving_id=leaving_id,
        )
    )
    session().flush()
