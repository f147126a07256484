"""Files of secrets: written aside, on the disk before they take their name, read by their owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

_changing = threading.RLock()


def write_new(file: Path, content: str) -> bool:
    """Make the file unless it is there already; whether it was made. Of several at once, one makes it."""
    fresh = _aside(file, content)
    try:
        os.link(fresh, file)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if file.exists():
            return False
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
        _to_disk(file.parent)
    return True


def replace(file: Path, content: str) -> None:
    """Put new content in its place: at every moment the file is the old one or the new one."""
    fresh = _aside(file, content)
    try:
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    _to_disk(file.parent)


def rename(file: Path, to: Path) -> None:
    """Give a whole file the name it is looked for by; on the disk when this returns."""
    file.replace(to)
    _to_disk(to.parent)


def _aside(file: Path, content: str) -> Path:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    return fresh


def _to_disk(folder: Path) -> None:
    """A new name is on the disk only when its folder is; Windows does that by itself."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Among the threads of this process and, where the system can, among processes."""
    with _changing:
        if os.name != "posix":
            yield
            return
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # gives the lock back
