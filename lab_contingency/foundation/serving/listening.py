"""Accepting connections, and giving whole requests to threads."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any

from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from lab_contingency.foundation.serving.answers import Busy
from lab_contingency.foundation.serving.channels import Channel, TlsChannel
from lab_contingency.foundation.serving.limits import Limits

_AT_ONCE = 64  # connections accepted before the loop looks at the others again


class Desk:
    """The threads, and one more that turns people away when all are busy and too many wait."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.waiting
        self._working = ThreadedTaskDispatcher()
        self._turning_away = ThreadedTaskDispatcher()
        self._working.set_thread_count(limits.threads)
        self._turning_away.set_thread_count(1)

    def add_task(self, channel: Any) -> None:
        """Called with a channel whose first request is whole."""
        if len(self._working.queue) >= self._most:
            channel.requests[0].error = Busy()
            self._turning_away.add_task(channel)
        else:
            self._working.add_task(channel)

    def shutdown(self) -> None:
        """Let the threads end."""
        self._turning_away.shutdown(timeout=1)
        self._working.shutdown(timeout=1)


class Listener(TcpWSGIServer):
    """One listening address; `tls_context` None means plain HTTP."""

    def __init__(
        self,
        program: Any,
        sockets: dict[int, Any],
        limits: Limits,
        *,
        tls_context: Callable[[], ssl.SSLContext] | None,
        most: int,
        **keys: Any,
    ) -> None:
        self.limits = limits
        self.tls_context = tls_context
        self.channel_class = Channel if tls_context is None else TlsChannel
        self._most = most
        super().__init__(program, sockets, **keys)

    def handle_accept(self) -> None:
        """Take who is waiting; when there are too many connections, the one that does least makes room."""
        for _ in range(_AT_ONCE):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before:
                return
            self._make_room()

    def _make_room(self) -> None:
        if len(self.active_channels) <= self._most:
            return
        idle = [channel for channel in self.active_channels.values() if channel.is_idle]
        if idle:
            min(idle, key=lambda one: (one.has_asked, one.quiet_since)).handle_close()

    def readable(self) -> bool:
        """Whether anybody may connect. Nothing is closed here: the loop is just noting down who is there."""
        return bool(self.accepting)

    def close_overdue(self) -> None:
        """Close what has used up its time; between two turns of the loop."""
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(moment):
                channel.handle_close()

    @property
    def is_busy(self) -> bool:
        """Whether anybody waits for an answer or takes one."""
        return any(not channel.is_idle for channel in list(self.active_channels.values()))

    def refuse_more(self) -> None:
        """Stop listening; what is connected goes on."""
        self.accepting = False
        self.del_channel()
        self.socket.close()
