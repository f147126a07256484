"""Tests asked again too soon: a warning with a way round it, never a silent block."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.web.disclosure import discloses
from lab_contingency.foundation.wording import duration_text, near_time_text
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.queries.links import same_person
from lab_contingency.requests.rules.statuses import TestStatus

DUPLICATE_WITHIN = dt.timedelta(hours=1)
_DO_NOT_COUNT = (TestStatus.DECLINED, TestStatus.REJECTED, TestStatus.WITHDRAWN)


@discloses(test_code=Field.TESTS, sentence=Field.TESTS)
@dataclass(frozen=True, slots=True)
class Repeat:
    """A test this patient had, or is waiting for, within its usual gap."""

    patient_id: uuid.UUID
    test_code: str
    last_at: dt.datetime
    sentence: str


def repeats_for(patient_id: uuid.UUID, tests: Iterable[str]) -> tuple[Repeat, ...]:
    """The tests among these that were asked for this patient within the usual gap.

    Where no interval is agreed, only the same test asked within the last hour counts: a duplicate.
    """
    codes = tuple(tests)
    last = (
        select(RequestedTest.test_code, func.max(Request.requested_at).label("last_at"))
        .join(Request, Request.id == RequestedTest.request_id)
        .where(
            Request.patient_id.in_(same_person(patient_id)),
            RequestedTest.test_code.in_(codes),
            RequestedTest.status.not_in(_DO_NOT_COUNT),
        )
        .group_by(RequestedTest.test_code)
    )
    found = (
        _repeat(patient_id, code, _aware(last_at)) for code, last_at in session().execute(last)
    )
    return tuple(
        sorted(
            (repeat for repeat in found if repeat), key=lambda repeat: codes.index(repeat.test_code)
        )
    )


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _repeat(patient_id: uuid.UUID, code: str, last_at: dt.datetime) -> Repeat | None:
    rule = catalogue().retest(code)
    gap = rule.after if rule is not None and rule.after is not None else DUPLICATE_WITHIN
    age = clock.now() - last_at
    if age >= gap:
        return None
    name = catalogue().test(code).label
    usual = (
        f"Usual gap {duration_text(gap)}." if gap != DUPLICATE_WITHIN else "It may be a duplicate."
    )
    return Repeat(
        patient_id,
        code,
        last_at,
        f"{name} was asked {duration_text(age)} ago ({near_time_text(last_at)}). {usual}",
    )
