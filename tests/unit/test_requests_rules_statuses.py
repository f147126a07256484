"""The life of a requested test: exactly the moves of the table, and no other."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.accounts.rules import GRANTS
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.statuses import (
    FINAL,
    RELEASED,
    TRANSITIONS,
    WORDS,
    Outcome,
    TestAction,
    TestStatus,
    next_status,
    outcome,
    permitted,
    stands,
)

MATRIX = list(itertools.product(TestStatus, TestAction))


@pytest.mark.parametrize(("status", "action"), MATRIX)
def test_a_move_is_made_when_the_table_has_it_and_refused_when_not(status, action):
    if status in TRANSITIONS[action].sources:
        assert next_status(status, action, reason="because") is TRANSITIONS[action].target
        assert action in permitted(status)
        return

    with pytest.raises(RuleBroken) as refused:
        next_status(status, action, reason="because")
    assert refused.value.message.startswith(f"{stands(status)}. You cannot ")
    assert action not in permitted(status)


@pytest.mark.parametrize("action", [a for a, t in TRANSITIONS.items() if t.needs_reason])
def test_what_takes_something_away_needs_a_reason(action):
    for status in TRANSITIONS[action].sources:
        with pytest.raises(RuleBroken, match="reason"):
            next_status(status, action, reason="  ")


_AFTER_IS = (
    "waiting", "accepted", "held", "declined", "bound for", "on the bench", "rejected and", "typed and", "checked and",
    "authorised", "amended", "withdrawn",
)  # fmt: skip
_VERBS = {
    "accept", "hold", "decline", "choose", "receive", "reject", "ask", "type", "check", "authorise", "amend", "withdraw",
}  # fmt: skip


def refusal(status, action):
    with pytest.raises(RuleBroken) as refused:
        next_status(status, action, reason=" ")
    return refused.value.message


REFUSED = [
    (status, action) for status, action in MATRIX if status not in TRANSITIONS[action].sources
]
ASKED = [action for action, transition in TRANSITIONS.items() if transition.needs_reason]


@pytest.mark.parametrize(("status", "action"), REFUSED)
def test_every_refusal_says_where_the_test_stands_and_what_cannot_be_done_with_it(status, action):
    stand, doing = refusal(status, action).split(". You cannot ")
    assert stand.removeprefix("This test is ").startswith(_AFTER_IS)
    assert_done_to_it(doing.removesuffix(" now."))


@pytest.mark.parametrize("action", ASKED)
def test_every_reason_is_asked_for_in_words(action):
    (status, *_) = TRANSITIONS[action].sources
    assert_done_to_it(refusal(status, action).removeprefix("Give a reason to ").removesuffix("."))


def assert_done_to_it(doing):
    first, *rest = doing.split()
    assert first in _VERBS
    assert len({"it", "its"} & set(rest)) == 1, "once, where people put the word"
    assert not {"amendment it", ":", "."} & {doing[-12:], *doing}


def test_the_refusal_of_an_amendment_says_what_is_authorised():
    with pytest.raises(RuleBroken) as refused:
        next_status(TestStatus.RECEIVED, TestAction.AUTHORISE_AMENDMENT)
    assert refused.value.message == (
        "This test is on the bench. You cannot authorise an amendment of its results now."
    )


def test_every_action_is_in_the_table_and_every_status_has_words():
    assert set(TRANSITIONS) == set(TestAction)
    assert set(WORDS) == set(TestStatus)
    assert len(set(WORDS.values())) == len(WORDS)


def test_every_status_is_reached_from_the_first():
    reached, edge = {TestStatus.REQUESTED}, {TestStatus.REQUESTED}
    while edge:
        edge = {TRANSITIONS[a].target for status in edge for a in permitted(status)} - reached
        reached |= edge

    assert reached == set(TestStatus)


def test_nothing_that_is_final_moves_but_a_released_result_that_is_amended():
    assert {status: permitted(status) for status in FINAL - RELEASED} == {
        TestStatus.DECLINED: (),
        TestStatus.WITHDRAWN: (),
    }
    assert {permitted(status) for status in RELEASED} == {(TestAction.AMEND,)}


def test_every_open_status_can_still_end():
    for status in set(TestStatus) - FINAL:
        seen, edge = {status}, {status}
        while edge:
            edge = {TRANSITIONS[a].target for each in edge for a in permitted(each)} - seen
            seen |= edge
        assert seen & FINAL, status


def test_nothing_is_released_without_authorising():
    for action, transition in TRANSITIONS.items():
        if transition.target in RELEASED:
            assert action in {TestAction.AUTHORISE, TestAction.AUTHORISE_AMENDMENT}
            assert transition.sources == {TestStatus.ENTERED, TestStatus.CHECKED}


def test_every_permission_of_the_table_is_held_by_somebody():
    held = set().union(*(facts.permissions for facts in GRANTS.values()))

    assert {transition.permission for transition in TRANSITIONS.values()} <= held


@given(st.sets(st.sampled_from(list(TestStatus)), min_size=1))
def test_a_request_is_open_while_any_test_of_it_is(statuses):
    result = outcome(statuses)

    assert (result is Outcome.OPEN) is bool(statuses - FINAL)
    if not statuses - FINAL and statuses & RELEASED:
        assert result is Outcome.AUTHORISED


def test_a_request_without_results_is_declined_before_it_is_withdrawn():
    assert outcome([TestStatus.DECLINED, TestStatus.WITHDRAWN]) is Outcome.DECLINED
    assert outcome([TestStatus.WITHDRAWN]) is Outcome.WITHDRAWN
