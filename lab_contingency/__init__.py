"""Lab Contingency: urgent blood tests while the laboratory's main system is gone."""

from __future__ import annotations

from flask import Flask

from lab_contingency.foundation.settings import ROOT, Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application, made in named steps; the order matters where a comment says so."""
    settings = settings or Settings.from_environment()
    app = Flask(
        "lab_contingency", root_path=str(ROOT), static_folder="static", template_folder=None
    )
    _limit_traces()
    _use_templates(app)  # before anything touches jinja_env
    _configure(app, settings)
    _open_keys(app, settings)  # or start sealed
    _record_what_is_shown(app)  # before every other step: its own is the last one of an answer
    _guard_the_wire(app)  # before any page, form or cookie
    _read_in_memory(app)  # before anything reads a form
    _refuse_what_no_page_sends(app)
    _record_refusals(app)
    _stand_before_pages(app)  # before anything else that looks at a request
    _use_database(app)
    _keep_a_journal(app)
    _use_migrations(app)
    _set_headers(app)
    _answer_errors(app)
    _protect_forms(app)
    _know_people(app)  # deny by default from here on
    _add_pages(app)
    _tell_routing_of_the_network(app)
    _allow_printers(app, settings)
    _add_shell(app)
    _add_commands(app)
    _refuse_undeclared_pages(app)
    return app


def _use_templates(app: Flask) -> None:
    from lab_contingency.foundation.web import templates

    templates.install(app)


def _configure(app: Flask, settings: Settings) -> None:
    from lab_contingency.foundation import configuration

    configuration.install(app, settings)


def _limit_traces() -> None:
    from lab_contingency.foundation import traces

    traces.limit()


def _open_keys(app: Flask, settings: Settings) -> None:
    from lab_contingency.foundation import sealing

    sealing.install(app, sealing.ring_at_start(settings), settings.keys_file)


def _read_in_memory(app: Flask) -> None:
    from lab_contingency.foundation.web import uploads

    uploads.install(app)


def _stand_before_pages(app: Flask) -> None:
    from lab_contingency.foundation.web import gate

    gate.install(app)


def _use_database(app: Flask) -> None:
    from lab_contingency import storeys
    from lab_contingency.foundation import database

    storeys.import_models()
    database.install(app)


def _keep_a_journal(app: Flask) -> None:
    from lab_contingency.audit.services import journalling

    journalling.install(app)


def _use_migrations(app: Flask) -> None:
    from lab_contingency.foundation import migrations

    migrations.install(app)


def _record_what_is_shown(app: Flask) -> None:
    from lab_contingency.audit.services import record_or_withhold
    from lab_contingency.foundation.web import disclosure, responses

    disclosure.install(app, record_or_withhold, responses.page)


def _guard_the_wire(app: Flask) -> None:
    from lab_contingency.foundation.web import transport

    transport.install(app)


def _refuse_what_no_page_sends(app: Flask) -> None:
    from lab_contingency.foundation.web import guard

    guard.install(app)


def _record_refusals(app: Flask) -> None:
    from lab_contingency.audit.services import record_refusal
    from lab_contingency.foundation.web import refusals

    refusals.install(app, record_refusal)


def _set_headers(app: Flask) -> None:
    from lab_contingency.foundation.web import headers

    headers.install(app)


def _answer_errors(app: Flask) -> None:
    from lab_contingency.foundation.web import responses

    responses.install(app)


def _protect_forms(app: Flask) -> None:
    from flask_wtf import CSRFProtect

    CSRFProtect(app)


def _know_people(app: Flask) -> None:
    from lab_contingency.accounts import sign_in
    from lab_contingency.accounts.first_run import services as first_run
    from lab_contingency.accounts.keys import services as keys

    sign_in.install(app)
    keys.install(app)
    first_run.install(app)


def _add_pages(app: Flask) -> None:
    from lab_contingency import storeys

    storeys.add_pages(app)


def _tell_routing_of_the_network(app: Flask) -> None:
    from lab_contingency.network import telling
    from lab_contingency.routing import keeping

    telling.install(app, keeping.look)


def _allow_printers(app: Flask, settings: Settings) -> None:
    from lab_contingency.specimens.station import sender

    sender.install(app, settings.printers)


def _add_shell(app: Flask) -> None:
    from lab_contingency.tracking import shell

    shell.install(app)


def _add_commands(app: Flask) -> None:
    from lab_contingency import cli

    cli.install(app)


def _refuse_undeclared_pages(app: Flask) -> None:
    from lab_contingency.foundation.web import access

    access.refuse_undeclared(app)
