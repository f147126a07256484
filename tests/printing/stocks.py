"""Labels on every stock: one label cut out of its sheet, and what a test asks of it."""

from dataclasses import replace

from PIL import Image

from lab_contingency.printing.label_face import Arrangement, arrangement_of
from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.stock import LABEL_STOCKS, LabelStock
from tests.printing.reading import pixels

CODES = tuple(LABEL_STOCKS)
WITH_BARS = tuple(
    code for code in CODES if arrangement_of(LABEL_STOCKS[code]) is not Arrangement.SMALLEST
)
FULL = tuple(code for code in CODES if arrangement_of(LABEL_STOCKS[code]) is Arrangement.FULL)
REDUCED = tuple(code for code in CODES if code not in FULL)


def roll(code: str) -> LabelStock:
    """The stock as a roll: its label alone on a page."""
    return replace(LABEL_STOCKS[code], sheet=None)


def picture(label, code: str, dpi: int) -> Image.Image:
    """One label as a printer of that many dots draws it."""
    return pixels(labels_pdf([label], stock=roll(code)), dpi)


def on_white(label: Image.Image, dots: int = 30) -> Image.Image:
    """A label on a larger white ground, as a scanner sees it on a light tube."""
    ground = Image.new("L", (label.width + 2 * dots, label.height + 2 * dots), 255)
    ground.paste(label, (dots, dots))
    return ground
