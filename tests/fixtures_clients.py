"""Clients of signed-in people, and databases of their own for tests that need one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask

from lab_contingency import create_app
from lab_contingency.foundation.database import db
from lab_contingency.foundation.settings import Settings
from tests.clients import LabClient

_NAMES = itertools.count(1)


@pytest.fixture
def client_for(app) -> Callable[..., LabClient]:
    """`client_for("doctor")` is signed in as that person of the demonstration; `client_for()` is nobody."""

    def make(username: str | None = None, *, checks: bool = True) -> LabClient:
        client = LabClient(app, checks=checks)
        return client.sign_in(username) if username else client

    return make


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
