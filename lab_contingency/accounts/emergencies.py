"""Emergency envelopes: printed ahead, opened once, for an hour, loudly."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid

from sqlalchemy import func, select, update

from lab_contingency.accounts import passphrases
from lab_contingency.accounts.commands import GrantRole, OpenEnvelope
from lab_contingency.accounts.models import EmergencyCode, EmergencyEntry, User
from lab_contingency.accounts.passphrases import one_time_secret
from lab_contingency.accounts.rules import EMERGENCY_LIFE, EMERGENCY_ROLES
from lab_contingency.accounts.services import grant_role
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import blind_index, seal

ENVELOPES = 5
_WRONG = "This code opens nothing: mistyped, opened before, or of an older sheet."


def print_envelopes(*, actor: Actor) -> tuple[str, tuple[str, ...]]:
    """A fresh sheet, (its name, its codes); unopened codes of older sheets open nothing any more."""
    now = clock.now()
    session().execute(
        update(EmergencyCode).where(EmergencyCode.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    number = session().scalars(select(func.count(EmergencyCode.sheet.distinct()))).one() + 1
    codes = tuple(one_time_secret() for _ in range(ENVELOPES))
    for place, code in enumerate(codes, 1):
        session().add(
            EmergencyCode(
                id=new_id(),
                sheet=str(number),
                number=place,
                code_digest=_digest(code),
                printed_at=now,
                printed_by=actor.name,
            )
        )
    record("emergency:envelopes_printed", None, actor=actor, sheet=number, envelopes=len(codes))
    return str(number), codes


def open_envelope(command: OpenEnvelope, *, device_id: uuid.UUID | None, address: str) -> uuid.UUID:
    """Spend the code; returns the grant of an hour to sign in with.

    The person gets an account of their own for it, so that nothing they do is told as somebody else's.
    """
    if command.role not in EMERGENCY_ROLES:
        raise RuleBroken("An envelope does not open this role.", field="role")
    statement = select(EmergencyCode).where(EmergencyCode.code_digest == _digest(command.code))
    code = session().scalars(locked(statement)).one_or_none()
    if code is None or code.withdrawn_at is not None or _opened(code):
        raise RuleBroken(_WRONG, field="code")
    user = _person(command, code)
    actor = Actor(user.id, user.name, command.role.value, device_id=device_id, address=address)
    where = GrantRole(user.id, command.role, command.site_id, command.laboratory_id)
    grant_id = grant_role(where, actor=actor)
    entry_id, now = new_id(), clock.now()
    session().add(
        EmergencyEntry(
            id=entry_id,
            code_id=code.id,
            grant_id=grant_id,
            device_id=device_id,
            address=address,
            sealed=seal(EmergencyEntry.__tablename__, entry_id, {"reason": command.reason}),
            started_at=now,
            ends_at=now + EMERGENCY_LIFE,
        )
    )
    session().flush()
    record("emergency:opened", entry_id, actor=actor, sheet=code.sheet, envelope=code.number)
    return grant_id


def acknowledge_entry(entry_id: uuid.UUID, *, actor: Actor) -> None:
    """An administrator has looked at it: it leaves the pages of everybody."""
    statement = select(EmergencyEntry).where(EmergencyEntry.id == entry_id)
    entry = session().scalars(locked(statement)).one_or_none()
    if entry is None or entry.acknowledged_at is not None:
        raise NotFound
    entry.acknowledged_at, entry.acknowledged_by = clock.now(), actor.name
    record("emergency:acknowledged", entry.id, actor=actor)


def _opened(code: EmergencyCode) -> bool:
    held = select(EmergencyEntry.id).where(EmergencyEntry.code_id == code.id)
    return session().scalars(held).first() is not None


def _person(command: OpenEnvelope, code: EmergencyCode) -> User:
    now: dt.datetime = clock.now()
    user = User(
        id=new_id(),
        username=f"emergency.{code.sheet}.{code.number}",
        name=f"{command.name} (emergency)",
        # Nobody knows it: the account opens by its envelope only, once.
        passphrase_hash=passphrases.hashed(secrets.token_urlsafe(32)),
        demonstration=False,
        created_at=now,
    )
    session().add(user)
    session().flush()
    return user


def _digest(code: str) -> str:
    return blind_index("emergency code", code.replace("-", "").replace(" ", "").casefold())
