"""A PDF document, and the pen that draws on its pages."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any, Self

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from lab_contingency.printing import barcode, data_matrix
from lab_contingency.printing.pen import TINT, Made, Pen, Points
from lab_contingency.printing.stock import DOT, POINTS_PER_MM, Stock
from lab_contingency.printing.text import BOLD, MONO, OBLIQUE, REGULAR, Lettering, typeface

__all__ = ["AUTHOR", "TINT", "Letters", "Paper", "PdfPen", "Pen"]

AUTHOR = "Lab Contingency"

# Page streams written as ASCII would be a quarter larger; no printer of today needs that.
rl_config.useA85 = 0


class Letters:
    """The letters of a document as PDF operators; what repeats is worked out once.

    ReportLab's text objects take three times as long, for positions and states nothing here uses.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._document = vars(canvas)["_doc"]  # the fonts' own methods ask for it
        self._shown: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        self._codes: dict[str, dict[str, tuple[str, str]]] = {}
        self._first_parts: dict[str, str] = {}
        self.parts: dict[Hashable, tuple[Any, str, str]] = {}

    def show(self, text: str, font: str, size: str) -> str:
        """Write the operators that show `text`, `size` points high, from where the text cursor is."""
        if text.isascii():  # these keep their own codes, in the first part of the font
            part = self._first_parts.get(font) or self._first_part(font)
            return f"{part} {size} Tf ({_escaped(text)}) Tj"
        runs = self._shown.get((font, text))
        if runs is None:
            runs = self._shown[font, text] = self._runs(font, text)
        return " ".join([f"{name} {size} Tf <{run}> Tj" for name, run in runs])

    def _runs(self, font: str, text: str) -> tuple[tuple[str, str], ...]:
        # An embedded font is cut into parts of 256 letters: a name may need two of them.
        known = self._codes.setdefault(font, {})
        for letter in text:
            if letter not in known:
                known[letter] = self._code(font, letter)
        found = [known[letter] for letter in text]
        return tuple(
            (part, "".join([code for _, code in run]))
            for part, run in groupby(found, key=itemgetter(0))
        )

    def _first_part(self, font: str) -> str:
        part = self._first_parts[font] = self._code(font, " ")[0]
        return part

    def _code(self, font: str, letter: str) -> tuple[str, str]:
        face = typeface(font)
        ((part, code),) = face.splitString(letter, self._document)
        return face.getSubsetInternalName(part, self._document), code.hex()


def _escaped(text: str) -> str:
    if "(" in text or ")" in text or "\\" in text:
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return text


@dataclass(slots=True)
class _Block:
    """Operators of a page, or of a part of it that is moved to `x`, `y` points as a whole.

    Shapes come first, letters on top, then the parts that stand apart.
    """

    x: float = 0
    y: float = 0
    shapes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    parts: list[Self] = field(default_factory=list)

    def operators(self) -> str:
        """The block as operators of the page."""
        parts = [part.operators() for part in self.parts]
        drawn = " ".join([*self.shapes, "BT", *self.written, "ET", *parts])
        return f"q 1 0 0 1 {self.x:.6f} {self.y:.6f} cm {drawn} Q" if self.x or self.y else drawn


