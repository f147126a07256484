"""What waits at the bench and for a colleague's eyes, the most pressing first. Never paged."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, true

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.rules import is_transfusion
from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries import RequestView, TestView, request_views
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.models import Result, ResultReturn
from lab_contingency.results.queries.chains import PENDING, standing, typists
from lab_contingency.results.queries.gone import is_gone
from lab_contingency.results.rules.hands import Hands, authorise_refusal, check_refusal
from lab_contingency.results.rules.values import ResultStatus
from lab_contingency.specimens.queries import TubeView, tubes_by_request

MOST = 300


@discloses(label=Field.TESTS, critical=Field.RESULTS, discipline=Field.TESTS)
@dataclass(frozen=True, slots=True)
class BenchTest:
    """One test of a row: what is typed already, and whether something came back."""

    patient_id: uuid.UUID
    label: str
    typed: int
    sent_back: bool
    critical: bool
    discipline: Discipline
    planned_tube_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One request on the bench."""

    request: RequestView
    tests: tuple[BenchTest, ...]
    tubes: tuple[TubeView, ...]
    taken_at: dt.datetime | None
    overdue: bool
    expiring: bool

    @property
    def age(self) -> dt.timedelta | None:
        """How old the oldest sample is."""
        return clock.now() - self.taken_at if self.taken_at else None


@discloses(label=Field.TESTS, words=NOTHING, critical=Field.RESULTS)
@dataclass(frozen=True, slots=True)
class CheckTest:
    """One test of a row that waits for eyes."""

    patient_id: uuid.UUID
    label: str
    words: str
    critical: bool
    transfusion: bool
    sent_back: bool


@discloses(typed_by=NOTHING, refusal=NOTHING)
@dataclass(frozen=True, slots=True)
class CheckRow:
    """One request with typed results; what this person may do with it, or why not."""

    request: RequestView
    tests: tuple[CheckTest, ...]
    typed_by: str
    to_check: bool
    to_authorise: bool
    refusal: str
    overdue: bool

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose request it is."""
        return self.request.patient_id


@dataclass(frozen=True, slots=True)
class _Live:
    hands: Hands
    critical: bool
    by_name: str
    sent_back: bool


_EXPIRES_SOON = dt.timedelta(minutes=30)


def _here(actor: Actor) -> ColumnElement[bool]:
    if actor.laboratory_id is None:
        return true()
    return RequestedTest.laboratory_id == actor.laboratory_id


def _on_the_bench(actor: Actor) -> ColumnElement[bool]:
    """A test that can be typed here: its tube was received and has not left again undone."""
    return and_(_here(actor), RequestedTest.status == TestStatus.RECEIVED, ~is_gone())


def _requests_with(actor: Actor, which: ColumnElement[bool]) -> tuple[RequestView, ...]:
    asked = select(RequestedTest.request_id).where(which)
    return request_views(Request.id.in_(asked), actor, MOST)


def bench_worklist(actor: Actor) -> tuple[BenchRow, ...]:
    """The requests with a test on this laboratory's bench: band, due, unusable, received."""
    views = _requests_with(actor, _on_the_bench(actor))
    ids = [view.id for view in views]
    tubes, typed = tubes_by_request(ids, actor), _live(ids)
    lying = _lying(ids, actor)
    return tuple(_bench_row(view, tubes.get(view.id, ()), typed, lying) for view in views)


def _lying(request_ids: list[uuid.UUID], actor: Actor) -> frozenset[uuid.UUID]:
    """The tests of these requests that lie on the bench."""
    statement = select(RequestedTest.id).where(
        RequestedTest.request_id.in_(request_ids), _on_the_bench(actor)
    )
    return frozenset(session().scalars(statement))


def _bench_row(
    view: RequestView,
    tubes: tuple[TubeView, ...],
    typed: dict[uuid.UUID, list[_Live]],
    lying: frozenset[uuid.UUID],
) -> BenchRow:
    now = clock.now()
    tests = [test for test in view.tests if test.id in lying]
    wanted = {test.planned_tube_id for test in tests}
    mine = tuple(tube for tube in tubes if tube.planned_tube_id in wanted)
    taken = [tube.collected_at for tube in mine if tube.collected_at]
    again = any(tube.replaces_id for tube in mine)
    ends = [tube.unusable_at for tube in mine if tube.unusable_at]
    return BenchRow(
        request=view,
        tests=tuple(_bench_test(test, typed.get(test.id, [])) for test in tests),
        tubes=mine,
        taken_at=min(taken, default=None if again else view.collected_at),
        overdue=view.due_at < now,
        expiring=any(end - now < _EXPIRES_SOON for end in ends),
    )


