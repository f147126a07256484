"""The anchor sheet: words and code to read, everything to scan, room to sign; equal content, equal bytes."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from lab_contingency.audit.anchors import code_of, words_of
from lab_contingency.printing.anchor_sheet import anchor_sheet_pdf
from lab_contingency.printing.content import AnchorSheet, PrintedBy
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.qr import qr_rows

DIGEST = "b0c4f1d29a7e6358" * 4
SCANNED = (
    f"LAB-ANCHOR/1 node=41 n=17 at=2026-11-24T03:07:12.000000Z digest={DIGEST} "
    f"sig={'5e' * 64} key=1 pub={'a7' * 32}"
)
SHEET = AnchorSheet(
    title="Anchor of the record",
    place="Node 41 · Incident 3 · main system down since 23-Nov 02:10",
    made=PrintedBy("printed 24-Nov-2026 03:07 by A. Okafor", "copy 1"),
    words=tuple(words_of(DIGEST).split()),
    code=code_of(DIGEST),
    checkpoint="Checkpoint 17",
    taken="24-Nov-2026 03:07, 03:07:12 UTC",
    explained=("This sheet shows later whether anything was changed.", "Sign it, two of you."),
    digest=DIGEST,
    signature="5e" * 64,
    public_key="a7" * 32,
    scanned=SCANNED,
)


def _page(pdf: bytes):
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0]


def test_the_sheet_says_words_code_number_and_time_and_leaves_room_to_sign():
    text = _page(anchor_sheet_pdf(SHEET)).get_textpage().get_text_bounded()

    for said in (*SHEET.words, SHEET.code, "Checkpoint 17", "24-Nov-2026 03:07", "A. Okafor"):
        assert said in text
    assert text.count("signature") == 3  # the digits, and two to write
    assert "kept at" in text
    assert "TEST" not in text


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_code_scans_from_the_paper_and_says_everything(dpi):
    picture = _page(anchor_sheet_pdf(SHEET)).render(scale=dpi / 72).to_pil().convert("L")

    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [SCANNED]


def test_a_demonstration_is_marked():
    sheet = replace(SHEET, made=replace(SHEET.made, test_mark=True))

    assert "TEST" in _page(anchor_sheet_pdf(sheet)).get_textpage().get_text_bounded()


def test_equal_content_gives_equal_bytes():
    assert anchor_sheet_pdf(SHEET) == anchor_sheet_pdf(SHEET)


@pytest.mark.parametrize("field", ["place", "code", "scanned"])
def test_what_does_not_fit_is_refused_by_name(field):
    with pytest.raises(CannotPrint) as refused:
        anchor_sheet_pdf(replace(SHEET, **{field: "W" * 1300}))

    assert refused.value.field == field


def test_the_squares_of_the_code_are_a_square():
    rows = qr_rows(SCANNED)

    assert {len(row) for row in rows} == {len(rows)}
    assert set("".join(rows)) == {"0", "1"}
