"""QR codes: on paper in modules of whole printer dots, on pages as a picture."""

from urllib.parse import quote

from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Pen
from lab_contingency.printing.stock import DOT

MODULE = 4 * DOT
"""Side of one square: four dots at 203 dpi, 0.5 mm."""

QUIET = 4
"""White around the code, in modules. The caller prints nothing in it."""

_MOST = 1200


def qr_rows(text: str) -> tuple[str, ...]:
    """Make the code's rows, `1` for black: bytes of UTF-8, a sixth of it may be damaged."""
    raw = text.encode()
    if len(raw) > _MOST:
        raise CannotPrint("Too much for a QR code that still scans.", field="scanned")
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(raw))
    code.make()
    squares: list[list[bool]] = code.modules  # a row a list, True for black
    return tuple("".join("1" if dark else "0" for dark in row) for row in squares)


def qr_width(rows: tuple[str, ...]) -> float:
    """Measure the code with its white border, mm."""
    return (len(rows) + 2 * QUIET) * MODULE


def draw_qr(pen: Pen, x: float, y: float, rows: tuple[str, ...]) -> None:
    """Draw the code with its border at `x`, `y` mm, moved by less than a dot onto whole dots."""
    left = round((pen.left + x) / DOT) * DOT - pen.left + QUIET * MODULE
    pen.stamp(left, y + (QUIET + len(rows)) * MODULE, (MODULE, MODULE), _operators(rows))


def _operators(rows: tuple[str, ...]) -> str:
    drawn = []
    for down, row in enumerate(reversed(rows)):
        place = 0
        for run in row.replace("01", "0 1").replace("10", "1 0").split():
            if run[0] == "1":
                drawn.append(f"{place} {down} {len(run)} 1 re")
            place += len(run)
    return " ".join(drawn)


def qr_picture(text: str) -> str:
    """`data:image/svg+xml,…` for a page: one path, no style; modules of one unit, white around them."""
    rows = qr_rows(text)
    size = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module == "1"
    )
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {size}' "
        f"shape-rendering='crispEdges'><rect width='{size}' height='{size}' fill='#fff'/>"
        f"<path d='{path}'/></svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" ='/:")
