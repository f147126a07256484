"""Labels beside a raw PDF writer, the library's own barcode drawings, and copying bytes (goals 1 to 5)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pypdfium2
import zxingcpp
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import createBarcodeDrawing
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from benchmarks.floors import RawPdf, bars, joined, squares, written
from benchmarks.timing import Line, interleaved, times
from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.printing.barcode import grouped
from lab_contingency.printing.content import TubeLabel
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.stock import AUTO12, LABEL_STOCKS, POINTS_PER_MM
from lab_contingency.printing.zpl import labels_zpl
from tests.printing.examples import LABEL, SIAN, TUBES

COUNT = 1000
_PART = 100
_SHEETS = 240
_WIDE, _HIGH = AUTO12.width * POINTS_PER_MM, AUTO12.height * POINTS_PER_MM
_SHEET = LABEL_STOCKS["A4X24"]
_SURNAMES = ("MARSH", "OKAFOR", "WOŹNIAK-O’NEILL", "ĐẶNG", "FERREIRA", "NAIR", "ŞAHİN", "O’BRIEN")
_WARDS = ("ED Resus 2", "Ward 9 Nightingale", "Acute Medical Unit", "Theatre 3")
_TUBES = (*(each for each in TUBES if isinstance(each, TubeLabel)), LABEL)
_LATIN = replace(LABEL, patient=replace(SIAN, surname="MARSH"))


def run() -> list[Line]:
    """The batch, the sheet, the single label, what a scanner reads, and the printer's own language."""
    labels = [_label(number) for number in range(COUNT)]
    return [
        *_batch(labels),
        *_sheets(labels[:_SHEETS]),
        *_single(),
        *_scanned(labels),
        *_zpl(labels),
    ]


def _label(number: int) -> TubeLabel:
    """Five tubes a patient, as on a round: every patient another name, the tubes of five kinds."""
    person, tube = divmod(number, 5)
    patient = replace(
        SIAN,
        surname=f"{_SURNAMES[person % len(_SURNAMES)]} {person:03d}",
        nhs_number=f"999 {person:03d} 3858",
    )
    kind = _TUBES[tube]
    digits = with_check_digit(f"411{person:06d}{tube + 1:02d}")
    return replace(kind, number=digits, patient=patient, ward=_WARDS[person % len(_WARDS)])


def _batch(labels: list[TubeLabel]) -> list[Line]:
    part = labels[:_PART]
    found = interleaved(
        {
            "ours": lambda: labels_pdf(labels),
            "raw": times(5, lambda: _raw(labels)),
            "drawing": lambda: _drawings(part),
        },
        rounds=5,
    )
    ours, raw = found["ours"].seconds / COUNT, found["raw"].seconds / COUNT / 5
    note = f"{ours * 1e6:.0f} µs a label"
    drawing = found["drawing"].seconds / _PART
    return [
        Line("label batch to a raw PDF writer", ours / raw, 6, note=note),
        Line("label batch faster than createBarcodeDrawing", drawing / ours, 15, least=True),
    ]


def _sheets(labels: list[TubeLabel]) -> list[Line]:
    found = interleaved(
        {
            "ours": lambda: labels_pdf(labels, stock=_SHEET),
            "raw": times(5, lambda: _raw_sheets(labels)),
        },
        rounds=5,
    )
    ratio = found["ours"].seconds / found["raw"].seconds * 5
    note = f"{found['ours'].seconds / len(labels) * 1e6:.0f} µs a label"
    return [Line("A4 sheets of 24 to a raw PDF writer", ratio, 2.5, note=note)]


def _single() -> list[Line]:
    found = interleaved(
        {
            "ours": times(10, lambda: labels_pdf([_LATIN])),
            "flowable": times(10, lambda: _flowable(_LATIN)),
        },
        rounds=9,
    )
    ratio = found["ours"].seconds / found["flowable"].seconds
    note = f"{found['ours'].seconds * 100:.2f} ms; every letter's font is in the file"
    return [Line("one label, one document, to the Code128 flowable's", ratio, 4.5, note=note)]


def _scanned(labels: list[TubeLabel]) -> list[Line]:
    document = pypdfium2.PdfDocument(labels_pdf(labels))
    lines = []
    for dpi in (203, 300):
        read = wrong = 0
        for page, label in zip(document, labels, strict=True):
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            texts = {found.text for found in zxingcpp.read_barcodes(picture)}
            read += label.number in texts
            wrong += bool(texts - {label.number})
        note = f"{wrong} wrong"
        lines.append(
            Line(f"labels of {COUNT} read at {dpi} dpi", read, COUNT, least=True, note=note)
        )
    return lines


