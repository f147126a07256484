"""Everything that waits, made into a problem: each test with every laboratory that can do it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import within
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.planning.commands import Locks
from lab_contingency.routing.planning.rules.options import (
    HOUR,
    SERIES,
    SERIES_WITHIN,
    Openings,
    Standing,
    days_of,
    openings,
    option_of,
    rooms_of,
)
from lab_contingency.routing.planning.rules.problem import Desk, Option, Problem, Task
from lab_contingency.routing.queries.facts import (
    RequestFacts,
    Setting,
    TestFacts,
    asked_of,
    candidate,
    card_of,
    facts_of,
    setting_at,
)
from lab_contingency.routing.queries.snapshot import Used, slots_used
from lab_contingency.routing.rules import Asked, Candidate, hour_of
from lab_contingency.specimens.rules import SpecimenStatus

MOST = 5000
PLANNED = (TestStatus.REQUESTED, TestStatus.ACCEPTED, TestStatus.ASSIGNED)
_DONE = (
    TestStatus.RECEIVED,
    TestStatus.ENTERED,
    TestStatus.CHECKED,
    TestStatus.AUTHORISED,
    TestStatus.AMENDED,
)
_CHUNK = 1000

Change = Callable[[Setting], Setting]
"""What is supposed otherwise than it is: for asking what would be if."""


@not_for_pages
@dataclass(frozen=True, slots=True)
class Waits:
    """One waiting test with what is known of it, and the laboratories as they stand for it, in their order.

    `begun_in`: where the patient's series of that test is done already. `unfixed_from`: where it was fixed, until that
    laboratory went out of action.
    """

    task: Task
    facts: TestFacts
    number: str
    band: Band
    due_at: dt.datetime
    asked: Asked
    candidates: tuple[Candidate, ...]
    locked: bool
    begun_in: uuid.UUID | None = None
    unfixed_from: uuid.UUID | None = None

    @property
    def standing_id(self) -> uuid.UUID | None:
        """Where it was to be done before."""
        return self.facts.laboratory_id if self.facts.status is TestStatus.ASSIGNED else None


@not_for_pages
@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, as a problem and test by test; `openings` of each laboratory; `now` is when it was read."""

    now: dt.datetime
    problem: Problem
    waits: Mapping[uuid.UUID, Waits]
    laboratory_ids: tuple[uuid.UUID, ...]
    openings: tuple[Openings, ...]
    setting: Setting


def queue_to_plan(
    now: dt.datetime,
    actor: Actor,
    locks: Locks,
    *,
    only_for: uuid.UUID | None = None,
    change: Change | None = None,
) -> Queue:
    """Everything in the scope that waits and has not left for its laboratory; `only_for`: bound for that one.

    What may move gives its place back before the plan is made. Held tests wait for triage, not for a plan.
    """
    requests = _requests(actor)
    tests = _movable(facts_of(requests), only_for)
    setting = setting_at(now)
    setting = _without_places(setting, [facts for facts in tests if facts.laboratory_id])
    if change is not None:
        setting = change(setting)
    return _Gathering(now, setting, requests, locks, _series(requests, tests, now)).queue(tests)


@not_for_pages
@dataclass(frozen=True, slots=True)
class _Row:
    id: uuid.UUID
    number: str
    band: Band
    due_at: dt.datetime
    site_id: uuid.UUID
    patient_id: uuid.UUID
    sealed: str


def _requests(actor: Actor) -> dict[uuid.UUID, _Row]:
    statement = (
        select(
            Request.id, Request.number, Request.band, Request.due_at, Request.site_id,
            Request.patient_id, Request.sealed,
        )
        .where(Request.closed_at.is_(None), within(actor))
        .order_by(Request.band, Request.due_at, Request.unusable_at, Request.received_at, Request.id)
        .limit(MOST)
    )  # fmt: skip
    rows = (_Row(**row) for row in session().execute(statement).mappings())
    return {row.id: row for row in rows}


def _movable(
    found: Mapping[uuid.UUID, Sequence[TestFacts]], only_for: uuid.UUID | None
) -> list[TestFacts]:
    return [
        facts
        for tests in found.values()
        for facts in tests
        if facts.status in PLANNED
        and not facts.test.bedside
        and not (
            facts.status is TestStatus.ASSIGNED and facts.tube_status is SpecimenStatus.DISPATCHED
        )
        and (
            only_for is None
            or (facts.status is TestStatus.ASSIGNED and facts.laboratory_id == only_for)
        )
    ]


