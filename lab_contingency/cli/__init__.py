"""`flask lab …`: the same services from a terminal."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup


def install(app: Flask) -> None:
    """Add the commands to the application."""
    from lab_contingency.cli import day, exposure, places, users

    lab = AppGroup("lab", help="Lab Contingency.")
    lab.add_command(users.group)
    lab.add_command(day.load_day_command)
    lab.add_command(places.load_places_command)
    lab.add_command(exposure.exposure_group)
    lab.add_command(exposure.leak_group)
    app.cli.add_command(lab)
