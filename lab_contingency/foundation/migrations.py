"""Alembic, set up so that a failed migration leaves nothing behind and custom types need no imports."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_migrate import Migrate, upgrade

from lab_contingency.foundation.database import UTCDateTime, db
from lab_contingency.foundation.settings import ROOT

FOLDER = ROOT / "migrations"
_migrate = Migrate()


def install(app: Flask) -> None:
    """Make `flask db …` work."""
    _migrate.init_app(
        app,
        db,
        directory=str(FOLDER),
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        render_item=_render_item,
    )


def bring_up_to_date() -> None:
    """Run all migrations that the database lacks."""
    upgrade(directory=str(FOLDER))


def _render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False
