"""When the database cannot record: into the sealed journal, taken in once, and only then is nothing shown."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select

from lab_contingency.audit.journal import Journal
from lab_contingency.audit.models import AuditEvent, Showing
from lab_contingency.audit.queries import verify
from lab_contingency.audit.services import (
    prepared,
    record_or_journal,
    take_in_journal,
)
from lab_contingency.audit.services.journalling import _take_in, journal
from lab_contingency.foundation.database import db, session
from lab_contingency.foundation.errors import CannotRecord
from lab_contingency.foundation.web import responses
from tests.factories.record import ACTOR
from tests.threads import together

SPOIL = {
    "sqlite": "PRAGMA query_only=ON",
    "postgresql": "SET default_transaction_read_only = on",
}


@contextmanager
def unwritable(app) -> Iterator[None]:
    """Every connection of the application only reads."""
    engine = db.engine
    spoil = SPOIL[engine.dialect.name]

    def spoilt(connection, _record) -> None:
        cursor = connection.cursor()
        cursor.execute(spoil)
        cursor.close()
        if engine.dialect.name == "postgresql":
            connection.commit()

    session().rollback()
    engine.dispose()
    event.listen(engine, "connect", spoilt)
    try:
        yield
    finally:
        session().rollback()
        event.remove(engine, "connect", spoilt)
        engine.dispose()


@pytest.fixture
def held(app) -> Iterator[Journal]:
    """The application's journal, empty before and after."""
    with app.app_context():
        take_in_journal()
        one = journal()
        yield one
        with one.taking():
            pass


def _shown(count: int = 1, **details):
    return [
        prepared("patient:shown", uuid.uuid4(), actor=ACTOR, fields=3, list_key="queue", details=details)
        for _ in range(count)
    ]  # fmt: skip


def _rows() -> list[AuditEvent]:
    session().rollback()
    return list(session().scalars(select(AuditEvent).order_by(AuditEvent.stream, AuditEvent.seq)))


def test_what_can_be_recorded_never_sees_the_journal(app, held):
    record_or_journal(_shown(3), also=lambda: _show("now"))

    assert len(_rows()) == 3
    assert not held.holds_anything()
    assert session().scalar(select(func.count()).select_from(Showing)) == 1


def _show(list_key: str) -> None:
    session().add(Showing(sign_in_id=uuid.uuid4(), list_key=list_key, patients="{}"))


@pytest.mark.hazard("H31")
def test_a_database_that_only_reads_lets_the_journal_take_it_and_later_gets_it_once(app, held):
    events = _shown(5, place="ward", why="née Ö")
    with unwritable(app):
        record_or_journal(events, also=lambda: _show("now"))
        assert held.holds_anything()
        assert take_in_journal() == 0
    assert _rows() == []

    assert take_in_journal() == 5
    assert take_in_journal() == 0

    rows = _rows()
    assert [row.id for row in rows] == [each.id for each in events]
    assert [row.recorded_at for row in rows] == [each.recorded_at for each in events]
    number = rows[0].details["journal"]
    assert rows[0].details == {"place": "ward", "why": "née Ö", "journal": number}
    assert (rows[0].fields, rows[0].list_key, rows[0].subject_id) == (
        3,
        "queue",
        events[0].subject_id,
    )
    assert not held.holds_anything()
    report = verify()
    assert report.ok, report.first_bad
    assert not any("clock" in remark for remark in report.remarks)


def test_the_first_that_can_be_recorded_again_brings_in_what_waited(app, held):
    with unwritable(app):
        record_or_journal(_shown(2))
        record_or_journal(_shown(1))

    record_or_journal(_shown(1))

    assert len(_rows()) == 4
    assert not held.holds_anything()
    assert verify().ok


def test_a_kill_between_the_commit_and_the_zeroing_takes_nothing_in_twice(app, held):
    with unwritable(app):
        record_or_journal(_shown(3))
    with pytest.raises(KeyboardInterrupt), held.taking() as frames:
        assert _take_in(frames) == 3
        raise KeyboardInterrupt

    assert held.holds_anything()
    assert take_in_journal() == 0
    assert len(_rows()) == 3
    assert not held.holds_anything()


def test_numbers_of_frames_are_never_used_again(app, held):
    numbers = []
    for _ in range(3):
        with unwritable(app):
            record_or_journal(_shown(1))
        take_in_journal()
        numbers.append(_rows()[-1].details["journal"])

    assert numbers == sorted(set(numbers))


def test_nothing_is_readable_in_the_file(app, held):
    with unwritable(app):
        record_or_journal(_shown(1, place="Zebrafish Ward"))
        raw = held._path.read_bytes()

    for word in (
        b"Zebrafish",
        ACTOR.name.encode(),
        b"O'Neill",
        b"Neill",
        b"patient:shown",
        b"10.1.2.3",
    ):
        assert word not in raw
    assert held._path.stat().st_mode & 0o777 == 0o600


