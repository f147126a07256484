"""What a box asks of a laboratory that works on paper: by request, by tube, by test."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.queries import RequestView, request_view
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.queries.benches import TestBench, benches_of
from lab_contingency.results.rules.values import is_worked_out
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.models import Consignment, ConsignmentItem
from lab_contingency.transport.queries.partners import works_on_paper
from lab_contingency.transport.rules import ConsignmentState, ItemOutcome

_LEFT_OUT = frozenset({TestStatus.WITHDRAWN, TestStatus.DECLINED, TestStatus.REJECTED})


@not_for_pages
@dataclass(frozen=True, slots=True)
class AskedTube:
    """A tube in the box with the benches of the tests wanted of it there."""

    planned_tube_id: uuid.UUID
    benches: tuple[TestBench, ...]


@not_for_pages
@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks: its tubes in the order in which they were packed."""

    request: RequestView
    tubes: tuple[AskedTube, ...]

    @property
    def lines(self) -> tuple[tuple[uuid.UUID, uuid.UUID, str], ...]:
        """Requested test, planned tube and analyte of each row of its slip, in order."""
        return tuple(
            (bench.id, tube.planned_tube_id, analyte.code)
            for tube in self.tubes
            for bench in tube.benches
            for analyte in written(bench)
        )


def written(bench: TestBench) -> tuple[Analyte, ...]:
    """What is written on a slip: not what is worked out from the rest."""
    return tuple(each for each in bench.analytes if not is_worked_out(each))


@not_for_pages
@dataclass(frozen=True, slots=True)
class PaperPartner:
    """A box bound for a laboratory that works on paper, and whom it rings here: `sender` packed the box.

    What the agreement holds is the partner's own desk: we ring that, and it never stands on a slip.
    """

    consignment: Consignment
    sender: str
    telephone: str


def paper_partner(consignment_id: uuid.UUID, actor: Actor) -> PaperPartner:
    """A box that the actor's laboratory packed, for a laboratory that works on paper; NotFound, RuleBroken."""
    mine = Consignment.from_laboratory_id == actor.laboratory_id
    statement = select(Consignment).where(
        Consignment.id == consignment_id, mine if actor.laboratory_id else mine.is_(None)
    )
    box = session().scalars(statement).one_or_none()
    if box is None:
        raise NotFound
    if box.state is ConsignmentState.PACKING:
        raise RuleBroken("Seal the box first: the slips say what is in it.")
    if box.state is ConsignmentState.RECALLED:
        raise RuleBroken(
            "This box was called back: nobody there fills in slips for it. Let it go on after all, and print then."
        )
    there, here = laboratory(box.to_laboratory_id), laboratory(box.from_laboratory_id)
    if not works_on_paper(there.id):
        raise RuleBroken(
            f"{there.name} signs in here, or nobody has noted how it works with us: then it gets no slips. Note it "
            "with its agreement."
        )
    return PaperPartner(box, here.name, here.telephone)


def asked_in_box(box: Consignment, actor: Actor) -> tuple[Asked, ...]:
    """What the box asks, request by request in the order of its places; NotFound outside the scope."""
    packed = _packed(box)
    return tuple(
        asked
        for request_id in dict.fromkeys(request_id for request_id, _ in packed)
        if (asked := _asked(request_id, [tube for one, tube in packed if one == request_id], box, actor)).tubes
    )  # fmt: skip


def _packed(box: Consignment) -> list[tuple[uuid.UUID, uuid.UUID]]:
    statement = (
        select(Specimen.request_id, Specimen.planned_tube_id)
        .join(ConsignmentItem, ConsignmentItem.specimen_id == Specimen.id)
        .where(
            ConsignmentItem.consignment_id == box.id,
            or_(
                ConsignmentItem.outcome.is_(None),
                ConsignmentItem.outcome.not_in((ItemOutcome.TAKEN_OUT, ItemOutcome.BROUGHT_BACK)),
            ),
        )
        .order_by(ConsignmentItem.place)
    )
    return [(row.request_id, row.planned_tube_id) for row in session().execute(statement)]


def _asked(
    request_id: uuid.UUID, planned: list[uuid.UUID], box: Consignment, actor: Actor
) -> Asked:
    view = request_view(request_id, actor)
    benches = [
        bench
        for bench in benches_of(view).values()
        if bench.laboratory_id == box.to_laboratory_id and bench.status not in _LEFT_OUT
    ]
    order = list(catalogue().tests)
    tubes = (
        AskedTube(
            tube_id,
            tuple(
                sorted(
                    (bench for bench in benches if bench.planned_tube_id == tube_id),
                    key=lambda bench: order.index(bench.test.code),
                )
            ),
        )
        for tube_id in planned
    )
    return Asked(view, tuple(tube for tube in tubes if tube.benches))
