"""`flask lab …`: the same services from a terminal."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

lab = AppGroup("lab", help="Lab Contingency.")


def install(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(lab)
