"""The tests of a request form, flowing over four columns. Heights in rows, places in mm."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from lab_contingency.printing.content import TestGroup, TestLine
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.marks import draw_tick_box
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.text import (
    BOLD,
    OBLIQUE,
    REGULAR,
    Lettering,
    clean,
    fit,
    letterings,
    paragraphs,
    width,
)

COLUMNS = 4
GAP = 4.0
LOWEST_ROW, HIGHEST_ROW = 3.4, 5.0
_MESSAGE_ROW = 0.72
_MESSAGE = Lettering(OBLIQUE, 2.0)
_WRITING_LINES = 2


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    height: float = 1.15


@dataclass(frozen=True, slots=True)
class _Test:
    line: TestLine
    message: tuple[str, ...]

    @property
    def height(self) -> float:
        return 1 + _MESSAGE_ROW * len(self.message)


@dataclass(frozen=True, slots=True)
class _WritingLine:
    height: float = 1.15


_Piece = _Heading | _Test | _WritingLine


@dataclass(frozen=True, slots=True)
class Columns:
    """Tests set in columns: what stands where, and the height of the tallest in rows."""

    columns: tuple[tuple[_Piece, ...], ...]
    rows: float


def set_columns(groups: Sequence[TestGroup], column: float) -> Columns:
    """Spread the groups evenly over columns `column` mm wide, in order, splitting long groups."""
    blocks = [_block(group, column) for group in groups]
    blocks.append([_Heading("Not on the list"), *[_WritingLine()] * _WRITING_LINES])
    total = sum(piece.height for block in blocks for piece in block)
    # A little taller each time until everything is in: the first that fits is the most even.
    columns = next(
        columns
        for step in count()
        if len(columns := _flow(blocks, total / COLUMNS + step * 0.25)) <= COLUMNS
    )
    tallest = max(sum(piece.height for piece in pieces) for pieces in columns)
    return Columns(tuple(tuple(pieces) for pieces in columns), tallest)


def _block(group: TestGroup, column: float) -> list[_Piece]:
    room = column - _text_left(HIGHEST_ROW)
    tests = [
        _Test(
            line,
            paragraphs(line.message, field="message", room=room, lettering=_MESSAGE)
            if line.message
            else (),
        )
        for line in group.tests
    ]
    return [_Heading(group.heading), *tests]


def _flow(blocks: Sequence[Sequence[_Piece]], rows: float) -> list[list[_Piece]]:
    columns: list[list[_Piece]] = [[]]
    used = 0.0
    for block in blocks:
        for place, piece in enumerate(block):
            if columns[-1] and used + _needed(block, place) > rows + 1e-9:
                columns.append([])
                used = 0.0
                if place:
                    columns[-1].append(_continued(block[0]))
                    used += columns[-1][-1].height
            columns[-1].append(piece)
            used += piece.height
    return columns


def _needed(block: Sequence[_Piece], place: int) -> float:
    """Measure a piece with what may not be parted from it: a heading keeps its first two tests."""
    keep = 3 if place == 0 else 1
    if isinstance(block[place], _WritingLine):
        keep = 1
    return sum(piece.height for piece in block[place : place + keep])


def _continued(heading: _Piece) -> _Heading:
    return _Heading(f"{heading.text}, more" if isinstance(heading, _Heading) else "")


def draw_columns(pen: Pen, columns: Columns, column: float, row: float) -> None:
    """Draw the columns from the pen's origin with rows of `row` mm."""
    for place, pieces in enumerate(columns.columns):
        across = pen.moved(place * (column + GAP), 0)
        for piece, y in _placed(pieces, row):
            _draw_piece(across.moved(0, y), piece, column, row)


def _placed(pieces: Sequence[_Piece], row: float) -> Iterator[tuple[_Piece, float]]:
    y = 0.0
    for piece in pieces:
        yield piece, y
        y += piece.height * row


def _draw_piece(pen: Pen, piece: _Piece, column: float, row: float) -> None:
    match piece:
        case _Heading():
            _draw_heading(pen, piece, column, row)
        case _Test():
            _draw_test(pen, piece, column, row)
        case _:
            pen.line(0, row * 1.1, column, row * 1.1)


def _draw_heading(pen: Pen, heading: _Heading, column: float, row: float) -> None:
    size = min(2.7, row * 0.66)
    said = fit(
        heading.text, field="heading", room=column, choices=letterings(BOLD, size, 2.3, 2.1, 1.9)
    )
    pen.write(0, row * 0.92, said.lines[0], said.lettering)
    pen.line(0, row * 1.13, column, row * 1.13, thick=0.25)


def _draw_test(pen: Pen, test: _Test, column: float, row: float) -> None:
    line = test.line
    baseline = row * 0.74
    side = row * 0.62
    font = BOLD if line.ticked else REGULAR
    draw_tick_box(pen, 0.2, baseline + side * 0.12, side, ticked=line.ticked)
    tube = Lettering(font, max(1.9, min(2.2, row * 0.52)))
    colour = clean(line.tube, field="tube", font=font)
    pen.write_right(column, baseline, colour, tube)
    left = _text_left(row)
    name = fit(
        line.name,
        field="name",
        room=column - left - width(colour, tube) - 0.8,
        choices=letterings(font, min(2.7, row * 0.64), 2.3, 2.1, 1.9),
    )
    pen.write(left, baseline, name.lines[0], name.lettering)
    for place, said in enumerate(test.message):
        pen.write(left, row * (1 + _MESSAGE_ROW * (place + 0.55)), said, _MESSAGE)
    bottom = row * test.height
    pen.line(0, bottom, column, bottom, thick=0.15, grey=0.55)


def _text_left(row: float) -> float:
    return row * 0.62 + 1.4


def row_height(columns: Columns, room: float) -> float:
    """Choose the height of a row (mm) so that the tallest column takes at most `room` mm."""
    row = min(HIGHEST_ROW, room / columns.rows)
    if row < LOWEST_ROW:
        most = math.floor(room / LOWEST_ROW) * COLUMNS
        raise CannotPrint(
            f"Too many tests for one form: {most} lines have room. Take some off the list.",
            field="groups",
        )
    return row
