"""The record shows every change: bits, types, order, cuts, forgeries; and holds when nothing was done to it."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from lab_contingency import create_app
from lab_contingency.audit import chains
from lab_contingency.audit.anchors import read_anchor, words_of
from lab_contingency.audit.models import AuditEvent, AuditStream, Checkpoint, Leaving
from lab_contingency.audit.queries import last_checkpoint, verify
from lab_contingency.audit.raw import RawTable
from lab_contingency.audit.rules import BEGINNING, canonical
from lab_contingency.audit.services import make_checkpoint, prepared, record, row_of
from lab_contingency.audit.signing import digest_of, sign
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.sealing import keys, open_keys
from lab_contingency.foundation.settings import Settings
from tests.factories.record import ACTOR, Tampering, make_log, on_stream, tampering

pytestmark = pytest.mark.feature(70)

COLUMNS = [
    (model.__tablename__, column.name)
    for model in (AuditEvent, Leaving, Checkpoint, AuditStream)
    for column in model.__table__.columns
]
SAMPLED = 3


@pytest.fixture(scope="module")
def kept(engine_name, tmp_path_factory, request) -> Iterator[Flask]:
    """An application of its own with a log of a thousand rows; no test commits a change to it."""
    url = None
    if engine_name == "postgresql":
        server = request.getfixturevalue("postgresql")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE kept_record")
        url = server.replace("/postgres?", "/kept_record?")
    app = create_app(Settings(tmp_path_factory.mktemp("kept"), url, demonstration=True))
    with app.app_context():
        db.metadata.create_all(db.engine)
        make_log()
        yield app
        db.engine.dispose()


@pytest.fixture
def log(kept) -> Iterator[Tampering]:
    with kept.app_context(), tampering() as found:
        yield found


def flips(value: object, chance: random.Random, *, sqlite: bool) -> Iterator[object]:
    """The value with one bit turned, again and again; what stands for nothing becomes something."""
    for _ in range(60):
        match value:
            case None:
                yield chance.choice([0, 1])
            case int():
                yield value ^ 1 << chance.randrange(30)
            case uuid.UUID():
                yield uuid.UUID(int=value.int ^ 1 << chance.randrange(128))
            case dt.datetime():
                step = dt.timedelta(microseconds=1 << chance.randrange(40))
                yield value + step
            case dict():
                yield json.dumps(_flip_json(value, chance))
            case str():
                raw = bytearray(value.encode())
                place = chance.randrange(len(raw)) if raw else 0
                raw = raw or bytearray(b"\1")
                raw[place] ^= 1 << chance.randrange(8)
                yield bytes(raw) if sqlite else raw.decode("utf-8", "ignore").replace("\0", "")


def _flip_json(value: dict, chance: random.Random) -> dict:
    turned = copy.deepcopy(value)
    name = chance.choice(sorted(turned)) if turned else None
    if name is None:
        return {"": 0}
    held = turned.pop(name)
    turned[name if chance.random() < 0.5 else name[:-1] + chr(ord(name[-1]) ^ 1)] = (
        held if name not in turned and chance.random() < 0.3 else [held]
    )
    return turned if turned != value else {**value, "": 0}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_one_bit_of_any_column_shows_and_the_row_is_named(log, table, column):
    chance = random.Random(f"{table}.{column}")  # noqa: S311 - the same bits in each run
    order = {"audit_event": "WHERE stream > 0", "audit_stream": "WHERE number > 0"}.get(table, "")
    rows = log.rows(table, order)
    filled = [row for row in rows if row[column] is not None]
    for row in [*chance.sample(filled, min(SAMPLED, len(filled))), chance.choice(rows)]:
        for value in flips(row[column], chance, sqlite=log.sqlite):
            with log.undone():
                try:
                    fits = row[column] is not None or log.sqlite
                    log.put(table, row, column, value if fits else _something(table, column))
                except DBAPIError:
                    continue  # the database itself refuses such a value: another bit
                report = log.report()
                assert not report.ok, (row, value)
                _is_named(report.first_bad, table, column, row)
            break
        else:
            pytest.fail("no bit could be turned")


def _something(table: str, column: str) -> object:
    kind = db.metadata.tables[table].columns[column].type.python_type
    return {int: 1, str: "x", uuid.UUID: uuid.UUID(int=1)}[kind]


def _is_named(found, table: str, column: str, row: dict) -> None:
    if table == "audit_event" and column not in {"stream", "seq"}:
        assert (found.stream, found.seq) == (row["stream"], row["seq"])
    elif table == "audit_event":
        assert found.seq is None or found.seq <= row["seq"] or found.stream != row["stream"]
    elif table == "leaving" and column != "id":
        assert uuid.UUID(found.row_id) == uuid.UUID(str(row["id"]))
    elif table == "checkpoint":
        assert found.number is not None
        assert found.number <= row["number"] + 1
    elif table == "audit_stream" and column != "number":
        assert found.stream == row["number"]


def test_a_log_that_nobody_touched_verifies(log):
    report = log.report()

    assert report.ok, report.first_bad
    assert (report.rows, report.streams, report.leavings) == (1003, 3, 20)
    assert (report.checkpoints, report.sealed, report.unprovable) == (3, 100, 0)
    assert report.since_checkpoint == 100
    assert report.remarks == ()


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_that_was_taken_away_shows(log, table, column):
    row = next(
        each
        for each in log.rows(table)[5 if table != "checkpoint" else 1 :]
        if each[column] is not None
    )
    log.loosen(table, *(["number"] if column == "number" else [column]))

    key = "id" if "id" in row else "number"
    log.run(f'UPDATE {table} SET "{column}" = NULL WHERE "{key}" = :key', key=row[key])

    assert not log.report().ok


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_of_another_type_shows(log, table, column):
    """A column of SQLite takes any type once its table is made anew; PostgreSQL turns it into its own text."""
    if not log.sqlite:
        change = f"""UPDATE {table} SET "{column}" = '1'::bytea"""
        if db.metadata.tables[table].columns[column].type.python_type is not str:
            with pytest.raises(DBAPIError), log.connection.begin_nested():
                log.run(change)
            return
        log.run(f"{change} WHERE ctid = (SELECT max(ctid) FROM {table})")
        assert not log.report().ok
        return
    row = next(each for each in log.rows(table)[1:] if each[column] is not None)
    log.loosen(table)
    key = "id" if "id" in row else "number"
    log.run(
        f'UPDATE {table} SET "{column}" = CAST("{column}" AS BLOB) WHERE "{key}" = :key',
        key=row[key],
    )

    assert not log.report().ok


def test_the_spelling_of_a_value_counts_where_the_database_keeps_it(log):
    """`0C…` reads as the same id as `0c…`, and `{"a":1}` as the same details as `{"a": 1}`."""
    kept = {"id": "upper(id::text)::uuid", "details": "(details::text || ' ')::jsonb"}
    spelt = {
        "id": "upper(id)",
        "details": "replace(details, ': ', ':')",
        "recorded_at": "replace(recorded_at, ' ', 'T')",
    }
    for column, other in (spelt if log.sqlite else kept).items():
        with log.undone():
            log.run(f"UPDATE audit_event SET {column} = {other} WHERE stream = 1 AND seq = 5")

            # PostgreSQL keeps the value and not its spelling: nothing was changed
            assert log.report().ok is not log.sqlite, column


def test_two_rows_that_changed_places_show(log):
    log.loosen("audit_event")
    log.run("UPDATE audit_event SET seq = -1 WHERE stream = 2 AND seq = 40")
    log.run("UPDATE audit_event SET seq = 40 WHERE stream = 2 AND seq = 41")
    log.run("UPDATE audit_event SET seq = 41 WHERE stream = 2 AND seq = -1")

    assert _first_bad(log) == (2, 40)


def test_a_row_that_stands_twice_shows(log):
    log.loosen("audit_event")
    log.run("INSERT INTO audit_event SELECT * FROM audit_event WHERE stream = 2 AND seq = 40")

    assert _first_bad(log) == (2, 40)
    assert "twice" in log.report().first_bad.wrong


def test_a_row_that_was_put_in_at_the_end_shows(log):
    row = log.rows("audit_event", "WHERE stream = 2 AND seq = 40")[0]
    last = log.run("SELECT seq FROM audit_stream WHERE number = 2").scalar_one()
    log.loosen("audit_event")
    log.run("INSERT INTO audit_event SELECT * FROM audit_event WHERE id = :id", id=row["id"])
    copies = "ctid" if not log.sqlite else "rowid"
    log.run(
        f"UPDATE audit_event SET seq = :seq WHERE {copies} = "
        f"(SELECT max({copies}) FROM audit_event WHERE id = :id)",
        seq=last + 1,
        id=row["id"],
    )
    log.set_end_back(2)

    assert _first_bad(log) == (2, last + 1)


def test_a_row_in_a_stream_that_does_not_exist_shows(log):
    log.loosen("audit_event")
    log.run("UPDATE audit_event SET stream = 77 WHERE stream = 5 AND seq = 1")

    assert not log.report().ok


def test_a_row_deleted_in_the_middle_is_named_as_missing(log):
    log.run("DELETE FROM audit_event WHERE stream = 2 AND seq = 40")

    assert _first_bad(log) == (2, 40)
    assert "missing" in log.report().first_bad.wrong


def _cut(log: Tampering, *, stream: int, after: int) -> None:
    """Delete the rows at the end of a stream, and the leavings they registered."""
    rows = log.rows("audit_event", f"WHERE stream = {stream} AND seq > {after}")
    for row in rows:
        if row["action"] == "leaving:registered":
            log.run("DELETE FROM leaving WHERE id = :id", id=row["subject_id"])
    log.run(f"DELETE FROM audit_event WHERE stream = {stream} AND seq > {after}")


def test_a_cut_tail_is_caught_by_the_end_that_is_noted(log):
    _cut(log, stream=1, after=300)

    report = log.report()

    assert report.first_bad.stream == 1
    assert not report.ok


def test_a_cut_tail_with_the_end_set_back_is_caught_by_a_checkpoint(log):
    _cut(log, stream=2, after=150)
    log.set_end_back(2)

    report = log.report()

    assert (report.first_bad.stream, report.first_bad.seq) == (2, 151)
    assert "checkpoint 3" in report.first_bad.wrong


def test_a_cut_behind_the_last_checkpoint_with_the_end_set_back_does_not_show(log):
    """The known limit: only what a checkpoint has seen is safe from a cut; the report counts the rest."""
    assert log.report().since_checkpoint == 100
    _cut(log, stream=1, after=303)
    log.set_end_back(1)

    assert log.report().ok


def test_a_cut_of_rows_ends_and_checkpoints_is_caught_by_a_printed_anchor(log):
    printed = [checkpoint_words(row) for row in log.rows("checkpoint", "ORDER BY number")]
    log.run("DELETE FROM checkpoint WHERE number > 1")
    _set_back_to_the_first_checkpoint(log)

    assert log.report().ok
    assert log.report(read_anchor(printed[0])).anchor.number == 1
    report = log.report(read_anchor(printed[2]))
    assert not report.ok
    assert report.first_bad.place == "The anchor"


def checkpoint_words(row: dict) -> str:
    return words_of(row["digest"])


def _set_back_to_the_first_checkpoint(log: Tampering) -> None:
    held = log.rows("checkpoint")[0]["heads"]
    for stream, (seq, head) in (json.loads(held) if log.sqlite else held).items():
        if stream != "0":
            _cut(log, stream=int(stream), after=seq)
            log.run(
                "UPDATE audit_stream SET seq = :seq, head = :head WHERE number = :n",
                seq=seq,
                head=head,
                n=int(stream),
            )


def _first_bad(log: Tampering) -> tuple[int | None, int | None]:
    found = log.report().first_bad
    return (found.stream, found.seq)


def test_checkpoints_cut_at_the_end_are_missed_by_the_chain(log):
    log.run("DELETE FROM checkpoint WHERE number = 3")

    found = log.report().first_bad

    assert found.number == 3
    assert "missing" in found.wrong


def test_somebody_with_the_audit_key_who_rewrites_everything_is_caught_by_a_checkpoint(log):
    log.run("UPDATE audit_event SET actor_name = 'Nobody' WHERE stream = 2 AND seq = 40")
    log.reseal(2, 40)

    found = log.report().first_bad

    assert (found.stream, "replaced" in found.wrong) == (2, True)


def _rewrite(log: Tampering, signed) -> None:
    """Rewrite a row, reseal its stream, and make every checkpoint fit; `signed` signs them."""
    log.run("UPDATE audit_event SET actor_name = 'Nobody' WHERE stream = 2 AND seq = 40")
    log.reseal(2, 40)
    before = BEGINNING
    for row in log.rows("checkpoint", "ORDER BY number"):
        _name_before(log, row["number"], before)
        heads = _heads_now(log, row["heads"])
        at = row["recorded_at"]
        at = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC) if log.sqlite else at
        said = {"number": row["number"], "recorded_at": at, "heads": heads, "before": before}
        digest = digest_of(canonical({**said, "key_version": 1}))
        log.run(
            'UPDATE checkpoint SET heads = :heads, "before" = :before, digest = :digest, signature = :sig '
            "WHERE number = :n",
            heads=json.dumps(heads), before=before, digest=digest, sig=signed(digest), n=row["number"],
        )  # fmt: skip
        before = digest


def _heads_now(log: Tampering, held) -> dict:
    heads = json.loads(held) if log.sqlite else held
    for stream, (seq, _) in heads.items():
        if stream != "0" and seq:
            where = f"stream = {stream} AND seq = {seq}"
            heads[stream][1] = log.run(f"SELECT mac FROM audit_event WHERE {where}").scalar_one()
    return heads


def _name_before(log: Tampering, number: int, before: str) -> None:
    """The event of a checkpoint names the one before: it must be rewritten too."""
    for row in log.rows("audit_event", "WHERE action = 'checkpoint:made'"):
        details = row["details"] if isinstance(row["details"], dict) else json.loads(row["details"])
        if details["number"] == number:
            text = json.dumps({**details, "before": before})
            log.run("UPDATE audit_event SET details = :d WHERE id = :id", d=text, id=row["id"])
            log.reseal(row["stream"], row["seq"])


def test_checkpoints_made_to_fit_a_rewritten_record_lack_the_signature(log):
    _rewrite(log, lambda _digest: "00" * 64)

    found = log.report().first_bad

    assert (found.number, "signature" in found.wrong) == (1, True)


def test_a_rewrite_with_the_audit_and_the_signing_key_is_caught_by_a_printed_anchor(log):
    printed = checkpoint_words(log.rows("checkpoint", "ORDER BY number")[2])
    _rewrite(log, lambda digest: sign(digest, 1))

    assert log.report().ok, log.report().first_bad
    assert not log.report(read_anchor(printed)).ok


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE checkpoint SET recorded_at = (SELECT recorded_at FROM checkpoint WHERE number = 1) WHERE number = 2",
        "UPDATE checkpoint SET heads = (SELECT heads FROM checkpoint WHERE number = 1) WHERE number = 2",
        "UPDATE checkpoint SET signature = (SELECT signature FROM checkpoint WHERE number = 1) WHERE number = 2",
        "DELETE FROM checkpoint WHERE number = 2",
    ],
)
def test_a_forged_checkpoint_is_named(log, change):
    log.run(change)

    assert log.report().first_bad.number == 2


def test_checkpoints_that_changed_places_show(log):
    for old, new in ((1, 9), (2, 1), (9, 2)):
        log.run("UPDATE checkpoint SET number = :new WHERE number = :old", old=old, new=new)

    assert log.report().first_bad.number == 1


def test_a_leaving_that_was_deleted_added_or_swapped_shows(log):
    with log.undone():
        log.run("DELETE FROM leaving WHERE id = (SELECT id FROM leaving LIMIT 1)")
        assert "missing" in log.report().first_bad.wrong
    with log.undone():
        new = uuid.uuid4()
        columns = [c.name for c in Leaving.__table__.columns if c.name not in {"id", "watermark"}]
        log.run(
            f"INSERT INTO leaving (id, watermark, {', '.join(columns)}) "
            f"SELECT :id, 'ABCDEFGHJK', {', '.join(columns)} FROM leaving LIMIT 1",
            id=new.hex if log.sqlite else new,
        )
        assert "no chain registers it" in log.report().first_bad.wrong
    with log.undone():
        log.run("UPDATE leaving SET contains = (SELECT contains FROM leaving ORDER BY id LIMIT 1)")
        assert not log.report().ok


@pytest.fixture
def rotated(app) -> Iterator[int]:
    """A log that goes on with a new audit key; the version of the one before."""
    with app.app_context():
        make_log(300)
        older, _ = keys().current("audit")
        with unit_of_work(alone=True):
            open_keys().rotate("audit")
        with unit_of_work():
            on_stream(2)
            for n in range(20):
                record("thing:done", uuid.uuid4(), actor=ACTOR, n=n, changes={"a": (None, "b")})
        yield older


def test_a_new_audit_key_goes_on_with_the_chain(rotated):
    assert verify().ok


def test_an_old_part_chained_anew_with_the_new_key_shows(rotated):
    """As a known flaw of sealed logs elsewhere had it: old rows resealed with the key of today."""
    with tampering() as log:
        log.run("UPDATE audit_event SET actor_name = 'Nobody' WHERE stream = 2 AND seq = 40")
        log.reseal(2, 40, version=rotated + 1)
        assert log.report().first_bad.stream == 2
    with tampering() as log:
        log.run(
            "UPDATE audit_event SET key_version = key_version + 1 WHERE stream = 2 AND seq = 40"
        )
        assert _first_bad(log) == (2, 40)


def test_a_key_that_goes_backwards_shows_even_where_the_digests_fit(rotated):
    with tampering() as log:
        last = log.run("SELECT seq FROM audit_stream WHERE number = 2").scalar_one()
        log.reseal(2, last, key=keys().version("audit", rotated), version=rotated)

        assert _first_bad(log) == (2, last)
        assert "older" in log.report().first_bad.wrong


def test_a_key_that_this_node_never_had_shows(log):
    log.reseal(5, 250, key=bytes(32), version=7)

    assert "never had" in log.report().first_bad.wrong


def test_rows_from_before_the_chains_are_counted_and_said_to_be_unprovable(app):
    with app.app_context():
        _old_row(3)
        with unit_of_work():
            make_checkpoint(actor=ACTOR)

        report = verify()

        assert report.ok, report.first_bad
        assert report.unprovable == 3
        assert "before there were chains" in report.remarks[0]
        with tampering() as log:
            log.run("UPDATE audit_event SET actor_name = 'Nobody' WHERE stream = 0 AND seq = 2")
            assert log.report().first_bad.stream == 0


def _old_row(count: int) -> None:
    with unit_of_work():
        for seq in range(1, count + 1):
            row = row_of(prepared("thing:done", None, actor=ACTOR))
            row.stream, row.seq, row.key_version, row.mac = 0, seq, 0, ""
            session().add(row)


def test_a_clock_set_back_is_a_remark_and_no_break(app):
    now = clock.now()
    with app.app_context():
        for hours in (0, -1, -1, -3):
            with clock.at(now + dt.timedelta(hours=hours)), unit_of_work():
                record("thing:done", None, actor=ACTOR)
        with clock.at(now + dt.timedelta(hours=-3, seconds=-1)), unit_of_work():
            record("thing:done", None, actor=ACTOR)

        report = verify()

        assert report.ok
        assert report.remarks[0] == "In stream 1 the clock went back 2 times, first at row 2."


def test_a_record_without_a_checkpoint_says_what_would_not_show(app):
    with app.app_context():
        with unit_of_work():
            record("thing:done", None, actor=ACTOR)

        assert "no checkpoint" in verify().remarks[0]


def test_an_anchor_finds_its_checkpoint_in_words_code_and_scan(kept):
    with kept.app_context():
        held = last_checkpoint()
        session().rollback()
        for typed in (held.words, held.code, f"LAB-ANCHOR/1 n=3 digest={held.digest}"):
            assert verify(read_anchor(typed)).anchor.number == 3


def test_what_the_raw_reader_says_is_what_the_chain_said(app):
    """Every kind of value, in the bytes the digest was made of, on both engines."""
    odd = "ä\"\\\n\t\x7f\u2028😀 '"
    with app.app_context():
        with unit_of_work():
            record(
                "thing:done",
                uuid.uuid4(),
                actor=ACTOR,
                odd=odd,
                n=-5,
                t=True,
                f=1e16,
                d={1: [None]},
            )
            event = session().new
            said = [canonical(chains.said(row)) for row in event if isinstance(row, AuditEvent)]
        with tampering() as log:
            table = RawTable(AuditEvent.__table__, db.engine.dialect.name, chains.NOT_SAID)
            assert [table.said(row) for row in table.rows(log.connection)] == said
