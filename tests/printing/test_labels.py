import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab_contingency.printing.content import NumberOnlyLabel, PatientIdentity, WriteOnLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.stock import DOT
from tests.printing.examples import LABEL, LONG_NAMED, SIAN
from tests.printing.reading import (
    barcodes,
    fonts_outside,
    joined,
    pages,
    pixels,
    size_mm,
    text,
)

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJŻŁĐẶặÉéñøœßŠşğİı’'- .щΩ\u0301"
REFUSED = "\u200f漢א\n\x00"
NAMES = st.one_of(
    st.text(LETTERS, min_size=1, max_size=60), st.text(LETTERS + REFUSED, min_size=1, max_size=30)
)


def named(surname: str = "SMITH", forenames: str = "Jo") -> PatientIdentity:
    return replace(SIAN, surname=surname, forenames=forenames)


def refusal(label) -> CannotPrint:
    with pytest.raises(CannotPrint) as refused:
        labels_pdf([label])
    return refused.value


class TestSize:
    def test_a_label_is_exactly_the_stock(self):
        assert size_mm(labels_pdf([LABEL])) == pytest.approx((50.8, 25.4), abs=0.1)

    def test_each_label_has_a_page_of_its_own_in_the_order_given(self):
        pdf = labels_pdf([LABEL, replace(LABEL, number="411004711044")])
        assert [barcodes(pdf, 300, page) for page in range(pages(pdf))] == [
            ["411004711033"],
            ["411004711044"],
        ]

    def test_no_labels_are_refused(self):
        with pytest.raises(CannotPrint, match="no label"):
            labels_pdf([])


class TestWords:
    @pytest.mark.parametrize(
        "words",
        [
            "WOŹNIAK-O’NEILL",
            "Siân",
            "04-Nov-1958",
            "NHS 999 217 3858",
            "P1",
            "NOW",
            "LAVENDER",
            "EDTA 4 mL",
            "tube 3 of 5",
            "FBC",
            "ED Resus 2",
            "41 1 004711 03 3",
            "taken",
            "by",
        ],
    )
    def test_the_label_says(self, words):
        assert words in text(labels_pdf([LABEL]))

    @pytest.mark.parametrize("name", ["ŻÓŁĆ", "ĐẶNG", "O’Brien", "Ọlá", "Şahin-Ğül", "Þórsdóttir"])
    def test_a_name_comes_out_letter_by_letter(self, name):
        pdf = labels_pdf([replace(LABEL, patient=named(name, name))])
        assert text(pdf).count(name) == 2

    def test_a_name_written_with_separate_accents_is_composed(self):
        assert "Siân" in text(labels_pdf([replace(LABEL, patient=named(forenames="Sia\u0302n"))]))

    def test_a_double_barrelled_name_of_forty_letters_fits_whole(self):
        words = joined(labels_pdf([replace(LABEL, patient=LONG_NAMED, test_mark=True)]))
        assert LONG_NAMED.surname in words
        assert LONG_NAMED.forenames.replace(" ", "") in words

    def test_without_an_nhs_number_the_hospital_number_stands_with_its_issuer(self):
        assert "H0123456 (St Elsewhere)" in text(labels_pdf([replace(LABEL, patient=LONG_NAMED)]))

    def test_nine_tests_and_a_long_ward_fit(self):
        crowded = replace(
            LABEL,
            tests="UE LFT CRP BONE MG AMY TROP PARA SALI",
            ward="Acute Medical Unit bay 4",
        )
        words = joined(labels_pdf([crowded]))
        assert "UELFTCRPBONEMGAMYTROPPARASALI" in words
        assert "AcuteMedicalUnitbay4" in words

    def test_ice_is_said(self):
        assert "ON ICE" in text(labels_pdf([replace(LABEL, notes="ON ICE")]))

    def test_tests_that_do_not_fit_are_replaced_as_a_whole_by_the_words_given_for_that(self):
        many = " ".join(f"TEST{n}" for n in range(30))
        words = text(labels_pdf([replace(LABEL, tests=many, tests_if_long="30 tests, see form")]))
        assert "30 tests, see form" in words
        assert "TEST" not in words

    def test_the_bed_stands_after_the_ward(self):
        assert "EDResus2,bed4" in joined(
            labels_pdf([replace(LABEL, ward="ED Resus 2", bed="bed 4")])
        )

    def test_a_bed_that_does_not_fit_is_left_out_and_the_ward_stays(self):
        words = joined(labels_pdf([replace(LABEL, ward="ED Resus 2", bed="bay " * 30)]))
        assert "EDResus2" in words
        assert "bay" not in words

    def test_the_bed_never_makes_the_tests_smaller_than_without_it(self):
        many = replace(
            LABEL, tests="UE LFT CRP BONE MG AMY TROP PARA SALI", ward="Acute Medical Unit"
        )
        assert labels_pdf([replace(many, bed="bay " * 30)]) == labels_pdf([many])


