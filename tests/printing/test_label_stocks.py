"""Labels of every size: what they say, where it stands, that it scans, and what is refused."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import groupby
from math import ceil

import pypdf
import pytest
import zxingcpp

from lab_contingency.printing.barcode import ROOM
from lab_contingency.printing.content import NumberOnlyLabel, WriteOnLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import face_of
from lab_contingency.printing.labels import labels_pdf, try_label
from lab_contingency.printing.stock import DOT, LABEL_STOCKS, SMALLEST_LETTER
from tests.printing.examples import LABEL, LONG_NAMED, SIAN
from tests.printing.reading import MM, barcodes, joined, matrices, pages, pixels, size_mm
from tests.printing.stocks import CODES, FULL, REDUCED, WITH_BARS, picture, roll

PRIORITIES = [("P1", "NOW"), ("P2", "TODAY"), ("P3", "DAYS"), ("P4", "LATER")]
WHO = ("WOŹNIAK-O’NEILL", "Siân", "04-Nov-1958", "NHS9992173858", "LAVENDER", "411004711033")
LONGEST_SMALL = replace(
    LABEL, patient=replace(SIAN, surname="FEATHERSTONE-SMYTHE", forenames="Maximilian Jo")
)


def refusal(label, code: str) -> CannotPrint:
    with pytest.raises(CannotPrint) as refused:
        labels_pdf([label], stock=LABEL_STOCKS[code])
    return refused.value


def ink_mm(image, dpi: int) -> tuple[float, float, float, float]:
    """White at the left, top, right and bottom of a label, mm."""
    black = image.point(lambda value: 255 if value < 128 else 0)
    left, top, right, bottom = black.getbbox()
    dot = 25.4 / dpi
    return left * dot, top * dot, (image.width - right) * dot, (image.height - bottom) * dot


@pytest.mark.feature(16)
@pytest.mark.parametrize("code", CODES)
class TestEverySize:
    def test_a_page_is_exactly_the_stock(self, code):
        stock = LABEL_STOCKS[code]
        sheet = stock.sheet
        wanted = (sheet.page_width, sheet.page_height) if sheet else (stock.width, stock.height)
        assert size_mm(labels_pdf([LABEL], stock=stock)) == pytest.approx(wanted, abs=0.1)

    def test_it_says_who_which_number_and_which_tube(self, code):
        words = joined(labels_pdf([LABEL], stock=roll(code)))
        assert [said for said in WHO if said not in words] == []

    @pytest.mark.feature(15)
    @pytest.mark.parametrize(("priority", "word"), PRIORITIES)
    def test_the_priority_is_a_mark_with_its_word(self, code, priority, word):
        words = joined(
            labels_pdf([replace(LABEL, priority=priority, priority_word=word)], stock=roll(code))
        )
        assert priority in words
        assert word in words

    @pytest.mark.parametrize("dpi", [203, 300, 600])
    def test_its_code_reads_as_the_number(self, code, dpi):
        pdf = labels_pdf([LABEL], stock=roll(code))
        found = barcodes(pdf, dpi) if code in WITH_BARS else matrices(pdf, dpi)
        assert found == [LABEL.number]

    def test_nothing_is_smaller_than_can_be_read(self, code):
        pdf = labels_pdf([replace(LONGEST_SMALL, notes="ON ICE", test_mark=True)], stock=roll(code))
        (page,) = pypdf.PdfReader(BytesIO(pdf)).pages
        sizes = [
            float(size) / MM
            for size in re.findall(rb"/F\S+ ([0-9.]+) Tf", page.get_contents().get_data())
        ]
        assert min(sizes) >= SMALLEST_LETTER - 0.001

    @pytest.mark.hazard("H31")
    def test_nothing_reaches_the_edge_not_even_an_accent(self, code):
        high = replace(SIAN, surname="ẪẰẤ-ǺŻŚ", forenames="Ọ̀lájídé Ẹ̀ṣọ́")
        label = replace(LABEL, patient=high, test_mark=True, copy_reason="jam")
        assert min(ink_mm(picture(label, code, 600), 600)) >= 0.25

    def test_a_copy_of_a_label_in_the_demonstration_says_both(self, code):
        label = replace(LABEL, test_mark=True, copy_reason="jam")
        words = joined(labels_pdf([label], stock=roll(code)))
        assert "COPY" in words
        assert "TEST" in words

    @pytest.mark.hazard("H31")
    @pytest.mark.parametrize("field", ["surname", "forenames"])
    def test_an_endless_name_is_refused_by_its_field(self, code, field):
        patient = replace(SIAN, **{field: "Wilhelmina " * 40})
        assert refusal(replace(LABEL, patient=patient), code).field == field

    @pytest.mark.parametrize("field", ["surname", "forenames", "born", "sex"])
    def test_a_letter_the_fonts_lack_is_refused_by_its_field(self, code, field):
        patient = replace(SIAN, **{field: "A漢B"})
        assert refusal(replace(LABEL, patient=patient), code).field == field

    def test_a_patient_without_any_number_is_refused(self, code):
        patient = replace(SIAN, nhs_number=None, hospital_number=None)
        assert refusal(replace(LABEL, patient=patient), code).field == "hospital_number"

    def test_equal_content_gives_equal_bytes(self, code):
        stock = LABEL_STOCKS[code]
        assert labels_pdf([LABEL, LABEL], "AB", stock=stock) == labels_pdf(
            [LABEL, LABEL], "AB", stock=stock
        )

    def test_trying_refuses_what_printing_refuses(self, code):
        try_label(LABEL, LABEL_STOCKS[code])
        with pytest.raises(CannotPrint):
            try_label(replace(LABEL, priority="P5"), LABEL_STOCKS[code])

    @pytest.mark.hazard("H16")
    def test_a_copy_can_be_printed_of_every_name_that_was(self, code):
        fits = [n for n in range(4, 60) if _prints(_long(n), code)]
        assert fits
        assert [n for n in fits if not _prints(replace(_long(n), copy_reason="jam"), code)] == []


@pytest.mark.parametrize("code", WITH_BARS)
class TestBars:
    def test_bars_are_whole_pairs_of_dots_with_white_on_both_sides(self, code):
        # A page of whole dots, so that the picture of it is not stretched by part of one.
        wide, high = (
            ceil(side / DOT - 0.01) * DOT - 1e-4 for side in (roll(code).width, roll(code).height)
        )
        stock = replace(roll(code), width=wide, height=high)
        face = face_of(stock)
        top = (12.4 if code in FULL else 11.2) * face.scale
        bottom = (face.height - (4.6 if code in FULL else 3.4)) * face.scale
        image = pixels(labels_pdf([LABEL], stock=stock), 203)
        area = image.crop((0, round(top / DOT), 20 + 202 + 20, round(bottom / DOT)))
        (row,) = {area.crop((0, y, area.width, y + 1)).tobytes() for y in range(area.height)}
        assert set(row) == {0, 255}
        assert (row.index(0), row.rindex(0)) == (20, 221)
        assert {length % 2 for length in runs(row[20:222])} == {0}
        assert ROOM >= 242 * DOT

    @pytest.mark.parametrize("kind", ["number only", "pack"])
    def test_other_labels_scan_too(self, code, kind):
        if kind == "number only":
            label = NumberOnlyLabel("411004711044", ("tube 4 pink", "Group"), copy_reason="torn")
        else:
            label = WriteOnLabel("411004711044", "GOLD SST 5 mL")
        if kind == "pack" and code in REDUCED:
            assert refusal(label, code).field == "stock"
        else:
            assert barcodes(labels_pdf([label], stock=roll(code)), 203) == ["411004711044"]


@pytest.mark.parametrize("code", FULL)
def test_a_full_label_also_says_detail_order_tests_ward_and_a_line_to_write_on(code):
    words = joined(labels_pdf([LABEL], stock=roll(code)))
    wanted = ("EDTA4mL", "tube3of5", "FBC", "EDResus2", "taken", "by")
    assert [said for said in wanted if said not in words] == []


@pytest.mark.parametrize("code", REDUCED)
class TestSmallTubes:
    def test_a_small_label_leaves_out_what_the_form_says(self, code):
        words = joined(labels_pdf([LABEL], stock=roll(code)))
        assert [said for said in ("EDTA4mL", "FBC", "EDResus2", "taken") if said in words] == []

    def test_what_is_to_be_done_on_the_way_stays(self, code):
        label = replace(LABEL, notes="ON ICE")
        assert "ONICE" in joined(labels_pdf([label], stock=roll(code)))

    def test_a_longest_name_of_auto12_is_refused_here(self, code):
        assert refusal(replace(LABEL, patient=LONG_NAMED), code).field == "surname"

    @pytest.mark.parametrize(
        ("field", "text"),
        [("notes", "KEEP DARK AND ON ICE"), ("tube_colour", "midnight blue with a grey ring")],
    )
    def test_a_tube_that_does_not_fit_is_refused_by_its_field(self, code, field, text):
        assert refusal(replace(LABEL, **{field: text}), code).field == field


class TestMatrix:
    @pytest.mark.parametrize(
        "code", ["R57X32", "R63X38", "A4X14", "A4X16", "A4X21", "A4X24", "A4X65", "R25X25"]
    )
    @pytest.mark.parametrize("dpi", [203, 300])
    def test_where_room_allows_the_same_number_stands_as_a_data_matrix(self, code, dpi):
        assert matrices(labels_pdf([LABEL], stock=roll(code)), dpi) == [LABEL.number]

    def test_a_full_column_leaves_no_room_for_it_and_stays_as_large(self):
        full = replace(LABEL, tests="UE LFT CRP BONE MG", ward="Acute Medical Unit bay 4")
        pdf = labels_pdf([full])
        assert matrices(pdf, 300) == []
        assert barcodes(pdf, 300) == [LABEL.number]

    def test_its_white_border_is_white(self):
        image = picture(LABEL, "R25X25", 203)
        side, top = image.width - round(6.4 / 25.4 * 203), round(16.9 / 25.4 * 203)
        area = image.crop((side, top, side + 48, top + 48)).point(lambda v: 255 if v < 128 else 0)
        left, above, right, below = area.getbbox()
        assert min(left, above, 48 - right, 48 - below) >= 2
        assert (right - left, below - above) == (42, 42)


class TestSheets:
    def test_labels_fill_a_sheet_row_by_row_and_go_on_to_the_next(self):
        stock = LABEL_STOCKS["A4X24"]
        labels = [replace(LABEL, number=f"41100{n:06d}3") for n in range(26)]
        pdf = labels_pdf(labels, stock=stock)
        assert pages(pdf) == 2
        assert _at(pdf, stock, 0, 0) == labels[0].number
        assert _at(pdf, stock, 0, 3) == labels[3].number
        assert _at(pdf, stock, 0, 23) == labels[23].number
        assert _at(pdf, stock, 1, 1) == labels[25].number

    @pytest.mark.parametrize("start", [1, 2, 24])
    def test_a_begun_sheet_is_used_from_any_place(self, start):
        stock = LABEL_STOCKS["A4X24"]
        labels = [LABEL, replace(LABEL, number="411004711044")]
        pdf = labels_pdf(labels, stock=stock, start=start)
        assert pages(pdf) == (2 if start == 24 else 1)
        assert _at(pdf, stock, 0, start - 1) == LABEL.number
        assert _at(pdf, stock, *divmod(start, 24)) == "411004711044"
        assert len(barcodes(pdf, 300)) == (1 if start == 24 else 2)

    @pytest.mark.parametrize(
        ("code", "start"), [("A4X24", 0), ("A4X24", 25), ("A4X24", -1), ("AUTO12", 2)]
    )
    def test_a_place_that_is_not_on_the_sheet_is_refused(self, code, start):
        with pytest.raises(CannotPrint) as refused:
            labels_pdf([LABEL], stock=LABEL_STOCKS[code], start=start)
        assert refused.value.field == "start"

    @pytest.mark.parametrize("code", [code for code in CODES if LABEL_STOCKS[code].sheet])
    def test_every_label_stands_in_its_place_to_a_tenth_of_a_millimetre(self, code):
        stock = LABEL_STOCKS[code]
        alone = ink_mm(picture(LABEL, code, 600), 600)
        sheet = pixels(labels_pdf([LABEL] * stock.sheet.labels, stock=stock), 600)
        for place in (0, stock.sheet.across - 1, stock.sheet.labels - 1):
            x, y = stock.sheet.corner(place)
            edges = (x, y, x + stock.width, y + stock.height)
            cut = sheet.crop(tuple(round(edge / 25.4 * 600) for edge in edges))
            assert ink_mm(cut, 600) == pytest.approx(alone, abs=0.1)

    def test_the_watermark_stands_among_the_keywords(self):
        pdf = labels_pdf([LABEL], "AB12CD34EF", stock=LABEL_STOCKS["A4X24"])
        assert pypdf.PdfReader(BytesIO(pdf)).metadata["/Keywords"] == "AB12CD34EF"


def _at(pdf: bytes, stock, page: int, place: int) -> str:
    """The number read in one place of a sheet."""
    x, y = stock.sheet.corner(place)
    edges = (x, y, x + stock.width, y + stock.height)
    cut = pixels(pdf, 300, page).crop(tuple(round(edge / 25.4 * 300) for edge in edges))
    (found,) = {each.text for each in zxingcpp.read_barcodes(cut)}
    return found


def _long(letters: int):
    return replace(LABEL, patient=replace(SIAN, surname="M" * letters))


def _prints(label, code: str) -> bool:
    try:
        try_label(label, LABEL_STOCKS[code])
    except CannotPrint:
        return False
    return True


def runs(row: bytes) -> list[int]:
    """Lengths of what is alike side by side."""
    return [len(list(alike)) for _, alike in groupby(row)]
