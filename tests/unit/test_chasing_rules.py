"""When a referred test is overdue, when somebody rings again, who comes first."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.requests.models import NOT_BACK as INDEXED
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.statuses import FINAL, TestStatus
from lab_contingency.transport.chasing.rules import (
    GRACE,
    NOT_BACK,
    RING_AFTER_PROMISE,
    RING_AGAIN,
    due_back,
    order,
    ring_again_at,
    to_ring,
)

NOW = dt.datetime(2026, 11, 24, 3, 40, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
moments = st.integers(-600, 600).map(lambda minutes: NOW + dt.timedelta(minutes=minutes))


def test_nothing_pressing_is_given_time():
    assert due_back(NOW, Band.P1) == NOW
    assert [GRACE[band] for band in Band] == sorted(GRACE.values())


def test_the_index_of_what_is_not_back_says_the_same():
    assert (
        str(INDEXED)
        == f"requested_test.status IN ({', '.join(repr(str(one)) for one in NOT_BACK)})"
    )


def test_a_result_that_was_authorised_is_no_longer_chased():
    assert not set(NOT_BACK) & set(FINAL)
    assert TestStatus.REJECTED not in NOT_BACK


@pytest.mark.parametrize(
    ("asked", "promised", "at"),
    [
        (None, None, NOW + RING_AGAIN),
        (None, NOW + 2 * HOUR, NOW + 2 * HOUR + RING_AFTER_PROMISE),
        (NOW + HOUR, NOW + 2 * HOUR, NOW + HOUR),
    ],
)
def test_when_somebody_rings_again(asked, promised, at):
    assert ring_again_at(NOW, asked, promised) == at


@given(st.lists(st.tuples(moments, st.none() | moments, st.sampled_from(list(Band))), max_size=30))
def test_what_is_to_be_rung_stands_before_everything_and_what_is_overdue_before_the_rest(rows):
    ordered = sorted(rows, key=lambda row: order(NOW, *row))
    ring = [to_ring(NOW, due_at, ring_at) for due_at, ring_at, _ in ordered]
    assert ring == sorted(ring, reverse=True)
    rest = [due_at <= NOW for (due_at, ring_at, _) in ordered if not to_ring(NOW, due_at, ring_at)]
    assert rest == sorted(rest, reverse=True)
