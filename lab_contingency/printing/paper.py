"""A PDF document, and the pen that draws on its pages: mm from the top left corner, downwards."""

from collections.abc import Sequence
from io import BytesIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from lab_contingency.printing.stock import POINTS_PER_MM, Stock
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    OBLIQUE,
    REGULAR,
    Fitted,
    Lettering,
    typeface,
    width,
)

AUTHOR = "Lab Contingency"
TINT = 0.9
"""Grey of headings: 10 % ink, under the 12 % that copies well."""

# Page streams written as ASCII would be a quarter larger; no printer of today needs that.
rl_config.useA85 = 0


class Letters:
    """The letters of a document as PDF operators; what repeats is worked out once.

    ReportLab's text objects take three times as long, for positions and states nothing here uses.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._document = vars(canvas)["_doc"]  # the fonts' own methods ask for it
        self._shown: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def show(self, text: str, lettering: Lettering) -> str:
        """Write the operators that show `text` from where the text cursor is."""
        key = (lettering.font, text)
        if key not in self._shown:
            self._shown[key] = self._runs(*key)
        size = f"{lettering.size * POINTS_PER_MM:.3f}"
        return " ".join([f"{name} {size} Tf <{run}> Tj" for name, run in self._shown[key]])

    def _runs(self, font: str, text: str) -> tuple[tuple[str, str], ...]:
        # An embedded font is cut into parts of 256 letters: a name may need two of them.
        face = typeface(font)
        return tuple(
            (face.getSubsetInternalName(subset, self._document), run.hex())
            for subset, run in face.splitString(text, self._document)
        )


class Pen:
    """Draws on one page. Shapes come first, letters on top, each as one block of operators."""

    def __init__(
        self,
        shapes: list[str],
        written: list[str],
        letters: Letters,
        page_height: float,
        origin: tuple[float, float] = (0, 0),
    ) -> None:
        self._shapes = shapes
        self._written = written
        self._letters = letters
        self._height = page_height
        self.left, self.top = origin

    def moved(self, x: float, y: float) -> "Pen":
        """Return a pen for the same page with the origin moved by `x`, `y` mm."""
        origin = (self.left + x, self.top + y)
        return Pen(self._shapes, self._written, self._letters, self._height, origin)

    def _x(self, x: float) -> float:
        return (self.left + x) * POINTS_PER_MM

    def _y(self, y: float) -> float:
        return (self._height - self.top - y) * POINTS_PER_MM

    def write(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` starting at `x`."""
        if not text:
            return
        shown = self._letters.show(text, lettering)
        placed = f"1 0 0 1 {self._x(x):.3f} {self._y(baseline):.3f} Tm {shown}"
        self._written.append(f"1 g {placed} 0 g" if white else placed)

    def write_right(self, x: float, baseline: float, text: str, lettering: Lettering) -> None:
        """Write cleaned `text` ending at `x`."""
        self.write(x - width(text, lettering), baseline, text, lettering)

    def write_centred(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` with its middle at `x`."""
        self.write(x - width(text, lettering) / 2, baseline, text, lettering, white=white)

    def write_lines(self, x: float, baseline: float, fitted: Fitted, pitch: float) -> None:
        """Write lines `pitch` mm apart, the first on `baseline`."""
        for number, line in enumerate(fitted.lines):
            self.write(x, baseline + number * pitch, line, fitted.lettering)

    def box(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """Draw the outline of a rectangle, `line` mm thick, drawn inside its edges."""
        half = line / 2
        rectangle = self._rectangle(x + half, y + half, wide - line, high - line)
        self._shapes.append(f"{_mm(line)} w {rectangle} S")

    def fill(self, x: float, y: float, wide: float, high: float, grey: float = 0) -> None:
        """Draw a filled rectangle: 0 is black, 1 is white."""
        self._shapes.append(f"{grey} g {self._rectangle(x, y, wide, high)} f 0 g")

    def _rectangle(self, x: float, y: float, wide: float, high: float) -> str:
        return f"{self._x(x):.3f} {self._y(y + high):.3f} {_mm(wide)} {_mm(high)} re"

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.2, grey: float = 0
    ) -> None:
        """Draw a straight line, `thick` mm."""
        self._shapes.append(f"{grey} G {_mm(thick)} w {self._path(((x, y), (to_x, to_y)))} S 0 G")

    def dashed(self, points: Sequence[tuple[float, float]], thick: float = 0.2) -> None:
        """Draw a dashed line through `points`."""
        self._shapes.append(f"[3 2] 0 d {_mm(thick)} w {self._path(points)} S [] 0 d")

    def polygon(self, points: Sequence[tuple[float, float]], *, grey: float = 0) -> None:
        """Draw a filled shape."""
        self._shapes.append(f"{grey} g {self._path(points)} h f 0 g")

    def outline(self, points: Sequence[tuple[float, float]], thick: float = 0.25) -> None:
        """Draw the outline of a shape."""
        self._shapes.append(f"{_mm(thick)} w {self._path(points)} h S")

    def _path(self, points: Sequence[tuple[float, float]]) -> str:
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
        self._shapes.append(f"q {clip} W n {TINT} G {_mm(1.0)} w {' '.join(slants)} S Q")

    def stamp(self, x: float, y: float, scale: tuple[float, float], operators: str) -> None:
        """Fill a path given in units of `scale` mm, with its lower left corner at `x`, `y`."""
        wide, high = scale
        matrix = f"{wide * POINTS_PER_MM:.6f} 0 0 {high * POINTS_PER_MM:.6f}"
        self._shapes.append(f"q {matrix} {self._x(x):.6f} {self._y(y):.6f} cm {operators} f Q")


class IdlePen(Pen):
    """Draws nothing. Whoever draws still measures, so that what cannot be printed is refused all the same."""

    def __init__(self) -> None:
        self.left = self.top = 0

    def moved(self, x: float, y: float) -> "Pen":
        """Return the same."""
        return self

    def _nothing(self, *_where: object, **_how: object) -> None:
        pass

    write = write_right = write_centred = write_lines = _nothing
    box = fill = line = dashed = polygon = outline = stripes = stamp = _nothing


class NoPaper:
    """Stands in for a document that is only tried."""

    def page(self) -> Pen:
        """Begin the next page."""
        return IdlePen()


def _mm(length: float) -> str:
    return f"{length * POINTS_PER_MM:.3f}"


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
        self._open: tuple[list[str], list[str]] | None = None

    def page(self) -> Pen:
        """Begin the next page."""
        self._close_page()
        self._open = ([], [])
        return Pen(*self._open, self._letters, self.stock.height)

    def _close_page(self) -> None:
        if self._open:
            shapes, written = self._open
            self._canvas.addLiteral(" ".join([*shapes, "BT", *written, "ET"]))
            self._canvas.showPage()
            self._open = None

    def finish(self) -> bytes:
        """Return the finished PDF."""
        self._close_page()
        self._canvas.save()
        return self._bytes.getvalue()
