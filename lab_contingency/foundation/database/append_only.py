"""Triggers that refuse to change or delete rows, for both engines. Used by models and by migrations."""

from __future__ import annotations

from sqlalchemy import DDL, Connection, MetaData, Table, event, inspect, text

_MARK = "append_only"

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""


def statements(table: str, dialect: str) -> list[str]:
    """The DDL that makes `table` insert-only."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        POSTGRESQL_FUNCTION,
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def protect(table: Table) -> Table:
    """Add the triggers whenever the table is created from the model."""
    table.info[_MARK] = True
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            # DDL() formats with %, which the function's body uses itself
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)
    return table


def is_protected(table: Table) -> bool:
    """Whether the model says that rows are only ever added."""
    return bool(table.info.get(_MARK))


def unprotected_tables(connection: Connection, metadata: MetaData) -> list[str]:
    """Protected tables that stand in the database without their triggers."""
    standing = set(inspect(connection).get_table_names())
    named = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    }
    rows = connection.execute(text(named[connection.dialect.name].replace("::", r"\:\:")))
    guarded = {str(row[0]) for row in rows}
    return sorted(
        table.name
        for table in metadata.tables.values()
        if is_protected(table) and table.name in standing and table.name not in guarded
    )
