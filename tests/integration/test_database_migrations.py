"""Migrations: up and down, the same database as the models', and nothing lost or left behind."""

from __future__ import annotations

import shutil
import uuid

import flask_migrate
import pytest
from sqlalchemy import CheckConstraint, Column, Enum, MetaData, Table, inspect, text
from sqlalchemy.exc import IntegrityError

from lab_contingency.foundation.database import db
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.migrations import FOLDER, bring_up_to_date
from lab_contingency.storeys import import_models
from tests.schemas import schema_of

import_models()
ENUM_COLUMNS = [
    (table.name, column.name)
    for table in db.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Enum)
]
HEAD = "0021"


def _schema() -> dict[str, str]:
    with db.engine.connect() as connection:
        return schema_of(connection)


def _scratch(tmp_path, **bodies: str) -> str:
    """A copy of the migrations with further ones: revision=body of upgrade()."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    before = HEAD
    for revision, body in bodies.items():
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        (folder / "versions" / f"{revision}.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = '{revision}'\ndown_revision = '{before}'\n\n"
            f"def upgrade():\n{lines}\n\ndef downgrade():\n    pass\n"
        )
        before = revision
    return str(folder)


def _version() -> str:
    with db.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def test_migrations_make_exactly_the_tables_of_the_models(fresh_app):
    with fresh_app().app_context():
        db.metadata.create_all(db.engine)
        modelled = _schema()
    with fresh_app().app_context():
        bring_up_to_date()
        migrated = _schema()

    assert {k: v for k, v in migrated.items() if modelled.get(k) != v} == {}
    assert set(modelled) - set(migrated) == set()
    assert len([name for name in migrated if name.startswith("trigger")]) > 10


def test_what_was_brought_up_goes_down_to_nothing_and_up_again(fresh_app):
    with fresh_app().app_context():
        bring_up_to_date()
        first = _schema()

        flask_migrate.downgrade(directory=str(FOLDER), revision="base")
        emptied = _schema()
        bring_up_to_date()

        assert emptied == {}
        assert _schema() == first


def test_bringing_up_to_date_twice_changes_nothing(fresh_app):
    with fresh_app().app_context():
        bring_up_to_date()
        first = _schema()

        bring_up_to_date()

        assert _schema() == first


def test_there_is_nothing_left_for_a_new_migration(fresh_app):
    with fresh_app().app_context():
        bring_up_to_date()

        flask_migrate.check(directory=str(FOLDER))


def test_altering_a_table_keeps_the_rows_that_refer_to_it(fresh_app, tmp_path):
    folder = _scratch(
        tmp_path,
        a1="""
