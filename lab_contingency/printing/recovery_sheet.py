"""The recovery sheet, A4: the groups to type, the same as a square code, and how to keep and use it. In mm."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reportlab.graphics.barcode.qrencoder import QRAlphaNum, QRCode, QRErrorCorrectLevel

from lab_contingency.printing import marks
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Lettering,
    fit,
    letterings,
    paragraphs,
)

_MARGIN = 20.0
_WIDE = A4.width - 2 * _MARGIN
_GROUP = re.compile(r"[0-9A-Z]{5}")
_ACROSS = 4
_ROW = 18.0
_BOX_GAP = 4.0
_MODULE = 1.2
_QUIET_MODULES = 4
_STAMP = 4.0
_TITLE = Lettering(BOLD, 8.0)
_HEADING = Lettering(BOLD, 4.2)
_BODY = Lettering(REGULAR, 3.7)
_NUMBER = Lettering(REGULAR, 3.0)
_SIGNS = Lettering(MONO, 8.0)
_PITCH = 5.4

KEEP = (
    "Keep it sealed in an envelope, signed across the flap, in another building than the server and "
    "its backups. Whoever holds this sheet and a copy of the server’s files can read every record."
)
USE = (
    (
        "When no custodian can be reached: open the program’s page, choose “use the recovery sheet”, and type the "
        "groups with a space between them. The last sign of each group is a check: a slip is named at once. "
        "A scanner can read the square code instead."
    ),
    (
        "Afterwards make a new sheet at the server: flask --app wsgi lab keys new-recovery-sheet. "
        "It takes the place of this one. Then destroy this one."
    ),
)


@dataclass(frozen=True, slots=True)
class RecoverySheet:
    """All that stands on it. `groups` are eight groups of five signs; `site` '' leaves a line to write on."""

    node: str
    made: str
    site: str
    groups: tuple[str, ...]
    test_mark: bool = False


def recovery_sheet_pdf(sheet: RecoverySheet) -> bytes:
    """Draw it on one page."""
    if not sheet.groups or not all(_GROUP.fullmatch(group) for group in sheet.groups):
        raise CannotPrint("Each group has five signs, capitals and digits.", field="groups")
    paper = Paper(A4, "Recovery sheet")
    pen = paper.page().moved(_MARGIN, _MARGIN)
    _draw_head(pen, sheet)
    below = 42.0 + _draw_groups(pen.moved(0, 42.0), sheet.groups)
    side = _draw_code(pen.moved(0, below), "-".join(sheet.groups))
    _draw_text(pen.moved(side + 8.0, below + 4.0), _WIDE - side - 8.0, "How to keep it", (KEEP,))
    _draw_text(pen.moved(0, below + side + 12.0), _WIDE, "How to use it", USE)
    return paper.finish()


def _draw_head(pen: Pen, sheet: RecoverySheet) -> None:
    pen.write(0, 7.0, "Recovery sheet", _TITLE)
    marks.draw_stamps(pen, _WIDE, 1.0, marks.stamps(None, test_mark=sheet.test_mark), _STAMP)
    said = (
        ("node", "Node", sheet.node),
        ("made", "Made", sheet.made),
        ("site", "Site", sheet.site),
    )
    for place, (field, caption, value) in enumerate(said):
        baseline = 16.5 + 7.0 * place
        pen.write(0, baseline, caption, _BODY)
        if value:
            fitted = fit(
                value, field=field, room=_WIDE - 18, choices=letterings(BOLD, 4.2, 3.6, 3.0)
            )
            pen.write(18, baseline, fitted.lines[0], fitted.lettering)
        else:
            pen.line(18, baseline + 0.8, _WIDE, baseline + 0.8)


def _draw_groups(pen: Pen, groups: tuple[str, ...]) -> float:
    """Boxes of groups, four in a row; the height they take."""
    wide = (_WIDE - (_ACROSS - 1) * _BOX_GAP) / _ACROSS
    for place, group in enumerate(groups):
        row, column = divmod(place, _ACROSS)
        box = pen.moved(column * (wide + _BOX_GAP), row * _ROW)
        box.box(0, 0, wide, _ROW - 3.0, 0.3)
        box.write(1.2, 3.8, str(place + 1), _NUMBER)
        box.write_centred(wide / 2 + 1.5, 11.0, group, _SIGNS)
    return -(-len(groups) // _ACROSS) * _ROW + 2.0


def _draw_code(pen: Pen, text: str) -> float:
    """The square code with its white border; its side."""
    code = QRCode(None, QRErrorCorrectLevel.Q)
    code.addData(QRAlphaNum(text))
    code.make()
    count = code.getModuleCount()  # type: ignore[no-untyped-call]
    dark = [
        f"{x + _QUIET_MODULES} {count - 1 - y + _QUIET_MODULES} 1 1 re"
        for y in range(count)
        for x in range(count)
        if code.isDark(y, x)  # type: ignore[no-untyped-call]
    ]
    side: float = (count + 2 * _QUIET_MODULES) * _MODULE
    pen.stamp(-_QUIET_MODULES * _MODULE, side, (_MODULE, _MODULE), " ".join(dark))
    return side - _QUIET_MODULES * _MODULE


def _draw_text(pen: Pen, room: float, heading: str, texts: tuple[str, ...]) -> None:
    pen.write(0, 3.2, heading, _HEADING)
    baseline = 10.0
    for text in texts:
        for line in paragraphs(text, field="text", room=room, lettering=_BODY):
            pen.write(0, baseline, line, _BODY)
            baseline += _PITCH
        baseline += 2.0
