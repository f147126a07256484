"""Rows of a list, each of cells that are measured before anything is drawn. Sizes and places in mm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import QUIET, WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content import PatientIdentity
from lab_contingency.printing.flow import Block
from lab_contingency.printing.paper import TINT, Pen
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    fit_in,
    letterings,
    width,
    wrap,
)

HEAD = 6.0
BARS_WIDE = WIDTH + 2 * QUIET + 0.4
"""A column of bars with their quiet zones."""
PAD = 1.2
_PITCH, _SMALL_PITCH = 3.5, 3.2
_BARS_HIGH = 7.0
_PLAIN = Lettering(REGULAR, 2.8)
_BOLD = Lettering(BOLD, 2.8)
_SMALL = Lettering(REGULAR, 2.4)
_DIGITS = Lettering(MONO, 2.6)
SIMILAR = "SIMILAR NAME"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands over it and its width."""

    heading: str
    wide: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A measured cell: its height, and how it is drawn from its upper left corner."""

    height: float
    draw: Callable[[Pen], None]


def total(columns: Sequence[Column]) -> float:
    """Width of the table."""
    return sum(column.wide for column in columns)


def draw_heads(pen: Pen, columns: Sequence[Column]) -> None:
    """Draw the heads of the columns, 6 mm high."""
    pen.fill(0, 0, total(columns), HEAD, TINT)
    pen.line(0, HEAD, total(columns), HEAD, thick=0.3)
    x = 0.0
    for column in columns:
        head = fit(
            column.heading,
            field="columns",
            room=column.wide - PAD,
            choices=letterings(BOLD, 2.5, 2.3, 2.1),
        )
        pen.write(x + PAD, 4.1, head.lines[0], head.lettering)
        x += column.wide


def row_block(
    columns: Sequence[Column], cells: Sequence[Cell], lowest: float, *, ruled: bool = False
) -> Block:
    """Make a row of at least `lowest` mm; `ruled` draws lines between its cells."""
    height = max(lowest, *(cell.height for cell in cells))
    placed = list(zip(columns, cells, strict=True))

    def draw(pen: Pen) -> None:
        x = 0.0
        for column, cell in placed:
            cell.draw(pen.moved(x, 0))
            x += column.wide
            if ruled:
                pen.line(x, 0, x, height, thick=0.1, grey=0.6)
        pen.line(0, height, x, height, thick=0.15, grey=0.4)

    return Block(height, draw, "rows")


def group_block(columns: Sequence[Column], heading: str, *, again: bool = False) -> Block:
    """Make the heading of a group of rows, tied to its first row."""
    said = fit(
        f"{heading}, continued" if again else heading,
        field="heading",
        room=total(columns) - 2 * PAD,
        choices=letterings(BOLD, 3.4, 3.0, 2.6),
    )

    def draw(pen: Pen) -> None:
        pen.write(0, 5.6, said.lines[0], said.lettering)
        pen.line(0, 7.0, total(columns), 7.0, thick=0.3)

    return Block(7.0, draw, "heading", keep=not again)


def words(
    text: str,
    wide: float,
    *,
    field: str,
    bold: bool = False,
    below: str = "",
    field_below: str = "",
) -> Cell:
    """Make a cell of text, wrapped, with smaller lines under it."""
    lettering = _BOLD if bold else _PLAIN
    room = wide - PAD - 0.8
    lines = broken(text, field=field, room=room, lettering=lettering)
    small = broken(below, field=field_below or field, room=room, lettering=_SMALL) if below else ()
    under = 4.0 + _PITCH * (len(lines) - 1) + 3.3

    def draw(pen: Pen) -> None:
        pen.write_lines(PAD, 4.0, Fitted(lines, lettering), _PITCH)
        pen.write_lines(PAD, under, Fitted(small, _SMALL), _SMALL_PITCH)

    return Cell(5.4 + _PITCH * (len(lines) - 1) + _SMALL_PITCH * len(small), draw)


def broken(text: str, *, field: str, room: float, lettering: Lettering) -> tuple[str, ...]:
    """Text wrapped into lines of `room` mm; a word wider than that goes on in the next line."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        ready = clean(paragraph, field=field, font=lettering.font)
        wrapped = wrap(ready, lettering, room)
        lines += _by_letters(ready, lettering, room) if wrapped is None else wrapped
    return tuple(lines)


