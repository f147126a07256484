"""How much one client may ask of the server, and for how long. Seconds, bytes and counts."""

from __future__ import annotations

from dataclasses import dataclass

_KIB = 1024
_FILES_FOR_OTHERS = 200  # database, log, pages and what the system opens
_MOST_BY_SELECT = 400  # Windows selects among 512 sockets at most


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are for a laptop that serves a hospital."""

    threads: int = 8
    waiting: int = 100  # whole requests that wait for a thread; the next is told to come back
    connections: int = 1000
    handshake: float = 10.0  # from connecting to the end of the TLS handshake
    request: float = 30.0  # from its first byte to its last
    quiet: float = 75.0  # between two requests
    draining: float = 120.0  # to take an answer
    stopping: float = 10.0  # for what is being answered when the server is asked to stop
    header: int = 32 * _KIB

    @property
    def in_memory(self) -> int:
        """Bytes of a request or answer that stay in memory: none of it may reach a temporary file."""
        return 256 * _KIB * _KIB


def most_connections(wanted: int, *, by_poll: bool) -> int:
    """As many as the system lets one process hold, `wanted` at most."""
    if not by_poll:
        return min(wanted, _MOST_BY_SELECT)
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(min(wanted, soft - _FILES_FOR_OTHERS), 1)
