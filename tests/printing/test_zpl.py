"""Labels in the printer's own language: drawn by another program, and the same as on paper."""

from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_contingency.printing import barcode, data_matrix
from lab_contingency.printing.content import NumberOnlyLabel, WriteOnLabel
from lab_contingency.printing.dots import Dots
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import draw_label, labels_pdf
from lab_contingency.printing.stock import AUTO12, LABEL_STOCKS
from lab_contingency.printing.zpl import labels_zpl
from lab_contingency.printing.zpl_fields import packed
from tests.printing.examples import LABEL, LONG_NAMED, SIAN
from tests.printing.reading import pixels
from tests.printing.zpl_reading import commands, drawn, unlike

ROLLS = tuple(code for code, stock in LABEL_STOCKS.items() if stock.sheet is None)
KINDS = {
    "full": LABEL,
    "copy": replace(LABEL, test_mark=True, copy_reason="jam", notes="ON ICE"),
    "number": NumberOnlyLabel("411004711044", ("tube 4 pink", "Group"), copy_reason="torn"),
    "pack": WriteOnLabel("411004711055", "GOLD SST 5 mL", test_mark=True),
}
COMMANDS = {
    "XA",
    "CI",
    "PW",
    "LL",
    "LH",
    "FW",
    "FX",
    "FO",
    "GF",
    "BY",
    "BC",
    "BX",
    "FD",
    "FS",
    "XZ",
}
LIKE_COMMANDS = [
    "A^XZ",
    "^XZ^XA^FO0,0",
    "~JR",
    "~HS^JUS",
    "_5EXZ",
    "^FS^FDSMITH",
    "^CC+",
    "\\&",
    "A,:!",
]
NAMES = ["ŻÓŁĆ", "ĐẶNG", "O’Brien", "O'Brien", "Ọlá", "Şahin-Ğül", "Þórsdóttir", "Щукин", "Παπάς"]


def named(surname: str, forenames: str = "Jo"):
    return replace(LABEL, patient=replace(SIAN, surname=surname, forenames=forenames))


def refusal(labels, **how) -> CannotPrint:
    with pytest.raises(CannotPrint) as refused:
        labels_zpl(labels, **how)
    return refused.value


@pytest.mark.feature(21)
class TestWhatComesOut:
    @pytest.mark.parametrize("dpi", [203, 300, 600])
    @pytest.mark.parametrize("code", ROLLS)
    def test_every_code_on_every_roll_reads_as_the_number(self, code, dpi):
        stock = LABEL_STOCKS[code]
        (label,) = drawn(labels_zpl([LABEL], stock=stock, dpi=dpi), stock, dpi)
        found = zxingcpp.read_barcodes(label)
        assert found
        assert {each.text for each in found} == {LABEL.number}

    @pytest.mark.parametrize("dpi", [203, 300])
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_is_the_label_of_the_pdf(self, kind, dpi):
        label = KINDS[kind]
        (zpl,) = drawn(labels_zpl([label], dpi=dpi), AUTO12, dpi)
        paper = pixels(labels_pdf([label]), dpi).resize(zpl.size)
        # At 300 dpi bars have 3 dots, on paper 0.250 mm: they stand up to four dots apart.
        same = zpl.height if dpi == 203 else round(11.4 / 25.4 * dpi)
        part = (0, 0, zpl.width, same)
        assert unlike(zpl.crop(part), paper.crop(part)) < 0.02

    @pytest.mark.hazard("H31")
    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_is_drawn_as_on_the_pdf(self, name):
        assert name_unlike(named(name, name), named(name, name)) < 0.005

    def test_another_name_is_noticed_by_that_comparison(self):
        assert name_unlike(named("MARSH", "MARSH"), named("MARCH", "MARSH")) > 0.01

    def test_the_words_come_out_dot_for_dot_as_they_were_drawn(self):
        dots = Dots(AUTO12.width, AUTO12.height, 203)
        draw_label(dots.pen(), replace(LABEL, patient=LONG_NAMED))
        (label,) = drawn(labels_zpl([replace(LABEL, patient=LONG_NAMED)]), AUTO12, 203)
        without = label.copy()
        for code in dots.codes:
            side = data_matrix.SIDE * code.module
            wide = side if code.height is None else 101 * code.module
            high = side if code.height is None else code.height
            without.paste(255, (code.left, code.top, code.left + wide, code.top + high))
        ours = dots.picture.point(lambda dot: 0 if dot else 255, "L")
        assert without.tobytes() == ours.tobytes()

    def test_labels_come_out_in_the_order_given(self):
        labels = [replace(LABEL, number=f"41100471{n:04d}") for n in range(5)]
        read = [
            {each.text for each in zxingcpp.read_barcodes(label)}
            for label in drawn(labels_zpl(labels), AUTO12, 203)
        ]
        assert read == [{label.number} for label in labels]

    @pytest.mark.parametrize("dpi", [203, 300, 600])
    def test_bars_are_whole_dots_with_ten_modules_of_white(self, dpi):
        dots = Dots(AUTO12.width, AUTO12.height, dpi)
        draw_label(dots.pen(), replace(LABEL, patient=LONG_NAMED, tests="UE LFT CRP BONE MG"))
        (bars, *_) = dots.codes
        assert bars.module == barcode.MODULE_DOTS[dpi]
        assert 0.249 < bars.module * 25.4 / dpi < 0.255
        quiet, width = 10 * bars.module, 101 * bars.module
        white = (bars.left - quiet, bars.top, bars.left + width + quiet, bars.top + bars.height)
        assert white[0] >= 0
        assert dots.picture.crop(white).getbbox() is None


