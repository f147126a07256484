"""What routing must know of each test: where its tube is, when it was taken, what is asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import RowMapping, select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules.vocabulary import Discipline, Test
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import forgotten_when_sealed, unseal
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.incidents.queries import Stop, stops
from lab_contingency.places.queries import LaboratoryView
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.beds import NOT_GIVEN
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.routing.queries.outages import Outage, outages
from lab_contingency.routing.queries.snapshot import (
    SlotsUsed,
    Snapshot,
    Used,
    places_used,
    slots_used,
    snapshot,
)
from lab_contingency.routing.rules import Asked, Candidate, Offer, Refusal, judge
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus

_CACHED = 4096
_CHUNK = 1000
OPEN_TO_ROUTING = (TestStatus.REQUESTED, TestStatus.ACCEPTED, TestStatus.DEFERRED)


@not_for_pages
@dataclass(frozen=True, slots=True)
class Card:
    """What the queue needs from the sealed part of a request."""

    bed: str
    callback: str
    collected_at: dt.datetime | None


@forgotten_when_sealed
@lru_cache(maxsize=_CACHED)
def card_of(request_id: uuid.UUID, sealed: str) -> Card:
    """By row and ciphertext: an altered row is never answered from memory."""
    held = unseal(Request.__tablename__, request_id, sealed)
    collected = held["collected_at"]
    return Card(
        held.get("bed", NOT_GIVEN),
        held["callback"],
        dt.datetime.fromisoformat(collected) if collected else None,
    )


@not_for_pages
@dataclass(frozen=True, slots=True)
class TestFacts:
    """One requested test and its tube. `tube_status` None while the tube is only planned."""

    __test__ = False

    id: uuid.UUID
    request_id: uuid.UUID
    test: Test
    status: TestStatus
    status_at: dt.datetime
    laboratory_id: uuid.UUID | None
    tube: uuid.UUID | None
    ordinal: int
    container: str
    tube_status: SpecimenStatus | None
    tube_laboratory_id: uuid.UUID | None
    tube_bound_for_id: uuid.UUID | None
    collected_at: dt.datetime | None
    received_at: dt.datetime | None

    @property
    def received_in(self) -> uuid.UUID | None:
        """The laboratory that holds the tube."""
        return self.tube_laboratory_id if self.tube_status is SpecimenStatus.RECEIVED else None

    @property
    def starts_in(self) -> uuid.UUID | None:
        """The laboratory from which the tube would be carried on; None: from its ward."""
        if self.tube_status is SpecimenStatus.DISPATCHED:
            return self.tube_bound_for_id
        return self.received_in


def facts_of(request_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[TestFacts]]:
    """The tests of requests in the catalogue's order, by request."""
    wanted = list(request_ids)
    found: dict[uuid.UUID, list[TestFacts]] = defaultdict(list)
    for start in range(0, len(wanted), _CHUNK):
        for facts in _read(wanted[start : start + _CHUNK]):
            found[facts.request_id].append(facts)
    for tests in found.values():
        tests.sort(key=lambda each: each.test.order)
    return found


def _read(request_ids: Sequence[uuid.UUID]) -> Iterable[TestFacts]:
    statement = (
        select(
            RequestedTest.id,
            RequestedTest.request_id,
            RequestedTest.test_code,
            RequestedTest.status,
            RequestedTest.status_at,
            RequestedTest.laboratory_id,
            RequestedTest.planned_tube_id,
            PlannedTube.ordinal,
            PlannedTube.container,
            Specimen.status.label("tube_status"),
            Specimen.laboratory_id.label("tube_laboratory_id"),
            Specimen.bound_for_id,
            Specimen.collected_at,
            Specimen.received_at,
        )
        .outerjoin(PlannedTube, PlannedTube.id == RequestedTest.planned_tube_id)
        .outerjoin(Specimen, Specimen.planned_tube_id == RequestedTest.planned_tube_id)
        .where(RequestedTest.request_id.in_(request_ids))
    )
    tests = catalogue().tests
    rows = session().execute(statement).mappings()
    return (_facts(row, tests[row["test_code"]]) for row in rows)


