"""Flowing blocks over the pages of a sheet. Heights in mm."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Pen


class Block(NamedTuple):
    """A piece that is never parted: its height, how it is drawn, which field it comes from.

    `keep` ties it to the next block; `again` stands above it when it begins a page. One that stands
    `apart` draws parts that many say alike.
    """

    height: float
    draw: Callable[[Pen], None]
    field: str
    keep: bool = False
    again: "Block | None" = None
    apart: bool = False


def flow(blocks: Sequence[Block], first: float, later: float) -> list[list[Block]]:
    """Spread blocks over pages with `first` mm of room on the first page and `later` on others."""
    pages: list[list[Block]] = [[]]
    left = first
    for place, block in enumerate(blocks):
        tied = _tied_height(blocks, place) if block.keep else block.height
        if tied > left:
            started = [block.again, block] if block.again else [block]
            left = later - sum(piece.height for piece in started)
            pages.append(started)
        else:
            pages[-1].append(block)
            left -= block.height
        if left < 0:
            raise CannotPrint("Too long for one page. Shorten it.", field=block.field)
    return pages


def _tied_height(blocks: Sequence[Block], place: int) -> float:
    height = blocks[place].height
    while blocks[place].keep and place + 1 < len(blocks):
        place += 1
        height += blocks[place].height
    return height


def draw_blocks(pen: Pen, blocks: Sequence[Block]) -> float:
    """Draw blocks below each other from the pen's origin; returns the height used."""
    y = 0.0
    for block in blocks:
        block.draw(pen.apart(0, y) if block.apart else pen.moved(0, y))
        y += block.height
    return y
