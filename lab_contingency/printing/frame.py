"""What every list and sheet shares: heading, patient strip, foot, boxes to sign. Sizes and places in mm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content import PatientIdentity, PrintedBy
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.stock import Stock
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    clean,
    fit,
    letterings,
    width,
)

TOP = 6.5
HEADING, STRIP, FOOT = 16.0, 10.6, 8.0
CAPTION = Lettering(REGULAR, 2.2)
STRONG = Lettering(BOLD, 2.7)
_CELL, _CELL_TWICE = letterings(BOLD, 4.0, 3.6, 3.2, 2.8), letterings(BOLD, 2.7, 2.4, 2.1)
_FIGURES = Lettering(MONO, 2.9)
_BARS, _STAMP = 9.4, 3.2
_NUMBER_RIGHT = 3.0
_LINES = (9.3, 13.0)
_NAME_SHARE, _BORN, _SEX, _NUMBER = 64.0, 27.5, 10.5, 32.0
_CELL_LEFT = 1.8
_STRIP_WIDE = _NAME_SHARE + _BORN + _SEX + _NUMBER


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, a word in white on black after it, two lines under it, and bars at the right or none.

    The second line is bold; '' leaves a line out.
    """

    title: str
    lines: tuple[str, str]
    made: PrintedBy
    band: str = ""
    number: str | None = None
    fields: tuple[str, str] = ("place", "status")


def inside(stock: Stock) -> float:
    """Width between the margins."""
    return stock.width - 2 * stock.margin


def room_below(stock: Stock, above: float) -> float:
    """Height left for what flows under `above` mm of heading and over the foot."""
    return stock.height - TOP - above - FOOT - 4.7


def foot_top(stock: Stock) -> float:
    """Where the foot begins, below the heading's own top."""
    return stock.height - TOP - FOOT - 3.8


def draw_heading(pen: Pen, wide: float, heading: Heading) -> None:
    """Draw it from the pen's origin, 16 mm high."""
    room = wide
    if heading.number is not None:
        room -= WIDTH + 7.0
        _draw_number(pen, wide, heading.number)
    alike = ("heading", room, heading.title, heading.lines, heading.made, heading.band)
    pen.once(alike, lambda at: _draw_words(at, room, heading))


def _draw_words(pen: Pen, room: float, heading: Heading) -> None:
    words = marks.stamps(heading.made.copy_reason, test_mark=heading.made.test_mark)
    band = width(heading.band, STRONG) + 2.4 if heading.band else 0.0
    title = fit(
        heading.title,
        field="title",
        room=room - band - marks.stamps_width(words, _STAMP) - 4,
        choices=letterings(BOLD, 6.0, 5.0, 4.2, 3.4),
    )
    pen.write(0, 4.9, title.lines[0], title.lettering)
    if heading.band:
        x = width(title.lines[0], title.lettering) + 2.5
        pen.fill(x, 1.1, band, 4.2)
        pen.write_centred(x + band / 2, 4.2, heading.band, STRONG, white=True)
    marks.draw_stamps(pen, room, 1.1, words, _STAMP)
    for line, field, font, baseline in zip(
        heading.lines, heading.fields, (REGULAR, BOLD), _LINES, strict=True
    ):
        said = fit(line, field=field, room=room, choices=letterings(font, 2.7, 2.5, 2.3, 2.0))
        pen.write(0, baseline, said.lines[0], said.lettering)


def _draw_number(pen: Pen, wide: float, number: str) -> None:
    left = wide - WIDTH - _NUMBER_RIGHT
    draw_barcode(pen, left, 0, _BARS, number)
    middle = left + WIDTH / 2
    pen.write_centred(middle, 12.9, grouped(checked(number)), _FIGURES)


