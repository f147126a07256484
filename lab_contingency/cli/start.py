"""Opening the database and the keys for a command: brought up to date, and of the right kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app

from lab_contingency import create_app
from lab_contingency.accounts.keys.queries import slots
from lab_contingency.foundation.configuration import settings_of
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.keys import KEY_FILE_RISK, Kind, Passphrase
from lab_contingency.foundation.sealing import is_sealed, keys_state, open_with
from lab_contingency.foundation.settings import LIVE_FILE
from lab_contingency.rehearsal.starting import prepare

KEY_FILE = "lab_key_file"


@contextmanager
def database(*, numbers: bool = True) -> Iterator[None]:
    """The database that LAB_DATA and LAB_DATABASE_URL name, made if it is new, with its keys open.

    Without `numbers` an old copy that was put back is opened too, to let its numbers go on.
    """
    open_keys()
    prepare(settings_of(current_app), numbers=numbers)
    yield


def open_keys() -> None:
    """With the key file where one was given, else by asking a custodian at this terminal."""
    if not is_sealed():
        return
    if keys_state(current_app) == "not set up":
        raise StartRefused("This node has no keys yet. Type: flask --app wsgi lab keys make")
    key_file: Path | None = click.get_current_context().meta.get(KEY_FILE)
    if key_file is not None:
        open_with(key_file)
        click.echo(KEY_FILE_RISK, err=True)
        return
    custodians = [slot for slot in slots() if slot.kind is Kind.CUSTODIAN]
    for number, slot in enumerate(custodians, 1):
        click.echo(f"{number}  {slot.name}", err=True)
    chosen = click.prompt("Who are you", type=click.IntRange(1, len(custodians)), err=True)
    passphrase = click.prompt("Passphrase", hide_input=True, err=True)
    open_with(Passphrase(custodians[chosen - 1].id, passphrase))


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
