"""The second and the third pair of eyes: checking, sending back, authorising."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable

from sqlalchemy import func, select, update

from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.network.queries import price_of
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestAction, TestStatus
from lab_contingency.requests.services import Evidence, move_test
from lab_contingency.results.commands import AuthoriseResults, CheckResults, SendBack
from lab_contingency.results.models import Release, ResultReturn
from lab_contingency.results.queries.chains import PENDING
from lab_contingency.results.rules.hands import (
    BY_THE_PAGE,
    Hands,
    authorise_refusal,
    check_refusal,
)
from lab_contingency.results.rules.values import ResultStatus, Source
from lab_contingency.results.services.calling import open_calls
from lab_contingency.results.services.loading import (
    LiveValue,
    Work,
    count_on,
    refuse_other_bench,
    work_on,
)

_Refusal = Callable[[Hands, uuid.UUID | None], str | None]
_NEXT = {
    TestStatus.RECEIVED: "It is not typed whole yet.",
    TestStatus.CHECKED: "It is checked already and waits to be authorised.",
    TestStatus.AUTHORISED: "It is authorised already.",
    TestStatus.AMENDED: "It is authorised already.",
}


def check_results(command: CheckResults, *, actor: Actor) -> tuple[uuid.UUID, ...]:
    """A second person agrees with what was typed; returns the critical calls this opens."""
    work = work_on(command.request_id, actor=actor, version=command.version)
    tests = work.chosen(command.tests)
    fresh = _pending(work, tests, {TestStatus.ENTERED}, check_refusal, actor)
    now = clock.now()
    for held in fresh:
        if held.row.status is ResultStatus.ENTERED:
            held.row.status = ResultStatus.CHECKED
            _sign_check(held, actor)
    for test in tests:
        move_test(work.request, test, TestAction.CHECK, Evidence(), actor=actor)
    calls = open_calls(work.request, [held.row for held in fresh], now, actor=actor)
    record("result:checked", work.request.id, actor=actor, tests=list(command.tests))
    return calls


def authorise_results(
    command: AuthoriseResults, *, actor: Actor, proof: Proof | None = None
) -> tuple[uuid.UUID, ...]:
    """Release tests for reading and printing; returns the releases.

    It is a signature: people with a secret give it again with the form.

    Whoever authorises did not type. Where nothing is critical or of transfusion, a second person may
    authorise straight from the typed state: that is check and authorisation in one.
    """
    signed = require(proof, actor=actor)
    work = work_on(command.request_id, actor=actor, version=command.version)
    tests = work.chosen(command.tests)
    allowed = {TestStatus.ENTERED, TestStatus.CHECKED}
    waiting = _pending(work, tests, allowed, authorise_refusal, actor)
    for held in waiting:
        if held.row.checked_at is None:
            _sign_check(held, actor)
        held.row.status = ResultStatus.AUTHORISED
        held.row.authorised_at = clock.now()
        held.row.authorised_by_id, held.row.authorised_by_name = actor.user_id, actor.name
    releases = _send_out(work, tests, actor)
    open_calls(work.request, [held.row for held in waiting], clock.now(), actor=actor)
    tests_said = list(command.tests)
    record("result:authorised", work.request.id, actor=actor, tests=tests_said, **signed)
    return releases


def release_typed_back(
    work: Work, tests: Iterable[RequestedTest], signed_there: str, *, actor: Actor
) -> tuple[uuid.UUID, ...]:
    """Release tests of a locked request that this person has just compared with another laboratory's page.

    `signed_there`: who authorised them, as the page says. The person is their checker; the caller has asked
    the rules who that may be. Returns the critical calls this opens.
    """
    tests = list(tests)
    waiting = [
        held
        for test in tests
        for held in work.of(test.test_code)
        if held.row.status in PENDING and held.row.source is Source.TYPED_BACK
    ]
    for held in waiting:
        _sign_check(held, actor)
        held.row.status = ResultStatus.AUTHORISED
        held.row.authorised_at, held.row.authorised_by_name = clock.now(), signed_there
    for test in tests:
        move_test(work.request, test, TestAction.CHECK, Evidence(), actor=actor)
    _send_out(work, tests, actor)
    return open_calls(work.request, [held.row for held in waiting], clock.now(), actor=actor)


def _send_out(work: Work, tests: list[RequestedTest], actor: Actor) -> tuple[uuid.UUID, ...]:
    """Move signed tests to where the ward reads them, and note what went out."""
    numbers = _release_numbers(tests)
    for test in tests:
        again = numbers[test.id] > 1
        action = TestAction.AUTHORISE_AMENDMENT if again else TestAction.AUTHORISE
        move_test(work.request, test, action, Evidence(), actor=actor)
    return _release(work, tests, numbers, actor)


def send_back(command: SendBack, *, actor: Actor) -> None:
    """These values do not agree with the print-out: they cannot go on until they are typed again."""
    if not command.reason.strip():
        raise RuleBroken("Say what does not agree.", field="reason")
    if not command.values:
        raise RuleBroken("Tick the values that do not agree.", field="values")
    work = work_on(command.request_id, actor=actor, version=command.version)
    for key in dict.fromkeys(command.values):
        held = work.live.get(key)
        if held is None or held.row.status not in PENDING:
            raise RuleBroken("One of these is no longer waiting. Look at what is there now.")
        if held.row.source is Source.TYPED_BACK:
            raise RuleBroken(BY_THE_PAGE)
        refuse_other_bench(work.tests[key[0]], actor=actor)
        note_return(held, command.reason.strip(), actor=actor)
    count_on(work.request)
    values = [f"{test}-{analyte}" for test, analyte in command.values]
    record("result:sent_back", work.request.id, actor=actor, values=values)


def note_return(held: LiveValue, reason: str, *, actor: Actor) -> None:
    """Keep that a colleague could not agree with a value, and why."""
    row_id = new_id()
    session().add(
        ResultReturn(
            id=row_id,
            result_id=held.row.id,
            returned_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            sealed=seal(ResultReturn.__tablename__, row_id, {"reason": reason}),
        )
    )


def _sign_check(held: LiveValue, actor: Actor) -> None:
    held.row.checked_at = clock.now()
    held.row.checked_by_id, held.row.checked_by_name = actor.user_id, actor.name


def _pending(
    work: Work,
    tests: Iterable[RequestedTest],
    allowed: set[TestStatus],
    refusal: _Refusal,
    actor: Actor,
) -> list[LiveValue]:
    """The values of these tests that wait, when this person may act on each; RuleBroken otherwise."""
    found = []
    for test in tests:
        name = catalogue().test(test.test_code).name
        refuse_other_bench(test, actor=actor)
        if test.status not in allowed:
            raise RuleBroken(
                f"{name}: {_NEXT.get(test.status, 'It has no result yet.')}", field="tests"
            )
        waiting = [held for held in work.of(test.test_code) if held.row.status in PENDING]
        for held in waiting:
            fresh = held.row.status is ResultStatus.ENTERED or refusal is authorise_refusal
            if fresh and (sentence := refusal(held.hands, actor.user_id)):
                raise RuleBroken(f"{name}: {sentence}", field="tests")
        if not waiting:
            raise NotFound
        found += waiting
    return found


def _release_numbers(tests: Iterable[RequestedTest]) -> dict[uuid.UUID, int]:
    """The number of the release that each test is about to get."""
    ids = [test.id for test in tests]
    statement = (
        select(Release.requested_test_id, func.max(Release.number))
        .where(Release.requested_test_id.in_(ids))
        .group_by(Release.requested_test_id)
    )
    highest = dict(session().execute(statement).all())
    return {test_id: highest.get(test_id, 0) + 1 for test_id in ids}


def _release(
    work: Work, tests: Iterable[RequestedTest], numbers: dict[uuid.UUID, int], actor: Actor
) -> tuple[uuid.UUID, ...]:
    """Note what went out; a newer release takes the place of the one before as the one to read."""
    again = [test_id for test_id, number in numbers.items() if number > 1]
    if again:
        session().execute(
            update(Release)
            .where(Release.requested_test_id.in_(again), Release.unread)
            .values(unread=False)
        )
    rows = [_released(work, test, numbers[test.id], actor) for test in tests]
    session().add_all(rows)
    session().flush()
    return tuple(row.id for row in rows)


def _released(work: Work, test: RequestedTest, number: int, actor: Actor) -> Release:
    if test.laboratory_id is None:
        raise NotFound
    return Release(
        id=new_id(),
        request_id=work.request.id,
        requested_test_id=test.id,
        number=number,
        released_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        unread=True,
        laboratory_id=test.laboratory_id,
        price_pence=price_of(test.laboratory_id, test.test_code),
    )
