"""Said before the needle: at once when nobody can, taken back only when it will last."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.routing.rules import Offer, Refusal
from lab_contingency.routing.rules.judging import NOT_ON_MENU
from lab_contingency.routing.rules.publishing import (
    FORECAST_STEP,
    Published,
    anybody,
    change,
    moments_to_try,
    why_nobody,
)

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
LABORATORY = uuid.UUID(int=1)


def refusal(name: str, sentence: str) -> Refusal:
    return Refusal(LABORATORY, name, own=True, sentence=sentence)


def offer() -> Offer:
    return Offer(LABORATORY, "King’s", True, NOW, NOW, NOW, NOW, late=False)


@pytest.mark.parametrize(
    ("stands", "nobody", "lasting", "done"),
    [
        (False, False, False, Published.LEAVE),
        (False, False, True, Published.LEAVE),
        (False, True, False, Published.PUBLISH),
        (True, True, False, Published.LEAVE),
        (True, False, False, Published.LEAVE),
        (True, False, True, Published.WITHDRAW),
    ],
)
def test_what_is_done_about_what_stands(stands, nobody, lasting, done):
    assert change(stands=stands, nobody=nobody, lasting=lasting) is done


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_nothing_is_offered_while_nobody_can_and_nothing_comes_back_that_will_not_last(night):
    stands = False
    for nobody, will_last in night:
        lasting = will_last and not nobody
        done = change(stands=stands, nobody=nobody, lasting=lasting)
        before, stands = (
            stands,
            (stands or done is Published.PUBLISH) and done is not Published.WITHDRAW,
        )
        assert stands or not nobody
        assert lasting or not (before and not stands)


def test_asking_stops_at_the_first_that_can():
    asked = []

    def answers():
        for answer in (refusal("A", "shut"), offer(), refusal("C", "shut")):
            asked.append(answer)
            yield answer

    assert anybody(answers())
    assert len(asked) == 2
    assert not anybody([refusal("A", "shut")])


def test_the_reason_says_why():
    told = why_nobody([refusal("King’s", "opens 07:00"), refusal("Thomas’", "shut")])
    assert told == "Nobody can do it for blood taken now: King’s: opens 07:00; Thomas’: shut."


def test_a_test_on_no_menu_is_said_in_words():
    told = why_nobody([refusal("King’s", NOT_ON_MENU)])
    assert told == "Nobody can do it for blood taken now: it is on no laboratory’s menu."


def test_a_sample_that_keeps_two_hours_is_tried_two_hours_before_a_laboratory_could_begin():
    seven = NOW + dt.timedelta(hours=5)
    late = Refusal(LABORATORY, "King’s", own=True, sentence="opens 07:00", too_late_at=seven)
    moments = moments_to_try([late, refusal("Thomas’", "shut")], dt.timedelta(hours=2), NOW)
    assert moments == (seven - dt.timedelta(hours=2) + FORECAST_STEP,)
