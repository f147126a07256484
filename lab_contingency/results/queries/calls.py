"""The call list, and one call with all that is said aloud."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from lab_contingency.accounts.rules import Role
from lab_contingency.audit.rules import Field
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries import RequestView, request_view, request_views
from lab_contingency.requests.scope import tests_within, within
from lab_contingency.results.models import CallAttempt, CriticalCall, Result
from lab_contingency.results.queries.scripts import script
from lab_contingency.results.queries.values import (
    Before,
    ValueView,
    before_of,
    measured_for,
    value_view,
)
from lab_contingency.results.rules.calls import (
    NOT_NEEDED_REASONS,
    SIMILAR_WITHIN,
    CallCause,
    CallOutcome,
    CallStatus,
)
from lab_contingency.results.rules.values import ResultStatus, Source

MOST = 200
_BENCHES = frozenset({Role.LABORATORY.value, Role.PARTNER.value})


@discloses(
    by_name=NOTHING,
    number=Field.CONTACT,
    outcome=NOTHING,
    person=Field.CONTACT,
    role=NOTHING,
    read_back=Field.RESULTS,
)
@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to telephone."""

    patient_id: uuid.UUID
    at: dt.datetime
    by_name: str
    number: str
    outcome: str
    person: str
    role: str
    read_back: str
    reached: bool

    @property
    def misheard(self) -> bool:
        """Whether they read back something else."""
        return not self.reached and bool(self.read_back)


@discloses(words=Field.RESULTS | Field.TESTS, about=Field.TESTS)
@dataclass(frozen=True, slots=True)
class CallRow:
    """One call of the list."""

    id: uuid.UUID
    request: RequestView
    result: ValueView
    cause: CallCause
    due_at: dt.datetime
    overdue: bool
    attempts: int
    being_put_right: bool

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose result it is."""
        return self.request.patient_id

    @property
    def about(self) -> str:
        """`Potassium`."""
        return self.result.analyte.name

    @property
    def words(self) -> str:
        """`Potassium 6.8 mmol/L`."""
        value = self.result.value
        return f"{self.result.analyte.name} {value.words} {value.unit}".strip()


@discloses(
    by_name=NOTHING,
    person=Field.CONTACT,
    role=NOTHING,
    note=Field.REMARKS,
    why_not=lambda end: end.tells & Field.REMARKS,
)
@dataclass(frozen=True, slots=True)
class Ended:
    """How a call left the list."""

    patient_id: uuid.UUID
    outcome: CallOutcome
    at: dt.datetime
    by_name: str
    person: str
    role: str
    note: str

    @property
    def tells(self) -> Field:
        """What is said of the patient where it is told in words."""
        if self.outcome is CallOutcome.TOLD:
            return Field.CONTACT
        return Field.REMARKS if self.outcome is CallOutcome.NOT_NEEDED else Field(0)

    @property
    def why_not(self) -> str:
        """Why nobody was rung; nothing when somebody was told."""
        if self.outcome is CallOutcome.TOLD:
            return ""
        put_right = self.outcome is CallOutcome.PUT_RIGHT
        return "it was put right" if put_right else self.note.rstrip(".")


@discloses(
    similar=Field.RESULTS | Field.CONTACT,
    script=lambda page: (
        Field.NAME
        | Field.BORN
        | Field.TESTS
        | Field.RESULTS
        | (Field.REMARKS if page.row.result.comment else Field(0))
    ),
)
@dataclass(frozen=True, slots=True)
class CallPage:
    """A call and its script."""

    row: CallRow
    opened_at: dt.datetime
    before: Before | None
    wrong: ValueView | None
    similar: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    ended: Ended | None
    script: tuple[str, ...]
    following: CallRow | None
    position: int
    open_calls: int

    @property
    def patient_id(self) -> uuid.UUID:
        """Whose result it is."""
        return self.row.patient_id

    @property
    def elapsed(self) -> float:
        """The share of the time that has gone, 0 to 1."""
        whole = (self.row.due_at - self.opened_at).total_seconds()
        gone = (clock.now() - self.opened_at).total_seconds()
        return min(1.0, max(0.0, gone / whole))


def open_calls(actor: Actor) -> tuple[CallRow, ...]:
    """The calls of this person's laboratory that nobody has made, the first due first."""
    statement = (
        select(CriticalCall)
        .join(Request, Request.id == CriticalCall.request_id)
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .where(CriticalCall.status == CallStatus.OPEN, within(actor))
        .order_by(CriticalCall.due_at, CriticalCall.id)
        .limit(MOST)
    )
    if actor.laboratory_id is not None:
        statement = statement.where(rung_from(actor))
    calls = session().scalars(statement).all()
    ids = {call.request_id for call in calls}
    views = {view.id: view for view in request_views(Request.id.in_(ids), actor, MOST)}
    return _rows(calls, views)


