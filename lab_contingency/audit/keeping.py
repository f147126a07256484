"""What the server does for the record beside serving: takes in the journal, makes checkpoints when due."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from lab_contingency.audit.services import checkpoint_if_due, checkpoint_is_due, take_in_journal
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import LabError, Sealed

log = logging.getLogger("lab_contingency")
EVERY = 60.0  # seconds between two looks; a look that finds nothing to do is two short reads
_SYSTEM = Actor.system("server")


def keep(app: Flask, every: float = EVERY) -> threading.Event:
    """Look after the record of a serving process, in a thread that ends with it or when the event is set."""
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
    """Once: the journal, then a checkpoint if one is due. What fails is tried again at the next look."""
    try:
        take_in_journal()
        if not checkpoint_is_due():
            return
        with unit_of_work():
            checkpoint_if_due(actor=_SYSTEM)
    except Sealed:
        return  # nothing can be signed before a custodian opens the node; that is no failure
    except (SQLAlchemyError, LabError, OSError) as failed:
        log.warning("the record could not be looked after: %s", type(failed).__name__)
    finally:
        session().rollback()
