"""The hands of one tube, A4: who had it, from whom, where, when; no patient's name. Sizes and places in mm."""

from dataclasses import dataclass

from lab_contingency.printing import frame, table
from lab_contingency.printing.content import PrintedBy
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import TOP, Heading
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import Column

_WIDE = frame.inside(A4)
_AT, _WHAT, _WHO = 27.0, 43.0, 42.0
_COLUMNS = (
    Column("When", _AT),
    Column("What", _WHAT),
    Column("From", _WHO),
    Column("To", _WHO),
    Column("Noted by", _WIDE - _AT - _WHAT - 2 * _WHO),
)
_BODY_TOP = 18.0
_ROOM = frame.room_below(A4, _BODY_TOP) - table.HEAD
_ROW = 9.0
_FOOT = "No name on this sheet. Late: longer with one hand than the table of hops allows for its priority."


@dataclass(frozen=True, slots=True)
class HandRow:
    """One line: when (and when it was noted, if later), what (and how late), from whom, to whom, who noted it."""

    at: str
    noted: str
    what: str
    late: str
    from_whom: str
    to_whom: str
    by_name: str


@dataclass(frozen=True, slots=True)
class HandsSheet:
    """One tube's way. `number` is that of its label; None where it has none. `said` says where it is now."""

    title: str
    number: str | None
    place: str
    said: str
    made: PrintedBy
    rows: tuple[HandRow, ...]


def hands_sheet_pdf(content: HandsSheet) -> bytes:
    """Draw it on as many pages as it needs; CannotPrint names what does not fit."""
    if not content.rows:
        raise CannotPrint("Nothing has happened to this tube.", field="rows")
    pages = flow([_row(row) for row in content.rows], _ROOM, _ROOM)
    paper = Paper(A4, content.title, content.made.mark)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, TOP)
        words = f"page {number} of {len(pages)}"
        heading = Heading(
            content.title,
            (content.place, content.said),
            content.made,
            number=content.number,
            fields=("place", "said"),
        )
        frame.draw_heading(pen, _WIDE, heading)
        table.draw_heads(pen.moved(0, _BODY_TOP), _COLUMNS)
        draw_blocks(pen.moved(0, _BODY_TOP + table.HEAD), page)
        frame.draw_foot(pen.moved(0, frame.foot_top(A4)), _WIDE, content.made, words, _FOOT)
    return paper.finish()


def _row(row: HandRow) -> Block:
    at, what, before, after, by = _COLUMNS
    cells = (
        table.words(row.at, at.wide, field="at", bold=True, below=row.noted, field_below="noted"),
        table.words(row.what, what.wide, field="what", below=row.late, field_below="late"),
        table.words(row.from_whom, before.wide, field="from_whom"),
        table.words(row.to_whom, after.wide, field="to_whom", bold=True),
        table.words(row.by_name, by.wide, field="by_name"),
    )
    return table.row_block(_COLUMNS, cells, _ROW)
