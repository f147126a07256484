"""Values of a request in all their versions, unsealed, and what the patient had before."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, select, true

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import Analyte
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.foundation.web.disclosure import NOTHING, discloses
from lab_contingency.places.queries import laboratories, laboratory
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries.links import same_person
from lab_contingency.requests.scope import is_partner, within
from lab_contingency.results.models import CriticalCall, Result, ResultReturn
from lab_contingency.results.queries.chains import standing, typists
from lab_contingency.results.rules.calls import CallStatus
from lab_contingency.results.rules.comparing import Measured, alike, in_place_of, incomparable
from lab_contingency.results.rules.hands import Hands
from lab_contingency.results.rules.values import (
    STATUS_WORDS,
    Judged,
    ResultStatus,
    ResultValue,
    Source,
    is_worked_out,
    value_of,
)

_BEFORE_LOOKED_AT = 400


_WHOLE_VALUE = Field.RESULTS | Field.REMARKS


@discloses(by_name=NOTHING, reason=Field.REMARKS)
@dataclass(frozen=True, slots=True)
class SentBack:
    """Who could not agree with a value, when, and why."""

    patient_id: uuid.UUID
    by_name: str
    at: dt.datetime
    reason: str


@discloses(
    analyte=NOTHING,
    value=_WHOLE_VALUE,
    words=Field.RESULTS,
    comment=Field.REMARKS,
    said=Field.REMARKS,
    repeated=NOTHING,
    reason=Field.REMARKS,
    unit=NOTHING,
    interval=NOTHING,
    method=NOTHING,
    laboratory=NOTHING,
    critical=Field.RESULTS,
    flag_words=Field.RESULTS,
    mark=Field.RESULTS,
    status_words=NOTHING,
    **dict.fromkeys(("entered_by", "checked_by", "authorised_by"), NOTHING),
)
@dataclass(frozen=True, slots=True)
class ValueView:
    """One version of one value. Pages read its parts here, not through `value`."""

    id: uuid.UUID
    patient_id: uuid.UUID
    requested_test_id: uuid.UUID
    analyte: Analyte
    version: int
    value: ResultValue
    laboratory_id: uuid.UUID
    laboratory: str
    source: Source
    status: ResultStatus
    critical: bool
    hands: Hands
    measured_at: dt.datetime
    entered_at: dt.datetime
    entered_by: str
    checked_at: dt.datetime | None
    checked_by: str
    authorised_at: dt.datetime | None
    authorised_by: str
    sent_back: SentBack | None

    @property
    def words(self) -> str:
        """As shown to people."""
        return self.value.words

    @property
    def unit(self) -> str:
        """The issuer's unit."""
        return self.value.unit

    @property
    def interval(self) -> str:
        """What is usual there."""
        return self.value.interval

    @property
    def method(self) -> str:
        """How it was measured."""
        return self.value.method

    @property
    def comment(self) -> str:
        """What the laboratory says beside it."""
        return self.value.comment

    @property
    def said(self) -> str:
        """What is told beside it: whether it was repeated, and the comment."""
        return self.value.said

    @property
    def repeated(self) -> bool:
        """Whether somebody said if it was measured again."""
        return bool(self.value.repeated)

    @property
    def reason(self) -> str:
        """Why it was amended."""
        return self.value.reason

    @property
    def taken_at(self) -> dt.datetime | None:
        """When the blood was taken."""
        return self.value.taken_at

    @property
    def derived(self) -> bool:
        """Whether it is worked out, never typed."""
        return is_worked_out(self.analyte)

    @property
    def status_words(self) -> str:
        """Where it stands, as people say it."""
        return "sent back" if self.sent_back else STATUS_WORDS[self.status]

    @property
    def flag_words(self) -> str:
        """`critical`, `high`, `low` or nothing."""
        return Judged(self.value, self.critical).flag_words

    @property
    def mark(self) -> str:
        """The sign before the word of the flag."""
        return Judged(self.value, self.critical).mark


@discloses(value=_WHOLE_VALUE, words=Field.RESULTS, unit=NOTHING, laboratory=NOTHING)
@dataclass(frozen=True, slots=True)
class Before:
    """What the patient had last time, on another request: of this analyte, or of one in its place."""

    patient_id: uuid.UUID
    analyte: Analyte
    value: ResultValue
    taken_at: dt.datetime | None
    measured_at: dt.datetime
    laboratory: str

    @property
    def unit(self) -> str:
        """The unit it was issued in."""
        return self.value.unit

    @property
    def is_number(self) -> bool:
        """Whether it is a number: a sentence does not fit beside another."""
        return self.value.number is not None

    @property
    def words(self) -> str:
        """As shown to people."""
        return self.value.words

    @property
    def at(self) -> dt.datetime:
        """When the blood was taken, or else when it was measured."""
        return self.taken_at or self.measured_at


@dataclass(frozen=True, slots=True)
class CallState:
    """The standing call of a value: by when, or how it ended."""

    id: uuid.UUID
    status: CallStatus
    due_at: dt.datetime


