"""A label printer on the network that is a real server: it prints, jams, runs out, dies, stalls, says nothing."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from lab_contingency.specimens.station.sender import THREAD
from tests.printing.zpl_reading import says_copy

PORT = 9100
_LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
_FONT = re.compile(rb"~DYE:([A-Z0-9]{1,8}),A,T,([0-9]+),,([0-9A-F]*)\n")
_NUMBER = re.compile(rb">;(\d{12})")
_ADDRESSES = itertools.count(1)
_START = secrets.randbelow(200) + 20


def senders_are_done() -> None:
    """Wait for the threads that pages started."""
    for thread in threading.enumerate():
        if thread.name.startswith(f"{THREAD} "):
            thread.join(30)
            assert not thread.is_alive(), thread.name


def an_address() -> str:
    """A loopback address of its own for each printer, so that all of them may have the port of printers."""
    at = next(_ADDRESSES)
    return f"127.{_START}.{os.getpid() % 250 + 1}.{at % 250 + 1}"


class FakePrinter:
    """Speaks as much of ZPL as a sender needs: labels, `~HS`, `~JA`, `~DY` and `^HW` for fonts.

    `out` are the labels that came out of it, whole. `dies_at` is the label (counted from 1 since the last
    repair) at which the line breaks; `comes_out` whether that very label came out all the same.
    `runs_out_at`: the label stays in the buffer, the paper is out. `stalls_at`: it takes the label and
    says that it holds it, for ever. `silent`: it prints and never answers. `files` are the fonts it holds;
    with `keeps` off it has no room for any.
    """

    def __init__(self, **behaviour: object) -> None:
        self.host, self.port = an_address(), PORT
        self.out: list[bytes] = []
        self.held: list[bytes] = []
        self.asked = 0
        self.seen = 0
        self.dies_at = self.runs_out_at = self.stalls_at = 0
        self.comes_out = self.silent = self.mute = self.paper_out = self.head_open = False
        self.told: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.keeps = True
        self._lock = threading.Lock()
        self._server: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.set(**behaviour)
        self.listen()

    def set(self, **behaviour: object) -> None:
        """Behave otherwise."""
        for name, value in behaviour.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)

    def listen(self) -> None:
        """Switch it on."""
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((self.host, self.port))
        server.listen(8)
        self._server = server
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            self._open.append(line)
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        buffer = b""
        with contextlib.suppress(OSError), line:
            while piece := line.recv(65536):
                buffer = self._hear(buffer + piece, line)

    def _hear(self, buffer: bytes, line: socket.socket) -> bytes:
        while True:
            label, font = _LABEL.search(buffer), _FONT.search(buffer)
            ask, clear = buffer.find(b"~HS"), buffer.find(b"~JA")
            starts = {
                "label": label.start() if label else -1,
                "font": font.start() if font else -1,
                "ask": ask,
                "clear": clear,
            }
            known = {name: at for name, at in starts.items() if at >= 0}
            if not known:
                return buffer
            first = min(known, key=known.__getitem__)
            if first == "label":
                assert label is not None
                buffer = buffer[label.end() :]
                self._directory(line) if b"^HW" in label.group() else self._print(
                    label.group(), line
                )
            elif first == "font":
                assert font is not None
                buffer = buffer[font.end() :]
                self._keep(*font.groups())
            else:
                buffer = buffer[known[first] + 3 :]
                if first == "ask":
                    self._answer(line)
                else:
                    with self._lock:
                        self.held.clear()

    def _keep(self, name: bytes, size: bytes, figures: bytes) -> None:
        file = bytes.fromhex(figures.decode())
        if self.keeps and len(file) == int(size):
            self.files[f"{name.decode()}.TTF"] = file

    def _directory(self, line: socket.socket) -> None:
        if self.silent or self.mute:
            return
        held = "".join(f"*E:{name}   {len(file):7}\r\n" for name, file in self.files.items())
        line.sendall(f"\x02\r\n- DIR E:*.TTF\r\n{held}-1234567 bytes free E:\r\n\x03".encode())

    def _print(self, label: bytes, line: socket.socket) -> None:
        with self._lock:
            self.seen += 1
            self.told.append(label)
            dies = self.seen == self.dies_at
            if self.paper_out or self.seen == self.runs_out_at:
                self.paper_out = True
                self.held.append(label)
            elif self.seen == self.stalls_at:
                self.held.append(label)
            elif not dies or self.comes_out:
                self.out.append(label)
        if dies:
            self.switch_off()
            raise OSError

    def _answer(self, line: socket.socket) -> None:
        self.asked += 1
        if self.silent or self.mute:
            return
        paper, head = int(self.paper_out), int(self.head_open)
        held = len(self.held)
        line.sendall(
            f"\x02030,{paper},{paper | head},0203,{held:03d},0,0,0,000,0,0,0\x03\r\n"
            f"\x02001,0,{head},0,1,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n".encode()
        )

    def switch_off(self) -> None:
        """It is gone from the network, in the middle of whatever it did."""
        if self._server is not None:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        for line in self._open:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                line.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                line.close()
        self._open.clear()

    def repair(self) -> None:
        """Somebody cleared the jam, put a roll in and switched it on."""
        with self._lock:
            self.dies_at = self.runs_out_at = self.stalls_at = self.seen = 0
            self.paper_out = self.head_open = False
        if self._server is None:
            self.listen()

    def go_on(self) -> None:
        """What it held back comes out by itself."""
        with self._lock:
            self.stalls_at = 0
            self.out += self.held
            self.held.clear()

    def numbers(self) -> list[str]:
        """The numbers of the labels that came out, in order."""
        return [number_on(label) for label in self.out]

    def copies(self) -> list[bool]:
        """Whether each of them says COPY."""
        return [says_copy(label) for label in self.out]


def number_on(label: bytes) -> str:
    """The number in the bars of a label in ZPL."""
    found = _NUMBER.search(label)
    assert found is not None, label
    return found.group(1).decode()


@contextlib.contextmanager
def a_printer(**behaviour: object) -> Iterator[FakePrinter]:
    """A printer that is switched off at the end."""
    printer = FakePrinter(**behaviour)
    try:
        yield printer
    finally:
        printer.switch_off()


_LP = """#!/bin/sh
# Keeps what it is given; says what the file beside it says.
here=$(dirname "$0")
printf '%s\\n' "$*" >> "$here/said"
[ -f "$here/fails" ] && exit 1
[ -f "$here/hangs" ] && exec sleep 60
count=$(ls "$here" | grep -c '^job') ; cat > "$here/job$count"
"""
_LPSTAT = """#!/bin/sh
here=$(dirname "$0")
[ -f "$here/state" ] && cat "$here/state" && exit 0
exit 1
"""


class FakeSpooler:
    """`lp` and `lpstat` as real programs in a folder of their own, to be put on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("lp", _LP), ("lpstat", _LPSTAT)):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        self.says("printer ward is idle.  enabled since Thu")

    def says(self, state: str | None) -> None:
        """What `lpstat` answers; None: it knows no such printer."""
        file = self.folder / "state"
        file.unlink(missing_ok=True)
        if state is not None:
            file.write_text(state + "\n")

    def fails(self, how: str = "fails") -> None:
        """`lp` refuses, or hangs."""
        (self.folder / how).touch()

    def jobs(self) -> list[bytes]:
        """What it was given, in order."""
        found = sorted(self.folder.glob("job*"), key=lambda file: int(file.name[3:]))
        return [file.read_bytes() for file in found]

    def words(self) -> str:
        """The words it was called with."""
        return (self.folder / "said").read_text()
