"""The session and the unit of work: the only place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Select
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


def session() -> scoped_session[FlaskSession]:
    """The session of this request or command."""
    return db.session


def install(app: Flask) -> None:
    """Bind the database to the application and check how it keeps its promises."""
    db.init_app(app)
    app.extensions[_WRITER] = engines.FairLock()
    with app.app_context():
        engines.attach(db.engine)


def explain_constraint(name: str, sentence: str, *, field: str | None = None) -> None:
    """Say in words what a violated constraint means. An unexplained one stays a fault: it is a bug."""
    _CONSTRAINTS[name] = (sentence, field)


@contextmanager
def unit_of_work() -> Iterator[scoped_session[FlaskSession]]:
    """One transaction around one intention: commits once when the block ends well, else leaves no trace.

    On SQLite it is the only writer from its first statement on, in the order of arrival.
    Raises RuleBroken for an explained constraint and ChangedByAnother for a stale version.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    writer: engines.FairLock = current_app.extensions[_WRITER]
    with writer.held() if sqlite else nullcontext():
        db.session.rollback()  # ends the reading transaction, whose view may be old
        try:
            if sqlite:
                db.session.connection(execution_options={"sqlite_write": True})
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


def _explained(broken: IntegrityError) -> Exception:
    text = str(broken.orig)
    name = getattr(getattr(broken.orig, "diag", None), "constraint_name", None)
    for constraint, (sentence, field) in _CONSTRAINTS.items():
        if constraint in (name, *_sqlite_names(text)):
            return RuleBroken(sentence, field=field)
    return broken


def _sqlite_names(text: str) -> tuple[str, ...]:
    """SQLite names a unique key by its columns, `UNIQUE constraint failed: a.x, a.y`."""
    _, _, columns = text.partition("UNIQUE constraint failed: ")
    if columns:
        table = columns.split(".")[0]
        fields = "_".join(part.split(".")[1] for part in columns.split(", ") if "." in part)
        return (f"uq_{table}_{fields}",)
    _, _, check = text.partition("CHECK constraint failed: ")
    _, _, index = text.partition("index '")
    return (check.strip(), index.strip("'"))


def locked(statement: _Query) -> _Query:
    """The statement with a row lock; SQLite needs none inside `unit_of_work` and ignores it."""
    return statement.with_for_update()
