"""Code 128 C of exactly twelve digits, in bars of whole printer dots."""

import re
from collections.abc import Mapping

from reportlab.graphics.barcode import code128

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.stock import DOT

MODULE = 2 * DOT
"""Width of the thinnest bar: two dots at 203 dpi, 0.250 mm."""

QUIET = 20 * DOT
"""White on both sides of the bars: ten modules, 2.502 mm. The caller prints nothing in it."""

_DIGITS = re.compile(r"[0-9]{12}")
_START_C, _STOP = 105, 106
_SYMBOL = 11
_PAIRS = 6
_MODULES = _SYMBOL * (1 + _PAIRS + 1) + 13
WIDTH = _MODULES * MODULE
"""Width of the bars alone, mm."""

MODULE_DOTS: Mapping[int, int] = {203: 2, 300: 3, 600: 6}
"""Dots of the thinnest bar by a printer's dots per inch."""

WIDEST = _MODULES * 0.254
"""Width of the bars where they come out widest, at 300 and 600 dpi: 25.654 mm."""

ROOM = WIDEST + 20 * 0.254
"""Bars with the white on both sides on any printer, 30.734 mm. Layouts keep this free."""

_PATTERNS: Mapping[int, str] = vars(code128)["_patterns"]


def _bars(symbol: int, position: int) -> str:
    """Draw one symbol, in modules: capitals of ReportLab's pattern are bars, A is one module."""
    drawn = []
    x = position * _SYMBOL
    for letter in _PATTERNS[symbol]:
        wide = "abcd".index(letter.lower()) + 1
        if letter.isupper():
            drawn.append(f"{x} 0 {wide} 1 re")
        x += wide
    return " ".join(drawn)


# Every symbol at every place, drawn once: a barcode is then nine pieces joined.
_DRAWN = [[_bars(symbol, position) for symbol in range(106)] for position in range(_PAIRS + 2)]
_DRAWN_STOP = _bars(_STOP, _PAIRS + 2)


def checked(number: str, *, field: str = "number") -> str:
    """Return the number if it is twelve digits, which is all the barcode can carry."""
    if not _DIGITS.fullmatch(number):
        raise CannotPrint("A barcode carries exactly twelve digits.", field=field)
    return number


def grouped(number: str) -> str:
    """Write the number as people read it: `41 1 004711 02 2`."""
    number = checked(number)
    return f"{number[:2]} {number[2]} {number[3:9]} {number[9:11]} {number[11]}"


def draw_barcode(pen: Pen, x: float, y: float, height: float, number: str) -> None:
    """Draw bars of `height` mm from `x`, `y` mm, moved by less than a dot onto whole dots."""
    pen.bars(x, y, height, checked(number))


def operators(number: str) -> str:
    """Write the bars as PDF rectangles in modules wide and one unit high."""
    symbols = _symbols(checked(number))
    pieces = [_DRAWN[position][symbol] for position, symbol in enumerate(symbols)]
    return " ".join([*pieces, _DRAWN_STOP])


def _symbols(number: str) -> list[int]:
    pairs = [int(number[place : place + 2]) for place in range(0, 12, 2)]
    check = (_START_C + sum(weight * pair for weight, pair in enumerate(pairs, 1))) % 103
    return [_START_C, *pairs, check]
