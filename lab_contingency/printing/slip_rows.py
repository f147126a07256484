"""The rows of a result slip as blocks that flow over its pages. Sizes and places in mm."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from lab_contingency.printing.content import ResultGroup, ResultRow
from lab_contingency.printing.flow import Block
from lab_contingency.printing.paper import Paper
from lab_contingency.printing.pen import NoPaper, Pen
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
COMFORTABLE, CLOSE = 4.7, 4.3
"""Heights of a row."""

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
    pen.once(("heads", interval, before), lambda at: _draw_heads(at, interval, before))


def _draw_heads(pen: Pen, interval: str, before: str) -> None:
    head = Lettering(BOLD, 2.3)
    pen.write(_NAME, 3.6, "Test", head)
    pen.write_right(_VALUE, 3.6, "Result", head)
    pen.write(_UNIT, 3.6, "Unit", head)
    pen.write(_INTERVAL, 3.6, clean(interval, field="interval_heading", font=BOLD), head)
    pen.write(_STATUS, 3.6, "Status", head)
    pen.write_right(_BEFORE, 3.6, clean(before, field="before_heading", font=BOLD), head)
    pen.line(0, HEAD - 0.2, WIDE, HEAD - 0.2, thick=0.3)


@dataclass(frozen=True, slots=True)
class MeasuredGroup:
    """A group of which every part fits, ready to be laid out at any pitch."""

    heading: Block
    again: Block
    rows: tuple["_Measured", ...]

    def height(self, pitch: float) -> float:
        """Height of all of it, mm."""
        rows = sum([row.more for row in self.rows]) + pitch * len(self.rows)
        return self.heading.height + rows

    def blocks(self, pitch: float) -> Iterator[Block]:
        """The heading, tied to the first row, and the rows, `pitch` mm each and what they have below."""
        yield self.heading
        for row in self.rows:
            high = pitch + row.more
            draw = partial(_draw_row, row=row, high=high)
            yield Block(high, draw, "groups", again=self.again, apart=True)


def measured_group(paper: Paper | NoPaper, group: ResultGroup) -> MeasuredGroup:
    """Measure a group; what its rows say alike is measured once in a document."""
    rows = tuple([_measured(paper, row) for row in group.rows])
    alike = ("group", group.heading, group.sample_age, group.laboratory, group.method)
    heading, again = paper.once(alike, lambda: (_heading_block(group), _again_block(group)))
    return MeasuredGroup(heading, again, rows)


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


class _Words(NamedTuple):
    """What many rows of a document say alike."""

    name: str
    said: str
    unit: str
    interval: str
    status: str


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """The measured words of a row (one for all that say the same), each side with its left edge; `more` is the height of further lines."""

    name: Fitted
    sides: tuple[tuple[float, Fitted], ...]
    more: float


@dataclass(slots=True)
class _Measured:
    """A row of which every part fits; `more` is its height beyond the pitch."""

    face: _Face
    value: Fitted | None
    before: Fitted
    under: "_Under | None"
    more: float


@dataclass(frozen=True, slots=True)
class _Under:
    """What stands under the line of an unusual row: words as a value, what it was, and remarks."""

    row: ResultRow
    value: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def is_marked(self) -> bool:
        return bool(self.row.state) or self.row.old_value is not None

    @property
    def height(self) -> float:
        notes = self.is_marked + len(self.remarks)
        return _BELOW * len(self.value) + _NOTE * notes


def _measured(paper: Paper | NoPaper, row: ResultRow) -> _Measured:
    """Measure a row with what belongs to it."""
    said = f"{row.mark} {row.flag}" if row.mark else row.flag
    words = _Words(row.name, said, row.unit, row.interval, row.status)
    face = paper.once(words, partial(_face, words))
    value = _short_value(row)
    before = fit(row.before, field="before", room=14.0, choices=_SMALL)
    under = None
    if value is None or row.state or row.old_value is not None or row.reason or row.comment:
        under = _Under(row, () if value else _long_value(row), _remarks(row))
    return _Measured(face, value, before, under, face.more + (under.height if under else 0))


def _draw_row(pen: Pen, *, row: _Measured, high: float) -> None:
    face, value, before = row.face, row.value, row.before
    pen.once((face, high), partial(_draw_name, face=face, high=high))
    if value:
        pen.write_right(_VALUE, 3.4, value.lines[0], value.lettering)
    pen.once(face, partial(_draw_sides, face=face))
    if before.lines[0]:
        pen.write_right(_BEFORE, 3.4, before.lines[0], before.lettering)
    if row.under:
        _draw_under(pen.moved(0, high - row.under.height), row.under)


def _draw_under(pen: Pen, under: _Under) -> None:
    pen.write_lines(_INDENT, 2.6, Fitted(under.value, _VALUE_SIZES[-1]), _BELOW)
    y = 1.7 + _BELOW * len(under.value)
    if under.is_marked:
        _draw_amended(pen, under.row, y)
        y += _NOTE
    pen.write_lines(_INDENT, y, Fitted(under.remarks, _REMARK), _NOTE)


def _draw_name(pen: Pen, *, face: _Face, high: float) -> None:
    pen.write_lines(_NAME, 3.4, face.name, _SECOND)
    pen.line(0, high - 0.1, WIDE, high - 0.1, thick=0.15, grey=0.5)


def _draw_sides(pen: Pen, *, face: _Face) -> None:
    for x, side in face.sides:
        pen.write_lines(x, 3.4, side, _SECOND)


def _short_value(row: ResultRow) -> Fitted | None:
    for lettering in _VALUE_SIZES:
        fitted = fit_in(row.value, field="value", room=_VALUE_ROOM, lettering=lettering)
        if fitted:
            return fitted
    return None


def _long_value(row: ResultRow) -> tuple[str, ...]:
    """Words instead of a number: on lines of their own over the whole width."""
    return paragraphs(row.value, field="value", room=WIDE - 4, lettering=_VALUE_SIZES[-1])


def _face(words: _Words) -> _Face:
    """Measure name, flag, unit, interval and status."""
    name = fit(words.name, field="name", room=_NAME_ROOM, choices=_NAME_SIZES, lines=2)
    flag = fit(words.said, field="flag", room=_UNIT - _FLAG - 0.8, choices=_FLAG_SIZES)
    unit = fit(words.unit, field="unit", room=_INTERVAL - _UNIT - 0.8, choices=_SMALL)
    room = _STATUS - _INTERVAL - 0.8
    interval = fit(words.interval, field="interval", room=room, choices=_SMALL, lines=2)
    status = fit(words.status, field="status", room=14.4, choices=_STATUS_SIZES, lines=2)
    sides = ((_FLAG, flag), (_UNIT, unit), (_INTERVAL, interval), (_STATUS, status))
    most = max(len(piece.lines) for piece in (name, *(side for _, side in sides)))
    return _Face(name, sides, _SECOND * (most - 1))


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
