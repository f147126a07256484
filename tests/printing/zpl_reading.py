"""What a label printer makes of ZPL, drawn by a program that has nothing to do with ours."""

import re
from dataclasses import replace
from functools import cache

from PIL import Image, ImageFilter
from zplkit import Options, render
from zplkit.parse import parse
from zplkit.rendering import Limits

from lab_contingency.printing import marks, tube_label
from lab_contingency.printing.stock import AUTO12, LabelStock
from lab_contingency.printing.zpl import labels_zpl
from tests.printing.examples import LABEL

# A label's picture at 600 dpi, and the fonts that a printer is sent once, are larger than the renderer takes unasked.
_LIMITS = Limits(graphic_bytes=400_000, font_bytes=4_000_000, input_bytes=8_000_000)


_ESCAPE = re.compile(rb"_([0-9A-Fa-f]{2})")


def drawn(zpl: bytes, stock: LabelStock, dpi: int) -> list[Image.Image]:
    """The labels as a printer draws them. The renderer refuses what it does not know; it warns of nothing."""
    options = Options(
        profile="specification",
        width=round(stock.width / 25.4 * dpi),
        height=round(stock.height / 25.4 * dpi),
        dpi=dpi,
    )
    document = render(zpl, options, limits=_LIMITS)
    assert not document.warnings
    scenes = [label.rasterize() for label in document.labels]
    return [Image.frombytes("L", (each.width, each.height), each.pixels) for each in scenes]


def commands(zpl: bytes) -> list[tuple[str, bytes]]:
    """Kind and bytes of each command, as the printer's language divides them."""
    return [(element.kind, bytes(element)) for element in parse(zpl).elements]


def words_in_fields(zpl: bytes) -> list[str]:
    """What the fields of words say, as the printer reads them: escapes are bytes, bytes are UTF-8."""
    said, escaped = [], False
    for _, whole in commands(zpl):
        if whole.startswith(b"^FH_"):
            escaped = True
        elif whole.startswith(b"^FD") and escaped:
            said.append(_ESCAPE.sub(_byte, whole[3:]).decode())
            escaped = False
    return said


def _byte(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Part of the black of either picture that is further than a dot from the other's black."""
    found = []
    for first, second in ((one, other), (other, one)):
        near = second.filter(ImageFilter.MinFilter(3))
        black = alone = 0
        for mine, theirs in zip(first.tobytes(), near.tobytes(), strict=True):
            if mine < 128:
                black += 1
                alone += theirs >= 128
        found.append(alone / black)
    return max(found)


def part(zpl: bytes, left: float, top: float, right: float, bottom: float) -> bytes:
    """The dots of a part of one label of AUTO12 at 203 dpi; places in mm."""
    (picture,) = drawn(zpl, AUTO12, 203)
    box = tuple(round(edge / 25.4 * 203) for edge in (left, top, right, bottom))
    return picture.crop(box).tobytes()  # type: ignore[arg-type]


def says_copy(zpl: bytes) -> bool:
    """Whether the stamp of a copy stands on a tube label in its place."""
    return _stamp(zpl) == _copy_stamp()


@cache
def _copy_stamp() -> bytes:
    return _stamp(labels_zpl([replace(LABEL, copy_reason="jam")]))


def _stamp(zpl: bytes) -> bytes:
    left = tube_label._TAKEN_LEFT
    return part(zpl, left, AUTO12.height - 3.2, left + marks.stamps_width(("COPY",)), AUTO12.height)