def _rows(
    calls: Sequence[CriticalCall], views: Mapping[uuid.UUID, RequestView]
) -> tuple[CallRow, ...]:
    wanted = select(Result).where(Result.id.in_([call.result_id for call in calls]))
    results = {row.id: row for row in session().scalars(wanted)}
    counted = (
        select(CallAttempt.call_id, func.count(CallAttempt.id))
        .where(CallAttempt.call_id.in_([call.id for call in calls]))
        .group_by(CallAttempt.call_id)
    )
    tried = {call_id: count for call_id, count in session().execute(counted)}  # noqa: C416 - rows are typed
    return tuple(
        _row(call, views[call.request_id], results[call.result_id], tried.get(call.id, 0))
        for call in calls
    )


def _row(call: CriticalCall, view: RequestView, row: Result, attempts: int) -> CallRow:
    return CallRow(
        id=call.id,
        request=view,
        result=value_view(row, view.patient_id),
        cause=call.cause,
        due_at=call.due_at,
        overdue=call.status is CallStatus.OPEN and call.due_at < clock.now(),
        attempts=attempts,
        being_put_right=row.status is ResultStatus.SUPERSEDED,
    )


def reachable(actor: Actor) -> ColumnElement[bool]:
    """The condition on a call's `Request` and `RequestedTest`: a bench reaches the calls of its own tests."""
    if actor.role in _BENCHES:
        return and_(within(actor), rung_from(actor))
    return within(actor)


def rung_from(actor: Actor) -> ColumnElement[bool]:
    """The condition on a call and its `RequestedTest` for whose the call is: who did the test rings.

    What another laboratory reported on paper is rung by our own, which typed it back.
    """
    here = RequestedTest.laboratory_id == actor.laboratory_id
    if actor.role == Role.PARTNER.value:
        return here
    typed_back = select(Result.id).where(
        Result.id == CriticalCall.result_id, Result.source == Source.TYPED_BACK
    )
    return or_(here, typed_back.exists())


def request_of_call(call_id: uuid.UUID, actor: Actor) -> uuid.UUID:
    """The request of a call that this person may reach; NotFound."""
    statement = (
        select(CriticalCall.request_id)
        .join(Request, Request.id == CriticalCall.request_id)
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .where(CriticalCall.id == call_id, reachable(actor))
    )
    request_id = session().scalars(statement).one_or_none()
    if request_id is None:
        raise NotFound
    return request_id


def call_page(call_id: uuid.UUID, actor: Actor) -> CallPage:
    """One call this person may reach; NotFound."""
    request_of_call(call_id, actor)
    return _page(call_id, actor, open_calls(actor))


def call_pages(actor: Actor, most: int) -> tuple[CallPage, ...]:
    """The first calls of the list, each with all that is said aloud."""
    waiting = open_calls(actor)
    return tuple(_page(row.id, actor, waiting) for row in waiting[:most])


def _page(call_id: uuid.UUID, actor: Actor, waiting: tuple[CallRow, ...]) -> CallPage:
    call = session().get_one(CriticalCall, call_id)
    view = request_view(call.request_id, actor)
    (row,) = _rows([call], {view.id: view})
    code = row.result.analyte.code
    until = row.result.measured_at
    before = before_of(view.patient_id, view.id, [code], actor=actor, until=until).get(code)
    wrong = _wrong(call, view.patient_id)
    places = [each.id for each in waiting]
    position = places.index(call_id) if call_id in places else -1
    others = [each for each in waiting if each.id != call_id]
    return CallPage(
        row=row,
        opened_at=call.opened_at,
        before=before,
        wrong=wrong,
        similar=_similar(call, view, actor),
        attempts=_attempts(call_id, view.patient_id),
        ended=ended(call, view.patient_id),
        script=script(row.request.patient, row.result, before, wrong),
        following=others[0] if others else None,
        position=position + 1,
        open_calls=len(waiting),
    )


