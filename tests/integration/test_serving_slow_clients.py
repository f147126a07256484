"""Whoever is slow, silent or too many: the others are answered. And how the server stops."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request

from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.serving import Served, prepare
from lab_contingency.foundation.serving.limits import Limits
from lab_contingency.foundation.settings import Settings
from tests.serving import HANG_GUARD, ask, connected, drip, program, to_the_end

ALL = "0.0.0.0"  # noqa: S104
MANY = 200
_BEGUN = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
# Record header and the first bytes of a ClientHello whose rest never comes.
_HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with program(tmp_path_factory.mktemp("slow"), "--host", ALL) as started:
        yield started


def test_two_hundred_half_handshakes_and_two_hundred_dripping_requests_stop_nobody(served):
    tls = served.trusting()
    with (
        connected("127.0.0.1", served.port, MANY, _HALF_A_HELLO) as half,
        connected("127.0.0.1", served.port, 50) as silent,
        connected("127.0.0.1", served.port, MANY) as plain,
    ):
        dripping = [tls.wrap_socket(one, server_hostname="localhost") for one in plain]
        for one in dripping:
            one.sendall(_BEGUN)
        for _ in range(5):
            drip([*half, *dripping])
            assert served.ask("/sign-in").status == 200
        assert len(silent) == 50
        for one in dripping:
            one.close()


class Small:
    """A program of four pages on a server of our own, to see the limits at work."""

    def __init__(self, data, limits: Limits, host: str = "127.0.0.1", **keys) -> None:
        self.app = Flask("small")
        self.app.config["MAX_CONTENT_LENGTH"] = 1000
        self.app.extensions["lab_settings"] = Settings(data)
        self.entered = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.app.add_url_rule("/", "quick", lambda: "quick")
        self.app.add_url_rule("/waits", "waits", self._waits)
        self.app.add_url_rule("/large", "large", lambda: "x" * 30_000_000)
        self.app.add_url_rule("/form", "form", self._form, methods=["POST"])
        self.server: Served = prepare(self.app, host, 0, limits=limits, **keys)

    def _waits(self) -> str:
        self.entered.release()
        assert self.go_on.wait(HANG_GUARD)
        return "waited"

    def _form(self) -> str:
        return str(len(request.get_data()))

    def ask(self, path: str, **keys):
        return ask("127.0.0.1", self.server.port, path, None, **keys)


@contextmanager
def running(data, limits: Limits, **keys) -> Iterator[Small]:
    small = Small(data, limits, **keys)
    thread = threading.Thread(target=small.server.run)
    thread.start()
    try:
        yield small
    finally:
        small.go_on.set()
        small.server.stop()
        thread.join(HANG_GUARD)
        assert not thread.is_alive()


def test_a_request_that_never_ends_is_cut_off_however_often_a_byte_comes(tmp_path):
    with running(tmp_path, Limits(request=0.5)) as small:
        with socket.create_connection(("127.0.0.1", small.server.port), HANG_GUARD) as one:
            one.sendall(_BEGUN)
            one.settimeout(0.05)
            began = time.monotonic()
            assert _dripped_until_closed(one, began)
        assert small.ask("/").text == "quick"


def _dripped_until_closed(one: socket.socket, began: float) -> bool:
    while time.monotonic() - began < HANG_GUARD:
        try:
            one.sendall(b"x")
            if one.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("limits", [Limits(quiet=0.2), Limits(request=0.2)])
@pytest.mark.parametrize("by_poll", [True, False], ids=["poll", "select, as on Windows"])
def test_a_silent_connection_is_closed(tmp_path, limits, by_poll):
    first = _BEGUN if limits.request < 1 else b""
    with (
        running(tmp_path, limits, by_poll=by_poll) as small,
        connected("127.0.0.1", small.server.port, 3, first) as silent,
    ):
        assert [to_the_end(one) for one in silent] == [b""] * 3
        assert small.ask("/").text == "quick"


def test_empty_lines_do_not_keep_a_connection(tmp_path):
    with running(tmp_path, Limits(quiet=0.5)) as small:
        with socket.create_connection(("127.0.0.1", small.server.port), HANG_GUARD) as one:
            one.settimeout(0.05)
            began, closed = time.monotonic(), False
            while not closed and time.monotonic() - began < HANG_GUARD:
                try:
                    one.sendall(b"\r\n\r\n")
                    closed = one.recv(1) == b""
                except TimeoutError:
                    continue
                except ConnectionError:
                    closed = True
        assert closed


def test_somebody_who_does_not_take_the_answer_holds_neither_thread_nor_memory(tmp_path):
    with running(tmp_path, Limits(threads=1, draining=0.5)) as small:
        with socket.create_connection(("127.0.0.1", small.server.port), HANG_GUARD) as one:
            one.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert small.ask("/").text == "quick"  # by the only thread
            listener = small.server._listeners[0]
            began = time.monotonic()
            while listener.active_channels and time.monotonic() - began < HANG_GUARD:
                small.ask("/", headers={"Connection": "close"})
            assert not listener.active_channels
        assert small.ask("/").text == "quick"


def test_when_too_many_connect_the_one_that_does_least_makes_room(tmp_path):
    with (
        running(tmp_path, Limits(connections=20)) as small,
        connected("127.0.0.1", small.server.port, 60) as silent,
    ):
        assert small.ask("/").text == "quick"
        assert len(small.server._listeners[0].active_channels) <= 20
        assert to_the_end(silent[0]) == b""


def test_when_all_are_busy_the_next_is_told_when_to_come_back(tmp_path):
    with running(tmp_path, Limits(threads=1, waiting=1)) as small:
        answers: list[int] = []
        waiting = [
            threading.Thread(target=lambda: answers.append(small.ask("/waits").status))
            for _ in range(2)
        ]
        waiting[0].start()
        assert small.entered.acquire(timeout=HANG_GUARD)
        waiting[1].start()
        began = time.monotonic()
        while not small.server._desk._working.queue and time.monotonic() - began < HANG_GUARD:
            pass  # the second has not come to the desk yet
        turned_away = small.ask("/")
        small.go_on.set()
        for one in waiting:
            one.join(HANG_GUARD)

        assert turned_away.status == 503
        assert turned_away.headers["Retry-After"] == "5"
        assert "Nothing was saved" in turned_away.text
        assert answers == [200, 200]
        assert small.ask("/").text == "quick"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 1000, {}, 200),
        (b"x" * 1001, {}, 413),
        (None, {"Content-Length": "999999999"}, 413),
        (None, {"X-Long": "x" * 40_000}, 431),
    ],
    ids=["fits", "one too many", "announced", "headers"],
)
def test_what_is_too_large_is_refused(tmp_path, body, headers, status):
    with running(tmp_path, Limits()) as small:
        assert small.ask("/form", method="POST", body=body, headers=headers).status == status


def test_a_stop_finishes_what_is_being_answered_and_takes_nothing_new(tmp_path):
    small = Small(tmp_path, Limits())
    serving = threading.Thread(target=small.server.run)
    serving.start()
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(small.ask("/waits").text))
    asking.start()
    assert small.entered.acquire(timeout=HANG_GUARD)

    small.server.stop()
    while True:
        try:
            small.ask("/")
        except OSError:
            break
    small.go_on.set()
    asking.join(HANG_GUARD)
    serving.join(HANG_GUARD)

    assert answers == ["waited"]
    assert not serving.is_alive()


def test_a_signal_stops_the_program_in_good_order(tmp_path):
    with (
        program(tmp_path) as started,
        connected("127.0.0.1", started.port, 5),
    ):
        assert started.ask("/sign-in").status == 200
        assert started.stop() == 0
    assert "Traceback" not in started.text


def test_a_handshake_that_never_ends_is_cut_off(tmp_path, tls_server):
    with connected("127.0.0.1", tls_server.port, 3, _HALF_A_HELLO) as half:
        assert [to_the_end(one) for one in half] == [b""] * 3


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x00\x05hello", b"\x16" * 400, b"\x16\x03\x03\xff\xff" + b"\x00" * 70000]
)
def test_nonsense_that_begins_like_tls_is_dropped(tls_server, sent):
    with socket.create_connection(("127.0.0.1", tls_server.port), HANG_GUARD) as one:
        one.sendall(sent)
        assert b"HTTP" not in to_the_end(one)


def test_a_large_answer_arrives_whole_over_tls_also_when_it_is_taken_slowly(tls_server, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    with (
        socket.create_connection(("127.0.0.1", tls_server.port), HANG_GUARD) as plain,
        context.wrap_socket(plain, suppress_ragged_eofs=False) as one,
    ):
        one.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: one.recv(100_000), b""))  # fails without TLS's own goodbye

    assert got.endswith(b"x" * 30_000_000)


@pytest.fixture
def tls_server(tmp_path) -> Iterator[Served]:
    class Ring:
        def current(self):
            return 1, b"k" * 32

        def version(self, number):
            return b"k" * 32

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "lab_contingency.foundation.serving.running.RingWrapping", lambda _app: Ring()
        )
        with running(tmp_path, Limits(handshake=0.5), host=ALL) as small:
            yield small.server


@pytest.mark.parametrize(
    ("host", "advice"),
    [("fe80::nonsense", "all of its addresses"), ("203.0.113.1", "own addresses")],
)
def test_an_address_that_is_not_ours_is_refused_with_what_to_do(tmp_path, host, advice):
    with pytest.raises(StartRefused, match=advice):
        Small(tmp_path, Limits(), host=host)


def test_a_port_in_use_is_told(tmp_path):
    with running(tmp_path, Limits()) as small, pytest.raises(StartRefused, match="running already"):
        prepare(small.app, "127.0.0.1", small.server.port)


def test_a_name_that_is_none_is_refused(tmp_path):
    app = Flask("named")
    app.extensions["lab_settings"] = Settings(tmp_path, names=("no name",))

    with pytest.raises(StartRefused, match="no name of a computer"):
        prepare(app, "127.0.0.1", 0)
