"""The write path: a whole request, sealed, chained and durable, beside the disk's own speed (goals 10 and 11)."""

from __future__ import annotations

import contextvars
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from flask import Flask

from benchmarks.places import application, browser_of, folder, postgresql
from benchmarks.timing import Line, interleaved, times
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.services import recording
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.identity import new_id
from lab_contingency.requests.services import place_request
from tests.factories.world import World, a_card, an_identity, nhs_number

_SEEDS = iter(range(1, 1_000_000))
_NUMBERS = itertools.count(1)
_SENT = 303
_WRITERS = 8
_SECONDS = 4.0
_PACE = 20.0  # a second and writer: 160 a second in all, far beyond a region's need


def run() -> list[Line]:
    """SQLite beside fdatasync; eight paced writers; PostgreSQL with and without the chain."""
    lines: list[Line] = []
    with application() as (app, world), folder() as data:
        lines += _one_writer(world, data, "SQLite", 0.7)
        lines.append(_over_http(app, world))
        lines.append(_paced(app, world))
    with postgresql() as url, application(url) as (app, world), folder() as data:
        lines += _one_writer(world, data, "PostgreSQL", 0.55)
        lines.append(_chained(app, world))
    return lines


def place(world: World) -> None:
    """One request of another patient, in its own unit of work."""
    seed = next(_SEEDS)
    card = a_card(world, identity=an_identity(seed), tests=("FBC", "UE", "CRP"))
    with unit_of_work():
        place_request(card, actor=world.doctor)


def _one_writer(world: World, data: Path, engine: str, goal: float) -> list[Line]:
    file = os.open(data / "floor", os.O_WRONLY | os.O_CREAT)
    block = b"x" * 4096

    def sync() -> None:
        os.pwrite(file, block, 0)
        os.fdatasync(file)

    try:
        works = {"floor": times(20, sync), "request": times(20, lambda: place(world))}
        found = interleaved(works, clock=time.perf_counter)
    finally:
        os.close(file)
    took = found["request"].seconds / 20
    note = f"{took * 1000:.2f} ms a request, {found['floor'].seconds / 20 * 1000:.2f} ms a sync"
    ratio = found["floor"].seconds / found["request"].seconds
    return [Line(f"requests to synced writes, {engine}", ratio, goal, least=True, note=note)]


def _over_http(app: Flask, world: World) -> Line:
    """A filled card sent by a browser: form, request, page to go to. The goal is for a sync of 0.2 ms."""
    browser = browser_of(app, "doctor")
    ward = str(world.wards["KCH-ED-RESUS"])
    fields = {
        "born": "04-Nov-1958", "sex": "F", "surname": "Benchmark", "forenames": "Siân",
        "ward": ward, "bed": "4", "destination": "", "issuer": "RJZ", "callback": "bleep 2222",
        "requested_by": "Dr A. Okafor", "band": "P1", "reason_code": "SEPSIS",
        "clinical_details": "Rigors", "anticoagulant": "none", "infection_risk": "none known",
        "collection_method": "vein", "do": "send",
    }  # fmt: skip

    def send() -> None:
        seed = next(_SEEDS)
        card = {"idempotency_key": str(new_id()), "nhs_number": nhs_number(seed), **fields}
        card["tests"] = ["FBC", "UE", "CRP"]
        answer = contextvars.Context().run(partial(browser.post, "/requests/new", data=card))
        if answer.status_code != _SENT:
            raise RuntimeError(f"a card was answered with {answer.status_code}")

    took = interleaved({"card": send}, rounds=41, clock=time.perf_counter)["card"].seconds
    return Line("milliseconds from a sent card to its answer, SQLite", took * 1000, 10)


def _paced(app: Flask, world: World) -> Line:
    """Errors of eight writers that keep their pace: the goal is none."""
    failed: list[BaseException] = []

    def write() -> None:
        with app.app_context():
            ends = time.monotonic() + _SECONDS
            while time.monotonic() < ends:
                begun = time.monotonic()
                try:
                    place(world)
                except Exception as problem:  # noqa: BLE001 - each kind of failure counts
                    failed.append(problem)
                time.sleep(max(0.0, 1 / _PACE - (time.monotonic() - begun)))

    done = _together(write)
    note = f"{done:.1f} s for {_WRITERS} writers"
    return Line("errors of eight paced writers, SQLite", float(len(failed)), 0, note=note)


def _chained(app: Flask, world: World) -> Line:
    """Requests a second of eight writers, with the chain over without it."""
    alone, linked = [], []
    for _ in range(3):
        with _unchained():
            alone.append(_rate(app, world))
        linked.append(_rate(app, world))
    note = f"{sorted(linked)[1]:.0f} chained requests a second"
    ratio = sorted(linked)[1] / sorted(alone)[1]
    return Line(
        "eight writers, chained to unchained, PostgreSQL", ratio, 0.85, least=True, note=note
    )


@contextmanager
def _unchained() -> Iterator[None]:
    """The same rows, each alone: no stream is held and nothing is digested."""
    held = recording.append, recording.hold_stream
    recording.append, recording.hold_stream = _plain, lambda: None
    try:
        yield
    finally:
        recording.append, recording.hold_stream = held


def _plain(event: AuditEvent, _changes: object = None) -> None:
    event.stream, event.seq, event.key_version, event.mac = -1, next(_NUMBERS), 1, "0" * 64
    session().add(event)


def _rate(app: Flask, world: World) -> float:
    counts: list[int] = []

    def write() -> None:
        done = 0
        with app.app_context():
            ends = time.monotonic() + _SECONDS
            while time.monotonic() < ends:
                place(world)
                done += 1
        counts.append(done)

    took = _together(write)
    return sum(counts) / took


def _together(write: Callable[[], None]) -> float:
    """Run it in all writers at once; seconds until the last one ended."""
    begun = time.monotonic()
    threads = [threading.Thread(target=write) for _ in range(_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - begun
