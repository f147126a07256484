"""A plain A4 list: heading, ruled table over as many pages as it needs. Sizes and places in mm."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab_contingency.printing import marks
from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.paper import TINT, Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    letterings,
    paragraphs,
    width,
)

WIDE = A4.width - 2 * A4.margin
_TOP, _HEAD, _FOOT = 8.0, 6.0, 8.0
_STAMP = 3.2
_META, _PITCH, _PAD = 4.2, 3.6, 1.2
_CELL = Lettering(REGULAR, 2.8)
_NAMED = Lettering(BOLD, 2.8)
_COLUMN = Lettering(BOLD, 2.5)
_SMALL = Lettering(REGULAR, 2.4)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: its heading, its share of the width, and whether its cells are bold."""

    heading: str
    share: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to work down: lines under the title, columns, and rows of text ('' leaves room)."""

    title: str
    lines: tuple[str, ...]
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    made: PrintedBy
    row_height: float = 8.0


def sheet_pdf(sheet: Sheet) -> bytes:
    """Draw the list, its heading and the heads of its columns on every page."""
    widths = _column_widths(sheet.columns)
    above = 9.0 + _META * len(sheet.lines) + _HEAD
    room = A4.height - _TOP - above - _FOOT - 6.0
    blocks = [_row_block(sheet, row, widths) for row in sheet.rows]
    pages = flow(blocks, room, room)
    paper = Paper(A4, sheet.title)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, _TOP)
        _draw_heading(pen, sheet)
        _draw_column_heads(pen.moved(0, above - _HEAD), sheet.columns, widths)
        draw_blocks(pen.moved(0, above), page)
        _draw_foot(pen.moved(0, A4.height - _TOP - _FOOT), sheet, f"page {number} of {len(pages)}")
    return paper.finish()


def _column_widths(columns: Sequence[SheetColumn]) -> list[float]:
    total = sum(column.share for column in columns)
    return [WIDE * column.share / total for column in columns]


def _draw_heading(pen: Pen, sheet: Sheet) -> None:
    words = marks.stamps(sheet.made.copy_reason, test_mark=sheet.made.test_mark)
    room = WIDE - marks.stamps_width(words, _STAMP)
    title = fit(sheet.title, field="title", room=room, choices=letterings(BOLD, 5.6, 4.8, 4.0))
    pen.write(0, 5.2, title.lines[0], title.lettering)
    marks.draw_stamps(pen, WIDE, 1.4, words, _STAMP)
    for place, line in enumerate(sheet.lines):
        said = fit(line, field="lines", room=WIDE, choices=letterings(REGULAR, 2.8, 2.5, 2.2))
        pen.write(0, 9.8 + _META * place, said.lines[0], said.lettering)


def _draw_column_heads(pen: Pen, columns: Sequence[SheetColumn], widths: Sequence[float]) -> None:
    pen.fill(0, 0, WIDE, _HEAD, TINT)
    pen.line(0, _HEAD, WIDE, _HEAD, thick=0.3)
    x = 0.0
    for column, wide in zip(columns, widths, strict=True):
        heading = clean(column.heading, field="columns", font=BOLD)
        pen.write(x + _PAD, 4.2, heading, _COLUMN)
        x += wide


def _row_block(sheet: Sheet, row: Sequence[str], widths: Sequence[float]) -> Block:
    if len(row) != len(widths):
        raise CannotPrint("Each row needs one entry for each column.", field="rows")
    letters = [_NAMED if column.bold else _CELL for column in sheet.columns]
    cells = [
        Fitted(paragraphs(text, field="rows", room=wide - 2 * _PAD, lettering=lettering), lettering)
        for text, wide, lettering in zip(row, widths, letters, strict=True)
    ]
    height = max(sheet.row_height, max(len(cell.lines) for cell in cells) * _PITCH + 2.0)

    def draw(pen: Pen) -> None:
        x = 0.0
        for cell, wide in zip(cells, widths, strict=True):
            pen.write_lines(x + _PAD, 4.0, cell, _PITCH)
            x += wide
            pen.line(x, 0, x, height, thick=0.1, grey=0.6)
        pen.line(0, height, WIDE, height, thick=0.15, grey=0.4)

    return Block(height, draw, "rows")


def _draw_foot(pen: Pen, sheet: Sheet, page: str) -> None:
    made = sheet.made
    copied = f" · copy: {made.copy_reason}" if made.copy_reason else ""
    said = fit(
        f"{made.printed} · {made.copy_number}{copied}",
        field="printed",
        room=WIDE - width(page, _SMALL) - 3,
        choices=letterings(REGULAR, 2.4, 2.2, 2.0),
    )
    pen.line(0, 0, WIDE, 0)
    pen.write(0, 3.6, said.lines[0], said.lettering)
    pen.write_right(WIDE, 3.6, page, _SMALL)
