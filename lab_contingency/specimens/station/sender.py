"""Sends labels in a thread of its own, one label at a time: no page waits for a printer.

The thread lives as long as there is something to send. It holds its printer by a claim in the database that
lapses, so that of many processes one sends, and one that dies holds nothing for long.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterable
from contextlib import closing

from flask import Flask, current_app

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import StartRefused
from lab_contingency.foundation.identity import new_id
from lab_contingency.printing.field_pen import font_sizes, letters_zpl
from lab_contingency.specimens.station.lines import Letters, Line, Report, open_line
from lab_contingency.specimens.station.rules.printers import STATES, Allowed
from lab_contingency.specimens.station.services.sending import advance, let_go, note_letters, take

log = logging.getLogger("lab_contingency")
THREAD = "printer"
_ALLOWED = "lab_printers"


def install(app: Flask, networks: Iterable[str]) -> None:
    """Where printers may stand beyond private addresses; StartRefused for what is no network."""
    try:
        app.extensions[_ALLOWED] = tuple(Allowed.read(text) for text in networks)
    except ValueError as wrong:
        raise StartRefused(
            f"LAB_PRINTERS: {wrong} Write networks with ports, for example 203.0.113.7:9100."
        ) from wrong


def wake(printer_ids: Iterable[uuid.UUID]) -> None:
    """Send what waits at these printers, and ask them how they are; call it after the unit of work."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    for printer_id in printer_ids:
        name = f"{THREAD} {printer_id}"
        threading.Thread(target=_run, args=(app, printer_id), name=name, daemon=True).start()


def _run(app: Flask, printer_id: uuid.UUID) -> None:
    with app.app_context():
        try:
            send(printer_id)
        except Exception as failed:  # noqa: BLE001 - a thread has nobody above it
            log.error("printer.failed %s", type(failed).__name__)  # noqa: TRY400 - no message: it may hold a name
        finally:
            session().remove()


def send(printer_id: uuid.UUID) -> None:
    """Send what waits at one printer, until nothing does or it stops. Returns at once where another sends."""
    claim = new_id()
    with unit_of_work():
        target = take(printer_id, claim)
    if target is None:
        return
    allowed: tuple[Allowed, ...] = current_app.extensions[_ALLOWED]
    try:
        with closing(open_line(target, allowed)) as line:
            _send_all(printer_id, claim, line, target.letters)
    except BaseException:
        with unit_of_work():
            let_go(printer_id, claim)
        raise


def _send_all(printer_id: uuid.UUID, claim: uuid.UUID, line: Line, letters: Letters) -> None:
    report: Report = line.ask()
    if letters is not Letters.NONE and STATES[report.state].can_take:
        _see_to_letters(printer_id, claim, line, letters)
    sent: tuple[uuid.UUID, ...] = ()
    while True:
        with unit_of_work():
            step = advance(printer_id, claim, report, sent)
        session().remove()  # the connection goes back: a printer is slow
        if step is None:
            return
        if step.clear:
            line.clear()
        report, sent = line.put(step.data), step.labels


def _see_to_letters(printer_id: uuid.UUID, claim: uuid.UUID, line: Line, letters: Letters) -> None:
    """Send our letters where somebody asked for it, and note whether the printer holds them now."""
    if letters is Letters.SEND:
        line.load(letters_zpl())
    held = font_sizes().items() <= line.files().items()
    with unit_of_work():
        note_letters(printer_id, claim, held=held)
    session().remove()
