"""Result slips of 25 analytes beside a raw PDF writer and the library's own tables (goal 6)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from benchmarks.floors import RawPdf, bars, joined, written
from benchmarks.timing import Line, interleaved, times
from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.printing.barcode import grouped
from lab_contingency.printing.content import ResultRow, ResultSlip
from lab_contingency.printing.result_slip import result_slip_pdf
from tests.printing.examples import SIAN, slip_of

COUNT = 100
ROWS = 25
_HEADINGS = ("Analyte", "Result", "Unit", "Interval", "Before")
_TOP = 430


def run() -> list[Line]:
    """A batch for one destination: every slip of another patient."""
    slips = [_slip(number) for number in range(COUNT)]
    found = interleaved(
        {
            "ours": lambda: result_slip_pdf(slips),
            "raw": times(5, lambda: _raw(slips)),
            "platypus": lambda: _platypus(slips),
        },
        rounds=5,
    )
    ours, raw = found["ours"].seconds, found["raw"].seconds / 5
    note = f"{ours / COUNT * 1e6:.0f} µs a slip"
    return [
        Line("result slip batch to a raw PDF writer", ours / raw, 6, note=note),
        Line(
            "result slip batch faster than platypus",
            found["platypus"].seconds / ours,
            7,
            least=True,
        ),
    ]


def _slip(number: int) -> ResultSlip:
    """A page of 25 results without a critical one: patient and values are nobody else's."""
    patient = replace(SIAN, surname=f"BENCHMARK{number:03d}", nhs_number=f"999 {number:03d} 3858")
    digits = with_check_digit(f"411{number:06d}00")
    slip = replace(slip_of(ROWS), number=digits, patient=patient, criticals=())
    slip = replace(slip, taken=f"24-Nov 03:{number % 60:02d}", received=f"04:{number % 60:02d}")
    group = slip.groups[0]
    rows = tuple(
        replace(row, value=f"{number + 1}.{at}", before=f"{number + 2}.{at}")
        for at, row in enumerate(group.rows)
    )
    return replace(slip, groups=(replace(group, rows=rows),))


def _rows(slip: ResultSlip) -> list[ResultRow]:
    return [row for group in slip.groups for row in group.rows]


def _head(slip: ResultSlip) -> list[str]:
    """The lines above and below the table."""
    who = slip.patient
    return [
        slip.title,
        slip.laboratory,
        f"{slip.extent} · {slip.finality} · {slip.version}",
        f"{who.surname} {who.forenames}  {who.born}  {who.sex}  NHS {who.nhs_number}",
        f"to {slip.to}, asked by {slip.asked_by}, {slip.priority}",
        f"taken {slip.taken}, received {slip.received}, authorised {slip.authorised}",
        slip.still_to_come,
        *slip.comments,
        f"typed {slip.typed_by}, checked {slip.checked_by}, authorised {slip.authorised_by}",
        f"{slip.made.printed} · {slip.made.copy_number}",
        grouped(slip.number),
    ]


def _cells(row: ResultRow) -> tuple[str, ...]:
    result = f"{row.value} {row.mark} {row.flag}".strip()
    return row.name, result, row.unit, row.interval, row.before


def _raw(slips: list[ResultSlip]) -> bytes:
    width, height = A5
    pdf = RawPdf(width / 72 * 25.4, height / 72 * 25.4)
    for slip in slips:
        page = [bars(20, 560, 27, slip.number)]
        page += [written(20, 540 - 10 * at, line, 8) for at, line in enumerate(_head(slip))]
        for down, row in enumerate(_rows(slip)):
            y = _TOP - 12 * down
            page += [
                written(20 + 80 * across, y, cell, 8) for across, cell in enumerate(_cells(row))
            ]
            page.append(f"20 {y - 2} m 400 {y - 2} l S")
        pdf.page(joined(page))
    return pdf.finish()


def _platypus(slips: list[ResultSlip]) -> bytes:
    made = BytesIO()
    style = getSampleStyleSheet()["Normal"]
    story: list[object] = []
    for slip in slips:
        story.append(Code128(slip.number, barWidth=0.71, barHeight=27, quiet=0))
        story += [Paragraph(line, style) for line in _head(slip)]
        story.append(Table([_HEADINGS, *map(_cells, _rows(slip))]))
        story.append(PageBreak())
    SimpleDocTemplate(made, pagesize=A5, leftMargin=20, rightMargin=20, topMargin=20).build(story)
    return made.getvalue()