op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(5)))
op.create_table("child", sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE")))
op.execute("INSERT INTO parent VALUES (1, 'one')")
op.execute("INSERT INTO child VALUES (10, 1), (11, 1)")
""",
        a2="""
with op.batch_alter_table("parent", recreate="auto") as batch:
    batch.alter_column("name", existing_type=sa.String(5), type_=sa.String(50))
""",
    )
    with fresh_app().app_context():
        flask_migrate.upgrade(directory=folder)

        with db.engine.connect() as connection:
            children = connection.execute(text("SELECT count(*) FROM child")).scalar()
            lengths = {c["name"]: c["type"] for c in inspect(connection).get_columns("parent")}
        assert children == 2
        assert lengths["name"].length == 50


def test_foreign_keys_hold_again_after_a_migration(fresh_app):
    with fresh_app().app_context():
        bring_up_to_date()

        with db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(
                text("INSERT INTO request_reach (request_id, laboratory_id) VALUES (:one, :other)"),
                {"one": "0" * 32, "other": "1" * 32},
            )


def test_a_migration_that_would_leave_a_dangling_row_is_undone(fresh_app, tmp_path, engine_name):
    # PostgreSQL refuses at the row itself; on SQLite the keys are off while tables are made anew
    refused = {
        "sqlite": (StartRefused, "refer to nothing"),
        "postgresql": (IntegrityError, "foreign key"),
    }
    error, words = refused[engine_name]
    folder = _scratch(
        tmp_path,
        b1="""
op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))
op.create_table("child", sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id")))
op.execute("INSERT INTO child VALUES (7)")
""",
    )
    with fresh_app().app_context():
        bring_up_to_date()
        before = _schema()

        with pytest.raises(error, match=words):
            flask_migrate.upgrade(directory=folder)

        assert (_schema(), _version()) == (before, HEAD)


def test_a_migration_that_fails_half_way_leaves_nothing_behind(fresh_app, tmp_path):
    folder = _scratch(
        tmp_path,
        c1="""
op.create_table("half_made", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO half_made VALUES (1)")
raise ArithmeticError("the power went")
""",
    )
    with fresh_app().app_context():
        bring_up_to_date()
        before = _schema()

        with pytest.raises(ArithmeticError):
            flask_migrate.upgrade(directory=folder)

        assert (_schema(), _version()) == (before, HEAD)


def test_a_migration_that_loses_the_triggers_of_an_insert_only_table_is_undone(fresh_app, tmp_path):
    folder = _scratch(
        tmp_path,
        d1="""
if op.get_bind().dialect.name == "sqlite":
    with op.batch_alter_table("audit_event", recreate="always") as batch:
        batch.add_column(sa.Column("more", sa.String()))
else:
    op.execute("DROP TRIGGER audit_event_append_only ON audit_event")
""",
    )
    with fresh_app().app_context():
        bring_up_to_date()
        before = _schema()

        with pytest.raises(StartRefused, match="audit_event"):
            flask_migrate.upgrade(directory=folder)

        assert _schema() == before


def test_every_word_of_every_enum_is_stored_and_read_back_and_no_other_is_accepted(fresh_app):
    with fresh_app().app_context(), db.engine.connect() as connection:
        for table_name, column_name in ENUM_COLUMNS:
            kind = db.metadata.tables[table_name].columns[column_name].type
            # The CHECK comes with the type; a table of this one column needs no other rows.
            scratch = Table("scratch", MetaData(), Column("word", kind.copy()))
            scratch.create(connection)
            connection.execute(scratch.insert(), [{"word": member} for member in kind.enum_class])

            held = list(connection.execute(scratch.select()).scalars())

            assert held == list(kind.enum_class), (table_name, column_name)
            with pytest.raises(IntegrityError), connection.begin_nested():
                connection.execute(text("INSERT INTO scratch (word) VALUES ('no such word')"))
            scratch.drop(connection)


def test_every_enum_column_carries_its_check():
    for table_name, column_name in ENUM_COLUMNS:
        table = db.metadata.tables[table_name]
        kind = table.columns[column_name].type
        checks = [c for c in table.constraints if isinstance(c, CheckConstraint) and c._type_bound]

        assert kind.create_constraint, (table_name, column_name)
        assert max(len(member.value) for member in kind.enum_class) <= kind.length
        assert checks


def test_sign_ins_from_before_shared_computers_go_up_and_down_with_their_rows(fresh_app):
    with fresh_app().app_context():
        flask_migrate.upgrade(directory=str(FOLDER), revision="0002")
        rows = {
            "user_account": "id, username, name, demonstration, created_at, version",
            "role_grant": "id, user_id, role, granted_at, granted_by",
            "sign_in": "id, token_digest, grant_id, started_at, ends_at",
        }
        value = {
            "at": "2026-11-25 01:00:00+00:00",
            "u": "1" * 32,
            "g": "2" * 32,
            "s": "3" * 32,
            "no": False,
        }
        with db.engine.begin() as connection:
            for table, line in (
                ("user_account", ":u, 'ada', 'Ada', :no, :at, 1"),
                ("role_grant", ":g, :u, 'porter', :at, 'tests'"),
                ("sign_in", ":s, 'digest', :g, :at, :at"),
            ):
                hold = "passphrase_hash, " if table == "user_account" else ""
                said = "'hash', " if hold else ""
                connection.execute(
                    text(f"INSERT INTO {table} ({hold}{rows[table]}) VALUES ({said}{line})"), value
                )

        bring_up_to_date()
        up = _one(
            "SELECT count(*) FROM sign_in WHERE token_digest = 'digest' AND device_id IS NULL"
        )
        flask_migrate.downgrade(directory=str(FOLDER), revision="0002")
        down = _one("SELECT count(*) FROM sign_in WHERE token_digest = 'digest'")

        assert (up, down) == (1, 1)


LAB, OTHER = "1" * 32, "2" * 32


def _spells(laboratory: str) -> list[tuple[int, int, int]]:
    query = text(
        "SELECT weekday, opens, closes FROM opening_hours WHERE laboratory_id = :lab"
        " ORDER BY weekday, opens"
    )
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"lab": laboratory})]


def _open(laboratory: str, *spells: tuple[int, int, int]) -> None:
    with db.engine.begin() as connection:
        for weekday, opens, closes in spells:
            connection.execute(
                text(
                    "INSERT INTO opening_hours (id, laboratory_id, weekday, opens, closes)"
                    " VALUES (:id, :lab, :weekday, :opens, :closes)"
                ),
                {
                    "id": uuid.uuid4().hex,
                    "lab": laboratory,
                    "weekday": weekday,
                    "opens": opens,
                    "closes": closes,
                },
            )


def _laboratories() -> None:
    """Two laboratories of nobody in particular."""
    with db.engine.begin() as connection:
        value = {"o": "3" * 32, "one": LAB, "two": OTHER}
        for line in (
            "INSERT INTO organisation (id, ods_code, name, version) VALUES (:o, 'X99', 'Test', 1)",
            (
                "INSERT INTO laboratory (id, code, name, kind, organisation_id, telephone, version)"
                " VALUES (:one, 'A', 'A', 'partner', :o, '1', 1),"
                " (:two, 'B', 'B', 'partner', :o, '1', 1)"
            ),
        ):
            connection.execute(text(line), value)


def test_hours_go_up_as_they_were_and_down_with_the_longest_of_each_day(fresh_app):
    whole, night = [(day, 0, 1440) for day in range(7)], (1200, 1920)
    with fresh_app().app_context():
        flask_migrate.upgrade(directory=str(FOLDER), revision="0020")
        _laboratories()
        _open(LAB, (0, 480, 1080), (2, 0, 1440))
        _open(OTHER, *whole)
        flask_migrate.upgrade(directory=str(FOLDER), revision="0021")
        up = _spells(LAB)
        # A break on Tuesday, a night from Thursday that meets Friday, a night from Sunday into Monday.
        _open(LAB, (1, 480, 720), (1, 780, 1080), (3, *night), (4, 480, 600), (6, 1200, 1860))
        flask_migrate.downgrade(directory=str(FOLDER), revision="0020")
        down, untouched = _spells(LAB), _spells(OTHER)
        flask_migrate.upgrade(directory=str(FOLDER), revision="0021")

        assert up == [(0, 480, 1080), (2, 0, 1440)]
        assert down == [
            (0, 480, 1080),  # longer than what is left of Sunday night
            (1, 780, 1080),  # the longer half
            (2, 0, 1440),
            (3, 1200, 1440),
            (4, 0, 600),  # what touches is one
            (6, 1200, 1440),
        ]
        assert (untouched, _spells(OTHER), _spells(LAB)) == (whole, whole, down)


def _one(query: str) -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text(query)).scalar())
