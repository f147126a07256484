"""`flask lab …`: the same services from a terminal."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup


def install(app: Flask) -> None:
    """Add the commands to the application."""
    from lab_contingency.cli import audit, day, exposure, incident, keys, numbers, places, users

    lab = AppGroup("lab", help="Lab Contingency.", callback=_remember, params=[_key_file_option()])
    lab.add_command(users.group)
    lab.add_command(keys.group)
    lab.add_command(audit.group)
    lab.add_command(incident.incident_button_command)
    lab.add_command(day.load_day_command)
    lab.add_command(numbers.group)
    lab.add_command(places.load_places_command)
    lab.add_command(exposure.exposure_group)
    lab.add_command(exposure.leak_group)
    app.cli.add_command(lab)


def _key_file_option() -> click.Option:
    return click.Option(
        ["--key-file"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="opens the keys without asking a custodian",
    )


def _remember(key_file: Path | None) -> None:
    from lab_contingency.cli.start import KEY_FILE

    click.get_current_context().meta[KEY_FILE] = key_file
