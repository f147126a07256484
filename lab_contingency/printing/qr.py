"""A QR code as a picture for a page: one path, no style, as a data address."""

from urllib.parse import quote

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

_QUIET = 4


def qr_picture(text: str) -> str:
    """`data:image/svg+xml,…`; black modules of one unit with the quiet zone of four around them."""
    rows = qr_rows(text)
    size = len(rows) + 2 * _QUIET
    path = "".join(
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {size}' "
        f"shape-rendering='crispEdges'><rect width='{size}' height='{size}' fill='#fff'/>"
        f"<path d='{path}'/></svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" ='/:")


def qr_rows(text: str) -> list[list[bool]]:
    """The modules, row by row."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()  # type: ignore[no-untyped-call]
    return [
        [bool(code.isDark(y, x)) for x in range(count)]  # type: ignore[no-untyped-call]
        for y in range(count)
    ]
