"""What the server says by itself, before any page: plain sentences that hold nothing of the request."""

from __future__ import annotations

import logging

from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import Error

access = logging.getLogger("lab_contingency.access")
ROUTE = "lab.route"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
COME_BACK_IN = 5  # seconds


class _Said(Error):
    """One sentence as plain text."""

    headers: tuple[tuple[str, str], ...] = ()

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers, body."""
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            *self.headers,
        ]
        return f"{self.code} {self.reason}", headers, f"{self.body}\r\n".encode()


class Busy(_Said):
    """More people ask than the server can answer."""

    code = 503
    reason = "Service Unavailable"
    headers = (("Retry-After", str(COME_BACK_IN)),)

    def __init__(self) -> None:
        super().__init__(
            "Too many people ask at once. Nothing was saved. Wait a few seconds and try again."
        )


class UseHttps(_Said):
    """Somebody spoke plain HTTP where TLS is spoken."""

    code = 400
    reason = "Bad Request"

    def __init__(self) -> None:
        super().__init__("This address is protected. Type https:// in front of it.")


class RefusingParser(HTTPRequestParser):
    """Reads a plain request only as far as its headers, and lets nothing of it reach the program."""

    completed: bool

    def received(self, data: bytes) -> int:
        """The number of bytes taken."""
        taken: int = super().received(data)
        if self.completed or self.headers_finished:
            self.completed = True
            self.expect_continue = False
            self.error = UseHttps()
        return taken


class Task(WSGITask):
    """One request; leaves a line in the access log that names the kind of page, never what was asked for."""

    def service(self) -> None:
        """Answer, then write the line."""
        try:
            super().service()
        finally:
            method = self.request.command
            access.info(
                "%s %s %s %s",
                self.channel.addr[0],
                method if method in _METHODS else "OTHER",
                (self.environ or {}).get(ROUTE, "-"),
                self.status.split(" ", maxsplit=1)[0],
            )


class NoPaths(logging.Filter):
    """Cuts addresses and error texts from the library's own lines: somebody may have typed a name into them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record is changed."""
        text = record.getMessage()
        for opening in ("Client disconnected while serving", "Exception while serving"):
            if text.startswith(opening):
                text = opening + " a page"
        kind = record.exc_info[0] if record.exc_info else None
        record.msg = f"{text} ({kind.__name__})" if kind else text
        record.args = ()
        record.exc_info = record.exc_text = None
        return True
