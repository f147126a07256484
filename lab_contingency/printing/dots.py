"""A label as a label printer sees it: dots, and bar codes that the printer draws itself.

Words are drawn here, letter by letter from the fonts they were measured in. What was measured is what comes
out, in every script, on a printer whose own letters nobody can measure from here (ADR 0019).
"""

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Self

from PIL import Image, ImageDraw, ImageFont

from lab_contingency.printing import barcode, data_matrix
from lab_contingency.printing.pen import Pen, Points
from lab_contingency.printing.text import FONTS, Lettering, widths

MM_PER_INCH = 25.4
_WHITE, _BLACK = 0, 1
_DASH = 1.0


@dataclass(frozen=True, slots=True)
class _Letter:
    """Dots of one letter, and where they begin from its place on the baseline."""

    dots: Image.Image
    left: int
    top: int


@lru_cache(maxsize=4096)
def _dots_of_letter(font: str, size: float, letter: str) -> _Letter | None:
    """One letter `size` dots high; None for a space. Kept by letter: no name stays in memory for it."""
    face = ImageFont.truetype(
        str(FONTS / f"{font}.ttf"), size, layout_engine=ImageFont.Layout.BASIC
    )
    left, top, right, bottom = (round(edge) for edge in face.getbbox(letter, "1", anchor="ls"))
    if right <= left or bottom <= top:
        return None
    dots = Image.new("1", (right - left, bottom - top))
    ImageDraw.Draw(dots).text((-left, -top), letter, _BLACK, face, "ls")
    return _Letter(dots, left, top)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that the printer draws: left and top corner and size of its parts in dots.

    `height` is that of bars; a Data Matrix has none.
    """

    left: int
    top: int
    module: int
    number: str
    height: int | None = None


class Dots:
    """One label of `width` × `height` mm at so many dots per inch: a picture, and codes on its white."""

    def __init__(self, width: float, height: float, dpi: int) -> None:
        self.dpi = dpi
        self.per_mm = dpi / MM_PER_INCH
        size = (round(width * self.per_mm), round(height * self.per_mm))
        self.picture = Image.new("1", size)
        self.codes: list[Code] = []
        self.draw = ImageDraw.Draw(self.picture)

    def blank(self) -> "Dots":
        """A label of the same size with nothing on it."""
        alone = copy(self)
        alone.picture, alone.codes = Image.new("1", self.picture.size), []
        alone.draw = ImageDraw.Draw(alone.picture)
        return alone

    def pen(self) -> "DotPen":
        """A pen at the label's corner."""
        return DotPen(self)


class DotPen(Pen):
    """Draws dots. Grey is white where it is lighter than half: a label printer has one colour."""

    def __init__(self, dots: Dots, origin: tuple[float, float, float] = (0, 0, 1)) -> None:
        self._dots = dots
        self.left, self.top, self.scale = origin
        self._unit = self.scale * dots.per_mm
        self._from_left = self.left * dots.per_mm
        self._from_top = self.top * dots.per_mm

    def moved(self, x: float, y: float, scale: float = 1) -> Self:
        """Return a pen for the same label with the origin moved by `x`, `y` mm, drawing larger."""
        origin = (self.left + x * self.scale, self.top + y * self.scale, self.scale * scale)
        return type(self)(self._dots, origin)

    def _x(self, x: float) -> int:
        return round(self._from_left + x * self._unit)

    def _y(self, y: float) -> int:
        return round(self._from_top + y * self._unit)

    def _thick(self, thick: float) -> int:
        return max(1, round(thick * self._unit))

    def write(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` starting at `x`, each letter at the dot nearest to its measured place."""
        colour = _WHITE if white else _BLACK
        known = widths(lettering.font)
        size = lettering.size * self._unit
        at, line = self._from_left + x * self._unit, self._y(baseline)
        for letter in text:
            drawn = _dots_of_letter(lettering.font, size, letter)
            if drawn:
                place = (round(at) + drawn.left, line + drawn.top)
                self._dots.draw.bitmap(place, drawn.dots, colour)
            at += known[letter] * size

    def box(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """Draw the outline of a rectangle, `line` mm thick, drawn inside its edges."""
        corners = (self._x(x), self._y(y), self._x(x + wide) - 1, self._y(y + high) - 1)
        self._dots.draw.rectangle(corners, outline=_BLACK, width=self._thick(line))

    def fill(self, x: float, y: float, wide: float, high: float, grey: float = 0) -> None:
        """Draw a filled rectangle: 0 is black, 1 is white."""
        corners = (self._x(x), self._y(y), self._x(x + wide) - 1, self._y(y + high) - 1)
        self._dots.draw.rectangle(corners, fill=ink(grey))

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.2, grey: float = 0
    ) -> None:
        """Draw a straight line, `thick` mm."""
        ends = (self._x(x), self._y(y), self._x(to_x), self._y(to_y))
        self._dots.draw.line(ends, fill=ink(grey), width=self._thick(thick))

    def dashed(self, points: Points, thick: float = 0.2) -> None:
        """Draw a dashed line through `points`."""
        for (x, y), (to_x, to_y) in pairwise(points):
            pieces = max(1, round(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 / _DASH))
            across, down = (to_x - x) / pieces, (to_y - y) / pieces
            for piece in range(0, pieces, 2):
                begun = x + piece * across, y + piece * down
                self.line(*begun, begun[0] + across, begun[1] + down, thick=thick)

    def polygon(self, points: Points, *, grey: float = 0) -> None:
        """Draw a filled shape."""
        self._dots.draw.polygon([(self._x(x), self._y(y)) for x, y in points], fill=ink(grey))

    def outline(self, points: Points, thick: float = 0.25) -> None:
        """Draw the outline of a shape."""
        corners = [(self._x(x), self._y(y)) for x, y in points]
        self._dots.draw.polygon(corners, outline=_BLACK, width=self._thick(thick))

    def stripes(self, x: float, y: float, wide: float, high: float) -> None:
        """Leave the ground white: a tint of a tenth is nothing in one colour."""

    def stamp(self, x: float, y: float, scale: tuple[float, float], operators: str) -> None:
        """Fill rectangles (`x y wide high re` …) in units of `scale` mm, lower left corner at `x`, `y`."""
        across, up = scale
        numbers = [float(part) for part in operators.split() if part != "re"]
        for left, low, wide, high in zip(*[iter(numbers)] * 4, strict=True):
            self.fill(x + left * across, y - (low + high) * up, wide * across, high * up)

    def bars(self, x: float, y: float, height: float, number: str) -> None:
        """Have the printer draw Code 128 C of twelve digits from `x` on."""
        module = barcode.MODULE_DOTS[self._dots.dpi]
        high = self._y(y + height) - self._y(y)
        self._dots.codes.append(Code(self._x(x), self._y(y), module, number, high))

    def matrix(self, x: float, y: float, number: str) -> None:
        """Have the printer draw a Data Matrix of twelve digits inside its white border at `x`, `y`."""
        module = data_matrix.MODULE_DOTS[self._dots.dpi]
        border = data_matrix.QUIET * module
        self._dots.codes.append(Code(self._x(x) + border, self._y(y) + border, module, number))


def ink(grey: float) -> int:
    """What a grey is in one colour: black below half of the light."""
    return _BLACK if grey < 0.5 else _WHITE  # noqa: PLR2004 # half of the light
