"""Text in other clothes: UTF-16, hexadecimal, base64 at any offset, escapes of URLs, HTML, JSON and mail, PDF text.

Everything here is bytes to bytes, of parts of a piece only where something of the kind stands.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator
from itertools import compress

_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_REACH_WIDE, _REACH = 96, 160  # bytes beside what was noticed
_BASE64 = bytes(
    c if chr(c).isascii() and chr(c).isalnum() else {43: 43, 47: 47, 45: 43, 95: 47}.get(c, 32)
    for c in range(256)
)  # also the alphabet for addresses, - and _
_HEX = re.compile(rb"[0-9A-Fa-f]{20,}")
_SHORTEST_BASE64 = 14  # signs: an NHS number by itself
_SHORTEST_HEX = 20
_LINE = 56  # signs from which a word may be one line of several
_OFFSETS = 4
_UUID_LENGTH, _UUID_SIGNS = 36, (8, 13, 18, 23)
_ESCAPES: tuple[tuple[bytes, re.Pattern[bytes]], ...] = (
    (b"%", re.compile(rb"%[0-9A-Fa-f]{2}")),
    (b"&", re.compile(rb"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}\d?);")),
    (b"\\u", re.compile(rb"\\u([0-9A-Fa-f]{4})")),
    (b"=", re.compile(rb"=[0-9A-F]{2}|=\r?\n")),
)
_SHOWN_TEXT = re.compile(rb"[)>\]]\s?T[jJ]\b")
_REACH_PDF = 1024
_PDF_STRING = re.compile(rb"<([0-9A-Fa-f\s]{2,})>|\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_KERNING = re.compile(rb"([)>])\s*-?\d{1,3}(?:\.\d+)?\s*([(<])")


def unwrapped(piece: bytes) -> Iterator[bytes]:
    """What a piece may also say."""
    if b"\x00" in piece:
        yield from _wide(piece)
    yield from _coded(piece)
    for sign, pattern in _ESCAPES:
        if sign in piece:
            found = b"\n".join(_unescape[sign](part) for part in _parts(piece, pattern, _REACH))
            if found:
                yield found
    if b"Tj" in piece or b"TJ" in piece:
        shown = b"\n".join(map(_pdf_text, _parts(piece, _SHOWN_TEXT, _REACH_PDF)))
        if shown:
            yield shown


def _parts(piece: bytes, pattern: re.Pattern[bytes], reach: int) -> Iterator[bytes]:
    """The surroundings of every match, run together where they touch."""
    begins = ends = -1
    for match in pattern.finditer(piece):
        if match.start() - reach > ends:
            if ends >= 0:
                yield piece[max(0, begins) : ends]
            begins = match.start() - reach
        ends = match.end() + reach
    if ends >= 0:
        yield piece[max(0, begins) : ends]


def _wide(piece: bytes) -> Iterator[bytes]:
    """UTF-16 of both kinds, at even and odd places."""
    regions: dict[int, list[list[int]]] = {0: [], 1: []}
    for match in _WIDE.finditer(piece):
        held = regions[match.start() % 2]
        if held and match.start() - _REACH_WIDE <= held[-1][1]:
            held[-1][1] = match.end() + _REACH_WIDE
        else:
            begins = match.start() - min(_REACH_WIDE, match.start() - match.start() % 2)
            held.append([begins, match.end() + _REACH_WIDE])
    little = [piece[a:b] for held in regions.values() for a, b in held]
    big = [piece[a - 1 if a else 1 : b] for held in regions.values() for a, b in held]
    for parts, coding in ((little, "utf-16-le"), (big, "utf-16-be")):
        if parts:
            texts = (part.decode(coding, "ignore") for part in parts)
            yield "\n".join(texts).encode("utf-8", "ignore")


def _coded(piece: bytes) -> Iterator[bytes]:
    """Hexadecimal at both offsets, base64 at all four."""
    every = piece.translate(_BASE64).split()
    long = compress(every, map(_SHORTEST_BASE64.__le__, map(len, every)))
    words = [word for word in long if len(word) >= _SHORTEST_HEX or not word.isdigit()]
    if not words:
        return
    hexes, others = [], []
    for word in _lines_joined(words):
        runs = _HEX.findall(word)
        hexes += runs
        if not runs or len(runs[0]) < len(word):
            others.append(word)
    for offset in (0, 1) if hexes else ():
        yield b"\n".join(bytes.fromhex(_even(run[offset:])) for run in hexes)
    for offset in range(_OFFSETS) if others else ():
        yield b"\n".join(_from_base64(word[offset:]) for word in others)


def _lines_joined(words: list[bytes]) -> Iterator[bytes]:
    """Words as long as lines belong together, with the shorter one that ends them; ids are left out."""
    held: list[bytes] = []
    for word in words:
        held.append(word)
        if len(word) < _LINE:
            joined = b"".join(held)
            held = []
            if not _is_id(joined):
                yield joined
    if held:
        yield b"".join(held)


def _is_id(word: bytes) -> bool:
    return len(word) == _UUID_LENGTH and all(word[at] == ord("+") for at in _UUID_SIGNS)


def _even(run: bytes) -> str:
    return run[: len(run) // 2 * 2].decode("ascii")


def _from_base64(word: bytes) -> bytes:
    tail = len(word) % 4
    if tail == 1:
        word = word[:-1]
    elif tail:
        word += b"=" * (4 - tail)
    try:
        return binascii.a2b_base64(word)
    except binascii.Error:
        return base64.b64decode(word[: len(word) // 4 * 4])


def _from_url(part: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(part.replace(b"+", b" "))


def _from_html(part: bytes) -> bytes:
    return html.unescape(part.decode("utf-8", "replace")).encode("utf-8", "ignore")


def _from_json(part: bytes) -> bytes:
    def letter(match: re.Match[bytes]) -> bytes:
        return chr(int(match[1], 16)).encode("utf-8", "ignore")

    return _ESCAPES[2][1].sub(letter, part)


def _from_mail(part: bytes) -> bytes:
    return binascii.a2b_qp(part)


_unescape: dict[bytes, Callable[[bytes], bytes]] = {
    b"%": _from_url,
    b"&": _from_html,
    b"\\u": _from_json,
    b"=": _from_mail,
}


def _pdf_text(piece: bytes) -> bytes:
    """The strings that a PDF's page shows; what kerning parted stands together again."""
    shown = []
    for match in _PDF_STRING.finditer(_KERNING.sub(_closed, piece)):
        if match[1] is not None:
            run = b"".join(match[1].split())
            shown.append(bytes.fromhex(_even(run)))
        else:
            shown.append(match[2].replace(b"\\", b""))
    return b" ".join(shown)


def _closed(match: re.Match[bytes]) -> bytes:
    """Two pieces of one word become one when both are of one kind."""
    same = (match[1], match[2]) in ((b")", b"("), (b">", b"<"))
    return b"" if same else match[0]
