"""A program that was really started, and small clients that speak to it byte by byte."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Self

from lab_contingency.foundation.keys import Cost, RecoverySecret, make_keys

ROOT = Path(__file__).resolve().parents[1]
HANG_GUARD = 60  # seconds: nothing here takes as long unless it never ends
_READY = re.compile(r"ready: (https?)://(\[[^]]+\]|[^:/]+):(\d+)/")


@dataclass
class Program:
    """`wsgi.py` as a process of its own."""

    process: subprocess.Popen[str]
    data: Path
    said: list[str] = field(default_factory=list)
    port: int = 0
    scheme: str = ""

    @property
    def text(self) -> str:
        return "".join(self.said)

    def trusting(self) -> ssl.SSLContext:
        """What a device uses that installed the authority, and nothing else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.data / "tls" / "authority.crt")
        return context

    def ask(self, path: str, host: str = "127.0.0.1", **keys) -> Reply:
        """GET (or `method`) over what the program speaks."""
        return ask(
            host, self.port, path, self.trusting() if self.scheme == "https" else None, **keys
        )

    def stop(self) -> int:
        """As a service manager does it; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(HANG_GUARD)


@dataclass
class Reply:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(host: str, port: int, path: str, tls: ssl.SSLContext | None, **keys) -> Reply:
    kind = HTTPConnection if tls is None else HTTPSConnection
    more = {} if tls is None else {"context": tls}
    connection = kind(host, port, timeout=HANG_GUARD, **more)
    try:
        connection.request(
            keys.get("method", "GET"), path, keys.get("body"), keys.get("headers") or {}
        )
        return read(connection.getresponse())
    finally:
        connection.close()


def read(answer: HTTPResponse) -> Reply:
    cookies = answer.headers.get_all("Set-Cookie") or []
    return Reply(answer.status, dict(answer.headers.items()), cookies, answer.read())


def _set_up(data: Path) -> Path:
    """The keys of a node, made cheaply; the file that opens them."""
    key_file = data / "opens.key"
    if not key_file.exists():
        make_keys(
            data / "keys.json",
            [("Anna", "twelve quiet herons"), ("Bo", "green kettles sing")],
            recovery=RecoverySecret.new(),
            key_file=key_file,
            cost=Cost(64, 1, 1),
        )
    return key_file


@contextlib.contextmanager
def program(data: Path, *arguments: str, set_up: bool = True) -> Iterator[Program]:
    """Started, ready, and at the end stopped; with `set_up` a live node that opens by its key file."""
    if set_up and "--demo" not in arguments:
        arguments = (*arguments, "--key-file", str(_set_up(data)))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LAB_")}
    process = subprocess.Popen(
        [sys.executable, "wsgi.py", "--data", str(data), "--port", "0", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started = Program(process, data)
    ready = threading.Event()
    listening = threading.Thread(target=_listen, args=(started, ready), daemon=True)
    listening.start()
    try:
        assert ready.wait(HANG_GUARD), started.text
        assert started.port, started.text
        yield started
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(HANG_GUARD)
        finally:
            process.kill()
            listening.join(HANG_GUARD)
            process.stdout.close()


def _listen(started: Program, ready: threading.Event) -> None:
    for line in started.process.stdout:
        started.said.append(line)
        found = _READY.search(line)
        if found:
            started.scheme, started.port = found[1], int(found[3])
        if started.scheme == "http" or line.startswith("Compare"):
            ready.set()
    ready.set()


@contextlib.contextmanager
def connected(
    host: str, port: int, count: int, first: bytes = b""
) -> Iterator[list[socket.socket]]:
    """Many connections, each of which has sent `first` and nothing more."""
    with contextlib.ExitStack() as held:
        sockets = []
        for _ in range(count):
            one = held.enter_context(socket.create_connection((host, port), timeout=HANG_GUARD))
            if first:
                one.sendall(first)
            sockets.append(one)
        yield sockets


def drip(sockets: list[socket.socket]) -> None:
    """One more byte from each that is still connected."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.sendall(b"x")


def to_the_end(one: socket.socket) -> bytes:
    """Everything until the other side closes."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := one.recv(65536):
            got += piece
    return got


class Tap:
    """A wire-tap on loopback: `port` to connect to, and `heard`, every piece that went through either way."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serve_one)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(HANG_GUARD)
        self._listener.close()

    def _serve_one(self) -> None:
        self._listener.settimeout(HANG_GUARD)
        near, _ = self._listener.accept()
        with near, socket.create_connection(("127.0.0.1", self._target), HANG_GUARD) as far:
            near.settimeout(HANG_GUARD)
            back = threading.Thread(target=self._carry, args=(far, near))
            back.start()
            self._carry(near, far)
            back.join(HANG_GUARD)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.heard.append(piece)
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


def own_address() -> str | None:
    """An address of this computer that others could reach, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return None
        found: str = probe.getsockname()[0]
        return None if found.startswith("127.") else found
