"""Clients of signed-in people, the small world, and databases for tests that need their own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Table, delete, select

from lab_contingency import create_app
from lab_contingency.accounts import passphrases
from lab_contingency.audit.models import AuditStream
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.settings import Settings
from tests.clients import LabClient
from tests.factories.world import World, make_world

_NAMES = itertools.count(1)
_SET_UP = {"node", "number_series"}
_Rows = list[tuple[Table, list[dict[str, object]]]]
_worlds: dict[str, tuple[World, _Rows]] = {}


@pytest.fixture
def world(app) -> Iterator[World]:
    """The world of `make_world`, inside the application's context.

    It is made once an engine and copied row by row after that: a test never sees another's changes.
    """
    with app.app_context():
        held = _worlds.get(db.engine.dialect.name)
        if held is None:
            held = _worlds[db.engine.dialect.name] = make_world(), _all_rows()
        else:
            with unit_of_work():
                session().execute(
                    delete(AuditStream)
                )  # their ends come with the rows of the chains
                for table, rows in held[1]:
                    session().execute(table.insert(), rows)
        yield held[0].copy()  # a test may add a laboratory or a person of its own


def _all_rows() -> _Rows:
    found = []
    for table in db.metadata.sorted_tables:
        rows = [dict(row._mapping) for row in session().execute(select(table))]
        if rows and table.name not in _SET_UP:
            found.append((table, rows))
    session().rollback()
    return found


@pytest.fixture
def client_for(app) -> Callable[..., LabClient]:
    """`client_for("doctor")` is signed in as that person of the demonstration; `client_for()` is nobody."""

    def make(username: str | None = None, *, checks: bool = True) -> LabClient:
        client = LabClient(app, checks=checks)
        return client.sign_in(username) if username else client

    return make


@pytest.fixture
def quick_hashes(monkeypatch) -> Iterator[None]:
    """The real argon2id with less work, for tests that sign in often."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passphrases, "_hasher", quick)
    passphrases._nobody.cache_clear()
    yield
    passphrases._nobody.cache_clear()


@pytest.fixture
def fresh_app(engine_name, tmp_path, request) -> Iterator[Callable[..., Flask]]:
    """Makes applications, each with an empty database of its own that has no tables yet."""
    made: list[Flask] = []

    def make(*, demonstration: bool = True) -> Flask:
        name = f"fresh_{next(_NAMES)}"
        url = None
        if engine_name == "postgresql":
            server = request.getfixturevalue("postgresql")
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            url = server.replace("/postgres?", f"/{name}?")
        app = create_app(Settings(tmp_path / name, url, demonstration=demonstration))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
