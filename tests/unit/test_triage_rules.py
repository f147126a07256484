"""Rules of triage: the order of the queue, reasons, needed-by after another priority."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.bands import Band, default_needed_by
from lab_contingency.requests.rules.identity import Identity, Sex, similar_name
from lab_contingency.triage.rules import (
    REASONS,
    DecisionKind,
    Urgency,
    check_band,
    check_reason,
    mixed_up,
    needed_by_after,
    queue_key,
    reason_words,
)

NIGHT = dt.datetime(2026, 11, 24, 3, 12, tzinfo=dt.UTC)
bands = st.sampled_from(list(Band))
moments = st.integers(-2000, 2000).map(lambda minutes: NIGHT + dt.timedelta(minutes=minutes))
perhaps = st.none() | moments
places = st.tuples(bands, moments, perhaps, perhaps, st.uuids())


@given(st.lists(places, max_size=30))
def test_a_more_pressing_band_always_stands_before_a_less_pressing_one(waiting):
    ordered = sorted(waiting, key=lambda place: queue_key(*place))
    assert [place[0].value for place in ordered] == sorted(place[0].value for place in waiting)


@given(bands, st.lists(places, max_size=30))
def test_within_a_band_the_earlier_due_time_stands_first(band, waiting):
    ordered = sorted(waiting, key=lambda place: queue_key(*place))
    dues = [place[1] for place in ordered if place[0] is band]
    assert dues == sorted(dues)


@given(bands, moments, moments, perhaps)
def test_a_sample_that_is_known_to_expire_stands_before_one_of_which_nothing_is_known(
    band, due, unusable, received
):
    known = queue_key(band, due, unusable, received, uuid.uuid4())
    unknown = queue_key(band, due, None, received, uuid.uuid4())
    assert known < unknown


@given(st.permutations([(Band.P1, 3), (Band.P1, 9), (Band.P2, 1), (Band.P3, 0)]))
def test_the_order_does_not_depend_on_the_order_of_arrival(waiting):
    same = uuid.UUID(int=0)
    ordered = sorted(
        waiting,
        key=lambda one: queue_key(one[0], NIGHT + dt.timedelta(hours=one[1]), None, None, same),
    )
    assert ordered == [(Band.P1, 3), (Band.P1, 9), (Band.P2, 1), (Band.P3, 0)]


@pytest.mark.hazard("H28")
@given(bands, bands)
def test_a_lower_priority_without_a_reason_is_always_refused(before, after):
    if before is after or after.is_lower_than(before):
        with pytest.raises(RuleBroken):
            check_band(before, after, "", "")
    else:
        check_band(before, after, "", "")


def test_the_same_priority_again_is_refused_with_what_to_do():
    with pytest.raises(RuleBroken, match="Choose another priority"):
        check_band(Band.P2, Band.P2, "STABLE", "")


def test_another_reason_needs_words():
    with pytest.raises(RuleBroken, match="in words"):
        check_reason(DecisionKind.DECLINE, "OTHER", "  ", needed=True)
    check_reason(DecisionKind.DECLINE, "OTHER", "lab flooded", needed=True)


def test_a_reason_of_another_decision_is_not_taken():
    with pytest.raises(RuleBroken):
        check_reason(DecisionKind.DEFER, "AT_BEDSIDE", "", needed=True)


def test_a_reason_is_read_in_words_with_what_was_typed():
    assert reason_words(DecisionKind.DEFER, "NO_CAPACITY", "") == "no capacity now"
    assert reason_words(DecisionKind.DEFER, "NO_CAPACITY", "back at six") == (
        "no capacity now: back at six"
    )
    assert reason_words(DecisionKind.DEFER, "OTHER", "flood") == "flood"


def test_every_refusal_has_words():
    for kind in (DecisionKind.DEFER, DecisionKind.DECLINE):
        assert all(reason.words for reason in REASONS[kind].values())


@given(bands, bands, moments, moments)
def test_raising_never_makes_the_answer_needed_later(held_band, band, needed_by, requested_at):
    held = Urgency(held_band, needed_by, requested_at)
    after = needed_by_after(held, band, None, NIGHT)
    if not band.is_lower_than(held_band):
        assert after <= needed_by


@given(bands, bands, moments)
def test_a_time_typed_with_the_change_counts(held_band, band, typed):
    held = Urgency(held_band, NIGHT, NIGHT)
    assert needed_by_after(held, band, typed, NIGHT) == typed


def test_lowering_moves_a_time_that_only_came_with_the_band():
    asked = NIGHT - dt.timedelta(minutes=20)
    held = Urgency(Band.P1, default_needed_by(Band.P1, asked), asked)
    assert needed_by_after(held, Band.P3, None, NIGHT) == default_needed_by(Band.P3, NIGHT)


def test_lowering_keeps_the_clinicians_own_time():
    own = NIGHT + dt.timedelta(minutes=35)
    held = Urgency(Band.P1, own, NIGHT)
    assert needed_by_after(held, Band.P3, None, NIGHT) == own


surnames = st.sampled_from(
    ["Smith", "SMITHE", "Smithson", "Okafor", "O’Kafor", "Li", "Łi", "Patel"]
)
people = st.builds(
    Identity,
    surname=surnames,
    forenames=st.sampled_from(["Ann", "Bob", "Án"]),
    born=st.sampled_from([dt.date(1958, 11, 4), dt.date(1971, 3, 19)]),
    sex=st.just(Sex.UNKNOWN),
)


@given(st.lists(people, max_size=8))
def test_whoever_could_be_mixed_up_is_marked_and_nobody_else(identities):
    patients = {uuid.UUID(int=n): identity for n, identity in enumerate(identities)}
    expected = {
        one
        for one in patients
        for other in patients
        if one != other and similar_name(patients[one], patients[other])
    }
    assert mixed_up(patients) == expected
