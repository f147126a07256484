"""Waiting for one's turn, and what may be typed."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.foundation.database.engine import FairLock
from lab_contingency.foundation.errors import NotFound, RulesBroken
from lab_contingency.foundation.settings import Settings
from lab_contingency.foundation.web.forms import tidy, unprintable


def _wait_until(condition) -> None:
    while not condition():
        time.sleep(0.001)


def test_writers_take_turns_in_the_order_they_came():
    lock, order, threads = FairLock(), [], []

    def write(place: int) -> None:
        with lock.held():
            order.append(place)

    with lock.held():
        for place in range(12):
            threads.append(threading.Thread(target=write, args=(place,)))
            threads[-1].start()
            _wait_until(lambda place=place: len(lock._waiting) == place + 1)
        assert order == []
    for thread in threads:
        thread.join()

    assert order == list(range(12))


def test_one_writer_at_a_time():
    lock, inside, most = FairLock(), [0], [0]

    def write() -> None:
        for _ in range(200):
            with lock.held():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1]


def test_a_writer_that_fails_gives_up_its_turn():
    lock = FairLock()

    with pytest.raises(ArithmeticError), lock.held():
        raise ArithmeticError
    with lock.held():
        assert lock._held
    assert not lock._held


@pytest.mark.parametrize(
    ("typed", "sign"),
    [
        ("a\x00b", "U+0000"),
        ("a\tb", "U+0009"),
        ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("a\ud800b", "U+D800"),
        ("a\u2028b", "U+2028"),
        ("a\ue000b", "U+E000"),
        ("a\u0085b", "U+0085"),
        ("a\nb", "U+000A"),
    ],
)
def test_signs_that_cannot_be_printed_are_named(typed, sign):
    assert unprintable(typed) == sign


@pytest.mark.parametrize(
    "typed", ["Woźniak-O’Neill", "Đặng", "Ngọc", "×10⁹/L − 5", "Åse", "Ó Súilleabháin", "日本"]
)
def test_names_of_people_can_be_printed(typed):
    assert unprintable(typed) == ""


def test_line_breaks_are_allowed_where_there_are_lines():
    assert unprintable("one\ntwo", allowed="\n") == ""


@given(st.text())
def test_tidied_text_stays_as_it_is_when_tidied_again(typed):
    assert tidy(tidy(typed)) == tidy(typed)
    assert "\r" not in tidy(typed)


def test_accents_are_kept_as_one_sign():
    assert tidy(" Zoe\u0308 ") == "Zoë"
    assert tidy(None) == ""


def test_several_rules_are_told_at_once():
    broken = RulesBroken({"born": "One.", "tests": "Two."})

    assert broken.message == "One. Two."
    assert dict(broken.problems) == {"born": "One.", "tests": "Two."}


def test_what_does_not_exist_and_what_is_out_of_reach_are_told_the_same():
    assert NotFound().message == NotFound().message


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("postgresql://h/d", "postgresql+psycopg://h/d"),
        ("postgres://h/d", "postgresql+psycopg://h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_a_database_address_is_opened_with_our_driver(tmp_path, url, opened):
    assert Settings(tmp_path, url).sqlalchemy_url == opened


def test_a_demonstration_has_a_database_and_keys_of_its_own(tmp_path):
    live = Settings(tmp_path)
    demonstration = live.as_demonstration()

    assert live.sqlalchemy_url != demonstration.sqlalchemy_url
    assert live.keys_file != demonstration.keys_file


def test_a_folder_that_holds_only_a_demonstration_is_meant_as_one(tmp_path):
    (tmp_path / "demonstration.sqlite3").touch()
    assert Settings.from_environment({"LAB_DATA": str(tmp_path)}).demonstration

    (tmp_path / "lab.sqlite3").touch()
    assert not Settings.from_environment({"LAB_DATA": str(tmp_path)}).demonstration
    assert Settings.from_environment({"LAB_DATA": str(tmp_path), "LAB_DEMO": "1"}).demonstration
