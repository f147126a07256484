import re
from dataclasses import replace

import pytest

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.result_slip import result_slip_pdf
from tests.printing.examples import CREATININE, LONG_NAMED, POTASSIUM, SLIP, slip_of
from tests.printing.examples_lists import FOXTROT
from tests.printing.reading import (
    barcodes,
    fonts_outside,
    joined,
    narrowest_quiet_zone_mm,
    pages,
    pixels,
    size_mm,
    text,
)

EVERYTHING = [
    "Result slip",
    "CONTINGENCY RESULT",
    "St Elsewhere Core laboratory. Made while the main system is down.",
    "PART OF THE REQUEST, these results final · version 2 of 2 · page 1 of 1",
    "WOŹNIAK-O’NEILL Siân",
    "04-Nov-1958",
    "999 217 3858",
    "H0123456 (St Elsewhere)",
    "41 1 004711 00 6",
    "Request 41 1 000014 00 3",
    "ED Resus 2",
    "Dr A. Okafor",
    "P1 NOW",
    "24-Nov 03:05",
    "03:36 Dr H. Marsh",
    "CRITICAL",
    "Potassium 6.8 mmol/L.",
    "Telephoned 03:51 to J. Ferreira, nurse in charge, ED Resus. Read back: yes.",
    "Urea and electrolytes, gold SST",
    "sample 25 min old",
    "St Elsewhere Core laboratory · indirect ISE",
    "▲▲ critical",
    "µmol/L",
    "3.5–5.3",
    "23 Nov 13:05",
    "Haemolysis not seen.",
    "Still to come:",
    "LFT, expected 04:10. Group and screen: tube not received.",
    "Read and acted on",
    "Typed by P. Nair, checked by T. Osei, authorised by Dr H. Marsh",
    "printed 24-Nov-2026 03:58 by P. Nair · copy 1",
]


@pytest.fixture(scope="module")
def slip() -> bytes:
    return result_slip_pdf([SLIP])


@pytest.fixture(scope="module")
def forty() -> bytes:
    return result_slip_pdf([slip_of(40)])


def refusal(content) -> CannotPrint:
    with pytest.raises(CannotPrint) as refused:
        result_slip_pdf([content])
    return refused.value


def with_row(**changes):
    group = replace(SLIP.groups[0], rows=(replace(POTASSIUM, **changes),))
    return replace(SLIP, groups=(group,))


class TestOnePage:
    def test_the_slip_is_a5(self, slip):
        assert size_mm(slip) == pytest.approx((148, 210), abs=0.1)

    @pytest.mark.parametrize("words", EVERYTHING)
    def test_the_slip_says(self, slip, words):
        assert words in text(slip)

    @pytest.mark.parametrize("dpi", [203, 300])
    def test_the_number_is_read_from_the_sheet(self, slip, dpi):
        assert barcodes(slip, dpi) == [SLIP.number]

    def test_the_number_stands_clear_of_everything(self):
        made = replace(SLIP.made, copy_reason="first copy lost", test_mark=True)
        pdf = result_slip_pdf([replace(SLIP, made=made, laboratory="Core laboratory " * 5)])
        bars = (141 - 3 - 25.28 - 2.6, 6.6, 141 - 3 + 2.6, 15.8)
        assert narrowest_quiet_zone_mm(pdf, bars) >= 2.5

    def test_an_amended_value_is_struck_through_and_still_legible(self, slip):
        words = text(slip)
        assert "amended" in words
        assert "122 µmol/L" in words
        assert CREATININE.reason in words

    def test_the_line_through_the_old_value_is_drawn(self):
        kept = with_row(state="amended")
        struck = with_row(state="amended", old_value="")
        assert ink(result_slip_pdf([struck])) > ink(result_slip_pdf([kept]))

    def test_a_preliminary_row_says_so(self):
        assert "preliminary" in text(result_slip_pdf([with_row(state="preliminary")]))

    def test_words_as_a_result_stand_on_lines_of_their_own(self):
        value = "Plasmodium falciparum seen, about 2 % of red cells, second reader agrees; " * 2
        assert "".join(value.split()) in joined(result_slip_pdf([with_row(value=value.strip())]))

    def test_a_reprint_says_copy_and_why_and_the_demonstration_test(self):
        made = replace(SLIP.made, copy_reason="first copy lost", test_mark=True)
        words = text(result_slip_pdf([replace(SLIP, made=made)]))
        assert "COPY" in words
        assert "TEST" in words
        assert "copy: first copy lost" in words

    def test_without_an_nhs_number_the_hospital_number_takes_its_place(self):
        words = joined(result_slip_pdf([replace(SLIP, patient=LONG_NAMED)]))
        assert "H0123456(StElsewhere)" in words
        assert LONG_NAMED.surname in words

    def test_a_slip_without_results_still_says_what_is_to_come(self):
        empty = replace(SLIP, groups=(), criticals=(), comments=())
        words = text(result_slip_pdf([empty]))
        assert "Still to come:" in words
        assert "Interval" not in words

    def test_when_nothing_is_to_come_nothing_is_said(self):
        words = text(result_slip_pdf([replace(SLIP, still_to_come="")]))
        assert "Still to come" not in words
        assert "Read and acted on" in words


