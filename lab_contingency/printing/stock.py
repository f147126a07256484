"""Sizes of paper and labels, in millimetres; dots are those of a 203 dpi label printer."""

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
