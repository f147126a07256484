"""Start the program: `python wsgi.py [--demo] [--host H] [--port P] [--data DIR]`, or `app` for another server."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
import threading

from flask import Flask

from lab_contingency import create_app
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.settings import Settings

_THREADS = 4


def main(arguments: list[str] | None = None) -> int:
    """Set the database up and serve until stopped; 2 when the program will not start like this."""
    asked = _parser().parse_args(arguments)
    environment = {**os.environ, "LAB_DATA": asked.data} if asked.data else os.environ
    settings = Settings.from_environment(environment)
    if asked.demo:
        settings = settings.as_demonstration()
    try:
        made = create_app(settings)
        demonstration = _prepare(made, settings, asked.host)
    except StartRefused as refused:
        print(refused.message, file=sys.stderr)  # noqa: T201 - the terminal is the page here
        return 2
    if demonstration:
        # Beside the serving, so that the first page does not wait for the invented requests.
        threading.Thread(target=_begin, args=(made,), daemon=True).start()
    _look_after_the_record(made)
    _serve(made, asked.host, asked.port)
    return 0


def _begin(made: Flask) -> None:
    from lab_contingency.rehearsal.starting import begin_demonstration

    with made.app_context():
        begin_demonstration()


def _look_after_the_record(made: Flask) -> None:
    from lab_contingency.audit.keeping import keep

    keep(made)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wsgi.py", description="Lab Contingency")
    parser.add_argument(
        "--demo", action="store_true", help="an invented hospital, on this computer only"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this computer only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--data", help="folder of database, keys and files (default: LAB_DATA, else instance/)"
    )
    return parser


def _prepare(made: Flask, settings: Settings, host: str) -> bool:
    from lab_contingency.rehearsal.starting import prepare

    with made.app_context():
        demonstration = prepare(settings, examples=False)
    if demonstration and not _is_loopback(host):
        raise StartRefused(
            "A demonstration runs on this computer only, because anybody may sign in to it. "
            "Leave --host out, or use 127.0.0.1."
        )
    return demonstration


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _serve(made: Flask, host: str, port: int) -> None:
    import waitress

    shown = f"[{host}]" if ":" in host else host
    print(f"Lab Contingency is ready: http://{shown}:{port}/ (Ctrl+C stops it)", flush=True)  # noqa: T201
    waitress.serve(made, host=host, port=port, threads=_THREADS, ident=None)


if __name__ == "__main__":
    sys.exit(main())


def __getattr__(name: str) -> Flask:
    """`wsgi.app`, made when a server or `flask --app wsgi` asks for it."""
    if name == "app":
        made = create_app()
        globals()["app"] = made
        return made
    raise AttributeError(name)
