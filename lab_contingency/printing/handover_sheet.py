"""The hand-over sheet, A4: what one shift hands to the next, with the anchor of the record. It names no patient."""

from collections.abc import Sequence

from lab_contingency.printing import frame, table
from lab_contingency.printing.content.sheets import HandoverSheet, OpenLine, StageCount
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import TOP, Heading
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.qr import draw_qr, qr_rows, qr_width
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import Column
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    letterings,
    paragraphs,
)

_WIDE = frame.inside(A4)
_BODY_TOP = 16.0
_ROOM = frame.room_below(A4, _BODY_TOP)
_STAGES = (
    Column("Stage", 82.0),
    Column("Waiting", 30.0),
    Column("Overdue", 30.0),
    Column("Oldest", _WIDE - 142.0),
)
_OPEN = (
    Column("Number", 40.0),
    Column("What", 62.0),
    Column("Where", 52.0),
    Column("By", _WIDE - 154.0),
)
_SECTION = Lettering(BOLD, 3.8)
_TEXT = Lettering(REGULAR, 2.9)
_SIGNED = 46.0
_NOTES = 30.0
_ANCHOR_SAID = (
    "These words show later whether anything recorded before this sheet was changed or cut off. Keep the sheet "
    "away from the computers; governance types the words or scans the code on the page “Record”."
)


def handover_sheet_pdf(sheet: HandoverSheet) -> bytes:
    """Draw it on as many pages as it needs; anchor and signatures stand on the last."""
    blocks = [
        *_stages(sheet.stages),
        *_lines("Criticals not telephoned", sheet.calls, "Every critical is telephoned."),
    ]
    blocks += _lines("Overdue", sheet.overdue, "Nothing is overdue.")
    blocks += [*_said(sheet.more, "more"), _notes(sheet), _anchor(sheet), _signing(sheet)]
    pages = flow(blocks, _ROOM, _ROOM)
    paper = Paper(A4, sheet.title, sheet.made.mark)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, TOP)
        words = f"page {number} of {len(pages)}"
        heading = Heading(
            sheet.title,
            (sheet.place, f"{sheet.status} · {words}"),
            sheet.made,
            fields=("place", "status"),
        )
        frame.draw_heading(pen, _WIDE, heading)
        draw_blocks(pen.moved(0, _BODY_TOP), page)
        told = "Numbers and places only: no patient is named on this sheet."
        frame.draw_foot(pen.moved(0, frame.foot_top(A4)), _WIDE, sheet.made, words, told)
    return paper.finish()


def _section(words: str, columns: Sequence[Column]) -> list[Block]:
    def draw(pen: Pen) -> None:
        pen.write(0, 5.4, words, _SECTION)

    return [
        Block(7.6, draw, "heading", keep=True),
        Block(table.HEAD, lambda pen: table.draw_heads(pen, columns), "heading", keep=True),
    ]


def _stages(stages: Sequence[StageCount]) -> list[Block]:
    rows = [
        _row(
            _STAGES,
            (stage.stage, str(stage.waiting), str(stage.overdue), stage.oldest),
            bold=bool(stage.overdue),
        )
        for stage in stages
    ]
    return [*_section("Waiting, stage by stage", _STAGES), *rows]


def _lines(heading: str, lines: Sequence[OpenLine], none: str) -> list[Block]:
    if not lines:
        return [
            Block(7.6, lambda pen: pen.write(0, 5.4, heading, _SECTION), "heading", keep=True),
            *_said(none, "none"),
        ]
    rows = [
        _row(
            _OPEN,
            (
                line.number,
                line.what,
                line.place,
                f"{line.due}, OVERDUE" if line.overdue else line.due,
            ),
            bold=line.overdue,
        )
        for line in lines
    ]
    return [*_section(f"{heading}: {len(lines)}", _OPEN), *rows]


def _row(columns: Sequence[Column], texts: Sequence[str], *, bold: bool) -> Block:
    cells = [
        table.words(text, column.wide, field=column.heading.lower(), bold=bold or not place)
        for place, (text, column) in enumerate(zip(texts, columns, strict=True))
    ]
    return table.row_block(columns, cells, 6.0)


def _said(text: str, field: str) -> list[Block]:
    if not text:
        return []
    lines = paragraphs(text, field=field, room=_WIDE, lettering=_TEXT)
    return [
        Block(
            3.8 * len(lines) + 2.0,
            lambda pen: pen.write_lines(0, 3.4, Fitted(lines, _TEXT), 3.8),
            field,
        )
    ]


def _notes(sheet: HandoverSheet) -> Block:
    """What the one who goes wants to say, and room for the rest by hand."""
    lines = (
        paragraphs(sheet.notes, field="notes", room=_WIDE - 4.0, lettering=_TEXT)
        if sheet.notes
        else ()
    )
    high = max(_NOTES, 3.8 * len(lines) + 16.0)

    def draw(pen: Pen) -> None:
        pen.write(0, 5.4, "To know", _SECTION)
        pen.box(0, 7.4, _WIDE, high - 9.4, 0.25)
        pen.write_lines(2.0, 11.4, Fitted(lines, _TEXT), 3.8)

    return Block(high, draw, "notes")


def _anchor(sheet: HandoverSheet) -> Block:
    rows = qr_rows(sheet.scanned)
    side = qr_width(rows)
    room = _WIDE - side - 4.0
    words = fit(
        "  ".join(sheet.anchor_words),
        field="anchor_words",
        room=room,
        choices=letterings(MONO, 5.0, 4.6, 4.0, 3.6),
        lines=2,
    )
    code = fit(
        sheet.anchor_code, field="anchor_code", room=room, choices=letterings(MONO, 4.4, 4.0, 3.6)
    )
    told = paragraphs(_ANCHOR_SAID, field="anchor", room=room, lettering=_TEXT)
    point = fit(
        sheet.checkpoint, field="checkpoint", room=room, choices=letterings(REGULAR, 2.9, 2.6, 2.3)
    )
    high = max(side + 3.0, 14.0 + 6.4 * len(words.lines) + 10.0 + 3.8 * len(told))

    def draw(pen: Pen) -> None:
        pen.line(0, 0.6, _WIDE, 0.6, thick=0.3)
        pen.write(0, 6.2, "Anchor of the record", _SECTION)
        pen.write(0, 10.6, point.lines[0], point.lettering)
        pen.write_lines(0, 17.4, words, 6.4)
        y = 17.4 + 6.4 * len(words.lines)
        pen.write(0, y, code.lines[0], code.lettering)
        pen.write_lines(0, y + 6.4, Fitted(told, _TEXT), 3.8)
        draw_qr(pen, _WIDE - side, 1.6, rows)

    return Block(high, draw, "anchor", keep=True)


def _signing(sheet: HandoverSheet) -> Block:
    half = (_WIDE - 8.0) / 2
    people = [
        (
            head,
            fit(who, field="from_whom", room=half - 26.0, choices=letterings(BOLD, 3.2, 2.8, 2.4)),
        )
        for head, who in (("handed over by", sheet.from_whom), ("taken over by", sheet.to_whom))
    ]

    def draw(pen: Pen) -> None:
        for place, (head, who) in enumerate(people):
            left = place * (half + 8.0)
            pen.write(left, 5.0, head, Lettering(BOLD, 3.4))
            for down, caption in enumerate(("name", "signature", "time")):
                y = 15.0 + 10.0 * down
                pen.write(left, y, caption, frame.CAPTION)
                pen.line(left + 24.0, y, left + half, y)
            pen.write(left + 25.0, 14.2, who.lines[0], who.lettering)

    return Block(_SIGNED - 8.0, draw, "signing")
