"""The exposure report on A4: facts, drafts of the notices, and a table of patients for each organisation. In mm."""

from dataclasses import dataclass

from lab_contingency.printing import marks
from lab_contingency.printing.content import PrintedBy
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
_TOP, _FOOT, _ABOVE = 8.0, 8.0, 11.0
_STAMP = 3.2
_PITCH, _TEXT_PITCH, _PAD = 3.6, 4.2, 1.2
_TITLE = letterings(BOLD, 5.6, 4.8)
_HEADING = Lettering(BOLD, 3.4)
_TEXT = Lettering(REGULAR, 3.0)
_CELL, _NAMED = Lettering(REGULAR, 2.6), Lettering(BOLD, 2.6)
_COLUMN = Lettering(BOLD, 2.5)
_SMALL = Lettering(REGULAR, 2.4)
_COLUMNS = (
    ("Patient", 0.25),
    ("Born, numbers", 0.23),
    ("Reached", 0.27),
    ("How often, when", 0.25),
)


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A heading and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientTable:
    """The patients of one organisation: name, born and numbers, reached, how often and when."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ExposurePaper:
    """A whole report. `watermark` stands on every page; `made.printed` says when, by whom, agreed by whom."""

    title: str
    lines: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    tables: tuple[PatientTable, ...]
    watermark: str
    made: PrintedBy


def exposure_report_pdf(content: ExposurePaper) -> bytes:
    """Draw it, with page x of y and the watermark on every page."""
    blocks = [
        *(_text_block(line, "lines") for line in content.lines),
        *(block for section in content.sections for block in _section_blocks(section)),
        *(block for table in content.tables for block in _table_blocks(table)),
    ]
    room = A4.height - _TOP - _ABOVE - _FOOT - 6.0
    pages = flow(blocks, room, room)
    paper = Paper(A4, content.title)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, _TOP)
        _draw_head(pen, content)
        draw_blocks(pen.moved(0, _ABOVE), page)
        foot = pen.moved(0, A4.height - _TOP - _FOOT)
        _draw_foot(foot, content, f"page {number} of {len(pages)}")
    return paper.finish()


def _draw_head(pen: Pen, content: ExposurePaper) -> None:
    words = marks.stamps(None, test_mark=content.made.test_mark)
    room = WIDE - marks.stamps_width(words, _STAMP)
    title = fit(content.title, field="title", room=room, choices=_TITLE)
    pen.write(0, 5.2, title.lines[0], title.lettering)
    marks.draw_stamps(pen, WIDE, 1.4, words, _STAMP)


def _draw_foot(pen: Pen, content: ExposurePaper, page: str) -> None:
    left = f"{content.made.printed} · {content.watermark}"
    said = fit(
        left,
        field="printed",
        room=WIDE - width(page, _SMALL) - 3,
        choices=letterings(REGULAR, 2.4, 2.2, 2.0),
    )
    pen.line(0, 0, WIDE, 0)
    pen.write(0, 3.6, said.lines[0], said.lettering)
    pen.write_right(WIDE, 3.6, page, _SMALL)


def _text_block(text: str, field: str) -> Block:
    lines = Fitted(paragraphs(text, field=field, room=WIDE, lettering=_TEXT), _TEXT)

    def draw(pen: Pen) -> None:
        pen.write_lines(0, 3.2, lines, _TEXT_PITCH)

    return Block(len(lines.lines) * _TEXT_PITCH + 0.8, draw, field)


def _heading_block(text: str, *, field: str) -> Block:
    lines = Fitted(paragraphs(text, field=field, room=WIDE, lettering=_HEADING), _HEADING)

    def draw(pen: Pen) -> None:
        pen.write_lines(0, 6.4, lines, _TEXT_PITCH)

    return Block(4.0 + len(lines.lines) * _TEXT_PITCH, draw, field, keep=True)


def _section_blocks(section: PaperSection) -> list[Block]:
    return [
        _heading_block(section.heading, field="sections"),
        *(_text_block(text, "sections") for text in section.paragraphs),
    ]


def _table_blocks(table: PatientTable) -> list[Block]:
    heads = _heads_block(table.heading)
    return [
        _heading_block(table.heading, field="tables"),
        _heads_block(""),
        *(_row_block(row, heads) for row in table.rows),
    ]


def _heads_block(again: str) -> Block:
    """The heads of the columns; on a later page with whose table goes on above them."""
    above = 5.0 if again else 0.0
    lettering = Lettering(REGULAR, 2.6)
    said = fit(again or " ", field="tables", room=WIDE - 20, choices=(lettering, _SMALL), lines=2)

    def draw(pen: Pen) -> None:
        if again:
            pen.write(0, 3.4, f"{said.lines[0]}, continued", said.lettering)
        pen.fill(0, above, WIDE, 5.6, TINT)
        pen.line(0, above + 5.6, WIDE, above + 5.6, thick=0.3)
        x = 0.0
        for heading, share in _COLUMNS:
            pen.write(x + _PAD, above + 3.9, clean(heading, field="tables", font=BOLD), _COLUMN)
            x += WIDE * share

    return Block(above + 5.6, draw, "tables", keep=True)


def _row_block(row: tuple[str, ...], again: Block) -> Block:
    cells = [
        Fitted(
            paragraphs(text, field="tables", room=WIDE * share - 2 * _PAD, lettering=lettering),
            lettering,
        )
        for text, (_, share), lettering in zip(
            row, _COLUMNS, (_NAMED, _CELL, _CELL, _CELL), strict=True
        )
    ]
    height = max(len(cell.lines) for cell in cells) * _PITCH + 1.8

    def draw(pen: Pen) -> None:
        x = 0.0
        for cell, (_, share) in zip(cells, _COLUMNS, strict=True):
            pen.write_lines(x + _PAD, 3.6, cell, _PITCH)
            x += WIDE * share
        pen.line(0, height, WIDE, height, thick=0.15, grey=0.4)

    return Block(height, draw, "tables", again=again)
