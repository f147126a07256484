import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lab_contingency.printing import data_matrix
from lab_contingency.printing.data_matrix import SIDE, WIDTH, operators, rows
from lab_contingency.printing.errors import CannotPrint

NUMBERS = st.text("0123456789", min_size=12, max_size=12)


@settings(max_examples=300, deadline=None)
@given(NUMBERS)
def test_the_squares_are_those_of_another_encoder(number):
    assert rows(number) == of_the_library(number)


@pytest.mark.parametrize("number", ["411004711033", "000000000000", "999999999999"])
def test_the_squares_read_as_the_number(number):
    picture = picture_of(rows(number))
    (found,) = zxingcpp.read_barcodes(picture)
    assert (found.text, found.format) == (number, zxingcpp.BarcodeFormat.DataMatrix)


@given(NUMBERS)
def test_the_rectangles_are_the_black_squares_inside_the_white_border(number):
    numbers = [int(part) for part in operators(number).split() if part != "re"]
    black = {
        (x + step, y)
        for x, y, wide in zip(numbers[::4], numbers[1::4], numbers[2::4], strict=True)
        for step in range(wide)
    }
    wanted = {
        (x + 1, SIDE - y)
        for y, row in enumerate(rows(number))
        for x, square in enumerate(row)
        if square == "1"
    }
    assert black == wanted


@pytest.mark.parametrize(
    "number", ["", "41100471103", "4110047110333", "41100471103A", "٤11004711033"]
)
def test_anything_but_twelve_digits_is_refused(number):
    with pytest.raises(CannotPrint) as refused:
        rows(number)
    assert refused.value.field == "number"


def test_squares_are_whole_dots_and_never_wider_than_their_room():
    assert pytest.approx(6.0, abs=0.05) == WIDTH
    for dpi, dots in data_matrix.MODULE_DOTS.items():
        assert 0.3 < dots * 25.4 / dpi <= data_matrix.MODULE + 1e-9


def of_the_library(number: str) -> tuple[str, ...]:
    made = zxingcpp.create_barcode(number, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    raw = memoryview(made.to_image(add_quiet_zones=False)).tobytes()
    squares = "".join("0" if byte else "1" for byte in raw)
    return tuple(squares[start : start + SIDE] for start in range(0, len(squares), SIDE))


def picture_of(squares: tuple[str, ...]) -> Image.Image:
    picture = Image.new("L", (SIDE + 4, SIDE + 4), 255)
    for y, row in enumerate(squares):
        for x, square in enumerate(row):
            picture.putpixel((x + 2, y + 2), 0 if square == "1" else 255)
    return picture.resize((8 * picture.width, 8 * picture.height), Image.Resampling.NEAREST)
