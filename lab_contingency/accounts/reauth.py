"""Once more, with this very form: the PIN (or passphrase) for what cannot be taken back.

A view proves what was typed before it opens its unit of work, so that a wrong try is counted whatever
becomes of the rest; the service requires the proof before it acts, and records how it was given.
People of the demonstration, and the program itself, have no secret and are asked for none.
"""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from typing import Any

from lab_contingency.accounts import guesses, passphrases, shifts
from lab_contingency.accounts.devices import this_device
from lab_contingency.accounts.models import Shift, SignIn, User
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.errors import RuleBroken

FIELD = "secret"


class Secret(enum.StrEnum):
    """What a person gives again."""

    NONE = ""
    PIN = "pin"
    PASSPHRASE = "passphrase"  # noqa: S105 - a word, no secret
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Proof:
    """That this person gave their secret with the form that is being worked on."""

    user_id: uuid.UUID | None
    how: Secret


def asked_of(actor: Actor) -> Secret:
    """What this person types again; NONE for people without a secret."""
    user = session().get(User, actor.user_id) if actor.user_id else None
    if user is None or user.demonstration:
        return Secret.NONE
    shift = _shift(actor)
    if shift is not None and shift.pin_hash is not None:
        return Secret.PIN
    return Secret.EMERGENCY if shift is not None and shift.emergency else Secret.PASSPHRASE


def prove(typed: str, *, actor: Actor) -> Proof | None:
    """The proof of what was typed, None when nothing was; RuleBroken on the field when it is wrong.

    Runs its own transactions: call it before `unit_of_work()`.
    """
    match asked_of(actor):
        case Secret.NONE:
            return None
        case Secret.EMERGENCY:
            return Proof(actor.user_id, Secret.EMERGENCY)
        case Secret.PIN:
            return _prove_pin(typed, actor)
        case Secret.PASSPHRASE:
            return _prove_passphrase(typed, actor)


def require(proof: Proof | None, *, actor: Actor) -> dict[str, Any]:
    """What the audit says of it, {} for people without a secret; RuleBroken when the proof is missing."""
    asked = asked_of(actor)
    if asked is Secret.NONE:
        return {}
    if proof is None or proof.user_id != actor.user_id:
        what = "PIN" if asked is Secret.PIN else "passphrase"
        raise RuleBroken(f"Type your {what}: it stands for your signature.", field=FIELD)
    return {"reauthenticated": proof.how.value}


def _prove_pin(typed: str, actor: Actor) -> Proof | None:
    shift = _shift(actor)
    if not typed or shift is None:
        return None
    shifts.check_pin(shift.id, typed.strip(), field=FIELD)
    return Proof(actor.user_id, Secret.PIN)


def _prove_passphrase(typed: str, actor: Actor) -> Proof | None:
    if not typed:
        return None
    user = session().get_one(User, actor.user_id)
    held, here = user.passphrase_hash, this_device()
    budget = guesses.budgets(user.username, here.id if here else None, actor.address)
    charged = guesses.charge(budget, field=FIELD)
    if not passphrases.agrees(held, typed):
        guesses.note_refused("passphrase again", actor.user_id)
        raise RuleBroken("That is not your passphrase.", field=FIELD)
    guesses.give_back(charged)
    _let_choose_again(actor)
    return Proof(actor.user_id, Secret.PASSPHRASE)


def _let_choose_again(actor: Actor) -> None:
    """After five wrong PINs the passphrase opens the way to a new one."""
    shift = _shift(actor)
    if shift is not None and shift.pin_wrong:
        with unit_of_work():
            session().get_one(Shift, shift.id).pin_wrong = 0


def _shift(actor: Actor) -> Shift | None:
    row = session().get(SignIn, actor.sign_in_id) if actor.sign_in_id else None
    return row.shift if row else None
