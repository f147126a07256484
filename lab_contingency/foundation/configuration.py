"""Flask's settings. None of them is a secret; what is secret comes from the key file."""

from __future__ import annotations

from flask import Flask

from lab_contingency.foundation.settings import Settings
from lab_contingency.foundation.web import transport

_EXTENSION = "lab_settings"
_LARGEST_FORM = 1024 * 1024


def install(app: Flask, settings: Settings) -> None:
    """Set what Flask and its extensions read."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.extensions[_EXTENSION] = settings
    app.debug = False  # whatever the environment says: a page must never show frames
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,  # a failed statement is logged without what somebody typed
            "pool_pre_ping": settings.database_url is not None,
        },
        MAX_CONTENT_LENGTH=_LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=_LARGEST_FORM,
        SESSION_COOKIE_NAME=transport.COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a card left open for an hour must not be lost
    )


def settings_of(app: Flask) -> Settings:
    """The settings the application was made with."""
    held: Settings = app.extensions[_EXTENSION]
    return held
