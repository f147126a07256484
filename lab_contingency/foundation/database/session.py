"""The session and the unit of work: the only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Select, insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session
from sqlalchemy.orm.exc import StaleDataError

from lab_contingency.foundation.database import engine as engines
from lab_contingency.foundation.database.base import Base
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken

db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)

_Query = TypeVar("_Query", bound="Select[Any]")
_CONSTRAINTS: dict[str, tuple[str, str | None]] = {}
_WRITER = "lab_writer"
_WHEN_BEGUN = "lab_when_begun"
# Every unit of work of a PostgreSQL shares this lock; one that must be alone holds it by itself.
_UNITS_LOCK = 0x1AB_0001


def session() -> scoped_session[FlaskSession]:
    """The session of this request or command."""
    return db.session


def install(app: Flask) -> None:
    """Bind the database to the application and check how it keeps its promises."""
    db.init_app(app)
    app.extensions[_WRITER] = engines.FairLock()
    app.extensions.setdefault(_WHEN_BEGUN, [])
    with app.app_context():
        engines.attach(db.engine)


def when_begun(app: Flask, act: Callable[[], None]) -> None:
    """Call `act` at the beginning of every unit of work, when no unit that is alone can be under way."""
    app.extensions.setdefault(_WHEN_BEGUN, []).append(act)


def explain_constraint(name: str, sentence: str, *, field: str | None = None) -> None:
    """Say in words what a violated constraint means. An unexplained one stays a fault: it is a bug."""
    _CONSTRAINTS[name] = (sentence, field)


@contextmanager
def unit_of_work(*, alone: bool = False) -> Iterator[scoped_session[FlaskSession]]:
    """One transaction around one intention: commits once when the block ends well, else leaves no trace.

    On SQLite it is the only writer from its first statement on, in the order of arrival. With `alone`
    no other unit runs beside it on PostgreSQL either.
    Raises RuleBroken for an explained constraint and ChangedByAnother for a stale version.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    writer: engines.FairLock = current_app.extensions[_WRITER]
    with writer.held() if sqlite else nullcontext():
        db.session.rollback()  # ends the reading transaction, whose view may be old
        try:
            _begin(sqlite=sqlite, alone=alone)
            yield db.session
            db.session.commit()
        except StaleDataError as stale:
            db.session.rollback()
            raise ChangedByAnother from stale
        except IntegrityError as broken:
            db.session.rollback()
            raise _explained(broken) from broken
        except BaseException:
            db.session.rollback()
            raise


def _begin(*, sqlite: bool, alone: bool) -> None:
    if sqlite:
        db.session.connection(execution_options={"sqlite_write": True})
    else:
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        db.session.execute(text(f"SELECT {lock}({_UNITS_LOCK})"))
    for act in current_app.extensions[_WHEN_BEGUN]:
        act()


def _explained(broken: IntegrityError) -> Exception:
    said = str(broken.orig)
    name = getattr(getattr(broken.orig, "diag", None), "constraint_name", None)
    for constraint, (sentence, field) in _CONSTRAINTS.items():
        if constraint in (name, *_sqlite_names(said)):
            return RuleBroken(sentence, field=field)
    return broken


def _sqlite_names(said: str) -> tuple[str, ...]:
    """SQLite names a unique key by its columns, `UNIQUE constraint failed: a.x, a.y`."""
    _, _, columns = said.partition("UNIQUE constraint failed: ")
    if columns:
        table = columns.split(".")[0]
        fields = "_".join(part.split(".")[1] for part in columns.split(", ") if "." in part)
        return (f"uq_{table}_{fields}",)
    _, _, check = said.partition("CHECK constraint failed: ")
    _, _, index = said.partition("index '")
    return (check.strip(), index.strip("'"))


def add_rows(kind: type[Base], *rows: Mapping[str, Any]) -> None:
    """Insert plain rows of one table, every column but those that may be empty, in one statement.

    For rows that nothing in the transaction will change: no object of them is watched. What waits in
    memory is written first, in case they refer to it.
    """
    if rows:
        db.session.flush()
        db.session.execute(insert(kind.__table__), list(rows))  # type: ignore[arg-type]


def locked(statement: _Query) -> _Query:
    """The statement with a row lock; SQLite needs none inside `unit_of_work` and ignores it."""
    return statement.with_for_update()
