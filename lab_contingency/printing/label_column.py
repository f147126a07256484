"""The column of a full label: which tube, which tests, where from, and why a copy. mm."""

from dataclasses import dataclass, replace

from lab_contingency.printing.content import TubeLabel
from lab_contingency.printing.data_matrix import draw_matrix
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import Face
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit_in,
    too_long,
    width,
)

_BESIDE = Lettering(REGULAR, 1.8)
_TOP, _UNDER = 11.35, 3.4
_CLOSEST = 0.96
"""Closest lines of the column, as a multiple of their size: capitals and tails just clear."""
_COMFORTABLE = 1.04


@dataclass(frozen=True, slots=True)
class Column:
    """The room of the column, mm from the label's corner."""

    left: float
    right: float
    bottom: float
    matrix: float

    @classmethod
    def of(cls, face: Face) -> "Column":
        """The room right of the bars' white, above the box for what is written by hand."""
        return cls(face.bars, face.right, face.height - _UNDER, face.matrix)

    @property
    def wide(self) -> float:
        """Width of a line."""
        return self.right - self.left

    @property
    def high(self) -> float:
        """Height for all lines."""
        return self.bottom - _TOP


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the column at the right; `beside` stands after it in plain letters."""

    field: str
    text: str
    lettering: Lettering
    lines: int
    beside: str = ""


@dataclass(frozen=True, slots=True)
class _ColumnPlan:
    """Sizes (mm) of tube colour, tests and the rest.

    `close` sets short entries side by side, `run_on` writes all small ones as one paragraph.
    """

    colour: float
    tests: float
    small: float
    close: bool = False
    run_on: bool = False
    tests_font: str = BOLD


# From the best to the smallest permitted.
_COLUMN_PLANS = (
    _ColumnPlan(2.6, 2.5, 1.9),
    _ColumnPlan(2.5, 2.2, 1.8),
    _ColumnPlan(2.4, 2.0, 1.8, close=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True, run_on=True),
    _ColumnPlan(2.0, 1.8, 1.8, close=True, run_on=True, tests_font=REGULAR),
)


_LONGEST_PLAN = _ColumnPlan(2.0, 1.8, 1.8, close=True)
"""By this one it is decided which entry to shorten: it still keeps them apart."""


def draw_column(pen: Pen, label: TubeLabel, face: Face) -> bool:
    """Write the column as large as it fits. Whether its lower right corner is left for a Data Matrix."""
    room = Column.of(face)
    column = _fit_column(room, label)
    stretch = _stretch(room, [fitted for _, fitted in column])
    pitch = min(1.15, max(_CLOSEST, stretch * 0.97))
    top = _TOP + min(0.5, max(0, room.high * (1 - pitch / stretch)))
    free = True
    for entry, fitted in column:
        step = pitch * fitted.lettering.size
        baseline = top + 0.84 * fitted.lettering.size
        pen.write_lines(room.left, baseline, fitted, step)
        top += step * len(fitted.lines)
        if entry.beside:
            pen.write_right(
                room.right, top - step + 0.84 * entry.lettering.size, entry.beside, _BESIDE
            )
        free = free and _leaves_room(room, fitted, top, beside=bool(entry.beside))
    return free


def draw_corner(pen: Pen, number: str, face: Face) -> None:
    """Draw the number as a Data Matrix in the corner that the column left."""
    room = Column.of(face)
    draw_matrix(pen, room.right - room.matrix, room.bottom - room.matrix, number)


def _leaves_room(room: Column, fitted: Fitted, bottom: float, *, beside: bool) -> bool:
    """Whether text that ends at `bottom` stays clear of the lower right corner."""
    if bottom <= room.bottom - room.matrix:
        return True
    ends = max(width(line, fitted.lettering) for line in fitted.lines)
    return not beside and ends <= room.wide - room.matrix


def _fit_column(room: Column, label: TubeLabel) -> list[tuple[_Entry, Fitted]]:
    for plan in _COLUMN_PLANS:
        for said in _with_and_without_bed(label):
            column = _fit_plan(room, said, plan)
            if column:
                return column
    if label.tests_if_long:
        return _fit_column(room, replace(label, tests=label.tests_if_long, tests_if_long=""))
    if label.copy_reason:
        _fit_column(room, replace(label, copy_reason=None))
        raise CannotPrint(too_long(label.copy_reason), field="copy_reason")
    longest = _longest(room, label)
    raise CannotPrint(too_long(longest.text, longest.lines), field=longest.field)


def _with_and_without_bed(label: TubeLabel) -> tuple[TubeLabel, ...]:
    """Say the bed after the ward; it is left out before anything is written smaller for it."""
    without = replace(label, bed="")
    if not label.bed:
        return (without,)
    return replace(without, ward=f"{label.ward}, {label.bed}"), without


def _fit_plan(
    room: Column, label: TubeLabel, plan: _ColumnPlan
) -> list[tuple[_Entry, Fitted]] | None:
    column = [(entry, _fit_entry(room, entry)) for entry in _entries(room, label, plan)]
    fitting = [(entry, fitted) for entry, fitted in column if fitted]
    complete = len(fitting) == len(column)
    closest = _CLOSEST if plan.close else _COMFORTABLE
    return fitting if complete and _stretch(room, [f for _, f in fitting]) >= closest else None


def _fit_entry(room: Column, entry: _Entry) -> Fitted | None:
    return fit_in(
        entry.text,
        field=entry.field,
        room=room.wide,
        lettering=entry.lettering,
        lines=entry.lines,
    )


def _stretch(room: Column, fitted: list[Fitted]) -> float:
    """How far the lines may stand apart, as a multiple of their size."""
    high = sum(len(entry.lines) * entry.lettering.size for entry in fitted)
    return room.high / high


def _entries(room: Column, label: TubeLabel, plan: _ColumnPlan) -> list[_Entry]:
    plain, bold = Lettering(REGULAR, plan.small), Lettering(plan.tests_font, plan.tests)
    if plan.run_on:
        return _run_on_entries(room, label, plan, plain, bold)
    entries = [
        *_tube_entries(room, label, plan, plain),
        _Entry("notes", label.notes, bold, 2),
        _Entry("tests", label.tests, bold, 5),
        *_place_entries(room, label, plan, plain),
        _Entry("copy_reason", _copied(label.copy_reason), plain, 2),
    ]
    return [entry for entry in entries if entry.text]


def _run_on_entries(
    room: Column, label: TubeLabel, plan: _ColumnPlan, plain: Lettering, bold: Lettering
) -> list[_Entry]:
    tube = _tube_entries(room, label, plan, plain)
    tests = " · ".join(part for part in (label.notes, label.tests) if part)
    rest = (
        *(entry.text for entry in tube[1:]),
        label.draw_order,
        label.ward,
        _copied(label.copy_reason),
    )
    said = " · ".join(part for part in rest if part)
    return [tube[0], _Entry("tests", tests, bold, 5), _Entry("ward", said, plain, 5)]


def _tube_entries(
    room: Column, label: TubeLabel, plan: _ColumnPlan, plain: Lettering
) -> list[_Entry]:
    colour = _Entry("tube_colour", label.tube_colour.upper(), Lettering(BOLD, plan.colour), 2)
    detail, order = label.tube_detail, label.draw_order
    if not plan.close:
        return [colour, *_together(room, ("tube_detail", detail), ("draw_order", order), plain)]
    clean(detail, field="tube_detail", font=REGULAR)
    taken = width(clean(colour.text, field="tube_colour", font=BOLD), colour.lettering)
    if taken + 1.0 + width(detail, _BESIDE) <= room.wide:
        return [replace(colour, beside=detail)]
    return [colour, _Entry("tube_detail", detail, plain, 2)]


def _place_entries(
    room: Column, label: TubeLabel, plan: _ColumnPlan, plain: Lettering
) -> list[_Entry]:
    if not plan.close:
        return [_Entry("ward", label.ward, plain, 2)]
    order = _Entry("draw_order", label.draw_order, plain, 1)
    ward = _Entry("ward", label.ward, plain, 2)
    both = _Entry("ward", f"{label.draw_order} · {label.ward}", plain, 3)
    apart = _lines_needed(room, order) + _lines_needed(room, ward)
    return [order, ward] if apart <= _lines_needed(room, both) else [both]


def _together(
    room: Column, first: tuple[str, str], second: tuple[str, str], lettering: Lettering
) -> list[_Entry]:
    """Two short texts on one line where they fit, otherwise below each other."""
    both = _Entry(first[0], f"{first[1]} · {second[1]}", lettering, 1)
    if first[1] and second[1] and _fit_entry(room, both):
        return [both]
    return [_Entry(field, text, lettering, 2) for field, text in (first, second)]


def _copied(reason: str | None) -> str:
    return f"copy: {reason}" if reason else ""


def _longest(room: Column, label: TubeLabel) -> _Entry:
    """Choose the entry to shorten: what does not fit at all, or takes most lines."""
    entries = _entries(room, label, _LONGEST_PLAN)
    return max(entries, key=lambda entry: _lines_needed(room, entry))


def _lines_needed(room: Column, entry: _Entry) -> int:
    fitted = _fit_entry(room, entry)
    return len(fitted.lines) if fitted else len(entry.text)
