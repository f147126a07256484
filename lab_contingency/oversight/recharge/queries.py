"""Counting what partner laboratories did in a month. Nothing of a patient is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, literal, literal_column, null, select

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.oversight.recharge.rules import Account, Line, Month, Work, accounts, month_of
from lab_contingency.places.models import Laboratory, Organisation, Site
from lab_contingency.places.rules import LaboratoryKind
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.results.models import Release

MONTHS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Recharge:
    """One month: an account for each organisation and partner."""

    month: Month
    accounts: tuple[Account, ...]

    @property
    def tests(self) -> int:
        """Tests that are charged."""
        return sum(one.tests for one in self.accounts)

    @property
    def unpriced(self) -> int:
        """Tests without an agreed price."""
        return sum(one.unpriced for one in self.accounts)

    @property
    def sum_pence(self) -> int:
        """What is charged in all."""
        return sum(one.sum_pence for one in self.accounts)


def recharge(month: Month) -> Recharge:
    """What was released in the London month, and what a partner had that was stopped in it."""
    begins, ends = month.bounds()
    rows = [
        *session().execute(_released(begins, ends)),
        *session().execute(_stopped(begins, ends)),
    ]
    return Recharge(month, accounts(_line(row) for row in rows))


def months() -> tuple[Month, ...]:
    """From this month back to the first in which a partner released anything."""
    statement = (
        select(Release.released_at)
        .join(Laboratory, Laboratory.id == Release.laboratory_id)
        .where(Laboratory.kind == LaboratoryKind.PARTNER)
        .order_by(Release.released_at)
        .limit(1)
    )
    first = session().scalars(statement).one_or_none()
    this = month_of(clock.now())
    last = min(month_of(first), this) if first else this
    found = [this]
    while found[-1] > last and len(found) < MONTHS_SHOWN:
        found.append(found[-1].before)
    return tuple(found)


def _released(begins: dt.datetime, ends: dt.datetime) -> Select[*tuple[Any, ...]]:
    work = case((Release.number > 1, literal(Work.AMENDED.value)), else_=literal(Work.FIRST.value))
    return _counted(work, Release.price_pence).join(
        Release, Release.requested_test_id == RequestedTest.id
    ).join(Laboratory, Laboratory.id == Release.laboratory_id).where(
        Laboratory.kind == LaboratoryKind.PARTNER,
        Release.released_at >= begins,
        Release.released_at < ends,
    )  # fmt: skip


def _stopped(begins: dt.datetime, ends: dt.datetime) -> Select[*tuple[Any, ...]]:
    withdrawn = RequestedTest.status == TestStatus.WITHDRAWN
    work = case((withdrawn, literal(Work.WITHDRAWN.value)), else_=literal(Work.REJECTED.value))
    return _counted(work, null()).join(
        Laboratory, Laboratory.id == RequestedTest.laboratory_id
    ).where(
        Laboratory.kind == LaboratoryKind.PARTNER,
        RequestedTest.status.in_((TestStatus.WITHDRAWN, TestStatus.REJECTED)),
        and_(RequestedTest.status_at >= begins, RequestedTest.status_at < ends),
    )  # fmt: skip


def _counted(work: Any, price: Any) -> Select[*tuple[Any, ...]]:
    """Tests counted by whose they are, who did them, which, what became of them, at which price."""
    columns = (
        Organisation.ods_code,
        Organisation.name,
        Laboratory.name,
        RequestedTest.test_code,
        work.label("work"),
        price.label("pence"),
    )
    # By position: engines do not agree that an expression with a bound word is the one selected.
    positions: Any = (literal_column(str(place)) for place in range(1, len(columns) + 1))
    return (
        select(*columns, func.count())
        .select_from(RequestedTest)
        .join(Request, Request.id == RequestedTest.request_id)
        .join(Site, Site.id == Request.site_id)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .group_by(*positions)
    )


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    code, name, laboratory, test_code, work, pence, count = row
    return Line(
        code,
        name,
        laboratory,
        test_code,
        catalogue().test(test_code).name,
        Work(work),
        pence,
        count,
    )
