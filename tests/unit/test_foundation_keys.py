"""Sealed records, blind indexes, and the file the keys stand in."""

from __future__ import annotations

import base64
import json
import stat
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys import Keys, Unreadable, load_or_make

KEYS = Keys(
    field=b"f" * 32,
    index=b"i" * 32,
    session=b"s" * 32,
    audit=b"a" * 32,
    export=b"e" * 32,
    signing=b"n" * 32,
)
PLACE = "patient_identity|0192"
RECORDS = st.dictionaries(
    st.text(min_size=1, max_size=10),
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])), st.none(), st.booleans(), st.integers()
    ),
    max_size=5,
)


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


@pytest.mark.parametrize("sealed", ["", "AQ==", "not base64 at all!", "AAAA", "é"])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(Unreadable):
        KEYS.open(sealed, PLACE)


def test_a_record_sealed_with_another_key_does_not_open():
    other = Keys(
        field=b"g" * 32,
        index=b"i" * 32,
        session=b"s" * 32,
        audit=b"a" * 32,
        export=b"e" * 32,
        signing=b"n" * 32,
    )

    with pytest.raises(Unreadable):
        other.open(KEYS.seal({"a": 1}, PLACE), PLACE)


def test_an_error_about_a_record_says_neither_row_nor_content():
    with pytest.raises(Unreadable) as refused:
        KEYS.open(KEYS.seal({"surname": "Woźniak"}, PLACE), "patient_identity|0193")

    assert "0193" not in str(refused.value)
    assert "niak" not in str(refused.value)


def test_a_blind_index_is_equal_for_equals_only():
    one = KEYS.blind_index("nhs", "9990000018")

    assert one == KEYS.blind_index("nhs", "9990000018")
    assert one != KEYS.blind_index("nhs", "9990000026")
    assert one != KEYS.blind_index("hospital", "9990000018")
    assert len(one) == 32


def test_a_blind_index_needs_the_key():
    other = Keys(
        field=b"f" * 32,
        index=b"j" * 32,
        session=b"s" * 32,
        audit=b"a" * 32,
        export=b"e" * 32,
        signing=b"n" * 32,
    )

    assert KEYS.blind_index("nhs", "9990000018") != other.blind_index("nhs", "9990000018")


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    file = tmp_path / "instance" / "keys.json"

    first, second = load_or_make(file), load_or_make(file)

    assert first == second
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({first.field, first.index, first.session}) == 3
    assert [len(key) for key in (first.field, first.index, first.session)] == [32, 32, 32]
    assert list(file.parent.iterdir()) == [file]


def test_processes_that_start_together_agree_on_one_file_of_keys(tmp_path):
    file, found = tmp_path / "keys.json", []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(load_or_make(file))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("held", ["", "{}", "[]", '{"field": 1, "index": 2, "session": 3}', "\xff"])
def test_a_damaged_file_of_keys_stops_the_start_and_is_left_alone(tmp_path, held):
    file = tmp_path / "keys.json"
    file.write_text(held)

    with pytest.raises(StartRefused, match="key file"):
        load_or_make(file)

    assert file.read_text() == held


def test_keys_that_are_too_short_stop_the_start(tmp_path):
    file = tmp_path / "keys.json"
    short = base64.b64encode(b"short").decode()
    file.write_text(json.dumps({"field": short, "index": short, "session": short}))

    with pytest.raises(StartRefused, match="key file"):
        load_or_make(file)
