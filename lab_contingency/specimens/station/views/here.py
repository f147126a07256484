"""Which printer is printed at from here: the device's, or the one chosen in this browser."""

from __future__ import annotations

import uuid

from flask import session as cookie

from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.web import current_actor
from lab_contingency.specimens.station.queries.printers import PrinterView, printer, remembered

_CHOSEN = "printer"


def printer_here() -> PrinterView | None:
    """The printer, if one was chosen that still stands and is in reach."""
    actor = current_actor()
    chosen = remembered(actor.device_id) or _in_browser()
    if chosen is None:
        return None
    try:
        found = printer(chosen, actor)
    except NotFound:
        return None
    return found if found.active else None


def _in_browser() -> uuid.UUID | None:
    try:
        return uuid.UUID(cookie.get(_CHOSEN, ""))
    except ValueError:
        return None


def choose_in_browser(printer_id: uuid.UUID) -> None:
    """Remember it in the signed cookie: for a computer that is not enrolled."""
    cookie[_CHOSEN] = str(printer_id)


def forget_in_browser() -> None:
    """No printer any more."""
    cookie.pop(_CHOSEN, None)
