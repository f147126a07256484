"""The board: what is overdue, with its owner and whom to ring; how many stand at each place; no name of a patient."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, true

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import Request
from lab_contingency.requests.queries.card import TubeChip, chip_of
from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.queries.snapshot import Snapshot, snapshot
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.custody.queries.destinations import bound_for
from lab_contingency.transport.custody.queries.rung import LastEnquiry, last_enquiries
from lab_contingency.transport.custody.queries.standing import (
    MOST,
    Box,
    Tube,
    boxes_on,
    tubes_on,
)
from lab_contingency.transport.custody.rules import BOX_HOPS, HOPS, TUBE_HOPS, Hop, Ring

NO_TELEPHONE = "no number kept"
MOST_READ = 4000


@dataclass(frozen=True, slots=True)
class Whom:
    """Who answers for something, and at which number."""

    name: str
    telephone: str


@discloses(
    number=NOTHING,
    ward=Field.PLACE,
    where=Field.PLACE,
    ring=Field.PLACE,
    bound_for=NOTHING,
    owner=NOTHING,
    ask=NOTHING,
)
@dataclass(frozen=True, slots=True)
class StandingTube:
    """One tube on the board: where it is, since when, by when the next hand takes it, whom to ring."""

    patient_id: uuid.UUID
    specimen_id: uuid.UUID
    request_id: uuid.UUID
    number: str
    chip: TubeChip
    band: Band
    hop: Hop
    ward: str
    where: str
    bound_for: str
    since: dt.datetime
    due_at: dt.datetime
    overdue: bool
    owner: str
    ask: str
    ring: Whom
    rung: LastEnquiry | None


@dataclass(frozen=True, slots=True)
class StandingGroup:
    """Tubes of one request in the same hands since the same moment: one line, for they are one question."""

    first: StandingTube
    tubes: tuple[StandingTube, ...]


@dataclass(frozen=True, slots=True)
class StandingBox:
    """One box on the board."""

    consignment_id: uuid.UUID
    number: str
    band: Band
    hop: Hop
    sender: str
    receiver: str
    tubes: int
    since: dt.datetime
    due_at: dt.datetime
    overdue: bool
    owner: str
    ask: str
    ring: Whom


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How much stands at one place on one hop. `key` is what a filter names it by."""

    key: str
    name: str
    site_id: uuid.UUID | None
    hop: Hop
    tubes: int
    overdue: int
    longest_since: dt.datetime
    next_due: dt.datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the board is asked for; everything unless said."""

    hop: Hop | None = None
    site_id: uuid.UUID | None = None
    place_id: uuid.UUID | None = None

    @property
    def is_set(self) -> bool:
        """Whether less than everything is shown."""
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is overdue, the pressing band first, then the longest overdue; the places.

    `in_time`: the rest, only where a filter is set. `cut`: more stands there than was read.
    """

    late: tuple[StandingGroup | StandingBox, ...]
    in_time: tuple[StandingGroup | StandingBox, ...]
    places: tuple[PlaceCount, ...]
    cut: bool

    @property
    def tubes(self) -> int:
        """How many tubes stand between two hands, those in boxes too."""
        return sum(place.tubes for place in self.places)


def board(actor: Actor, chosen: Filter) -> Board:
    """The board as it stands for the actor’s scope."""
    tubes = _read(actor, chosen)
    boxes = boxes_on(_wanted(BOX_HOPS, chosen), actor)
    held, now = snapshot(), clock.now()
    known = [tube for tube in tubes if _at(tube, chosen.place_id)]
    packed = [box for box in boxes if _of(box, chosen, held)]
    everything: list[Tube | Box] = [*known, *packed]
    late = sorted(
        (each for each in everything if each.due_at < now),
        key=lambda each: (each.band, each.due_at),
    )
    rest = sorted((each for each in everything if each.due_at >= now), key=lambda each: each.due_at)
    shown = rest[:MOST] if chosen.is_set else []
    return Board(
        late=_lines(late[:MOST], held, now),
        in_time=_lines(shown, held, now),
        places=_places(known, packed, held, now),
        cut=len(late) > MOST or len(tubes) >= MOST_READ,
    )


