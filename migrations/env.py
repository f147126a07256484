"""How Alembic opens the database: one transaction for all migrations, and nothing lost on the way."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from lab_contingency.foundation.database import append_only
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.migrations import add_append_only

# Any number that the program uses for nothing else: two processes that start together take turns.
_TURN = 4_711_041

_UNDONE = "It was undone; nothing was changed. Put the migration right."
_extension = current_app.extensions["migrate"]


def _migrate(connection):
    """Run what is asked for; a failure leaves the database as it was."""
    sqlite = connection.dialect.name == "sqlite"
    with context.begin_transaction():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        context.run_migrations()
        if sqlite:
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if dangling:
                raise StartRefused(
                    f"A migration left rows that refer to nothing: {dangling}. {_UNDONE}"
                )
        unprotected = append_only.unprotected_tables(connection)
        if unprotected:
            raise StartRefused(f"A migration lost the triggers of {unprotected}. {_UNDONE}")


def run():
    """Migrate online; the program has no use for offline scripts."""
    with _extension.db.engine.connect() as fresh:
        connection = fresh.execution_options(sqlite_write=True)
        driver = connection.connection.dbapi_connection
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:  # altering a table makes it anew, which would empty the tables that refer to it
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=_extension.db.metadata,
                process_revision_directives=add_append_only,
                **_extension.configure_args,
            )
            _migrate(connection)
        finally:
            connection.rollback()
            if sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


run()
