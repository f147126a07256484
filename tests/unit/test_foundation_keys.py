"""Sealed records and blind indexes under keys in versions."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation.keys import NAMES, Ring, Unreadable

KEYS = Ring({name: {1: name.encode().ljust(32, b".")} for name in NAMES})
PLACE = "patient_identity|0192"
RECORDS = st.dictionaries(
    st.text(min_size=1, max_size=10),
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])), st.none(), st.booleans(), st.integers()
    ),
    max_size=5,
)


def ring(**versions: dict[int, bytes]) -> Ring:
    """The ring with some keys in other versions."""
    held = {name: {1: name.encode().ljust(32, b".")} for name in NAMES}
    return Ring({**held, **versions})


def two_versions(name: str) -> Ring:
    return ring(**{name: {1: name.encode().ljust(32, b"."), 2: b"2" * 32}})


@given(RECORDS)
def test_a_sealed_record_opens_as_it_was(record):
    assert KEYS.open(KEYS.seal(record, PLACE), PLACE) == record


def test_a_sealed_record_shows_nothing_of_what_it_holds_and_never_looks_the_same_twice():
    first, second = (KEYS.seal({"surname": "Woźniak"}, PLACE) for _ in range(2))

    assert first != second
    assert first.isascii()
    assert b"niak" not in base64.urlsafe_b64decode(first)


def test_a_record_moved_to_another_row_does_not_open():
    sealed = KEYS.seal({"surname": "Woźniak"}, PLACE)

    with pytest.raises(Unreadable):
        KEYS.open(sealed, "patient_identity|0193")
    with pytest.raises(Unreadable):
        KEYS.open(sealed, "request|0192")


@given(st.data())
def test_a_record_with_one_bit_changed_does_not_open(data):
    raw = bytearray(base64.urlsafe_b64decode(KEYS.seal({"potassium": "6.8"}, PLACE)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Unreadable):
        KEYS.open(base64.urlsafe_b64encode(bytes(raw)).decode(), PLACE)


@pytest.mark.parametrize("sealed", ["", "AQ==", "not base64 at all!", "AAAA", "é", "AgAB", "AgAC"])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(Unreadable):
        KEYS.open(sealed, PLACE)


def test_a_record_sealed_with_another_key_does_not_open():
    other = ring(field={1: b"g" * 32})

    with pytest.raises(Unreadable):
        other.open(KEYS.seal({"a": 1}, PLACE), PLACE)


def test_an_error_about_a_record_says_neither_row_nor_content():
    with pytest.raises(Unreadable) as refused:
        KEYS.open(KEYS.seal({"surname": "Woźniak"}, PLACE), "patient_identity|0193")

    assert "0193" not in str(refused.value)
    assert "niak" not in str(refused.value)


def test_a_record_names_its_key_version_and_opens_with_that_one():
    both = two_versions("field")
    old, new = KEYS.seal({"a": 1}, PLACE), both.seal({"a": 2}, PLACE)

    assert old.startswith(KEYS.header())
    assert new.startswith(both.header())
    assert KEYS.header() != both.header()
    assert [both.open(each, PLACE)["a"] for each in (old, new)] == [1, 2]
    with pytest.raises(Unreadable, match="key version 2"):
        KEYS.open(new, PLACE)


def test_a_record_that_claims_another_key_version_does_not_open():
    same = ring(field={1: b"s" * 32, 2: b"s" * 32})
    raw = bytearray(base64.urlsafe_b64decode(same.seal({"a": 1}, PLACE)))
    raw[2] = 1

    with pytest.raises(Unreadable):
        same.open(base64.urlsafe_b64encode(bytes(raw)).decode(), PLACE)


@given(RECORDS)
def test_a_record_sealed_anew_is_the_same_record_of_the_same_length(record):
    both = two_versions("field")
    old = KEYS.seal(record, PLACE)

    new = both.sealed_anew(old, PLACE)

    assert both.open(new, PLACE) == record
    assert new.startswith(both.header())
    assert len(new) == len(old)


def test_what_was_moved_is_not_sealed_anew_in_its_new_place():
    with pytest.raises(Unreadable):
        two_versions("field").sealed_anew(KEYS.seal({"a": 1}, "request|1"), "request|2")


def test_a_blind_index_is_equal_for_equals_only():
    one = KEYS.blind_index("nhs", "9990000018")

    assert one == KEYS.blind_index("nhs", "9990000018")
    assert one != KEYS.blind_index("nhs", "9990000026")
    assert one != KEYS.blind_index("hospital", "9990000018")
    assert len(one) == 36


def test_a_blind_index_needs_the_key():
    other = ring(index={1: b"j" * 32})

    assert KEYS.blind_index("nhs", "9990000018") != other.blind_index("nhs", "9990000018")


def test_a_look_up_tries_every_version_of_the_index_key_newest_first():
    both = two_versions("index")

    new, old = both.blind_indexes("nhs", "9990000018")

    assert new == both.blind_index("nhs", "9990000018")
    assert old == KEYS.blind_index("nhs", "9990000018")
    assert new.startswith(both.index_header())


def test_what_came_out_is_compared_under_the_key_it_was_noted_with():
    both = two_versions("audit")
    noted = KEYS.content_digest("slip", "potassium 6.8")

    assert both.content_digest("slip", "potassium 6.8", like=noted) == noted
    assert both.content_digest("slip", "potassium 4.1", like=noted) != noted
    assert both.content_digest("slip", "potassium 6.8") != noted
    assert KEYS.content_digest("slip", "x") != KEYS.content_digest("label", "x")


def test_a_key_never_held_is_a_key_error():
    with pytest.raises(KeyError):
        KEYS.version("field", 2)
    with pytest.raises(KeyError):
        KEYS.version("other", 1)
    assert KEYS.current("signing") == (1, KEYS.version("signing", 1))
