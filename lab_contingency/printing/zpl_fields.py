"""The fields of ZPL: a picture, a bar code, a Data Matrix, words. Places and sizes in dots."""

import re

from PIL import Image

from lab_contingency.printing import data_matrix
from lab_contingency.printing.dots import Code

# A run of equal figures is written as its length and the figure: G to Y are 1 to 19, g to z 20 to 400.
_ONES, _TWENTIES = ("", *"GHIJKLMNOPQRSTUVWXY"), ("", *"ghijklmnopqrstuvwxyz")
_LENGTHS = [twenties + ones for twenties in _TWENTIES for ones in _ONES]
_RUN = re.compile(r"(.)\1{2,418}")
_ESCAPED = re.compile(r"[^A-Za-z0-9 .,:()-]")
"""Everything but these is written as its bytes: a name's `^`, `~` and `_` begin commands and escapes."""

REVERSED = "^FR"


def code(found: Code) -> str:
    """Bars with start sign C (`>;`), or a Data Matrix of quality 200: digits only, nothing to escape."""
    at = f"^FO{found.left},{found.top}"
    if found.height is None:
        side = data_matrix.SIDE
        return f"{at}^BXN,{found.module},200,{side},{side}^FD{found.number}^FS\n"
    return f"{at}^BY{found.module}^BCN,{found.height},N,N,N,N^FD>;{found.number}^FS\n"


def words(left: int, baseline: int, text: str, high: int, font: str, how: str = "") -> str:
    """Words in a font that the printer holds, `high` dots to the em; `how` may be REVERSED."""
    said = _ESCAPED.sub(_bytes, text)
    return f"^FT{left},{baseline}{how}^A@N,{high},{high},{font}^FH_^FD{said}^FS\n"


def _bytes(found: re.Match[str]) -> str:
    return "".join([f"_{byte:02X}" for byte in found[0].encode()])


def box(left: int, top: int, wide: int, high: int, thick: int) -> str:
    """The outline of a rectangle, or a filled one where `thick` is its smaller side."""
    return f"^FO{left},{top}^GB{wide},{high},{thick}^FS\n"


def picture(dots: Image.Image, how: str = "") -> str:
    """What is black as one graphic field, without the white around it; '' where nothing is."""
    edges = dots.getbbox()
    if edges is None:
        return ""
    black = dots.crop(edges)
    raw = black.tobytes()
    row = len(raw) // black.height
    figures = packed(raw.hex().upper(), 2 * row)
    return f"^FO{edges[0]},{edges[1]}{how}^GFA,{len(raw)},{len(raw)},{row},{figures}^FS\n"


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
