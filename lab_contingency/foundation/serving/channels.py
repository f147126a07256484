"""One client's connection. The loop reads whole requests and writes whole answers, so a slow client holds no thread.

Every wait has an end that no single byte puts off. TLS is spoken inside the same loop, without blocking.
"""

from __future__ import annotations

import enum
import ssl
import threading
import time
from contextlib import suppress
from socket import MSG_PEEK
from typing import Any

from waitress.channel import HTTPChannel

from lab_contingency.foundation.serving.answers import RefusingParser, Task
from lab_contingency.foundation.serving.limits import Limits

_CLIENT_HELLO = b"\x16"
_RECORD = 16384  # the most that one TLS record holds


class Channel(HTTPChannel):
    """A connection with deadlines."""

    task_class = Task
    socket: Any

    def __init__(self, *arguments: Any, **keys: Any) -> None:
        self.opened_at = self.quiet_since = time.monotonic()
        self.began_at = 0.0
        self.has_asked = False
        self._loop = threading.get_ident()
        super().__init__(*arguments, **keys)

    @property
    def is_served(self) -> bool:
        """Whether a thread works for it, or will."""
        return bool(self.requests)

    @property
    def is_idle(self) -> bool:
        """Whether closing it takes nothing from anybody: no whole request, no answer under way."""
        return not self.requests and not self.total_outbufs_len

    def is_overdue(self, now: float) -> bool:
        """Whether it has used up its time for what it is doing; `now` is monotonic seconds."""
        limits: Limits = self.server.limits
        if self.is_served:
            return False
        if self.total_outbufs_len:
            return now - self.quiet_since > limits.draining
        if self.request is not None:
            return now - self.began_at > limits.request
        return now - self.quiet_since > limits.quiet

    def received(self, data: bytes) -> bool:
        """Take what came; a request's time runs from its first byte."""
        before = self.request
        taken: bool = super().received(data)
        if self.request is not None and self.request is not before:
            self.began_at = time.monotonic()
        return taken

    def handle_read(self) -> None:
        """Something came, or the other side closed."""
        try:
            data = self.receive()
        except (OSError, ValueError):
            data = b""
        if data:
            self.received(data)
        elif data is not None:
            self.handle_close()

    def receive(self) -> bytes | None:
        """What came; nothing when the other side closed, None when it must be tried again."""
        try:
            return bytes(self.socket.recv(_RECORD))
        except BlockingIOError:  # the number of this connection was another's a moment ago
            return None

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - the library's shape
        """The number of bytes taken. Only the loop closes: it would stumble over what a thread closed."""
        return int(super().send(data, do_close and threading.get_ident() == self._loop))

    def service(self) -> None:
        """Answer one request, in a thread."""
        self.has_asked = True
        super().service()
        self.quiet_since = time.monotonic()


class _Stage(enum.Enum):
    FIRST_BYTE = enum.auto()
    HANDSHAKE = enum.auto()
    OPEN = enum.auto()
    PLAIN = enum.auto()  # somebody spoke HTTP: told so, and nothing else
    CLOSED = enum.auto()


class TlsChannel(Channel):
    """A connection on which TLS must be spoken."""

    def __init__(self, *arguments: Any, **keys: Any) -> None:
        self._stage = _Stage.FIRST_BYTE
        self._wants_write = False
        self._turn = threading.Lock()  # loop and thread may not use one TLS connection at once
        super().__init__(*arguments, **keys)

    def is_overdue(self, now: float) -> bool:
        """The handshake has its own time."""
        if self._stage in (_Stage.FIRST_BYTE, _Stage.HANDSHAKE):
            limits: Limits = self.server.limits
            return now - self.opened_at > limits.handshake
        return super().is_overdue(now)

    def readable(self) -> bool:
        """Whether the loop should wait for something to read."""
        return not self._wants_write and super().readable()

    def writable(self) -> bool:
        """Whether the loop should wait until something can be written."""
        return self._wants_write or bool(super().writable())

    def handle_read(self) -> None:
        """Something came."""
        match self._stage:
            case _Stage.FIRST_BYTE:
                self._look()
            case _Stage.HANDSHAKE:
                self._shake()
            case _Stage.OPEN | _Stage.PLAIN:
                super().handle_read()
            case _Stage.CLOSED:
                pass

    def handle_write(self) -> None:
        """Something can be written."""
        if self._stage is _Stage.HANDSHAKE and not self.will_close:
            self._shake()
        else:
            super().handle_write()

    def _look(self) -> None:
        """TLS opens with one certain byte; whatever else comes is plain HTTP or nonsense."""
        try:
            first = self.socket.recv(1, MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            first = b""
        if not first:
            self.handle_close()
        elif first == _CLIENT_HELLO:
            self._begin()
        else:
            self.parser_class = RefusingParser
            self._stage = _Stage.PLAIN

    def _begin(self) -> None:
        try:
            self.socket = self.server.tls_context().wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        except (OSError, ValueError):  # the client left meanwhile
            self.handle_close()
            return
        self._stage = _Stage.HANDSHAKE
        self._shake()

    def _shake(self) -> None:
        self._wants_write = False
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._wants_write = True
        except (OSError, ValueError):
            self.handle_close()
        else:
            self._stage = _Stage.OPEN
            self.quiet_since = time.monotonic()

    def receive(self) -> bytes | None:
        """One record at most, so that nothing stays behind in the TLS layer where the loop would not see it."""
        try:
            with self._turn:
                return super().receive()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - the library's shape
        """The number of bytes taken; 0 when it must be tried again. A record at a time."""
        if self._stage is _Stage.PLAIN:
            return super().send(data, do_close)
        try:
            with self._turn:
                # Once TLS has said goodbye the same socket would send what it is given in the clear.
                is_open = self._stage is _Stage.OPEN
                return int(self.socket.send(data[:_RECORD])) if is_open else 0
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except (OSError, ValueError):
            self.will_close = True  # and the loop closes it
        return 0

    def handle_close(self) -> None:
        """Say goodbye in TLS, so that the client knows that the answer was whole."""
        with self._turn:
            if self._stage is _Stage.OPEN:
                with suppress(OSError, ValueError):
                    self.socket.unwrap()
            self._stage = _Stage.CLOSED
        super().handle_close()
