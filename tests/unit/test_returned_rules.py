"""What may stand on a return slip: intervals from two boxes, flags as written, reasons by number."""

import uuid
from decimal import Decimal

import pytest

from lab_contingency.catalogue.rules import Flag, Interval, Reading
from lab_contingency.catalogue.rules.readings import Qualifier
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.incidents.rules import (
    PaperKind,
    compose_paper,
    read_number,
    read_return_number,
    read_slip_number,
)
from lab_contingency.results.returned.rules import (
    CANNOT,
    cannot_be_done,
    check_by_page_refusal,
    contradiction,
    copy_reason,
    flag_said,
    interval_ends,
    interval_of,
)
from lab_contingency.results.rules.hands import (
    BY_THE_PAGE,
    Hands,
    authorise_refusal,
    check_refusal,
)
from lab_contingency.results.rules.values import ResultStatus, Source
from lab_contingency.specimens.rules import REJECTION_REASONS

NUMBER = compose_paper(PaperKind.RETURN, 41, 1, 4711)
HIGH = Reading(Qualifier.NONE, Decimal("5.1"))
OWN = Interval(Decimal("3.3"), Decimal("4.9"))


def test_its_number_is_read_as_nothing_else_and_is_refused_by_name_where_a_tube_is_scanned():
    assert read_return_number(f" {NUMBER[:2]} {NUMBER[2:]} ") == NUMBER
    assert read_slip_number(NUMBER) is None
    with pytest.raises(ValueError, match="number of a return slip"):
        read_number(NUMBER)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ("3.3", "4.9", "3.3–4.9"),
        ("", "5", "up to 5"),
        ("90", "", "90 or more"),
        ("-2", "3", "−2 to 3"),
        ("", "", ""),
        ("0.10", "0.20", "0.10–0.20"),
    ],
)
def test_an_interval_is_the_same_in_its_boxes_and_in_words(low, high, words):
    interval = interval_of(low, high)

    assert (interval.words if interval else "") == words
    assert interval_of(*interval_ends(words)) == interval


@pytest.mark.hazard("07")
@pytest.mark.parametrize(
    ("low", "high"), [("4.9", "3.3"), ("4", "4"), ("<4", "9"), ("3,3", "4.9"), ("3.3 mmol", "")]
)
def test_an_interval_that_cannot_be_is_refused(low, high):
    with pytest.raises(RuleBroken):
        interval_of(low, high)


@pytest.mark.hazard("08")
def test_without_a_written_flag_the_interval_of_that_laboratory_speaks_never_ours():
    assert flag_said("", HIGH, OWN) is Flag.HIGH  # our own interval ends at 5.3
    assert flag_said("", HIGH, None) is Flag.NONE
    assert flag_said("none", HIGH, OWN) is Flag.NONE
    assert flag_said("low", HIGH, None) is Flag.LOW


@pytest.mark.parametrize(
    ("written", "interval", "said"),
    [("low", OWN, "lies above 3.3–4.9"), ("high", OWN, ""), ("none", OWN, ""), ("low", None, "")],
)
def test_a_flag_that_its_own_interval_denies_is_said(written, interval, said):
    found = contradiction(written, HIGH, interval)

    assert (said in found) if said else found is None


def test_every_reason_to_take_it_again_is_one_of_the_ordinary_ones():
    assert {each.rejection for each in CANNOT.values()} - {""} <= REJECTION_REASONS.keys()
    assert cannot_be_done("1").words == "haemolysed"
    for wrong in ("", "0", "9", "haemolysed"):
        with pytest.raises(RuleBroken):
            cannot_be_done(wrong)
    with pytest.raises(RuleBroken):
        copy_reason("")


def test_what_waits_for_its_page_has_one_way_out():
    typist, other = uuid.uuid4(), uuid.uuid4()
    hands = Hands(Source.TYPED_BACK, ResultStatus.ENTERED, needs_check=False, entered_by=typist)

    assert check_refusal(hands, other) == authorise_refusal(hands, other) == BY_THE_PAGE
    assert check_by_page_refusal(hands, other) is None
    assert "somebody else" in (check_by_page_refusal(hands, typist) or "")
    assert check_by_page_refusal(hands, None)
