"""Looking for planted values in raw bytes: as they are, and in every wrapping a program may give them.

Instead of wrapping each value in each way, everything that could be a wrapping is opened and searched. What
is opened from one piece is put together before it is searched, so that a large database takes seconds.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

_SHORTEST = 6
_STEM = 3
_HEX = re.compile(rb"[0-9a-fA-F]{12,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{8,}(?:\r?\n[A-Za-z0-9+/]{8,})*")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_ESCAPED = re.compile(rb"\\+u([0-9a-fA-F]{4})")
_ENTITY = re.compile(rb"&#(x?)([0-9a-fA-F]{2,6});")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_EMPTY = re.compile(rb"\x00{64,}")
_ASCII85_NOT = re.compile(rb"[^!-uz\s]")
_DIGITS = re.compile(rb"[0-9](?:[ -]?[0-9]){9,}")
_WIDE_DIGITS = re.compile(rb"[0-9](?:\x00(?:[ -]\x00)?[0-9]){9,}")
_DEPTH = 3
_MOST_INFLATED = 8 * 1024 * 1024
_CHUNK = 16 * 1024
_BETWEEN = b"\n\xff\n"


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


@dataclass(frozen=True)
class _Needle:
    """The first signs of words in one encoding and direction, in small letters."""

    raw: bytes
    encoding: str
    backwards: bool

    @property
    def wide(self) -> bool:
        return self.encoding.startswith("utf-16")


class Scanner:
    """Finds planted values in bytes."""

    def __init__(self, planted: Planted) -> None:
        self.planted = planted
        self._words = {word.casefold(): word for word in planted.words}
        self._numbers = planted.numbers
        self._lengths = sorted({len(word) for word in self._words}, reverse=True)
        self._longest = max(self._lengths, default=0)
        self._needles = _needles({word[:_STEM] for word in self._words})

    def files(self, files: Iterable[Path]) -> list[Hit]:
        """Everything in these files, once each; a server's file may go while they are read."""
        found: set[Hit] = set()
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                found |= self.bytes(file.read_bytes(), str(file.name))
        return sorted(found)

    def bytes(self, raw: bytes, where: str) -> set[Hit]:
        """Everything in these bytes; what is only zeros is not looked at."""
        return set(self._search(_EMPTY.sub(bytes(4), raw), where, "as it is", 0))

    def _search(self, raw: bytes, where: str, how: str, depth: int) -> Iterator[Hit]:
        for value in {*self._words_in(raw), *self._numbers_in(raw)}:
            yield Hit(value, where, how)
        if depth < _DEPTH:
            for name, open_all in _WRAPPINGS if depth == 0 else _WITHIN:
                opened = _BETWEEN.join(each for each in open_all(raw) if len(each) >= _SHORTEST)
                if opened:
                    yield from self._search(opened, where, f"{how}, {name}", depth + 1)

    def _words_in(self, raw: bytes) -> Iterator[str]:
        """A stem first, then the whole word at its place."""
        small, wide = raw.lower(), b"\x00" in raw
        for needle in self._needles:
            if needle.wide and not wide:
                continue
            at = small.find(needle.raw)
            while at >= 0:
                yield from self._whole_word(raw, at, needle)
                at = small.find(needle.raw, at + 1)

    def _whole_word(self, raw: bytes, at: int, needle: _Needle) -> Iterator[str]:
        most = 4 * self._longest
        if needle.backwards:
            end = at + len(needle.raw)
            begin = max(0, end - most)
            begin += (end - begin) % 2 if needle.wide else 0
            text = raw[begin:end].decode(needle.encoding, errors="replace")[::-1]
        else:
            text = raw[at : at + most].decode(needle.encoding, errors="replace")
        folded = text.casefold()
        for length in self._lengths:
            if word := self._words.get(folded[:length]):
                yield word

    def _numbers_in(self, raw: bytes) -> Iterator[str]:
        if not self._numbers:
            return
        patterns = (_DIGITS, _WIDE_DIGITS) if b"\x00" in raw else (_DIGITS,)
        for match in itertools.chain.from_iterable(each.finditer(raw) for each in patterns):
            digits = re.sub(rb"[^0-9]", b"", match.group()).decode()
            for side in (digits, digits[::-1]):
                for start in range(len(side) - 9):
                    if side[start : start + 10] in self._numbers:
                        yield side[start : start + 10]


