"""The sealed journal: a file of fixed size that takes what was shown while the database cannot record.

It is written full of zeros at the start, so that a full disk cannot stop it. A header is followed by frames:

    frame   = magic 4 · length 4 · key version 4 · number 8 · CRC-32 of these 4 · nonce 12 · sealed rows
    sealed  = AES-256-GCM with a key derived (HKDF) from the audit key; head and file id are bound into it

Frames begin at whole sectors of 512 bytes, so that one that was torn or damaged hides no other. What is not
zero is never written over. A frame is on the disk before `write` returns; threads and processes take turns
by a lock on the file.
"""

from __future__ import annotations

import json
import os
import secrets
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SIZE = 4 * 1024 * 1024
_MAGIC, _FRAME = b"LABJRNL1", b"FRAM"
_HEADER = struct.Struct(">8s16sQ")  # magic, id of the file, number of the next frame
_HEAD = struct.Struct(">4sIIQ")
_CRC = struct.Struct(">I")
_HEAD_SIZE = _HEAD.size + _CRC.size
_SECTOR = 512
_START = _SECTOR  # frames begin after the header's own sector
_NONCE = 12
_KeyOf = Callable[[int | None], tuple[int, bytes]]


class JournalFull(Exception):
    """No room for another frame, or the file cannot be written."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows that were written together. `rows` None: the frame does not open, it was changed or torn.

    `number` is 0 where not even the head can be read.
    """

    number: int
    rows: tuple[dict[str, Any], ...] | None


