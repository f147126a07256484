"""What is said aloud, what is heard, and by when."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.catalogue.rules import Qualifier
from lab_contingency.requests.rules.bands import Band
from lab_contingency.results.rules.calls import (
    CALL_WITHIN,
    call_due,
    read_back_agrees,
    spoken,
    spoken_number,
)
from lab_contingency.results.rules.values import ResultValue

NOW = dt.datetime(2026, 11, 24, 3, 31, tzinfo=dt.UTC)


def number(text, qualifier=Qualifier.NONE):
    return ResultValue(f"{qualifier}{text}", qualifier=qualifier, number=Decimal(text))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("6.8", "six point eight"),
        ("0.05", "nought point nought five"),
        ("119", "one hundred and nineteen"),
        ("40", "forty"),
        ("21", "twenty-one"),
        ("1000", "one thousand"),
        ("1013", "one thousand and thirteen"),
        ("12500", "twelve thousand five hundred"),
        ("-4.2", "minus four point two"),
        ("1234567", "one two three four five six seven"),
    ],
)
def test_numbers_are_said_in_words(typed, said):
    assert spoken_number(Decimal(typed)) == said


def test_a_bound_is_said_as_one():
    assert spoken(number("5", Qualifier.BELOW)) == "less than five"


def test_words_are_said_as_they_stand():
    assert spoken(ResultValue("Not seen")) == "Not seen"


@pytest.mark.parametrize("heard", ["6.8", " 6.8 ", "6.80"])
def test_the_same_number_agrees(heard):
    assert read_back_agrees(number("6.8"), heard)


@pytest.mark.parametrize("heard", ["68", "6,8", "6.9", "<6.8", "six point eight", ""])
def test_anything_else_does_not(heard):
    assert not read_back_agrees(number("6.8"), heard)


def test_a_bound_agrees_only_with_the_same_bound():
    assert read_back_agrees(number("5", Qualifier.BELOW), "<5")
    assert not read_back_agrees(number("5", Qualifier.BELOW), "5")


@pytest.mark.parametrize(("heard", "agrees"), [("p falciparum SEEN", True), ("not seen", False)])
def test_words_agree_whatever_their_case_and_stops(heard, agrees):
    assert read_back_agrees(ResultValue("P. falciparum seen"), heard) is agrees


@pytest.mark.hazard("H06")
@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ("Positive: Gram +ve cocci", "positive gram -ve cocci"),
        ("Rh +", "Rh -"),
        ("Rh +", "Rh"),
        ("<1", ">1"),
        ("<1", "1"),
        ("≤1", "<1"),
        ("+++", "???"),
        ("+++", "++"),
        ("1.5 % parasites", "15 % parasites"),
        (".5 % parasites", "5 % parasites"),
        ("5-10 parasites", "5 10 parasites"),
        ("?", ""),
        ("...", "..."),
        ("...", ""),
    ],
)
def test_a_sign_or_an_opposite_heard_wrongly_does_not_agree(told, heard):
    assert not read_back_agrees(ResultValue(told), heard)


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ("Positive: Gram +ve cocci", "positive, gram positive cocci"),
        ("Gram-negative rods", "gram −ve rods"),
        ("Rh +", "rh+"),
        ("Anti-K detected", "anti K detected."),
        ("Pos", "positive"),
        ("<1", "< 1"),
        ("≤1", "<= 1"),
    ],
)
def test_the_same_words_agree_however_they_are_spelt(told, heard):
    assert read_back_agrees(ResultValue(told), heard)


@given(
    st.decimals(min_value=0, max_value=9999, places=2),
    st.decimals(min_value=0, max_value=9999, places=2),
)
def test_only_equal_numbers_agree(one, other):
    assert read_back_agrees(number(str(one)), str(other)) is (one == other)


@pytest.mark.parametrize("band", Band)
def test_the_call_is_due_by_its_band(band):
    assert call_due(band, NOW) == NOW + CALL_WITHIN[band]


def test_no_band_waits_longer_than_two_hours():
    assert max(CALL_WITHIN.values()) == dt.timedelta(hours=2)
