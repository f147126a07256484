import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_contingency.printing.barcode import MODULE, QUIET, WIDTH, grouped, operators
from lab_contingency.printing.errors import CannotPrint

NUMBERS = st.text("0123456789", min_size=12, max_size=12)


def test_the_number_is_grouped_as_people_read_it():
    assert grouped("411004711022") == "41 1 004711 02 2"


@given(NUMBERS)
def test_grouping_changes_no_digit(number):
    assert grouped(number).replace(" ", "") == number


@pytest.mark.parametrize(
    "number", ["", "1", "41100471102", "4110047110222", "4110047110x2", "٤11004711022"]
)
def test_anything_but_twelve_digits_is_refused(number):
    with pytest.raises(CannotPrint) as refused:
        operators(number)
    assert refused.value.field == "number"


@given(NUMBERS)
def test_bars_are_whole_modules_inside_the_width(number):
    numbers = [int(part) for part in operators(number).split() if part.isdigit()]
    edges = [x + wide for x, wide in zip(numbers[::4], numbers[2::4], strict=True)]
    assert max(edges) * MODULE == pytest.approx(WIDTH)


def test_sizes_are_those_of_the_design():
    assert pytest.approx(0.25, abs=0.001) == MODULE
    assert pytest.approx(25.3, abs=0.05) == WIDTH
    assert QUIET >= 2.5