def _needles(stems: Iterable[str]) -> tuple[_Needle, ...]:
    found = set()
    for stem in stems:
        for signs in itertools.product(*({each, each.upper()} for each in stem)):
            for backwards in (False, True):
                text = "".join(reversed(signs) if backwards else signs)
                for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                    found.add(_Needle(text.encode(encoding).lower(), encoding, backwards))
    return tuple(sorted(found, key=lambda each: (each.raw, each.encoding)))


def _from_hex(raw: bytes) -> Iterator[bytes]:
    runs = [match.group() for match in _HEX.finditer(raw)]
    for start in (0, 1):
        even = (run[start : start + (len(run) - start) // 2 * 2] for run in runs)
        yield binascii.unhexlify(b"0aff0a".join(even))


def _from_base64(raw: bytes) -> Iterator[bytes]:
    plain = raw.translate(_URL_SAFE)
    runs = [re.sub(rb"[\r\n]", b"", match.group()) for match in _BASE64.finditer(plain)]
    for start in range(4):
        yield base64.b64decode(b"".join(_filled_up(run[start:]) for run in runs))


def _filled_up(run: bytes) -> bytes:
    """To whole groups of four, and a group between this run and the next."""
    return run + b"A" * (-len(run) % 4) + b"Cv8K"


def _from_percent(raw: bytes) -> Iterator[bytes]:
    if _PERCENT.search(raw):
        yield unquote_to_bytes(raw)


def _from_escapes(raw: bytes) -> Iterator[bytes]:
    """`\\u017b` of JSON and `&#379;` of HTML."""
    if _ESCAPED.search(raw):
        yield _ESCAPED.sub(lambda found: _sign(int(found[1], 16)), raw)
    if _ENTITY.search(raw):
        yield _ENTITY.sub(_of_entity, raw)


def _of_entity(found: re.Match[bytes]) -> bytes:
    try:
        return _sign(int(found[2], 16 if found[1] else 10))
    except ValueError:
        return found[0]


def _sign(point: int) -> bytes:
    return chr(point).encode("utf-8", errors="replace") if point <= 0x10FFFF else b"?"


def _inflated(raw: bytes) -> Iterator[bytes]:
    view = memoryview(raw)
    for match in _ZLIB.finditer(raw):
        yield _inflated_from(view[match.start() :])


def _inflated_from(view: memoryview) -> bytes:
    """As far as it goes: a stream that is cut off or spoilt still shows its beginning."""
    engine, out, at, size = zlib.decompressobj(wbits=47), bytearray(), 0, 256
    while at < len(view) and not engine.eof and len(out) < _MOST_INFLATED:
        before, piece = engine.copy(), view[at : at + size]
        try:
            out += engine.decompress(piece)
        except zlib.error:
            return bytes(out + _byte_by_byte(before, piece))
        at, size = at + size, _CHUNK
    return bytes(out)


def _byte_by_byte(engine: zlib._Decompress, piece: memoryview) -> bytearray:
    out = bytearray()
    try:
        for at in range(len(piece)):
            out += engine.decompress(piece[at : at + 1])
    except zlib.error:
        pass
    return out


def _from_ascii85(raw: bytes) -> Iterator[bytes]:
    at = raw.find(b"~>")
    while at >= 0:
        text = _ascii85_before(raw, at).rpartition(b"stream")[2].strip()
        try:
            opened = base64.a85decode(text.removeprefix(b"<~"))
        except ValueError:
            opened = b""
        yield opened
        yield from _inflated(opened)
        at = raw.find(b"~>", at + 2)


def _ascii85_before(raw: bytes, end: int) -> bytes:
    """What stands before `end` and is made of its signs only; looked for in ever longer steps."""
    size = _CHUNK
    while True:
        begin = max(0, end - size)
        parts = _ASCII85_NOT.split(raw[begin:end])
        if len(parts) > 1 or begin == 0 or size >= _MOST_INFLATED:
            return parts[-1]
        size *= 4


_Wrapping = tuple[str, Callable[[bytes], Iterator[bytes]]]
_WITHIN: tuple[_Wrapping, ...] = (
    ("hex", _from_hex),
    ("base64", _from_base64),
    ("inflated", _inflated),
)
_WRAPPINGS: tuple[_Wrapping, ...] = (
    *_WITHIN,
    ("percent", _from_percent),
    ("escapes", _from_escapes),
    ("ascii85", _from_ascii85),
)