def _facts(row: RowMapping, test: Test) -> TestFacts:
    return TestFacts(
        id=row["id"],
        request_id=row["request_id"],
        test=test,
        status=row["status"],
        status_at=row["status_at"],
        laboratory_id=row["laboratory_id"],
        tube=row["planned_tube_id"],
        ordinal=row["ordinal"] or 0,
        container=row["container"] or test.container,
        tube_status=row["tube_status"],
        tube_laboratory_id=row["tube_laboratory_id"],
        tube_bound_for_id=row["bound_for_id"],
        collected_at=row["collected_at"],
        received_at=row["received_at"],
    )


@not_for_pages
@dataclass(frozen=True, slots=True)
class Setting:
    """Everything the judgement of a test depends on, read once."""

    snapshot: Snapshot
    used: Used
    slots_used: SlotsUsed
    stops: Mapping[str, Stop]
    now: dt.datetime
    outages: Mapping[uuid.UUID, Outage] = field(default_factory=dict)


def setting_at(now: dt.datetime) -> Setting:
    """Everything as it stands."""
    used = places_used(now)
    return Setting(snapshot(), used, slots_used(used), stops(), now, outages())


def offers_for(
    setting: Setting,
    tests: Sequence[TestFacts],
    request: RequestFacts,
) -> tuple[tuple[Asked, ...], dict[str, tuple[Offer | Refusal, ...]]]:
    """Every laboratory's answer to each test of one request."""
    asked, offers = [], {}
    before: dict[Discipline, int] = defaultdict(int)
    for facts in tests:
        one = asked_of(setting, facts, request)
        asked.append(one)
        ahead = before[facts.test.discipline]
        before[facts.test.discipline] += 1
        offers[facts.test.code] = tuple(
            judge(one, candidate(setting, laboratory, facts, request), setting.now, before=ahead)
            for laboratory in setting.snapshot.working
        )
    return tuple(asked), offers


@not_for_pages
@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What routing needs of the request itself."""

    id: uuid.UUID
    site_id: uuid.UUID
    due_at: dt.datetime
    collected_at: dt.datetime | None


def asked_of(setting: Setting, facts: TestFacts, request: RequestFacts) -> Asked:
    """The test as the rules see it."""
    stop = setting.stops.get(facts.test.code)
    collected_at = facts.collected_at or request.collected_at
    received = facts.received_at if facts.received_in else None
    limit = collected_at + facts.test.reject_after if collected_at else None
    return Asked(
        test=facts.test,
        needed_by=request.due_at,
        tube=facts.tube,
        collected_at=collected_at,
        stop=stop.sentence if stop else "",
        accepted_old=received is not None and limit is not None and received >= limit,
    )


def candidate(
    setting: Setting, laboratory: LaboratoryView, facts: TestFacts, request: RequestFacts
) -> Candidate:
    """The laboratory as it stands for that test."""
    net, discipline = setting.snapshot.network, facts.test.discipline
    offer = net.menu(laboratory.id).get(facts.test.code)
    start, key = facts.starts_in, (laboratory.id, discipline)
    if start is None:
        way = net.way(request.site_id, laboratory.id, setting.now)
    else:
        way = net.way_between(start, laboratory.id, setting.now)
    out = setting.outages.get(laboratory.id)
    hand_off = net.hand_off(laboratory.id) if start != laboratory.id else dt.timedelta(0)
    return Candidate(
        laboratory_id=laboratory.id,
        name=laboratory.name,
        own=laboratory.own,
        turnaround=offer.turnaround if offer else None,
        travel=way.arrives_at + hand_off - setting.now if way else None,
        hours=net.hours(laboratory.id),
        per_hour=setting.snapshot.per_hour[key],
        used=setting.used.get(key, {}),
        holds_tube=facts.received_in == laboratory.id,
        leaves_at=way.leaves_at if way and way.leaves_at > setting.now else None,
        slots=net.slots_a_day(*key),
        slots_used=setting.slots_used.get(key, {}),
        out=out.sentence if out else "",
        lapsed=net.lapsed(laboratory.id, setting.now),
    )
