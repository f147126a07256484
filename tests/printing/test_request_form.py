import re
from dataclasses import replace

import pytest

from lab_contingency.printing.content import Answer, HandwrittenTube, TestGroup, TestLine
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.request_form import request_form_pdf
from tests.printing.examples import BLANK, FORM, GROUPS, LONG_NAMED, SIAN, TUBES
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

EVERYTHING_FILLED = [
    "Urgent pathology request",
    "St Elsewhere Hospital · incident 3",
    "printed 24-Nov-2026 03:07 by A. Okafor · copy 1 · page 1 of 1",
    "41 1 004711 00 6",
    "1 Patient",
    "2 Requester, and where the result goes",
    "3 Tests",
    "tube cap beside each, BD colours",
    "4 Urgency",
    "5 Clinical details",
    "6 Collection",
    "WOŹNIAK-O’NEILL",
    "999 217 3858",
    "H0123456 (St Elsewhere)",
    "12A",
    "bleep 2222",
    "ED Resus printer",
    "Major haemorrhage",
    "03:45",
    "?variceal. Theatre 04:00.",
    "Apixaban",
    "None known",
    "24-Nov 03:05",
    "vein",
    "Transfused in the last 3 months",
    "Laboratory use only",
    "Added later, by telephone",
    "Not on the list",
    "TUBE 4 OF 5 PINK: no printed label",
    "Write the tube by hand, beside the patient.",
    "in order of draw: light blue, gold, lavender, pink, grey",
    "for the notes",
]


def refusal(form) -> CannotPrint:
    with pytest.raises(CannotPrint) as refused:
        request_form_pdf(form)
    return refused.value


@pytest.fixture(scope="module")
def filled() -> bytes:
    return request_form_pdf(FORM)


@pytest.fixture(scope="module")
def blank() -> bytes:
    return request_form_pdf(BLANK)


class TestFilled:
    def test_the_form_is_one_page_of_a4(self, filled):
        assert pages(filled) == 1
        assert size_mm(filled) == pytest.approx((210, 297), abs=0.1)

    @pytest.mark.parametrize("words", EVERYTHING_FILLED)
    def test_the_form_says(self, filled, words):
        assert words in text(filled)

    def test_every_test_and_every_band_is_on_it(self, filled):
        words = text(filled)
        names = [line.name for group in GROUPS for line in group.tests]
        assert [name for name in names if name not in words] == []
        assert [f"{b.priority} {b.word}" for b in FORM.bands if b.meaning not in words] == []

    @pytest.mark.parametrize("dpi", [203, 300])
    def test_the_number_and_every_printed_label_are_read_from_the_sheet(self, filled, dpi):
        numbers = [tube.number for tube in TUBES if not isinstance(tube, HandwrittenTube)]
        assert barcodes(filled, dpi) == sorted([FORM.number, FORM.number, *numbers])

    def test_the_number_stands_clear_of_everything(self):
        made = replace(FORM.made, copy_reason="a reason to print again", test_mark=True)
        pdf = request_form_pdf(replace(FORM, made=made, title="Urgent request " * 3))
        bars = (201 - 5 - 25.28 - 2.6, 9.5, 201 - 5 + 2.6, 19)
        assert narrowest_quiet_zone_mm(pdf, bars) >= 2.5

    def test_a_transfusion_tube_has_no_name_in_its_place(self, filled):
        assert text(filled).count("WOŹNIAK-O’NEILL") == 1 + 4

    def test_a_ticked_test_is_crossed_and_the_next_is_not(self):
        lines = (TestLine("Ticked", "gold", ticked=True), TestLine("Open", "gold"))
        crossed = request_form_pdf(replace(FORM, groups=(TestGroup("One", lines),)))
        empty = tuple(replace(line, ticked=False) for line in lines)
        opened = request_form_pdf(replace(FORM, groups=(TestGroup("One", empty),)))
        assert ink(crossed, (12, 70, 20, 85)) > ink(opened, (12, 70, 20, 85))

    def test_a_message_stands_under_its_test(self):
        line = TestLine("D-dimer", "light blue", message="not offered today: use the Wells score")
        words = joined(request_form_pdf(replace(FORM, groups=(TestGroup("Clotting", (line,)),))))
        assert "notofferedtoday:usetheWellsscore" in words

    def test_a_reprint_says_copy_and_why(self):
        made = replace(FORM.made, copy_reason="printer jam", copy_number="copy 2", test_mark=True)
        words = text(request_form_pdf(replace(FORM, made=made)))
        assert "COPY" in words
        assert "copy: printer jam" in words
        assert "copy 2" in words
        assert "TEST" in words

    def test_long_names_are_whole(self):
        words = joined(request_form_pdf(replace(FORM, patient=LONG_NAMED)))
        assert LONG_NAMED.surname in words
        assert LONG_NAMED.forenames.replace(" ", "") in words

    def test_letters_the_typewriter_font_lacks_are_printed_in_the_other(self):
        patient = replace(SIAN, forenames="Sẹ́gun")
        assert "Sẹ́gun" in text(request_form_pdf(replace(FORM, patient=patient)))

    def test_long_clinical_details_are_whole(self):
        details = " ".join(f"Sentence {n} about the patient." for n in range(20))
        words = joined(request_form_pdf(replace(FORM, clinical_details=details)))
        assert "".join(details.split()) in words

    def test_labels_beyond_five_go_on_another_page(self):
        more = tuple(replace(TUBES[0], number=f"4110047112{n:02}") for n in range(10))
        pdf = request_form_pdf(replace(FORM, labels=more))
        assert pages(pdf) == 2
        assert "page 1 of 2" in text(pdf, 0)
        assert "page 2 of 2" in text(pdf, 1)
        assert barcodes(pdf, 300, 1) == [label.number for label in more[5:]]

    def test_equal_content_gives_equal_bytes_with_every_font_inside(self, filled):
        assert request_form_pdf(FORM) == filled
        assert fonts_outside(filled) == set()

    def test_without_questions_there_is_no_box_for_answers(self, filled):
        assert "Asked by the tests" in text(filled)
        assert "Asked by the tests" not in text(request_form_pdf(replace(FORM, answers=())))

    def test_the_laboratory_ticks_off_the_tubes_that_are_planned_and_no_others(self, filled):
        two = request_form_pdf(replace(FORM, tubes=(1, 3)))
        assert [_tubes(pdf) for pdf in (filled, two)] == ["1 2 3 4 5", "1 3"]

    def test_more_tubes_than_the_caption_holds_are_said_as_a_range(self):
        assert "Tubes 1 to 14" in text(request_form_pdf(replace(FORM, tubes=tuple(range(1, 15)))))

    def test_a_form_without_tubes_says_so(self):
        assert "No tubes" in text(request_form_pdf(replace(FORM, tubes=(), labels=())))