class TestMarks:
    def test_the_demonstration_is_marked(self):
        assert "TEST" in text(labels_pdf([replace(LABEL, test_mark=True)]))

    def test_an_ordinary_first_label_bears_neither_mark(self):
        words = text(labels_pdf([LABEL]))
        assert "TEST" not in words
        assert "COPY" not in words

    def test_a_reprint_says_copy_and_why(self):
        words = text(labels_pdf([replace(LABEL, copy_reason="printer jam")]))
        assert "COPY" in words
        assert "copy: printer jam" in words

    def test_a_copy_of_the_fullest_label_can_be_printed(self):
        full = replace(LABEL, patient=LONG_NAMED, test_mark=True, notes="ON ICE")
        assert "COPY" in text(labels_pdf([replace(full, copy_reason="jam")]))

    @pytest.mark.parametrize(
        ("priority", "word", "corner"),
        [("P1", "NOW", 0), ("P2", "TODAY", 0), ("P3", "DAYS", 255), ("P4", "LATER", 255)],
    )
    def test_the_priority_box_is_black_thick_or_absent(self, priority, word, corner):
        picture = pixels(labels_pdf([replace(LABEL, priority=priority, priority_word=word)]), 203)
        x, y = round(39.1 / DOT), round(1.1 / DOT)
        assert picture.getpixel((x, y)) == corner

    def test_an_unknown_priority_is_refused(self):
        assert refusal(replace(LABEL, priority="P5")).field == "priority"


class TestBarcode:
    @pytest.mark.parametrize("dpi", [203, 300, 600])
    @pytest.mark.parametrize(
        "number", ["411004711033", "000000000000", "999999999999", "102030405060"]
    )
    def test_the_barcode_reads_as_the_number(self, number, dpi):
        assert barcodes(labels_pdf([replace(LABEL, number=number)]), dpi) == [number]

    @pytest.mark.parametrize(
        "number", ["41100471103", "4110047110333", "41100471103A", "", "４11004711033"]
    )
    def test_anything_but_twelve_digits_is_refused(self, number):
        assert refusal(replace(LABEL, number=number)).field == "number"

    def test_bars_are_whole_pairs_of_printer_dots(self):
        row = bars_at_203(labels_pdf([LABEL]))
        assert set(row) <= {0, 255}
        assert {length % 2 for length in runs(row)} == {0}

    def test_the_quiet_zone_is_white_on_both_sides_over_the_whole_height(self):
        picture = pixels(labels_pdf([replace(LABEL, patient=LONG_NAMED)]), 203)
        first, last = bar_columns(picture)
        top, bottom = round(12.3 / DOT), round(20.9 / DOT)
        assert first >= 20
        left = picture.crop((first - 20, top, first, bottom))
        right = picture.crop((last + 1, top, last + 21, bottom))
        assert left.getextrema() == right.getextrema() == (255, 255)

    def test_bars_are_at_least_eight_point_eight_millimetres_high(self):
        picture = pixels(labels_pdf([LABEL]), 203)
        first, _ = bar_columns(picture)
        column = [picture.getpixel((first, y)) for y in range(picture.height)]
        assert column.count(0) * DOT >= 8.7


