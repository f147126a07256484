"""The PIN of a shift: chosen once, five tries, right at its own device only."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from lab_contingency.accounts import pins
from lab_contingency.accounts.devices import address, this_device
from lab_contingency.accounts.endings import end_sign_ins
from lab_contingency.accounts.models import Shift, SignIn
from lab_contingency.accounts.rules import PIN_TRIES, Ending, pin_problem
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import NotFound, RuleBroken

_GONE = "This PIN is no longer good here. Sign in with your passphrase."
_SPENT = "Five wrong PINs. Sign in with your passphrase."


def choose_pin(pin: str, *, actor: Actor) -> None:
    """The PIN of the shift that this sign-in belongs to; other sign-ins of the shift end."""
    if problem := pin_problem(pin):
        raise RuleBroken(problem, field="pin")
    row = session().get(SignIn, actor.sign_in_id) if actor.sign_in_id else None
    if row is None or row.shift_id is None or row.device_id is None:
        raise NotFound
    shift = _locked(row.shift_id)
    if shift is None:
        raise NotFound
    if shift.pin_hash is None and shift.pin_wrong >= PIN_TRIES:
        raise RuleBroken(_SPENT, field="pin")
    shift.pin_hash, shift.pin_wrong = pins.hashed(pin, shift.id), 0
    end_sign_ins(SignIn.shift_id == shift.id, SignIn.id != row.id, how=Ending.SECRET_CHANGED)
    record("shift:pin_chosen", shift.id, actor=actor)


def check_pin(shift_id: uuid.UUID, pin: str, *, field: str) -> None:
    """RuleBroken unless it is the PIN of that shift at this device.

    Each try is counted before it is looked at, one after the other: tries made at once get no more
    than five. After the fifth the PIN is gone. Runs its own transactions.
    """
    held = _charge(shift_id, field)
    if pins.agrees(held, pin, shift_id):
        with unit_of_work():
            session().get_one(Shift, shift_id).pin_wrong = 0
        return
    left = _note_wrong(shift_id)
    raise RuleBroken(_SPENT if left == 0 else f"Wrong PIN. {_left(left)}", field=field)


def _charge(shift_id: uuid.UUID, field: str) -> str:
    with unit_of_work():
        shift = _locked(shift_id)
        good = shift is not None and _open_here(shift) and shift.pin_wrong < PIN_TRIES
        held = shift.pin_hash if shift is not None and good else None
        if shift is not None and held is not None:
            shift.pin_wrong += 1
    if held is None:
        raise RuleBroken(_GONE, field=field)
    return held


def _note_wrong(shift_id: uuid.UUID) -> int:
    """How many tries are left; with none, the PIN is gone."""
    with unit_of_work():
        shift = _locked(shift_id)
        if shift is not None:
            here = Actor(None, "unknown", "nobody", device_id=shift.device_id, address=address())
            record("sign_in:refused", shift.user_id, actor=here, how="pin")
        if shift is None or shift.pin_wrong >= PIN_TRIES:
            if shift is not None and shift.pin_hash is not None:
                shift.pin_hash = None
                actor = Actor(shift.user_id, shift.grant.user.name, shift.grant.role.value)
                record("shift:pin_spent", shift.id, actor=actor)
            return 0
        return PIN_TRIES - shift.pin_wrong


def _locked(shift_id: uuid.UUID) -> Shift | None:
    # Of the shift alone: its grant is joined outwards, where PostgreSQL locks nothing.
    statement = select(Shift).where(Shift.id == shift_id)
    return session().scalars(statement.with_for_update(of=Shift)).one_or_none()


def _open_here(shift: Shift) -> bool:
    here = this_device()
    grant = shift.grant
    return (
        here is not None
        and here.id == shift.device_id
        and shift.ended_at is None
        and shift.ends_at > clock.now()
        and grant.user.disabled_at is None
    )


def _left(tries: int) -> str:
    words = {1: "One try", 2: "Two tries", 3: "Three tries", 4: "Four tries"}[tries]
    return f"{words} left; after that your passphrase is needed."
