"""Labels as fields of the printer's own, in the letters it was sent: drawn by another program, and read back."""

import random
from dataclasses import replace
from functools import cache

import pytest
import zxingcpp

from lab_contingency.printing.content import NumberOnlyLabel, WriteOnLabel
from lab_contingency.printing.dots import DotPen, Dots
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.field_pen import HELD, font_sizes, letters_zpl
from lab_contingency.printing.labels import draw_label, labels_pdf
from lab_contingency.printing.stock import AUTO12, LABEL_STOCKS
from lab_contingency.printing.text import FONTS, widths
from lab_contingency.printing.zpl import labels_zpl
from tests.printing.examples import LABEL, LONG_NAMED, SIAN
from tests.printing.reading import pixels
from tests.printing.test_ten_thousand_names import person
from tests.printing.zpl_reading import commands, drawn, unlike, words_in_fields

ROLLS = tuple(code for code, stock in LABEL_STOCKS.items() if stock.sheet is None)
KINDS = {
    "full": LABEL,
    "long": replace(LABEL, patient=LONG_NAMED),
    "copy": replace(LABEL, test_mark=True, copy_reason="jam", notes="ON ICE"),
    "today": replace(LABEL, priority="P2", priority_word="TODAY"),
    "days": replace(LABEL, priority="P3", priority_word="DAYS"),
    "later": replace(LABEL, priority="P4", priority_word="LATER"),
    "number": NumberOnlyLabel("411004711044", ("tube 4 pink", "Group"), copy_reason="torn"),
    "pack": WriteOnLabel("411004711055", "GOLD SST 5 mL", test_mark=True),
}
COMMANDS = {"XA", "CI", "PW", "LL", "LH", "FW", "FX", "FO", "FT", "FR", "A@", "FH", "GB", "GF", "BY", "BC", "BX", "FD", "FS", "XZ"}  # fmt: skip
LIKE_COMMANDS = ["A^XZ", "^XZ^XA^FO0,0", "~JR", "~JA_", "_5EXZ", "^FS^FDSMITH", "^CC+", "\\&"]
# Whole letters of the printer stand up to two dots from their measured place within a word.
UNLIKE = {203: 0.08, 300: 0.2}
TOP = 11.4
"""Above it stand no bars: at 300 dpi those have three dots, which is more than on paper."""


def named(surname: str, forenames: str = "Jo"):
    return replace(LABEL, patient=replace(SIAN, surname=surname, forenames=forenames))


def fields_of(*labels, dpi: int = 203, stock=AUTO12) -> bytes:
    return labels_zpl(labels, stock=stock, dpi=dpi, held_letters=True)


def printed(*labels, dpi: int = 203, stock=AUTO12):
    """What a printer makes of the labels that was sent our letters once."""
    return drawn(set_up() + fields_of(*labels, dpi=dpi, stock=stock), stock, dpi)


@cache
def set_up() -> bytes:
    return letters_zpl()


class Overheard(DotPen):
    """Draws dots, and keeps what it was told to write."""

    said: list[str]

    def moved(self, x, y, scale=1):
        made = super().moved(x, y, scale)
        made.said = self.said
        return made

    def write(self, x, baseline, text, lettering, *, white=False):
        self.said.append(text)
        super().write(x, baseline, text, lettering, white=white)


def words_of_the_layout(label) -> str:
    pen = Overheard(Dots(AUTO12.width, AUTO12.height, 203))
    pen.said = []
    draw_label(pen, label)
    return "".join(pen.said)


@pytest.mark.feature(21)
class TestWhatComesOut:
    @pytest.mark.parametrize("dpi", [203, 300])
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_is_the_label_of_the_pdf(self, kind, dpi):
        (label,) = printed(KINDS[kind], dpi=dpi)
        paper = pixels(labels_pdf([KINDS[kind]]), dpi).resize(label.size)
        part = (0, 0, label.width, label.height if dpi == 203 else round(TOP / 25.4 * dpi))
        assert unlike(label.crop(part), paper.crop(part)) < UNLIKE[dpi]

    def test_another_name_is_noticed_by_that_comparison(self):
        (label,) = printed(named("MARSH", "MARSH"))
        paper = pixels(labels_pdf([named("MARCH", "MARKS")]), 203).resize(label.size)
        part = (0, 0, round(38.0 / 25.4 * 203), round(8.8 / 25.4 * 203))
        assert unlike(label.crop(part), paper.crop(part)) > 0.08

    @pytest.mark.parametrize("dpi", [203, 300, 600])
    @pytest.mark.parametrize("code", ROLLS)
    def test_every_code_on_every_roll_reads_as_the_number(self, code, dpi):
        (label,) = printed(LABEL, dpi=dpi, stock=LABEL_STOCKS[code])
        found = zxingcpp.read_barcodes(label)
        assert found
        assert {each.text for each in found} == {LABEL.number}

    def test_it_is_a_fifth_of_the_bytes_of_a_picture(self):
        assert 4 * len(fields_of(LABEL)) < len(labels_zpl([LABEL]))

    def test_equal_content_gives_equal_bytes(self):
        assert fields_of(LABEL) == fields_of(LABEL)


