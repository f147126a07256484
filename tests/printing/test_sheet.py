from dataclasses import replace

import pytest

from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.sheet import Sheet, SheetColumn, sheet_pdf
from tests.printing.reading import pages, size_mm, text

SHEET = Sheet(
    title="Bench list, haematology",
    lines=("St Elsewhere Core laboratory · incident 3", "12 waiting, 2 overdue"),
    columns=(
        SheetColumn("Number", 3, bold=True),
        SheetColumn("Patient", 5),
        SheetColumn("Tests", 4),
        SheetColumn("Result", 4),
    ),
    rows=tuple((f"41 1 {n:06} 03 3", "WOŹNIAK-O’NEILL Siân", "FBC, film", "") for n in range(60)),
    made=PrintedBy("printed 24-Nov-2026 03:58 by P. Nair", "copy 1", test_mark=True),
)


def test_a_list_flows_over_pages_that_repeat_the_heading():
    pdf = sheet_pdf(SHEET)
    assert pages(pdf) == 2
    assert size_mm(pdf) == pytest.approx((210, 297), abs=0.1)
    assert "Bench list, haematology" in text(pdf, 1)
    assert "page 2 of 2" in text(pdf, 1)
    assert "TEST" in text(pdf, 1)


def test_each_row_is_printed_once():
    pdf = sheet_pdf(SHEET)
    words = text(pdf, 0) + text(pdf, 1)
    assert [row[0] for row in SHEET.rows if words.count(row[0]) != 1] == []


def test_long_entries_are_wrapped_not_cut():
    words = text(sheet_pdf(replace(SHEET, rows=(("1", "Long " * 30 + "end", "", ""),))))
    assert words.split().count("Long") == 30
    assert "end" in words


def test_an_empty_list_still_says_what_it_is():
    assert "page 1 of 1" in text(sheet_pdf(replace(SHEET, rows=())))


def test_a_copy_says_why():
    made = replace(SHEET.made, copy_reason="coffee")
    assert "copy: coffee" in text(sheet_pdf(replace(SHEET, made=made)))


@pytest.mark.parametrize("row", [("1", "2"), ("1", "漢", "3", "4"), ("x" * 400, "", "", "")])
def test_what_cannot_be_printed_is_refused_and_named(row):
    with pytest.raises(CannotPrint) as refused:
        sheet_pdf(replace(SHEET, rows=(row,)))
    assert refused.value.field == "rows"


def test_equal_content_gives_equal_bytes():
    assert sheet_pdf(SHEET) == sheet_pdf(SHEET)
