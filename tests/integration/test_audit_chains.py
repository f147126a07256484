"""Growing the chains: many at once, savepoints, what fails; and rows that only the sealed text of may change."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import nullcontext

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lab_contingency.audit import chains
from lab_contingency.audit.models import AuditEvent, AuditStream
from lab_contingency.audit.queries import events_between, history_of, verify
from lab_contingency.audit.services import (
    checkpoint_if_due,
    make_checkpoint,
    record,
    register_leaving,
)
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.sealing import open_keys, seal, unseal
from tests.factories.record import ACTOR
from tests.threads import together


def _count() -> int:
    session().rollback()
    return session().scalar(select(func.count(AuditEvent.id)))


def test_eight_that_write_at_once_lose_nothing_and_the_chains_hold(app):
    def write() -> None:
        for n in range(30):
            with app.app_context(), unit_of_work():
                for _ in range(1 + n % 3):
                    record("thing:done", uuid.uuid4(), actor=ACTOR, n=n)

    assert together([write] * 8) == []

    with app.app_context():
        assert _count() == 8 * (10 + 20 + 30)
        report = verify()
        assert report.ok, report.first_bad
        assert report.rows == 480


def test_more_writers_than_streams_wait_and_lose_nothing(app):
    def write() -> None:
        with app.app_context(), unit_of_work():
            record("thing:done", None, actor=ACTOR)
            record("thing:done", None, actor=ACTOR)

    assert together([write] * 24) == []

    with app.app_context():
        assert verify().rows == 48
        assert verify().ok


def test_writers_and_checkpoints_at_once_agree(app):
    def write() -> None:
        for _ in range(15):
            with app.app_context(), unit_of_work():
                record("thing:done", None, actor=ACTOR)

    def check() -> None:
        for _ in range(6):
            with app.app_context(), unit_of_work():
                make_checkpoint(actor=ACTOR)

    assert together([write] * 5 + [check] * 3) == []

    with app.app_context():
        report = verify()
        assert report.ok, report.first_bad
        assert (report.checkpoints, report.rows) == (18, 75 + 18)


def test_what_fails_leaves_no_gap(app):
    with app.app_context():
        for ends in (nullcontext(), pytest.raises(ZeroDivisionError), nullcontext()):
            with ends as failed, unit_of_work():
                record("thing:done", None, actor=ACTOR)
                record("thing:done", None, actor=ACTOR)
                assert 1 / (failed is None)

        assert (verify().ok, verify().rows) == (True, 4)


def test_a_savepoint_that_is_undone_takes_its_rows_with_it(app):
    with app.app_context():
        with unit_of_work():
            with pytest.raises(ArithmeticError), session().begin_nested():
                record("thing:undone", None, actor=ACTOR)
                session().flush()
                raise ArithmeticError
            record("thing:done", None, actor=ACTOR)
            with pytest.raises(ArithmeticError), session().begin_nested():
                record("thing:undone", None, actor=ACTOR)
                raise ArithmeticError
            with session().begin_nested():
                record("thing:done", None, actor=ACTOR)
            record("thing:done", None, actor=ACTOR)

        assert (verify().ok, verify().rows) == (True, 3)


def test_a_stream_taken_in_an_undone_savepoint_is_not_kept_without_its_lock(app):
    """PostgreSQL gives the row lock up with the savepoint: two would write to one stream."""
    if db_name(app) == "sqlite":
        held = _streams_of_two(app)
        assert held == {1}  # one writer at a time: the second comes after the first
    else:
        assert len(_streams_of_two(app)) == 2
    with app.app_context():
        assert verify().ok


def db_name(app) -> str:
    with app.app_context():
        return db.engine.dialect.name


def _streams_of_two(app) -> set[int]:
    """One transaction undoes a savepoint and goes on; another takes a stream while the first is open."""
    with app.app_context(), unit_of_work():
        with pytest.raises(ArithmeticError), session().begin_nested():
            record("thing:undone", None, actor=ACTOR)
            raise ArithmeticError
        if db.engine.dialect.name == "postgresql":
            assert together([lambda: _write_and_end(app)]) == []
        record("thing:done", None, actor=ACTOR)
        first = chains.hold_stream().number
        if db.engine.dialect.name == "postgresql":
            assert together([lambda: _write_and_end(app)]) == []
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _write_and_end(app)
        return {first, *session().scalars(select(AuditEvent.stream).distinct())}


def _write_and_end(app) -> None:
    with app.app_context(), unit_of_work():
        record("thing:done", None, actor=ACTOR)


def test_two_events_in_one_flush_follow_each_other(app):
    with app.app_context():
        with unit_of_work():
            for _ in range(3):
                record("thing:done", None, actor=ACTOR)
        rows = (
            session().execute(select(AuditEvent.seq, AuditEvent.mac).order_by(AuditEvent.seq)).all()
        )
        end = session().get(AuditStream, 1)

        assert [seq for seq, _ in rows] == [1, 2, 3]
        assert (end.seq, end.head) == (3, rows[-1][1])


@pytest.mark.parametrize("wait", [dt.timedelta(minutes=9), dt.timedelta(minutes=10)])
def test_a_checkpoint_is_due_when_rows_are_old_and_never_without_rows(app, wait):
    now = clock.now()
    with app.app_context():
        for later, rows in ((0, 1), (1, 0), (1, 1)):
            with clock.at(now + later * wait), unit_of_work():
                for _ in range(rows):
                    record("thing:done", None, actor=ACTOR)
                made = checkpoint_if_due(actor=ACTOR)
                is_first = later == 0
                assert (made is not None) is (
                    is_first or (rows == 1 and wait == dt.timedelta(minutes=10))
                )
        assert verify().ok


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leaving SET copies = 2",
        "DELETE FROM leaving",
        "UPDATE checkpoint SET signature = ''",
        "DELETE FROM checkpoint",
        "UPDATE audit_event SET sealed_digest = ''",
        "UPDATE audit_event SET sealed = '', mac = ''",
        "DELETE FROM audit_event",
    ],
)
def test_the_three_tables_are_only_added_to(app, change):
    with app.app_context():
        with unit_of_work():
            register_leaving("tube label", {}, b"x", actor=ACTOR)
            make_checkpoint(actor=ACTOR)

        with pytest.raises(DBAPIError, match="append-only"), unit_of_work():
            session().execute(text(change))

        assert verify().ok


def test_sealed_text_alone_may_be_sealed_anew(app):
    """With another key the same text gets other bytes; the chain holds the digest of the plain text."""
    with app.app_context():
        with unit_of_work():
            record("request:identity_corrected", None, actor=ACTOR, changes={"name": ("A", "B")})
        row = session().scalars(select(AuditEvent)).one()
        open_keys().rotate("field")
        again = seal("audit_event", row.id, unseal("audit_event", row.id, row.sealed))
        with unit_of_work():
            session().execute(text("UPDATE audit_event SET sealed = :sealed"), {"sealed": again})

        assert verify().ok


def test_the_history_of_one_thing_opens_what_stood_before_and_after(app):
    one, other = uuid.uuid4(), uuid.uuid4()
    with app.app_context():
        with unit_of_work():
            record("request:placed", one, actor=ACTOR)
            record("request:placed", other, actor=ACTOR)
            record("request:identity_corrected", one, actor=ACTOR, changes={"name": ("A", "B")})

        found = history_of("request", one)

        assert [each.action for each in found] == ["request:identity_corrected", "request:placed"]
        assert found[0].changes == {"name": ("A", "B")}
        assert found[0].actor_name == ACTOR.name
        assert found[1].changes == {}


def test_an_altered_history_is_refused_not_shown(app):
    with app.app_context():
        one = uuid.uuid4()
        with unit_of_work():
            record("request:identity_corrected", one, actor=ACTOR, changes={"name": ("A", "B")})
            session().flush()
            session().execute(text("UPDATE audit_event SET sealed = 'ZZZZ' || substr(sealed, 5)"))

        with pytest.raises(Unreadable):
            history_of("request", one)


def test_a_search_is_bounded_and_by_person_action_and_time(app):
    now = clock.now()
    with app.app_context():
        with clock.at(now), unit_of_work():
            for n in range(210):
                record("thing:done" if n else "other:done", None, actor=ACTOR)
        with clock.at(now + dt.timedelta(hours=1)), unit_of_work():
            record("thing:done", None, actor=ACTOR)
        later = now + dt.timedelta(hours=2)

        assert len(events_between(now, later)) == 200
        assert len(events_between(now, later, action="other:done")) == 1
        assert len(events_between(now + dt.timedelta(minutes=1), later)) == 1
        assert events_between(now, now) == ()
        assert events_between(now, later, user_id=uuid.uuid4()) == ()
        assert events_between(now, later, user_id=ACTOR.user_id)[0].recorded_at > now