def _zpl(labels: list[TubeLabel]) -> list[Line]:
    return [
        _copied("ZPL with words as a picture", labels, held_letters=False),
        _copied("ZPL with words as fields", labels, held_letters=True),
    ]


def _copied(name: str, labels: list[TubeLabel], *, held_letters: bool) -> Line:
    """Beside copying its bytes, which a text in fixed places could reach but nothing that is measured (ADR 0019)."""
    part = labels[:_PART]
    ready = [labels_zpl([label], held_letters=held_letters) for label in part]
    found = interleaved(
        {
            "ours": lambda: labels_zpl(part, held_letters=held_letters),
            "copy": times(100, lambda: b"".join(ready)),
        },
        rounds=5,
    )
    ours = found["ours"].seconds / _PART
    note = f"{ours * 1e3:.2f} ms and {len(ready[0])} bytes a label"
    ratio = ours / (found["copy"].seconds / 100 / _PART)
    return Line(f"{name} to copying its bytes", ratio, 4, note=note)


def _raw(labels: list[TubeLabel]) -> bytes:
    pdf = RawPdf(AUTO12.width, AUTO12.height)
    for label in labels:
        pdf.page(_raw_label(label, 0, 0))
    return pdf.finish()


def _raw_sheets(labels: list[TubeLabel]) -> bytes:
    sheet = _SHEET.sheet
    if sheet is None:
        raise RuntimeError("the sheet is a roll")
    pdf = RawPdf(sheet.page_width, sheet.page_height)
    for start in range(0, len(labels), sheet.labels):
        page = []
        for place, label in enumerate(labels[start : start + sheet.labels]):
            left, top = sheet.corner(place)
            bottom = sheet.page_height - top - _SHEET.height
            page.append(_raw_label(label, left * POINTS_PER_MM, bottom * POINTS_PER_MM))
        pdf.page(joined(page))
    return pdf.finish()


def _raw_label(label: TubeLabel, x: float, y: float) -> str:
    return joined(
        [
            f"1 0 0 1 {x:.2f} {y:.2f} cm" if x else "",
            *(written(left, up, text, size, font) for left, up, text, size, font in _words(label)),
            bars(7.1, 12.5, 25, label.number),
            squares(160, 10, label.number) if x else "",  # there is room for it on the sheet alone
            f"1 0 0 1 {-x:.2f} {-y:.2f} cm" if x else "",
        ]
    )


def _words(label: TubeLabel) -> list[tuple[float, float, str, float, str]]:
    """Everything a label says, at fixed places and unmeasured."""
    who = label.patient
    return [
        (3.7, 60.5, who.surname, 11, "F2"),
        (3.7, 50, who.forenames, 8.5, "F1"),
        (25, 50, who.sex, 8.5, "F2"),
        (115, 62, label.priority, 8.8, "F2"),
        (115, 53, label.priority_word, 8.8, "F2"),
        (3.7, 40.4, f"{who.born}  NHS {who.nhs_number}", 7.9, "F2"),
        (3.7, 4, grouped(label.number), 6.5, "F2"),
        (87, 33, label.tube_colour, 7.4, "F2"),
        (87, 27, f"{label.tube_detail} · {label.draw_order}", 5.4, "F1"),
        (87, 20, label.tests, 7.1, "F2"),
        (87, 14, label.ward, 5.4, "F1"),
        (66, 3, "taken", 5.4, "F1"),
        (90, 3, "by", 5.4, "F1"),
    ]


def _drawings(labels: list[TubeLabel]) -> bytes:
    """What the library's manual shows: a drawing of a bar code on each page."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=(_WIDE, _HIGH))
    for label in labels:
        _set(canvas, label)
        drawing = createBarcodeDrawing(
            "Code128", value=label.number, barWidth=0.71, barHeight=25, quiet=0
        )
        renderPDF.draw(drawing, canvas, 7.1, 12.5)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _flowable(label: TubeLabel) -> bytes:
    made = BytesIO()
    canvas = Canvas(made, pagesize=(_WIDE, _HIGH))
    _set(canvas, label)
    Code128(label.number, barWidth=0.71, barHeight=25, quiet=0).drawOn(canvas, 7.1, 12.5)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _set(canvas: Canvas, label: TubeLabel) -> None:
    fonts = {"F1": "Helvetica", "F2": "Helvetica-Bold"}
    for x, y, text, size, font in _words(label):
        canvas.setFont(fonts[font], size)
        canvas.drawString(x, y, text)
