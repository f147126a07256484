"""One box: its tubes with whose they are, its whole chain, what differed, and what can be done with it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import not_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries import RequestView, request_views
from lab_contingency.routing.queries.outages import Outage, outages
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.queries import TubeView
from lab_contingency.specimens.queries.tubes import tubes_by_request
from lab_contingency.specimens.rules import WORDS, SpecimenStatus
from lab_contingency.transport.models import (
    Consignment,
    ConsignmentItem,
    ConsignmentMove,
    Discrepancy,
    HandOver,
    ManifestPrint,
)
from lab_contingency.transport.queries.lists import (
    BoxRow,
    DifferenceRow,
    box_row,
    differences_of,
)
from lab_contingency.transport.queries.scope import still_inside
from lab_contingency.transport.rules import ConsignmentAction, Count, ItemOutcome, count
from lab_contingency.transport.rules.packing import (
    bound_elsewhere,
    came_out_words,
    elsewhere_words,
)


@discloses(packed_by=NOTHING, misled=NOTHING, words=NOTHING)
@dataclass(frozen=True, slots=True)
class BoxTube:
    """A tube that is or was in the box, with the request it belongs to.

    `misled`: why it must come out before the box leaves; "" where it belongs in it. `came_out`: it was received,
    rejected or sent on since the box left, and nobody scanned it out.
    """

    patient_id: uuid.UUID
    place: int
    tube: TubeView
    request: RequestView
    packed_at: dt.datetime
    packed_by: str
    outcome: ItemOutcome | None
    misled: str = ""
    came_out: bool = False

    @property
    def words(self) -> str:
        """What became of it."""
        if self.outcome is None and self.came_out:
            return came_out_words(self.tube.status, self.tube.place)
        return self.outcome.value if self.outcome else "in the box"


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand-over of the chain."""

    from_name: str
    to_name: str
    at_place: str
    items: int
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    by_name: str


@discloses(what=NOTHING, to_name=NOTHING, by_name=NOTHING, reason=Field.REMARKS)
@dataclass(frozen=True, slots=True)
class PastMove:
    """One thing that happened to the box. Its reason may speak of any tube in it, so of no patient by name."""

    patient_id: uuid.UUID | None
    action: ConsignmentAction
    what: str
    to_name: str
    at: dt.datetime
    by_name: str
    reason: str


