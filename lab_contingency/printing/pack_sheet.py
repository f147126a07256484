"""What the pages above a batch of packs share: heading and foot, two columns, headings in them. In mm."""

from collections.abc import Sequence

from lab_contingency.printing import marks
from lab_contingency.printing.flow import Block, flow
from lab_contingency.printing.pack_content import PackBatch
from lab_contingency.printing.paper import TINT, Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.text import BOLD, REGULAR, Lettering, clean, fit, letterings

WIDE = A4.width - 2 * A4.margin
_TOP, _HEAD, _FOOT = 9.0, 21.0, 7.0
_STAMP = 3.4
ROOM = A4.height - 2 * _TOP - _HEAD - _FOOT
_TITLE = letterings(BOLD, 7.6, 6.4, 5.4)
_LINE = letterings(REGULAR, 3.2, 2.8, 2.4)
SECTION = Lettering(BOLD, 3.6)
GAP = 6.0


def begin_page(paper: Paper, batch: PackBatch, title: str, line: str) -> Pen:
    """Begin a page with its heading and foot; returns the pen below the heading."""
    pen = paper.page().moved(A4.margin, _TOP)
    words = marks.stamps(batch.made.copy_reason, test_mark=batch.made.test_mark)
    room = WIDE - marks.stamps_width(words, _STAMP)
    said = fit(title, field="title", room=room, choices=_TITLE)
    pen.write(0, 7.2, said.lines[0], said.lettering)
    marks.draw_stamps(pen, WIDE, 2.0, words, _STAMP)
    under = fit(line, field="place", room=WIDE, choices=_LINE)
    pen.write(0, 13.4, under.lines[0], under.lettering)
    pen.line(0, 16.4, WIDE, 16.4, thick=0.5)
    made = batch.made
    parts = (batch.place, made.printed, made.copy_number, marks.watermark(made.mark))
    foot = fit(
        " · ".join(part for part in parts if part),
        field="printed",
        room=WIDE,
        choices=letterings(REGULAR, 2.4, 2.2, 2.0),
    )
    pen.write(0, A4.height - 2 * _TOP - 1.0, foot.lines[0], foot.lettering)
    return pen.moved(0, _HEAD)


def in_columns(blocks: Sequence[Block], most: float) -> list[list[Block]]:
    """Two columns as even as they come; more where one page does not hold them."""
    room = min(most, sum(block.height for block in blocks) / 2)
    while room < most:
        columns = flow(blocks, room, room)
        if len(columns) <= 2:  # noqa: PLR2004 - columns of a page
            return columns
        room += 4.0
    columns = flow(blocks, most, most)
    alone = len(columns) % 2 == 1
    return [*columns[:-1], *in_columns(columns[-1], most)] if alone and columns[1:] else columns


def heading_block(words: str, room: float) -> Block:
    """A grey bar with a heading, tied to what follows."""
    said = clean(words, field="heading", font=BOLD)

    def draw(pen: Pen) -> None:
        pen.fill(0, 3.0, room, 6.4, TINT)
        pen.write(1.6, 7.4, said, SECTION)

    return Block(10.4, draw, "heading", keep=True)
