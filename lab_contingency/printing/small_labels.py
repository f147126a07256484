"""Labels of small tubes: who, the number, the priority and the tube; the form says the rest (ADR 0019). mm.

COPY and TEST stand beside the code, never in the room of the name: what was printed once can be again.
"""

from collections.abc import Sequence
from itertools import product

from lab_contingency.printing import marks
from lab_contingency.printing.barcode import checked, draw_barcode, grouped
from lab_contingency.printing.content import TubeLabel
from lab_contingency.printing.data_matrix import draw_matrix
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.label_face import LEFT, Face
from lab_contingency.printing.label_name import NameRoom, draw_identity, draw_name
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.text import (
    BOLD,
    REGULAR,
    Fitted,
    Lettering,
    fit_in,
    letterings,
    too_long,
    width,
)

_STAMP = 1.8
_STAMP_PITCH = 2.4
_EDGE = 0.4
_NUMBERS = letterings(BOLD, 2.1, 1.9, 1.8)
_TUBE = letterings(BOLD, 2.2, 2.0, 1.8)
_PLAIN = letterings(REGULAR, 1.8)

_NAME_TOP = 0.4
# With bars (38.1 x 19.05)
_NAME_BOTTOM, _IDENTITY, _BARS_TOP = 7.9, 10.35, 11.0
_UNDER_BARS, _NUMBER_UP = 3.2, 0.95
_PRIORITY_FROM_RIGHT = 11.5
# With a Data Matrix alone (25.4 x 25.4)
_SQUARE_NAME_BOTTOM = 7.3
_SQUARE_LINES = (9.4, 11.6, 13.8, 16.0)
_SQUARE_FOOT = 16.9


def draw_small_label(pen: Pen, label: TubeLabel, face: Face) -> None:
    """Draw the reduced label with bars."""
    left = face.width - _PRIORITY_FROM_RIGHT
    draw_name(pen, label.patient, NameRoom(_NAME_TOP, _NAME_BOTTOM, left - 0.4 - LEFT))
    marks.draw_priority(pen, left, _EDGE, label.priority, label.priority_word)
    room = face.width - LEFT - 0.8
    draw_identity(pen, label.patient, (_IDENTITY,), room)
    bottom = face.height - _UNDER_BARS
    draw_barcode(pen, face.quiet, _BARS_TOP, bottom - _BARS_TOP, label.number)
    _draw_number_and_tube(pen, label, face.height - _NUMBER_UP, room)
    words = marks.stamps(label.copy_reason, test_mark=label.test_mark)
    _draw_stamps(pen, face.width - _EDGE, _BARS_TOP, words)
    if not words and bottom - _BARS_TOP >= face.matrix:
        draw_matrix(pen, face.width - _EDGE - face.matrix, _BARS_TOP, label.number)


def draw_smallest_label(pen: Pen, label: TubeLabel, face: Face) -> None:
    """Draw the reduced label with a Data Matrix, for tubes too small for bars."""
    room = face.width - LEFT - 0.6
    draw_name(pen, label.patient, NameRoom(_NAME_TOP, _SQUARE_NAME_BOTTOM, room))
    born, identifier, number, tube = _SQUARE_LINES
    draw_identity(pen, label.patient, (born, identifier), room)
    pen.write(LEFT, number, grouped(checked(label.number)), _NUMBERS[0])
    said = _fit_tube(label, room)
    pen.write(LEFT, tube, said.lines[0], said.lettering)
    marks.draw_priority(pen, LEFT, _SQUARE_FOOT, label.priority, label.priority_word)
    side = face.width - _EDGE - face.matrix
    draw_matrix(pen, side, _SQUARE_FOOT, label.number)
    words = marks.stamps(label.copy_reason, test_mark=label.test_mark)
    _draw_stamps(pen, side - 0.1, _SQUARE_FOOT + 0.3, words)


def _draw_number_and_tube(pen: Pen, label: TubeLabel, baseline: float, room: float) -> None:
    """Write number and tube on one line; the number gives way first, down to what can be read."""
    number = grouped(checked(label.number))
    for choices, lettering in product((_TUBE, _PLAIN), _NUMBERS):
        said = _try_tube(label, room - width(number, lettering) - 0.8, choices)
        if said:
            pen.write(LEFT, baseline, number, lettering)
            pen.write_right(LEFT + room, baseline, said.lines[0], said.lettering)
            return
    raise CannotPrint(too_long(_tube(label)), field=_tube_field(label))


def _fit_tube(label: TubeLabel, room: float) -> Fitted:
    said = _try_tube(label, room, (*_TUBE, *_PLAIN))
    if said is None:
        raise CannotPrint(too_long(_tube(label)), field=_tube_field(label))
    return said


def _try_tube(label: TubeLabel, room: float, choices: Sequence[Lettering]) -> Fitted | None:
    fitting = (
        fit_in(_tube(label), field=_tube_field(label), room=room, lettering=lettering)
        for lettering in choices
    )
    return next((fitted for fitted in fitting if fitted), None)


def _tube(label: TubeLabel) -> str:
    """Say the tube, and what must be done with it on the way."""
    return " ".join(part for part in (label.tube_colour.upper(), label.notes) if part)


def _tube_field(label: TubeLabel) -> str:
    return "notes" if len(label.notes) > len(label.tube_colour) else "tube_colour"


def _draw_stamps(pen: Pen, right: float, top: float, words: tuple[str, ...]) -> None:
    for place, word in enumerate(words):
        marks.draw_stamps(pen, right, top + place * _STAMP_PITCH, (word,), _STAMP)
