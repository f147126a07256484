"""The return slip as finished paper: what it says, how it lies, that its bars are read, what it refuses."""

from dataclasses import replace

import pytest

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.return_slip import return_slips_pdf
from tests.printing.examples import LONG_NAMED
from tests.printing.examples_lists import FOXTROT
from tests.printing.examples_returns import LONG, RETURN, UE
from tests.printing.reading import (
    blurred,
    copied_grey,
    decoded,
    faxed,
    fonts_outside,
    overlaps,
    pages,
    pixels,
    size_mm,
    skewed,
    text,
    white_margin_mm,
)

ONE = return_slips_pdf([RETURN])
MANY = return_slips_pdf([RETURN, LONG, replace(RETURN, patient=LONG_NAMED)])
EVERY_PAGE = [(ONE, 0), *((MANY, page) for page in range(4))]
BARS = {RETURN.number, *(tube.number for tube in RETURN.tubes)}


@pytest.mark.feature(41)
def test_it_asks_for_everything_that_belongs_to_a_value_from_who_did_it_to_the_flag():
    words = " ".join(text(ONE).split())

    for said in (
        "For Northgate General, pathology",
        "WOŹNIAK-O’NEILL Siân",
        "04-Nov-1958",
        "999 217 3858",
        "P1 NOW",
        "taken 24-Nov 03:05",
        "41 1 004711 02 2",
        "Urea and electrolytes",
        "Potassium",
        "mmol/L",
        "if not 3.5–5.3",
        "Your interval, low – high",
        "Method Roche cobas",
        "Positive / Negative",
        "cannot be done, reason no.",
        "1 haemolysed",
        "Done by",
        "Authorised by",
        "signature",
        "Ring 020 7946 0410 first",
        "Send every page back.",
        "page 1 of 1",
        "printed 24-Nov-2026 03:58 by P. Nair · copy 1",
    ):
        assert said in words, said


def test_one_sheet_is_of_one_patient_and_counts_its_own_pages():
    assert size_mm(MANY) == pytest.approx((210, 297), abs=0.1)
    assert pages(MANY) == 4
    assert ["page 2 of 2" in text(MANY, page) for page in range(4)] == [False, False, True, False]
    assert [RETURN.patient.surname in text(MANY, page) for page in range(4)] == [
        True,
        True,
        True,
        False,
    ]
    assert fonts_outside(MANY) == set()


def test_a_test_that_goes_on_over_the_page_says_so_and_names_its_tube():
    for page in (1, 2):
        assert "tube 41 1 004711 02 2" in text(MANY, page)
    split = replace(
        RETURN, tubes=(replace(RETURN.tubes[0], tests=(replace(UE, analytes=UE.analytes * 8),)),)
    )
    assert "Urea and electrolytes, continued" in text(return_slips_pdf([split]), 1)


@pytest.mark.hazard("H31")
@pytest.mark.parametrize(("pdf", "page"), EVERY_PAGE)
def test_nothing_lies_on_anything_or_where_no_printer_reaches(pdf, page):
    assert overlaps(pdf, page) == []
    assert white_margin_mm(pdf, page) >= 4.5


@pytest.mark.feature(62)
@pytest.mark.hazard("H32")
@pytest.mark.parametrize("dpi", [203, 300])
def test_its_bars_are_read_at_both_resolutions(dpi):
    assert decoded(pixels(ONE, dpi)) == BARS


@pytest.mark.hazard("H32")
def test_its_bars_are_read_when_it_comes_back_by_van_fax_or_scan():
    assert decoded(blurred(skewed(pixels(ONE, 300)))) == BARS
    assert decoded(copied_grey(pixels(ONE, 203))) == BARS
    assert decoded(faxed(ONE)) == BARS


def test_equal_content_gives_equal_bytes():
    assert return_slips_pdf([RETURN, LONG]) == return_slips_pdf([RETURN, LONG])


def test_a_copy_says_so_with_why():
    made = replace(RETURN.made, copy_number="copy 2", copy_reason="the first was lost")
    words = text(return_slips_pdf([replace(RETURN, made=made)]))

    assert "COPY" in words
    assert "copy: the first was lost" in words


def test_a_tube_written_by_hand_and_a_patient_without_an_nhs_number_have_their_places():
    by_hand = replace(RETURN.tubes[0], number=None)
    words = text(return_slips_pdf([replace(RETURN, patient=FOXTROT, tubes=(by_hand,))]))

    assert "no label: written by hand" in words
    assert "RJZ4839201 (King’s)" in words


def refused(slip) -> str:
    with pytest.raises(CannotPrint) as problem:
        return_slips_pdf([slip])
    return str(problem.value.field)


def with_test(**changes):
    return replace(RETURN, tubes=(replace(RETURN.tubes[0], tests=(replace(UE, **changes),)),))


@pytest.mark.hazard("H31")
def test_what_does_not_fit_is_refused_and_named_never_shrunk_or_cut():
    assert refused(replace(RETURN, patient=replace(RETURN.patient, surname="W" * 80))) == "surname"
    assert refused(replace(RETURN, laboratory="Northgate " * 30)) == "laboratory"
    assert refused(with_test(method="Analyser " * 12)) == "method"
    assert refused(with_test(analytes=(replace(UE.analytes[0], unit="漢"),))) == "unit"
    assert refused(with_test(analytes=(replace(UE.analytes[0], known="1" * 60),))) == "known"
    assert refused(replace(RETURN, send_back="Ring. " * 2000)) == "send_back"
    assert refused(replace(RETURN, number="0700000")) == "number"
    assert refused(replace(RETURN, tubes=())) == "tubes"


def test_no_slip_is_no_paper():
    with pytest.raises(CannotPrint):
        return_slips_pdf([])