def _without_places(setting: Setting, tests: Sequence[TestFacts]) -> Setting:
    """The places of these tests are free again."""
    ids = [facts.id for facts in tests]
    used: dict[tuple[uuid.UUID, Discipline], dict[dt.datetime, int]] = {
        key: dict(hours) for key, hours in setting.used.items()
    }
    for start in range(0, len(ids), _CHUNK):
        statement = select(Assignment.laboratory_id, Assignment.discipline, Assignment.hour).where(
            Assignment.requested_test_id.in_(ids[start : start + _CHUNK]),
            Assignment.ended_at.is_(None),
        )
        for laboratory_id, discipline, hour in session().execute(statement):
            hours = used.get((laboratory_id, discipline), {})
            if hours.get(hour, 0) > 0:
                hours[hour] -= 1
    freed: Used = used
    return replace(setting, used=freed, slots_used=slots_used(freed))


def _series(
    requests: Mapping[uuid.UUID, _Row], tests: Iterable[TestFacts], now: dt.datetime
) -> Mapping[tuple[uuid.UUID, str], uuid.UUID]:
    """Where a patient's series is done already, by patient and test: the last laboratory within a day."""
    patients = {
        requests[facts.request_id].patient_id for facts in tests if facts.test.code in SERIES
    }
    wanted, planned = list(patients), {facts.id for facts in tests}
    found: dict[tuple[uuid.UUID, str], uuid.UUID] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = (
            select(
                Request.patient_id, RequestedTest.test_code, RequestedTest.laboratory_id,
                RequestedTest.id,
            )
            .join(Request, Request.id == RequestedTest.request_id)
            .where(
                Request.patient_id.in_(wanted[start : start + _CHUNK]),
                RequestedTest.test_code.in_(SERIES),
                RequestedTest.status.in_((*_DONE, TestStatus.ASSIGNED)),
                RequestedTest.status_at >= now - SERIES_WITHIN,
            )
            .order_by(RequestedTest.status_at, RequestedTest.id)
        )  # fmt: skip
        for patient_id, code, laboratory_id, test_id in session().execute(statement):
            if test_id not in planned and laboratory_id is not None:
                found[patient_id, code] = laboratory_id
    return found


