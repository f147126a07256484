"""Months of London, what is charged, sums."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.oversight.recharge.rules import (
    CHARGED,
    Line,
    Month,
    Work,
    accounts,
    month_of,
    pounds,
    read_month,
)

pytestmark = pytest.mark.feature(100)
months = st.builds(Month, st.integers(2001, 2090), st.integers(1, 12))


def a_line(work=Work.FIRST, pence: int | None = 1050, count=3, organisation="King’s") -> Line:
    return Line("RJZ", organisation, "SWLP", "CRP", "CRP", work, pence, count)


@given(months, st.integers(0, 60 * 24 * 27))
def test_months_follow_each_other_without_a_gap(month, minutes):
    begins, ends = month.bounds()
    assert month.after.bounds()[0] == ends
    assert month.before.after == month.after.before == month
    assert month_of(begins + dt.timedelta(minutes=minutes)) == month
    assert month_of(begins - dt.timedelta(minutes=1)) == month.before
    assert read_month(month.value) == month


def test_the_last_hour_of_june_is_londons():
    assert month_of(dt.datetime(2026, 6, 30, 22, 59, tzinfo=dt.UTC)) == Month(2026, 6)
    assert month_of(dt.datetime(2026, 6, 30, 23, 0, tzinfo=dt.UTC)) == Month(2026, 7)


@pytest.mark.parametrize("typed", ["", "2026-13", "26-01", "2026-1", "2026-01-01", "=1+1"])
def test_what_is_no_month_is_none(typed):
    assert read_month(typed) is None


@pytest.mark.parametrize("work", list(Work))
def test_only_a_first_result_is_charged(work):
    assert CHARGED[work] is (work is Work.FIRST)
    assert a_line(work).sum_pence == (3150 if work is Work.FIRST else 0)


def test_a_test_without_a_price_is_counted_and_told_apart():
    (account,) = accounts([a_line(pence=None), a_line()])
    assert (account.tests, account.unpriced, account.sum_pence) == (6, 3, 3150)


def test_each_organisation_has_its_own_account():
    assert [one.organisation for one in accounts([a_line(), a_line(organisation="Guy’s")])] == [
        "Guy’s",
        "King’s",
    ]


def test_pounds_are_written_with_two_places():
    assert [pounds(pence) for pence in (0, 5, 123_456)] == ["0.00", "0.05", "1,234.56"]
