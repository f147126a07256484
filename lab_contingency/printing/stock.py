"""Sizes of paper and labels, in millimetres; dots are those of a 203 dpi label printer."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from lab_contingency.foundation.errors import LabError

POINTS_PER_MM = 72 / 25.4
DOT = 25.4 / 203

SMALLEST_LETTER = 1.8
"""Nothing is printed smaller than this (mm of letter height, the font's em)."""


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of paper: width, height and the margin no printer reaches into, in mm."""

    name: str
    width: float
    height: float
    margin: float


A4 = Stock("A4", 210.0, 297.0, 9.0)
A5 = Stock("A5", 148.0, 210.0, 7.0)


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Where the labels lie on a sheet, all mm: the first one from the left and the top, and the pitch."""

    page_width: float
    page_height: float
    left: float
    top: float
    across: int
    down: int
    pitch_x: float
    pitch_y: float

    @property
    def labels(self) -> int:
        """How many labels lie on one sheet."""
        return self.across * self.down

    def corner(self, place: int) -> tuple[float, float]:
        """Top left corner of a label, mm; places count from 0, row by row."""
        down, across = divmod(place, self.across)
        return self.left + across * self.pitch_x, self.top + down * self.pitch_y


@dataclass(frozen=True, slots=True)
class LabelStock:
    """One kind of label, mm. Without `sheet` it is a roll, one label a page."""

    code: str
    name: str
    width: float
    height: float
    sheet: SheetLayout | None = None


class BadStocks(LabError):
    """A table of label stocks holds rows that cannot be meant; the message names file and line of each."""


STOCKS_FILE = "label_stocks.csv"
"""Name of the table, ours and the site's own."""

# What a tube label needs: bars lie along the longer kind, only a Data Matrix fits the square one.
_SMALLEST = ((38.0, 19.0), (25.0, 25.0))
_LARGEST = 300.0
# An office printer leaves the edge of a sheet white: a name must not end there.
_UNPRINTED = 4.0
_LABEL = ("code", "name", "width", "height")
_SHEET = ("page_width", "page_height", "left", "top", "across", "down", "pitch_x", "pitch_y")
_COLUMNS = (*_LABEL, *_SHEET)
_Cells = Mapping[str, str]


def read_label_stocks(file: Path) -> tuple[LabelStock, ...]:
    """Read a table of stocks (UTF-8, first line the columns). BadStocks lists every bad row."""
    problems: list[str] = []
    found: dict[str, LabelStock] = {}
    for line, cells in _lines(file, problems):
        try:
            stock = _stock_of(cells)
            if stock.code in found:
                _refuse(f"{stock.code} stands on an earlier line already.")
        except ValueError as wrong:
            problems.append(f"{file.name}, line {line}: {wrong}")
        else:
            found[stock.code] = stock
    if problems:
        raise BadStocks(" ".join(problems))
    return tuple(found.values())


def label_stocks(own: Path | None = None) -> Mapping[str, LabelStock]:
    """All stocks by code: ours, then those of the site's own file, where there is one.

    A site's row cannot change one of ours: what was measured for AUTO12 stays AUTO12.
    """
    added = read_label_stocks(own) if own is not None and own.exists() else ()
    taken = [stock.code for stock in added if stock.code in LABEL_STOCKS]
    if own is not None and taken:
        raise BadStocks(f"{own.name}: {', '.join(taken)} is built in. Give the stock another code.")
    return MappingProxyType({**LABEL_STOCKS, **{stock.code: stock for stock in added}})


def _lines(file: Path, problems: list[str]) -> Iterator[tuple[int, _Cells]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from _cells(file.name, csv.reader(opened, strict=True), problems)
    except UnicodeDecodeError:
        problems.append(f"{file.name} is not UTF-8 text. Save it again as “CSV UTF-8”.")
    except csv.Error as wrong:
        problems.append(f"{file.name} cannot be read as a table: {wrong}.")


def _cells(
    name: str, lines: Iterable[list[str]], problems: list[str]
) -> Iterator[tuple[int, _Cells]]:
    for number, cells in enumerate(lines, start=1):
        if number == 1:
            if cells != list(_COLUMNS):
                problems.append(f"{name}, line 1: the columns must be {', '.join(_COLUMNS)}.")
                return
        elif len(cells) == len(_COLUMNS):
            yield number, dict(zip(_COLUMNS, (cell.strip() for cell in cells), strict=True))
        elif cells:
            problems.append(f"{name}, line {number}: {len(cells)} cells instead of 12.")


def _stock_of(cells: _Cells) -> LabelStock:
    if not cells["code"] or not cells["name"]:
        _refuse("code and name must be filled.")
    width, height = _mm(cells, "width"), _mm(cells, "height")
    if not any(width >= least and height >= high for least, high in _SMALLEST):
        _refuse("A tube label needs 38 × 19 mm, or 25 × 25 mm without bars.")
    return LabelStock(cells["code"], cells["name"], width, height, _sheet_of(cells, width, height))


def _sheet_of(cells: _Cells, width: float, height: float) -> SheetLayout | None:
    filled = [column for column in _SHEET if cells[column]]
    if not filled:
        return None
    if len(filled) < len(_SHEET):
        _refuse("A sheet needs all eight measures, a roll none of them.")
    left, top = _mm(cells, "left"), _mm(cells, "top")
    sheet = SheetLayout(
        page_width=_mm(cells, "page_width"),
        page_height=_mm(cells, "page_height"),
        left=left,
        top=top,
        across=_count(cells, "across"),
        down=_count(cells, "down"),
        pitch_x=_mm(cells, "pitch_x"),
        pitch_y=_mm(cells, "pitch_y"),
    )
    if sheet.pitch_x < width or sheet.pitch_y < height:
        _refuse("The labels overlap: the pitch is smaller than the label.")
    last_left, last_top = sheet.corner(sheet.labels - 1)
    right, bottom = sheet.page_width - last_left - width, sheet.page_height - last_top - height
    if min(left, top, right, bottom) < _UNPRINTED:
        _refuse(
            "Labels must end 4 mm before the edge of the sheet, where printers stop. "
            "Give the part of the label that can be printed on."
        )
    return sheet


def _mm(cells: _Cells, column: str) -> float:
    try:
        length = float(cells[column])
    except ValueError:
        _refuse(f"{column} must be a number of millimetres, not “{cells[column]}”.")
    if not 0 < length <= _LARGEST:
        _refuse(f"{column} must lie between 0 and 300 mm, not “{cells[column]}”.")
    return length


def _count(cells: _Cells, column: str) -> int:
    if not (cells[column].isascii() and cells[column].isdigit() and int(cells[column])):
        _refuse(f"{column} must be a whole number from 1, not “{cells[column]}”.")
    return int(cells[column])


def _refuse(sentence: str) -> NoReturn:
    raise ValueError(sentence)


LABEL_STOCKS: Mapping[str, LabelStock] = MappingProxyType(
    {stock.code: stock for stock in read_label_stocks(Path(__file__).parent / "data" / STOCKS_FILE)}
)
"""The stocks that come with the program, by code."""

AUTO12 = LABEL_STOCKS["AUTO12"]
"""The label of CLSI AUTO12, and what is printed on where nobody chose another."""
