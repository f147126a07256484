"""Critical calls: opened by the check, closed by a read-back that agrees or by a senior's reason."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import Request
from lab_contingency.requests.services import lock_request
from lab_contingency.results.commands import CloseWithoutCall, RecordAttempt, RecordCall
from lab_contingency.results.models import CallAttempt, CriticalCall, Result
from lab_contingency.results.queries.calls import request_of_call
from lab_contingency.results.rules.calls import (
    NOT_NEEDED_REASONS,
    AttemptOutcome,
    CallCause,
    CallOutcome,
    CallStatus,
    call_due,
    read_back_agrees,
)
from lab_contingency.results.rules.values import ResultStatus
from lab_contingency.results.services.loading import opened

_FUTURE = dt.timedelta(minutes=5)
_WHERE = "The call stays on the list. Read the result out again."


def open_calls(
    request: Request, checked: Iterable[Result], now: dt.datetime, *, actor: Actor
) -> tuple[uuid.UUID, ...]:
    """Put what was just checked on the call list, where it is critical or corrects what was telephoned.

    A call that stood for an older version of a value is closed in its favour.
    """
    rows = [row for row in checked if row.is_critical or row.version > 1]
    if not rows:
        return ()
    earlier = _earlier_calls(rows)
    return tuple(
        call_id
        for row in rows
        if (call_id := _open_call(request, row, earlier, now, actor)) is not None
    )


def _earlier_calls(rows: Iterable[Result]) -> dict[tuple[uuid.UUID, str], list[CriticalCall]]:
    test_ids = {row.requested_test_id for row in rows}
    statement = select(CriticalCall).where(CriticalCall.requested_test_id.in_(test_ids))
    found: dict[tuple[uuid.UUID, str], list[CriticalCall]] = {}
    for call in session().scalars(statement):
        found.setdefault((call.requested_test_id, call.analyte_code), []).append(call)
    return found


def _open_call(
    request: Request,
    row: Result,
    earlier: dict[tuple[uuid.UUID, str], list[CriticalCall]],
    now: dt.datetime,
    actor: Actor,
) -> uuid.UUID | None:
    calls = earlier.get((row.requested_test_id, row.analyte_code), [])
    if any(call.result_id == row.id for call in calls):
        return None
    for call in calls:
        if call.status is CallStatus.OPEN:
            _close(call, CallOutcome.PUT_RIGHT, {"result": str(row.id)}, actor)
    told = any(call.outcome is CallOutcome.TOLD for call in calls)
    if not row.is_critical and not told:
        return None
    call = CriticalCall(
        id=new_id(),
        request_id=request.id,
        requested_test_id=row.requested_test_id,
        result_id=row.id,
        analyte_code=row.analyte_code,
        cause=CallCause.CORRECTION if told else CallCause.CRITICAL,
        opened_at=now,
        due_at=call_due(request.band, now),
        status=CallStatus.OPEN,
    )
    session().add(call)
    session().flush()
    record("call:opened", call.id, actor=actor, analyte=row.analyte_code, due=call.due_at)
    return call.id


def record_call(command: RecordCall, *, actor: Actor, proof: Proof | None = None) -> None:
    """Close a call: somebody who may take it read the result back, and it agrees.

    It is a signature: people with a secret give it again with the form.
    """
    signed = require(proof, actor=actor)
    call, row = _open(command.call_id, actor)
    _refuse(_problems(command, row))
    at = _claimed(command.at, call)
    said = {
        "outcome": AttemptOutcome.TOLD.value,
        "number": command.number.strip(),
        "person": command.person.strip(),
        "role": command.role.value if command.role else "",
        "read_back": command.read_back.strip(),
        "will_do": command.will_do.strip(),
    }
    _note_attempt(call, said, at, actor, reached=True)
    _close(call, CallOutcome.TOLD, {**said, "at": at.isoformat()}, actor)
    record("call:made", call.id, actor=actor, occurred_at=at, **signed)


def record_failed_attempt(command: RecordAttempt, *, actor: Actor) -> None:
    """Note an attempt that told nobody; the call stays on the list."""
    call, _ = _open(command.call_id, actor)
    if command.outcome is AttemptOutcome.TOLD:
        raise RuleBroken("Record the call itself, with what was read back.", field="outcome")
    if not command.number.strip():
        raise RuleBroken("Type the number you rang.", field="number")
    at = _claimed(command.at, call)
    said = {
        "outcome": command.outcome.value,
        "number": command.number.strip(),
        "person": command.person.strip(),
        "read_back": command.read_back.strip(),
        "note": command.note.strip(),
    }
    _note_attempt(call, said, at, actor, reached=False)
    record("call:attempted", call.id, actor=actor, occurred_at=at, outcome=command.outcome.value)


def close_without_call(command: CloseWithoutCall, *, actor: Actor) -> None:
    """Take a call off the list with the reason why nobody needs to be rung."""
    call, _ = _open(command.call_id, actor)
    if command.reason_code not in NOT_NEEDED_REASONS:
        raise RuleBroken("Choose why no call is needed.", field="reason_code")
    if not command.note.strip():
        raise RuleBroken("Say in a sentence what this rests on: when and to whom.", field="note")
    said = {"reason_code": command.reason_code, "note": command.note.strip()}
    _close(call, CallOutcome.NOT_NEEDED, said, actor)
    record("call:not_needed", call.id, actor=actor, reason=command.reason_code)


def _open(call_id: uuid.UUID, actor: Actor) -> tuple[CriticalCall, Result]:
    """The open call and its result, the request locked, where this person may reach it."""
    lock_request(request_of_call(call_id, actor), actor=actor)
    statement = locked(select(CriticalCall).where(CriticalCall.id == call_id))
    call = session().scalars(statement.execution_options(populate_existing=True)).one()
    row = session().get(Result, call.result_id)
    if row is None:
        raise NotFound
    if call.status is CallStatus.CLOSED:
        raise RuleBroken(f"This call was closed by {call.closed_by_name}. Nothing is left to do.")
    if row.status is ResultStatus.SUPERSEDED:
        raise RuleBroken("This value is being put right. Ring when the new one has been checked.")
    return call, row


def _problems(command: RecordCall, row: Result) -> dict[str, str]:
    problems = {}
    if not command.number.strip():
        problems["number"] = "Type the number you rang."
    if not command.person.strip():
        problems["person"] = "Type the name of the person who took it."
    if command.role is None:
        problems["role"] = "Only a doctor, nurse, midwife or GP may take it. Ask for one of them."
    if not command.patient_agrees:
        problems["patient_agrees"] = (
            "Ask them for name, date of birth and number of the patient before you tell the result."
        )
    if not command.read_back.strip():
        problems["read_back"] = "Type what they read back."
    elif not read_back_agrees(opened(row), command.read_back):
        problems["read_back"] = f"What they read back is not the result. {_WHERE}"
    return problems


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise RulesBroken(problems)


def _claimed(at: dt.datetime | None, call: CriticalCall) -> dt.datetime:
    now = clock.now()
    if at is None:
        return now
    if at > now + _FUTURE:
        raise RuleBroken(
            "The call cannot have been made in the future. Check the time.", field="at"
        )
    if at < call.opened_at.replace(second=0, microsecond=0):
        raise RuleBroken("The call comes after the check. Check the time.", field="at")
    return at


def _note_attempt(
    call: CriticalCall, said: dict[str, Any], at: dt.datetime, actor: Actor, *, reached: bool
) -> None:
    row_id = new_id()
    session().add(
        CallAttempt(
            id=row_id,
            call_id=call.id,
            occurred_at=at,
            recorded_at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            reached=reached,
            sealed=seal(CallAttempt.__tablename__, row_id, said),
        )
    )


def _close(call: CriticalCall, outcome: CallOutcome, said: dict[str, Any], actor: Actor) -> None:
    call.status, call.outcome = CallStatus.CLOSED, outcome
    call.closed_at = clock.now()
    call.closed_by_id, call.closed_by_name = actor.user_id, actor.name
    call.sealed = seal(CriticalCall.__tablename__, call.id, said)
    session().flush()
