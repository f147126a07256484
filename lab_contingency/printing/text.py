"""Fonts, which letters they have, and what fits. Sizes and widths are in mm."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from lab_contingency.printing.errors import CannotPrint

REGULAR = "DejaVuSansCondensed"
BOLD = "DejaVuSansCondensed-Bold"
OBLIQUE = "DejaVuSansCondensed-Oblique"
MONO = "DejaVuSansMono-Bold"

FONTS = Path(__file__).parent / "fonts"

# Invisible and control characters change what a reader makes of a line; letters written from the
# right would come out in the wrong order, because nothing here reorders them.
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_LAST_LETTER = 0xFFFF
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


@dataclass(frozen=True, slots=True)
class Lettering:
    """A font at a size; `size` is the em in mm, capitals are 0.73 of it."""

    font: str
    size: float

    @property
    def capital(self) -> float:
        """Height of a capital letter, mm."""
        return self.size * 0.729


class Fitted(NamedTuple):
    """Lines of text that were measured and fit, in the lettering they fit in."""

    lines: tuple[str, ...]
    lettering: Lettering


@cache
def typeface(font: str) -> TTFont:
    """Load and register a font, once in a process."""
    # Plain letters keep their own codes in the file: fragments of a paper found outside can be matched.
    loaded = TTFont(font, str(FONTS / f"{font}.ttf"), asciiReadable=1)
    pdfmetrics.registerFont(loaded)
    return loaded


@cache
def widths(font: str) -> Mapping[str, float]:
    """List the letters `font` can print, each with its width as a part of the size."""
    face = typeface(font).face
    every = {chr(code): face.charWidths[code] / 1000 for code in face.charToGlyph}
    return {letter: width for letter, width in every.items() if _is_printable(letter, width)}


def _is_printable(letter: str, width: float) -> bool:
    # A combining accent that takes up room would stand beside its letter instead of on it. Beyond U+FFFF
    # (signs, emoji) the library writes a letter into the file that nobody could copy out or search for.
    return (
        ord(letter) <= _LAST_LETTER
        and unicodedata.category(letter) not in _UNPRINTABLE_CATEGORIES
        and unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT
        and not (unicodedata.combining(letter) and width)
    )


def clean(text: str, *, field: str, font: str) -> str:
    """`text` with accents composed (NFC); refuses what the font cannot show exactly."""
    if text.isascii() and text.isprintable():
        return text  # every font here has these
    composed = unicodedata.normalize("NFC", text)
    known = widths(font)
    for letter in composed:
        if letter not in known:
            raise CannotPrint(_refusal(letter), field=field)
    return composed


def _refusal(letter: str) -> str:
    name = unicodedata.name(letter, "a control character")
    return (
        f"This cannot be printed: U+{ord(letter):04X} {name}. "
        "Write it in letters the printer has, as on the wristband or passport."
    )


def can_show(text: str, font: str) -> bool:
    """Whether the font has every letter of `text`."""
    known = widths(font)
    return all(letter in known for letter in unicodedata.normalize("NFC", text))


def width(text: str, lettering: Lettering) -> float:
    """Width of cleaned `text` in mm. Widths are kept by letter: no name stays in memory for it."""
    known = widths(lettering.font)
    return sum(map(known.__getitem__, text)) * lettering.size


@cache
def _outline(font: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"{font}.ttf"), 1000)


@cache
def _letter_reach(font: str, letter: str) -> tuple[float, float]:
    _, top, _, bottom = _outline(font).getbbox(letter, anchor="ls")
    return -top / 1000, bottom / 1000


def reach(text: str, lettering: Lettering) -> tuple[float, float]:
    """How far cleaned `text` reaches above and below its baseline, mm: accents on capitals are high."""
    found = [_letter_reach(lettering.font, letter) for letter in set(text)]
    up, down = max(up for up, _ in found), max(down for _, down in found)
    return up * lettering.size, down * lettering.size


def wrap(text: str, lettering: Lettering, room: float) -> tuple[str, ...] | None:
    """Break cleaned `text` into lines of `room` mm at spaces, hyphens and slashes, or None."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width((line + piece).rstrip(), lettering) > room:
            lines.append(line.rstrip())
            line = ""
        if width(piece.rstrip(), lettering) > room:
            return None
        line += piece
    return (*lines, line.rstrip())


def _pieces(text: str) -> list[str]:
    """Words with the space or hyphen that ends them: joined again they are `text`."""
    pieces = [""]
    for letter, following in pairwise(f"{text} "):
        pieces[-1] += letter
        if letter in " -/–" and following != " ":
            pieces.append("")
    return pieces


def fit(
    text: str,
    *,
    field: str,
    room: float,
    choices: Sequence[Lettering],
    lines: int = 1,
) -> Fitted:
    """Choose the first lettering of `choices` in which `text` fits `lines` lines of `room` mm."""
    for lettering in choices:
        fitted = fit_in(text, field=field, room=room, lettering=lettering, lines=lines)
        if fitted:
            return fitted
    raise CannotPrint(too_long(text, lines), field=field)


def fit_in(
    text: str, *, field: str, room: float, lettering: Lettering, lines: int = 1
) -> Fitted | None:
    """`text` over at most `lines` lines of `room` mm in one lettering, or None."""
    ready = clean(text, field=field, font=lettering.font)
    if width(ready, lettering) <= room:
        return Fitted((ready,), lettering)
    wrapped = wrap(ready, lettering, room) if lines > 1 else None
    if wrapped is None or len(wrapped) > lines:
        return None
    return Fitted(wrapped, lettering)


def too_long(text: str, lines: int = 1) -> str:
    """Write the sentence for text that does not fit; it repeats nothing of the text."""
    return (
        f"Too long to print: {len(text)} characters do not fit {_in_lines(lines)}. "
        "Shorten it, or write this one by hand."
    )


def _in_lines(lines: int) -> str:
    return "one line" if lines == 1 else f"{lines} lines"


def paragraphs(text: str, *, field: str, room: float, lettering: Lettering) -> tuple[str, ...]:
    """Text of any length, with its own line breaks, wrapped into lines of `room` mm."""
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").split("\n"):
        ready = clean(paragraph, field=field, font=lettering.font)
        wrapped = wrap(ready, lettering, room)
        if wrapped is None:
            raise CannotPrint(too_long(paragraph), field=field)
        lines += wrapped
    return tuple(lines)


def letterings(font: str, *sizes: float) -> tuple[Lettering, ...]:
    """One font in several sizes (mm), the preferred first."""
    return tuple(Lettering(font, size) for size in sizes)
