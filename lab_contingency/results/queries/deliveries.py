"""Slips that wait to be printed, that are on their way, that nobody read. No name of a patient is read here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.incidents.rules import grouped
from lab_contingency.places.models import Site, Ward
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.scope import within
from lab_contingency.results.models import DeliveryList, Release, Slip, SlipDelivery
from lab_contingency.results.rules.slips import read_by

MOST = 300
MOST_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class DestinationQueue:
    """What waits to be printed for one destination."""

    ward_id: uuid.UUID
    ward: str
    site: str
    slips: int
    band: Band
    since: dt.datetime

    @property
    def at_once(self) -> int:
        """How many the next batch takes."""
        return min(self.slips, MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A list that is not all there, or a slip that was printed alone: `list_id` None."""

    list_id: uuid.UUID | None
    number: str
    ward: str
    telephone: str
    missing: int
    slips: int
    printed_at: dt.datetime
    by_name: str
    due_at: dt.datetime
    overdue: bool


@discloses(number=NOTHING, ward=Field.PLACE, telephone=NOTHING)
@dataclass(frozen=True, slots=True)
class NotRead:
    """A request whose results went out and that nobody acknowledged in time."""

    patient_id: uuid.UUID
    request_id: uuid.UUID
    number: str
    ward: str
    telephone: str
    band: Band
    since: dt.datetime
    due_at: dt.datetime
    arrived: bool


def slips_to_print(actor: Actor) -> tuple[DestinationQueue, ...]:
    """By destination: requests with results out that stand on no slip of the ward, the most pressing first."""
    statement = _waiting(actor).order_by(Request.band, func.min(Release.released_at), Request.id)
    found: dict[uuid.UUID, list[tuple[Band, dt.datetime]]] = {}
    for _, ward_id, band, since in session().execute(statement.limit(MOST)):
        found.setdefault(ward_id, []).append((band, _aware(since)))
    places = _places(found)
    return tuple(
        DestinationQueue(
            ward_id,
            places[ward_id].name,
            places[ward_id].site,
            len(rows),
            rows[0][0],
            min(since for _, since in rows),
        )
        for ward_id, rows in found.items()
    )


def waiting_slips(ward_id: uuid.UUID, actor: Actor, most: int = MOST_AT_ONCE) -> list[uuid.UUID]:
    """The requests of one destination whose slip waits to be printed, the most pressing first."""
    statement = (
        _waiting(actor)
        .where(Request.destination_id == ward_id)
        .order_by(Request.band, func.min(Release.released_at), Request.id)
        .limit(most)
    )
    return [request_id for request_id, *_ in session().execute(statement)]


def releases_of(request_id: uuid.UUID) -> int:
    """How often results of the request went out."""
    statement = select(func.count(Release.id)).where(Release.request_id == request_id)
    return session().scalars(statement).one()


def _waiting(
    actor: Actor,
) -> Select[uuid.UUID, uuid.UUID, Band, dt.datetime]:
    """Requests of which more went out than any slip for the ward says. What was read on a screen needs none.

    A slip for the ward where the patient was before says nothing to the one where the patient is.
    """
    said = (
        select(func.coalesce(func.max(SlipDelivery.releases), 0))
        .where(
            SlipDelivery.request_id == Request.id,
            SlipDelivery.destination_id == Request.destination_id,
        )
        .correlate(Request)
        .scalar_subquery()
    )
    unread = (
        select(Release.id)
        .where(Release.request_id == Request.id, Release.unread)
        .correlate(Request)
    )
    return (
        select(Request.id, Request.destination_id, Request.band, func.min(Release.released_at))
        .join(Release, Release.request_id == Request.id)
        .where(unread.exists(), within(actor))
        .group_by(Request.id, Request.destination_id, Request.band)
        .having(func.count(Release.id) > said)
    )


def on_the_way(actor: Actor) -> tuple[OnTheWay, ...]:
    """Lists and single slips whose arrival nobody has scanned, the first due first."""
    statement = (
        select(SlipDelivery, DeliveryList, Slip.number, Slip.by_name)
        .join(Request, Request.id == SlipDelivery.request_id)
        .join(Slip, Slip.id == SlipDelivery.slip_id)
        .outerjoin(DeliveryList, DeliveryList.id == SlipDelivery.list_id)
        .where(SlipDelivery.arrival.is_(None), within(actor))
        .order_by(SlipDelivery.due_at, SlipDelivery.id)
        .limit(MOST)
    )
    rows = list(session().execute(statement))
    places = _places({way.destination_id for way, *_ in rows})
    found: dict[uuid.UUID, list[tuple[SlipDelivery, DeliveryList | None, str, str]]] = {}
    for way, listed, number, by_name in rows:
        found.setdefault(way.list_id or way.id, []).append((way, listed, number, by_name))
    return tuple(_on_the_way(each, places) for each in found.values())


