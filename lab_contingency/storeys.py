"""The storeys that have tables or pages, by name only: found by importing, so that nothing points upwards."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Blueprint, Flask

PACKAGE = __name__.rpartition(".")[0]
WITH_MODELS = (
    "foundation.node",
    "audit.models",
    "places.models",
    "accounts.models",
    "catalogue.models",
    "network.models",
    "incidents.models",
    "requests.models",
    "requests.packs.models",
    "specimens.models",
    "specimens.station.models",
    "triage.models",
    "routing.models",
    "transport.models",
    "transport.custody.models",
    "transport.chasing.models",
    "transport.questions.models",
    "routing.planning.models",
    "results.models",
    "results.returned.models",
    "oversight.models",
)
WITH_PAGES = (
    "foundation.tls",
    "accounts",
    "accounts.keys",
    "accounts.first_run",
    "network",
    "network.stated",
    "incidents",
    "requests",
    "requests.linking",
    "requests.packs",
    "specimens",
    "specimens.station",
    "specimens.packs",
    "triage",
    "routing",
    "routing.laboratories",
    "transport",
    "transport.custody",
    "transport.chasing",
    "transport.questions",
    "routing.planning",
    "results",
    "results.returned",
    "tracking",
    "oversight",
    "oversight.recharge",
)


def import_models() -> None:
    """Make every table known to the metadata."""
    for name in WITH_MODELS:
        importlib.import_module(f"{PACKAGE}.{name}")


def add_pages(app: Flask) -> None:
    """Register each blueprint."""
    for name in WITH_PAGES:
        views = importlib.import_module(f"{PACKAGE}.{name}.views")
        blueprint: Blueprint = views.blueprint
        app.register_blueprint(blueprint)
