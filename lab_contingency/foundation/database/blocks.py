"""A trigger that refuses blocks of numbers that overlap, for both engines. Models and migrations use it."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

_OVERLAP = (
    "EXISTS (SELECT 1 FROM {table} AS held WHERE held.node = NEW.node AND held.epoch = NEW.epoch "
    "AND held.first_sequence <= NEW.last_sequence AND held.last_sequence >= NEW.first_sequence)"
)


def overlap_statements(table: str, dialect: str) -> list[str]:
    """Say in DDL that no two rows of `table` share a number of one node and epoch."""
    overlap = _OVERLAP.format(table=table)
    name = f"{table}_no_overlap"
    trigger = f"CREATE TRIGGER {name} BEFORE INSERT ON {table}"
    if dialect == "sqlite":
        return [f"{trigger} WHEN {overlap} BEGIN SELECT RAISE(ABORT, '{table} overlaps'); END"]
    body = f"IF {overlap} THEN RAISE EXCEPTION '{table} overlaps'; END IF; RETURN NEW;"
    function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    return [
        f"{function} AS $$ BEGIN {body} END $$",
        f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def refuse_overlap(table: Table) -> None:
    """Add the trigger whenever the table is created from the model."""
    for dialect in ("sqlite", "postgresql"):
        for statement in overlap_statements(table.name, dialect):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