@discloses(found=Field.REMARKS, words=Field.REMARKS)
@dataclass(frozen=True, slots=True)
class Difference:
    """Something that did not agree, with what was found and how it ended, as somebody typed it."""

    patient_id: uuid.UUID | None
    row: DifferenceRow
    found: str
    words: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box with everything known of it. `outage`: where it goes takes no work, and it has not left."""

    row: BoxRow
    tubes: tuple[BoxTube, ...]
    emptied: tuple[BoxTube, ...]
    hands: tuple[Hand, ...]
    moves: tuple[PastMove, ...]
    differences: tuple[Difference, ...]
    count: Count
    manifests: int
    outage: Outage | None = None

    @property
    def waiting(self) -> tuple[BoxTube, ...]:
        """The tubes of which nothing was said yet."""
        return tuple(tube for tube in self.tubes if tube.outcome is None and not tube.came_out)


_WHAT = {
    ConsignmentAction.SEAL: "sealed",
    ConsignmentAction.OPEN_AGAIN: "opened again",
    ConsignmentAction.TAKE_APART: "taken apart",
    ConsignmentAction.SEND: "sent",
    ConsignmentAction.REROUTE: "re-routed",
    ConsignmentAction.RECALL: "called back",
    ConsignmentAction.SEND_AFTER_ALL: "sent after all",
    ConsignmentAction.UNPACK: "arrived, opened",
    ConsignmentAction.RECEIVE: "unpacked",
    ConsignmentAction.BRING_BACK: "brought back",
    ConsignmentAction.LOSE: "declared lost",
}


def box(consignment_id: uuid.UUID, actor: Actor) -> Box:
    """A box in the actor’s scope; NotFound."""
    row = box_row(consignment_id, actor)
    if row is None:
        raise NotFound
    items = _items(consignment_id)
    waits = row.left_at is None and row.ended_at is None
    gone = set() if row.left_at is None or row.ended_at else _came_out(consignment_id)
    tubes = _tubes(items, actor)
    asked = _asked(tubes) if waits else ()
    tubes = [
        replace(
            tube,
            misled=_misled(tube, row, asked) if waits else "",
            came_out=tube.outcome is None and tube.tube.specimen_id in gone,
        )
        for tube in tubes
    ]
    return Box(
        row=row,
        tubes=tuple(tube for tube in tubes if tube.outcome is not ItemOutcome.TAKEN_OUT),
        emptied=tuple(tube for tube in tubes if tube.outcome is ItemOutcome.TAKEN_OUT),
        hands=hands_of(consignment_id),
        moves=_moves(consignment_id),
        differences=tuple(map(difference_of, differences_of(consignment_id, actor))),
        count=count(
            ItemOutcome.ARRIVED
            if item.outcome is None and item.specimen_id in gone
            else item.outcome
            for item in items
        ),
        manifests=manifests_printed(consignment_id),
        outage=outages().get(row.to_id) if waits else None,
    )


def _misled(tube: BoxTube, row: BoxRow, asked: Iterable[RequestedTest]) -> str:
    """Why a tube must come out before the box leaves, in the words of what refuses it."""
    if tube.outcome is not None:
        return ""
    held = tube.tube
    if held.status is not None and held.status is not SpecimenStatus.RECEIVED:
        return f"it is {WORDS[held.status]}"
    if held.laboratory_id != row.from_id:
        return f"it was received at {held.place}"
    codes = {test.code for test in held.tests}
    mine = (
        (test.status, test.laboratory_id)
        for test in asked
        if test.request_id == tube.request.id and test.test_code in codes
    )
    places = bound_elsewhere(mine, row.to_id)
    if places is None:
        return ""
    return elsewhere_words(laboratory(place).name for place in places)


def manifests_printed(consignment_id: uuid.UUID) -> int:
    """How many copies of its manifest came out."""
    statement = select(ManifestPrint.copy).where(ManifestPrint.consignment_id == consignment_id)
    return max(session().scalars(statement), default=0)


def hands_of(consignment_id: uuid.UUID) -> tuple[Hand, ...]:
    """Who had it, in order."""
    statement = (
        select(HandOver)
        .where(HandOver.consignment_id == consignment_id)
        .order_by(HandOver.recorded_at, HandOver.id)
    )
    return tuple(
        Hand(
            row.from_name,
            row.to_name,
            row.at_place,
            row.items,
            row.occurred_at,
            row.recorded_at,
            row.by_name,
        )
        for row in session().scalars(statement)
    )


def difference_of(row: DifferenceRow) -> Difference:
    """The same with its words."""
    held = session().get_one(Discrepancy, row.id)
    whose = (
        select(Request.patient_id)
        .join(Specimen, Specimen.request_id == Request.id)
        .where(Specimen.id == held.specimen_id)
    )
    said = unseal(Discrepancy.__tablename__, held.id, held.sealed) if held.sealed else {}
    return Difference(
        session().scalars(whose).one_or_none(), row, said.get("found", ""), said.get("words", "")
    )


def _items(consignment_id: uuid.UUID) -> list[ConsignmentItem]:
    statement = (
        select(ConsignmentItem)
        .where(ConsignmentItem.consignment_id == consignment_id)
        .order_by(ConsignmentItem.place)
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(statement))


def _came_out(consignment_id: uuid.UUID) -> set[uuid.UUID]:
    """The tubes of its open places that are not in it any more."""
    statement = (
        select(ConsignmentItem.specimen_id)
        .join(Consignment, Consignment.id == ConsignmentItem.consignment_id)
        .join(Specimen, Specimen.id == ConsignmentItem.specimen_id)
        .where(
            ConsignmentItem.consignment_id == consignment_id,
            ConsignmentItem.ended_at.is_(None),
            not_(still_inside()),
        )
    )
    return set(session().scalars(statement))


def _asked(tubes: Iterable[BoxTube]) -> Sequence[RequestedTest]:
    requests = {tube.request.id for tube in tubes}
    statement = select(RequestedTest).where(RequestedTest.request_id.in_(requests))
    return session().scalars(statement.execution_options(populate_existing=True)).all()


def _tubes(items: list[ConsignmentItem], actor: Actor) -> list[BoxTube]:
    ids = [item.specimen_id for item in items]
    requests = set(session().scalars(select(Specimen.request_id).where(Specimen.id.in_(ids))))
    if not requests:
        return []
    views = {view.id: view for view in request_views(Request.id.in_(requests), actor)}
    known = {
        tube.specimen_id: (tube, views[request_id])
        for request_id, tubes in tubes_by_request(list(requests), actor).items()
        for tube in tubes
        if request_id in views
    }
    return [_tube(item, *known[item.specimen_id]) for item in items if item.specimen_id in known]


def _tube(item: ConsignmentItem, tube: TubeView, request: RequestView) -> BoxTube:
    return BoxTube(
        patient_id=request.patient_id,
        place=item.place,
        tube=tube,
        request=request,
        packed_at=item.packed_at,
        packed_by=item.packed_by,
        outcome=item.outcome,
    )


def _moves(consignment_id: uuid.UUID) -> tuple[PastMove, ...]:
    statement = (
        select(ConsignmentMove)
        .where(ConsignmentMove.consignment_id == consignment_id)
        .order_by(ConsignmentMove.moved_at, ConsignmentMove.id)
    )
    return tuple(_move(row) for row in session().scalars(statement))


def _move(row: ConsignmentMove) -> PastMove:
    sealed = row.sealed
    reason = unseal(ConsignmentMove.__tablename__, row.id, sealed)["reason"] if sealed else ""
    return PastMove(
        None,
        row.action,
        _WHAT[row.action],
        laboratory(row.to_laboratory_id).name,
        row.moved_at,
        row.by_name,
        reason,
    )
