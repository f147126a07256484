"""A tube that its box was opened without is said where the ward looks first, until it is found or scanned anywhere."""

from __future__ import annotations

import pytest

from lab_contingency.incidents.rules import grouped
from lab_contingency.tracking.queries.lists import my_requests
from tests.factories.boxes import (
    a_tube_for,
    finish,
    held,
    opened,
    receive_there,
    specimen,
    tubes_for,
    unpack,
)

pytestmark = [pytest.mark.feature(35), pytest.mark.hazard("H05")]


def row_of(world, number, actor=None):
    """The row of the request of a tube, on the list of the ward’s people."""
    rows = [row for group in my_requests(actor or world.doctor).values() for row in group]
    return next(row for row in rows if row.view.id == specimen(number).request_id)


@pytest.fixture
def missing(world):
    """The number of a tube that was not in its box, and of one that was."""
    number, there = tubes_for(world, 2)
    box_id = opened(world, [number, there])
    unpack(world, box_id, there)
    finish(world, box_id)
    return box_id, number, there


def test_the_row_says_which_box_since_when_and_who_looks_for_it(world, missing, client_for):
    box_id, number, there = missing
    (said,) = row_of(world, number).missing
    assert said.startswith(f"Missing from box {grouped(held(box_id).number)} since ")
    assert said.endswith(" looks for it.")
    assert [one.words for one in row_of(world, number).tests] == ["its tube is missing"]
    assert row_of(world, there).missing == ()
    words = client_for("doctor").get("tracking.my_requests").words
    assert words.count(said) == 1


def test_it_is_gone_from_the_row_as_soon_as_the_tube_is_scanned_anywhere(world, missing):
    _, number, _ = missing
    receive_there(world, number)
    row = row_of(world, number)
    assert row.missing == ()
    assert [one.words for one in row.tests] != ["its tube is missing"]


def test_other_tests_of_the_request_keep_their_own_words(world):
    number = a_tube_for(world, tests=("FBC", "UE"))
    box_id = opened(world, [number])
    finish(world, box_id)
    words = [one.words for one in row_of(world, number).tests]
    assert sorted(words) == ["its tube is missing", "laboratory chosen"]