class PdfPen(Pen):
    """Draws on a page of a PDF, or on a part of it with coordinates of its own."""

    def __init__(
        self,
        block: _Block,
        letters: Letters,
        height: float,
        origin: tuple[float, float, float] = (0, 0, 1),
    ) -> None:
        self._block = block
        self._shapes, self._written = block.shapes, block.written
        self._letters = letters
        self._height = height
        self.left, self.top, self.scale = origin
        # A place in mm becomes points by one multiplication and one addition.
        self._unit = self.scale * POINTS_PER_MM
        self._from_left = self.left * POINTS_PER_MM
        self._from_bottom = (height - self.top) * POINTS_PER_MM

    def moved(self, x: float, y: float, scale: float = 1) -> Self:
        """Return a pen for the same page with the origin moved by `x`, `y` mm, drawing larger."""
        origin = (self.left + x * self.scale, self.top + y * self.scale, self.scale * scale)
        return type(self)(self._block, self._letters, self._height, origin)

    def apart(self, x: float, y: float) -> Self:
        """Return a pen for a part from `x`, `y` mm whose operators are the same wherever it stands."""
        part = _Block(self._x(x), self._y(y))
        self._block.parts.append(part)
        return type(self)(part, self._letters, 0, (0, 0, self.scale))

    def once(self, part: Hashable, draw: Callable[[Pen], Made]) -> Made:
        """Draw a part, or repeat its operators where this document holds it already."""
        key = (part, self.left, self.top, self.scale, self._height)
        kept = self._letters.parts.get(key)
        if kept is None:
            block = _Block()
            origin = (self.left, self.top, self.scale)
            made = draw(type(self)(block, self._letters, self._height, origin))
            kept = (made, " ".join(block.shapes), " ".join(block.written))
            self._letters.parts[key] = kept
        made, shapes, written = kept
        self._shapes.append(shapes)
        self._written.append(written)
        return made

    def _x(self, x: float) -> float:
        return self._from_left + x * self._unit

    def _y(self, y: float) -> float:
        return self._from_bottom - y * self._unit

    def _long(self, length: float) -> str:
        return f"{length * self._unit:.3f}"

    def write(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` starting at `x`."""
        if not text:
            return
        shown = self._letters.show(text, lettering.font, f"{lettering.size * self._unit:.3f}")
        placed = (
            f"1 0 0 1 {self._from_left + x * self._unit:.3f} "
            f"{self._from_bottom - baseline * self._unit:.3f} Tm {shown}"
        )
        self._written.append(f"1 g {placed} 0 g" if white else placed)

    def box(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """Draw the outline of a rectangle, `line` mm thick, drawn inside its edges."""
        half = line / 2
        rectangle = self._rectangle(x + half, y + half, wide - line, high - line)
        self._shapes.append(f"{self._long(line)} w {rectangle} S")

    def fill(self, x: float, y: float, wide: float, high: float, grey: float = 0) -> None:
        """Draw a filled rectangle: 0 is black, 1 is white."""
        self._shapes.append(f"{grey} g {self._rectangle(x, y, wide, high)} f 0 g")

    def _rectangle(self, x: float, y: float, wide: float, high: float) -> str:
        return f"{self._x(x):.3f} {self._y(y + high):.3f} {self._long(wide)} {self._long(high)} re"

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.2, grey: float = 0
    ) -> None:
        """Draw a straight line, `thick` mm."""
        path = self._path(((x, y), (to_x, to_y)))
        self._shapes.append(f"{grey} G {self._long(thick)} w {path} S 0 G")

    def dashed(self, points: Points, thick: float = 0.2) -> None:
        """Draw a dashed line through `points`."""
        self._shapes.append(f"[3 2] 0 d {self._long(thick)} w {self._path(points)} S [] 0 d")

    def polygon(self, points: Points, *, grey: float = 0) -> None:
        """Draw a filled shape."""
        self._shapes.append(f"{grey} g {self._path(points)} h f 0 g")

    def outline(self, points: Points, thick: float = 0.25) -> None:
        """Draw the outline of a shape."""
        self._shapes.append(f"{self._long(thick)} w {self._path(points)} h S")

    def _path(self, points: Points) -> str:
        steps = [f"{self._x(x):.3f} {self._y(y):.3f} l" for x, y in points]
        return f"{steps[0][:-1]}m {' '.join(steps[1:])}"

    def stripes(self, x: float, y: float, wide: float, high: float) -> None:
        """Draw slanting grey stripes: the ground of boxes that are not the writer's."""
        step = 2.4
        count = int((wide + high) / step) + 1
        slants = [
            self._path(((x + k * step - high, y + high), (x + k * step, y))) for k in range(count)
        ]
        clip = self._rectangle(x, y, wide, high)
        self._shapes.append(f"q {clip} W n {TINT} G {self._long(1.0)} w {' '.join(slants)} S Q")

    def stamp(self, x: float, y: float, scale: tuple[float, float], operators: str) -> None:
        """Fill rectangles (`x y wide high re` …) in units of `scale` mm, lower left corner at `x`, `y`."""
        wide, high = scale
        self._fill_path(self._x(x), self._y(y), (wide * self._unit, high * self._unit), operators)

    def _fill_path(self, x: float, y: float, unit: tuple[float, float], operators: str) -> None:
        matrix = f"{unit[0]:.6f} 0 0 {unit[1]:.6f} {x:.6f} {y:.6f}"
        self._shapes.append(f"q {matrix} cm {operators} f Q")

    def bars(self, x: float, y: float, height: float, number: str) -> None:
        """Draw Code 128 C of twelve digits from `x`, moved by less than a dot onto whole dots."""
        left = round((self.left + x * self.scale) / DOT) * DOT * POINTS_PER_MM
        unit = (barcode.MODULE * POINTS_PER_MM, height * self._unit)
        self._fill_path(left, self._y(y + height), unit, barcode.operators(number))

    def matrix(self, x: float, y: float, number: str) -> None:
        """Draw a Data Matrix of twelve digits with its white border at `x`, `y`, on whole dots."""
        left = round((self.left + x * self.scale) / DOT) * DOT * POINTS_PER_MM
        below = round((self.top + y * self.scale) / DOT) * DOT + data_matrix.WIDTH
        module = data_matrix.MODULE * POINTS_PER_MM
        bottom = (self._height - below) * POINTS_PER_MM
        self._fill_path(left, bottom, (module, module), data_matrix.operators(number))


class Paper:
    """A document being drawn, page by page; equal drawing gives equal bytes."""

    def __init__(self, stock: Stock, title: str, mark: str = "") -> None:
        """`mark` is the watermark that the file carries among its keywords."""
        for font in (REGULAR, BOLD, OBLIQUE, MONO):
            typeface(font)
        self.stock = stock
        self._bytes = BytesIO()
        size = (stock.width * POINTS_PER_MM, stock.height * POINTS_PER_MM)
        # Naming our own first font keeps the unembedded Helvetica out of the file.
        self._canvas = Canvas(
            self._bytes,
            pagesize=size,
            invariant=1,
            lang="en-GB",
            pageCompression=1,
            initialFontName=REGULAR,  # type: ignore[arg-type] # the stubs say float
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(AUTHOR)
        if mark:
            self._canvas.setKeywords(mark)
        self._letters = Letters(self._canvas)
        self._blocks: list[_Block] = []
        self._kept: dict[Hashable, Any] = {}

    def once(self, part: Hashable, make: Callable[[], Made]) -> Made:
        """Work out what many pages of this document need alike; no word of it outlives the document."""
        if part not in self._kept:
            self._kept[part] = make()
        made: Made = self._kept[part]
        return made

    def page(self) -> PdfPen:
        """Begin the next page."""
        self._close_page()
        self._blocks = [_Block()]
        return PdfPen(self._blocks[0], self._letters, self.stock.height)

    def block(self, x: float, y: float) -> PdfPen:
        """A pen for a part of this page from `x`, `y` mm, moved by less than a dot onto whole dots."""
        left, top = (round(place / DOT) * DOT for place in (x, y))
        bottom = self.stock.height - top
        block = _Block(left * POINTS_PER_MM, bottom * POINTS_PER_MM)
        self._blocks.append(block)
        return PdfPen(block, self._letters, 0)

    def _close_page(self) -> None:
        if self._blocks:
            self._canvas.addLiteral(" ".join([block.operators() for block in self._blocks]))
            self._canvas.showPage()
            self._blocks = []

    def finish(self) -> bytes:
        """Return the finished PDF."""
        self._close_page()
        self._canvas.save()
        return self._bytes.getvalue()
