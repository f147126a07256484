"""From an application to a running server, and back: it listens, serves, and stops when it is told to."""

from __future__ import annotations

import logging
import select
import signal
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments

from lab_contingency.foundation import tls
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.serving.answers import NoPaths
from lab_contingency.foundation.serving.hosts import OnlyOurNames
from lab_contingency.foundation.serving.limits import Limits, most_connections
from lab_contingency.foundation.serving.listening import Desk, Listener
from lab_contingency.foundation.tls.keeper import Keeper
from lab_contingency.foundation.tls.names import is_loopback, own_names, read_name
from lab_contingency.foundation.tls.ring import RingWrapping

log = logging.getLogger("lab_contingency.serving")
_TICK = 1.0  # seconds; Windows notices Ctrl+C between two of them
_BACKLOG = 512
_BY_POLL = hasattr(select, "poll")
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - to recognise them


def prepare(
    app: Flask, host: str, port: int, *, limits: Limits | None = None, by_poll: bool = _BY_POLL
) -> Served:
    """A server that listens already: plain on loopback, TLS anywhere else. StartRefused when it cannot."""
    more = _checked(settings_of(app).names)
    if is_loopback(host):
        return Served(app, host, port, limits or Limits(), None, more, by_poll=by_poll)
    keeper = Keeper(settings_of(app).data, RingWrapping(app), lambda: own_names(host, more))
    tls.install(app, keeper)
    return Served(app, host, port, limits or Limits(), keeper, more, by_poll=by_poll)


def _checked(names: Iterable[str]) -> tuple[str, ...]:
    for name in names:
        if read_name(name) is None:
            raise StartRefused(
                f"“{name}” is no name of a computer. Write it as in an address: lab.hospital.example"
            )
    return tuple(str(read_name(name)) for name in names)


class Served:
    """The running server of one process."""

    def __init__(
        self,
        app: Flask,
        host: str,
        port: int,
        limits: Limits,
        keeper: Keeper | None,
        more: tuple[str, ...],
        *,
        by_poll: bool,
    ) -> None:
        self._host, self._more, self._keeper, self._limits = host, more, keeper, limits
        self._by_poll = by_poll
        self._stopped = threading.Event()
        self._sockets: dict[int, Any] = {}
        self._settings = self._adjustments(app)
        names = self._names if keeper is not None else (lambda: frozenset(more))
        self._program = OnlyOurNames(app, names)
        self._desk = Desk(limits)
        self._listeners = [self._listen(place, port) for place in _places(host, port)]
        self.port = int(self._listeners[0].effective_port)
        _quieten()

    def _names(self) -> frozenset[str]:
        return self._keeper.held.names().texts() if self._keeper is not None else frozenset()

    def _adjustments(self, app: Flask) -> Any:
        body = int(app.config["MAX_CONTENT_LENGTH"])
        return Adjustments(
            listen=[],
            ident=None,  # the name and version of the server are nobody's business
            backlog=_BACKLOG,
            url_scheme="http" if self._keeper is None else "https",
            max_request_header_size=self._limits.header,
            max_request_body_size=body + 1,
            inbuf_overflow=self._limits.in_memory,
            outbuf_overflow=self._limits.in_memory,
            outbuf_high_watermark=self._limits.in_memory,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=True,
        )

    def _listen(self, place: tuple[Any, ...], port: int) -> Listener:
        keeper = self._keeper
        try:
            return Listener(
                self._program,
                self._sockets,
                self._limits,
                tls_context=(lambda: keeper.context) if keeper is not None else None,
                most=most_connections(self._limits.connections, by_poll=self._by_poll),
                dispatcher=self._desk,
                adj=self._settings,
                sockinfo=place,
            )
        except (OSError, OverflowError) as problem:
            self._close()
            raise StartRefused(
                f"Nothing can listen on {self._host}, port {port}: {problem}. Is the program running already? "
                "Choose another with --port, or one of this computer’s own addresses with --host."
            ) from problem

    @property
    def fingerprint(self) -> str | None:
        """Of the authority; None without TLS."""
        return self._keeper.fingerprint if self._keeper is not None else None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where people reach it, as they type it."""
        if self._keeper is None:
            return (f"http://{_bracketed(self._host)}:{self.port}/",)
        if self._host not in _ANYWHERE:
            hosts: tuple[str, ...] = (self._host,)
        else:
            held = self._keeper.held.names()
            version = 6 if ":" in self._host else 4
            far = [
                str(one) for one in held.addresses if one.version == version and not one.is_loopback
            ]
            ours = [name for name in held.hosts if name != "localhost"]
            first = [name for name in ours if name in self._more]
            hosts = tuple(dict.fromkeys((*first, *far, *ours))) or ("localhost",)
        return tuple(f"https://{_bracketed(host)}:{self.port}/" for host in hosts)

    @property
    def address_here(self) -> str:
        """Where a browser on this computer reaches it over loopback; '' when it does not listen there."""
        scheme = "http" if self._keeper is None else "https"
        if is_loopback(self._host):
            return f"{scheme}://{_bracketed(self._host)}:{self.port}/"
        return f"{scheme}://localhost:{self.port}/" if self._host in _ANYWHERE else ""

    def run(self) -> None:
        """Serve until `stop`; then finish what is being answered, for ten seconds at most."""
        if self._keeper is not None:
            threading.Thread(target=self._keeper.watch, args=(self._stopped,), daemon=True).start()
        try:
            while not self._stopped.is_set():
                try:
                    self._turn(_TICK)
                except OSError:
                    log.exception("The server stumbled and goes on.")
                    self._stopped.wait(0.1)  # not faster, should it stumble again
            self._finish()
        finally:
            self._stopped.set()
            self._close()

    def stop(self, *_signal: object) -> None:
        """Ask it to stop; from any thread, and as a signal's handler."""
        self._stopped.set()
        with suppress(OSError):  # it has stopped already
            self._listeners[0].pull_trigger()

    def stop_on_signals(self) -> None:
        """Ctrl+C, and what service managers send. A second Ctrl+C does not wait. For the main thread."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._stop_once)

    def _stop_once(self, number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        self.stop()

    def _turn(self, timeout: float) -> None:
        for listener in self._listeners:
            listener.close_overdue()
        wasyncore.loop(timeout=timeout, use_poll=self._by_poll, map=self._sockets, count=1)

    def _finish(self) -> None:
        for listener in self._listeners:
            listener.refuse_more()
        ends = time.monotonic() + self._limits.stopping
        while any(one.is_busy for one in self._listeners) and time.monotonic() < ends:
            self._turn(0.1)

    def _close(self) -> None:
        self._desk.shutdown()
        wasyncore.close_all(self._sockets, ignore_all=True)


def _places(host: str, port: int) -> list[tuple[Any, ...]]:
    """What waitress calls sockinfo: family, kind, protocol, address; each of the host's addresses once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError, OverflowError) as problem:
        raise StartRefused(
            f"This computer has no address “{host}”. Use 0.0.0.0 for all of its addresses, or one of them."
        ) from problem
    return list(
        dict.fromkeys((family, kind, protocol, at) for family, kind, protocol, _, at in found)
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _quieten() -> None:
    """What the library writes into the log by itself: no paths, and not a line for each busy moment."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    library = logging.getLogger("waitress")
    if not any(isinstance(one, NoPaths) for one in library.filters):
        library.addFilter(NoPaths())
