"""The side file: how far each series of numbers has gone, kept outside the database and outside its backup.

A line is on the disk before its number is used, so a copy of the database that was put back cannot make the
program give a number twice (hazard 25). One line a taking; each carries a checksum, so that a line cut short
by a power cut is told from a whole one: its number was never used.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.keys.files import one_at_a_time, replace

_LONGEST = 16 * 1024
_FIELDS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One series under one node number and epoch.

    `taken` is the highest sequence that may stand on paper; `kept` the highest that a database is known to
    have kept. What lies between them was taken by a unit of work that failed or is under way.
    """

    kind: str
    node: int
    epoch: int
    taken: int
    kept: int

    @property
    def place(self) -> tuple[int, int]:
        """Node and epoch."""
        return self.node, self.epoch


class HighWater:
    """The file. Lines are added; of several for one (kind, node, epoch) the last counts."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def marks(self, kind: str) -> tuple[Mark, ...]:
        """The marks of a series, the one in use last; () where the file knows none."""
        return tuple(mark for mark in self._read().values() if mark.kind == kind)

    def note(self, mark: Mark, *, at_once: bool = True) -> None:
        """Add a mark; unless `at_once` is left out it is on the disk when this returns. OSError if it cannot be."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with one_at_a_time(self.file.parent):
            if not self.file.exists() or self.file.stat().st_size > _LONGEST:
                held = self._read()
                _take_in(held, mark)
                # Written aside, file and folder on the disk before the name changes.
                replace(self.file, "".join(_line(each) for each in held.values()))
                return
            _append(self.file, _line(mark), at_once=at_once)

    def begin_anew(self) -> None:
        """Forget everything: for a demonstration whose database is made anew, never for a live one."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> dict[tuple[str, int, int], Mark]:
        held: dict[tuple[str, int, int], Mark] = {}
        if self.file.exists():
            for line in self.file.read_bytes().decode("ascii", "replace").splitlines():
                if mark := _mark(line):
                    _take_in(held, mark)
        return held


def high_water_of(app: Flask) -> HighWater:
    """The side file of an application."""
    return HighWater(settings_of(app).high_water_file)


def current_place(marks: tuple[Mark, ...]) -> Mark | None:
    """The mark in use."""
    return marks[-1] if marks else None


def _take_in(held: dict[tuple[str, int, int], Mark], mark: Mark) -> None:
    """Put the mark last; neither of its heights ever falls."""
    before = held.pop((mark.kind, *mark.place), None)
    taken, kept = (before.taken, before.kept) if before else (0, 0)
    held[(mark.kind, *mark.place)] = Mark(
        mark.kind, mark.node, mark.epoch, max(taken, mark.taken), max(kept, mark.kept)
    )


def _line(mark: Mark) -> str:
    said = f"{mark.kind} {mark.node} {mark.epoch} {mark.taken} {mark.kept}"
    return f"{said} {zlib.crc32(said.encode()):08x}\n"


def _mark(line: str) -> Mark | None:
    """The mark of a whole line, or None."""
    said, _, check = line.rpartition(" ")
    fields = line.split(" ")
    if len(fields) != _FIELDS or f"{zlib.crc32(said.encode()):08x}" != check:
        return None
    return Mark(fields[0], *(int(field) for field in fields[1:5]))


def _append(file: Path, line: str, *, at_once: bool) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND)
    try:
        # After a line cut short the next one begins on its own.
        size = os.fstat(descriptor).st_size
        cut = size > 0 and _last_byte(descriptor, size) != b"\n"
        os.write(descriptor, (b"\n" if cut else b"") + line.encode())
        if at_once:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)
