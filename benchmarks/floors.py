"""Paper without a library: the least that a PDF of the same words and bars can cost."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from lab_contingency.printing import barcode, data_matrix

_HEAD = b"%PDF-1.4\n"
_FONTS = ("Helvetica", "Helvetica-Bold")
_POINTS = 72 / 25.4


class RawPdf:
    """Pages of finished operators, compressed at level 1, in Latin letters of the reader's own fonts."""

    def __init__(self, width: float, height: float) -> None:
        self._box = f"[0 0 {width * _POINTS:.2f} {height * _POINTS:.2f}]"
        self._objects: list[bytes] = []
        self._pages = 0

    def page(self, operators: str) -> None:
        """Add a page."""
        stream = zlib.compress(operators.encode("cp1252", "replace"), 1)
        number = 5 + 2 * self._pages
        self._objects.append(
            b"%d 0 obj<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream endobj\n"
            % (number, len(stream), stream)
        )
        self._objects.append(
            f"{number + 1} 0 obj<</Type/Page/Parent 2 0 R/MediaBox{self._box}/Contents {number} 0 R"
            "/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>endobj\n".encode()
        )
        self._pages += 1

    def finish(self) -> bytes:
        """The finished file."""
        kids = " ".join(f"{6 + 2 * page} 0 R" for page in range(self._pages))
        head = [
            b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            f"2 0 obj<</Type/Pages/Count {self._pages}/Kids[{kids}]>>endobj\n".encode(),
            *(
                f"{3 + at} 0 obj<</Type/Font/Subtype/Type1/BaseFont/{font}/Encoding/WinAnsiEncoding>>"
                "endobj\n".encode()
                for at, font in enumerate(_FONTS)
            ),
        ]
        return _with_table([*head, *self._objects])


def _with_table(objects: Iterable[bytes]) -> bytes:
    parts, places, at = [_HEAD], [], len(_HEAD)
    for each in objects:
        places.append(at)
        parts.append(each)
        at += len(each)
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(places) + 1
    parts.append(
        f"xref\n0 {count}\n0000000000 65535 f \n{rows}trailer<</Size {count}/Root 1 0 R>>\n"
        f"startxref\n{at}\n%%EOF".encode()
    )
    return b"".join(parts)


def written(x: float, y: float, text: str, size: float, font: str = "F1") -> str:
    """One piece of text, points."""
    safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({safe}) Tj ET"


def bars(x: float, y: float, height: float, number: str) -> str:
    """Code 128 C from the same table of pieces as the program's."""
    module = barcode.MODULE * _POINTS
    return f"q {module:.5f} 0 0 {height} {x} {y} cm {barcode.operators(number)} f Q"


def squares(x: float, y: float, number: str) -> str:
    """A Data Matrix from the same table of rows as the program's."""
    module = data_matrix.MODULE * _POINTS
    return f"q {module:.5f} 0 0 {module:.5f} {x} {y} cm {data_matrix.operators(number)} f Q"


def joined(pieces: Sequence[str]) -> str:
    """The operators of a page."""
    return "\n".join(pieces)
