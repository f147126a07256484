"""How connections are opened, on both engines, and what is read back at the start."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, text

from lab_contingency.foundation.errors import StartRefused

SQLITE_PRAGMAS = {
    "foreign_keys": ("ON", 1),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "busy_timeout": ("10000", 10000),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "cell_size_check": ("ON", 1),
    "temp_store": ("MEMORY", 2),
}
POSTGRESQL_SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}
# The server's own log repeats neither statements nor values; what failed stands in the log of the program.
POSTGRESQL_QUIET = {
    "log_parameter_max_length_on_error": "0",
    "log_parameter_max_length": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "fatal",
}
_STATEMENTS_LOGGED = {
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
}
_ASK_FOR_QUIET = """
SELECT set_config(setting.name, wanted.value, false)
FROM unnest(%s::text[], %s::text[]) AS wanted (name, value) JOIN pg_settings AS setting USING (name)
WHERE setting.context = 'user' OR current_setting('is_superuser') = 'on'
"""


def attach(engine: Engine) -> None:
    """Settings on every connection; explicit BEGIN on SQLite, IMMEDIATE for writers (ADR 0004)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _keep_log_quiet)


def _make_private(_dialect: Any, _record: Any, where: list[Any], _options: Any) -> None:
    """A new database is for its owner only; SQLite gives its log and index files the same mode."""
    if where and where[0] != ":memory:":
        Path(where[0]).touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions lose updates: it begins late and deferred.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma, (value, _) in SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {pragma}={value}")
    cursor.close()


def _keep_log_quiet(connection: psycopg.Connection[Any], _record: Any) -> None:
    """What the role may set is set here; `check_settings` reads back what matters."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK_FOR_QUIET, [list(POSTGRESQL_QUIET), list(POSTGRESQL_QUIET.values())])
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sqlite_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def check_settings(engine: Engine) -> None:
    """Read the settings back; a database that could lose an acknowledged write refuses the start.

    So does a PostgreSQL whose log would repeat the values of statements.
    """
    talks: list[str] = []
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            wrong = _wrong_pragmas(connection)
        else:
            wrong = _wrong_settings(connection)
            talks = _talkative_settings(connection)
    if talks:
        raise StartRefused(
            "The database would write the values of statements into its log: "
            f"{', '.join(talks)}. Let a superuser set log_parameter_max_length = 0 for the role of this "
            "program (ALTER ROLE … SET)."
        )
    if wrong:
        raise StartRefused(
            f"The database would not keep what it acknowledges: {', '.join(wrong)}. Put these settings right."
        )


def _wrong_pragmas(connection: Connection) -> list[str]:
    wrong = []
    for pragma, (_, wanted) in SQLITE_PRAGMAS.items():
        held = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
        if held != wanted:
            wrong.append(f"{pragma} is {held}, not {wanted}")
    return wrong


def _wrong_settings(connection: Connection) -> list[str]:
    wrong = []
    for setting, wanted in POSTGRESQL_SETTINGS.items():
        held = connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar()
        if held not in wanted:
            wrong.append(f"{setting} is {held}, not {' or '.join(wanted)}")
    return wrong


def _talkative_settings(connection: Connection) -> list[str]:
    """Values are logged with a statement only where statements are logged at all."""

    def held(name: str) -> str:
        said = connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar()
        return str(said)

    found = []
    if held("log_parameter_max_length_on_error") != "0":
        found.append("log_parameter_max_length_on_error is not 0")
    if held("log_parameter_max_length") != "0":
        logged = {name: held(name) for name, off in _STATEMENTS_LOGGED.items() if held(name) != off}
        found += [f"{name} is {value}" for name, value in logged.items()]
    return found


class FairLock:
    """First come, first served. SQLite's own waiting is not: under load a writer can starve for seconds."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn, run the block, wake the next."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False
