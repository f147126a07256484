"""Rules of routing: who can, why another cannot, and that a suggestion is always possible."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.network.rules import OpenSpell, opens_next
from lab_contingency.routing.rules import (
    Asked,
    Candidate,
    Offer,
    Refusal,
    hour_of,
    judge,
    suggest,
)

NIGHT = dt.datetime(2026, 11, 24, 3, 12, tzinfo=dt.UTC)
ALWAYS = tuple(OpenSpell(day, 0, 1440) for day in range(7))
DAYTIME = tuple(OpenSpell(day, 420, 1200) for day in range(7))
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture(autouse=True, scope="module")
def _that_night():
    """Sentences write a time of another day with its day."""
    with clock.at(NIGHT):
        yield


def a_laboratory(number: int = 1, **changes) -> Candidate:
    held = {
        "laboratory_id": uuid.UUID(int=number),
        "name": f"Laboratory {number}",
        "own": True,
        "turnaround": HOUR,
        "travel": 5 * MINUTE,
        "hours": ALWAYS,
        "per_hour": (10,) * 24,
        "used": {},
    }
    return Candidate(**{**held, **changes})


def a_test(code: str = "UE", **changes) -> Asked:
    held = {
        "test": catalogue().test(code),
        "needed_by": NIGHT + 2 * HOUR,
        "tube": uuid.UUID(int=99),
        "collected_at": NIGHT - 20 * MINUTE,
    }
    return Asked(**{**held, **changes})


def sentence(asked: Asked, candidate: Candidate, before: int = 0) -> str:
    answer = judge(asked, candidate, NIGHT, before=before)
    assert isinstance(answer, Refusal), answer
    return answer.sentence


def offer(asked: Asked, candidate: Candidate, before: int = 0) -> Offer:
    answer = judge(asked, candidate, NIGHT, before=before)
    assert isinstance(answer, Offer), answer
    return answer


def test_an_open_laboratory_with_room_offers_when_the_result_is_ready():
    answer = offer(a_test(), a_laboratory())
    assert answer.arrives_at == answer.begins_at == NIGHT + 5 * MINUTE
    assert answer.result_at == NIGHT + 65 * MINUTE
    assert not answer.late


@pytest.mark.hazard("H30")
def test_a_test_that_is_not_on_the_menu_is_refused():
    assert sentence(a_test(), a_laboratory(turnaround=None)) == "not on its menu"


@pytest.mark.hazard("H30")
def test_a_stopped_test_is_refused_everywhere_with_the_reason():
    asked = a_test(stop="Reagent is out. Until 07:00.")
    assert sentence(asked, a_laboratory()) == "not offered today: Reagent is out. Until 07:00."


@pytest.mark.hazard("H30")
def test_a_laboratory_without_a_way_there_is_refused():
    assert sentence(a_test(), a_laboratory(travel=None)) == "no way there is known"


@pytest.mark.hazard("H30")
def test_a_laboratory_that_never_opens_is_refused():
    assert sentence(a_test(), a_laboratory(hours=())) == "shut"


@pytest.mark.hazard("H14")
def test_a_laboratory_that_opens_after_the_sample_expires_is_refused():
    asked = a_test("AXA")  # four hours from collection at 02:52
    closed = a_laboratory(hours=DAYTIME)
    assert sentence(asked, closed) == "opens 07:00; the sample expires 06:52"


def test_a_laboratory_that_opens_in_time_says_when():
    answer = offer(a_test(needed_by=NIGHT + HOUR), a_laboratory(hours=DAYTIME))
    assert answer.note == "opens 07:00"
    assert answer.late


@pytest.mark.hazard("H14")
def test_a_way_longer_than_the_sample_keeps_is_refused():
    asked = a_test("LAC", collected_at=NIGHT - 30 * MINUTE)
    said = sentence(asked, a_laboratory(travel=40 * MINUTE))
    assert said == "arrives 03:52; the sample expires 03:42"


@pytest.mark.hazard("H14")
def test_an_expired_sample_is_refused_everywhere():
    asked = a_test(collected_at=NIGHT - 13 * HOUR)
    assert sentence(asked, a_laboratory(travel=dt.timedelta())) == (
        "the sample expired 02:12: take it again"
    )


@pytest.mark.hazard("H20")
def test_a_full_hour_moves_the_work_to_the_next_one():
    full = a_laboratory(used={hour_of(NIGHT): 10})
    answer = offer(a_test(), full)
    assert answer.begins_at == hour_of(NIGHT) + HOUR
    assert answer.note == "no capacity until 04:00"


@pytest.mark.hazard("H20")
def test_no_room_before_the_sample_expires_is_refused():
    used = {hour_of(NIGHT) + n * HOUR: 10 for n in range(5)}
    said = sentence(a_test("AXA"), a_laboratory(used=used))
    assert said == "no capacity until 08:00; the sample expires 06:52"


def test_a_laboratory_without_room_for_a_day_is_refused():
    assert sentence(a_test("LFT"), a_laboratory(per_hour=(0,) * 24)) == "no capacity within a day"


def test_tests_of_the_same_card_take_their_places_first():
    last_place = a_laboratory(used={hour_of(NIGHT): 9})
    assert offer(a_test(), last_place).begins_at == NIGHT + 5 * MINUTE
    assert offer(a_test(), last_place, before=1).begins_at == hour_of(NIGHT) + HOUR


def test_a_sample_without_a_time_is_counted_from_now_and_says_so():
    answer = offer(a_test(collected_at=None), a_laboratory())
    assert "no time taken" in answer.note
    assert answer.expires_at == NIGHT + a_test().test.reject_after


def test_a_bedside_test_stays_at_the_bedside():
    asked = a_test("ABG", tube=None, collected_at=None)
    answer = offer(asked, a_laboratory(per_hour=(0,) * 24, hours=()))
    assert answer.arrives_at == NIGHT
    assert answer.note == "at the bedside"
    assert "bedside" in sentence(asked, a_laboratory(own=False))


travels = st.none() | st.integers(0, 300).map(lambda minutes: dt.timedelta(minutes=minutes))
spells = st.sampled_from([(), ALWAYS, DAYTIME, (OpenSpell(2, 600, 700),)])
laboratories = st.builds(
    a_laboratory,
    number=st.integers(1, 6),
    own=st.booleans(),
    turnaround=st.none() | st.just(HOUR),
    travel=travels,
    hours=spells,
    per_hour=st.sampled_from([(0,) * 24, (1,) * 24, (0,) * 12 + (3,) * 12]),
    used=st.dictionaries(
        st.integers(0, 30).map(lambda n: hour_of(NIGHT) + n * HOUR), st.integers(0, 3)
    ),
)
asked_tests = st.builds(
    a_test,
    code=st.sampled_from(sorted(catalogue().tests)),
    collected_at=st.none()
    | st.integers(-600, 0).map(lambda minutes: NIGHT + dt.timedelta(minutes=minutes)),
    stop=st.sampled_from(["", "", "no reagent"]),
)


@pytest.mark.hazard("H30")
@given(asked_tests, laboratories, st.integers(0, 4))
def test_whatever_is_offered_arrives_open_with_room_and_before_the_sample_expires(
    asked, laboratory, before
):
    answer = judge(asked, laboratory, NIGHT, before=before)
    if isinstance(answer, Refusal) or asked.test.bedside:
        return
    assert not asked.stop
    assert laboratory.travel is not None
    assert answer.arrives_at == NIGHT + laboratory.travel
    assert NIGHT <= answer.arrives_at <= answer.begins_at < answer.expires_at
    assert opens_next(laboratory.hours, answer.begins_at) == answer.begins_at
    hour = hour_of(answer.begins_at)
    assert laboratory.per_hour[hour.hour] > laboratory.used.get(hour, 0)


cards = st.lists(asked_tests, min_size=1, max_size=5, unique_by=lambda asked: asked.test.code)


@pytest.mark.hazard("H30")
@given(cards, st.lists(laboratories, max_size=6, unique_by=lambda each: each.laboratory_id))
def test_a_suggestion_is_never_an_impossible_one_and_nobody_is_left_out_who_could_be_done(
    card, network
):
    offers = {each.test.code: [judge(each, lab, NIGHT) for lab in network] for each in card}
    chosen = {choice.test_code: choice for choice in suggest(card, offers)}
    for code, answers in offers.items():
        possible = [answer for answer in answers if isinstance(answer, Offer)]
        if possible:
            assert chosen[code].offer in possible
            assert chosen[code].explanation
        else:
            assert code not in chosen


def test_a_tube_stays_together():
    card = [a_test("UE"), a_test("LFT"), a_test("CRP")]
    near = a_laboratory(1)
    whole = a_laboratory(2, travel=30 * MINUTE)
    offers = {
        "UE": [judge(card[0], near, NIGHT), judge(card[0], whole, NIGHT)],
        "LFT": [
            judge(card[1], replace(near, turnaround=None), NIGHT),
            judge(card[1], whole, NIGHT),
        ],
        "CRP": [judge(card[2], near, NIGHT), judge(card[2], whole, NIGHT)],
    }
    chosen = suggest(card, offers)
    assert {choice.offer.laboratory_id for choice in chosen} == {whole.laboratory_id}
    assert "keeps the tube together" in chosen[0].explanation


def test_a_tube_is_not_kept_together_where_that_makes_its_tests_late():
    card = [a_test("UE"), a_test("LFT"), a_test("TROP")]
    near, late = a_laboratory(1), a_laboratory(2, hours=DAYTIME)
    offers = {each.test.code: [judge(each, lab, NIGHT) for lab in (near, late)] for each in card}
    offers["TROP"] = [
        judge(card[2], replace(near, turnaround=None), NIGHT),
        judge(card[2], late, NIGHT),
    ]
    chosen = {choice.test_code: choice.offer.laboratory_id for choice in suggest(card, offers)}
    assert chosen == {
        "UE": near.laboratory_id,
        "LFT": near.laboratory_id,
        "TROP": late.laboratory_id,
    }


def test_the_earliest_result_wins_and_then_our_own_laboratory():
    asked = a_test()
    partner = a_laboratory(1, own=False)
    own, far = a_laboratory(2), a_laboratory(3, travel=40 * MINUTE)
    offers = {"UE": [judge(asked, each, NIGHT) for each in (partner, far, own)]}
    (choice,) = suggest([asked], offers)
    assert choice.offer.laboratory_id == own.laboratory_id


def test_the_only_place_that_can_says_so_with_its_deadline():
    asked = a_test("LAC", collected_at=NIGHT - 52 * MINUTE)
    here, far = a_laboratory(1), a_laboratory(2, travel=40 * MINUTE)
    (choice,) = suggest([asked], {"LAC": [judge(asked, each, NIGHT) for each in (here, far)]})
    assert choice.explanation.startswith("only place that can do it before 03:20")


def test_where_a_tube_is_worked_on_already_its_other_tests_follow():
    asked = a_test()
    one, other = a_laboratory(1), a_laboratory(2, travel=25 * MINUTE)
    offers = {"UE": [judge(asked, each, NIGHT) for each in (one, other)]}
    (choice,) = suggest([asked], offers, {asked.tube: other.laboratory_id})
    assert choice.offer.laboratory_id == other.laboratory_id


class TestAgreedSlots:
    """A partner takes so many a day and no more, whatever its hours would hold."""

    TODAY = NIGHT.date()

    def test_the_last_slot_is_given_and_then_the_next_day_begins(self):
        left = a_laboratory(slots=3, slots_used={self.TODAY: 2})
        assert offer(a_test(), left).begins_at == NIGHT + 5 * MINUTE
        full = replace(left, slots_used={self.TODAY: 3})
        asked = a_test("FBC", collected_at=NIGHT)
        answer = offer(asked, full)
        assert answer.begins_at == dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
        assert answer.note == "no capacity until 25-Nov 00:00"

    def test_tests_of_the_same_card_take_slots_too(self):
        left = a_laboratory(slots=3, slots_used={self.TODAY: 2})
        later = offer(a_test("FBC", collected_at=NIGHT), left, before=1)
        assert later.begins_at == dt.datetime(2026, 11, 25, tzinfo=dt.UTC)

    def test_no_slot_was_agreed(self):
        assert sentence(a_test(), a_laboratory(slots=0)) == (
            "no capacity within a day; 0 a day were agreed"
        )

    def test_without_a_number_only_the_hours_count(self):
        many = a_laboratory(slots=None, slots_used={self.TODAY: 500})
        assert offer(a_test(), many).begins_at == NIGHT + 5 * MINUTE


def test_a_run_of_the_timetable_is_told():
    van = a_laboratory(travel=2 * HOUR, leaves_at=NIGHT + HOUR)
    answer = offer(a_test(), van)
    assert answer.leaves_at == NIGHT + HOUR
    assert answer.note == "leaves 04:12"
