"""Labels in the language of label printers (ZPL II), drawn by the same layout as the PDF.

Bar codes are the printer's own commands, in whole dots. Words are one picture a label, so that no word of a
person is ever read as a command and no letter is missing in the printer; or, where the printer holds our
letters, fields of its own in them (ADR 0019).
"""

import re
from collections.abc import Iterator, Sequence

from lab_contingency.printing import barcode, zpl_fields
from lab_contingency.printing.content import Label
from lab_contingency.printing.dots import Dots
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.field_pen import Fields
from lab_contingency.printing.labels import draw_label, refuse_none
from lab_contingency.printing.stock import AUTO12, LabelStock

_MARK = re.compile(r"[0-9A-Za-z -]*")


def labels_zpl(
    labels: Sequence[Label],
    mark: str = "",
    *,
    stock: LabelStock = AUTO12,
    dpi: int = 203,
    held_letters: bool = False,
) -> bytes:
    """Write the labels in order for a roll at 203, 300 or 600 dpi; nothing if one cannot be printed.

    What fits is decided by the layout, as for the PDF. The watermark `mark` is a comment in each label.
    `held_letters`: the printer was sent our letters and holds them.
    """
    refuse_none(labels)
    _refuse_printer(mark, stock, dpi)
    write = _fields if held_letters else _one_picture
    written: list[str] = []
    for label in labels:
        dots = Dots(stock.width, stock.height, dpi)
        body = "".join(write(dots, label, stock))
        written += (_head(dots, mark), body, *map(zpl_fields.code, dots.codes), "^XZ\n")
    return "".join(written).encode("ascii")


def _refuse_printer(mark: str, stock: LabelStock, dpi: int) -> None:
    if stock.sheet is not None:
        raise CannotPrint(
            "A label printer takes rolls. Choose a roll, or print a PDF.", field="stock"
        )
    if dpi not in barcode.MODULE_DOTS:
        raise CannotPrint("A label printer has 203, 300 or 600 dots per inch.", field="dpi")
    if not _MARK.fullmatch(mark):
        raise CannotPrint("A watermark is letters and figures.", field="mark")


def _head(dots: Dots, mark: str) -> str:
    """The size in dots. What an earlier job left set is set again."""
    width, height = dots.picture.size
    comment = f"^FX mark {mark}^FS\n" if mark else ""
    return f"^XA^CI28^PW{width}^LL{height}^LH0,0^FWN\n{comment}"


def _one_picture(dots: Dots, label: Label, stock: LabelStock) -> Iterator[str]:
    draw_label(dots.pen(), label, stock)
    yield zpl_fields.picture(dots.picture)


def _fields(dots: Dots, label: Label, stock: LabelStock) -> Iterator[str]:
    fields = Fields(dots)
    draw_label(fields.pen(), label, stock)
    yield from fields.written
