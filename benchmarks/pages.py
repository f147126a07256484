"""Pages beside their floor: bare Flask, one statement of raw SQL and one escaped f-string a row (goal 7)."""

from __future__ import annotations

import contextvars
import html
import sqlite3
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.places import application, browser_of, open_requests
from benchmarks.timing import Line, interleaved, times
from lab_contingency.routing.queries import queue as queue_memory

ROWS = 50
_STATEMENT = """
    SELECT request.number, band, due_at, needed_by, received_at, requested_at, ward.name, ward.telephone,
      (SELECT group_concat(test_code, ' ') FROM requested_test WHERE request_id = request.id),
      (SELECT count(*) FROM planned_tube WHERE request_id = request.id)
    FROM request JOIN ward ON ward.id = request.ward_id WHERE closed_at IS NULL
    ORDER BY band, due_at, unusable_at, received_at, request.id LIMIT 50
"""


def run() -> list[Line]:
    """The queue, another list, and a poll to which nothing changed."""
    with application() as (app, world):
        open_requests(world, ROWS)
        senior, doctor = browser_of(app, "senior"), browser_of(app, "doctor")
        floor = _floor(Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")))
        page = senior.get("/queue")
        seen = _seen(page.get_data(as_text=True))
        works = {
            "floor": times(20, _asks(floor, "/")),
            "queue": _asks(senior, "/queue"),
            "queue made anew": _after_a_change(_asks(senior, "/queue")),
            "list": _asks(doctor, "/"),
            "poll": times(20, _asks(senior, f"/queue/rows?seen={seen}", 204)),
        }
        found = interleaved(works)
    unit = found["floor"].seconds / 20
    size = len(page.data) // ROWS
    return [
        Line(
            "queue page of 50 rows to the floor",
            found["queue"].seconds / unit,
            1.5,
            note=f"{found['queue'].seconds * 1000:.1f} ms CPU, {size} bytes a row",
        ),
        Line(
            "the same after a change to one of its requests",
            found["queue made anew"].seconds / unit,
            2.5,
            note="read and judged anew, the other rows not drawn again",
        ),
        Line("requester's page to the floor", found["list"].seconds / unit, 2.5),
        Line("unchanged poll to the floor", found["poll"].seconds / 20 / unit, 0.45),
    ]


def _asks(browser: FlaskClient, address: str, status: int = 200) -> Callable[[], None]:
    def ask() -> None:
        # In an empty context, as a server asks: in this one's application a request would find who asked before.
        answer = contextvars.Context().run(browser.get, address)
        if answer.status_code != status:
            raise RuntimeError(f"{address} answered {answer.status_code}, not {status}")

    return ask


def _after_a_change(ask: Callable[[], None]) -> Callable[[], None]:
    """As after a change: the list is read anew; what its rows say is the same but for the one."""

    def changed() -> None:
        queue_memory._memory.cache_clear()  # noqa: SLF001 - stands in for the change
        ask()

    return changed


def _seen(page: str) -> str:
    """The token of what the page shows, from the address it polls."""
    _, _, rest = page.partition("seen=")
    return html.unescape(rest.partition('"')[0]).partition("&")[0]


def _floor(file: Path) -> FlaskClient:
    app = Flask("floor")
    connection = sqlite3.connect(file)

    @app.get("/")
    def table() -> str:
        rows = "".join(_row(row) for row in connection.execute(_STATEMENT))
        return f"<!doctype html><title>Queue</title><table>{rows}</table>"

    return app.test_client()


def _row(row: tuple[object, ...]) -> str:
    cells = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row)
    return f"<tr>{cells}</tr>"
