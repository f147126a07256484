"""What became of a request: every move of its tests, every correction. Told on a page by tracking only."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import not_for_pages
from lab_contingency.requests.models import RequestChange, RequestedTest, TestMove
from lab_contingency.requests.rules.statuses import TestAction, TestStatus


@not_for_pages
@dataclass(frozen=True, slots=True)
class MoveView:
    """One line of a test's history."""

    test_code: str
    action: TestAction
    after: TestStatus
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    by_name: str
    reason_code: str
    reason: str


@not_for_pages
@dataclass(frozen=True, slots=True)
class ChangeView:
    """One correction of a request."""

    kind: str
    recorded_at: dt.datetime
    by_name: str
    reason: str


def moves_of(request_id: uuid.UUID) -> tuple[MoveView, ...]:
    """Every move of every test of a request, oldest first."""
    statement = (
        select(TestMove, RequestedTest.test_code)
        .join(RequestedTest, RequestedTest.id == TestMove.requested_test_id)
        .where(RequestedTest.request_id == request_id)
        .order_by(TestMove.occurred_at, TestMove.id)
    )
    return tuple(_move_view(move, code) for move, code in session().execute(statement))


def _move_view(move: TestMove, code: str) -> MoveView:
    reason = unseal(TestMove.__tablename__, move.id, move.sealed)["reason"] if move.sealed else ""
    return MoveView(
        code,
        move.action,
        move.status_after,
        move.occurred_at,
        move.recorded_at,
        move.by_name,
        move.reason_code,
        reason,
    )


def changes_of(request_id: uuid.UUID) -> tuple[ChangeView, ...]:
    """Every correction of a request, oldest first."""
    statement = (
        select(RequestChange)
        .where(RequestChange.request_id == request_id)
        .order_by(RequestChange.recorded_at)
    )
    return tuple(
        ChangeView(
            row.kind,
            row.recorded_at,
            row.by_name,
            unseal(RequestChange.__tablename__, row.id, row.sealed)["reason"],
        )
        for row in session().scalars(statement)
    )
