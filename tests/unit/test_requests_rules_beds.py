"""Where on the ward the patient is, as people say it."""

from __future__ import annotations

import pytest

from lab_contingency.requests.rules.beds import NOT_GIVEN, bed_words, ward_and_bed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4", "bed 4"),
        ("12A", "bed 12A"),
        ("B3", "bed B3"),
        ("C-07", "bed C-07"),
        ("bed 4", "bed 4"),
        ("bay 2 bed 4", "bay 2 bed 4"),
        ("chair", "chair"),
        ("none yet", "no bed yet"),
        ("None", "no bed yet"),
        (NOT_GIVEN, ""),
        ("", ""),
    ],
)
def test_a_bed_is_said_as_people_say_it(typed, said):
    assert bed_words(typed) == said


def test_the_bed_follows_the_ward():
    assert ward_and_bed("ED Resus", "4") == "ED Resus, bed 4"


def test_a_ward_without_a_bed_stands_alone():
    assert ward_and_bed("ED Resus", NOT_GIVEN) == "ED Resus"
