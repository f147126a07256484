"""A spoilt label may fail to read; it never reads as another number."""

from dataclasses import replace

import pytest

from lab_contingency.incidents.rules import with_check_digit
from lab_contingency.printing.stock import LABEL_STOCKS
from lab_contingency.printing.zpl import labels_zpl
from tests.printing.damage import (
    ZBARIMG,
    accepted,
    blotted,
    blurred,
    luck,
    skewed,
    speckled,
    zbar,
    zxing,
)
from tests.printing.examples import LABEL
from tests.printing.stocks import CODES, on_white, picture
from tests.printing.zpl_reading import drawn

DAMAGE = (0.05, 0.1, 0.2, 0.3)
EACH = 8
CHECKED = replace(LABEL, number=with_check_digit("41100471103"))

pytestmark = pytest.mark.hazard("H32")


def some_labels(count: int, dpi: int) -> list[tuple[str, object]]:
    """Numbers of a night, and their labels on white as printed."""
    numbers = [with_check_digit(f"411{4711 + 97 * n:06d}{n % 7 + 1:02d}") for n in range(count)]
    return [
        (number, on_white(picture(replace(LABEL, number=number), "AUTO12", dpi)))
        for number in numbers
    ]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("code", CODES)
class TestEverySize:
    def test_a_skewed_label_reads(self, code, dpi):
        label = on_white(picture(CHECKED, code, dpi))
        read = zxing([skewed(label), skewed(label, -1.5)])
        assert read == [{CHECKED.number}] * 2

    def test_a_blurred_label_reads(self, code, dpi):
        label = on_white(picture(CHECKED, code, dpi))
        assert zxing([blurred(label, 0.8 * dpi / 203)]) == [{CHECKED.number}]


@pytest.mark.parametrize("dpi", [203, 300])
class TestDamage:
    @pytest.mark.parametrize("spoil", [speckled, blotted])
    def test_no_damaged_label_reads_as_another(self, spoil, dpi):
        chance = luck(4711)
        labels = some_labels(EACH, dpi)
        spoilt = [(n, spoil(label, part, chance)) for part in DAMAGE for n, label in labels]
        read = zxing([label for _, label in spoilt])
        wrong = [found for (n, _), found in zip(spoilt, read, strict=True) if accepted(found) - {n}]
        assert wrong == []
        # Reading nothing at all would prove nothing.
        assert sum(n in found for (n, _), found in zip(spoilt, read, strict=True)) >= EACH

    def test_a_label_of_a_label_printer_neither(self, dpi):
        stock, chance = LABEL_STOCKS["AUTO12"], luck(1)
        (label,) = drawn(labels_zpl([CHECKED], dpi=dpi), stock, dpi)
        spoilt = [blotted(on_white(label), part, chance) for part in DAMAGE for _ in range(EACH)]
        read = zxing([skewed(each) for each in spoilt])
        assert [found for found in read if accepted(found) - {CHECKED.number}] == []
        assert {CHECKED.number} in read


def test_bars_of_a_wrong_number_are_refused_by_the_last_digit():
    changed = [
        f"{CHECKED.number[:place]}{digit}{CHECKED.number[place + 1 :]}"
        for place in range(12)
        for digit in "0123456789"
    ]
    assert accepted(set(changed)) == {CHECKED.number}


@pytest.mark.skipif(ZBARIMG is None, reason="zbarimg is not installed (apt install zbar-tools)")
@pytest.mark.parametrize("dpi", [203, 300])
class TestAnotherScanner:
    def test_it_reads_the_bars_of_every_label(self, dpi, tmp_path):
        labels = some_labels(EACH, dpi)
        read = zbar([label for _, label in labels], tmp_path)
        assert read == [{number} for number, _ in labels]

    def test_it_reads_no_damaged_label_as_another(self, dpi, tmp_path):
        chance = luck(4711)
        labels = some_labels(EACH, dpi)
        spoilt = [(n, blotted(label, part, chance)) for part in DAMAGE for n, label in labels]
        read = zbar([label for _, label in spoilt], tmp_path)
        wrong = [found for (n, _), found in zip(spoilt, read, strict=True) if accepted(found) - {n}]
        assert wrong == []
        assert any(n in found for (n, _), found in zip(spoilt, read, strict=True))
