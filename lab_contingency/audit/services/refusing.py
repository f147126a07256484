"""Recording what was refused."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from lab_contingency.audit.services.recording import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import unit_of_work

log = logging.getLogger("lab_contingency")


def record_refusal(page: str, answer: int, *, actor: Actor) -> None:
    """Somebody was refused a page; nothing of what they asked for is kept. Runs its own transaction.

    When the database cannot write, the refusal stands all the same and the log has a line.
    """
    try:
        with unit_of_work():
            record("access:refused", None, actor=actor, page=page, answer=answer)
    except SQLAlchemyError as problem:
        log.warning("refused %s with %d, not recorded: %s", page, answer, type(problem).__name__)
