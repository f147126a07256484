"""Triggers that refuse to change or delete rows, for both engines. Models and migrations use them.

A sealed record of an append-only table may be sealed anew with another key and in no other way: the row
says the same for ever, but a key must be able to be replaced.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, Connection, Table, event, inspect, text

from lab_contingency.foundation.database.sealed_columns import SEALED

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
# Sealing anew keeps the length and changes the header of four signs that names the key.
_NOT_SEALED_ANEW = (
    "OLD.sealed IS NULL OR NEW.sealed IS NULL OR length(OLD.sealed) <> length(NEW.sealed) "
    "OR substr(OLD.sealed, 1, 4) = substr(NEW.sealed, 1, 4)"
)
# Protected tables: the columns that are never changed, none named meaning all.
_PROTECTED: dict[str, tuple[str, ...]] = {}
_STANDING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
_NEEDED = {"sqlite": ("no_update", "no_delete"), "postgresql": ("append_only",)}


def statements(table: str, dialect: str, columns: Sequence[str] = ()) -> list[str]:
    """Say in DDL that rows of `table` are never deleted, and they (or these columns) never changed."""
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    if dialect == "sqlite":
        stop = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE {update} ON {table} {stop}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {stop}",
        ]
    trigger = (
        f"CREATE TRIGGER {table}_append_only BEFORE {update} OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    return [POSTGRESQL_FUNCTION, trigger]


def sealed_statements(table: str, dialect: str) -> list[str]:
    """Say in DDL that the sealed record of a row is only ever sealed anew with another key."""
    head = f"CREATE TRIGGER {table}_sealed_anew BEFORE UPDATE OF {SEALED} ON {table} FOR EACH ROW"
    when = f"WHEN ({_NOT_SEALED_ANEW})"
    if dialect == "sqlite":
        return [f"{head} {when} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"]
    return [POSTGRESQL_FUNCTION, f"{head} {when} EXECUTE FUNCTION refuse_change()"]


def removals(table: str, dialect: str) -> list[str]:
    """Take the triggers of a table away, for a migration that makes them anew."""
    if dialect == "sqlite":
        return [
            f"DROP TRIGGER IF EXISTS {table}_{name}"
            for name in ("no_update", "no_delete", "sealed_anew")
        ]
    return [
        f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"
        for name in ("append_only", "sealed_anew")
    ]


def protect(table: Table, columns: Sequence[str] = ()) -> Table:
    """Add the triggers whenever the table is created from the model.

    `columns` are those never changed, by default all; a sealed record may always be sealed anew.
    """
    names = [column.name for column in table.columns]
    if SEALED in names:
        columns = tuple(name for name in columns or names if name != SEALED)
    _PROTECTED[table.name] = tuple(columns)
    for dialect in ("sqlite", "postgresql"):
        wanted = statements(table.name, dialect, columns)
        if SEALED in names:
            wanted += sealed_statements(table.name, dialect)
        for statement in wanted:
            # DDL() formats with %, which the function's body uses itself
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
    return table


def protected_columns(table: str) -> tuple[str, ...] | None:
    """The columns never changed, () for all of them, None when the table is not protected."""
    return _PROTECTED.get(table)


def unprotected_tables(connection: Connection) -> list[str]:
    """Protected tables that stand in the database without one of their triggers."""
    dialect = connection.dialect.name
    held = set(connection.execute(text(_STANDING[dialect])).scalars())
    standing = set(inspect(connection).get_table_names()) & set(_PROTECTED)
    return sorted(
        table for table in standing if not held.issuperset(f"{table}_{n}" for n in _NEEDED[dialect])
    )
