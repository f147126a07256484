"""The rows that typing back and checking work on: the slip of a locked request, and what is open on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.services import lock_request
from lab_contingency.results.returned.models import ReturnLine, ReturnSlip, SlipReturn
from lab_contingency.results.services.loading import Work
from lab_contingency.transport.services import lock_reported_box

_REPLACED = "This slip was printed anew after its box was changed. Scan the newer one."
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A row of a slip with its requested test."""

    line: ReturnLine
    test: RequestedTest


def locked_slip(slip_id: uuid.UUID, *, actor: Actor) -> ReturnSlip:
    """The slip, its box and its request locked in that order, within the actor's scope; NotFound."""
    slip = session().get(ReturnSlip, slip_id)
    if slip is None:
        raise NotFound
    lock_reported_box(slip.consignment_id)
    lock_request(slip.request_id, actor=actor)
    session().refresh(slip)
    if slip.replaced_at is not None:
        raise RuleBroken(_REPLACED)
    return slip


def lines_of(slip: ReturnSlip, work: Work) -> dict[Key, SlipLine]:
    """The rows of the slip, by test and analyte, in its order."""
    tests = {test.id: test for test in work.tests.values()}
    statement = select(ReturnLine).where(ReturnLine.slip_id == slip.id).order_by(ReturnLine.ordinal)
    return {
        (tests[line.requested_test_id].test_code, line.analyte_code): SlipLine(
            line, tests[line.requested_test_id]
        )
        for line in session().scalars(statement)
    }


def open_return(slip: ReturnSlip) -> SlipReturn | None:
    """What was typed back from it and is not checked."""
    statement = select(SlipReturn).where(
        SlipReturn.slip_id == slip.id, SlipReturn.checked_at.is_(None)
    )
    return session().scalars(statement.execution_options(populate_existing=True)).one_or_none()
