"""The code beside the passphrase: who needs one, who may set codes up where, and the one refusal."""

from __future__ import annotations

import uuid

from flask import request
from sqlalchemy import select

from lab_contingency.accounts import codes, guesses
from lab_contingency.accounts.devices import address, this_device
from lab_contingency.accounts.models import RoleGrant
from lab_contingency.accounts.rules import code_needed
from lab_contingency.foundation import node
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken

_REFUSED = "User name and passphrase do not fit together. Check Caps Lock and try again."
_REFUSED_WITH_CODE = (
    "User name, passphrase and code do not fit together. Check Caps Lock, "
    "wait for the next code and try again."
)


def refusal() -> str:
    """The one sentence for every wrong sign-in here."""
    return _REFUSED if node.this_node().demonstration else _REFUSED_WITH_CODE


def refused(how: str, user_id: uuid.UUID | None) -> RuleBroken:
    """Note the try in the record; what to raise. Runs its own transaction."""
    guesses.note_refused(how, user_id)
    return RuleBroken(refusal(), field="passphrase")


def check_code(user_id: uuid.UUID, code: str) -> bool:
    """Whether a right code was given; RuleBroken when one is needed and was not."""
    held = codes.has_codes(user_id)
    if node.this_node().demonstration or not _needs_code(user_id):
        return held and bool(code) and _spent(user_id, code)
    if held and _spent(user_id, code):
        return True
    # Without codes yet, they are set up before anything else: at an enrolled computer or the server itself.
    if held or not may_set_up_codes():
        raise refused("code", user_id)
    return False


def _spent(user_id: uuid.UUID, code: str) -> bool:
    with unit_of_work():
        return codes.spend_code(user_id, code)


def _needs_code(user_id: uuid.UUID) -> bool:
    statement = select(RoleGrant.role).where(
        RoleGrant.user_id == user_id, RoleGrant.ended_at.is_(None)
    )
    enrolled = this_device() is not None
    return any(code_needed(role, enrolled=enrolled) for role in session().scalars(statement))


def may_set_up_codes() -> bool:
    """At an enrolled computer, or at the server itself and not through anything in between."""
    forwarded = {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers.keys())
    local = address() == "::1" or address().startswith("127.")
    return this_device() is not None or (local and not forwarded)