def values_of(request_id: uuid.UUID, patient_id: uuid.UUID, actor: Actor) -> tuple[ValueView, ...]:
    """Every version of every value of a request the reader has reached, oldest first.

    What waits from a tube taken again since, or from another laboratory, is left out.
    """
    statement = (
        select(Result)
        .join(RequestedTest, RequestedTest.id == Result.requested_test_id)
        .where(Result.request_id == request_id, standing(), measured_for(actor))
        .order_by(Result.version)
    )
    rows = session().scalars(statement).all()
    returned, alike = _returns([row.id for row in rows], patient_id), typists(rows)
    return tuple(
        value_view(row, patient_id, returned.get(row.id), alike.get(row.id, frozenset()))
        for row in rows
    )


def value_view(
    row: Result,
    patient_id: uuid.UUID,
    sent_back: SentBack | None = None,
    typed_by: frozenset[uuid.UUID] = frozenset(),
) -> ValueView:
    """Unseal one row. The issuing laboratory is named as it was called when it issued the value."""
    value = value_of(unseal(Result.__tablename__, row.id, row.sealed))
    return ValueView(
        id=row.id,
        patient_id=patient_id,
        requested_test_id=row.requested_test_id,
        analyte=catalogue().analyte(row.analyte_code),
        version=row.version,
        value=value,
        laboratory_id=row.laboratory_id,
        laboratory=value.laboratory or laboratory(row.laboratory_id).name,
        source=row.source,
        status=row.status,
        critical=row.is_critical,
        hands=Hands(
            row.source,
            row.status,
            row.needs_check,
            row.entered_by_id,
            row.checked_by_id,
            sent_back is not None,
            typed_by,
        ),
        measured_at=row.occurred_at,
        entered_at=row.entered_at,
        entered_by=row.entered_by_name,
        checked_at=row.checked_at,
        checked_by=row.checked_by_name or "",
        authorised_at=row.authorised_at,
        authorised_by=row.authorised_by_name or "",
        sent_back=sent_back,
    )


def _returns(result_ids: list[uuid.UUID], patient_id: uuid.UUID) -> dict[uuid.UUID, SentBack]:
    statement = (
        select(ResultReturn)
        .where(ResultReturn.result_id.in_(result_ids))
        .order_by(ResultReturn.returned_at)
    )
    return {
        row.result_id: SentBack(
            patient_id,
            row.by_name,
            row.returned_at,
            unseal(ResultReturn.__tablename__, row.id, row.sealed)["reason"],
        )
        for row in session().scalars(statement)
    }


def measured_for(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Result`: a partner sees only what its own laboratory measured."""
    if is_partner(actor):
        return Result.laboratory_id == actor.laboratory_id
    return true()


def before_of(
    patient_id: uuid.UUID,
    request_id: uuid.UUID,
    analytes: Iterable[str],
    *,
    actor: Actor,
    until: dt.datetime | None = None,
) -> Mapping[str, Before]:
    """The last authorised value of each analyte on the patient's other requests, up to a moment.

    Also one of an analyte that others measure in its place, where that is the later: it is said why the two
    cannot be compared.

    Also what was measured under a prepared name, once it is said who that was. Only what this actor may read: requests in their scope, and for a partner its own results.
    """
    wanted = set(analytes)
    statement = (
        select(Result)
        .join(Request, Request.id == Result.request_id)
        .where(
            Request.patient_id.in_(same_person(patient_id)),
            Result.request_id != request_id,
            Result.analyte_code.in_(alike(wanted)),
            Result.status == ResultStatus.AUTHORISED,
            within(actor),
            measured_for(actor),
        )
        .order_by(Result.occurred_at.desc())
        .limit(_BEFORE_LOOKED_AT)
    )
    if until is not None:
        statement = statement.where(Result.occurred_at <= until)
    names = {each.id: each.name for each in laboratories()}
    found: dict[str, Before] = {}
    for row in session().scalars(statement):
        missing = (in_place_of(row.analyte_code) & wanted) - found.keys()
        if missing:
            found |= dict.fromkeys(missing, _before(row, patient_id, names))
    return found


def _before(row: Result, patient_id: uuid.UUID, names: Mapping[uuid.UUID, str]) -> Before:
    value = value_of(unseal(Result.__tablename__, row.id, row.sealed))
    return Before(
        patient_id,
        catalogue().analyte(row.analyte_code),
        value,
        value.taken_at,
        row.occurred_at,
        value.laboratory or names.get(row.laboratory_id, ""),
    )


def why_not_comparable(
    analyte: Analyte, now: ResultValue, laboratory: str, before: Before | None
) -> str:
    """Why a value cannot be compared with the one before, or nothing."""
    if before is None or before.value.not_done:
        return ""
    earlier = Measured(before.analyte.code, before.analyte.name, before.value, before.laboratory)
    issued = now.laboratory or laboratory
    return incomparable(Measured(analyte.code, analyte.name, now, issued), earlier)


def change_words(now: ResultValue, before: Before | None) -> str:
    """The difference to the value before, which is comparable: `+2.4`, `−8`; nothing where it means nothing."""
    if before is None or now.exact is None or before.value.exact is None:
        return ""
    difference: Decimal = now.exact - before.value.exact
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return f"{sign}{abs(difference):f}"


def calls_by_result(request_id: uuid.UUID) -> dict[uuid.UUID, CallState]:
    """The calls of a request, by the result they are about."""
    statement = select(CriticalCall).where(CriticalCall.request_id == request_id)
    return {
        row.result_id: CallState(row.id, row.status, row.due_at)
        for row in session().scalars(statement)
    }
