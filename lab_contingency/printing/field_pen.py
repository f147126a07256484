"""Labels as fields of ZPL: words in our own letters, which the printer was sent once and holds.

The printer sets the letters of a field one after the other, each a whole number of dots wide. Where that
would come out wider than it was measured, words stand each in their own place, and where a word still would,
its letters do.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Self

from lab_contingency.printing import zpl_fields
from lab_contingency.printing.dots import DotPen, Dots, ink
from lab_contingency.printing.pen import Points
from lab_contingency.printing.text import BOLD, FONTS, OBLIQUE, REGULAR, Lettering, widths

HELD: Mapping[str, str] = {REGULAR: "LCREG1", BOLD: "LCBOLD1", OBLIQUE: "LCOBL1"}
"""Names of our fonts in the printer. Another version of a font takes another name."""

_SLACK = 1.0
_WORDS = re.compile(r"\S+\s*|\s+")


def font_sizes() -> dict[str, int]:
    """Names of the files a printer must hold, each with its bytes."""
    return {f"{held}.TTF": (FONTS / f"{font}.ttf").stat().st_size for font, held in HELD.items()}


def letters_zpl() -> bytes:
    """Write our fonts into the printer's own memory, where they outlive its being switched off."""
    return b"".join(_download(font, held) for font, held in HELD.items())


def _download(font: str, held: str) -> bytes:
    file = (FONTS / f"{font}.ttf").read_bytes()
    return f"~DYE:{held},A,T,{len(file)},,{file.hex().upper()}\n".encode("ascii")


class Fields:
    """The fields of one label, in the order in which they are drawn."""

    def __init__(self, dots: Dots) -> None:
        self.dots = dots
        self.written: list[str] = []

    def pen(self) -> "FieldPen":
        """A pen at the label's corner."""
        return FieldPen(self)


class FieldPen(DotPen):
    """Writes fields. Slanting lines and shapes with other corners are small pictures."""

    def __init__(self, fields: Fields, origin: tuple[float, float, float] = (0, 0, 1)) -> None:
        super().__init__(fields.dots, origin)
        self._fields = fields

    def moved(self, x: float, y: float, scale: float = 1) -> Self:
        """Return a pen for the same label with the origin moved by `x`, `y` mm, drawing larger."""
        origin = (self.left + x * self.scale, self.top + y * self.scale, self.scale * scale)
        return type(self)(self._fields, origin)

    def write(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` starting at `x`, in whole dots and never wider than measured."""
        size = lettering.size * self._unit
        left, line = self._from_left + x * self._unit, self._y(baseline)
        how, font = zpl_fields.REVERSED if white else "", f"E:{HELD[lettering.font]}.TTF"
        for at, piece in _pieces(text, widths(lettering.font), size):
            place = round(left + at)
            self._fields.written.append(zpl_fields.words(place, line, piece, int(size), font, how))

    def box(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """Draw the outline of a rectangle, `line` mm thick, drawn inside its edges."""
        self._box(x, y, x + wide, y + high, self._thick(line))

    def fill(self, x: float, y: float, wide: float, high: float, grey: float = 0) -> None:
        """Draw a filled rectangle; a white one is the label's own ground."""
        if ink(grey):
            self._box(x, y, x + wide, y + high)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.2, grey: float = 0
    ) -> None:
        """Draw a straight line, `thick` mm."""
        across, down = self._x(to_x) - self._x(x), self._y(to_y) - self._y(y)
        if across and down:
            self._picture(lambda pen: pen.line(x, y, to_x, to_y, thick=thick, grey=grey))
            return
        dots = self._thick(thick)
        left, top = min(self._x(x), self._x(to_x)), min(self._y(y), self._y(to_y))
        wide, high = max(abs(across), dots), max(abs(down), dots)
        self._fields.written.append(zpl_fields.box(left, top, wide, high, dots))

    def polygon(self, points: Points, *, grey: float = 0) -> None:
        """Draw a filled shape; a white one takes away from what is below it."""
        how = "" if ink(grey) else zpl_fields.REVERSED
        self._picture(lambda pen: pen.polygon(points), how)

    def outline(self, points: Points, thick: float = 0.25) -> None:
        """Draw the outline of a shape."""
        self._picture(lambda pen: pen.outline(points, thick))

    def _box(self, x: float, y: float, to_x: float, to_y: float, thick: int = 0) -> None:
        left, top = self._x(x), self._y(y)
        wide, high = self._x(to_x) - left, self._y(to_y) - top
        self._fields.written.append(zpl_fields.box(left, top, wide, high, thick or min(wide, high)))

    def _picture(self, draw: Callable[[DotPen], None], how: str = "") -> None:
        alone = self._fields.dots.blank()
        draw(DotPen(alone, (self.left, self.top, self.scale)))
        self._fields.written.append(zpl_fields.picture(alone.picture, how))


def _pieces(text: str, known: Mapping[str, float], size: float) -> Iterator[tuple[float, str]]:
    """Parts of `text` that the printer sets no wider than they were measured, each with its place in dots."""
    if not text:
        return
    high = int(size)
    printed = sum([round(known[letter] * high) for letter in text])
    measured = sum([known[letter] for letter in text]) * size
    if len(text) == 1 or printed <= measured + _SLACK:
        yield 0, text
        return
    words = _WORDS.findall(text)
    at = 0.0
    for part in words if len(words) > 1 else text:
        for beyond, piece in _pieces(part, known, size):
            yield at + beyond, piece
        at += sum([known[letter] for letter in part]) * size
