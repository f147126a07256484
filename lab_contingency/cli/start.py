"""Opening the database for a command: brought up to date, and of the right kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from lab_contingency import create_app
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.settings import LIVE_FILE
from lab_contingency.rehearsal.starting import prepare


@contextmanager
def database() -> Iterator[None]:
    """The database that LAB_DATA and LAB_DATABASE_URL name, made if it is new."""
    prepare(settings_of(current_app))
    yield


@contextmanager
def demonstration() -> Iterator[None]:
    """The demonstration of the folder, made (empty of requests) if there is none. A live database is refused."""
    settings = settings_of(current_app)
    if (
        settings.database_url is None
        and not settings.demonstration
        and (settings.data / LIVE_FILE).exists()
    ):
        raise StartRefused(
            "This folder holds a live database. Choose an empty folder (LAB_DATA) for a demonstration."
        )
    app = create_app(settings.as_demonstration())
    with app.app_context():
        prepare(settings_of(app), examples=False)
        yield
