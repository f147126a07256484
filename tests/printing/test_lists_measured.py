"""Lists and sheets measured: where bars and boxes lie, and names of every kind."""

import random
from dataclasses import replace

import pytest

from lab_contingency.printing.barcode import WIDTH
from lab_contingency.printing.delivery_list import delivery_list_pdf
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.manifest import manifest_pdf
from lab_contingency.printing.rejection_slip import rejection_slip_pdf
from lab_contingency.printing.result_slip import result_slip_pdf
from tests.printing.examples import SIAN, SLIP
from tests.printing.examples_lists import DELIVERY, MANIFEST, REJECTION
from tests.printing.reading import joined, narrowest_quiet_zone_mm, pixels

DOT = 25.4 / 600
A5_RIGHT = 141 - 3
LETTERS = "aàáâãäåąāăæbcçćčdďđeèéêëęěfgğhiìíîïıjkłlmnñńňoòóôõöøœpqrřsśšştťțuùúûüůűvwxyýzźżžŵŷßþð"


def ink(pdf, area_mm, page=0):
    """The box of what is printed inside an area, mm from the upper left corner of the page, at 600 dpi."""
    left, top, right, bottom = (round(edge / DOT) for edge in area_mm)
    cut = pixels(pdf, 600, page).crop((left, top, right, bottom))
    box = cut.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    return tuple((edge + at) * DOT for edge, at in zip(box, (left, top) * 2, strict=True))


@pytest.mark.parametrize(
    ("draw", "content"),
    [
        (lambda slip: result_slip_pdf([slip]), SLIP),
        (delivery_list_pdf, DELIVERY),
        (rejection_slip_pdf, REJECTION),
    ],
)
def test_the_number_lies_in_the_same_place_on_every_a5_sheet_with_white_around_it(draw, content):
    pdf = draw(content)
    area = (A5_RIGHT - WIDTH - 2.6, 6.7, A5_RIGHT + 2.6, 15.7)

    left, _, right, _ = ink(pdf, area)
    assert (left, right) == pytest.approx((A5_RIGHT - WIDTH, A5_RIGHT), abs=0.15)
    assert right - left == pytest.approx(WIDTH, abs=0.1)
    assert narrowest_quiet_zone_mm(pdf, area) >= 2.4


def test_bars_in_a_row_of_a_list_have_their_height_and_their_white():
    pdf = delivery_list_pdf(DELIVERY)
    column = 7 + 8
    area = (column, 44.9, column + 30.5, 54.0)

    left, top, right, bottom = ink(pdf, (column, 44.9, column + 30.5, 53.6))
    assert right - left == pytest.approx(WIDTH, abs=0.1)
    assert bottom - top == pytest.approx(7.0, abs=0.1)
    assert narrowest_quiet_zone_mm(pdf, area) >= 2.4


def test_the_diamond_of_the_substance_is_as_large_as_it_is_drawn():
    left, top, right, bottom = ink(manifest_pdf(MANIFEST), (172, 5, 203, 34))

    assert right - left == pytest.approx(26.0, abs=0.6)
    assert bottom - top == pytest.approx(26.0, abs=0.6)


@pytest.mark.hazard("H31")
def test_names_of_every_kind_come_out_letter_by_letter_or_are_refused_by_field():
    chance, refused = random.Random(31), 0  # noqa: S311 - the same names each time
    for _ in range(250):
        surname = "".join(chance.choices(LETTERS, k=chance.randint(1, 40))).upper()
        forenames = " ".join(
            "".join(chance.choices(LETTERS, k=chance.randint(2, 12))).title()
            for _ in range(chance.randint(1, 3))
        )
        row = replace(DELIVERY.rows[0], patient=replace(SIAN, surname=surname, forenames=forenames))
        try:
            pdf = delivery_list_pdf(replace(DELIVERY, rows=(row,)))
        except CannotPrint as problem:
            assert problem.field == "surname"
            refused += 1
            continue
        assert f"{surname}{forenames}".replace(" ", "") in joined(pdf)
    assert refused < 25
