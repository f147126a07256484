"""The delivery list, A5: the slips for one destination, and who took them; its slips may follow it."""

from collections.abc import Sequence

from lab_contingency.printing import frame, table
from lab_contingency.printing.content import ResultSlip
from lab_contingency.printing.content.lists import DeliveryList, DeliveryRow
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.flow import Block, draw_blocks, flow
from lab_contingency.printing.frame import HEADING, TOP, Heading
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.result_slip import draw_slip
from lab_contingency.printing.stock import A5
from lab_contingency.printing.table import BARS_WIDE, Column
from lab_contingency.printing.text import BOLD, REGULAR, Fitted, Lettering, fit, letterings, wrap

_WIDE = frame.inside(A5)
_COLUMNS = (
    Column("Here", 8.0),
    Column("Slip", BARS_WIDE),
    Column("Patient, born, sex, number", 56.0),
    Column("Priority", 17.0),
    Column("Which", _WIDE - 81.0 - BARS_WIDE),
)
_TO_HIGH = 14.0
_BODY_TOP = HEADING + _TO_HIGH + 2.0
_ROOM = frame.room_below(A5, _BODY_TOP) - table.HEAD
_SIGN, _SIGNS = 10.0, 2
_SIGNED = _SIGN * _SIGNS + 9.4
_CLOSING = (
    "Tick each slip you hand over. When they are there, scan the bars of this list, or of each slip: "
    "that closes it. What is not scanned comes back to the laboratory’s list."
)
_TEXT = Lettering(REGULAR, 2.5)


def delivery_list_pdf(content: DeliveryList, slips: Sequence[ResultSlip] = ()) -> bytes:
    """Draw the list on as many pages as its rows need, and behind it the slips themselves."""
    paper = Paper(A5, content.title, content.made.mark)
    _draw_list(paper, content)
    for slip in slips:
        draw_slip(paper, slip)
    return paper.finish()


def try_delivery_row(row: DeliveryRow) -> None:
    """Measure one line: CannotPrint when it has no room on a list."""
    _row(row)


def _draw_list(paper: Paper, content: DeliveryList) -> None:
    if not content.rows:
        raise CannotPrint("There is no slip on this list.", field="rows")
    blocks = [_row(row) for row in content.rows]
    last = blocks.pop()
    signing = Block(_SIGNED, lambda _pen: None, "signing")
    pages = flow([*blocks, Block(last.height, last.draw, "rows", keep=True), signing], _ROOM, _ROOM)
    for number, page in enumerate(pages, 1):
        pen = paper.page().moved(A5.margin, TOP)
        _draw_frame(pen, content, f"page {number} of {len(pages)}")
        table.draw_heads(pen.moved(0, _BODY_TOP), _COLUMNS)
        rows = [block for block in page if block is not signing]
        draw_blocks(pen.moved(0, _BODY_TOP + table.HEAD), rows)
        if number == len(pages):
            _draw_signing(pen.moved(0, frame.foot_top(A5) - _SIGNED - 0.6))


def _draw_frame(pen: Pen, content: DeliveryList, page: str) -> None:
    slips = "1 slip" if len(content.rows) == 1 else f"{len(content.rows)} slips"
    status = f"{slips} · to be there by {content.due} · {page}"
    heading = Heading(
        content.title, (content.place, status), content.made, number=content.number,
        fields=("place", "due"),
    )  # fmt: skip
    frame.draw_heading(pen, _WIDE, heading)
    _draw_to(pen.moved(0, HEADING), content)
    frame.draw_foot(pen.moved(0, frame.foot_top(A5)), _WIDE, content.made, page)


def _draw_to(pen: Pen, content: DeliveryList) -> None:
    """Draw the destination as large as it goes: it is what the carrier looks for."""
    pen.box(0, 0, _WIDE, _TO_HIGH, 0.7)
    pen.write(2.0, 3.4, "To", frame.CAPTION)
    to = fit(
        content.destination,
        field="destination",
        room=_WIDE - 4.0,
        choices=letterings(BOLD, 5.6, 4.8, 4.0, 3.4),
    )
    pen.write(2.0, 8.6, to.lines[0], to.lettering)
    detail = fit(
        content.destination_detail,
        field="destination_detail",
        room=_WIDE - 4.0,
        choices=letterings(REGULAR, 2.7, 2.4, 2.1),
    )
    pen.write(2.0, 12.3, detail.lines[0], detail.lettering)


def _row(row: DeliveryRow) -> Block:
    _, _, patient, priority, issue = _COLUMNS
    cells = (
        table.tick(),
        table.bars(row.number),
        table.who(row.patient, patient.wide, similar=row.similar, identified=row.identified),
        table.words(row.priority, priority.wide, field="priority", bold=True),
        table.words(row.issue, issue.wide, field="issue"),
    )
    return table.row_block(_COLUMNS, cells, 15.0)


def _draw_signing(pen: Pen) -> None:
    said = wrap(_CLOSING, _TEXT, _WIDE) or ()
    pen.write_lines(0, 3.0, Fitted(said, _TEXT), 3.1)
    boxes = (
        ("Carried by", ("name", "took them at", "how many")),
        ("Taken by", ("name and role", "time", "signature")),
    )
    for place, (first, captions) in enumerate(boxes):
        box = pen.moved(0, 8.6 + place * _SIGN)
        frame.draw_signing(box, _WIDE, first, captions, _SIGN - 0.9)
