"""Whether a sign-in still counts: not ended, not too old, not left alone, not without its device."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import update

from lab_contingency.accounts.models import SignIn
from lab_contingency.accounts.rules import IDLE_EMERGENCY, IDLE_GRACE, idle_limit
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock, node
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work


def alive(row: SignIn) -> bool:
    """Whether it answers now."""
    now = clock.now()
    grant = row.grant
    if row.ended_at is not None or row.ends_at <= now:
        return False
    if grant.ended_at is not None or grant.user.disabled_at is not None:
        return False
    if row.device is not None and row.device.revoked_at is not None:
        return False
    limit = idle_of(row)
    return limit is None or now <= (row.seen_at or row.started_at) + limit + IDLE_GRACE


def idle_of(row: SignIn) -> dt.timedelta | None:
    """How long the screen may be left alone; None in a demonstration, where nothing locks."""
    if node.this_node().demonstration:
        return None
    if row.device is None and row.shift is not None and row.shift.emergency:
        return IDLE_EMERGENCY
    return idle_limit(row.device.kind if row.device else None)


def note_elsewhere(sign_in_id: uuid.UUID, address: str) -> None:
    """A token came without the key of its device: somebody may have copied the cookie. Noted once."""
    with unit_of_work():
        row = session().get_one(SignIn, sign_in_id)
        if row.elsewhere_at is not None:
            return
        session().execute(
            update(SignIn).where(SignIn.id == sign_in_id).values(elsewhere_at=clock.now())
        )
        nobody = Actor(None, "unknown", "nobody", address=address)
        record("sign_in:seen_elsewhere", sign_in_id, actor=nobody)
