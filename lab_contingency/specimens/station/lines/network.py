"""A label printer on the network: ZPL to its raw port, `~HS` for its state."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from time import monotonic
from typing import TypeVar

from lab_contingency.specimens.station.lines import Report
from lab_contingency.specimens.station.rules.printers import (
    STATES,
    Allowed,
    HostStatus,
    PrinterState,
    may_be_printer,
    read_directory,
    read_host_status,
)

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 1.5
LABEL_SECONDS = 8.0
LETTERS_SECONDS = 15.0
_LOOK_EVERY = 0.04
_ANSWER_MOST = 4096
_ASK, _CLEAR = b"~HS\r\n", b"~JA\r\n"
_LIST = b"^XA^HWE:*.TTF^XZ\r\n"

Answer = TypeVar("Answer")


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

    def load(self, data: bytes) -> None:
        """Send fonts, which takes as long as the line and the printer's memory need."""
        if self._connect() is not None:
            return
        assert self._socket is not None  # connected just now  # noqa: S101
        self._socket.settimeout(LETTERS_SECONDS)
        try:
            self._socket.sendall(data)
        except OSError:
            self.close()
        else:
            self._socket.settimeout(ANSWER_SECONDS)

    def files(self) -> dict[str, int]:
        """Ask for the fonts in the printer's own memory, and give it the time it needs to write them."""
        if self._connect() is not None or self._silent:
            return {}
        try:
            return self._answered(_LIST, read_directory, LETTERS_SECONDS) or {}
        except OSError:
            self.close()
            return {}

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
        return self._answered(_ASK, read_host_status, ANSWER_SECONDS)

    def _answered(
        self, question: bytes, read: Callable[[bytes], Answer | None], seconds: float
    ) -> Answer | None:
        assert self._socket is not None  # connected by the caller  # noqa: S101
        self._socket.sendall(question)
        answer, deadline = b"", monotonic() + seconds
        while len(answer) < _ANSWER_MOST and monotonic() < deadline:
            try:
                piece = self._socket.recv(1024)
            except TimeoutError:
                continue
            if not piece:
                raise ConnectionResetError
            answer += piece
            if (found := read(answer)) is not None:
                return found
        return None