def test_a_full_journal_lets_nothing_be_shown(app, held, tmp_path, monkeypatch):
    small = Journal(tmp_path / "small.sealed", held._key_of, size=4096)
    small.prepare()
    monkeypatch.setitem(app.extensions, "lab_journal", small)
    with unwritable(app), pytest.raises(CannotRecord, match="not shown"):
        for _ in range(20):
            record_or_journal(_shown(1))

    kept = take_in_journal()

    assert 0 < kept < 20
    assert len(_rows()) == kept


def test_no_journal_at_all_lets_nothing_be_shown(app, held, tmp_path, monkeypatch):
    gone = Journal(tmp_path / "no such folder" / "journal.sealed", held._key_of)
    monkeypatch.setitem(app.extensions, "lab_journal", gone)
    with unwritable(app), pytest.raises(CannotRecord):
        record_or_journal(_shown(1))


def test_a_fault_of_the_program_is_not_hidden_in_the_journal(app, held):
    events = _shown(1)
    with pytest.raises(Exception, match=r"(?i)unique"):
        record_or_journal([*events, *events])

    assert not held.holds_anything()


def test_a_frame_that_was_altered_is_noted_and_the_others_are_taken_in(app, held):
    with unwritable(app):
        for _ in range(3):
            record_or_journal(_shown(1))
    raw = bytearray(held._path.read_bytes())
    second = raw.index(b"FRAM", raw.index(b"FRAM") + 4)
    raw[second + 60] ^= 1  # in what is sealed
    held._path.write_bytes(raw)

    assert take_in_journal() == 2

    actions = [row.action for row in _rows()]
    assert sorted(actions) == ["journal:unreadable", "patient:shown", "patient:shown"]


@pytest.mark.parametrize("place", [0, 5, 15, 21])
def test_a_damaged_head_hides_no_other_frame(app, held, place):
    with unwritable(app):
        for _ in range(3):
            record_or_journal(_shown(1))
    raw = bytearray(held._path.read_bytes())
    raw[raw.index(b"FRAM") + place] ^= 4
    held._path.write_bytes(raw)
    with unwritable(app):
        record_or_journal(_shown(1))

    assert take_in_journal() == 3
    assert "journal:unreadable" in [row.action for row in _rows()]


def test_a_damaged_journal_is_set_aside_and_a_new_one_made(app, held, tmp_path):
    file = tmp_path / "journal.sealed"
    one = Journal(file, held._key_of, size=8192)
    one.prepare()
    one.write([{"a": 1}])
    file.write_bytes(b"\1" + file.read_bytes()[1:])

    aside = one.prepare()

    assert aside.exists()
    assert not one.holds_anything()
    assert one.write([{"a": 2}]) == 1


def test_threads_that_write_at_once_each_get_a_frame(app, held):
    with unwritable(app):

        def write() -> None:
            for _ in range(10):
                with app.app_context():
                    record_or_journal(_shown(2))

        assert together([write] * 8) == []

    assert take_in_journal() == 160
    assert len({row.details["journal"] for row in _rows()}) == 80


def test_processes_that_write_at_once_each_get_a_frame(root, held, tmp_path):
    file = tmp_path / "journal.sealed"
    code = (
        "import sys\nfrom pathlib import Path\nfrom lab_contingency.audit.journal import Journal\n"
        "one = Journal(Path(sys.argv[1]), lambda v: (1, bytes(32)))\n"
        "[one.write([{'who': sys.argv[2], 'n': n}]) for n in range(25)]\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(file), str(who)], cwd=root)
        for who in range(4)
    ]
    assert [one.wait() for one in running] == [0] * 4

    with Journal(file, lambda _: (1, bytes(32))).taking() as frames:
        assert [frame.number for frame in frames] == list(range(1, 101))
        assert len({(row["who"], row["n"]) for frame in frames for row in frame.rows}) == 100


def test_what_was_written_before_a_kill_is_there(root, tmp_path):
    file = tmp_path / "journal.sealed"
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom lab_contingency.audit.journal import Journal\n"
        "one = Journal(Path(sys.argv[1]), lambda v: (1, bytes(32)))\n"
        "one.write([{'n': 1}])\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(file)], cwd=root, check=False)
    assert ended.returncode == -signal.SIGKILL

    with Journal(file, lambda _: (1, bytes(32))).taking() as frames:
        assert [frame.rows for frame in frames] == [({"n": 1},)]


def test_a_key_made_anew_still_opens_what_waits(tmp_path):
    keys = {1: bytes(32), 2: bytes(range(32))}
    current = [1]

    def key_of(version):
        version = version or current[0]
        return version, keys[version]

    one = Journal(tmp_path / "journal.sealed", key_of, size=8192)
    one.write([{"n": 1}])
    current[0] = 2
    one.write([{"n": 2}])

    with one.taking() as frames:
        assert [frame.rows[0]["n"] for frame in frames] == [1, 2]


def test_the_page_is_withheld_with_a_way_on_to_paper(app, monkeypatch):
    with app.test_request_context():
        body, status = responses._lab_error(CannotRecord())

    assert status == 503
    assert "/blank-form" in body
    assert "not shown" in body


def test_the_journal_stands_ready_from_the_start(fresh_app):
    app = fresh_app()
    with app.app_context():
        assert journal()._path.stat().st_size == 4 * 1024 * 1024
        assert journal()._path.name == "journal-demonstration.sealed"
