"""Data Matrix (ECC 200, 14 × 14) of the same twelve digits as the bars, in squares of whole printer dots.

Only this one size of this one content is made, so the code is short: a pair of digits is one byte, and because
the correcting bytes are linear over XOR, a symbol is the XOR of six ready-made ones (ISO/IEC 16022).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, reduce
from operator import xor

from lab_contingency.printing.barcode import checked
from lab_contingency.printing.pen import Pen
from lab_contingency.printing.stock import DOT

MODULE = 3 * DOT
"""Side of one square: three dots at 203 dpi, 0.375 mm."""

MODULE_DOTS = {203: 3, 300: 4, 600: 8}
"""Dots of one square by a printer's dots per inch, never more than MODULE."""

SIDE = 14
QUIET = 1
"""White around the squares, in modules, which is all that ECC 200 asks for."""

WIDTH = (SIDE + 2 * QUIET) * MODULE
"""Side of the code with its white border, mm: 6.0."""

_INSIDE = SIDE - 2
_PAIRS, _DATA, _CORRECTION = 6, 8, 10
_PAIR = 130
_PAD, _LAST_PAD = 129, 56  # the second pad is scrambled by its place, the eighth
_FIELD = 0x12D  # the polynomial of the field of 256, as a number


def draw_matrix(pen: Pen, x: float, y: float, number: str) -> None:
    """Draw the code with its border at `x`, `y` mm, moved by less than a dot onto whole dots."""
    pen.matrix(x, y, checked(number))


def operators(number: str) -> str:
    """Write the squares as PDF rectangles, in modules from the lower left corner of the border."""
    drawn = [_row_of_squares(SIDE - y, row) for y, row in enumerate(rows(number))]
    return " ".join(drawn)


@lru_cache(maxsize=8192)
def _row_of_squares(y: int, row: str) -> str:
    return " ".join([f"{x + QUIET} {y} {wide} 1 re" for x, wide in _runs(row)])


def _runs(row: str) -> Iterator[tuple[int, int]]:
    """Where black begins in a row, and how long it is."""
    place = 0
    while (start := row.find("1", place)) >= 0:
        place = row.find("0", start)
        place = place if place >= 0 else SIDE
        yield start, place - start


def rows(number: str) -> tuple[str, ...]:
    """The squares without their border, a row a text from the top: `1` is black."""
    digits = checked(number)
    pairs = [_squares_of_pair(place, digits[2 * place : 2 * place + 2]) for place in range(_PAIRS)]
    squares = f"{reduce(xor, pairs, _squares_of_frame()):0{SIDE * SIDE}b}"
    return tuple(squares[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE))


@cache
def _squares_of_pair(place: int, digits: str) -> int:
    """What one pair of digits adds to the symbol."""
    data = [0] * _DATA
    data[place] = _PAIR + int(digits)
    return _symbol(data)


@cache
def _squares_of_frame() -> int:
    """What is the same in each symbol: the two bytes of padding, the solid sides and the dotted sides."""
    padding = _symbol([0] * _PAIRS + [_PAD, _LAST_PAD])
    sides = {(SIDE - 1 - y, 0) for y in range(SIDE)} | {(SIDE - 1, x) for x in range(SIDE)}
    sides |= {(0, x) for x in range(0, SIDE, 2)} | {(y, SIDE - 1) for y in range(1, SIDE, 2)}
    return padding ^ _squares(sides)


def _symbol(data: Sequence[int]) -> int:
    """Squares of the bytes and of those that correct them."""
    held = [*data, *_correction(data)]
    return _squares(
        (1 + y, 1 + x) for (y, x), (byte, bit) in _places_of_bits().items() if held[byte] >> bit & 1
    )


def _squares(black: Iterable[tuple[int, int]]) -> int:
    """A symbol as one number, the top left square first."""
    return sum(1 << (SIDE * SIDE - 1 - SIDE * y - x) for y, x in black)


def _correction(data: Sequence[int]) -> list[int]:
    """Reed–Solomon bytes for eight bytes."""
    generator = [1]
    for power in range(1, _CORRECTION + 1):
        root = _powers_of_two()[power]
        grown = [*generator, 0]
        for place, factor in enumerate(generator):
            grown[place + 1] ^= _times(factor, root)
        generator = grown
    rest = [*data, *[0] * _CORRECTION]
    for place in range(len(data)):
        factor = rest[place]
        for offset, part in enumerate(generator):
            rest[place + offset] ^= _times(factor, part)
    return rest[len(data) :]


@cache
def _powers_of_two() -> list[int]:
    """The powers of 2 in the field."""
    found = [1]
    for _ in range(254):
        doubled = found[-1] << 1
        found.append(doubled ^ _FIELD if doubled > 255 else doubled)  # noqa: PLR2004 # a byte
    return found


def _times(one: int, other: int) -> int:
    if not one or not other:
        return 0
    powers = _powers_of_two()
    return powers[(powers.index(one) + powers.index(other)) % 255]


# Where the eight bits of a byte lie from its corner, the highest first, as (down, right).
_BYTE = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
# The one byte of this size that lies in two corners: its walk begins below the square.
_BELOW = (_INSIDE, 0)
_CORNERS = ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1))


@cache
def _places_of_bits() -> dict[tuple[int, int], tuple[int, int]]:
    """Which bit of which byte each inner square shows, going through the square in slanting lines."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    byte = 0
    for corner in _walk():
        squares = (
            [(down % _INSIDE, right % _INSIDE) for down, right in _CORNERS]
            if corner == _BELOW
            else [_wrapped(corner[0] + down, corner[1] + right) for down, right in _BYTE]
        )
        if squares[-1] in found:
            continue
        for place, square in enumerate(squares):
            found[square] = (byte, 7 - place)
        byte += 1
    return found


def _walk() -> Iterator[tuple[int, int]]:
    """Corners of the bytes in their order: up and to the right, then down and to the left, and so on."""
    y, x = 4, 0
    while y < _INSIDE or x < _INSIDE:
        if (y, x) == _BELOW:
            yield _BELOW
        while y >= 0 and x < _INSIDE:
            if 0 <= y < _INSIDE and x >= 0:
                yield y, x
            y, x = y - 2, x + 2
        y, x = y + 1, x + 3
        while y < _INSIDE and x >= 0:
            if y >= 0 and x < _INSIDE:
                yield y, x
            y, x = y + 2, x - 2
        y, x = y + 3, x + 1


def _wrapped(y: int, x: int) -> tuple[int, int]:
    """A square beyond the top or the left edge lies at the other side, a little moved."""
    if y < 0:
        y, x = y + _INSIDE, x + 4 - (_INSIDE + 4) % 8
    if x < 0:
        y, x = y + 4 - (_INSIDE + 4) % 8, x + _INSIDE
    return y, x
