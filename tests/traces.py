"""Everything that one run of the program leaves behind: log lines, files it writes, addresses, headers, cookies."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_TMPFILE", 0)
_PASSED = re.compile(
    r"\d+\.\d+"
)  # seconds and fractions would make every line of a statement another one
_HEADERS = {"location", "content-disposition", "set-cookie", "hx-redirect", "hx-push-url", "etag"}


@dataclass
class Traces:
    """What was caught."""

    lines: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    endpoints: set[tuple[str, str, int]] = field(default_factory=set)

    def as_bytes(self) -> dict[str, bytes]:
        """By kind, for the scanner."""
        return {
            "log of the program": "\n".join(sorted(self.lines)).encode(),
            "file names": "\n".join(sorted(self.written)).encode(),
            "addresses, headers, cookies": "\n".join(self.addresses).encode(),
        }


class _Lines(logging.Handler):
    """Keeps each record as it would be written, and what it was made of."""

    def __init__(self, lines: set[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.name} {self.format(record)} {record.args!r}"
        self._lines.add(_PASSED.sub("", line))


_watching: list[set[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event != "open":
        return
    path, mode, flags = arguments
    if isinstance(path, str | bytes) and ((flags or 0) & _WRITES or set(str(mode)) & set("wax+")):
        _watching[-1].add(os.fsdecode(path))


sys.addaudithook(_hook)  # it cannot be taken away again; it only looks while something is watched


@contextlib.contextmanager
def everything_caught(temporary: Path) -> Iterator[Traces]:
    """Log at its fullest, files opened for writing, and a folder of our own for temporary ones."""
    caught = Traces()
    temporary.mkdir()
    root, engine = logging.getLogger(), logging.getLogger("sqlalchemy.engine")
    levels = root.level, engine.level, tempfile.tempdir, os.environ.get("TMPDIR")
    handler = _Lines(caught.lines)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    engine.setLevel(logging.INFO)
    tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
    _watching.append(caught.written)
    try:
        yield caught
    finally:
        _watching.pop()
        root.removeHandler(handler)
        root.setLevel(levels[0])
        engine.setLevel(levels[1])
        tempfile.tempdir = levels[2]
        if levels[3] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = levels[3]


def outside(app: Any, caught: Traces) -> Callable[..., Any]:
    """The program with a recorder round it: what a proxy's or a browser's history would keep."""
    program, addresses = app.wsgi_app, app.url_map.bind("localhost")

    def recorded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        caught.addresses.append(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            caught.addresses += [f"{k}: {v}" for k, v in headers if k.lower() in _HEADERS]
            number = int(status.split(maxsplit=1)[0])
            caught.statuses[number] = caught.statuses.get(number, 0) + 1
            with contextlib.suppress(HTTPException):
                name, _ = addresses.match(environ["PATH_INFO"], environ["REQUEST_METHOD"])
                caught.endpoints.add((name, environ["REQUEST_METHOD"], number))
            return start_response(status, headers, exc_info)

        return program(environ, start)

    return recorded
