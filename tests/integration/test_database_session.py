"""The unit of work, the settings of the connections, and rows that are only ever added."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from lab_contingency.accounts.commands import AddUser
from lab_contingency.accounts.models import User
from lab_contingency.accounts.rules import Role
from lab_contingency.accounts.services import add_demonstration_person
from lab_contingency.audit.models import AuditEvent
from lab_contingency.audit.services import record
from lab_contingency.foundation import node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import append_only, db, session, unit_of_work
from lab_contingency.foundation.database import engine as engines
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken, StartRefused
from lab_contingency.incidents.models import NumberSeries
from lab_contingency.storeys import import_models
from tests.threads import together

import_models()
SYSTEM = Actor.system("tests")


def _add(username: str) -> None:
    add_demonstration_person(AddUser(username, username, Role.PORTER, None, None), actor=SYSTEM)


def _names() -> list[str]:
    session().rollback()
    return list(session().scalars(select(User.username).order_by(User.username)))


def test_settings_are_read_back_from_every_new_connection(app):
    with app.app_context():
        db.engine.dispose()

        engines.check_settings(db.engine)


def test_a_setting_that_could_lose_what_was_acknowledged_stops_the_start(app, engine_name):
    spoil = {"sqlite": "PRAGMA synchronous=OFF", "postgresql": "SET synchronous_commit = off"}

    def spoilt(connection, _record) -> None:
        cursor = connection.cursor()
        cursor.execute(spoil[engine_name])
        cursor.close()
        if engine_name == "postgresql":
            connection.commit()

    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", spoilt)
        try:
            with pytest.raises(StartRefused, match="synchronous"):
                engines.check_settings(db.engine)
        finally:
            event.remove(db.engine, "connect", spoilt)
            db.engine.dispose()


def test_a_unit_of_work_commits_once_when_it_ends_well(app):
    commits = []

    def note(connection) -> None:
        commits.append(connection)

    with app.app_context():
        event.listen(db.engine, "commit", note)
        try:
            with unit_of_work():
                _add("one")
                _add("two")
        finally:
            event.remove(db.engine, "commit", note)

        assert _names() == ["one", "two"]
        assert len(commits) == 1


@pytest.mark.parametrize("failure", [ArithmeticError, KeyboardInterrupt, RuleBroken])
def test_a_unit_of_work_that_fails_leaves_no_trace(app, failure):
    with app.app_context():
        with pytest.raises(failure), unit_of_work():
            _add("one")
            raise failure("stop")

        assert _names() == []
        assert session().scalars(select(AuditEvent)).all() == []


def test_a_unit_of_work_can_be_used_again_after_a_failure(app):
    with app.app_context():
        with pytest.raises(ArithmeticError), unit_of_work():
            raise ArithmeticError
        with unit_of_work():
            _add("after")

        assert _names() == ["after"]


def test_a_unit_of_work_reads_what_others_wrote_since(app):
    with app.app_context():
        with unit_of_work():
            _add("one")
        user = session().scalars(select(User)).one()
        _in_another_thread(app, lambda: session().execute(update(User).values(name="Changed")))

        with unit_of_work():
            assert session().get(User, user.id).name == "Changed"


def test_an_explained_constraint_becomes_its_sentence_on_its_field(app):
    with app.app_context():
        with unit_of_work():
            _add("one")

        with pytest.raises(RuleBroken) as refused, unit_of_work():
            held = session().scalars(select(User)).one()
            values = {c.name: getattr(held, c.name) for c in User.__table__.columns}
            session().execute(User.__table__.insert().values({**values, "id": uuid.UUID(int=7)}))

    assert refused.value.message == "This user name is taken. Choose another."
    assert refused.value.field == "username"


def test_a_constraint_that_nobody_explained_stays_a_fault(app):
    with app.app_context(), pytest.raises(IntegrityError), unit_of_work():
        session().execute(update(node.Node).values(number=100))


def test_a_row_that_another_changed_is_not_overwritten(app):
    with app.app_context():
        with unit_of_work():
            _add("one")

        with pytest.raises(ChangedByAnother), unit_of_work():
            held = session().scalars(select(User)).one()
            # As if it had been read before somebody else's change.
            session().execute(text("UPDATE user_account SET version = version + 1"))
            held.name = "Mine"

        assert session().scalars(select(User.name)).one() == "one"


def test_no_update_is_lost_when_eight_write_at_once(app):
    def count_up() -> None:
        for _ in range(25):
            with app.app_context(), unit_of_work():
                series = (
                    session()
                    .scalars(
                        select(NumberSeries).where(NumberSeries.kind == "slip").with_for_update()
                    )
                    .one()
                )
                series.next_sequence += 1

    failures = together([count_up] * 8)

    with app.app_context():
        assert failures == []
        assert session().get(NumberSeries, "slip").next_sequence == 1 + 8 * 25


def test_without_a_lock_a_lost_update_is_refused_not_lost(app):
    """What a version protects: of two who read the same, one is told."""
    with app.app_context(), unit_of_work():
        _add("one")
    outcomes: list[str] = []

    def rename() -> None:
        for _ in range(10):
            try:
                with app.app_context(), unit_of_work():
                    session().scalars(select(User)).one().name += "+"
                outcomes.append("+")
            except ChangedByAnother:
                outcomes.append("refused")

    assert together([rename] * 8) == []

    with app.app_context():
        held = session().scalars(select(User)).one()
        assert held.name.count("+") == outcomes.count("+")
        assert held.version == 1 + outcomes.count("+")
        assert len(outcomes) == 80


PROTECTED = sorted(
    name for name in db.metadata.tables if append_only.protected_columns(name) is not None
)


def test_the_history_tables_are_among_the_protected():
    assert {"audit_event", "leaving", "test_move", "request_change", "custody_event"} <= set(
        PROTECTED
    )


@pytest.mark.parametrize("table", PROTECTED)
def test_every_protected_table_has_its_triggers(app, table):
    with app.app_context(), db.engine.connect() as connection:
        assert table not in append_only.unprotected_tables(connection)


@pytest.mark.parametrize(
    "change", ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"]
)
def test_the_record_of_what_was_done_is_never_changed(app, change):
    with app.app_context():
        with unit_of_work():
            record("thing:done", None, actor=SYSTEM)

        with pytest.raises(DBAPIError, match="append-only"), unit_of_work():
            session().execute(text(change))

        assert session().scalars(select(AuditEvent.action)).all() == ["thing:done"]


def test_a_table_of_history_cannot_be_emptied_at_once(app, engine_name):
    everything = {"sqlite": "DELETE FROM audit_event", "postgresql": "TRUNCATE audit_event"}
    with app.app_context(), unit_of_work():
        record("thing:done", None, actor=SYSTEM)
    with app.app_context(), pytest.raises(DBAPIError, match="append-only"), unit_of_work():
        session().execute(text(everything[engine_name]))


def test_a_live_database_never_becomes_a_demonstration(app):
    with app.app_context(), pytest.raises(StartRefused, match="demonstration"), unit_of_work():
        node.set_up(demonstration=False)


def test_a_database_that_was_never_set_up_stops_the_start(app):
    with app.app_context():
        with unit_of_work():
            session().execute(text("DELETE FROM node"))

        with pytest.raises(StartRefused, match="never set up"):
            node.this_node()


def _in_another_thread(app, act) -> None:
    def run() -> None:
        with app.app_context(), unit_of_work():
            act()

    assert together([run]) == []