class TestIdentifiedLater:
    @pytest.mark.hazard("H19")
    @pytest.mark.parametrize("page", [0, 1])
    def test_every_page_says_both_names_and_under_which_the_sample_was_taken(self, page):
        pdf = result_slip_pdf([replace(slip_of(40), patient=FOXTROT, identified=LONG_NAMED)])
        words = joined(pdf, page)
        assert "FOXTROTWhisky" in words
        assert "IDENTIFIEDAS" in words
        assert LONG_NAMED.surname in words
        assert "29-Feb-2024·M·H0123456(StElsewhere)" in words
        assert "ThesamplewastakenasFOXTROTWhisky" in words

    def test_nobody_else_is_said_to_be_identified(self, slip):
        assert "IDENTIFIED" not in text(slip)


class TestMorePages:
    def test_forty_rows_take_two_pages_that_say_so(self, forty):
        assert pages(forty) == 2
        assert "page 1 of 2" in text(forty, 0)
        assert "page 2 of 2" in text(forty, 1)

    def test_what_is_kept_for_a_batch_never_puts_one_patients_value_on_anothers_slip(self):
        other = replace(slip_of(25), patient=LONG_NAMED, criticals=())
        group = other.groups[0]
        rows = tuple(
            replace(row, value=f"{at}.5", before=f"{at}.7") for at, row in enumerate(group.rows)
        )
        other = replace(other, groups=(replace(group, rows=rows),))
        both = result_slip_pdf([replace(slip_of(25), criticals=()), other, slip_of(3)])
        assert text(both, 1) == text(result_slip_pdf([other]))
        assert text(both, 2) == text(result_slip_pdf([slip_of(3)]))

    def test_each_row_is_printed_once(self, forty):
        printed = re.findall(r"Analyte (\d+)\b", f"{text(forty, 0)}\n{text(forty, 1)}")
        assert [int(number) for number in printed] == list(range(1, 41))

    @pytest.mark.parametrize(
        "words",
        ["WOŹNIAK-O’NEILL Siân", "999 217 3858", "CONTINGENCY RESULT", "gold SST, continued"],
    )
    def test_the_second_page_repeats(self, forty, words):
        assert words in text(forty, 1)

    def test_both_pages_bear_the_number(self, forty):
        assert barcodes(forty, 203, 0) == barcodes(forty, 203, 1) == [SLIP.number]

    def test_the_box_to_sign_stands_on_the_last_page_only(self, forty):
        assert "Read and acted on" not in text(forty, 0)
        assert "Read and acted on" in text(forty, 1)

    @pytest.mark.parametrize("rows", range(14, 30))
    def test_the_box_to_sign_never_stands_alone(self, rows):
        pdf = result_slip_pdf([slip_of(rows)])
        assert "tube not received" in text(pdf, pages(pdf) - 1)

    def test_several_slips_count_their_own_pages(self):
        pdf = result_slip_pdf([SLIP, slip_of(40)])
        assert pages(pdf) == 3
        assert "page 1 of 1" in text(pdf, 0)
        assert "page 1 of 2" in text(pdf, 1)


class TestRefused:
    @pytest.mark.parametrize("field", ["name", "unit", "interval", "before"])
    def test_a_cell_that_does_not_fit_is_refused_and_named(self, field):
        assert refusal(with_row(**{field: "far too long a text " * 9})).field == field

    @pytest.mark.parametrize("field", ["name", "value", "unit", "flag", "old_value", "comment"])
    def test_a_letter_the_fonts_lack_is_refused_and_named(self, field):
        assert refusal(with_row(**{field: "漢"})).field == field

    def test_no_slips_are_refused(self):
        with pytest.raises(CannotPrint, match="no slip"):
            result_slip_pdf([])

    def test_a_comment_longer_than_a_page_flows(self):
        long = replace(SLIP, comments=("It was said at length. " * 300,))
        assert pages(result_slip_pdf([long])) > 1

    def test_a_remark_longer_than_a_page_is_refused(self):
        assert refusal(with_row(comment="It was said at length. " * 300)).field == "groups"


class TestSameness:
    def test_equal_content_gives_equal_bytes_with_every_font_inside(self, slip):
        assert result_slip_pdf([SLIP]) == slip
        assert fonts_outside(slip) == set()


def ink(pdf: bytes) -> int:
    return sum(pixels(pdf, 203).histogram()[:128])
