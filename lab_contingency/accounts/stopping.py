"""Ending sign-ins from the administrator's list, and the incident button."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lab_contingency.accounts.devices import revoke_device
from lab_contingency.accounts.endings import (
    end_everything,
    end_person_sign_ins,
    end_shifts,
    end_sign_ins,
)
from lab_contingency.accounts.models import ExportStop, Shift, SignIn
from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.accounts.rules import Ending
from lab_contingency.audit import services as audit
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id


@dataclass(frozen=True, slots=True)
class Pressed:
    """What the incident button did. `checkpoint`: the number of the one it signed."""

    ended: int
    device_revoked: bool
    checkpoint: int


def end_sign_in(sign_in_id: uuid.UUID, *, actor: Actor) -> None:
    """End one sign-in and its shift; the person signs in afresh."""
    row = session().get(SignIn, sign_in_id)
    if row is None or row.ended_at is not None:
        raise NotFound
    if row.shift_id is not None:
        end_shifts(Shift.id == row.shift_id)
    end_sign_ins(SignIn.id == row.id, how=Ending.ENDED_BY_ADMINISTRATOR)
    record_end(actor, "sign_in", sign_in_id)


def end_sign_ins_of_person(user_id: uuid.UUID, *, actor: Actor) -> int:
    """End everything a person has open, but the sign-in that presses."""
    ended = end_person_sign_ins(user_id, how=Ending.ENDED_BY_ADMINISTRATOR, but=actor.sign_in_id)
    record_end(actor, "person", user_id, ended=ended)
    return ended


def end_my_sign_ins(*, actor: Actor, proof: Proof | None) -> int:
    """End everything the person has open elsewhere; how much there was. RuleBroken without the proof."""
    if actor.user_id is None:
        raise NotFound
    how = require(proof, actor=actor)
    ended = end_person_sign_ins(actor.user_id, how=Ending.SIGNED_OUT, but=actor.sign_in_id)
    record_end(actor, "oneself", actor.user_id, ended=ended, **how)
    return ended


def end_sign_ins_of_device(device_id: uuid.UUID, *, actor: Actor) -> int:
    """End everything that is open at a device, but the sign-in that presses; it stays enrolled."""
    stays = session().get(SignIn, actor.sign_in_id) if actor.sign_in_id else None
    kept = stays.shift_id if stays else None
    end_shifts(Shift.device_id == device_id, *([Shift.id != kept] if kept else []))
    ended = end_sign_ins(
        SignIn.device_id == device_id,
        *([SignIn.id != actor.sign_in_id] if actor.sign_in_id else []),
        how=Ending.ENDED_BY_ADMINISTRATOR,
    )
    record_end(actor, "device", device_id, ended=ended)
    return ended


def end_all_sign_ins(*, actor: Actor) -> int:
    """End every sign-in of everybody, but the one that presses; how many there were."""
    ended = end_everything(but=actor.sign_in_id)
    record_end(actor, "everybody", None, ended=ended)
    return ended


def record_end(actor: Actor, what: str, subject: uuid.UUID | None, **details: Any) -> None:
    """Note who ended what."""
    audit.record("sign_ins:ended", subject, actor=actor, of=what, **details)


def press_incident_button(device_id: uuid.UUID | None, *, actor: Actor) -> Pressed:
    """Everybody is signed out but who presses, exports stop, the record gets a checkpoint.

    Clinical work goes on as soon as people sign in again.
    """
    checkpoint = audit.make_checkpoint(
        actor=actor
    ).number  # before anything else is recorded: what stood until now is signed
    ended = end_all_sign_ins(actor=actor)
    if device_id is not None:
        revoke_device(device_id, actor=actor)
    if _standing_stop() is None:
        session().add(ExportStop(id=new_id(), stopped_at=clock.now(), stopped_by=actor.name))
        session().flush()
    audit.record("incident_button:pressed", None, actor=actor, ended=ended, device=device_id)
    return Pressed(ended, device_id is not None, checkpoint)


def allow_exports(*, actor: Actor) -> None:
    """Exports are allowed again."""
    stop = _standing_stop()
    if stop is None:
        raise RuleBroken("Exports are allowed already.")
    stop.lifted_at, stop.lifted_by = clock.now(), actor.name
    audit.record("exports:allowed", stop.id, actor=actor)


def _standing_stop() -> ExportStop | None:
    statement = select(ExportStop).where(ExportStop.lifted_at.is_(None))
    return session().scalars(locked(statement)).first()
