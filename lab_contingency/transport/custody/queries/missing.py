"""Tubes that were printed or taken and that no laboratory has seen in so many minutes, by ward."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import and_, or_

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.routing.queries.snapshot import snapshot
from lab_contingency.specimens.models import Specimen
from lab_contingency.transport.custody.queries.board import NO_TELEPHONE, StandingTube, tube_lines
from lab_contingency.transport.custody.queries.standing import MOST, Tube, tubes_on
from lab_contingency.transport.custody.rules import MISSING_FROM


@dataclass(frozen=True, slots=True)
class MissingTube:
    """One tube of a ward, and how long ago its label came out or its blood was taken."""

    tube: StandingTube
    taken: bool
    from_when: dt.datetime


@dataclass(frozen=True, slots=True)
class MissingWard:
    """What one ward is rung about, and its telephone."""

    ward_id: uuid.UUID
    ward: str
    site: str
    telephone: str
    tubes: tuple[MissingTube, ...]


def missing(actor: Actor, after: dt.timedelta) -> tuple[MissingWard, ...]:
    """By ward, the one with the most pressing tube first; within it the pressing band, then the longest missing."""
    before = clock.now() - after
    # since it was taken, not since the last hand: a tube that goes round and round is missing too
    old = or_(
        and_(Specimen.collected_at.is_(None), Specimen.under_way_since < before),
        Specimen.collected_at < before,
    )
    rows = tubes_on(MISSING_FROM, actor, old)
    by_ward: dict[uuid.UUID, list[Tube]] = defaultdict(list)
    for row in rows:
        by_ward[row.ward_id].append(row)
    return _wards(by_ward)


def _wards(by_ward: dict[uuid.UUID, list[Tube]]) -> tuple[MissingWard, ...]:
    held, now = snapshot(), clock.now()
    ordered = sorted(by_ward.items(), key=lambda pair: min(map(_pressing, pair[1])))
    found = []
    for ward_id, rows in ordered:
        ward = held.wards[ward_id]
        first = sorted(rows, key=_pressing)
        tubes = tuple(
            MissingTube(line, _taken(row), _from_when(row))
            for row, line in zip(first, tube_lines(first, held, now), strict=True)
        )
        telephone = ward.telephone or NO_TELEPHONE
        found.append(MissingWard(ward_id, ward.name, ward.site.name, telephone, tubes))
    return tuple(found)


def _taken(row: Tube) -> bool:
    return row.collected_at is not None


def _from_when(row: Tube) -> dt.datetime:
    return row.collected_at or row.since


def _pressing(row: Tube) -> tuple[str, dt.datetime]:
    return row.band.value, _from_when(row)


def is_cut(wards: tuple[MissingWard, ...]) -> bool:
    """Whether there may be more than was read."""
    return sum(len(ward.tubes) for ward in wards) >= MOST
