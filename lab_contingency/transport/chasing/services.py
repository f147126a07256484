"""Noting that a partner laboratory was rung. A result that comes back closes the rest by itself."""

from __future__ import annotations

import datetime as dt
import uuid

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.transport.chasing.commands import NoteCall
from lab_contingency.transport.chasing.models import ReferralCall, ReferralCallTest
from lab_contingency.transport.chasing.queries import open_assignments
from lab_contingency.transport.chasing.rules import LONGEST_WAIT, ring_again_at


def note_call(command: NoteCall, *, actor: Actor) -> dt.datetime:
    """Note a call about requests at a partner; answers when to ring again.

    Every test of them that is there and not back is meant. RuleBroken when none is any more.
    """
    _refuse_times(command)
    if not command.request_ids:
        raise RuleBroken("Tick what the call was about.", field="requests")
    if not command.said.strip():
        raise RuleBroken("Say what was said, or that nobody answered.", field="said")
    found = open_assignments(command.laboratory_id, command.request_ids, actor)
    if not found:
        raise RuleBroken(
            "Nothing of this is at that laboratory any more: the result came back, or it went elsewhere. "
            "Look at the list again.",
            field="requests",
        )
    call = _call(command, actor)
    session().add(call)
    session().flush()
    ring_at = ring_again_at(call.rung_at, command.ring_at, command.expected_at)
    for _, assignment_id in found:
        session().add(_about(call, assignment_id, command.expected_at, ring_at))
    session().flush()
    for request_id in dict.fromkeys(request_id for request_id, _ in found):
        record(
            "request:chased",
            request_id,
            actor=actor,
            laboratory=command.laboratory_id,
            expected_at=command.expected_at,
            ring_at=ring_at,
        )
    return ring_at


def _refuse_times(command: NoteCall) -> None:
    now = clock.now()
    for field, moment in (("expected_at", command.expected_at), ("ring_at", command.ring_at)):
        if moment is None:
            continue
        if moment <= now:
            raise RuleBroken("That time has passed. Type one to come.", field=field)
        if moment > now + LONGEST_WAIT:
            raise RuleBroken("That is more than two days away. Check the day.", field=field)


def _call(command: NoteCall, actor: Actor) -> ReferralCall:
    row_id = new_id()
    words = {"answered": command.answered.strip(), "said": command.said.strip()}
    return ReferralCall(
        id=row_id,
        laboratory_id=command.laboratory_id,
        rung_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        answered=bool(command.answered.strip()),
        sealed=seal(ReferralCall.__tablename__, row_id, words),
    )


def _about(
    call: ReferralCall,
    assignment_id: uuid.UUID,
    expected_at: dt.datetime | None,
    ring_at: dt.datetime,
) -> ReferralCallTest:
    return ReferralCallTest(
        id=new_id(),
        call_id=call.id,
        assignment_id=assignment_id,
        rung_at=call.rung_at,
        expected_at=expected_at,
        ring_at=ring_at,
    )
