"""Deciding: accept, hold, decline, another priority. Each is told on the requester's page."""

from __future__ import annotations

from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import LATEST_NEEDED_BY, Band
from lab_contingency.requests.rules.statuses import TRANSITIONS
from lab_contingency.requests.rules.statuses import WORDS as STATUS_WORDS
from lab_contingency.requests.services import Evidence, change_band, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.specimens.services import give_up_unwanted
from lab_contingency.triage.commands import AcceptTests, ChangePriority, DeclineTests, DeferTests
from lab_contingency.triage.models import TriageDecision
from lab_contingency.triage.rules import (
    ACTIONS,
    DecisionKind,
    Urgency,
    check_band,
    check_reason,
    needed_by_after,
)


def accept_tests(command: AcceptTests, *, actor: Actor) -> tuple[str, ...]:
    """Take tests on; returns their codes. ChangedByAnother for a row seen too long ago."""
    request = lock_request(command.request_id, actor=actor, version=command.version)
    return _decide(request, DecisionKind.ACCEPT, command.test_codes, actor=actor)


def defer_tests(command: DeferTests, *, actor: Actor) -> tuple[str, ...]:
    """Hold tests, with the reason that the ward reads; returns their codes."""
    check_reason(DecisionKind.DEFER, command.reason_code, command.reason, needed=True)
    request = lock_request(command.request_id, actor=actor, version=command.version)
    return _decide(
        request,
        DecisionKind.DEFER,
        command.test_codes,
        actor=actor,
        reason_code=command.reason_code,
        reason=command.reason,
    )


def decline_tests(command: DeclineTests, *, actor: Actor) -> tuple[str, ...]:
    """Refuse tests, with the reason and what to do instead; returns their codes.

    Tubes that nobody needs any more and no blood is in are given up with them.
    """
    check_reason(DecisionKind.DECLINE, command.reason_code, command.reason, needed=True)
    request = lock_request(command.request_id, actor=actor, version=command.version)
    declined = _decide(
        request,
        DecisionKind.DECLINE,
        command.test_codes,
        actor=actor,
        reason_code=command.reason_code,
        reason=command.reason,
        instead=command.instead,
    )
    give_up_unwanted(request.id, actor=actor)
    return declined


def change_priority(command: ChangePriority, *, actor: Actor, proof: Proof | None = None) -> None:
    """Give the whole request another band; a lower one needs a reason, what was asked stays.

    Lowering is a signature: people with a secret give it again with the form.
    """
    request = lock_request(command.request_id, actor=actor, version=command.version)
    before = request.band
    if request.closed_at is not None:
        raise RuleBroken("This request is finished. Its priority no longer changes anything.")
    check_band(before, command.band, command.reason_code, command.reason)
    signed = require(proof, actor=actor) if command.band.is_lower_than(before) else {}
    now = clock.now()
    if command.needed_by is not None and not now <= command.needed_by <= now + LATEST_NEEDED_BY:
        raise RuleBroken("Choose a time between now and 30 days from now.", field="needed_by")
    held = Urgency(before, request.needed_by, request.requested_at)
    needed_by = needed_by_after(held, command.band, command.needed_by, now)
    change_band(request, command.band, needed_by, actor=actor, **signed)
    _note(
        request,
        DecisionKind.PRIORITY,
        actor,
        bands=(before, command.band),
        reason_code=command.reason_code,
        reason=command.reason,
    )
    session().flush()


def _decide(
    request: Request,
    kind: DecisionKind,
    codes: tuple[str, ...],
    *,
    actor: Actor,
    reason_code: str = "",
    reason: str = "",
    instead: str = "",
) -> tuple[str, ...]:
    chosen = _chosen(request, kind, codes)
    evidence = Evidence(reason_code=reason_code, reason=reason)
    for test in chosen:
        move_test(request, test, ACTIONS[kind], evidence, actor=actor)
        _note(
            request, kind, actor, test=test, reason_code=reason_code, reason=reason, instead=instead
        )
    session().flush()
    decided = tuple(test.test_code for test in chosen)
    record(f"triage:{_PAST[kind]}", request.id, actor=actor, tests=decided, reason=reason_code)
    return decided


def _chosen(request: Request, kind: DecisionKind, codes: tuple[str, ...]) -> list[RequestedTest]:
    """The tests named, or every test the decision can still be made about."""
    sources = TRANSITIONS[ACTIONS[kind]].sources
    tests = {test.test_code: test for test in tests_of(request.id)}
    if not codes:
        chosen = [test for test in tests.values() if test.status in sources]
        if not chosen:
            raise RuleBroken(
                f"None of its tests can be {_PAST[kind]} now. Look at where they stand."
            )
        return chosen
    for code in codes:
        if code not in tests:
            raise RuleBroken(f"{code} is not on this request.", field="tests")
        if tests[code].status not in sources:
            stands = STATUS_WORDS[tests[code].status]
            raise RuleBroken(f"{code} is {stands}. It cannot be {_PAST[kind]} now.", field="tests")
    return [tests[code] for code in dict.fromkeys(codes)]


_PAST = {
    DecisionKind.ACCEPT: "accepted",
    DecisionKind.DEFER: "held",
    DecisionKind.DECLINE: "declined",
}


def _note(
    request: Request,
    kind: DecisionKind,
    actor: Actor,
    *,
    test: RequestedTest | None = None,
    bands: tuple[Band, Band] | None = None,
    reason_code: str = "",
    reason: str = "",
    instead: str = "",
) -> None:
    row_id = new_id()
    typed = {name: text for name, text in (("reason", reason), ("instead", instead)) if text}
    session().add(
        TriageDecision(
            id=row_id,
            request_id=request.id,
            requested_test_id=test.id if test else None,
            kind=kind,
            band_before=bands[0] if bands else None,
            band_after=bands[1] if bands else None,
            reason_code=reason_code,
            sealed=seal(TriageDecision.__tablename__, row_id, typed) if typed else None,
            decided_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
        )
    )
