"""A batch of packs, read back: every number on it, whose colours, what is not offered, whom to ring."""

from __future__ import annotations

import datetime as dt

import pytest

from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import unit_of_work
from lab_contingency.incidents.commands import StopTest
from lab_contingency.incidents.rules import for_tube, pack_number
from lab_contingency.incidents.services import stop_test
from lab_contingency.places.queries import ward
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.pack import packs_pdf
from lab_contingency.requests.packs.rules import SPARES, USE_OF_LABEL
from lab_contingency.specimens.packs.documents import pack_batch
from tests.factories.packs import packs
from tests.printing import reading

GUIDES = 7


@pytest.fixture
def engine_name():
    return "sqlite"


def _texts(pdf: bytes) -> list[str]:
    return [reading.text(pdf, page) for page in range(reading.pages(pdf))]


def _page(pdf: bytes, title: str) -> str:
    """The page, or the first of the pages, under a title."""
    return next(said for said in _texts(pdf) if said.startswith(title))


@pytest.mark.feature(7)
@pytest.mark.feature(63)
@pytest.mark.parametrize("dpi", [203, 300])
def test_every_label_of_a_pack_reads_as_its_number(world, dpi):
    printed = packs(world, 1)
    (form,) = printed.numbers
    tubes = {for_tube(form, tube) for tube in (*USE_OF_LABEL, *SPARES)}

    sheet = reading.barcodes(printed.pdf, dpi, GUIDES)
    strip = reading.barcodes(printed.pdf, dpi, GUIDES + 1)

    assert set(sheet) == {form, *(for_tube(form, tube) for tube in USE_OF_LABEL)}
    assert set(strip) == {form, pack_number(form), *(for_tube(form, tube) for tube in SPARES)}
    assert tubes <= set(sheet) | set(strip)
    on_tubes = [number for number in (*sheet, *strip) if number in tubes]
    assert len(on_tubes) == len(set(on_tubes)), "one number on two tubes"


def test_packs_come_three_to_a_sheet_of_strips(world):
    pdf = packs(world, 7).pdf

    assert reading.pages(pdf) == GUIDES + 7 + 3
    for page in range(reading.pages(pdf)):
        assert reading.size_mm(pdf, page) == pytest.approx((210, 297), abs=0.1)
    assert reading.fonts_outside(pdf) == set()


@pytest.mark.feature(102)
@pytest.mark.parametrize(
    ("ward_code", "own", "foreign"),
    [
        ("KCH-ED-RESUS", ("lavender", "gold", "light blue", "Pink 6 mL"), ("brown", "yellow")),
        ("UHL-ED", ("red", "brown", "green", "yellow", "Red 7.5 mL"), ("lavender", "gold", "pink", "light blue")),
    ],
)  # fmt: skip
def test_a_ward_reads_the_colours_of_its_own_tubes_and_no_others(world, ward_code, own, foreign):
    words = " ".join(_texts(packs(world, 1, ward_code).pdf))

    assert [colour for colour in own if colour not in words] == []
    assert [colour for colour in foreign if colour in words] == []
    for additive in ("3.2 % sodium citrate", "gel and clot activator", "K2-EDTA"):
        assert additive in words


@pytest.mark.hazard("H03")
def test_no_label_of_a_pack_is_for_a_transfusion_tube(world):
    assert not {use.container for use in USE_OF_LABEL.values()} & {"PINK"}
    _, order, *_ = _texts(packs(world, 1).pdf)

    assert "NO LABEL: written by hand" in order


def test_what_is_not_offered_says_what_to_ask_for_instead(world):
    with unit_of_work():
        stop_test(StopTest("DDIM", "No reagent. Ask for CTPA.", None), actor=world.coordinator)

    menu = _page(packs(world, 1).pdf, "What can be asked for")

    assert "D-dimer: NOT OFFERED" in menu
    assert "No reagent. Ask for CTPA." in menu
    assert "Full blood count" in menu


@pytest.mark.feature(104)
def test_telephones_and_prepared_names_come_with_it_and_no_name_twice(world):
    first, second = packs(world, 1), packs(world, 1)
    ring = _page(first.pdf, "Whom to ring")

    assert "King's core laboratory" in ring
    assert "020 7946 0911" in ring
    assert "020 7946 0163" in ring
    names = [_page(each.pdf, "Nobody knows who it is?") for each in (first, second)]
    numbers = [{word for word in said.split() if word.startswith("RJZ")} for said in names]
    assert [len(held) for held in numbers] == [4, 4]
    assert not numbers[0] & numbers[1]


@pytest.mark.parametrize(
    ("ward_code", "laboratory"),
    [("KCH-ED-RESUS", "King's core laboratory"), ("UHL-ED", "Lewisham laboratory")],
)
def test_a_ward_reads_the_intervals_and_limits_of_its_own_laboratory(world, ward_code, laboratory):
    pdf = packs(world, 1, ward_code).pdf
    said = [text for text in _texts(pdf) if text.startswith("Reference intervals")]
    words = "".join("".join(said).split())

    assert len(said) == 2
    assert all(laboratory in text and "from 16 years on" in text for text in said)
    for line in (
        "Haemoglobin g/L men 130–170 women 120–150 < 70 or > 190",
        "Potassium mmol/L 3.5–5.3 ≤ 2.5 or ≥ 6.5",
        "Malaria film Not seen any positive result",
        "hCG total IU/L 0–5 every result",
        "Vancomycin mg/L 10–20, trough ≥ 25",
    ):
        assert "".join(line.split()) in words


def test_every_quantity_with_an_interval_or_a_limit_stands_on_it_once(world):
    batch = pack_batch(
        ward(world.wards["KCH-ED-RESUS"]), ("410000000000",), (), actor=world.porter, mark="X"
    )
    named = [line.name for section in batch.intervals.sections for line in section.lines]

    wanted = [
        each.name
        for each in catalogue().analytes.values()
        if each.male or each.female or each.critical
    ]
    assert sorted(named) == sorted(wanted)


def test_a_ward_whose_laboratory_holds_none_gets_no_such_page(world):
    with clock.at(dt.datetime(1999, 1, 1, tzinfo=dt.UTC)):  # before anybody stated any
        pdf = packs(world, 1).pdf
    assert not [text for text in _texts(pdf) if "Reference intervals" in text]


def test_equal_content_gives_equal_bytes_and_nothing_is_no_batch(world):
    number = packs(world, 1).numbers
    place = ward(world.wards["KCH-ED-RESUS"])
    batch = pack_batch(place, number, (), actor=world.porter, mark="X")

    assert packs_pdf(batch) == packs_pdf(batch)
    assert "mark X" in _texts(packs_pdf(batch))[0]
    with pytest.raises(CannotPrint, match="no pack"):
        packs_pdf(type(batch)(**{f: getattr(batch, f) for f in batch.__slots__} | {"packs": ()}))
