"""Lists and single sheets as finished paper: what they say, how they lie, that their bars are read."""

from dataclasses import replace

import pytest
from PIL import ImageFilter

from lab_contingency.printing.bench_list import bench_list_pdf
from lab_contingency.printing.call_sheets import call_sheets_pdf
from lab_contingency.printing.content.lists import BenchGroup
from lab_contingency.printing.delivery_list import delivery_list_pdf
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.handover_sheet import handover_sheet_pdf
from lab_contingency.printing.manifest import manifest_pdf
from lab_contingency.printing.rejection_slip import rejection_slip_pdf
from lab_contingency.printing.result_slip import result_slip_pdf
from tests.printing.examples import LONG_NAMED, SLIP, slip_of
from tests.printing.examples_lists import (
    BENCH,
    CALL,
    CALLS,
    DELIVERY,
    FOXTROT,
    HANDOVER,
    LONG_DELIVERY,
    MANIFEST,
    REJECTION,
    slip_number,
)
from tests.printing.reading import (
    barcodes,
    blurred,
    copied_grey,
    damaged,
    decoded,
    decoded_otherwise,
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

A4, A5 = (210, 297), (148, 210)
_MANY = replace(BENCH, groups=(BenchGroup("Chemistry", BENCH.groups[1].rows * 9),))
_MANY_CALLS = replace(CALLS, calls=tuple([CALL] * 25))
_LONG = replace(
    HANDOVER, overdue=HANDOVER.overdue * 12, calls=HANDOVER.calls * 24, notes="To know. " * 60
)
_BOX = replace(MANIFEST, rows=MANIFEST.rows * 9)
_COPY = replace(REJECTION, made=replace(REJECTION.made, copy_reason="torn or smudged"))
_SLIP = replace(
    SLIP,
    number=slip_number(4711),
    made=replace(SLIP.made, copy_reason="the first was lost", test_mark=True, mark="K7QM2XRD4T"),
)
PAPERS = {
    "result slip": (result_slip_pdf([_SLIP]), A5, 1),
    "slip of somebody identified later": (
        result_slip_pdf([replace(slip_of(40), patient=FOXTROT, identified=LONG_NAMED)]),
        A5,
        2,
    ),
    "list with somebody identified later": (
        delivery_list_pdf(
            replace(DELIVERY, rows=(replace(DELIVERY.rows[-1], identified=LONG_NAMED),))
        ),
        A5,
        1,
    ),
    "long result slip": (result_slip_pdf([replace(slip_of(40), patient=LONG_NAMED)]), A5, 2),
    "delivery list": (delivery_list_pdf(DELIVERY), A5, 1),
    "delivery list with its slips": (delivery_list_pdf(DELIVERY, [SLIP, SLIP]), A5, 3),
    "long delivery list": (delivery_list_pdf(LONG_DELIVERY), A5, 3),
    "bench worklist": (bench_list_pdf(BENCH), A4, 1),
    "long bench worklist": (bench_list_pdf(_MANY), A4, 3),
    "call sheets": (call_sheets_pdf(CALLS), A4, 3),
    "many call sheets": (call_sheets_pdf(_MANY_CALLS), A4, 27),
    "rejection slip": (rejection_slip_pdf(REJECTION), A5, 1),
    "copy of a rejection slip": (rejection_slip_pdf(_COPY), A5, 1),
    "hand-over sheet": (handover_sheet_pdf(HANDOVER), A4, 1),
    "long hand-over sheet": (handover_sheet_pdf(_LONG), A4, 2),
    "manifest": (manifest_pdf(MANIFEST), A4, 1),
    "long manifest": (manifest_pdf(_BOX), A4, 3),
}
EVERY_PAGE = [
    (name, page) for name, (_, _, count) in PAPERS.items() for page in range(min(count, 3))
]
# One code or few, each of which must be found; lists of many rows are looked at in their own test.
BARS = {
    "result slip": {slip_number(4711)},
    "rejection slip": {REJECTION.number},
    "delivery list": {DELIVERY.number, *(row.number for row in DELIVERY.rows)},
    "bench worklist": {row.number for group in BENCH.groups for row in group.rows if row.number},
    "call sheets": {call.number for call in CALLS.calls},
    "hand-over sheet": {HANDOVER.scanned},
    "manifest": {MANIFEST.number},
}


@pytest.mark.parametrize("name", PAPERS)
class TestEveryPaper:
    def test_it_has_its_size_and_pages(self, name):
        pdf, size, count = PAPERS[name]

        assert size_mm(pdf) == pytest.approx(size, abs=0.1)
        assert pages(pdf) == count

    def test_every_font_is_inside(self, name):
        assert fonts_outside(PAPERS[name][0]) == set()


@pytest.mark.parametrize(("name", "page"), EVERY_PAGE)
class TestEveryPage:
    @pytest.mark.hazard("H31")
    def test_no_text_lies_on_another(self, name, page):
        assert overlaps(PAPERS[name][0], page) == []

    def test_nothing_lies_where_no_printer_reaches(self, name, page):
        # What most office printers leave white is 4.2 mm.
        assert white_margin_mm(PAPERS[name][0], page) >= 4.5

    def test_it_says_which_page_of_how_many_it_is(self, name, page):
        pdf, _, count = PAPERS[name]
        apart = "with its slips" in name

        assert ("page 1 of 1" if apart else f"page {page + 1} of {count}") in text(pdf, page)

    def test_it_says_who_printed_it_when_and_which_copy(self, name, page):
        words = text(PAPERS[name][0], page)

        assert "printed 24-Nov-2026 03:58 by P. Nair · copy 1" in words


def dirty(name, percent):
    """A page with so many of its pixels black or white by chance, as a scanner smooths it."""
    picture = damaged(pixels(PAPERS[name][0], 300), percent / 100, seed=percent)
    return picture.filter(ImageFilter.MedianFilter(3))


@pytest.mark.feature(62)
@pytest.mark.hazard("H32")
@pytest.mark.parametrize("name", BARS)
class TestEveryBar:
    @pytest.mark.parametrize("dpi", [203, 300])
    def test_all_are_read_from_the_sheet(self, name, dpi):
        assert decoded(pixels(PAPERS[name][0], dpi)) == BARS[name]

    def test_all_are_read_askew_and_out_of_focus(self, name):
        assert decoded(blurred(skewed(pixels(PAPERS[name][0], 300)))) == BARS[name]

    def test_all_are_read_from_a_pale_copy_and_through_a_fax(self, name):
        assert decoded(copied_grey(pixels(PAPERS[name][0], 203))) == BARS[name]
        assert decoded(faxed(PAPERS[name][0])) == BARS[name]

    @pytest.mark.parametrize("percent", [5, 10])
    def test_all_are_read_through_dirt_that_a_scanner_cleans_off(self, name, percent):
        assert decoded(dirty(name, percent)) == BARS[name]

    @pytest.mark.parametrize("percent", [20, 30])
    def test_damage_is_never_misread(self, name, percent):
        assert decoded(dirty(name, percent)) <= BARS[name]

    def test_a_second_reader_agrees_where_there_is_one(self, name):
        read = decoded_otherwise(pixels(PAPERS[name][0], 300))

        assert read is None or read == BARS[name] - {HANDOVER.scanned}


class TestSameness:
    @pytest.mark.parametrize(
        ("draw", "content"),
        [
            (delivery_list_pdf, DELIVERY),
            (bench_list_pdf, BENCH),
            (call_sheets_pdf, CALLS),
            (rejection_slip_pdf, REJECTION),
            (handover_sheet_pdf, HANDOVER),
            (manifest_pdf, MANIFEST),
        ],
    )
    def test_equal_content_gives_equal_bytes(self, draw, content):
        assert draw(content) == draw(content)


def refused(draw, content) -> str:
    with pytest.raises(CannotPrint) as problem:
        draw(content)
    return str(problem.value.field)


def first_row(content, **changes):
    return replace(content, rows=(replace(content.rows[0], **changes), *content.rows[1:]))


class TestRefused:
    @pytest.mark.parametrize("draw", [delivery_list_pdf, manifest_pdf])
    def test_an_empty_list(self, draw):
        content = DELIVERY if draw is delivery_list_pdf else MANIFEST
        assert refused(draw, replace(content, rows=())) == "rows"

    def test_an_empty_bench_and_no_calls(self):
        assert refused(bench_list_pdf, replace(BENCH, groups=())) == "groups"
        assert refused(call_sheets_pdf, replace(CALLS, calls=())) == "calls"

    @pytest.mark.hazard("H31")
    @pytest.mark.parametrize("field", ["surname", "born"])
    def test_an_identifier_is_never_cut(self, field):
        who = replace(DELIVERY.rows[0].patient, **{field: "W" * 80})
        assert refused(delivery_list_pdf, first_row(DELIVERY, patient=who)) == field
        assert refused(manifest_pdf, first_row(MANIFEST, patient=who)) == field

    @pytest.mark.hazard("H31")
    @pytest.mark.parametrize("field", ["tests", "tube", "priority"])
    def test_a_letter_the_fonts_lack(self, field):
        assert refused(manifest_pdf, first_row(MANIFEST, **{field: "漢"})) == field

    @pytest.mark.parametrize("number", ["41100471101", "4110047110112", "41100471101x"])
    def test_a_number_that_is_none(self, number):
        assert refused(delivery_list_pdf, first_row(DELIVERY, number=number)) == "number"
        assert refused(rejection_slip_pdf, replace(REJECTION, number=number)) == "number"

    @pytest.mark.parametrize("field", ["destination", "destination_detail", "place", "title"])
    def test_a_place_that_does_not_fit_a_list(self, field):
        assert refused(delivery_list_pdf, replace(DELIVERY, **{field: "Ward " * 60})) == field

    def test_a_note_longer_than_its_slip(self):
        assert refused(rejection_slip_pdf, replace(REJECTION, note="It leaked. " * 250)) == "note"

    def test_a_script_longer_than_its_sheet(self):
        call = replace(CALL, script=CALL.script * 12)
        assert refused(call_sheets_pdf, replace(CALLS, calls=(call,))) == "script"


def test_a_long_word_goes_on_in_the_next_line_and_is_whole():
    row = replace(BENCH.groups[0].rows[0], telephone="a.very.long.address@hospital.example.nhs.uk")
    words = text(bench_list_pdf(replace(BENCH, groups=(BenchGroup("Haematology", (row,)),))))

    assert row.telephone in "".join(words.split())


def test_a_bench_that_goes_over_a_page_says_so():
    pdf = PAPERS["long bench worklist"][0]

    assert "Chemistry, continued" in text(pdf, 1)
    assert "Chemistry, continued" not in text(pdf, 0)


def test_the_boxes_to_sign_stand_on_the_last_page_of_a_list():
    pdf = PAPERS["long delivery list"][0]

    assert ["Taken by" in text(pdf, page) for page in range(3)] == [False, False, True]
    assert barcodes(pdf, 203, 1)[-1] == LONG_DELIVERY.number


def test_the_mark_of_the_substance_stands_on_every_page_of_a_manifest():
    pdf = PAPERS["long manifest"][0]

    for page in range(3):
        assert "UN3373" in text(pdf, page)
        assert "BIOLOGICAL SUBSTANCE, CATEGORY B" in text(pdf, page)
    assert ["Courier took" in text(pdf, page) for page in range(3)] == [False, False, True]


def test_the_words_of_the_anchor_are_on_the_hand_over_sheet_and_its_code_says_the_rest():
    pdf = PAPERS["hand-over sheet"][0]

    for word in (*HANDOVER.anchor_words, HANDOVER.anchor_code):
        assert word in text(pdf)
    assert "no patient is named" in text(pdf)


@pytest.mark.feature(59)
def test_a_call_sheet_says_what_to_say_whom_to_ring_and_leaves_the_read_back_empty():
    words = text(PAPERS["call sheets"][0], 1)

    for said in (*CALL.script, "bleep 2222", "call by 04:31", "Write what they read back"):
        assert said in words
    assert words.count("6.8") == 1


@pytest.mark.hazard("H18")
@pytest.mark.parametrize(
    ("name", "marked"), [("delivery list", 2), ("bench worklist", 2), ("manifest", 2)]
)
def test_a_name_that_can_be_mixed_up_is_marked_on_its_line(name, marked):
    assert text(PAPERS[name][0]).count("SIMILAR NAME") == marked


@pytest.mark.hazard("H18")
@pytest.mark.parametrize("name", ["delivery list", "bench worklist", "call sheets", "manifest"])
def test_every_line_has_the_three_identifiers(name):
    words = text(PAPERS[name][0])

    for said in ("PATEL Anita", "17-Jan-1988", "999 664 8027"):
        assert said in words


@pytest.mark.hazard("H22")
@pytest.mark.parametrize("status", ["final", "amended", "preliminary", "being put right"])
def test_every_line_of_a_slip_says_how_far_it_can_be_relied_on(status):
    rows = tuple(replace(row, status=status) for row in SLIP.groups[0].rows)
    slip = replace(SLIP, groups=(replace(SLIP.groups[0], rows=rows),))

    words = " ".join(text(result_slip_pdf([slip])).split())

    assert words.count(status) >= len(rows)


@pytest.mark.hazard("H22")
def test_a_copy_says_so_on_every_page_with_why():
    made = replace(SLIP.made, copy_reason="the first was lost")
    pdf = result_slip_pdf([replace(slip_of(40), made=made)])

    for page in range(pages(pdf)):
        assert "COPY" in text(pdf, page)
        assert "copy: the first was lost" in text(pdf, page)
