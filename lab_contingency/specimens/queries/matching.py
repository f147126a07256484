"""What was read at a bedside and still counts; how patients were identified, in numbers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, func, select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.places.models import Ward
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.wristbands import CodeKind
from lab_contingency.specimens.models import BedsideReading, Identification, Specimen
from lab_contingency.specimens.rules.matching import (
    ON_PAPER,
    Reading,
    Standing,
    Stop,
    standing,
    without_words,
)

_MOST = 500
_WARDS_MOST = 300


def standing_readings(request_id: uuid.UUID, actor: Actor) -> Standing:
    """What this person read for a card since they last took blood for it, as far as it counts."""
    statement = select(BedsideReading).where(
        BedsideReading.request_id == request_id, BedsideReading.by_id == actor.user_id
    )
    newest_first = statement.order_by(BedsideReading.place.desc()).limit(_MOST)
    rows = session().scalars(newest_first).all()
    return standing((_reading(row) for row in reversed(rows)), clock.now())


def _reading(row: BedsideReading) -> Reading:
    code = row.code.value if row.code else ""
    return Reading(row.thing, row.read_at, row.planned_tube_id, code, row.stop)


def identified_by(specimen_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """How the patient was known when a tube was taken, in words, by specimen."""
    statement = select(Identification).where(Identification.specimen_id.in_(list(specimen_ids)))
    return {row.specimen_id: _words(row) for row in session().scalars(statement)}


def _words(row: Identification) -> str:
    if row.code is not None:
        return f"wristband read ({row.code.value})"
    if row.reason == ON_PAPER:
        return without_words(row.reason)
    return f"no wristband read: {without_words(row.reason)}; said aloud"


@dataclass(frozen=True, slots=True)
class WardChecks:
    """How the patients of a ward were identified, and how often a round was stopped there."""

    ward: str
    by_wristband: int
    said: tuple[tuple[str, int], ...]
    stops: tuple[tuple[str, int], ...]

    @property
    def said_count(self) -> int:
        """Tubes taken without a wristband."""
        return sum(count for _, count in self.said)

    @property
    def stop_count(self) -> int:
        """Rounds that were stopped."""
        return sum(count for _, count in self.stops)


def bedside_checks(since: dt.datetime) -> tuple[WardChecks, ...]:
    """Ward by ward, those with most stops first. Numbers only."""
    bands: Counter[str] = Counter()
    said: dict[str, Counter[str]] = {}
    for ward, code, reason, count in session().execute(_identified(since)):
        if code is not None:
            bands[ward] += count
        elif reason != ON_PAPER:
            said.setdefault(ward, Counter())[without_words(reason)] += count
    stops: dict[str, Counter[str]] = {}
    for ward, stop, count in session().execute(_stopped(since)):
        stops.setdefault(ward, Counter())[stop.value if stop else ""] += count
    found = (
        WardChecks(ward, bands[ward], _most(said.get(ward)), _most(stops.get(ward)))
        for ward in {*bands, *said, *stops}
    )
    return tuple(sorted(found, key=lambda one: (-one.stop_count, -one.said_count, one.ward)))


def _most(counted: Counter[str] | None) -> tuple[tuple[str, int], ...]:
    return tuple(counted.most_common()) if counted else ()


def _identified(since: dt.datetime) -> Select[str, CodeKind | None, str, int]:
    return (
        select(Ward.name, Identification.code, Identification.reason, func.count())
        .join(Specimen, Specimen.id == Identification.specimen_id)
        .join(Request, Request.id == Specimen.request_id)
        .join(Ward, Ward.id == Request.ward_id)
        .where(Identification.identified_at >= since)
        .group_by(Ward.name, Identification.code, Identification.reason)
        .limit(_WARDS_MOST * 10)
    )


def _stopped(since: dt.datetime) -> Select[str, Stop | None, int]:
    return (
        select(Ward.name, BedsideReading.stop, func.count())
        .join(Request, Request.id == BedsideReading.request_id)
        .join(Ward, Ward.id == Request.ward_id)
        .where(BedsideReading.read_at >= since, BedsideReading.stop.is_not(None))
        .group_by(Ward.name, BedsideReading.stop)
        .limit(_WARDS_MOST * 10)
    )


def stops_lately(before: dt.timedelta) -> Select[int]:
    """Count how often a round was stopped so shortly before now: a statement of one number."""
    since = bindparam(
        "since",
        type_=BedsideReading.read_at.type,
        callable_=lambda: clock.now() - before,
        unique=True,
    )
    return select(func.count(BedsideReading.id)).where(
        BedsideReading.read_at >= since, BedsideReading.stop.is_not(None)
    )
