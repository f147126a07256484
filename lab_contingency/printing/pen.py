"""What a layout draws with: mm from the top left corner, downwards. A PDF and a label printer have one each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import Self, TypeVar

from lab_contingency.printing.text import Fitted, Lettering, width

TINT = 0.9
"""Grey of headings: 10 % ink, under the 12 % that copies well."""

Points = Sequence[tuple[float, float]]
Made = TypeVar("Made")


class Pen(ABC):
    """Draws on one page. `left` and `top` are its origin in mm of the page; lengths grow by `scale`.

    A bar code never grows: its bars are dots of the printer. Letters come on top of shapes.
    """

    left: float
    top: float
    scale: float

    @abstractmethod
    def moved(self, x: float, y: float, scale: float = 1) -> Self:
        """Return a pen for the same page with the origin moved by `x`, `y` mm, drawing larger."""

    def apart(self, x: float, y: float) -> Self:
        """Return a pen for a part at `x`, `y` mm that looks alike wherever it stands (see `once`).

        What it draws comes after everything that is drawn on the page itself.
        """
        return self.moved(x, y)

    def once(
        self, part: Hashable, draw: Callable[["Pen"], Made]
    ) -> Made:  # for pens that keep parts
        """Draw a part that may stand on many labels alike, and return what `draw` returns.

        `part` holds everything it depends on. A pen may keep how it looked until its document is finished.
        """
        return draw(self)

    @abstractmethod
    def write(
        self, x: float, baseline: float, text: str, lettering: Lettering, *, white: bool = False
    ) -> None:
        """Write cleaned `text` starting at `x`."""

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

    @abstractmethod
    def box(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """Draw the outline of a rectangle, `line` mm thick, drawn inside its edges."""

    @abstractmethod
    def fill(self, x: float, y: float, wide: float, high: float, grey: float = 0) -> None:
        """Draw a filled rectangle: 0 is black, 1 is white."""

    @abstractmethod
    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, thick: float = 0.2, grey: float = 0
    ) -> None:
        """Draw a straight line, `thick` mm."""

    @abstractmethod
    def dashed(self, points: Points, thick: float = 0.2) -> None:
        """Draw a dashed line through `points`."""

    @abstractmethod
    def polygon(self, points: Points, *, grey: float = 0) -> None:
        """Draw a filled shape."""

    @abstractmethod
    def outline(self, points: Points, thick: float = 0.25) -> None:
        """Draw the outline of a shape."""

    @abstractmethod
    def stripes(self, x: float, y: float, wide: float, high: float) -> None:
        """Draw slanting grey stripes: the ground of boxes that are not the writer's."""

    @abstractmethod
    def stamp(self, x: float, y: float, scale: tuple[float, float], operators: str) -> None:
        """Fill rectangles (`x y wide high re` …) in units of `scale` mm, lower left corner at `x`, `y`."""

    @abstractmethod
    def bars(self, x: float, y: float, height: float, number: str) -> None:
        """Draw Code 128 C of twelve digits from `x`, moved by less than a dot onto whole dots."""

    @abstractmethod
    def matrix(self, x: float, y: float, number: str) -> None:
        """Draw a Data Matrix of twelve digits with its white border at `x`, `y`, on whole dots."""


class IdlePen(Pen):
    """Draws nothing. Whoever draws still measures, so that what cannot be printed is refused all the same."""

    left = top = 0.0
    scale = 1.0

    def moved(self, x: float, y: float, scale: float = 1) -> Self:
        """Return the same."""
        return self

    def _nothing(self, *_where: object, **_how: object) -> None:
        pass

    write = write_right = write_centred = write_lines = _nothing
    box = fill = line = dashed = polygon = outline = stripes = stamp = bars = matrix = _nothing


class NoPaper:
    """Stands in for a document that is only tried."""

    def page(self) -> Pen:
        """Begin the next page."""
        return IdlePen()

    def once(self, _part: Hashable, make: Callable[[], Made]) -> Made:
        """Work it out: one that is only tried keeps nothing."""
        return make()