class TestRefused:
    @pytest.mark.parametrize(
        "field",
        ["clinical_details", "reason", "needed_by", "anticoagulant", "infection_risk", "title"],
    )
    def test_what_does_not_fit_is_refused_and_named(self, field):
        assert refusal(replace(FORM, **{field: "Words and words. " * 200})).field == field

    @pytest.mark.parametrize("field", ["clinical_details", "reason", "place", "tube_system"])
    def test_a_letter_the_fonts_lack_is_refused_and_named(self, field):
        assert refusal(replace(FORM, **{field: "漢"})).field == field

    def test_more_tests_than_the_sheet_holds_are_refused(self):
        group = TestGroup("Many", tuple(TestLine(f"Test {n}", "gold") for n in range(150)))
        assert refusal(replace(FORM, groups=(group,))).field == "groups"

    def test_an_answer_that_does_not_fit_is_refused(self):
        answers = (Answer("Since when", "long " * 100),)
        assert refusal(replace(FORM, answers=answers)).field == "answers"

    def test_a_number_of_other_length_is_refused(self):
        assert refusal(replace(FORM, number="1234")).field == "number"


class TestBlank:
    def test_a_numbered_blank_has_the_same_boxes_and_its_numbers(self, blank):
        words = text(blank)
        assert all(f"{n} {name}" in words for n, name in ((1, "Patient"), (6, "Collection")))
        assert barcodes(blank, 300) == ["411004800004", "411004800004", "411004800022"]

    def test_a_blank_without_a_number_has_a_place_for_the_label(self):
        pdf = request_form_pdf(replace(BLANK, number=None, labels=()))
        assert "stick a label or write the number" in text(pdf)
        assert barcodes(pdf, 203) == []

    def test_a_blank_with_labels_but_no_number_has_no_number_for_the_notes(self):
        words = text(request_form_pdf(replace(BLANK, number=None)))
        assert "GOLD SST 5 mL" in words
        assert "for the notes" not in words

    def test_a_blank_has_a_line_for_the_bed_and_six_tubes_to_tick_off(self, blank):
        words = text(blank)
        assert "Bed" in words
        assert "Tubes 1 2 3 4 5 6" in words

    def test_nothing_is_ticked_beforehand(self, blank):
        ticked = request_form_pdf(replace(BLANK, groups=FORM.groups))
        assert ink(blank, (9, 60, 201, 145)) < ink(ticked, (9, 60, 201, 145))

    def test_equal_content_gives_equal_bytes(self, blank):
        assert request_form_pdf(BLANK) == blank


def _tubes(pdf: bytes) -> str:
    """What the laboratory's box says after “Tubes”."""
    return re.search(r"Tubes ([\d ]+)", text(pdf))[1].strip()


def ink(pdf: bytes, area_mm: tuple[float, float, float, float]) -> int:
    """Dark pixels inside an area at 203 dpi."""
    left, top, right, bottom = (round(edge * 203 / 25.4) for edge in area_mm)
    return sum(pixels(pdf, 203).crop((left, top, right, bottom)).histogram()[:128])
