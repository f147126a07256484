"""The page of reference intervals above a batch of packs, for print-outs that carry none. In mm."""

from lab_contingency.printing.flow import Block, draw_blocks
from lab_contingency.printing.pack_content import IntervalLine, IntervalSection, PackBatch
from lab_contingency.printing.pack_sheet import (
    GAP,
    ROOM,
    WIDE,
    begin_page,
    heading_block,
    in_columns,
)
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.text import BOLD, REGULAR, Fitted, Lettering, fit, fit_in, letterings

_COLUMN = (WIDE - GAP) / 2
_HEADS = 7.0
_NAME, _UNIT, _INTERVAL, _CALLED = 1.2, 30.4, 44.6, 70.0
_NAMES = letterings(REGULAR, 2.9, 2.6)
_UNITS = letterings(REGULAR, 2.6, 2.3, 2.0)
_FIGURES = letterings(BOLD, 2.9, 2.6, 2.3)
_CALLS = letterings(REGULAR, 2.8, 2.6, 2.4)
_HEAD = Lettering(BOLD, 2.3)
_PITCH, _LINE = 4.5, 3.5


def draw_intervals(paper: Paper, batch: PackBatch) -> None:
    """Two columns, flowing over as many pages as they need; nothing where no intervals are held."""
    held = batch.intervals
    if held is None:
        return
    blocks = [block for section in held.sections for block in _section_blocks(section)]
    columns = in_columns(blocks, ROOM - _HEADS)
    for first in range(0, len(columns), 2):
        pen = begin_page(paper, batch, "Reference intervals, and what is telephoned", held.line)
        for across, column in enumerate(columns[first : first + 2]):
            at = pen.moved(across * (_COLUMN + GAP), 0)
            _draw_heads(at)
            draw_blocks(at.moved(0, _HEADS - 3.0), column)


def _draw_heads(pen: Pen) -> None:
    for x, words in (
        (_NAME, "Test"),
        (_UNIT, "Unit"),
        (_INTERVAL, "Interval"),
        (_CALLED, "Telephoned"),
    ):
        pen.write(x, 2.6, words, _HEAD)
    pen.line(0, 4.0, _COLUMN, 4.0, thick=0.3)


def _section_blocks(section: IntervalSection) -> list[Block]:
    again = heading_block(f"{section.heading}, more", _COLUMN)
    rows = [_row_block(line)._replace(again=again) for line in section.lines]
    return [heading_block(section.heading, _COLUMN), *rows]


def _row_block(line: IntervalLine) -> Block:
    name = _fit(line.name, _UNIT - _NAME, _NAMES)
    unit = _fit(line.unit, _INTERVAL - _UNIT, _UNITS)
    called = _fit(line.telephoned, _COLUMN - _CALLED, _CALLS)
    usual = [_fit(said, _CALLED - _INTERVAL, _FIGURES, lines=1) for said in line.intervals]
    lines = max(len(usual), *(len(said.lines) for said in (name, unit, called)))
    height = _PITCH + _LINE * (lines - 1)

    def draw(pen: Pen) -> None:
        pen.write_lines(_NAME, 3.3, name, _LINE)
        pen.write_lines(_UNIT, 3.3, unit, _LINE)
        for place, said in enumerate(usual):
            pen.write(_INTERVAL, 3.3 + _LINE * place, said.lines[0], said.lettering)
        pen.write_lines(_CALLED, 3.3, called, _LINE)
        pen.line(0, height, _COLUMN, height, thick=0.1, grey=0.6)

    return Block(height, draw, "intervals")


def _fit(said: str, room: float, choices: tuple[Lettering, ...], lines: int = 2) -> Fitted:
    """On one line where it fits in any size: a limit is not parted from its sign."""
    room -= 1.2
    for lettering in choices:
        fitted = fit_in(said, field="intervals", room=room, lettering=lettering)
        if fitted:
            return fitted
    return fit(said, field="intervals", room=room, choices=choices, lines=lines)
