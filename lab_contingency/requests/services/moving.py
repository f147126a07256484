"""Moving one test: the only code that changes its status."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.commands import WithdrawTests
from lab_contingency.requests.models import (
    Request,
    RequestedTest,
    RequestReach,
    TestMove,
    TubeReach,
)
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction, TestStatus, next_status
from lab_contingency.requests.services.summary import lock_request, refresh, tests_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a move happened.

    `reason_code` is a word of ours, `reason` free text (sealed); `laboratory_id` where the test now belongs; `occurred_at` as claimed, the server's time otherwise.
    """

    reason_code: str = ""
    reason: str = ""
    laboratory_id: uuid.UUID | None = None
    occurred_at: dt.datetime | None = None
    planned_tube_id: uuid.UUID | None = None


def move_test(
    request: Request, test: RequestedTest, action: TestAction, evidence: Evidence, *, actor: Actor
) -> None:
    """Move a test of a locked request on; RuleBroken when the table of moves does not allow it."""
    before = test.status
    after = next_status(before, action, reason=evidence.reason or evidence.reason_code)
    test.status, test.status_at = after, clock.now()
    if evidence.laboratory_id is not None:
        test.laboratory_id = evidence.laboratory_id
        reach(request.id, evidence.laboratory_id, actor=actor)
    if evidence.planned_tube_id is not None:
        test.planned_tube_id = evidence.planned_tube_id
    move = TestMove(
        id=new_id(),
        requested_test_id=test.id,
        action=action,
        status_before=before,
        status_after=after,
        occurred_at=evidence.occurred_at or clock.now(),
        recorded_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        reason_code=evidence.reason_code,
    )
    move.sealed = _sealed_reason(move, evidence.reason)
    session().add(move)
    refresh(request)
    flag_modified(request, "next_tube")  # a moved test is a changed request: its version counts on
    details: dict[str, Any] = {"test": test.test_code, "before": before.value, "after": after.value}
    record(
        f"requested_test:{action.name.lower()}",
        test.id,
        actor=actor,
        changes=_changes(before, after, evidence),
        **details,
    )


def _changes(
    before: TestStatus, after: TestStatus, evidence: Evidence
) -> dict[str, tuple[Any, Any]] | None:
    """A move that somebody gave a reason for in words: withdrawn, amended, put off."""
    if not evidence.reason:
        return None
    return {"status": (before.value, after.value), "reason": (None, evidence.reason)}


def _sealed_reason(move: TestMove, reason: str) -> str | None:
    return seal(TestMove.__tablename__, move.id, {"reason": reason}) if reason else None


def reach(request_id: uuid.UUID, laboratory_id: uuid.UUID, *, actor: Actor) -> None:
    """From now on this laboratory may see the request; noted, because it widens who may."""
    if session().get(RequestReach, (request_id, laboratory_id)) is None:
        session().add(RequestReach(request_id=request_id, laboratory_id=laboratory_id))
        session().flush()
        record("request:reached", request_id, actor=actor, laboratory=laboratory_id)


def reach_tube(
    request_id: uuid.UUID,
    planned_tube_id: uuid.UUID,
    laboratory_id: uuid.UUID | None,
    received_at: dt.datetime | None,
    *,
    actor: Actor,
) -> None:
    """A tube is on its way to a laboratory, or came there; every other that waits for it waits no longer.

    `laboratory_id` None: it is on its way to none. What was received stays in a laboratory's sight.
    """
    statement = select(TubeReach).where(TubeReach.planned_tube_id == planned_tube_id)
    held = {row.laboratory_id: row for row in session().scalars(statement)}
    for row in held.values():
        if row.received_at is None and row.laboratory_id != laboratory_id:
            session().delete(row)
            record("tube:went_elsewhere", request_id, actor=actor, laboratory=row.laboratory_id)
    if laboratory_id is None:
        return
    if laboratory_id not in held:
        held[laboratory_id] = TubeReach(
            planned_tube_id=planned_tube_id, laboratory_id=laboratory_id, request_id=request_id
        )
        session().add(held[laboratory_id])
        record("tube:reached", request_id, actor=actor, laboratory=laboratory_id)
    held[laboratory_id].received_at = held[laboratory_id].received_at or received_at
    session().flush()


def withdraw_tests(command: WithdrawTests, *, actor: Actor) -> tuple[str, ...]:
    """Take tests back while no result stands; returns their codes."""
    request = lock_request(command.request_id, actor=actor, version=command.version)
    allowed = TRANSITIONS[TestAction.WITHDRAW].sources
    chosen = [
        test
        for test in tests_of(request.id)
        if test.test_code in command.test_codes and test.status in allowed
    ]
    if not chosen:
        raise RuleBroken(
            "None of these tests can be withdrawn any more. Ring the laboratory.", field="tests"
        )
    for test in chosen:
        move_test(request, test, TestAction.WITHDRAW, Evidence(reason=command.reason), actor=actor)
    return tuple(test.test_code for test in chosen)
