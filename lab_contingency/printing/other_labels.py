"""Labels without a printed patient, and the note where no label may be. Places in mm."""

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import checked, draw_barcode, grouped
from lab_contingency.printing.content import HandwrittenTube, NumberOnlyLabel, WriteOnLabel
from lab_contingency.printing.data_matrix import draw_matrix
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import LEFT, Arrangement, Face
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.stock import AUTO12
from lab_contingency.printing.text import (
    BOLD,
    OBLIQUE,
    REGULAR,
    Lettering,
    fit,
    letterings,
    too_long,
)
from lab_contingency.printing.tube_label import draw_number, draw_taken_box

_MOST_LINES = 3
_CAPTION = (2.6, 2.3, 2.0, 1.8)
_SMALL_CAPTION = (2.0, 1.8)
_HANDWRITTEN_ROOM = AUTO12.width - LEFT - 1.2


def draw_number_label(pen: Pen, label: NumberOnlyLabel, face: Face) -> None:
    """Draw up to three lines, bars, and the number large; no patient."""
    if len(label.lines) > _MOST_LINES:
        raise CannotPrint(too_long(" ".join(label.lines), _MOST_LINES), field="lines")
    words = marks.stamps(label.copy_reason, test_mark=label.test_mark)
    if face.arrangement is Arrangement.FULL:
        marks.draw_stamps(pen, face.right, 0.8, words)
        room = face.right - LEFT - marks.stamps_width(words)
        _draw_caption(pen, label, (room, face.right - LEFT), _CAPTION, 2.6)
        left = (face.width - face.bars) / 2 + face.quiet
        draw_barcode(pen, left, 11.6, face.height - 16.6, label.number)
        _draw_large_number(pen, label.number, face.width / 2, face.height - 1.4, 3.2)
    else:
        _draw_small_number(pen, label, words, face)


def _draw_small_number(
    pen: Pen, label: NumberOnlyLabel, words: tuple[str, ...], face: Face
) -> None:
    right = face.width - 0.8
    marks.draw_stamps(pen, right, 0.6, words, 1.8)
    room = right - LEFT - marks.stamps_width(words, 1.8)
    _draw_caption(pen, label, (room, right - LEFT), _SMALL_CAPTION, 2.1)
    middle, baseline = face.width / 2, face.height - 0.95
    if face.arrangement is Arrangement.SMALL:
        left = (face.width - face.bars) / 2 + face.quiet
        draw_barcode(pen, left, 9.6, face.height - 3.9 - 9.6, label.number)
        _draw_large_number(pen, label.number, middle, baseline, 2.9)
    else:
        draw_matrix(pen, middle - face.matrix / 2, 12.4, label.number)
        _draw_large_number(pen, label.number, middle, baseline, 2.4)


def _draw_large_number(pen: Pen, number: str, middle: float, baseline: float, size: float) -> None:
    pen.write_centred(middle, baseline, grouped(checked(number)), Lettering(BOLD, size))


def _draw_caption(
    pen: Pen,
    label: NumberOnlyLabel,
    rooms: tuple[float, float],
    sizes: tuple[float, ...],
    pitch: float,
) -> None:
    """Write the lines, the first in bold and beside the stamps: `rooms` of the first and of the others."""
    copied = (f"copy: {label.copy_reason}",) if label.copy_reason else ()
    for place, line in enumerate((*label.lines, *copied)):
        font, room = (BOLD, rooms[0]) if place == 0 else (REGULAR, rooms[1])
        field = "copy_reason" if place == len(label.lines) else "lines"
        said = fit(line, field=field, room=room, choices=letterings(font, *sizes))
        pen.write(LEFT, 0.5 + pitch + pitch * place, said.lines[0], said.lettering)


def draw_write_on_label(pen: Pen, label: WriteOnLabel, face: Face) -> None:
    """Draw a numbered label of a paper pack: the patient is written on it by hand."""
    if face.arrangement is not Arrangement.FULL:
        raise CannotPrint(
            "Nobody can write a patient on a label this small. Take labels of 50 × 25 mm or more.",
            field="stock",
        )
    right = face.right
    words = marks.stamps(None, test_mark=label.test_mark)
    marks.draw_stamps(pen, right, 0.8, words)
    _writing_line(pen, LEFT, right - marks.stamps_width(words), 3.9, "surname")
    _writing_line(pen, LEFT, right - 17.1, 7.9, "forename")
    _writing_line(pen, right - 16.3, right, 7.9, "sex")
    _writing_line(pen, LEFT, 20.5, 11.6, "born")
    _writing_line(pen, 21.3, right, 11.6, "number")
    draw_number(pen, label.number, face)
    _draw_pack_caption(pen, label, face)
    draw_taken_box(pen, face)


def _draw_pack_caption(pen: Pen, label: WriteOnLabel, face: Face) -> None:
    left, room = face.bars, face.right - face.bars
    said = fit(
        label.caption,
        field="caption",
        room=room,
        choices=letterings(BOLD, 2.3, 2.1, 1.9),
        lines=2,
    )
    pen.write_lines(left, 14.9, said, 2.5)
    note = fit(
        "not for transfusion",
        field="caption",
        room=room,
        choices=letterings(REGULAR, 1.8),
        lines=2,
    )
    baseline = face.height - 4.5 - 1.9 * (len(note.lines) - 1)
    pen.write_lines(left, baseline, note, 1.9)


def _writing_line(pen: Pen, left: float, right: float, y: float, caption: str) -> None:
    pen.write(left, y - 0.3, caption, Lettering(REGULAR, 1.8))
    pen.line(left, y, right, y, thick=0.15)


def draw_handwritten_tube(pen: Pen, tube: HandwrittenTube) -> None:
    """Draw the note in a label's place: no printed label, write the tube by hand (hazard 03)."""
    room = _HANDWRITTEN_ROOM
    pen.box(0, 0, AUTO12.width, AUTO12.height, 0.3)
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
        pen.line(20.5, y, LEFT + room, y)
