"""By when a slip is there and read, and which names on one list can be mixed up."""

import datetime as dt

import pytest

from lab_contingency.incidents.rules import (
    PaperKind,
    compose_paper,
    read_delivery_number,
    read_number,
    read_slip_number,
)
from lab_contingency.requests.rules.bands import Band
from lab_contingency.requests.rules.identity import similar_among
from lab_contingency.results.rules.slips import DELIVER_WITHIN, READ_WITHIN, deliver_by
from tests.factories.world import an_identity

NOW = dt.datetime(2026, 11, 24, 3, 5, tzinfo=dt.UTC)


def test_a_more_pressing_band_is_never_given_more_time():
    for within in (DELIVER_WITHIN, READ_WITHIN):
        assert list(within) == list(Band)
        assert list(within.values()) == sorted(within.values())


def test_printing_again_gives_no_more_time():
    early = NOW + dt.timedelta(minutes=5)

    assert deliver_by(Band.P1, NOW, early) == early
    assert deliver_by(Band.P1, NOW, None) == NOW + DELIVER_WITHIN[Band.P1]


def test_a_number_of_a_list_is_no_slip_and_no_tube():
    number = compose_paper(PaperKind.DELIVERY_LIST, 41, 1, 31)

    assert read_delivery_number(f" {number[:2]} {number[2:]} ") == number
    assert read_slip_number(number) is None
    assert read_delivery_number(compose_paper(PaperKind.SLIP, 41, 1, 31)) is None
    with pytest.raises(ValueError, match="a delivery list"):
        read_number(number)


@pytest.mark.hazard("H18")
def test_twins_and_near_names_are_marked_and_nobody_else():
    people = {
        "Anita": an_identity(1, surname="Patel", forenames="Anita"),
        "Anika": an_identity(2, surname="Pátel", forenames="Anika"),
        "Petal": an_identity(3, surname="Petal", forenames="Anita"),
        "Helen": an_identity(4, surname="Hargreaves", forenames="Helen"),
        "Twin": an_identity(5, surname="Hargreave", forenames="Hazel"),
    }

    assert similar_among(people) == {"Anita", "Anika", "Helen", "Twin"}
