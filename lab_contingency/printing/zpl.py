"""Labels in the language of label printers (ZPL II), drawn by the same layout as the PDF.

Bar codes are the printer's own commands, in whole dots. Everything else is one picture a label, so that no
word of a person is ever read as a command, and no letter is missing in the printer.
"""

import re
from collections.abc import Iterator, Sequence

from PIL import Image

from lab_contingency.printing import barcode, data_matrix
from lab_contingency.printing.content import Label
from lab_contingency.printing.dots import Code, Dots
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.labels import draw_label, refuse_none
from lab_contingency.printing.stock import AUTO12, LabelStock

# A run of equal figures is written as its length and the figure: G to Y are 1 to 19, g to z 20 to 400.
_ONES, _TWENTIES = ("", *"GHIJKLMNOPQRSTUVWXY"), ("", *"ghijklmnopqrstuvwxyz")
_LENGTHS = [twenties + ones for twenties in _TWENTIES for ones in _ONES]
_RUN = re.compile(r"(.)\1{2,418}")
_MARK = re.compile(r"[0-9A-Za-z -]*")


def labels_zpl(
    labels: Sequence[Label], mark: str = "", *, stock: LabelStock = AUTO12, dpi: int = 203
) -> bytes:
    """Write the labels in order for a roll at 203, 300 or 600 dpi; nothing if one cannot be printed.

    What fits is decided by the layout, as for the PDF. The watermark `mark` is a comment in each label.
    """
    refuse_none(labels)
    _refuse_printer(mark, stock, dpi)
    written: list[str] = []
    for label in labels:
        dots = Dots(stock.width, stock.height, dpi)
        draw_label(dots.pen(), label, stock)
        written += _format(dots, mark)
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


def _format(dots: Dots, mark: str) -> Iterator[str]:
    """One label: its size in dots, the picture, the codes. What an earlier job left set is set again."""
    width, height = dots.picture.size
    yield f"^XA^CI28^PW{width}^LL{height}^LH0,0^FWN\n"
    if mark:
        yield f"^FX mark {mark}^FS\n"
    yield from _picture(dots.picture)
    yield from (_code(code) for code in dots.codes)
    yield "^XZ\n"


def _code(code: Code) -> str:
    """Bars with start sign C (`>;`), or a Data Matrix of quality 200: digits only, nothing to escape."""
    at = f"^FO{code.left},{code.top}"
    if code.height is None:
        side = data_matrix.SIDE
        return f"{at}^BXN,{code.module},200,{side},{side}^FD{code.number}^FS\n"
    return f"{at}^BY{code.module}^BCN,{code.height},N,N,N,N^FD>;{code.number}^FS\n"


def _picture(picture: Image.Image) -> Iterator[str]:
    """What is black as one graphic field, without the white around it."""
    edges = picture.getbbox()
    if edges is None:
        return
    black = picture.crop(edges)
    raw = black.tobytes()
    row = len(raw) // black.height
    yield f"^FO{edges[0]},{edges[1]}^GFA,{len(raw)},{len(raw)},{row},{packed(raw.hex().upper(), 2 * row)}^FS\n"


def packed(figures: str, row: int) -> str:
    """Shorten rows of `row` hexadecimal figures: a row like the last is `:`, white to its end is `,`."""
    rows = []
    last = ""
    for start in range(0, len(figures), row):
        this = figures[start : start + row]
        rows.append(":" if this == last else _packed_row(this))
        last = this
    return "".join(rows)


def _packed_row(figures: str) -> str:
    black = figures.rstrip("0")
    end = "," if len(black) < len(figures) else ""
    return _RUN.sub(_run, black) + end


def _run(found: re.Match[str]) -> str:
    run = found[0]
    return f"{_LENGTHS[len(run)]}{run[0]}"
