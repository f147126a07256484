"""A sheet of emergency codes, one strip an envelope: cut along the dashes, fold, seal. Sizes in mm."""

from dataclasses import dataclass

from lab_contingency.printing import marks
from lab_contingency.printing.errors import CannotPrint
from lab_contingency.printing.paper import TINT, Paper, Pen
from lab_contingency.printing.stock import A4
from lab_contingency.printing.text import BOLD, MONO, REGULAR, Lettering, clean

_TOP = 10.0
_HEAD = 21.0
_STRIP = 48.0
_MOST = 5
_WIDE = A4.width - 2 * A4.margin
_TITLE = Lettering(BOLD, 5.6)
_TEXT = Lettering(REGULAR, 3.4)
_STRONG = Lettering(BOLD, 4.4)
_CODE = Lettering(MONO, 9.0)
_STAMP = 3.2


@dataclass(frozen=True, slots=True)
class EmergencySheet:
    """Codes in the order of their numbers; `sheet` is the sheet's own short name."""

    sheet: str
    codes: tuple[str, ...]
    printed: str
    test_mark: bool = False


def emergency_sheet_pdf(sheet: EmergencySheet) -> bytes:
    """Draw the sheet, one page of five strips at most."""
    if not 0 < len(sheet.codes) <= _MOST:
        raise CannotPrint("A sheet has one to five codes.", field="codes")
    paper = Paper(A4, "Emergency codes")
    pen = paper.page().moved(A4.margin, _TOP)
    pen.write(
        0, 5.0, f"Emergency codes, sheet {clean(sheet.sheet, field='sheet', font=BOLD)}", _TITLE
    )
    words = marks.stamps(None, test_mark=sheet.test_mark)
    marks.draw_stamps(pen, _WIDE, 1.0, words, _STAMP)
    pen.write(0, 11.0, clean(sheet.printed, field="printed", font=REGULAR), _TEXT)
    pen.write(
        0,
        16.0,
        "Cut along the dashes, fold with the code inside, seal each in its own envelope. Older sheets no longer open anything.",
        _TEXT,
    )
    for place, code in enumerate(sheet.codes):
        _draw_strip(pen.moved(0, _HEAD + place * (_STRIP + 2.0)), sheet, place + 1, code)
    return paper.finish()


def _draw_strip(pen: Pen, sheet: EmergencySheet, number: int, code: str) -> None:
    pen.dashed(((0, 0), (_WIDE, 0)))
    pen.fill(0, 3.0, _WIDE, 7.0, TINT)
    pen.write(3.0, 8.0, f"Envelope {number} of sheet {sheet.sheet}", _STRONG)
    pen.write_right(_WIDE - 3.0, 7.8, "Opens one sign-in of 60 minutes, once", _TEXT)
    pen.write_centred(_WIDE / 2, 22.5, code, _CODE)
    pen.write(
        3.0, 31.5, "On the sign-in page choose “Open an emergency envelope”, type this code,", _TEXT
    )
    pen.write(3.0, 36.2, "your own name and why. Every administrator sees it at once.", _TEXT)
    pen.write(3.0, 44.0, "Opened by ______________________________   at ____________", _TEXT)
    if number == len(sheet.codes):
        pen.dashed(((0, _STRIP + 1.0), (_WIDE, _STRIP + 1.0)))
