"""What a database holds, written so that two can be compared: tables, constraints, indexes, triggers."""

from __future__ import annotations

import re

from sqlalchemy import Connection

_POSTGRESQL = {
    "column": """
        SELECT c.relname || '.' || a.attname,
               format_type(a.atttypid, a.atttypmod) || ' notnull=' || a.attnotnull
                 || ' default=' || coalesce(pg_get_expr(d.adbin, d.adrelid), 'none')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": """
        SELECT tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "function": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
}


def schema_of(connection: Connection) -> dict[str, str]:
    """Every thing in the database by kind and name, with its definition; Alembic's own table left out."""
    if connection.dialect.name == "sqlite":
        found = _of_sqlite(connection)
    else:
        found = _of_postgresql(connection)
    return {name: text for name, text in found.items() if "alembic_version" not in name}


def _of_postgresql(connection: Connection) -> dict[str, str]:
    found = {}
    for kind, query in _POSTGRESQL.items():
        for name, text in connection.exec_driver_sql(query):
            found[f"{kind} {name}"] = text
    return found


def _of_sqlite(connection: Connection) -> dict[str, str]:
    found = {}
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
    for kind, name, sql in rows:
        if kind == "table":
            found |= {f"table {name}: {line}": "" for line in _lines(sql)}
        else:
            found[f"{kind} {name}"] = " ".join((sql or "of the table").split())
    return found


def _lines(create_table: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE, whatever their order."""
    text = " ".join(create_table.split())
    body = text[text.index("(") + 1 : text.rindex(")")]
    lines, depth, start, quoted = [], 0, 0, False
    for place, sign in enumerate(body):
        quoted ^= sign == "'"
        depth += 0 if quoted else (sign == "(") - (sign == ")")
        if sign == "," and not depth and not quoted:
            lines.append(body[start:place])
            start = place + 1
    return [re.sub(r"\s+", " ", line).strip() for line in [*lines, body[start:]]]
