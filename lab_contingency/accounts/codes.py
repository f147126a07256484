"""Codes from a person's phone (TOTP, RFC 6238): set up once, each good for one use."""

from __future__ import annotations

import hmac
import uuid

import pyotp
from sqlalchemy import select

from lab_contingency.accounts.models import SecondFactor, User
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.sealing import seal, unseal

_ISSUER = "Pathology contingency"
_STEP = 30
_DRIFT = 1  # steps a phone's clock may be off, either way


def has_codes(user_id: uuid.UUID) -> bool:
    """Whether codes were set up and confirmed."""
    row = session().get(SecondFactor, user_id)
    return row is not None and row.confirmed_at is not None


def begin_codes(user_id: uuid.UUID, *, actor: Actor) -> None:
    """A fresh secret, shown until it is confirmed with a first code."""
    row = session().get(SecondFactor, user_id)
    if row is not None and row.confirmed_at is not None:
        raise RuleBroken("Codes are set up already. An administrator can remove them.")
    if row is None:
        row = SecondFactor(user_id=user_id, last_step=0)
        session().add(row)
    row.sealed = seal(SecondFactor.__tablename__, user_id, {"secret": pyotp.random_base32()})
    row.made_at = clock.now()
    session().flush()
    record("codes:begun", user_id, actor=actor)


def unconfirmed_secret(user_id: uuid.UUID) -> tuple[str, str] | None:
    """(secret, address for the phone's camera) while it waits for its first code; None at other times."""
    row = session().get(SecondFactor, user_id)
    if row is None or row.confirmed_at is not None:
        return None
    secret = _secret(row)
    name = session().get_one(User, user_id).username
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)
    return secret, uri


def confirm_codes(user_id: uuid.UUID, code: str, *, actor: Actor) -> None:
    """The first code agrees: from now on it is asked for, and the secret is never shown again."""
    row = _held(user_id)
    if row is None or row.confirmed_at is not None:
        raise NotFound
    if not _spend(row, code):
        raise RuleBroken(
            "That is not the code of this moment. Look at the phone again; its clock must be right.",
            field="code",
        )
    row.confirmed_at = clock.now()
    record("codes:set_up", user_id, actor=actor)


def spend_code(user_id: uuid.UUID, code: str) -> bool:
    """Whether the code is right and was not used before; it is used up with that."""
    row = _held(user_id)
    return row is not None and row.confirmed_at is not None and _spend(row, code)


def remove_codes(user_id: uuid.UUID, *, actor: Actor) -> None:
    """The phone was lost: codes are set up anew at the next sign-in. The old secret is not shown."""
    row = _held(user_id)
    if row is None:
        raise RuleBroken("This person has no codes set up.")
    session().delete(row)
    record("codes:removed", user_id, actor=actor)


def _held(user_id: uuid.UUID) -> SecondFactor | None:
    statement = select(SecondFactor).where(SecondFactor.user_id == user_id)
    return session().scalars(locked(statement)).one_or_none()


def _spend(row: SecondFactor, code: str) -> bool:
    typed = "".join(code.split())
    totp = pyotp.TOTP(_secret(row))
    now = int(clock.now().timestamp()) // _STEP
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if step > row.last_step and hmac.compare_digest(
            totp.generate_otp(step).encode(), typed.encode()
        ):
            row.last_step = step
            return True
    return False


def _secret(row: SecondFactor) -> str:
    opened: str = unseal(SecondFactor.__tablename__, row.user_id, row.sealed)["secret"]
    return opened
