"""A request's tubes between laboratories: packed in which box, from hand to hand, and what became of them there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.queries import PlannedTubeView, RequestView
from lab_contingency.specimens.models import Specimen
from lab_contingency.tracking.queries.happenings import Happening
from lab_contingency.tracking.rules import Step
from lab_contingency.transport.models import Consignment, ConsignmentItem, HandOver
from lab_contingency.transport.rules import ItemOutcome

_ENDED = {
    ItemOutcome.MISSING: "missing from box",
    ItemOutcome.BROKEN: "broken in box",
    ItemOutcome.WARM: "came too warm in box",
    ItemOutcome.TAKEN_OUT: "taken out of box",
    ItemOutcome.BROUGHT_BACK: "brought back in box",
    ItemOutcome.LOST: "lost with box",
}
_Place = tuple[ConsignmentItem, str, int]


def with_travels(
    happened: Sequence[Happening], request: RequestView, tubes: Sequence[PlannedTubeView]
) -> list[Happening]:
    """The same list with the boxes in it: a hand-over says more than the bare sending of its tubes."""
    places = _places(request, tubes)
    if not places:
        return list(happened)
    hands = list(_hands(places))
    told = {(one.at, tube) for one in hands for tube in one.tubes}
    rest = [
        one
        for one in happened
        if one.step is not Step.SENT_ON or not {(one.at, tube) for tube in one.tubes} <= told
    ]
    return [*rest, *hands, *_items(places)]


def _places(request: RequestView, tubes: Sequence[PlannedTubeView]) -> list[_Place]:
    """Every place that a tube had in a box, with the number of the box and the tube's own."""
    ordinals: Mapping[uuid.UUID, int] = {tube.id: tube.ordinal for tube in tubes}
    statement = (
        select(ConsignmentItem, Consignment.number, Specimen.planned_tube_id)
        .join(Consignment, Consignment.id == ConsignmentItem.consignment_id)
        .join(Specimen, Specimen.id == ConsignmentItem.specimen_id)
        .where(Specimen.request_id == request.id)
        .order_by(ConsignmentItem.packed_at, ConsignmentItem.id)
    )
    return [
        (item, grouped(number), ordinals[planned])
        for item, number, planned in session().execute(statement)
        if planned in ordinals
    ]


def _items(places: list[_Place]) -> Iterator[Happening]:
    for item, number, tube in places:
        yield _said(item.packed_at, f"packed in box {number}", item.packed_by, (tube,))
        if item.ended_at is not None and item.outcome in _ENDED:
            yield _said(item.ended_at, f"{_ENDED[item.outcome]} {number}", "", (tube,))


def _hands(places: list[_Place]) -> Iterator[Happening]:
    boxes = {item.consignment_id: number for item, number, _ in places}
    statement = (
        select(HandOver)
        .where(HandOver.consignment_id.in_(boxes))
        .order_by(HandOver.recorded_at, HandOver.id)
    )
    for hand in session().scalars(statement):
        inside = tuple(
            tube
            for item, _, tube in places
            if item.consignment_id == hand.consignment_id and _was_in(item, hand)
        )
        if inside:
            what = f"box {boxes[hand.consignment_id]}: {hand.from_name} gave it to {hand.to_name}"
            yield Happening(
                hand.occurred_at,
                hand.recorded_at,
                what,
                hand.by_name,
                hand.at_place,
                inside,
                Step.SENT_ON,
            )


def _was_in(item: ConsignmentItem, hand: HandOver) -> bool:
    return item.packed_at <= hand.recorded_at and (
        item.ended_at is None or item.ended_at >= hand.recorded_at
    )


def _said(at: dt.datetime, what: str, who: str, tubes: tuple[int, ...]) -> Happening:
    return Happening(at, at, what, who, "", tubes)
