"""One tube’s way: from whom to whom, where, when, and which hop took longer than it may."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import PlannedTube, Request
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.scope import within
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import (
    WORDS,
    CustodyAction,
    SpecimenStatus,
)
from lab_contingency.specimens.rules.way import LEFT_AT_DOOR
from lab_contingency.transport.custody.queries.board import StandingTube, tube_lines
from lab_contingency.transport.custody.queries.standing import tubes_on
from lab_contingency.transport.custody.rules import TUBE_HOPS, Hop, due
from lab_contingency.transport.models import Consignment, ConsignmentItem, HandOver

MOST = 500
_A, _S = CustodyAction, SpecimenStatus
_WHAT = {
    _A.LABEL: "label printed",
    _A.VOID_LABEL: "label no longer counts",
    _A.VOID_ON_BLOOD: "label no longer counts",
    _A.RELABEL: "another label put on",
    _A.COLLECT: "taken",
    _A.CORRECT_TIME: "time taken put right",
    _A.HAND_OVER: "handed over",
    _A.RECEIVE: "scanned in",
    _A.DISPATCH: "sent on",
    _A.REJECT: "rejected",
    _A.GIVE_UP: "not taken",
}
_ORDER = {action: place for place, action in enumerate(CustodyAction)}
_HOP_AFTER = {_S.LABELLED: Hop.PRINTED, _S.COLLECTED: Hop.TAKEN, _S.HANDED_OVER: Hop.CARRIED}


@discloses(
    from_whom=Field.PLACE, to_whom=Field.PLACE, place=Field.PLACE, what=NOTHING, by_name=NOTHING
)
@dataclass(frozen=True, slots=True)
class Hand:
    """One line of the way.

    `noted_at` is None where it was noted as it happened; `late`: by how much the hop before it took too long.
    """

    patient_id: uuid.UUID
    at: dt.datetime
    noted_at: dt.datetime | None
    what: str
    from_whom: str
    to_whom: str
    place: str
    by_name: str
    late: dt.timedelta | None


@discloses(
    number=NOTHING,
    scanned=NOTHING,
    ward=Field.PLACE,
    ward_telephone=Field.PLACE,
    words=NOTHING,
    holder=Field.PLACE,
)
@dataclass(frozen=True, slots=True)
class TubeHands:
    """A tube, where it stands, and its way so far. No name, no test."""

    patient_id: uuid.UUID
    specimen_id: uuid.UUID
    request_id: uuid.UUID
    planned_tube_id: uuid.UUID
    version: int
    number: str
    scanned: str | None
    chip: TubeChip
    band: Band
    ward: str
    ward_telephone: str
    words: str
    holder: str
    status: SpecimenStatus
    standing: StandingTube | None
    hands: tuple[Hand, ...]


def hands_of(specimen_id: uuid.UUID, actor: Actor) -> TubeHands:
    """One tube’s way; NotFound outside the scope."""
    statement = (
        select(Specimen, Request, PlannedTube.container)
        .join(Request, Request.id == Specimen.request_id)
        .join(PlannedTube, PlannedTube.id == Specimen.planned_tube_id)
        .where(Specimen.id == specimen_id, within(actor))
    )
    found = session().execute(statement).one_or_none()
    if found is None:
        raise NotFound
    specimen, request, container = found
    ward = snapshot().wards[request.ward_id]
    return TubeHands(
        patient_id=request.patient_id,
        specimen_id=specimen.id,
        request_id=request.id,
        planned_tube_id=specimen.planned_tube_id,
        version=specimen.version,
        number=grouped(specimen.number or request.number),
        scanned=specimen.number,
        chip=chip_of(catalogue().container(container), ward.site.tube_system),
        band=request.band,
        ward=ward.name,
        ward_telephone=ward.telephone,
        words=_words(specimen),
        holder=specimen.holder,
        status=specimen.status,
        standing=_standing(specimen.id, actor),
        hands=_hands(specimen.id, request.patient_id, request.band, ward.name),
    )


def _words(specimen: Specimen) -> str:
    if specimen.status is _S.HANDED_OVER and specimen.laboratory_id is not None:
        return Hop.AT_DOOR.value
    return WORDS[specimen.status]


def _standing(specimen_id: uuid.UUID, actor: Actor) -> StandingTube | None:
    rows = tubes_on(TUBE_HOPS, actor, Specimen.id == specimen_id)
    if not rows:
        return None
    return tube_lines(rows[:1], snapshot(), clock.now())[0]


def _hands(
    specimen_id: uuid.UUID, patient_id: uuid.UUID, band: Band, ward: str
) -> tuple[Hand, ...]:
    events = session().scalars(
        select(CustodyEvent)
        .where(CustodyEvent.specimen_id == specimen_id)
        .order_by(CustodyEvent.occurred_at, CustodyEvent.recorded_at, CustodyEvent.id)
        .limit(MOST)
    )
    boxed = tuple(_in_boxes(specimen_id, patient_id))
    said = {
        hand.at for hand in boxed
    }  # the box’s line says more than the tube’s own of the same hand-over
    own = [
        hand
        for hand in _own(sorted(events, key=_in_order), patient_id, band, ward)
        if hand.what != _WHAT[_A.DISPATCH] or hand.at not in said
    ]
    lines = [*own, *boxed]
    return tuple(sorted(lines, key=lambda hand: hand.at))


def _in_order(event: CustodyEvent) -> tuple[dt.datetime, dt.datetime, int]:
    """What was noted in the same moment, in the order in which it happens to a tube."""
    return event.occurred_at, event.recorded_at, _ORDER[event.action]


def _own(
    events: Sequence[CustodyEvent], patient_id: uuid.UUID, band: Band, ward: str
) -> Iterator[Hand]:
    """What was noted of the tube itself: whoever had it before is the one it came from."""
    holder, hop, since = "", None, None
    for event in events:
        late = _late(hop, band, since, event) if event.status_after != event.status_before else None
        yield Hand(
            patient_id=patient_id,
            at=event.occurred_at,
            noted_at=_noted_later(event.occurred_at, event.recorded_at),
            what="left at the door" if event.reason_code == LEFT_AT_DOOR else _WHAT[event.action],
            from_whom="" if event.place == holder else holder,
            to_whom=event.place,
            place=ward if event.action in (_A.LABEL, _A.COLLECT) else "",
            by_name=event.by_name,
            late=late,
        )
        holder = event.place
        if event.status_after != event.status_before or event.action is _A.HAND_OVER:
            hop = Hop.AT_DOOR if event.reason_code == LEFT_AT_DOOR else None
            hop = hop or _HOP_AFTER.get(event.status_after)
            since = event.occurred_at


def _late(
    hop: Hop | None, band: Band, since: dt.datetime | None, event: CustodyEvent
) -> dt.timedelta | None:
    if hop is None or since is None:
        return None
    over = event.occurred_at - due(hop, band, since)
    return over if over >= dt.timedelta(minutes=1) else None


def _noted_later(occurred: dt.datetime, recorded: dt.datetime) -> dt.datetime | None:
    return recorded if recorded - occurred >= dt.timedelta(minutes=1) else None


def _in_boxes(specimen_id: uuid.UUID, patient_id: uuid.UUID) -> Iterator[Hand]:
    """The box went from hand to hand, and the tube in it: while it was in it."""
    statement = (
        select(HandOver, Consignment.number)
        .join(Consignment, Consignment.id == HandOver.consignment_id)
        .join(ConsignmentItem, ConsignmentItem.consignment_id == Consignment.id)
        .where(
            ConsignmentItem.specimen_id == specimen_id,
            HandOver.occurred_at >= ConsignmentItem.packed_at,
            (ConsignmentItem.ended_at.is_(None))
            | (HandOver.occurred_at <= ConsignmentItem.ended_at),
        )
        .limit(MOST)
    )
    for row, number in session().execute(statement):
        yield Hand(
            patient_id,
            row.occurred_at,
            _noted_later(row.occurred_at, row.recorded_at),
            f"handed over in box {grouped(number)}",
            row.from_name,
            row.to_name,
            row.at_place,
            row.by_name,
            None,
        )