class Journal:
    """The file. `key_of(None)` is the audit key that writes now with its version, `key_of(n)` version n."""

    def __init__(self, path: Path, key_of: _KeyOf, size: int = SIZE) -> None:
        self._path, self._key_of, self._size = path, key_of, size

    def prepare(self) -> Path | None:
        """Make the file, all zeros and on the disk. Where a damaged one was set aside, if there was one."""
        aside = None
        if self._path.exists():
            with self._path.open("rb") as held:
                if _header(held.read(_START)) and self._path.stat().st_size == self._size:
                    return None
            aside = self._path.with_suffix(f".damaged-{secrets.token_hex(4)}")
            self._path.rename(aside)
        fresh = self._path.with_suffix(f".{secrets.token_hex(4)}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(_header_of(secrets.token_bytes(16), 1).ljust(self._size, b"\0"))
            handle.flush()
            os.fsync(handle.fileno())
        _put_in_place(fresh, self._path)
        return aside

    def write(self, rows: Sequence[dict[str, Any]]) -> int:
        """Keep the rows; on the disk when it returns. The frame's number; JournalFull when it cannot."""
        try:
            if not self._path.exists():
                self.prepare()
            with self._open() as file:
                return self._append(file, rows)
        except OSError as problem:
            raise JournalFull(f"the journal cannot be written: {problem.strerror}") from problem

    def holds_anything(self) -> bool:
        """Whether a frame waits to be taken in; cheap enough to ask after every disclosure."""
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(_START)
                return any(file.read(_SECTOR))
        except OSError:
            return False

    @contextmanager
    def taking(self) -> Iterator[tuple[Frame, ...]]:
        """The frames, with nobody else writing; when the block ends well they are zeroed."""
        with self._open() as file:
            content = _whole(file)
            frames = tuple(self._frames(content))
            yield frames
            if frames:
                # First the number, so that none is used twice whenever the power goes.
                file_id, following = _header(content)
                following = max(following, *(frame.number + 1 for frame in frames))
                _put(file, 0, _header_of(file_id, following))
                _put(file, _START, bytes(self._size - _START))

    @contextmanager
    def _open(self) -> Iterator[FileIO]:
        with self._path.open("r+b", buffering=0) as file:
            _lock(file)
            try:
                yield file
            finally:
                _unlock(file)

    def _append(self, file: FileIO, rows: Sequence[dict[str, Any]]) -> int:
        content = _whole(file)
        file_id: bytes
        number: int
        file_id, number = _header(content)
        place = max(_START, _to_sector(len(content.rstrip(b"\0"))))
        for start, held in _pieces(content):
            if held is not None:
                number = max(number, held[2] + 1)
                place = max(place, _to_sector(start + _HEAD_SIZE + held[0]))
        version, key = self._key_of(None)
        plain = json.dumps(list(rows), separators=(",", ":")).encode()
        length = _NONCE + len(plain) + 16
        head = _HEAD.pack(_FRAME, length, version, number)
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(_derived(key)).encrypt(nonce, plain, head + file_id)
        frame = head + _CRC.pack(zlib.crc32(head)) + nonce + sealed
        if place + len(frame) > self._size:
            raise JournalFull("the journal is full")
        _put(file, place, frame)
        return number

    def _frames(self, content: bytes) -> Iterator[Frame]:
        file_id, _ = _header(content)
        for place, held in _pieces(content):
            if held is None:
                yield Frame(0, None)
                continue
            length, version, number = held
            body = content[place + _HEAD_SIZE : place + _HEAD_SIZE + length]
            head = content[place : place + _HEAD.size]
            yield Frame(number, self._opened(body, head + file_id, version))

    def _opened(self, body: bytes, bound: bytes, version: int) -> tuple[dict[str, Any], ...] | None:
        try:
            _, key = self._key_of(version)
            plain = AESGCM(_derived(key)).decrypt(body[:_NONCE], body[_NONCE:], bound)
            return tuple(json.loads(plain))
        except (InvalidTag, KeyError, ValueError):
            return None


def _derived(key: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"lab-contingency journal").derive(key)


def _header_of(file_id: bytes, following: int) -> bytes:
    said = _HEADER.pack(_MAGIC, file_id, following)
    return said + _CRC.pack(zlib.crc32(said))


def _header(content: bytes) -> Any:
    """Id of the file and number of the next frame; None when the header is damaged."""
    said = content[: _HEADER.size]
    held = content[_HEADER.size : _HEADER.size + _CRC.size]
    if len(said) < _HEADER.size or held != _CRC.pack(zlib.crc32(said)):
        return None
    magic, file_id, following = _HEADER.unpack(said)
    return (file_id, following) if magic == _MAGIC else None


def _read_head(raw: bytes) -> tuple[int, int, int] | None:
    """Length, key version and number of a frame; None where none begins."""
    said, held = raw[: _HEAD.size], raw[_HEAD.size : _HEAD_SIZE]
    if len(raw) < _HEAD_SIZE or held != _CRC.pack(zlib.crc32(said)):
        return None
    magic, length, version, number = _HEAD.unpack(said)
    return (length, version, number) if magic == _FRAME else None


def _pieces(content: bytes) -> Iterator[tuple[int, tuple[int, int, int] | None]]:
    """Where each frame begins, with its head; None for sectors that hold something without a head."""
    place, lost = _START, False
    content = content.rstrip(b"\0")
    while place < len(content):
        head = _read_head(content[place : place + _HEAD_SIZE])
        strange = head is None and bool(content[place : place + _SECTOR].strip(b"\0"))
        if head is not None or (strange and not lost):
            yield place, head
        lost = strange
        place = _to_sector(place + _HEAD_SIZE + head[0]) if head else place + _SECTOR


def _to_sector(place: int) -> int:
    return -(-place // _SECTOR) * _SECTOR


def _whole(file: FileIO) -> bytes:
    file.seek(0)
    content = file.readall()
    if _header(content) is None:
        raise OSError(0, "its header is damaged")
    return content


def _put(file: FileIO, place: int, content: bytes) -> None:
    file.seek(place)
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]
    os.fsync(file.fileno())


def _put_in_place(fresh: Path, path: Path) -> None:
    """Two processes that start together agree on one file."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            fresh.replace(path)
            return
    fresh.unlink(missing_ok=True)


if sys.platform == "win32":

    def _lock(file: FileIO) -> None:
        file.seek(SIZE + 1)  # a byte that nobody reads: locks are mandatory there
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(file: FileIO) -> None:
        file.seek(SIZE + 1)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _lock(file: FileIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: FileIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
