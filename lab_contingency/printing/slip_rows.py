"""The rows of a result slip as blocks that flow over its pages. Sizes and places in mm."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from lab_contingency.printing.content import ResultGroup, ResultRow
from lab_contingency.printing.flow import Block
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.text import (
    BOLD,
    OBLIQUE,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    fit_in,
    letterings,
    paragraphs,
    width,
)

WIDE = 134.0
HEAD = 5.2

_NAME, _VALUE, _FLAG, _UNIT, _INTERVAL, _STATUS, _BEFORE = 1.0, 45.5, 46.7, 63.5, 82.5, 104.0, 133.0
_NAME_ROOM = 29.0
_VALUE_ROOM = _VALUE - _NAME - _NAME_ROOM - 1.0
ROW_PITCHES = (4.7, 4.3)
"""Heights of a row: the comfortable one, and the closest."""

_SECOND, _NOTE, _BELOW = 2.9, 2.9, 3.6
_INDENT = _NAME + 2

_NAME_SIZES = letterings(REGULAR, 2.9, 2.6)
_FLAG_SIZES = letterings(BOLD, 2.7, 2.4, 2.1)
_VALUE_SIZES = letterings(BOLD, 3.3, 3.0, 2.7)
_SMALL = letterings(REGULAR, 2.5, 2.2, 2.0)
_STATUS_SIZES = letterings(BOLD, 2.4, 2.2)
_STATE = Lettering(BOLD, 2.2)
_PLAIN = Lettering(REGULAR, 2.2)
_REMARK = Lettering(OBLIQUE, 2.3)
_HEADING = letterings(BOLD, 2.9, 2.6, 2.3)


def draw_column_heads(pen: Pen, interval: str, before: str) -> None:
    """Draw the heads of the columns, 5.2 mm high."""
    head = Lettering(BOLD, 2.3)
    pen.write(_NAME, 3.6, "Test", head)
    pen.write_right(_VALUE, 3.6, "Result", head)
    pen.write(_UNIT, 3.6, "Unit", head)
    pen.write(_INTERVAL, 3.6, clean(interval, field="interval_heading", font=BOLD), head)
    pen.write(_STATUS, 3.6, "Status", head)
    pen.write_right(_BEFORE, 3.6, clean(before, field="before_heading", font=BOLD), head)
    pen.line(0, HEAD - 0.2, WIDE, HEAD - 0.2, thick=0.3)


def group_blocks(group: ResultGroup, pitch: float) -> Iterator[Block]:
    """Turn a group into blocks: its heading, tied to the first row, and the rows."""
    yield _heading_block(group)
    again = _again_block(group)
    for row in group.rows:
        yield row_block(row, again, pitch)


def _heading_block(group: ResultGroup) -> Block:
    age = clean(group.sample_age, field="sample_age", font=REGULAR)
    room = WIDE - 2 * _NAME - width(age, _PLAIN) - 2
    heading = fit(group.heading, field="heading", room=room, choices=_HEADING)
    source = " · ".join(part for part in (group.laboratory, group.method) if part)
    said = fit(
        source, field="method", room=WIDE - 2 * _NAME, choices=letterings(REGULAR, 2.2, 2.0, 1.8)
    )

    def draw(pen: Pen) -> None:
        pen.write(_NAME, 4.2, heading.lines[0], heading.lettering)
        pen.write_right(_BEFORE, 4.2, age, _PLAIN)
        pen.write(_NAME, 7.2, said.lines[0], said.lettering)
        pen.line(0, 8.2, WIDE, 8.2, thick=0.25)

    return Block(8.3, draw, "heading", keep=True)


def _again_block(group: ResultGroup) -> Block:
    heading = fit(f"{group.heading}, continued", field="heading", room=WIDE - 2, choices=_HEADING)

    def draw(pen: Pen) -> None:
        pen.write(_NAME, 4.2, heading.lines[0], heading.lettering)
        pen.line(0, 5.3, WIDE, 5.3, thick=0.25)

    return Block(5.4, draw, "heading")


@dataclass(frozen=True, slots=True)
class _Measured:
    """A row whose every part fits, with the places of its parts: `top` is where its lines end."""

    row: ResultRow
    name: Fitted
    value: Fitted | None
    below: tuple[str, ...]
    sides: list[tuple[float, Fitted]]
    remarks: tuple[str, ...]
    top: float

    @property
    def amended_top(self) -> float:
        return self.top + _BELOW * len(self.below)

    @property
    def remarks_top(self) -> float:
        marked = self.row.state or self.row.old_value is not None
        return self.amended_top + (_NOTE if marked else 0)

    @property
    def height(self) -> float:
        return self.remarks_top + _NOTE * len(self.remarks)


def row_block(row: ResultRow, again: Block, pitch: float) -> Block:
    """Measure a row with what belongs to it: a long value, what it was before, the remark."""
    name = fit(row.name, field="name", room=_NAME_ROOM, choices=_NAME_SIZES, lines=2)
    value = _short_value(row)
    sides = _sides(row)
    most = max(len(piece.lines) for piece in (name, *(side for _, side in sides)))
    measured = _Measured(
        row=row,
        name=name,
        value=value,
        below=() if value else _long_value(row),
        sides=sides,
        remarks=_remarks(row),
        top=pitch + _SECOND * (most - 1),
    )
    return Block(measured.height, partial(_draw_row, measured=measured), "groups", again=again)


def _draw_row(pen: Pen, *, measured: _Measured) -> None:
    pen.write_lines(_NAME, 3.4, measured.name, _SECOND)
    if measured.value:
        value = measured.value
        pen.write_right(_VALUE, 3.4, value.lines[0], value.lettering)
    for x, side in measured.sides:
        pen.write_lines(x, 3.4, side, _SECOND)
    below = Fitted(measured.below, _VALUE_SIZES[-1])
    pen.write_lines(_INDENT, measured.top + 2.6, below, _BELOW)
    _draw_amended(pen, measured.row, measured.amended_top + 1.7)
    pen.write_lines(_INDENT, measured.remarks_top + 1.7, Fitted(measured.remarks, _REMARK), _NOTE)
    bottom = measured.height - 0.1
    pen.line(0, bottom, WIDE, bottom, thick=0.15, grey=0.5)


def _short_value(row: ResultRow) -> Fitted | None:
    for lettering in _VALUE_SIZES:
        fitted = fit_in(row.value, field="value", room=_VALUE_ROOM, lettering=lettering)
        if fitted:
            return fitted
    return None


def _long_value(row: ResultRow) -> tuple[str, ...]:
    """Words instead of a number: on lines of their own over the whole width."""
    return paragraphs(row.value, field="value", room=WIDE - 4, lettering=_VALUE_SIZES[-1])


def _sides(row: ResultRow) -> list[tuple[float, Fitted]]:
    """Measure flag, unit, interval, status and the value before, each with its left edge."""
    said = f"{row.mark} {row.flag}".strip()
    flag = fit(said, field="flag", room=_UNIT - _FLAG - 0.8, choices=_FLAG_SIZES)
    unit = fit(row.unit, field="unit", room=_INTERVAL - _UNIT - 0.8, choices=_SMALL)
    room = _STATUS - _INTERVAL - 0.8
    interval = fit(row.interval, field="interval", room=room, choices=_SMALL, lines=2)
    status = fit(row.status, field="status", room=14.4, choices=_STATUS_SIZES, lines=2)
    before = fit(row.before, field="before", room=14.0, choices=_SMALL)
    left = _BEFORE - width(before.lines[0], before.lettering)
    return [
        (_FLAG, flag),
        (_UNIT, unit),
        (_INTERVAL, interval),
        (_STATUS, status),
        (left, before),
    ]


def _remarks(row: ResultRow) -> tuple[str, ...]:
    texts = [text for text in (row.reason, row.comment) if text]
    lines = [paragraphs(text, field="comment", room=WIDE - 4, lettering=_REMARK) for text in texts]
    return tuple(line for found in lines for line in found)


def _draw_amended(pen: Pen, row: ResultRow, baseline: float) -> None:
    """Write the row's state and, struck through but legible, what it said before."""
    state = clean(row.state, field="state", font=BOLD)
    pen.write(_INDENT, baseline, state, _STATE)
    if row.old_value is None:
        return
    was = "was"
    x = _INDENT + width(state, _STATE) + 1.5
    pen.write(x, baseline, was, _PLAIN)
    x += width(was, _PLAIN) + 1.0
    old = Lettering(REGULAR, 2.5)
    said = clean(f"{row.old_value} {row.unit}".strip(), field="old_value", font=REGULAR)
    pen.write(x, baseline, said, old)
    middle = baseline - old.capital * 0.45
    pen.line(x - 0.5, middle, x + width(said, old) + 0.5, middle, thick=0.18)