def _is_here(test: TestView, actor: Actor) -> bool:
    return actor.laboratory_id is None or test.laboratory_id == actor.laboratory_id


def _bench_test(test: TestView, live: list[_Live]) -> BenchTest:
    return BenchTest(
        test.patient_id,
        test.test.label,
        len(live),
        any(each.sent_back for each in live),
        any(each.critical for each in live),
        test.test.discipline,
        test.planned_tube_id,
    )


def check_worklist(actor: Actor) -> tuple[CheckRow, ...]:
    """The requests with results that wait for a check or for authorisation at this laboratory."""
    waits = RequestedTest.status.in_([TestStatus.ENTERED, TestStatus.CHECKED])
    views = _requests_with(actor, and_(_here(actor), waits))
    live = _live([view.id for view in views])
    return tuple(_check_row(view, live, actor) for view in views)


def _check_row(view: RequestView, live: dict[uuid.UUID, list[_Live]], actor: Actor) -> CheckRow:
    tests = [
        test
        for test in view.tests
        if test.status in (TestStatus.ENTERED, TestStatus.CHECKED) and _is_here(test, actor)
    ]
    checks = [_refused(test, live, actor, check=True) for test in tests]
    signs = [_refused(test, live, actor, check=False) for test in tests]
    names = [each.by_name for test in tests for each in live.get(test.id, [])]
    return CheckRow(
        request=view,
        tests=tuple(_check_test(test, live.get(test.id, [])) for test in tests),
        typed_by=", ".join(dict.fromkeys(names)),
        to_check=any(not refused for refused in checks),
        to_authorise=any(not refused for refused in signs),
        refusal=next((refused for refused in (*checks, *signs) if refused), ""),
        overdue=view.due_at < clock.now(),
    )


def _refused(
    test: TestView, live: dict[uuid.UUID, list[_Live]], actor: Actor, *, check: bool
) -> str:
    if check and test.status is TestStatus.CHECKED:
        return "This is checked already."
    rule = check_refusal if check else authorise_refusal
    for each in live.get(test.id, []):
        if check and each.hands.status is ResultStatus.CHECKED:
            continue
        if sentence := rule(each.hands, actor.user_id):
            return sentence
    return ""


def _check_test(test: TestView, live: list[_Live]) -> CheckTest:
    return CheckTest(
        patient_id=test.patient_id,
        label=test.test.label,
        words=test.words,
        critical=any(each.critical for each in live),
        transfusion=is_transfusion(test.test),
        sent_back=any(each.sent_back for each in live),
    )


def _live(request_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[_Live]]:
    """The values that wait, by requested test; sealed values are opened only where typed again."""
    statement = (
        select(Result)
        .join(RequestedTest, RequestedTest.id == Result.requested_test_id)
        .where(Result.request_id.in_(request_ids), standing())
    )
    versions = session().scalars(statement).all()
    alike = typists(versions)
    rows = [row for row in versions if row.status in PENDING]
    returned = _returned(row.id for row in rows)
    found: dict[uuid.UUID, list[_Live]] = {}
    for row in rows:
        back = row.id in returned
        hands = Hands(
            row.source,
            row.status,
            row.needs_check,
            row.entered_by_id,
            row.checked_by_id,
            back,
            alike.get(row.id, frozenset()),
        )
        each = _Live(hands, row.is_critical, row.entered_by_name, back)
        found.setdefault(row.requested_test_id, []).append(each)
    return found


def _returned(result_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    ids = list(result_ids)
    if not ids:
        return set()
    return set(
        session().scalars(select(ResultReturn.result_id).where(ResultReturn.result_id.in_(ids)))
    )


def beside(request_id: uuid.UUID, actor: Actor) -> tuple[int, RequestView | None]:
    """How many other requests lie on this bench, and the most pressing of them."""
    statement = select(RequestedTest.request_id).where(
        _on_the_bench(actor), RequestedTest.request_id != request_id
    )
    others = select(func.count(func.distinct(statement.subquery().c.request_id)))
    count = session().scalars(others).one()
    first = request_views(Request.id.in_(statement), actor, 1)
    return count, first[0] if first else None


def last_received_at(actor: Actor) -> dt.datetime | None:
    """When the last request reached this laboratory, for an empty bench."""
    statement = select(func.max(RequestedTest.status_at)).where(
        _here(actor), RequestedTest.status.not_in([TestStatus.REQUESTED])
    )
    return session().scalars(statement).one_or_none()


def laboratory_name(actor: Actor) -> str:
    """The laboratory at which the person works."""
    return laboratory(actor.laboratory_id).name if actor.laboratory_id else "All laboratories"