class _Gathering:
    """Makes the problem; what is alike for many tests is worked out once."""

    def __init__(
        self,
        now: dt.datetime,
        setting: Setting,
        requests: Mapping[uuid.UUID, _Row],
        locks: Locks,
        series: Mapping[tuple[uuid.UUID, str], uuid.UUID],
    ) -> None:
        self._now, self._setting, self._requests = now, setting, requests
        self._locks, self._series = locks, series
        self._laboratories = tuple(setting.snapshot.laboratories.values())
        self._candidates: dict[Hashable, tuple[Candidate, ...]] = {}
        self._openings: dict[uuid.UUID, Openings] = {}

    def queue(self, tests: Sequence[TestFacts]) -> Queue:
        """The whole of it."""
        parted = _parted(tests)
        waits = [self._waits(facts, parted) for facts in tests]
        days, dates = days_of(self._now)
        rooms, slots = self._desks({facts.test.discipline: facts for facts in tests}, dates)
        problem = Problem(
            hour_of(self._now),
            tuple(place.name for place in self._laboratories),
            tuple(one.task for one in waits),
            rooms,
            slots,
            days,
        )
        return Queue(
            self._now,
            problem,
            {one.task.id: one for one in waits},
            tuple(place.id for place in self._laboratories),
            tuple(self._openings.get(place.id, ()) for place in self._laboratories),
            self._setting,
        )

    def _waits(self, facts: TestFacts, parted: Mapping[uuid.UUID, uuid.UUID]) -> Waits:
        row = self._requests[facts.request_id]
        collected_at = card_of(row.id, row.sealed).collected_at
        request = RequestFacts(row.id, row.site_id, row.due_at, collected_at)
        asked = asked_of(self._setting, facts, request)
        candidates = self._as_they_stand(facts, request)
        lock, unfixed_from = self._locks.get(facts.id), None
        if lock in self._setting.outages:  # nobody can keep it there: it goes where it can be done
            lock, unfixed_from = None, lock
        options = self._options(facts, asked, candidates, parted)
        series = (row.patient_id, facts.test.code) if facts.test.code in SERIES else None
        task = Task(
            id=facts.id,
            tube=facts.tube or facts.id,
            discipline=facts.test.discipline,
            band=row.band,
            due=(row.due_at - hour_of(self._now)) / HOUR,
            options=self._narrowed(options, lock, series),
            series=series,
        )
        return Waits(
            task, facts, row.number, row.band, row.due_at, asked, candidates, lock is not None,
            self._series.get(series) if series else None, unfixed_from,
        )  # fmt: skip

    def _as_they_stand(self, facts: TestFacts, request: RequestFacts) -> tuple[Candidate, ...]:
        """Every laboratory for tests of that kind from that place."""
        key = (request.site_id, facts.starts_in, facts.received_in, facts.test.code)
        if key not in self._candidates:
            self._candidates[key] = tuple(
                candidate(self._setting, place, facts, request) for place in self._laboratories
            )
        return self._candidates[key]

    def _options(
        self,
        facts: TestFacts,
        asked: Asked,
        candidates: Iterable[Candidate],
        parted: Mapping[uuid.UUID, uuid.UUID],
    ) -> tuple[Option, ...]:
        standing_id = facts.laboratory_id if facts.status is TestStatus.ASSIGNED else None
        elsewhere = parted.get(facts.tube) if facts.tube else None
        found = []
        for place, one in enumerate(candidates):
            standing = Standing(
                carried=facts.starts_in != one.laboratory_id,
                chosen_elsewhere=standing_id is not None and standing_id != one.laboratory_id,
                tube_elsewhere=elsewhere is not None and elsewhere != one.laboratory_id,
            )
            opening = self._opening(one)
            option = option_of(place, asked, one, opening, self._now, standing)
            if option is not None:
                found.append(option)
        return tuple(found)

    def _opening(self, one: Candidate) -> Openings:
        if one.laboratory_id not in self._openings:
            self._openings[one.laboratory_id] = openings(one, self._now)
        return self._openings[one.laboratory_id]

    def _narrowed(
        self,
        options: tuple[Option, ...],
        lock: uuid.UUID | None,
        series: tuple[uuid.UUID, str] | None,
    ) -> tuple[Option, ...]:
        """Only where a person fixed it; only where its series is done, as long as that one can."""
        if lock is not None:
            return self._at(options, lock)
        begun_in = self._series.get(series) if series else None
        same = self._at(options, begun_in) if begun_in else ()
        return same or options

    def _at(self, options: Iterable[Option], laboratory_id: uuid.UUID) -> tuple[Option, ...]:
        return tuple(one for one in options if self._laboratories[one.place].id == laboratory_id)

    def _desks(
        self, kinds: Mapping[Discipline, TestFacts], dates: tuple[dt.date, ...]
    ) -> tuple[dict[Desk, tuple[int, ...]], dict[Desk, tuple[int, ...]]]:
        rooms: dict[Desk, tuple[int, ...]] = {}
        slots: dict[Desk, tuple[int, ...]] = {}
        for discipline, facts in kinds.items():
            row = self._requests[facts.request_id]
            request = RequestFacts(row.id, row.site_id, row.due_at, None)
            for place, one in enumerate(self._as_they_stand(facts, request)):
                rooms[place, discipline] = rooms_of(one, self._opening(one), self._now)
                if one.slots is not None:
                    slots[place, discipline] = tuple(
                        max(one.slots - one.slots_used.get(day, 0), 0) for day in dates
                    )
        return rooms, slots


def _parted(tests: Iterable[TestFacts]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Where other tests of a tube are done already, by tube: those that no plan moves."""
    movable: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for facts in tests:
        if facts.tube:
            movable[facts.tube].add(facts.id)
    found: dict[uuid.UUID, uuid.UUID] = {}
    tubes = list(movable)
    for start in range(0, len(tubes), _CHUNK):
        statement = select(
            RequestedTest.planned_tube_id, RequestedTest.id, RequestedTest.laboratory_id
        ).where(
            RequestedTest.planned_tube_id.in_(tubes[start : start + _CHUNK]),
            RequestedTest.status.in_((*_DONE, TestStatus.ASSIGNED)),
        )
        found |= {
            tube: laboratory_id
            for tube, test_id, laboratory_id in session().execute(statement)
            if tube and laboratory_id and test_id not in movable[tube]
        }
    return found
