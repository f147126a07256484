"""The bench worklist, A4: what waits on a laboratory's benches, in the order of the queue, with room to write."""

from lab_contingency.printing import frame, table
from lab_contingency.printing.content.lists import BenchGroup, BenchList, BenchRow
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import TOP, Heading
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.stock import A4
from lab_contingency.printing.table import BARS_WIDE, Column

_WIDE = frame.inside(A4)
_PLACE, _PATIENT, _TESTS, _DUE = 7.0, 50.0, 31.0, 29.0
_COLUMNS = (
    Column("", _PLACE),
    Column("Tube", BARS_WIDE),
    Column("Patient, born, sex, number", _PATIENT),
    Column("Tests, tube", _TESTS),
    Column("Priority, due", _DUE),
    Column("Result, or why not · who, when", _WIDE - _PLACE - BARS_WIDE - _PATIENT - _TESTS - _DUE),
)
_BODY_TOP = 15.0
_ROOM = frame.room_below(A4, _BODY_TOP) - table.HEAD
_ROW = 17.0


def bench_list_pdf(content: BenchList) -> bytes:
    """Draw the list, bench after bench; a bench that goes over a page says so."""
    if not any(group.rows for group in content.groups):
        raise CannotPrint("Nothing waits on this bench.", field="groups")
    blocks = [block for group in content.groups for block in _group(group)]
    pages = flow(blocks, _ROOM, _ROOM)
    paper = Paper(A4, content.title, content.made.mark)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A4.margin, TOP)
        words = f"page {number} of {len(pages)}"
        heading = Heading(
            content.title,
            (content.laboratory, f"{content.said} · {words}"),
            content.made,
            fields=("laboratory", "said"),
        )
        frame.draw_heading(pen, _WIDE, heading)
        table.draw_heads(pen.moved(0, _BODY_TOP), _COLUMNS)
        draw_blocks(pen.moved(0, _BODY_TOP + table.HEAD), page)
        frame.draw_foot(
            pen.moved(0, frame.foot_top(A4)),
            _WIDE,
            content.made,
            words,
            "Results written here are typed in and checked by a colleague. Keep this sheet until then.",
        )
    return paper.finish()


def _group(group: BenchGroup) -> list[Block]:
    again = table.group_block(_COLUMNS, group.heading, again=True)
    rows = [_row(place, row, again) for place, row in enumerate(group.rows, 1)]
    return [table.group_block(_COLUMNS, group.heading), *rows]


def _row(place: int, row: BenchRow, again: Block) -> Block:
    where = "\n".join(part for part in (row.unusable, row.ward, row.telephone) if part)
    facts = "\n".join(part for part in (row.tube, row.taken) if part)
    cells = (
        table.words(str(place), _PLACE, field="rows", bold=True),
        table.bars(row.number) if row.number else table.words("at the bedside", BARS_WIDE, field="number"),
        table.who(row.patient, _PATIENT, similar=row.similar),
        table.words(row.tests, _TESTS, field="tests", bold=True, below=facts, field_below="tube"),
        table.words(
            f"{row.priority}\n{row.clock}",
            _DUE,
            field="priority",
            bold=True,
            below=where,
            field_below="ward",
        ),
        table.blank(),
    )  # fmt: skip
    block = table.row_block(_COLUMNS, cells, _ROW, ruled=True)
    return Block(block.height, block.draw, "rows", again=again)