def _read(actor: Actor, chosen: Filter) -> tuple[Tube, ...]:
    """What stands there, and by itself what is overdue: however much stands there, that is never cut off by it."""
    hops, where = _wanted(TUBE_HOPS, chosen), _of_site(chosen)
    rows = (
        *tubes_on(hops, actor, where, most=MOST_READ),
        *tubes_on(hops, actor, where, late=True, most=MOST_READ),
    )
    return tuple({row.specimen_id: row for row in rows}.values())


def _wanted(hops: Iterable[Hop], chosen: Filter) -> tuple[Hop, ...]:
    return tuple(hop for hop in hops if chosen.hop in (None, hop))


def _of_site(chosen: Filter) -> ColumnElement[bool]:
    if chosen.place_id is not None:
        return or_(Request.ward_id == chosen.place_id, Specimen.laboratory_id == chosen.place_id)
    return true() if chosen.site_id is None else Request.site_id == chosen.site_id


def _at(tube: Tube, place_id: uuid.UUID | None) -> bool:
    return place_id is None or place_id == place_of(tube)


def place_of(tube: Tube) -> uuid.UUID | None:
    """The ward or laboratory that a tube stands in; None while somebody carries it."""
    if tube.hop in (Hop.PRINTED, Hop.TAKEN):
        return tube.ward_id
    return tube.laboratory_id if tube.hop in (Hop.AT_DOOR, Hop.TO_PACK) else None


def _of(box: Box, chosen: Filter, held: Snapshot) -> bool:
    here = _stands_in(box)
    if chosen.place_id is not None:
        return chosen.place_id == here
    sites = {held.laboratories[each].site_id for each in (box.from_id, box.to_id)}
    return chosen.site_id is None or chosen.site_id in sites


def _stands_in(box: Box) -> uuid.UUID | None:
    if box.hop in (Hop.PACKING, Hop.SEALED):
        return box.from_id
    return box.to_id if box.hop is Hop.UNPACKING else None


def _lines(
    rows: Sequence[Tube | Box], held: Snapshot, now: dt.datetime
) -> tuple[StandingGroup | StandingBox, ...]:
    """In their order; tubes that stand alike with the first of them."""
    tubes = iter(tube_lines([row for row in rows if isinstance(row, Tube)], held, now))
    groups: dict[object, list[StandingTube] | StandingBox] = {}
    for row in rows:
        if isinstance(row, Box):
            groups[row.consignment_id] = _box_line(row, held, now)
            continue
        line = next(tubes)
        alike = groups.setdefault(_alike(line), [])
        if isinstance(alike, list):
            alike.append(line)
    return tuple(
        group if isinstance(group, StandingBox) else StandingGroup(group[0], tuple(group))
        for group in groups.values()
    )


def _alike(line: StandingTube) -> object:
    return line.request_id, line.hop, line.where, line.bound_for, line.due_at, line.rung


def tube_lines(tubes: Sequence[Tube], held: Snapshot, now: dt.datetime) -> tuple[StandingTube, ...]:
    """Tubes in words, in their order."""
    rung = last_enquiries([tube.specimen_id for tube in tubes])
    bound = bound_for(tubes, held)
    return tuple(
        _tube_line(tube, bound.get(tube.specimen_id), rung.get(tube.specimen_id), held, now)
        for tube in tubes
    )


def _tube_line(
    tube: Tube,
    bound_id: uuid.UUID | None,
    rung: LastEnquiry | None,
    held: Snapshot,
    now: dt.datetime,
) -> StandingTube:
    ward, facts = held.wards[tube.ward_id], HOPS[tube.hop]
    return StandingTube(
        patient_id=tube.patient_id,
        specimen_id=tube.specimen_id,
        request_id=tube.request_id,
        number=grouped(tube.number or tube.form),
        chip=chip_of(catalogue().container(tube.container), ward.site.tube_system),
        band=tube.band,
        hop=tube.hop,
        ward=ward.name,
        where=_where(tube, held),
        bound_for=place_name(bound_id, held),
        since=tube.since,
        due_at=tube.due_at,
        overdue=tube.due_at < now,
        owner=facts.owner,
        ask=facts.ask,
        ring=_whom(facts.ring, tube, bound_id, held),
        rung=rung,
    )


