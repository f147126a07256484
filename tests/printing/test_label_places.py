"""Where the parts of an AUTO12 label stand, to a tenth of a millimetre, on paper and from a label printer."""

import pytest

from lab_contingency.printing.labels import labels_pdf
from lab_contingency.printing.stock import AUTO12
from lab_contingency.printing.zpl import labels_zpl
from tests.printing.examples import LABEL
from tests.printing.reading import pixels
from tests.printing.zpl_reading import drawn

# A part, an area that holds it alone, and its left, top, right and bottom edge (mm from the label's corner).
PLACES = {
    "priority": ((38.2, 0.1, 50.5, 8.6), (38.6, 0.6, 49.6, 8.2)),
    "bars": ((0.1, 11.9, 30.0, 21.5), (2.5, 12.2, 27.8, 21.0)),
    "number": ((0.1, 21.5, 22.3, 25.0), (1.4, 22.3, 21.25, 24.0)),
    "box for time and initials": ((22.2, 22.1, 50.5, 25.3), (22.6, 22.2, 49.6, 25.0)),
}


def found_at(picture, area: tuple[float, ...], dpi: int) -> list[float]:
    dot = 25.4 / dpi
    left, top, right, bottom = (round(edge / dot) for edge in area)
    black = picture.crop((left, top, right, bottom)).point(lambda value: 255 if value < 128 else 0)
    x, y, to_x, to_y = black.getbbox()
    return [(left + x) * dot, (top + y) * dot, (left + to_x) * dot, (top + to_y) * dot]


@pytest.mark.parametrize("part", PLACES)
def test_on_paper(part):
    area, place = PLACES[part]
    assert found_at(pixels(labels_pdf([LABEL]), 600), area, 600) == pytest.approx(place, abs=0.1)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("part", ["priority", "box for time and initials"])
def test_from_a_label_printer(part, dpi):
    (picture,) = drawn(labels_zpl([LABEL], dpi=dpi), AUTO12, dpi)
    area, place = PLACES[part]
    assert found_at(picture, area, dpi) == pytest.approx(place, abs=0.1)


@pytest.mark.parametrize(("dpi", "right"), [(203, 27.8), (300, 28.2), (600, 28.2)])
def test_bars_of_a_label_printer_begin_alike_and_are_as_wide_as_its_dots_make_them(dpi, right):
    (picture,) = drawn(labels_zpl([LABEL], dpi=dpi), AUTO12, dpi)
    area, (left, top, _, bottom) = PLACES["bars"]
    assert found_at(picture, area, dpi) == pytest.approx((left, top, right, bottom), abs=0.1)
