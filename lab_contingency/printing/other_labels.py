"""Labels without a printed patient, and the note where no label may be. Places in mm."""

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import QUIET, WIDTH, checked, draw_barcode, grouped
from lab_contingency.printing.content import HandwrittenTube, NumberOnlyLabel, WriteOnLabel
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.stock import LABEL
from lab_contingency.printing.text import (
    BOLD,
    OBLIQUE,
    REGULAR,
    Lettering,
    fit,
    letterings,
    too_long,
)
from lab_contingency.printing.tube_label import LEFT, RIGHT, draw_number, draw_taken_box

_MOST_LINES = 3


def draw_number_label(pen: Pen, label: NumberOnlyLabel) -> None:
    """Draw up to three lines, bars, and the number large; no patient."""
    if len(label.lines) > _MOST_LINES:
        raise CannotPrint(too_long(" ".join(label.lines), _MOST_LINES), field="lines")
    words = marks.stamps(label.copy_reason, test_mark=label.test_mark)
    marks.draw_stamps(pen, RIGHT, 0.8, words)
    _draw_caption(pen, label, RIGHT - LEFT - marks.stamps_width(words))
    draw_barcode(pen, (LABEL.width - WIDTH) / 2, 11.6, 8.8, label.number)
    pen.write_centred(LABEL.width / 2, 24.0, grouped(checked(label.number)), Lettering(BOLD, 3.2))


def _draw_caption(pen: Pen, label: NumberOnlyLabel, room: float) -> None:
    copied = (f"copy: {label.copy_reason}",) if label.copy_reason else ()
    for place, line in enumerate((*label.lines, *copied)):
        font, room_here = (BOLD, room) if place == 0 else (REGULAR, RIGHT - LEFT)
        field = "copy_reason" if place == len(label.lines) else "lines"
        said = fit(line, field=field, room=room_here, choices=letterings(font, 2.6, 2.3, 2.0, 1.8))
        pen.write(LEFT, 3.1 + 2.6 * place, said.lines[0], said.lettering)


def draw_write_on_label(pen: Pen, label: WriteOnLabel) -> None:
    """Draw a numbered label of a paper pack: the patient is written on it by hand."""
    words = marks.stamps(None, test_mark=label.test_mark)
    stamped = marks.stamps_width(words)
    marks.draw_stamps(pen, RIGHT, 0.8, words)
    _writing_line(pen, LEFT, RIGHT - stamped, 3.9, "surname")
    _writing_line(pen, LEFT, 32.5, 7.9, "forename")
    _writing_line(pen, 33.3, RIGHT, 7.9, "sex")
    _writing_line(pen, LEFT, 20.5, 11.6, "born")
    _writing_line(pen, 21.3, RIGHT, 11.6, "number")
    draw_number(pen, label.number)
    _draw_pack_caption(pen, label)
    draw_taken_box(pen)


def _draw_pack_caption(pen: Pen, label: WriteOnLabel) -> None:
    left = 2 * QUIET + WIDTH + 0.4
    said = fit(
        label.caption,
        field="caption",
        room=RIGHT - left,
        choices=letterings(BOLD, 2.4, 2.1, 1.9),
        lines=2,
    )
    pen.write_lines(left, 14.9, said, 2.5)
    pen.write(left, 20.9, "not for transfusion", Lettering(REGULAR, 1.8))


def _writing_line(pen: Pen, left: float, right: float, y: float, caption: str) -> None:
    pen.write(left, y - 0.3, caption, Lettering(REGULAR, 1.8))
    pen.line(left, y, right, y, thick=0.15)


def draw_handwritten_tube(pen: Pen, tube: HandwrittenTube) -> None:
    """Draw the note in a label's place: no printed label, write the tube by hand (hazard 03)."""
    room = RIGHT - LEFT
    pen.box(0, 0, LABEL.width, LABEL.height, 0.3)
    heading = f"{tube.draw_order.upper()} {tube.tube_colour.upper()}: no printed label"
    said = fit(
        heading, field="tube_colour", room=room, choices=letterings(BOLD, 2.6, 2.4, 2.2, 2.0)
    )
    pen.write(LEFT, 3.7, said.lines[0], said.lettering)
    pen.write(LEFT, 6.8, "Write the tube by hand, beside the patient.", Lettering(REGULAR, 2.3))
    tests = fit(tube.tests, field="tests", room=room, choices=letterings(BOLD, 2.2, 2.0, 1.8))
    pen.write(LEFT, 9.7, tests.lines[0], tests.lettering)
    for place, caption in enumerate(("wristband checked", "taken by", "time and date")):
        y = 14.2 + 4.7 * place
        pen.write(LEFT, y - 0.2, caption, Lettering(OBLIQUE, 2.1))
        pen.line(20.5, y, RIGHT, y)
