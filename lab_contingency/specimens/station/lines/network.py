"""A label printer on the network: ZPL to its raw port, `~HS` for its state."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from threading import Event
from time import monotonic

from lab_contingency.specimens.station.lines import Report
from lab_contingency.specimens.station.rules.printers import (
    STATES,
    Allowed,
    HostStatus,
    PrinterState,
    may_be_printer,
    read_host_status,
)

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 1.5
LABEL_SECONDS = 8.0
_LOOK_EVERY = 0.04
_ANSWER_MOST = 4096
_ASK, _CLEAR = b"~HS\r\n", b"~JA\r\n"


class NetworkLine:
    """One connection, held over the labels of a job.

    The address is looked up once, judged, and that very address is connected to: a name that changes
    between the two leads nowhere else.
    """

    def __init__(self, host: str, port: int, allowed: tuple[Allowed, ...] = ()) -> None:
        self._host, self._port, self._allowed = host, port, allowed
        self._socket: socket.socket | None = None
        self._silent = False

    def ask(self) -> Report:
        """Connect if need be, and ask. A printer that takes a connection and says nothing is SILENT."""
        failed = self._connect()
        if failed is not None:
            return Report(failed)
        if self._silent:
            return Report(PrinterState.SILENT)
        try:
            status = self._status()
        except OSError:
            self.close()
            return Report(PrinterState.NOT_REACHABLE)
        self._silent = status is None
        return Report(status.state if status else PrinterState.SILENT)

    def clear(self) -> None:
        """Cancel what it holds: the label that was torn comes out as a copy, not twice."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendall(_CLEAR)

    def put(self, data: bytes) -> Report:
        """Send one label and look until the printer holds nothing back, for eight seconds at most."""
        failed = self._connect()
        if failed is not None:
            return Report(failed, came_out=False)
        try:
            return self._put(data)
        except OSError:
            self.close()
            return Report(PrinterState.NOT_REACHABLE, came_out=False)

    def _put(self, data: bytes) -> Report:
        assert self._socket is not None  # connected by the caller  # noqa: S101
        self._socket.sendall(data)
        if self._silent:
            return Report(PrinterState.SILENT)
        deadline, pause = monotonic() + LABEL_SECONDS, Event()
        while monotonic() < deadline:
            status = self._status()
            if status is None:
                return Report(PrinterState.NOT_REACHABLE, came_out=False)
            if status.holding == 0:
                return Report(status.state, came_out=True)
            if not STATES[status.state].can_take:
                return Report(status.state, came_out=False)
            pause.wait(_LOOK_EVERY)
        return Report(PrinterState.NOT_MOVING, came_out=False)

    def close(self) -> None:
        """Let go of the connection: most printers take one at a time."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    def _connect(self) -> PrinterState | None:
        """Why there is no connection, or None."""
        if self._socket is not None:
            return None
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError:
            return PrinterState.NOT_REACHABLE
        permitted = [each for each in found if self._is_permitted(str(each[4][0]))]
        if not permitted:
            return PrinterState.NOT_PERMITTED
        family, kind, protocol, _, address = permitted[0]
        made = socket.socket(family, kind, protocol)
        made.settimeout(CONNECT_SECONDS)
        try:
            made.connect(address)
        except OSError:
            made.close()
            return PrinterState.NOT_REACHABLE
        made.settimeout(ANSWER_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = made
        return None

    def _is_permitted(self, text: str) -> bool:
        address = ipaddress.ip_address(text.partition("%")[0])
        return may_be_printer(address, self._port, self._allowed)

    def _status(self) -> HostStatus | None:
        """Ask once; None when nothing that makes sense came in time. OSError when the line broke."""
        assert self._socket is not None  # connected by the caller  # noqa: S101
        self._socket.sendall(_ASK)
        answer, deadline = b"", monotonic() + ANSWER_SECONDS
        while len(answer) < _ANSWER_MOST and monotonic() < deadline:
            try:
                piece = self._socket.recv(1024)
            except TimeoutError:
                return None
            if not piece:
                raise ConnectionResetError
            answer += piece
            if (status := read_host_status(answer)) is not None:
                return status
        return None
