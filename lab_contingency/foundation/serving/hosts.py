"""A request that names a host which is not ours gets no page: another site's name must not lead a browser here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lab_contingency.foundation.tls.names import is_loopback, read_name

_SENTENCE = (
    b"This server does not answer to that name. Use the address that stands on its console.\r\n"
)


class OnlyOurNames:
    """A WSGI program that passes on what is meant for this server."""

    def __init__(self, program: Any, names: Callable[[], Iterable[str]]) -> None:
        self._program = program
        self._names = names

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The program's answer, or 400."""
        if self._is_ours(environ.get("HTTP_HOST", "")):
            return self._program(environ, start_response)
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(_SENTENCE))),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        start_response("400 Bad Request", headers)
        return [_SENTENCE]

    def _is_ours(self, host: str) -> bool:
        name = read_name(_without_port(host))
        if name is None:
            return False
        return is_loopback(str(name)) or str(name) in set(self._names())


def _without_port(host: str) -> str:
    """`[::1]:8000` → `[::1]`. Which port does not matter: a tunnel may end at another."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
