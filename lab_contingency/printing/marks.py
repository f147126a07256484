"""Small drawn signs: priority, TEST and COPY, tick boxes."""

import math
from collections.abc import Sequence
from functools import cache

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.text import BOLD, Lettering, fit, letterings, width

PRIORITIES = ("P1", "P2", "P3", "P4")
PRIORITY_WIDTH, PRIORITY_HEIGHT = 11.0, 7.6
STAMP = 2.2
"""Size of a stamp's letters on a label, mm; sheets have larger ones."""

_GAP = 0.9
_BOX_LINES = {"P2": 0.75, "P3": 0.25}
_DIGIT = Lettering(BOLD, 2.5)
_PRIORITY = Lettering(BOLD, 3.1)
_WORDS = letterings(BOLD, 3.1, 2.8, 2.5, 2.2)


@cache
def regular(
    x: float, y: float, radius: float, corners: int, turn: float = 0
) -> tuple[tuple[float, float], ...]:
    """Corners of a regular shape around `x`, `y` mm; many corners make a circle."""
    angles = [math.tau * (corner + turn) / corners for corner in range(corners)]
    return tuple((x + radius * math.sin(a), y - radius * math.cos(a)) for a in angles)


def draw_priority(pen: Pen, x: float, y: float, priority: str, word: str) -> None:
    """Draw shape, digit and word, 11.0 x 7.6 mm: P1 inverse, P2 thick box, P3 thin, P4 none."""
    if priority not in PRIORITIES:
        raise CannotPrint("The priority is one of P1, P2, P3 and P4.", field="priority")
    white = priority == "P1"
    if white:
        pen.fill(x, y, PRIORITY_WIDTH, PRIORITY_HEIGHT)
    elif priority in _BOX_LINES:
        pen.box(x, y, PRIORITY_WIDTH, PRIORITY_HEIGHT, _BOX_LINES[priority])
    _draw_shape(pen, x + 3.1, y + 2.35, priority)
    pen.write(x + 5.6, y + 3.45, priority, _PRIORITY, white=white)
    said = fit(
        word,
        field="priority_word",
        room=PRIORITY_WIDTH - 2.4,
        choices=_WORDS,
    )
    pen.write_centred(x + PRIORITY_WIDTH / 2, y + 6.5, said.lines[0], said.lettering, white=white)


def _draw_shape(pen: Pen, x: float, y: float, priority: str) -> None:
    digit = priority[1]
    match priority:
        case "P1":
            pen.polygon(regular(x, y, 1.75, 8, 0.5), grey=1)
        case "P2":
            pen.polygon(regular(x, y + 0.5, 2.1, 3))
        case "P3":
            pen.polygon(regular(x, y, 1.6, 32))
        case _:
            pen.outline(regular(x, y, 2.0, 4, 0.5), 0.3)
    down = 1.15 if priority == "P2" else 0.9
    pen.write_centred(x, y + down, digit, _DIGIT, white=priority in {"P2", "P3"})


def watermark(mark: str) -> str:
    """The words that name this print, or nothing."""
    return f"mark {mark}" if mark else ""


def stamps(copy_reason: str | None, *, test_mark: bool) -> tuple[str, ...]:
    """Name the boxed words of the paper: COPY on a reprint, TEST in the demonstration."""
    return (*(("COPY",) if copy_reason is not None else ()), *(("TEST",) if test_mark else ()))


def stamps_width(words: Sequence[str], size: float = STAMP) -> float:
    """Measure the room the stamps take side by side, with a gap for each, mm."""
    return sum(_stamp_width(word, size) + _GAP for word in words)


def _stamp_width(word: str, size: float) -> float:
    return width(word, Lettering(BOLD, size)) + 0.7 * size


def draw_stamps(
    pen: Pen, right: float, y: float, words: Sequence[str], size: float = STAMP
) -> None:
    """Draw boxed words of `size` mm side by side, the last ending at `right`; 1.23 sizes high."""
    for word in reversed(words):
        wide = _stamp_width(word, size)
        pen.box(right - wide, y, wide, 1.23 * size, 0.3)
        pen.write_centred(right - wide / 2, y + 0.98 * size, word, Lettering(BOLD, size))
        right -= wide + _GAP


def draw_tick_box(pen: Pen, x: float, baseline: float, side: float, *, ticked: bool) -> None:
    """Draw a square standing on `baseline`, crossed when ticked, `side` mm."""
    top = baseline - side
    pen.box(x, top, side, side, 0.25)
    if ticked:
        inner = side * 0.2
        low, high = top + inner, baseline - inner
        pen.line(x + inner, low, x + side - inner, high, thick=0.35)
        pen.line(x + inner, high, x + side - inner, low, thick=0.35)
