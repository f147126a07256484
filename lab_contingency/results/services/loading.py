"""The rows that every service of this storey works on: the locked request, its tests, its live values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from lab_contingency.accounts.rules import Role
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.sealing import unseal
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.scope import sees_test
from lab_contingency.requests.services import lock_request
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.results.models import Result, ResultReturn
from lab_contingency.results.queries.chains import PENDING, of_this_tube, typists
from lab_contingency.results.rules.hands import Hands
from lab_contingency.results.rules.values import ResultStatus, ResultValue, value_of

_BENCH_ROLES = {Role.LABORATORY.value, Role.PARTNER.value}
_Key = tuple[str, str]


@dataclass(slots=True)
class LiveValue:
    """The version of a value that stands, and whether a colleague sent it back."""

    row: Result
    sent_back: bool
    typed_by: frozenset[uuid.UUID] = frozenset()

    @property
    def value(self) -> ResultValue:
        """The value, unsealed."""
        return opened(self.row)

    @property
    def hands(self) -> Hands:
        """Whose hands it went through."""
        row = self.row
        return Hands(
            row.source,
            row.status,
            row.needs_check,
            row.entered_by_id,
            row.checked_by_id,
            self.sent_back,
            self.typed_by,
        )


@dataclass(slots=True)
class Work:
    """A locked request with its tests by code and its live values by (test, analyte).

    `versions`: every version of each value, oldest first; live is only what stands, of the tube and the
    laboratory by which the test is done now.
    """

    request: Request
    tests: dict[str, RequestedTest]
    live: dict[_Key, LiveValue]
    versions: dict[_Key, list[Result]] = field(default_factory=dict)

    def heard(self, key: _Key) -> bool:
        """Whether a version of the value was critical and checked: somebody may have heard of it."""
        return any(row.is_critical and row.checked_at for row in self.versions.get(key, ()))

    def supersede(self, keys: Iterable[_Key]) -> None:
        """Put these values aside for new ones, and with them what waits of their tests' other tubes."""
        replaced, tests = set(keys), {test for test, _ in keys}
        for key, rows in self.versions.items():
            for row in rows:
                foreign = row.status in PENDING and not of_this_tube(
                    row, self.tests[key[0]], self.request
                )
                if key in replaced or (key[0] in tests and foreign):
                    row.status = ResultStatus.SUPERSEDED
        session().flush()  # before the new versions come: one live version a value

    def of(self, test_code: str) -> list[LiveValue]:
        """The live values of one test."""
        return [held for (code, _), held in self.live.items() if code == test_code]

    def chosen(self, test_codes: Iterable[str]) -> list[RequestedTest]:
        """These tests of the request; RuleBroken for none, NotFound for one of another request."""
        codes = tuple(dict.fromkeys(test_codes))
        if not codes:
            raise RuleBroken("Tick at least one test.", field="tests")
        if not set(codes) <= self.tests.keys():
            raise NotFound
        return [self.tests[code] for code in codes]


def opened(row: Result) -> ResultValue:
    """Unseal the value of a row."""
    return value_of(unseal(Result.__tablename__, row.id, row.sealed))


def work_on(request_id: uuid.UUID, *, actor: Actor, version: int | None = None) -> Work:
    """Lock the request and load what stands on it, as far as this person sees it."""
    request = lock_request(request_id, actor=actor, version=version)
    tests = {
        test.test_code: test
        for test in tests_of(request.id)
        if sees_test(actor, test.laboratory_id, test.status)
    }
    codes = {test.id: test.test_code for test in tests.values()}
    statement = (
        select(Result)
        .where(Result.request_id == request.id, Result.requested_test_id.in_(codes))
        .order_by(Result.version)
    )
    rows = session().scalars(statement.execution_options(populate_existing=True)).all()
    returned = _returned([row.id for row in rows if row.status in PENDING])
    alike = typists(rows)
    work = Work(request, tests, {})
    for row in rows:
        key = (codes[row.requested_test_id], row.analyte_code)
        work.versions.setdefault(key, []).append(row)
        if _stands(row, tests[key[0]], request):
            work.live[key] = LiveValue(row, row.id in returned, alike.get(row.id, frozenset()))
    return work


def _stands(row: Result, test: RequestedTest, request: Request) -> bool:
    if row.status in PENDING:
        return of_this_tube(row, test, request)
    return row.status is not ResultStatus.SUPERSEDED


def _returned(result_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    if not result_ids:
        return set()
    statement = select(ResultReturn.result_id).where(ResultReturn.result_id.in_(result_ids))
    return set(session().scalars(statement))


def refuse_other_bench(test: RequestedTest, *, actor: Actor, field: str = "tests") -> None:
    """A laboratory works on what lies on its own bench; a senior may type what another telephoned."""
    if actor.role in _BENCH_ROLES and test.laboratory_id != actor.laboratory_id:
        name = catalogue().test(test.test_code).name
        raise RuleBroken(f"{name} is done by another laboratory.", field=field)


def count_on(request: Request) -> None:
    """What was typed changes the request's version, so that an older page is refused."""
    flag_modified(request, "next_tube")
    session().flush()
