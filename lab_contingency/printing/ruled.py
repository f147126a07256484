"""Furniture of the forms: headed boxes, captioned lines to write on. Sizes and places in mm."""

from dataclasses import dataclass

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import TINT, Pen
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Lettering,
    can_show,
    fit_in,
    letterings,
    too_long,
)

BAND = 4.8
PAD = 2.2
FIELD = 9.4
CAPTION = Lettering(REGULAR, 2.2)
HEADING = Lettering(BOLD, 3.0)
NOTE = Lettering(REGULAR, 2.3)

# What was typed is in typewriter letters, as on a card; a name they lack is in bold ones.
_TYPED = letterings(MONO, 3.5, 3.1, 2.7)
_TYPED_SMALL = letterings(BOLD, 2.8, 2.5, 2.2)
_TWO_LINES = letterings(BOLD, 2.4, 2.1)


@dataclass(frozen=True, slots=True)
class Field:
    """A captioned line: the name of the content's field, its caption, what stands there, width."""

    name: str
    caption: str
    value: str
    width: float


def draw_band(pen: Pen, wide: float, heading: str, note: str = "") -> None:
    """Draw the heading of a box `wide` mm wide, a note at its right."""
    pen.fill(0, 0, wide, BAND, TINT)
    pen.line(0, 0, wide, 0, thick=0.3)
    pen.line(0, BAND, wide, BAND, thick=0.25)
    pen.write(PAD, 3.5, heading, HEADING)
    pen.write_right(wide - PAD, 3.4, note, NOTE)


def draw_fields(pen: Pen, fields: tuple[Field, ...], gap: float = 3.0) -> None:
    """Draw a row of captioned lines, 9.4 mm high, side by side."""
    x = 0.0
    for field in fields:
        draw_field(pen.moved(x, 0), field)
        x += field.width + gap


def draw_field(pen: Pen, field: Field) -> None:
    """Draw a caption, what was typed, and the line under it; empty where nothing was."""
    pen.write(0, 2.7, field.caption, CAPTION)
    pen.line(0, FIELD - 0.9, field.width, FIELD - 0.9)
    if field.value:
        _draw_typed(pen, field)


def _draw_typed(pen: Pen, field: Field) -> None:
    for lettering in (*_TYPED, *_TYPED_SMALL):
        if lettering.font == MONO and not can_show(field.value, MONO):
            continue
        fitted = fit_in(field.value, field=field.name, room=field.width, lettering=lettering)
        if fitted:
            pen.write(0, 7.3, fitted.lines[0], lettering)
            return
    for lettering in _TWO_LINES:
        fitted = fit_in(
            field.value, field=field.name, room=field.width, lettering=lettering, lines=2
        )
        if fitted:
            pen.write_lines(0, 5.4, fitted, 2.4)
            return
    raise CannotPrint(too_long(field.value, 2), field=field.name)