def _wrong(call: CriticalCall, patient_id: uuid.UUID) -> ValueView | None:
    """The value that was telephoned earlier, when this call corrects it."""
    if call.cause is not CallCause.CORRECTION:
        return None
    statement = (
        select(Result)
        .join(CriticalCall, CriticalCall.result_id == Result.id)
        .where(
            CriticalCall.requested_test_id == call.requested_test_id,
            CriticalCall.analyte_code == call.analyte_code,
            CriticalCall.outcome == CallOutcome.TOLD,
            CriticalCall.id != call.id,
        )
        .order_by(Result.version.desc())
    )
    row = session().scalars(statement).first()
    return value_view(row, patient_id) if row else None


def _similar(call: CriticalCall, view: RequestView, actor: Actor) -> tuple[str, ...]:
    """What of this analyte was telephoned for this patient within a week."""
    statement = (
        select(CriticalCall, Result)
        .join(Result, Result.id == CriticalCall.result_id)
        .join(Request, Request.id == CriticalCall.request_id)
        .where(
            Request.patient_id == view.patient_id,
            CriticalCall.analyte_code == call.analyte_code,
            CriticalCall.outcome == CallOutcome.TOLD,
            CriticalCall.id != call.id,
            CriticalCall.closed_at > clock.now() - SIMILAR_WITHIN,
            within(actor),
            measured_for(actor),
        )
        .order_by(CriticalCall.closed_at.desc())
        .limit(3)
    )
    found = []
    for told, row in session().execute(statement):
        said = _said(told)
        value = value_view(row, view.patient_id).value
        found.append(f"{value.words} {value.unit} told to {said.get('person', '')}".strip())
    return tuple(found)


def _said(call: CriticalCall) -> dict[str, Any]:
    return unseal(CriticalCall.__tablename__, call.id, call.sealed) if call.sealed else {}


def _attempts(call_id: uuid.UUID, patient_id: uuid.UUID) -> tuple[Attempt, ...]:
    statement = (
        select(CallAttempt)
        .where(CallAttempt.call_id == call_id)
        .order_by(CallAttempt.occurred_at, CallAttempt.id)
    )
    return tuple(_attempt(row, patient_id) for row in session().scalars(statement))


def _attempt(row: CallAttempt, patient_id: uuid.UUID) -> Attempt:
    said = unseal(CallAttempt.__tablename__, row.id, row.sealed)
    return Attempt(
        patient_id,
        row.occurred_at,
        row.by_name,
        said.get("number", ""),
        said.get("outcome", ""),
        said.get("person", ""),
        said.get("role", ""),
        said.get("read_back", ""),
        row.reached,
    )


def ended(call: CriticalCall, patient_id: uuid.UUID) -> Ended | None:
    """How and at what time a call left the list; None while it is open."""
    if call.outcome is None or call.closed_at is None:
        return None
    said = _said(call)
    at = dt.datetime.fromisoformat(said["at"]) if "at" in said else call.closed_at
    reason = NOT_NEEDED_REASONS.get(said.get("reason_code", ""), "")
    note = " ".join(part for part in (reason, said.get("note", "")) if part)
    return Ended(
        patient_id,
        call.outcome,
        at,
        call.closed_by_name or "",
        said.get("person", ""),
        said.get("role", ""),
        note,
    )


def endings_of(request_id: uuid.UUID, actor: Actor) -> dict[uuid.UUID, Ended | None]:
    """How the calls of a request ended that this person sees, by result; None while nobody has been told."""
    statement = (
        select(CriticalCall, Request.patient_id)
        .join(Request, Request.id == CriticalCall.request_id)
        .join(RequestedTest, RequestedTest.id == CriticalCall.requested_test_id)
        .where(CriticalCall.request_id == request_id, tests_within(actor))
    )
    return {call.result_id: ended(call, whose) for call, whose in session().execute(statement)}
