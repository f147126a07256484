"""One tube's label, 50.8 x 25.4 mm or larger. All places are mm from its top left corner."""

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import checked, draw_barcode, grouped
from lab_contingency.printing.content import TubeLabel
from lab_contingency.printing.label_column import draw_column, draw_corner
from lab_contingency.printing.label_face import LEFT, Face
from lab_contingency.printing.label_name import NameRoom, draw_identity, draw_name
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.text import BOLD, REGULAR, Lettering

BARS_TOP = 12.2
NUMBER = Lettering(BOLD, 2.3)
SMALL = Lettering(REGULAR, 1.9)

_NAME_TOP, _NAME_BOTTOM = 0.5, 8.7
_STAMPS_TOP = 5.75
_IDENTITY_BASELINE = 11.15
_PRIORITY_FROM_RIGHT, _PRIORITY_TOP = 12.2, 0.6
_TAKEN_LEFT, _TAKEN_HEIGHT = 22.6, 2.8
_UNDER_BARS = 4.4


def draw_tube_label(pen: Pen, label: TubeLabel, face: Face) -> None:
    """Draw a full label at the pen's origin. A patient's tubes and a ward's tests look alike each time."""
    size = (face.width, face.height)
    who = (label.patient, label.priority, label.priority_word, label.test_mark)
    pen.once(("who", size, who), lambda at: _draw_who(at, label, face))
    draw_number(pen, label.number, face)
    tube = (label.tube_colour, label.tube_detail, label.draw_order, label.notes)
    asked = (label.tests, label.tests_if_long, label.ward, label.bed, label.copy_reason)
    if pen.once(("tube", size, tube, asked), lambda at: _draw_tube(at, label, face)):
        draw_corner(pen, label.number, face)


def _draw_who(pen: Pen, label: TubeLabel, face: Face) -> None:
    test = marks.stamps(None, test_mark=label.test_mark)
    left = face.width - _PRIORITY_FROM_RIGHT
    room = NameRoom(_NAME_TOP, _NAME_BOTTOM, left - 0.5 - LEFT, marks.stamps_width(test))
    draw_name(pen, label.patient, room)
    marks.draw_stamps(pen, left - 0.5, _STAMPS_TOP, test)
    marks.draw_priority(pen, left, _PRIORITY_TOP, label.priority, label.priority_word)
    draw_identity(pen, label.patient, (_IDENTITY_BASELINE,), face.right - LEFT)


def _draw_tube(pen: Pen, label: TubeLabel, face: Face) -> bool:
    free = draw_column(pen, label, face)
    # COPY takes its room from the box, not the name: what was printed once can be again.
    copy = marks.stamps(label.copy_reason, test_mark=False)
    taken_up = marks.stamps_width(copy)
    marks.draw_stamps(pen, _TAKEN_LEFT + taken_up - 0.9, _taken_top(face), copy)
    draw_taken_box(pen, face, taken_up)
    return free


def draw_number(pen: Pen, number: str, face: Face) -> None:
    """Bars with ten modules of white on both sides, and the same number to read."""
    draw_barcode(pen, face.quiet, BARS_TOP, face.height - _UNDER_BARS - BARS_TOP, number)
    pen.write(LEFT, face.height - 1.4, grouped(checked(number)), NUMBER)


def _taken_top(face: Face) -> float:
    return face.height - 0.4 - _TAKEN_HEIGHT


def draw_taken_box(pen: Pen, face: Face, taken_up: float = 0) -> None:
    """Where time and initials are written at the bedside; `taken_up` mm at its left are in use."""
    left = _TAKEN_LEFT + taken_up
    room = face.right - left
    top = _taken_top(face)
    pen.box(left, top, room, _TAKEN_HEIGHT, 0.25)
    for x, word in ((0.7, "taken"), (room * 0.36, ":"), (room * 0.6, "by")):
        pen.write(left + x, top + 2.0, word, SMALL)
