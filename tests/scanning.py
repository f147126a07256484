"""Looking for planted values in raw bytes: as they are, and in every wrapping a program may give them.

Instead of wrapping each value in each way, everything that could be a wrapping is opened and searched.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

_SHORTEST = 6
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_ASCII85_END = re.compile(rb"~>")
_EMPTY = re.compile(rb"\x00{64,}")
_ASCII85_NOT = re.compile(rb"[^!-uz\s]")
_DEPTH = 3
_MOST_INFLATED = 8 * 1024 * 1024


@dataclass(frozen=True)
class Planted:
    """What must not be found: words (letters, any case) and numbers (digits, however grouped)."""

    words: frozenset[str]
    numbers: frozenset[str]

    def __post_init__(self) -> None:
        short = [each for each in (*self.words, *self.numbers) if len(each) < _SHORTEST]
        if short:
            raise ValueError(f"too short to be unmistakable: {short}")


@dataclass(frozen=True, order=True)
class Hit:
    """A planted value, where it was found, and through which wrappings."""

    value: str
    where: str
    how: str


class Scanner:
    """Finds planted values in bytes."""

    def __init__(self, planted: Planted) -> None:
        self._words = {_folded(word): word for word in planted.words}
        self._numbers = planted.numbers
        self._stems = _pattern({word[:_SHORTEST] for word in self._words})
        self._longest = max(map(len, self._words), default=0)

    def files(self, files: Iterable[Path]) -> list[Hit]:
        """Everything in these files, once each."""
        found = {hit for file in files for hit in self.bytes(file.read_bytes(), str(file.name))}
        return sorted(found)

    def bytes(self, raw: bytes, where: str) -> set[Hit]:
        """Everything in these bytes; what is only zeros is not looked at."""
        return set(self._search(_EMPTY.sub(bytes(4), raw), where, "as it is", 0))

    def _search(self, raw: bytes, where: str, how: str, depth: int) -> Iterator[Hit]:
        for text in _texts(raw):
            for value in (*self._words_in(text), *self._numbers_in(text)):
                yield Hit(value, where, how)
        if depth < _DEPTH:
            for wrapping, opened in _opened(raw, outermost=depth == 0):
                yield from self._search(opened, where, f"{how}, {wrapping}", depth + 1)

    def _words_in(self, text: str) -> Iterator[str]:
        """A stem first: one pattern for all, then the whole word at its place."""
        for side in (text, text[::-1]):
            for match in self._stems.finditer(side):
                part = side[match.start() : match.start() + self._longest]
                yield from (word for folded, word in self._words.items() if part.startswith(folded))

    def _numbers_in(self, text: str) -> Iterator[str]:
        for match in re.finditer(r"\d(?:[ -]?\d){9,}", text):
            digits = re.sub(r"\D", "", match.group())
            for side in (digits, digits[::-1]):
                for start in range(len(side) - 9):
                    if side[start : start + 10] in self._numbers:
                        yield side[start : start + 10]


def _folded(text: str) -> str:
    return text.casefold()


def _pattern(stems: set[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, stems))) or r"(?!)")


def _texts(raw: bytes) -> Iterator[str]:
    """The bytes as text in the encodings that programs use."""
    yield _folded(raw.decode("utf-8", errors="replace"))
    if b"\x00" in raw:
        for start in (0, 1):
            yield _folded(raw[start:].decode("utf-16-le", errors="replace"))
            yield _folded(raw[start:].decode("utf-16-be", errors="replace"))


def _opened(raw: bytes, *, outermost: bool) -> Iterator[tuple[str, bytes]]:
    for name, pattern, open_all in _WRAPPINGS if outermost else _WITHIN:
        for match in pattern.finditer(raw):
            for opened in open_all(raw, match):
                if len(opened) >= _SHORTEST:
                    yield name, opened


def _from_hex(_raw: bytes, match: re.Match[bytes]) -> Iterator[bytes]:
    for start in (0, 1):
        text = match.group()[start:]
        yield binascii.unhexlify(text[: len(text) // 2 * 2])


def _from_base64(_raw: bytes, match: re.Match[bytes]) -> Iterator[bytes]:
    whole = match.group().replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        text = whole[start:]
        yield base64.b64decode(text[: len(text) // 4 * 4])


def _from_percent(raw: bytes, match: re.Match[bytes]) -> Iterator[bytes]:
    if _PERCENT.search(raw, 0, match.start()) is None:  # the first one opens all of them
        yield unquote_to_bytes(raw)


def _inflated(raw: bytes, match: re.Match[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(wbits=47)  # zlib or gzip by its header
    try:
        yield engine.decompress(raw[match.start() :], _MOST_INFLATED)
    except zlib.error:
        return


def _from_ascii85(raw: bytes, match: re.Match[bytes]) -> Iterator[bytes]:
    before = raw[max(0, match.start() - _MOST_INFLATED) : match.start()]
    text = _ASCII85_NOT.split(before)[-1].rpartition(b"stream")[2].strip()
    try:
        yield base64.a85decode(text.removeprefix(b"<~"))
    except ValueError:
        return


_WRAPPINGS = (
    ("hex", _HEX, _from_hex),
    ("base64", _BASE64, _from_base64),
    ("percent", _PERCENT, _from_percent),
    ("inflated", _ZLIB, _inflated),
    ("ascii85", _ASCII85_END, _from_ascii85),
)
_WITHIN = tuple(each for each in _WRAPPINGS if each[0] in {"hex", "base64", "inflated"})
