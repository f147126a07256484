"""Start the program: `python wsgi.py [--demo] [--host H] [--port P] [--data DIR] …`, or `app` for another server."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
import threading
from datetime import datetime

from flask import Flask

from lab_contingency import create_app
from lab_contingency.foundation.errors import RuleBroken, StartRefused
from lab_contingency.foundation.sealing import keys_state
from lab_contingency.foundation.settings import Settings
from lab_contingency.foundation.tls.names import is_loopback

_NOT_HERE = (
    "It is not set up yet, and set-up answers at this computer only. Start it once without --host, "
    "or with --host 0.0.0.0."
)


def main(arguments: list[str] | None = None) -> int:
    """Set the database up and serve until stopped; 2 when the program will not start like this."""
    asked = _parser().parse_args(arguments)
    given = {"LAB_DATA": asked.data, "LAB_KEY_FILE": asked.key_file}
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    settings = Settings.from_environment(environment)
    settings = dataclasses.replace(settings, names=tuple(asked.name))
    if asked.demo:
        settings = settings.as_demonstration()
    if asked.log:
        _log_requests()
    try:
        made = create_app(settings)
        if _prepare(made, settings, asked.host):
            # Beside the serving, so that the first page does not wait for the invented requests.
            threading.Thread(target=_begin, args=(made,), daemon=True).start()
        _finish_rotations(made)
        _look_after_the_record(made)
        _look_after_the_menu(made)
        _serve(made, asked.host, asked.port)
    except StartRefused as refused:
        print(refused.message, file=sys.stderr)  # noqa: T201 - the terminal is the page here
        return 2
    return 0


def _finish_rotations(made: Flask) -> None:
    from lab_contingency.accounts.keys.services import start_background

    start_background(made)


def _begin(made: Flask) -> None:
    from lab_contingency.rehearsal.starting import begin_demonstration

    with made.app_context():
        begin_demonstration()


def _look_after_the_record(made: Flask) -> None:
    from lab_contingency.audit.keeping import keep

    keep(made)


def _look_after_the_menu(made: Flask) -> None:
    from lab_contingency.routing.keeping import keep

    keep(made)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wsgi.py", description="Lab Contingency")
    parser.add_argument(
        "--demo", action="store_true", help="an invented hospital, on this computer only"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: this computer only, plain); "
        "0.0.0.0 is every address of this computer, always over TLS",
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a further name or address under which people reach this server; may be repeated",
    )
    parser.add_argument(
        "--log", action="store_true", help="write a line for each request: kind of page, no names"
    )
    parser.add_argument(
        "--data", help="folder of database, keys and files (default: LAB_DATA, else instance/)"
    )
    parser.add_argument(
        "--key-file", help="opens the records without a person (default: LAB_KEY_FILE)"
    )
    return parser


def _prepare(made: Flask, settings: Settings, host: str) -> bool:
    from lab_contingency.rehearsal.starting import prepare

    with made.app_context():
        demonstration = prepare(settings, examples=False)
    if demonstration and not is_loopback(host):
        raise StartRefused(
            "A demonstration runs on this computer only, because anybody may sign in to it. "
            "Leave --host out, or use 127.0.0.1."
        )
    return demonstration


def _serve(made: Flask, host: str, port: int) -> None:
    from lab_contingency.foundation import serving

    served = serving.prepare(made, host, port)
    lines = [f"Lab Contingency is ready: {served.addresses[0]} (Ctrl+C stops it)"]
    lines += [f"                      also: {address}" for address in served.addresses[1:]]
    if served.fingerprint is not None:
        lines += [
            f"Authority, SHA-256: {served.fingerprint}",
            f"Compare it with the file that a device downloads from {served.addresses[0]}authority",
        ]
    if keys_state(made) == "sealed":
        lines.append(f"It is sealed: a custodian opens it at {served.addresses[0]}unseal")
    print("\n".join(lines), flush=True)  # noqa: T201
    if keys_state(made) == "not set up":
        _offer_first_run(made, served.address_here)
    if threading.current_thread() is threading.main_thread():
        served.stop_on_signals()
    served.run()


def _offer_first_run(made: Flask, address: str) -> None:
    """A code on the console, and nowhere else: it goes through no log."""
    from lab_contingency.accounts.first_run import services
    from lab_contingency.foundation.wording import time_text

    with made.app_context():
        try:
            services.refuse_without_keys_of_old()
        except RuleBroken as refused:
            print(refused.message, flush=True)  # noqa: T201
            return
    if not address:
        print(_NOT_HERE, flush=True)  # noqa: T201
        return

    def say(code: str, ends_at: datetime) -> None:
        print(f"First-run code until {time_text(ends_at)}: {code}", flush=True)  # noqa: T201

    print(  # noqa: T201
        f"It is not set up yet. In a browser on this computer open: {address}first-run", flush=True
    )
    services.offer(made, say)


def _log_requests() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    requests = logging.getLogger("lab_contingency.access")
    requests.addHandler(handler)
    requests.setLevel(logging.INFO)
    requests.propagate = False


if __name__ == "__main__":
    sys.exit(main())


def __getattr__(name: str) -> Flask:
    """`wsgi.app`, made when a server or `flask --app wsgi` asks for it."""
    if name == "app":
        made = create_app()
        globals()["app"] = made
        return made
    raise AttributeError(name)
