"""Looking whether what nobody can do has changed: by the server beside serving, and at once when the network was changed."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import LabError
from lab_contingency.routing.services.publishing import (
    publish_what_cannot_be_done,
    something_to_publish,
)

log = logging.getLogger("lab_contingency")
EVERY = 15.0  # seconds between two looks; a look that finds nothing to do reads and locks nothing


def keep(app: Flask, every: float = EVERY) -> threading.Event:
    """Look again and again in a thread that ends with the process or when the event is set."""
    stop = threading.Event()
    threading.Thread(target=_look_after, args=(app, stop, every), daemon=True).start()
    return stop


def _look_after(app: Flask, stop: threading.Event, every: float) -> None:
    while True:
        with app.app_context():
            look()
        if stop.wait(every):
            return


def look() -> None:
    """Once. What fails is tried again at the next look."""
    try:
        if not something_to_publish():
            return
        session().rollback()
        with unit_of_work():
            publish_what_cannot_be_done()
    except (SQLAlchemyError, LabError, OSError) as failed:
        log.warning("the menu could not be looked after: %s", type(failed).__name__)
    finally:
        session().rollback()