class TestRefusals:
    @pytest.mark.parametrize(
        "bad", ["漢", "א", "ب", "\u200f", "\u202e", "\x07", "\n", "\u00ad", "\ue000"]
    )
    @pytest.mark.parametrize("field", ["surname", "forenames", "born", "sex"])
    def test_a_letter_that_cannot_be_shown_is_refused_and_its_field_named(self, field, bad):
        patient = replace(SIAN, **{field: f"A{bad}B"})
        assert refusal(replace(LABEL, patient=patient)).field == field

    @pytest.mark.parametrize("field", ["tests", "ward", "tube_detail", "tube_colour", "notes"])
    def test_text_that_does_not_fit_is_refused_and_its_field_named(self, field):
        assert refusal(replace(LABEL, **{field: "Wide words " * 30})).field == field

    @pytest.mark.parametrize("field", ["surname", "forenames"])
    def test_an_endless_name_is_refused_and_its_field_named(self, field):
        patient = replace(SIAN, **{field: "Wilhelmina " * 12})
        assert refusal(replace(LABEL, patient=patient)).field == field

    def test_a_long_reason_for_the_copy_is_refused_and_named(self):
        assert refusal(replace(LABEL, copy_reason="reason " * 30)).field == "copy_reason"

    def test_a_patient_without_any_number_is_refused(self):
        patient = replace(SIAN, nhs_number=None, hospital_number=None)
        assert refusal(replace(LABEL, patient=patient)).field == "hospital_number"

    def test_a_refusal_repeats_nothing_of_the_name(self):
        assert "Wilhelmina" not in str(refusal(replace(LABEL, patient=named("Wilhelmina " * 12))))


class TestSameness:
    def test_equal_content_gives_equal_bytes(self):
        assert labels_pdf([LABEL, LABEL]) == labels_pdf([LABEL, LABEL])

    def test_one_changed_letter_gives_other_bytes(self):
        assert labels_pdf([LABEL]) != labels_pdf([replace(LABEL, ward="ED Resus 3")])

    def test_every_font_is_in_the_file(self):
        assert fonts_outside(labels_pdf([LABEL])) == set()


class TestOtherLabels:
    def test_a_number_only_label_has_no_patient(self):
        label = NumberOnlyLabel("411004711044", ("TRANSFUSION, accepted", "24-Nov 03:20"))
        pdf = labels_pdf([label])
        assert barcodes(pdf, 203) == ["411004711044"]
        assert "TRANSFUSION, accepted" in text(pdf)
        assert "41 1 004711 04 4" in text(pdf)

    def test_a_number_only_label_says_copy_and_test(self):
        label = NumberOnlyLabel("411004711044", (), test_mark=True, copy_reason="torn")
        words = text(labels_pdf([label]))
        assert "COPY" in words
        assert "TEST" in words
        assert "copy: torn" in words

    def test_a_number_only_label_has_three_lines_at_most(self):
        assert refusal(NumberOnlyLabel("411004711044", ("a", "b", "c", "d"))).field == "lines"

    def test_a_label_of_a_paper_pack_leaves_room_for_the_patient(self):
        pdf = labels_pdf([WriteOnLabel("411004711055", "GOLD SST 5 mL", test_mark=True)])
        words = text(pdf)
        assert barcodes(pdf, 203) == ["411004711055"]
        assert "surname" in words
        assert "GOLD SST 5 mL" in words
        assert "not for transfusion" in words


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(surname=NAMES, forenames=NAMES)
def test_a_name_comes_out_exactly_or_is_refused_by_field(surname, forenames):
    words, refused = printed(replace(LABEL, patient=named(surname, forenames)))
    if refused:
        assert refused in {"surname", "forenames"}
    else:
        assert squeezed(surname) in words
        assert squeezed(forenames) in words


def printed(label) -> tuple[str, str | None]:
    """What the paper says, or the field that was refused."""
    try:
        return joined(labels_pdf([label])), None
    except CannotPrint as refused:
        return "", refused.field


def squeezed(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", name).split())


def bars_at_203(pdf: bytes) -> list[int]:
    picture = pixels(pdf, 203)
    middle = round(16.5 / DOT)
    return [picture.getpixel((x, middle)) for x in range(242)]


def bar_columns(picture) -> tuple[int, int]:
    middle = round(16.5 / DOT)
    dark = [x for x in range(240) if picture.getpixel((x, middle)) < 128]
    return dark[0], dark[-1]


def runs(row: list[int]) -> list[int]:
    dark = [x for x, value in enumerate(row) if value == 0]
    bars = row[dark[0] : dark[-1] + 1]
    lengths = [1]
    for before, after in pairwise(bars):
        if before == after:
            lengths[-1] += 1
        else:
            lengths.append(1)
    return lengths
