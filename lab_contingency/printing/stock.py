"""Sizes of paper and labels, in millimetres; dots are those of a 203 dpi label printer."""

from collections.abc import Mapping
from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4
DOT = 25.4 / 203


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of paper: width, height and the margin no printer reaches into, in mm."""

    name: str
    width: float
    height: float
    margin: float


LABEL = Stock("tube label", 50.8, 25.4, 1.2)
A4 = Stock("A4", 210.0, 297.0, 9.0)
A5 = Stock("A5", 148.0, 210.0, 7.0)

SMALLEST_LETTER = 1.8
"""Nothing is printed smaller than this (mm of letter height, the font's em)."""


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """A sheet of labels, in mm."""

    page_width: float
    page_height: float
    left: float
    top: float
    across: int
    down: int
    pitch_x: float
    pitch_y: float


@dataclass(frozen=True, slots=True)
class LabelStock:
    """One kind of label; without a sheet a roll, one label a page."""

    code: str
    name: str
    width: float
    height: float
    sheet: SheetLayout | None = None


AUTO12 = LabelStock("AUTO12", "Tube label 50.8 x 25.4 mm", 50.8, 25.4)
LABEL_STOCKS: Mapping[str, LabelStock] = {AUTO12.code: AUTO12}
