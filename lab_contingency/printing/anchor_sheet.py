"""The anchor sheet, A4: five words, a code and everything to scan; signed by two and kept elsewhere. Places in mm."""

from lab_contingency.printing import marks
from lab_contingency.printing.content import AnchorSheet
from lab_contingency.printing.paper import Paper, Pen
from lab_contingency.printing.qr import draw_qr, qr_rows, qr_width
from lab_contingency.printing.stock import A4
from lab_contingency.printing.text import (
    BOLD,
    MONO,
    REGULAR,
    Fitted,
    Lettering,
    fit,
    letterings,
    paragraphs,
)

_LEFT, _TOP = 18.0, 16.0
_WIDE = A4.width - 2 * _LEFT
_STAMP = 3.6
_CAPTION = Lettering(REGULAR, 3.2)
_TEXT = Lettering(REGULAR, 4.0)
_SMALL = Lettering(MONO, 2.6)
_WORDS_TOP, _WORDS_HIGH = 28.0, 62.0
_LOWER = 104.0
_SIGN = 190.0
_HEXADECIMAL_LINE = 32


def anchor_sheet_pdf(sheet: AnchorSheet) -> bytes:
    """Draw the sheet; CannotPrint names what does not fit."""
    paper = Paper(A4, sheet.title)
    pen = paper.page().moved(_LEFT, _TOP)
    _draw_heading(pen, sheet)
    _draw_words(pen.moved(0, _WORDS_TOP), sheet)
    _draw_explained(pen.moved(0, _LOWER), sheet)
    _draw_signing(pen.moved(0, _SIGN))
    _draw_foot(pen.moved(0, A4.height - _TOP - 14.0), sheet)
    return paper.finish()


def _draw_heading(pen: Pen, sheet: AnchorSheet) -> None:
    stamps = marks.stamps(sheet.made.copy_reason, test_mark=sheet.made.test_mark)
    room = _WIDE - marks.stamps_width(stamps, _STAMP)
    title = fit(sheet.title, field="title", room=room, choices=letterings(BOLD, 8.4, 7.0))
    pen.write(0, 7.0, title.lines[0], title.lettering)
    marks.draw_stamps(pen, _WIDE, 2.0, stamps, _STAMP)
    place = fit(sheet.place, field="place", room=_WIDE, choices=letterings(REGULAR, 4.0, 3.4, 2.8))
    pen.write(0, 14.0, place.lines[0], place.lettering)
    taken = f"{sheet.checkpoint} · {sheet.taken}"
    said = fit(taken, field="taken", room=_WIDE, choices=letterings(BOLD, 4.4, 3.8, 3.2))
    pen.write(0, 21.0, said.lines[0], said.lettering)


def _draw_words(pen: Pen, sheet: AnchorSheet) -> None:
    """Three words to a line, large enough to read out across a room."""
    pen.box(0, 0, _WIDE, _WORDS_HIGH, 0.7)
    lettering = Lettering(MONO, 13.0)
    for place in range(0, len(sheet.words), 3):
        line = "  ".join(sheet.words[place : place + 3])
        said = fit(line, field="words", room=_WIDE - 8, choices=(lettering,))
        pen.write(6, 17.0 + 6.0 * place, said.lines[0], lettering)
    pen.line(6, 44.0, _WIDE - 6, 44.0, thick=0.2, grey=0.4)
    code = fit(sheet.code, field="code", room=_WIDE - 12, choices=letterings(MONO, 10.0, 9.0))
    pen.write(6, 55.5, code.lines[0], code.lettering)


def _draw_explained(pen: Pen, sheet: AnchorSheet) -> None:
    rows = qr_rows(sheet.scanned)
    wide = qr_width(rows)
    draw_qr(pen, _WIDE - wide, -4.0, rows)
    y, room = 0.0, _WIDE - wide - 4.0
    for paragraph in sheet.explained:
        lines = paragraphs(paragraph, field="explained", room=room, lettering=_TEXT)
        pen.write_lines(0, y + 3.4, Fitted(lines, _TEXT), 5.2)
        y += 5.2 * len(lines) + 2.4
    y = max(y, wide - 2.0)
    for caption, value in (
        ("digest", sheet.digest),
        ("signature", sheet.signature),
        ("public key", sheet.public_key),
    ):
        pen.write(0, y + 2.6, caption, _CAPTION)
        lines = _in_lines(value)
        pen.write_lines(24.0, y + 2.6, Fitted(lines, _SMALL), 4.2)
        y += 4.2 * len(lines) + 1.6


def _in_lines(value: str) -> tuple[str, ...]:
    """Hexadecimal digits in groups of four, eight groups to a line."""
    groups = [value[place : place + 4] for place in range(0, len(value), 4)]
    size = _HEXADECIMAL_LINE // 2
    return tuple(" ".join(groups[place : place + size]) for place in range(0, len(groups), size))


def _draw_signing(pen: Pen) -> None:
    half = (_WIDE - 8.0) / 2
    for place, who in enumerate(("printed by", "seen by a second person")):
        left = place * (half + 8.0)
        pen.write(left, 3.0, who, Lettering(BOLD, 3.6))
        for down, caption in enumerate(("name", "signature", "date and time")):
            y = 13.0 + 10.0 * down
            pen.write(left, y, caption, _CAPTION)
            pen.line(left + 24.0, y, left + half, y, thick=0.2)
    pen.write(0, 46.0, "kept at", _CAPTION)
    pen.line(24.0, 46.0, _WIDE, 46.0, thick=0.2)


def _draw_foot(pen: Pen, sheet: AnchorSheet) -> None:
    copied = f" · copy: {sheet.made.copy_reason}" if sheet.made.copy_reason else ""
    said = fit(
        f"{sheet.made.printed} · {sheet.made.copy_number}{copied} · no patient’s data on this sheet",
        field="printed",
        room=_WIDE,
        choices=letterings(REGULAR, 2.8, 2.4, 2.2),
    )
    pen.line(0, 0, _WIDE, 0, thick=0.2)
    pen.write(0, 4.0, said.lines[0], said.lettering)