def _where(tube: Tube, held: Snapshot) -> str:
    place = place_of(tube)
    return place_name(place, held) or tube.holder


def _whom(ring: Ring, tube: Tube, bound_id: uuid.UUID | None, held: Snapshot) -> Whom:
    """The laboratory asked for, as far as it is known; else the ward, which knows who took the tube."""
    there = {Ring.HERE: tube.laboratory_id, Ring.THERE: bound_id}.get(ring)
    place = held.laboratories.get(there) if there else None
    found = place or held.wards[tube.ward_id]
    return Whom(found.name, found.telephone or NO_TELEPHONE)


def _box_line(box: Box, held: Snapshot, now: dt.datetime) -> StandingBox:
    facts = HOPS[box.hop]
    sender, receiver = held.laboratories[box.from_id], held.laboratories[box.to_id]
    whom = sender if facts.ring is Ring.HERE else receiver
    return StandingBox(
        consignment_id=box.consignment_id,
        number=grouped(box.number),
        band=box.band,
        hop=box.hop,
        sender=sender.name,
        receiver=receiver.name,
        tubes=box.tubes,
        since=box.since,
        due_at=box.due_at,
        overdue=box.due_at < now,
        owner=facts.owner,
        ask=facts.ask,
        ring=Whom(whom.name, whom.telephone or NO_TELEPHONE),
    )


def _places(
    tubes: Iterable[Tube], boxes: Iterable[Box], held: Snapshot, now: dt.datetime
) -> tuple[PlaceCount, ...]:
    """By place and hop, those with something overdue first, then by when the next is due."""
    groups: dict[tuple[str, Hop], list[Tube | Box]] = defaultdict(list)
    for tube in tubes:
        groups[str(place_of(tube) or tube.holder), tube.hop].append(tube)
    for box in boxes:
        groups[str(_stands_in(box) or _road(box, held)), box.hop].append(box)
    counted = [_place(key, hop, rows, held, now) for (key, hop), rows in groups.items()]
    return tuple(sorted(counted, key=lambda one: (not one.overdue, one.next_due, one.name)))


def _road(box: Box, held: Snapshot) -> str:
    ends = held.laboratories[box.from_id].name, held.laboratories[box.to_id].name
    return " → ".join(ends)


def _place(
    key: str, hop: Hop, rows: Sequence[Tube | Box], held: Snapshot, now: dt.datetime
) -> PlaceCount:
    name, known, site_id = _named(key, held)
    return PlaceCount(
        key=known,
        name=name,
        site_id=site_id,
        hop=hop,
        tubes=sum(row.tubes if isinstance(row, Box) else 1 for row in rows),
        overdue=sum(row.tubes if isinstance(row, Box) else 1 for row in rows if row.due_at < now),
        longest_since=min(row.since for row in rows),
        next_due=min(row.due_at for row in rows),
    )


def _named(key: str, held: Snapshot) -> tuple[str, str, uuid.UUID | None]:
    """Name, what a filter calls it ("" where no filter is by it), site."""
    try:
        place_id = uuid.UUID(key)
    except ValueError:
        return key, "", None
    if place_id in held.wards:
        ward = held.wards[place_id]
        return ward.name, key, ward.site.id
    found = held.laboratories[place_id]
    return found.name, key, found.site_id


def sites_of(held: Snapshot) -> tuple[tuple[uuid.UUID, str], ...]:
    """The sites to choose from."""
    found = {ward.site.id: ward.site.name for ward in held.wards.values()}
    return tuple(sorted(found.items(), key=lambda pair: pair[1]))


def place_name(place_id: uuid.UUID | None, held: Snapshot) -> str:
    """The ward or laboratory that a filter names, "" for none."""
    if place_id is None:
        return ""
    found = held.wards.get(place_id) or held.laboratories.get(place_id)
    return found.name if found else ""
