"""What a label printer makes of ZPL, drawn by a program that has nothing to do with ours."""

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

# A label's picture at 600 dpi is larger than the renderer takes unasked.
_LIMITS = Limits(graphic_bytes=400_000)


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