def draw_strip(pen: Pen, wide: float, patient: PatientIdentity) -> None:
    """Draw the identifiers, in the same place on every page, 10.6 mm high."""
    name = f"{patient.surname} {patient.forenames}"
    caption, number = ("NHS number", patient.nhs_number)
    if number is None:
        caption, number = ("Hospital number", patient.hospital_number or "not known")
    pen.once(("strip", wide, caption), lambda at: _draw_cells(at, wide, caption))
    values = (name, patient.born, patient.sex, number)
    for (x, field, room), value in zip(_cells(wide), values, strict=True):
        said = _fit_cell(value, field, room)
        if len(said.lines) == 1:
            pen.write(x, 8.3, said.lines[0], said.lettering)
        else:
            pen.write_lines(x, 6.2, said, 2.9)


def _cells(wide: float) -> Iterator[tuple[float, str, float]]:
    """List where each cell's words begin, its field, and the room for them."""
    x = 0.0
    for field, share in (
        ("surname", _NAME_SHARE + wide - _STRIP_WIDE),
        ("born", _BORN),
        ("sex", _SEX),
        ("hospital_number", _NUMBER),
    ):
        yield x + _CELL_LEFT, field, share - 3.0
        x += share


def _draw_cells(pen: Pen, wide: float, number: str) -> None:
    pen.box(0, 0, wide, STRIP, 0.5)
    heads = ("Patient", "Born", "Sex", number)
    for (x, _, _), head in zip(_cells(wide), heads, strict=True):
        if x > _CELL_LEFT:
            pen.line(x - _CELL_LEFT, 0, x - _CELL_LEFT, STRIP, thick=0.25)
        pen.write(x, 3.3, head, CAPTION)


def _fit_cell(value: str, field: str, room: float) -> Fitted:
    ready = clean(value, field=field, font=BOLD)
    for lettering in _CELL:
        if width(ready, lettering) <= room:
            return Fitted((ready,), lettering)
    return fit(value, field=field, room=room, choices=_CELL_TWICE, lines=2)


def draw_foot(pen: Pen, wide: float, made: PrintedBy, page: str, above: str = "") -> None:
    """Draw who printed it when, which copy and why, and `page`; `above` is a line over that."""
    alike = ("foot", wide, made, page, above)
    pen.once(alike, lambda at: _draw_foot(at, wide, made, page, above))


def _draw_foot(pen: Pen, wide: float, made: PrintedBy, page: str, above: str) -> None:
    why = f"copy: {made.copy_reason}" if made.copy_reason else ""
    parts = (made.printed, made.copy_number, why, marks.watermark(made.mark))
    pen.line(0, 0, wide, 0, thick=0.2)
    choices = letterings(REGULAR, 2.3, 2.1, 1.9)
    first = fit(above, field="typed_by", room=wide, choices=choices)
    pen.write(0, 3.2, first.lines[0], first.lettering)
    second = fit(
        " · ".join(part for part in parts if part),
        field="printed",
        room=wide - width(page, choices[0]) - 3,
        choices=choices,
    )
    pen.write(0, 6.5, second.lines[0], second.lettering)
    pen.write_right(wide, 6.5, page, choices[0])


def draw_signing(pen: Pen, wide: float, first: str, captions: Sequence[str], high: float) -> None:
    """Draw a box to sign: what is signed, and a line to write on for each caption, `high` mm."""
    alike = ("signing", wide, first, tuple(captions), high)
    pen.once(alike, lambda at: _draw_signing(at, wide, first, captions, high))


def _draw_signing(pen: Pen, wide: float, first: str, captions: Sequence[str], high: float) -> None:
    pen.box(0, 0, wide, high, 0.3)
    said = fit(first, field="signing", room=29.0, choices=letterings(BOLD, 2.9, 2.6, 2.3), lines=2)
    raised = 1.5 * (len(said.lines) - 1)
    pen.write_lines(2.0, high / 2 + 1.9 - raised, said, 3.2)
    share = (wide - 33.0) / len(captions)
    for place, caption in enumerate(captions):
        x = 33.0 + place * share
        pen.write(x, 3.0, caption, CAPTION)
        pen.line(x, high - 1.0, x + share - 2.0, high - 1.0)
