"""Reading a stream piece by piece in bounded memory: as it stands, unwrapped, and inflated."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lab_contingency.oversight.matching.known import Known
from lab_contingency.oversight.matching.scanning import Finding, Scanner
from lab_contingency.oversight.matching.unwrapping import unwrapped

PIECE = 4 * 1024 * 1024
_CARRY = 4096  # bytes of the last piece read again with the next
_STEP = 4096
_HEADER = 64  # bytes within which a stream's header ends, names aside
_BEGINNINGS = (b"\x1f\x8b\x08", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"PK\x03\x04")
_ZIP_FIXED, _ZIP_DEFLATED = 30, 8
_OPEN_AT_ONCE = 8


@dataclass(slots=True)
class Caps:
    """How much is unwrapped at most: bytes of one stream, bytes in all (used up as it goes), wrappings in wrappings."""

    stream: int = 256 * 1024 * 1024
    left: int = 4 * 1024 * 1024 * 1024
    depth: int = 3


class _Inflater:
    """One compressed stream and the reader of what comes out of it."""

    def __init__(self, bits: int, reader: Reader, caps: Caps) -> None:
        self._machine = zlib.decompressobj(wbits=bits)
        self._reader = reader
        self._caps = caps
        self._room = min(caps.stream, caps.left)
        self.over = False
        self.came = 0

    def feed(self, data: bytes) -> None:
        """The next compressed bytes; a broken stream gives what stood before the break."""
        for start in range(0, len(data), _STEP):
            if self.over:
                return
            self._step(data[start : start + _STEP])

    def _step(self, data: bytes) -> None:
        before = self._machine.copy()
        try:
            out = self._machine.decompress(data, self._room + 1)
        except zlib.error:
            self.over = True
            self._machine = before
            out = self._until_broken(data)
        self._take(out)
        self.over = self.over or self._machine.eof

    def _until_broken(self, data: bytes) -> bytes:
        out = bytearray()
        for at in range(len(data)):
            try:
                out += self._machine.decompress(data[at : at + 1], self._room + 1)
            except zlib.error:
                break
        return bytes(out)

    def _take(self, out: bytes) -> None:
        if len(out) > self._room or self._machine.unconsumed_tail:
            self._reader.finding.capped = True
            self.over = True
            out = out[: self._room]
        self.came += len(out)
        self._room -= len(out)
        self._caps.left -= len(out)
        if out:
            self._reader.feed(out)

    def finish(self) -> None:
        """No more comes."""
        self._reader.finish()


class Reader:
    """Takes a stream in pieces of any size and finds what is known in it."""

    def __init__(self, scanner: Scanner, caps: Caps, depth: int = 0) -> None:
        self._scanner = scanner
        self._caps = caps
        self._depth = depth
        self._waiting: list[bytes] = []
        self._waits = 0
        self._carry = b""
        self._unseen = 0  # bytes at the end of the carry in which no header was looked for yet
        self._open: list[_Inflater] = []

    @property
    def finding(self) -> Finding:
        """What was found so far."""
        return self._scanner.finding

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        self._waiting.append(data)
        self._waits += len(data)
        if self._waits >= PIECE:
            self._work(last=False)

    def finish(self) -> None:
        """No more comes: look through the rest."""
        if self._waits or self._unseen:
            self._work(last=True)
        for stream in self._open:
            stream.finish()
        self._open = []

    def _work(self, *, last: bool) -> None:
        fresh = b"".join(self._waiting)
        self._waiting, self._waits = [], 0
        piece = self._carry + fresh
        self._scanner.scan(piece)
        if self._depth < self._caps.depth:
            for other in unwrapped(piece):
                inner = Reader(self._scanner, self._caps, self._depth + 1)
                inner.feed(other)
                inner.finish()
            self._inflate(piece, fresh, last=last)
        self._carry = piece[-_CARRY:]

    def _inflate(self, piece: bytes, fresh: bytes, *, last: bool) -> None:
        for stream in self._open:
            stream.feed(fresh)
        self._close()
        begins = len(self._carry) - self._unseen
        ends = len(piece) if last else max(begins, len(piece) - _HEADER)
        self._unseen = len(piece) - ends
        for at in _noticed(piece, begins, ends):
            if self._caps.left > 0:
                self._begin(piece, at)

    def _begin(self, piece: bytes, at: int) -> None:
        found = _beginning(piece, at)
        if found is None:
            return
        bits, start = found
        stream = _Inflater(bits, Reader(self._scanner, self._caps, self._depth + 1), self._caps)
        stream.feed(piece[start : start + _STEP])  # most that look like a header are none
        if not stream.over:
            stream.feed(piece[start + _STEP :])
        self._open.append(stream)
        self._close()

    def _close(self) -> None:
        for stream in [one for one in self._open if one.over]:
            stream.finish()
        still = [one for one in self._open if not one.over]
        for stream in still[:-_OPEN_AT_ONCE]:
            stream.finish()
        self._open = still[-_OPEN_AT_ONCE:]


def _noticed(piece: bytes, begins: int, ends: int) -> list[int]:
    """Where a stream may begin."""
    found = []
    for sign in _BEGINNINGS:
        at = piece.find(sign, begins)
        while 0 <= at < ends:
            found.append(at)
            at = piece.find(sign, at + 1)
    return sorted(found)


def _beginning(piece: bytes, at: int) -> tuple[int, int] | None:
    """(window bits for zlib, where its bytes begin) of a stream, or None when it is none."""
    if piece[at] == 0x78:  # noqa: PLR2004 - zlib
        return 15, at
    if piece[at] == 0x1F:  # noqa: PLR2004 - gzip
        return 31, at
    header = piece[at : at + _ZIP_FIXED]
    if len(header) < _ZIP_FIXED or int.from_bytes(header[8:10], "little") != _ZIP_DEFLATED:
        return None
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return -15, at + _ZIP_FIXED + names


Progress = Callable[[int], None]


def match_streams(
    known: Known, streams: Iterable[Iterable[bytes]], caps: Caps, progress: Progress | None = None
) -> Finding:
    """Look through streams of bytes, each given in pieces; `progress` is told the bytes read so far."""
    scanner = Scanner(known)
    for stream in streams:
        reader = Reader(scanner, caps)
        for piece in stream:
            reader.feed(piece)
            scanner.finding.size += len(piece)
            if progress:
                progress(scanner.finding.size)
        reader.finish()
    return scanner.finding


def pieces_of(data: bytes) -> Iterator[bytes]:
    """Bytes in memory as a stream."""
    yield from (data[start : start + PIECE] for start in range(0, len(data), PIECE))
