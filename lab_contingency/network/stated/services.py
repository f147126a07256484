"""Stating a method: the only code that changes one."""

from __future__ import annotations

from sqlalchemy import select

from lab_contingency.audit.services import record
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, NotPermitted
from lab_contingency.network.models import MenuEntry
from lab_contingency.network.stated.commands import StateMethod


def state_method(command: StateMethod, *, actor: Actor) -> None:
    """Results typed from now on keep this method. NotPermitted for another laboratory than one's own."""
    if actor.laboratory_id != command.laboratory_id:
        raise NotPermitted
    statement = select(MenuEntry).where(
        MenuEntry.laboratory_id == command.laboratory_id, MenuEntry.test_code == command.test_code
    )
    row = session().scalars(locked(statement)).one_or_none()
    if row is None:
        raise NotFound
    before, row.method = row.method, command.method.strip()
    session().flush()
    record(
        "method:stated",
        command.laboratory_id,
        actor=actor,
        test=row.test_code,
        before=before,
        after=row.method,
    )
