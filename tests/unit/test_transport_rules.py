"""Boxes: permitted moves, one temperature, when they are due, what is useless on arrival, counts that balance."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.network.rules import Way
from lab_contingency.transport.rules import (
    ENDED,
    REASONS_ASKED,
    SETTLEMENTS,
    TRANSITIONS,
    ConsignmentAction,
    ConsignmentState,
    DiscrepancyKind,
    ItemOutcome,
    Settlement,
    Temperature,
    count,
    next_state,
    permitted,
    refuse_settlement,
)
from lab_contingency.transport.rules.packing import (
    DUE_MARGIN,
    UNKNOWN_WAY,
    due_at,
    refuse_mixed,
    refuse_useless,
    temperature_of,
)

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
HALF_HOUR = dt.timedelta(minutes=30)


@given(st.sampled_from(ConsignmentState), st.sampled_from(ConsignmentAction))
@pytest.mark.feature(37)
def test_what_the_table_allows_is_done_and_nothing_else(state, action):
    if action in permitted(state):
        assert next_state(state, action, reason="because") == (TRANSITIONS[action].target or state)
    else:
        with pytest.raises(RuleBroken, match="You cannot"):
            next_state(state, action, reason="because")


def test_what_has_ended_stays_so_and_every_other_box_can_go_on():
    assert all(not permitted(state) for state in ENDED)
    assert all(permitted(state) for state in set(ConsignmentState) - ENDED)


def test_moves_that_need_a_reason_ask_for_it_in_words():
    asked = {action for action, move in TRANSITIONS.items() if move.needs_reason}
    assert asked == set(REASONS_ASKED)
    for action in asked:
        (state, *_) = TRANSITIONS[action].sources
        with pytest.raises(RuleBroken) as refused:
            next_state(state, action, reason="  ")
        assert refused.value.field == "reason"


def test_a_tube_is_kept_as_the_coldest_of_its_tests_asks():
    tests = catalogue().tests
    assert temperature_of([tests["FBC"]]) is Temperature.AMBIENT
    assert temperature_of([tests["LAC"], tests["FBC"]]) is Temperature.COOLED
    frozen = replace(tests["FBC"], transport="frozen, on dry ice")
    assert temperature_of([frozen, tests["LAC"]]) is Temperature.FROZEN
    refuse_mixed(Temperature.COOLED, Temperature.COOLED)
    with pytest.raises(RuleBroken, match="a box of its own"):
        refuse_mixed(Temperature.COOLED, Temperature.AMBIENT)


def test_a_box_is_due_after_its_way_and_a_margin():
    way = Way(NOW + HALF_HOUR, NOW + 2 * HALF_HOUR, by_run=True)
    assert due_at(way, NOW) == NOW + 2 * HALF_HOUR + DUE_MARGIN
    assert due_at(None, NOW) == NOW + UNKNOWN_WAY + DUE_MARGIN


@pytest.mark.hazard("H14")
@given(
    st.timedeltas(min_value=-HALF_HOUR, max_value=dt.timedelta(hours=9)),
    st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(hours=3)),
    st.timedeltas(min_value=dt.timedelta(0), max_value=HALF_HOUR),
)
def test_nothing_useless_leaves_without_a_reason(left, travel, hand_off):
    way = Way(NOW, NOW + travel)
    end = NOW + left
    useless = end <= NOW + travel + hand_off
    if useless:
        with pytest.raises(RuleBroken, match="STOP"):
            refuse_useless(end, way, hand_off, " ")
    else:
        refuse_useless(end, way, hand_off, "")
    refuse_useless(end, way, hand_off, "the only one there is")
    refuse_useless(None, way, hand_off, "")


@given(st.lists(st.sampled_from([None, *ItemOutcome])))
def test_a_count_always_balances_and_says_what_became_of_each(outcomes):
    counted = count(outcomes)
    assert counted.balances
    assert counted.packed == len(outcomes)
    assert counted.waiting == outcomes.count(None)
    assert counted.inside == len(outcomes) - outcomes.count(ItemOutcome.TAKEN_OUT)
    assert counted.sentence.startswith(f"{len(outcomes)} packed")


@pytest.mark.parametrize("kind", DiscrepancyKind)
def test_a_difference_ends_only_as_its_kind_can(kind):
    for settlement in Settlement:
        if settlement in SETTLEMENTS[kind]:
            refuse_settlement(kind, settlement)
        else:
            with pytest.raises(RuleBroken, match="can end so"):
                refuse_settlement(kind, settlement)