def _on_the_way(
    rows: Sequence[tuple[SlipDelivery, DeliveryList | None, str, str]],
    places: dict[uuid.UUID, _Place],
) -> OnTheWay:
    way, listed, number, by_name = rows[0]
    place = places[way.destination_id]
    return OnTheWay(
        list_id=listed.id if listed else None,
        number=grouped(listed.number if listed else number),
        ward=place.name,
        telephone=place.telephone,
        missing=len(rows),
        slips=listed.slips if listed else 1,
        printed_at=way.printed_at,
        by_name=by_name,
        due_at=way.due_at,
        overdue=way.due_at < clock.now(),
    )


def not_read(actor: Actor) -> tuple[NotRead, ...]:
    """Results that went out and were not acknowledged in time, the longest overdue first."""
    arrived = (
        select(SlipDelivery.id)
        .where(SlipDelivery.request_id == Request.id, SlipDelivery.ended_at.is_not(None))
        .correlate(Request)
    )
    statement = (
        select(
            Request.patient_id,
            Request.id,
            Request.number,
            Request.destination_id,
            Request.band,
            func.min(Release.released_at),
            arrived.exists(),
        )
        .join(Release, Release.request_id == Request.id)
        .where(Release.unread, within(actor), _late())
        .group_by(
            Request.patient_id, Request.id, Request.number, Request.destination_id, Request.band
        )
        .order_by(func.min(Release.released_at), Request.id)
        .limit(MOST)
    )
    rows = list(session().execute(statement))
    places = _places({row[3] for row in rows})
    found = [
        NotRead(
            patient_id,
            request_id,
            grouped(number),
            places[ward_id].name,
            places[ward_id].telephone,
            band,
            _aware(since),
            read_by(band, _aware(since)),
            there,
        )
        for patient_id, request_id, number, ward_id, band, since, there in rows
    ]
    return tuple(sorted(found, key=lambda row: row.due_at))


def _late() -> ColumnElement[bool]:
    """The condition on `Release` and `Request` that its time to be read has passed when it is asked."""
    return or_(
        *(
            (Request.band == band)
            & (
                Release.released_at
                < bindparam("read_by", callable_=partial(_unread_since, band), unique=True)
            )
            for band in Band
        )
    )


def _unread_since(band: Band) -> dt.datetime:
    """What went out before this moment and is not read is late now."""
    now = clock.now()
    return now - (read_by(band, now) - now)


def slips_waiting(actor: Actor) -> Select[int]:
    """Count the slips that wait to be printed for some place: a statement of one number."""
    return select(func.count()).select_from(_waiting(actor).subquery())


def overdue_slips(actor: Actor) -> Select[int]:
    """Count slips that are not there in time and requests nobody read in time: a statement of one number."""
    now = bindparam("now", type_=SlipDelivery.due_at.type, callable_=clock.now, unique=True)
    late = (
        select(func.count(SlipDelivery.id))
        .join(Request, Request.id == SlipDelivery.request_id)
        .where(SlipDelivery.arrival.is_(None), SlipDelivery.due_at < now, within(actor))
    )
    unread = (
        select(func.count(func.distinct(Release.request_id)))
        .join(Request, Request.id == Release.request_id)
        .where(Release.unread, within(actor), _late())
    )
    return select(late.scalar_subquery() + unread.scalar_subquery())


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    site: str
    telephone: str


def _places(ward_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, _Place]:
    statement = (
        select(Ward.id, Ward.name, Site.name, Ward.telephone)
        .join(Site, Site.id == Ward.site_id)
        .where(Ward.id.in_(list(ward_ids)))
    )
    return {row[0]: _Place(row[1], row[2], row[3]) for row in session().execute(statement)}


def _aware(moment: dt.datetime) -> dt.datetime:
    """SQLite forgets the zone of what is worked out."""
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