def _by_letters(text: str, lettering: Lettering, room: float) -> list[str]:
    lines = [""]
    for letter in text:
        if width(lines[-1] + letter, lettering) > room:
            lines.append("")
        lines[-1] += letter
    return lines


def who(
    patient: PatientIdentity,
    wide: float,
    *,
    similar: bool = False,
    identified: PatientIdentity | None = None,
) -> Cell:
    """Make the cell of the three identifiers; `similar` marks a name that can be mixed up.

    `identified` is who the patient turned out to be: the same three under a line that says so.
    """
    taken = _who(patient, wide, similar=similar)
    if identified is None:
        return taken
    really = _who(identified, wide)
    gap = 1.6

    def draw(pen: Pen) -> None:
        taken.draw(pen)
        pen.write(PAD, taken.height + 2.0, "identified as", _SMALL)
        really.draw(pen.moved(0, taken.height + gap))

    return Cell(taken.height + gap + really.height, draw)


def _who(patient: PatientIdentity, wide: float, *, similar: bool = False) -> Cell:
    room = wide - PAD - 0.8
    name = _name(f"{patient.surname} {patient.forenames}", room)
    number = patient.nhs_number or patient.hospital_number or "number not known"
    told = fit(
        f"{patient.born} {patient.sex} · {number}",
        field="born",
        room=room,
        choices=letterings(REGULAR, 2.6, 2.4, 2.2, 2.0),
        lines=2,
    )
    second = 4.0 + 3.3 * (len(name.lines) - 1) + 3.6
    bottom = second + 3.0 * (len(told.lines) - 1) + 1.4

    def draw(pen: Pen) -> None:
        pen.write_lines(PAD, 4.0, name, 3.3)
        pen.write_lines(PAD, second, told, 3.0)
        if similar:
            right = PAD + marks.stamps_width((SIMILAR,), 2.1) - 0.9
            marks.draw_stamps(pen, right, bottom + 0.2, (SIMILAR,), 2.1)

    return Cell(bottom + (3.6 if similar else 0.4), draw)


def _name(name: str, room: float) -> Fitted:
    """On two lines as large as they go; a very long name on three."""
    for lettering in letterings(BOLD, 3.1, 2.8, 2.6):
        fitted = fit_in(name, field="surname", room=room, lettering=lettering, lines=2)
        if fitted:
            return fitted
    small = letterings(BOLD, 2.6, 2.4, 2.2, 2.0)
    return fit(name, field="surname", room=room, choices=small, lines=3)


def bars(number: str) -> Cell:
    """Make the cell of a number: bars between their quiet zones, digits under them."""
    digits = grouped(checked(number))

    def draw(pen: Pen) -> None:
        draw_barcode(pen, QUIET + 0.2, 2.0, _BARS_HIGH, number)
        pen.write_centred(QUIET + 0.2 + WIDTH / 2, 12.0, digits, _DIGITS)

    return Cell(14.6, draw)


def digits_only(number: str, wide: float) -> Cell:
    """Make the cell of a number without bars."""
    said = fit(grouped(checked(number)), field="number", room=wide - PAD, choices=(_DIGITS,))
    return Cell(5.4, lambda pen: pen.write(PAD, 4.0, said.lines[0], said.lettering))


def tick() -> Cell:
    """Make a box to tick."""
    return Cell(7.0, lambda pen: marks.draw_tick_box(pen, PAD, 6.2, 4.0, ticked=False))


def blank(caption: str = "", down: float = 5.4) -> Cell:
    """Make room to write, with a small word over it."""
    return Cell(down, lambda pen: pen.write(PAD, 3.0, caption, Lettering(REGULAR, 2.0)))
