"""Triggers that refuse to change or delete rows, for both engines. Used by models and by migrations."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

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
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            # DDL() formats with %, which the function's body uses itself
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)
    return table
