"""The hands of one tube on paper: every hand, what was late, bars to scan; no patient."""

from dataclasses import replace

import pytest
import zxingcpp

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.hands_sheet import hands_sheet_pdf
from tests.printing.examples_hands import HANDS, WAY
from tests.printing.reading import joined, pages, pixels


def bare(words):
    """Without spaces, as the text of a page is read back."""
    return words.replace(" ", "")


@pytest.mark.feature(45)
def test_every_hand_stands_on_the_sheet_with_when_and_by_whom():
    said = joined(hands_sheet_pdf(HANDS))

    for row in WAY:
        for part in (row.at, row.what, row.late, row.by_name):
            assert bare(part) in said
    assert bare("noted 24-Nov 03:11") in said
    assert bare("King's core laboratory, at the door") in said
    assert "TEST" in said


def test_its_bars_are_the_tubes_number():
    found = zxingcpp.read_barcodes(pixels(hands_sheet_pdf(HANDS), 300))

    assert HANDS.number in {code.text for code in found}


def test_a_tube_without_a_label_has_no_bars():
    found = zxingcpp.read_barcodes(pixels(hands_sheet_pdf(replace(HANDS, number=None)), 300))

    assert found == []


def test_a_long_way_goes_over_pages_and_each_says_which_it_is():
    pdf = hands_sheet_pdf(replace(HANDS, rows=WAY * 12))

    assert pages(pdf) > 1
    for number in range(pages(pdf)):
        assert bare(f"page {number + 1} of {pages(pdf)}") in joined(pdf, number)
        assert bare("Noted by") in joined(pdf, number)


def test_equal_content_gives_equal_bytes():
    assert hands_sheet_pdf(HANDS) == hands_sheet_pdf(HANDS)


def test_nothing_is_cut_off():
    long, endless = (replace(WAY[0], to_whom="Long" * many) for many in (50, 5000))

    assert "Long" * 50 in joined(hands_sheet_pdf(replace(HANDS, rows=(long,))))
    with pytest.raises(CannotPrint):
        hands_sheet_pdf(replace(HANDS, rows=(endless,)))
    with pytest.raises(CannotPrint, match="Nothing has happened"):
        hands_sheet_pdf(replace(HANDS, rows=()))
