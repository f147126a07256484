"""What a porter sees: where tubes wait and by when, boxes to collect, what is in one’s hands. Nobody’s name.

Wards, counts, places and times; of a tube in one’s own hands its number.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web.disclosure import NOTHING, discloses, not_for_pages
from lab_contingency.foundation.wording import and_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Laboratory, Ward
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.queries.snapshot import Snapshot, snapshot
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import CustodyAction
from lab_contingency.specimens.station.rules.jobs import place_number
from lab_contingency.transport.custody.queries.destinations import bound_for
from lab_contingency.transport.custody.queries.standing import Tube, boxes_on, tubes_on
from lab_contingency.transport.custody.rules import Hop

MOST_AT_ONCE = 60


@not_for_pages
@dataclass(frozen=True, slots=True)
class WaitingTube:
    """A tube that waits on a ward. The page counts them; the view notes whose place it tells."""

    patient_id: uuid.UUID
    specimen_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class WardRound:
    """Tubes with blood in them that wait on one ward, the most pressing first."""

    ward_id: uuid.UUID
    ward: str
    site: str
    waiting: tuple[WaitingTube, ...]
    band: Band
    bound_for: str
    due_at: dt.datetime
    overdue: bool

    @property
    def tubes(self) -> int:
        """How many wait."""
        return len(self.waiting)

    @property
    def specimen_ids(self) -> tuple[uuid.UUID, ...]:
        """Those that one press takes."""
        return tuple(tube.specimen_id for tube in self.waiting[:MOST_AT_ONCE])


@dataclass(frozen=True, slots=True)
class BoxRound:
    """A sealed box that waits for whoever takes it."""

    consignment_id: uuid.UUID
    number: str
    sender: str
    receiver: str
    tubes: int
    band: Band
    due_at: dt.datetime
    overdue: bool


@discloses(number=NOTHING, ward=Field.PLACE)
@dataclass(frozen=True, slots=True)
class InHand:
    """A tube in one’s own hands: its number, where from, how pressing."""

    patient_id: uuid.UUID
    specimen_id: uuid.UUID
    number: str
    ward: str
    band: Band
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What is in one’s hands for one laboratory; `laboratory_id` None: nobody has said for which."""

    laboratory_id: uuid.UUID | None
    laboratory: str
    due_at: dt.datetime
    overdue: bool
    band: Band
    tubes: tuple[InHand, ...]

    @property
    def specimen_ids(self) -> tuple[uuid.UUID, ...]:
        """Those that one press leaves there."""
        return tuple(tube.specimen_id for tube in self.tubes)


def ward_rounds(actor: Actor) -> tuple[WardRound, ...]:
    """Where tubes wait to be picked up: the pressing band first, then what is due first."""
    held, now = snapshot(), clock.now()
    by_ward: dict[uuid.UUID, list[Tube]] = defaultdict(list)
    rows = tubes_on((Hop.TAKEN,), actor)
    for row in rows:
        by_ward[row.ward_id].append(row)
    bound = bound_for(rows, held)
    found = [_round(ward_id, tubes, bound, held, now) for ward_id, tubes in by_ward.items()]
    return tuple(sorted(found, key=lambda one: (one.band, one.due_at, one.ward)))


def _round(
    ward_id: uuid.UUID,
    tubes: Sequence[Tube],
    bound: Mapping[uuid.UUID, uuid.UUID],
    held: Snapshot,
    now: dt.datetime,
) -> WardRound:
    first = sorted(tubes, key=lambda tube: (tube.band, tube.due_at))
    ward = held.wards[ward_id]
    due_at = min(tube.due_at for tube in tubes)
    return WardRound(
        ward_id=ward_id,
        ward=ward.name,
        site=ward.site.name,
        waiting=tuple(WaitingTube(tube.patient_id, tube.specimen_id) for tube in first),
        band=first[0].band,
        bound_for=_names(tubes, bound, held),
        due_at=due_at,
        overdue=due_at < now,
    )


def _names(tubes: Sequence[Tube], bound: Mapping[uuid.UUID, uuid.UUID], held: Snapshot) -> str:
    known = {bound[tube.specimen_id] for tube in tubes if tube.specimen_id in bound}
    return and_text(sorted(held.laboratories[each].name for each in known)) or "ask the ward"


def box_rounds(actor: Actor) -> tuple[BoxRound, ...]:
    """Sealed boxes that wait, the pressing band first."""
    held, now = snapshot(), clock.now()
    boxes = sorted(boxes_on((Hop.SEALED,), actor), key=lambda box: (box.band, box.due_at))
    return tuple(
        BoxRound(
            box.consignment_id,
            grouped(box.number),
            held.laboratories[box.from_id].name,
            held.laboratories[box.to_id].name,
            box.tubes,
            box.band,
            box.due_at,
            box.due_at < now,
        )
        for box in boxes
    )


def loads(actor: Actor) -> tuple[Load, ...]:
    """What the actor took and still carries, by where it goes, the pressing band first."""
    held, now = snapshot(), clock.now()
    mine = (
        select(CustodyEvent.id)
        .where(
            CustodyEvent.specimen_id == Specimen.id,
            CustodyEvent.action == CustodyAction.HAND_OVER,
            CustodyEvent.by_id == actor.user_id,
        )
        .correlate(Specimen)
    )
    rows = tubes_on((Hop.CARRIED,), actor, Specimen.holder == actor.name, mine.exists())
    bound = bound_for(rows, held)
    groups: dict[uuid.UUID | None, list[Tube]] = defaultdict(list)
    for row in rows:
        groups[bound.get(row.specimen_id)].append(row)
    found = [_load(place, tubes, held, now) for place, tubes in groups.items()]
    return tuple(sorted(found, key=lambda load: (load.band, load.due_at)))


def _load(place: uuid.UUID | None, tubes: Sequence[Tube], held: Snapshot, now: dt.datetime) -> Load:
    due_at = min(tube.due_at for tube in tubes)
    return Load(
        laboratory_id=place,
        laboratory=held.laboratories[place].name if place else "ask the ward",
        due_at=due_at,
        overdue=due_at < now,
        band=min(tube.band for tube in tubes),
        tubes=tuple(
            InHand(
                tube.patient_id,
                tube.specimen_id,
                grouped(tube.number or tube.form),
                held.wards[tube.ward_id].name,
                tube.band,
                tube.since,
            )
            for tube in sorted(tubes, key=lambda each: (each.band, each.due_at))
        ),
    )


def place_scanned(number: str) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """(ward, laboratory) on whose board the number stands; NotFound."""
    wards = [each for each in session().scalars(select(Ward.id)) if place_number(each) == number]
    laboratories = [
        each for each in session().scalars(select(Laboratory.id)) if place_number(each) == number
    ]
    if len(wards) + len(laboratories) != 1:
        raise NotFound("No ward and no laboratory here has this number. Press its button instead.")
    return (wards[0], None) if wards else (None, laboratories[0])


def waiting_on(ward_id: uuid.UUID, actor: Actor) -> tuple[uuid.UUID, ...]:
    """The tubes that wait on one ward now."""
    return next((one.specimen_ids for one in ward_rounds(actor) if one.ward_id == ward_id), ())