class TestCommands:
    @pytest.mark.parametrize("words", LIKE_COMMANDS)
    def test_a_name_never_becomes_a_command(self, words):
        zpl = labels_zpl([named(words, words), LABEL])
        assert len(drawn(zpl, AUTO12, 203)) == 2
        assert commands_of(zpl) == commands_of(labels_zpl([LABEL, LABEL]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_else_is_said_to_the_printer(self, kind):
        zpl = labels_zpl([KINDS[kind]], "AB12CD34EF")
        assert zpl.isascii()
        assert set(commands_of(zpl)) <= COMMANDS
        assert {kind for kind, _ in commands(zpl)} <= {"format_command", "control_character"}

    def test_a_field_holds_the_number_and_nothing_else(self):
        said = [whole for _, whole in commands(labels_zpl([LABEL])) if whole.startswith(b"^FD")]
        assert {whole.strip() for whole in said} == {b"^FD>;411004711033", b"^FD411004711033"}

    def test_the_watermark_is_a_comment_in_every_label(self):
        assert labels_zpl([LABEL, LABEL], "AB12CD34EF").count(b"^FX mark AB12CD34EF^FS") == 2

    def test_equal_content_gives_equal_bytes(self):
        assert labels_zpl([LABEL], "AB") == labels_zpl([LABEL], "AB")


class TestRefusals:
    @pytest.mark.parametrize(
        "label",
        [
            named("Wilhelmina " * 12),
            named("SMITH", "Wilhelmina " * 12),
            named("漢"),
            named("A\nB"),
            replace(LABEL, tests="Wide words " * 30),
            replace(LABEL, number="4110047110"),
            replace(LABEL, priority="P5"),
            replace(LABEL, copy_reason="reason " * 30),
            NumberOnlyLabel("411004711044", ("a", "b", "c", "d")),
        ],
    )
    def test_it_refuses_what_the_pdf_refuses_for_the_same_field(self, label):
        with pytest.raises(CannotPrint) as paper:
            labels_pdf([label])
        refused = refusal([LABEL, label])
        assert (refused.field, refused.message) == (paper.value.field, paper.value.message)

    def test_a_sheet_is_not_for_a_label_printer(self):
        assert refusal([LABEL], stock=LABEL_STOCKS["A4X24"]).field == "stock"

    @pytest.mark.parametrize("dpi", [0, 200, 305, 1200])
    def test_other_printers_are_refused(self, dpi):
        assert refusal([LABEL], dpi=dpi).field == "dpi"

    def test_a_watermark_is_no_command(self):
        assert refusal([LABEL], mark="A^XZ").field == "mark"

    def test_no_labels_are_refused(self):
        assert refusal([]).field == "labels"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 60),
    st.lists(st.binary(min_size=60, max_size=60), min_size=1, max_size=12),
    st.data(),
)
def test_a_packed_picture_is_unpacked_dot_for_dot(wide, rows, data):
    # Plain rows, white ones and repeated ones are what a label is made of.
    shapes = st.sampled_from(
        [lambda row: row, lambda row: b"\0" * len(row), lambda row: b"\xff" * len(row)]
    )
    raw = b"".join(data.draw(shapes)(row[:wide]) for row in rows)
    field = packed(raw.hex().upper(), 2 * wide)
    zpl = f"^XA^FO0,0^GFA,{len(raw)},{len(raw)},{wide},{field}^FS^XZ".encode()
    stock = replace(AUTO12, width=wide * 8 * 25.4 / 203, height=len(rows) * 25.4 / 203)
    (picture,) = drawn(zpl, stock, 203)
    assert picture.point(lambda dot: 0 if dot else 1, "1").tobytes() == raw


def name_unlike(one, other) -> float:
    """How far the name on one label of a printer is from that on another of paper."""
    (zpl,) = drawn(labels_zpl([one]), AUTO12, 203)
    paper = pixels(labels_pdf([other]), 203).resize(zpl.size)
    name = (0, 0, round(38.0 / 25.4 * 203), round(8.8 / 25.4 * 203))
    return unlike(zpl.crop(name), paper.crop(name))


def commands_of(zpl: bytes) -> list[str]:
    return [whole[1:3].decode() for kind, whole in commands(zpl) if kind != "control_character"]
