"""Budgets of guesses: each is charged before it is looked at, and given back when it was right.

An enrolled device has a budget of its own for each name, so that nobody elsewhere can use it up. All
other devices share one for each name, and one for each address.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flask import has_request_context
from sqlalchemy import delete, func, select, text

from lab_contingency.accounts.devices import address, this_device
from lab_contingency.accounts.models import FailedSignIn
from lab_contingency.accounts.rules import GUESSES, GUESSES_WITHIN
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import blind_index

_SLOW = (
    "Too many tries. Wait five minutes, sign in at an enrolled computer, or ring the administrator."
)
_BIGINT = 1 << 63


def budgets(name: str, device_id: uuid.UUID | None, address: str) -> tuple[str, ...]:
    """The keyed digests of the budgets that a guess at this name from there is charged to."""
    if device_id is not None:
        return (blind_index("guess", f"{name.casefold()}|device|{device_id}"),)
    return (
        blind_index("guess", f"{name.casefold()}|elsewhere"),
        blind_index("guess", f"address|{address}"),
    )


def charge(budget: Iterable[str], *, field: str) -> tuple[uuid.UUID, ...]:
    """Charge one guess to every budget; RuleBroken when one of them is used up.

    Done in a transaction of its own, in turn: guesses made at once are counted one after the other.
    """
    now = clock.now()
    with unit_of_work():
        keys = sorted(budget)
        for key in keys:
            _take_turn(key)
        used = select(FailedSignIn.name_index, func.count()).where(
            FailedSignIn.name_index.in_(keys), FailedSignIn.at > now - GUESSES_WITHIN
        )
        counts = session().execute(used.group_by(FailedSignIn.name_index)).all()
        slow = any(count >= GUESSES for _, count in counts)
        rows = () if slow else tuple(FailedSignIn(id=new_id(), name_index=k, at=now) for k in keys)
        session().add_all(rows)
        for full in (key for key, count in counts if count == GUESSES):
            # One more than can be used: that it is used up is recorded once, however often somebody knocks.
            session().add(FailedSignIn(id=new_id(), name_index=full, at=now))
            record("sign_in:slowed", None, actor=_nobody(), field=field)
    if slow:
        raise RuleBroken(_SLOW, field=field)
    return tuple(row.id for row in rows)


def give_back(charged: Iterable[uuid.UUID]) -> None:
    """It was no guess: the secret was right."""
    ids = list(charged)
    with unit_of_work():
        session().execute(delete(FailedSignIn).where(FailedSignIn.id.in_(ids)))


def note_refused(how: str, user_id: uuid.UUID | None = None) -> None:
    """Somebody did not get in: whose account if there is one, never what was typed. Runs its own transaction."""
    with unit_of_work():
        record("sign_in:refused", user_id, actor=_nobody(), how=how)


def _nobody() -> Actor:
    if not has_request_context():  # from a terminal
        return Actor(None, "unknown", "nobody")
    here = this_device()
    return Actor(None, "unknown", "nobody", device_id=here.id if here else None, address=address())


def _take_turn(key: str) -> None:
    """Wait for whoever charges this budget now; SQLite has one writer anyway."""
    if db.engine.dialect.name != "sqlite":
        number = int(key[:16], 16) - _BIGINT
        session().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})