class TestCommands:
    @pytest.mark.hazard("H31")
    @pytest.mark.parametrize("words", LIKE_COMMANDS)
    def test_a_name_never_becomes_a_command(self, words):
        zpl = fields_of(named(words, words), LABEL)
        assert len(drawn(set_up() + zpl, AUTO12, 203)) == 2
        assert {whole[1:3].decode() for whole in formats(zpl)} <= COMMANDS
        assert [whole[1:3] for whole in formats(zpl)].count(b"XZ") == 2
        assert words in words_in_fields(zpl)

    @pytest.mark.hazard("H31")
    def test_ten_thousand_names_are_read_back_from_the_fields_letter_by_letter(self):
        chance = random.Random(20_000)  # noqa: S311 - the same names in each run
        held = 0
        for _ in range(5_000):
            label = named(*person(chance))
            try:
                zpl = fields_of(label)
            except CannotPrint:
                continue
            held += 2
            assert "".join(words_in_fields(zpl)) == words_of_the_layout(label)
            assert {kind for kind, _ in commands(zpl)} <= {"format_command", "control_character"}
        assert held > 7_500

    def test_no_field_comes_out_wider_than_it_was_measured_by_more_than_a_dot(self):
        chance = random.Random(7)  # noqa: S311 - the same names in each run
        wide = []
        for _ in range(300):
            label = named(*person(chance))
            try:
                zpl = fields_of(label)
            except CannotPrint:
                continue
            wide += [words for words in fields_with_sizes(zpl) if excess(*words) > 1]
        assert wide == []


class TestSettingUp:
    def test_the_printer_is_sent_the_very_fonts_that_the_pdf_embeds(self):
        sent = dict(download(line) for line in letters_zpl().splitlines())
        assert sent == {
            f"E:{held}": (FONTS / f"{font}.ttf").read_bytes() for font, held in HELD.items()
        }

    def test_what_the_printer_must_hold_afterwards_is_known_by_name_and_size(self):
        sent = dict(download(line) for line in letters_zpl().splitlines())
        assert font_sizes() == {f"{name[2:]}.TTF": len(file) for name, file in sent.items()}

    def test_names_are_short_enough_for_a_printer(self):
        assert all(len(held) <= 8 and held.isalnum() for held in HELD.values())


@pytest.mark.parametrize(
    "label",
    [
        named("Wilhelmina " * 12),
        named("漢"),
        replace(LABEL, tests="Wide words " * 30),
        replace(LABEL, number="4110047110"),
        replace(LABEL, priority="P5"),
    ],
)
def test_it_refuses_what_the_pdf_refuses_for_the_same_field(label):
    with pytest.raises(CannotPrint) as paper:
        labels_pdf([label])
    with pytest.raises(CannotPrint) as refused:
        fields_of(LABEL, label)
    assert (refused.value.field, refused.value.message) == (
        paper.value.field,
        paper.value.message,
    )


def formats(zpl: bytes) -> list[bytes]:
    return [whole for kind, whole in commands(zpl) if kind == "format_command"]


def fields_with_sizes(zpl: bytes) -> list[tuple[str, int, str]]:
    """Font, height in dots and words of each field of words."""
    fonts = [whole.decode().split(",") for whole in formats(zpl) if whole.startswith(b"^A@")]
    return [
        (font.partition(":")[2].removesuffix(".TTF"), int(high), words)
        for (_, high, _, font), words in zip(fonts, words_in_fields(zpl), strict=True)
    ]


def excess(held: str, high: int, words: str) -> float:
    """By how many dots the printer's whole letters are wider than measured at the size asked for.

    That size is less than a dot larger than the one sent.
    """
    if len(words) == 1:
        return 0
    font = next(font for font, name in HELD.items() if name == held)
    known = widths(font)
    set_by_printer = sum(round(known[letter] * high) for letter in words)
    return set_by_printer - sum(known[letter] for letter in words) * (high + 1)


def download(line: bytes) -> tuple[str, bytes]:
    name, form, extension, size, row, data = line.removeprefix(b"~DY").split(b",")
    assert (form, extension, row) == (b"A", b"T", b"")
    file = bytes.fromhex(data.decode())
    assert len(file) == int(size)
    return name.decode(), file
