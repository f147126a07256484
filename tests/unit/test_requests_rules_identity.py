"""Who a patient is: numbers, names, birthdays."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.requests.rules.bands import (
    BANDS,
    Band,
    default_needed_by,
    due,
    priority_problem,
)
from lab_contingency.requests.rules.identity import (
    PHONETIC_WORDS,
    Identity,
    Sex,
    born_problem,
    estimated_born,
    grouped_nhs,
    read_hospital_number,
    read_nhs_number,
    same_name,
    search_key,
    similar_name,
)
from tests.factories.world import an_identity, nhs_number

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)


@given(st.integers(0, 800_000))
def test_an_invented_number_is_read_in_a_demonstration_only(seed):
    number = nhs_number(seed)

    assert read_nhs_number(grouped_nhs(number), demonstration=True) == number
    with pytest.raises(ValueError, match="belong to nobody"):
        read_nhs_number(number, demonstration=False)


def test_a_real_number_is_read_in_a_live_database_only():
    assert read_nhs_number("943 476 5919", demonstration=False) == "9434765919"
    with pytest.raises(ValueError, match="invented"):
        read_nhs_number("9434765919", demonstration=True)


@given(st.integers(0, 800_000), st.integers(0, 9), st.integers(1, 9))
def test_one_digit_of_an_nhs_number_misread_is_noticed(seed, place, by):
    number = nhs_number(seed)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]

    with pytest.raises(ValueError, match=r"wristband|invented"):
        read_nhs_number(wrong, demonstration=True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("99921", "5 digits"), ("99921738580", "11 digits"), ("999O173858", "without letters"), ("٩٩٩٠٠٠٠٠١٨", "without letters"),
     ("9999999999", "last digit"), ("0000000000", "last digit"), ("", "without letters")],
)  # fmt: skip
def test_what_is_no_nhs_number_is_refused_with_what_to_look_at(typed, words):
    with pytest.raises(ValueError, match=words):
        read_nhs_number(typed, demonstration=True)


@pytest.mark.parametrize(("typed", "read"), [(" h 0123 ", "H0123"), ("rj1/44-2", "RJ1/44-2")])
def test_a_hospital_number_is_read_as_on_the_wristband(typed, read):
    assert read_hospital_number(typed) == read


@pytest.mark.parametrize("typed", ["", "A1", "Ł123", "H" * 16, "-123", "a;b c'"])
def test_what_is_no_hospital_number_is_refused(typed):
    with pytest.raises(ValueError, match="3 to 15"):
        read_hospital_number(typed)


def test_a_birthday_cannot_lie_ahead_or_too_far_back():
    assert born_problem(TODAY, TODAY) is None
    assert "future" in (born_problem(TODAY + dt.timedelta(days=1), TODAY) or "")
    assert "125" in (born_problem(dt.date(1900, 1, 1), TODAY) or "")


def test_age_is_counted_in_whole_years():
    identity = an_identity(born=dt.date(2000, 2, 29))

    assert [identity.age(day) for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1))] == [25, 26]
    assert estimated_born(40, TODAY) == dt.date(1986, 1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Woźniak", "WOZNIAK"),
        ("O’Neill", "o'neill"),
        ("Łukasz", "lukasz"),
        ("Anne-Marie", "Anne Marie"),
        ("Đặng", "Dang"),
        ("Strauß", "STRAUSS"),
        ("Åse", "Ase"),
    ],
)
def test_accents_case_and_signs_do_not_make_another_name(one, other):
    assert same_name(one, other)


@given(st.text(max_size=20))
def test_a_search_key_made_again_is_the_same(name):
    assert search_key(search_key(name)) == search_key(name)


def test_names_that_could_be_mixed_up_are_found():
    held = an_identity(surname="Thompson", forenames="Mary")

    assert similar_name(held, an_identity(surname="Thompson", forenames="Zoe"))
    assert similar_name(
        held, an_identity(surname="Thomson", forenames="Mary", born=dt.date(1999, 1, 1))
    )
    assert similar_name(held, an_identity(surname="Thomason", forenames="Zoe"))
    assert not similar_name(held, an_identity(surname="Okafor", forenames="Mary"))


def test_prepared_names_are_words_that_mean_nothing_else_here():
    assert len(set(PHONETIC_WORDS)) == len(PHONETIC_WORDS) >= 16
    assert not {
        "Juliet",
        "Mike",
        "Victor",
        "Charlie",
        "Oscar",
        "Romeo",
        "Hotel",
        "Delta",
        "X-ray",
    } & set(PHONETIC_WORDS)


def test_identifiers_are_written_as_on_paper():
    held = Identity(
        "Woźniak", "Sian", dt.date(1958, 11, 4), Sex.UNKNOWN, "9992173858", "H0123456", "RJ1"
    )

    assert (held.name, held.nhs_grouped, held.hospital_text) == (
        "WOŹNIAK Sian",
        "999 217 3858",
        "H0123456 (RJ1)",
    )
    assert held.sex.text == "not known"
    assert (
        an_identity(nhs_number="").nhs_grouped,
        an_identity(hospital_number="").hospital_text,
    ) == ("", "")


def test_bands_are_ordered_and_the_first_needs_a_reason():
    assert Band.P4.is_lower_than(Band.P1)
    assert not Band.P1.is_lower_than(Band.P1)
    assert [band.text for band in Band] == ["P1 NOW", "P2 TODAY", "P3 DAYS", "P4 LATER"]
    assert priority_problem(Band.P1, "", "") == ("reason_code", "Choose a reason for P1 NOW.")
    assert priority_problem(Band.P2, "", "") is None
    assert priority_problem(Band.P2, "OTHER", "")[0] == "reason_text"
    assert priority_problem(Band.P1, "OTHER", "bleeding") is None


@pytest.mark.parametrize("band", Band)
def test_a_less_pressing_band_is_needed_later(band):
    assert default_needed_by(band, NOW) == NOW + BANDS[band].needed_within
    assert sorted(Band, key=lambda each: BANDS[each].needed_within) == list(Band)


def test_due_is_what_comes_first():
    later = NOW + dt.timedelta(hours=1)

    assert (due(NOW, None), due(NOW, later), due(later, NOW)) == (NOW, NOW, NOW)
