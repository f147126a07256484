"""The laboratories and their network, kept in the process until somebody changes them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import String, func, select, type_coerce

from lab_contingency.audit.models import AuditEvent
from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.network.queries import Network, network
from lab_contingency.places.queries import LaboratoryView, WardView, laboratories, wards
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.rules import hour_of

_SUBJECTS = (
    "places", "network", "organisation", "site", "ward", "laboratory", "menu_entry", "opening_hours",
    "capacity", "link", "agreement",
)  # fmt: skip
_OF_PLACES = select(AuditEvent.id).where(AuditEvent.subject.in_(_SUBJECTS))
_AS_OF = select(
    type_coerce(
        _OF_PLACES.order_by(AuditEvent.recorded_at.desc(), AuditEvent.id)
        .limit(1)
        .scalar_subquery(),
        String,
    ),
    select(func.count()).where(AuditEvent.subject.in_(_SUBJECTS)).scalar_subquery(),
)
_GONE = (TestStatus.DECLINED, TestStatus.WITHDRAWN, TestStatus.REJECTED)

Used = Mapping[tuple[uuid.UUID, Discipline], Mapping[dt.datetime, int]]
SlotsUsed = Mapping[tuple[uuid.UUID, Discipline], Mapping[dt.date, int]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Laboratories (own ones first), wards, the network between them, places by London hour.

    `working`: the laboratories that were not retired, and may be asked.
    """

    laboratories: Mapping[uuid.UUID, LaboratoryView]
    wards: Mapping[uuid.UUID, WardView]
    network: Network
    working: tuple[LaboratoryView, ...]
    per_hour: Mapping[tuple[uuid.UUID, Discipline], tuple[int, ...]]


def snapshot() -> Snapshot:
    """As it stands: read anew when the audit tells of a change to places or the network."""
    newest, count = session().execute(_AS_OF).one()
    return _read((str(newest), count))


@lru_cache(maxsize=2)
def _read(_as_of: tuple[str, int]) -> Snapshot:
    held, net = laboratories(), network()
    return Snapshot(
        {laboratory.id: laboratory for laboratory in held},
        {ward.id: ward for ward in wards()},
        net,
        tuple(laboratory for laboratory in held if not laboratory.retired),
        {
            (laboratory.id, discipline): tuple(
                net.capacity(laboratory.id, discipline, hour) for hour in range(24)
            )
            for laboratory in held
            for discipline in Discipline
        },
    )


def places_used(now: dt.datetime) -> Used:
    """Places given from the London day's first hour on, by laboratory and discipline, then by the hour's start.

    A test that was declined, withdrawn or rejected gave its place back.
    """
    statement = (
        select(Assignment.laboratory_id, Assignment.discipline, Assignment.hour, func.count())
        .join(RequestedTest, RequestedTest.id == Assignment.requested_test_id)
        .where(
            Assignment.ended_at.is_(None),
            Assignment.hour >= hour_of(_midnight(now)),
            RequestedTest.status.not_in(_GONE),
        )
        .group_by(Assignment.laboratory_id, Assignment.discipline, Assignment.hour)
    )
    used: dict[tuple[uuid.UUID, Discipline], dict[dt.datetime, int]] = defaultdict(dict)
    for laboratory_id, discipline, hour, count in session().execute(statement):
        used[laboratory_id, discipline][hour] = count
    return used


def slots_used(used: Used) -> SlotsUsed:
    """The same places by London day: what counts against the slots that were agreed."""
    days: dict[tuple[uuid.UUID, Discipline], dict[dt.date, int]] = {}
    for key, hours in used.items():
        counted = days.setdefault(key, {})
        for hour, count in hours.items():
            day = clock.london(hour).date()
            counted[day] = counted.get(day, 0) + count
    return days


def _midnight(now: dt.datetime) -> dt.datetime:
    return clock.from_london(dt.datetime.combine(clock.london(now).date(), dt.time()))
