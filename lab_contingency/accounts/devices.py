"""Enrolled devices: asked for at the device, allowed at a signed-in screen, known by a key in a cookie."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import cast

from flask import Response, g, request
from sqlalchemy import delete, func, select

from lab_contingency.accounts.commands import EnrolDevice
from lab_contingency.accounts.endings import end_device_sign_ins
from lab_contingency.accounts.models import Device, DeviceEnrolment
from lab_contingency.accounts.passphrases import spoken_code
from lab_contingency.accounts.presence import Presence
from lab_contingency.accounts.rules import ENROLMENT_LIFE, ScreenKind
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import locked, session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import blind_index

COOKIE = "lab_device"
_KEPT_DAYS = 400  # as long as browsers keep any cookie
_ASKING_AT_ONCE = 20
_OLD = "This code is not known, or older than ten minutes. Show a new one on the device."


@dataclass(frozen=True, slots=True)
class Here:
    """The enrolled device that asks."""

    id: uuid.UUID
    name: str
    kind: ScreenKind


def this_device() -> Here | None:
    """The device whose key came with this request, looked up once; None when it is not enrolled."""
    if "lab_device" not in g:
        g.lab_device = _look_up(request.cookies.get(cookie_name(), ""))
    return cast("Here | None", g.lab_device)


def is_here(held: Presence) -> bool:
    """Whether this request bears the key of the device the sign-in was given at, which was read with it."""
    key = request.cookies.get(cookie_name(), "")
    here = bool(key) and held.device_key == _digest(key) and held.device_revoked_at is None
    if here and held.device_id and held.device_name is not None and held.device_kind is not None:
        g.lab_device = Here(held.device_id, held.device_name, held.device_kind)
    return here


def address() -> str:
    """The network address that asks."""
    return request.remote_addr or ""


def cookie_name() -> str:
    """Over TLS the name itself keeps other hosts and paths from setting it."""
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE


def give_key(answer: Response, key: str) -> None:
    """Put the key into the device's own cookie, which neither scripts nor other sites reach."""
    answer.set_cookie(
        cookie_name(),
        key,
        max_age=_KEPT_DAYS * 24 * 3600,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def _look_up(key: str) -> Here | None:
    if not key:
        return None
    held = select(Device).where(Device.key_digest == _digest(key), Device.revoked_at.is_(None))
    row = session().scalars(held).one_or_none()
    return Here(row.id, row.name, row.kind) if row else None


def ask_to_enrol(asker: str) -> tuple[uuid.UUID, str]:
    """A code for a device that wants to be enrolled: the id of the asking, and what is typed elsewhere."""
    now = clock.now()
    session().execute(
        delete(DeviceEnrolment).where(
            DeviceEnrolment.ends_at <= now, DeviceEnrolment.device_id.is_(None)
        )
    )
    asking = select(func.count(DeviceEnrolment.id)).where(
        DeviceEnrolment.address == asker, DeviceEnrolment.ends_at > now
    )
    if (session().execute(asking).scalar() or 0) >= _ASKING_AT_ONCE:
        raise RuleBroken("Too many codes were asked for from here. Wait ten minutes.")
    code = spoken_code()
    row = DeviceEnrolment(
        id=new_id(),
        code_digest=_code_digest(code),
        asked_at=now,
        ends_at=now + ENROLMENT_LIFE,
        address=asker,
    )
    session().add(row)
    session().flush()
    return row.id, code


def enrol_device(command: EnrolDevice, *, actor: Actor) -> uuid.UUID:
    """Allow the device that shows the code; it picks its key up by itself."""
    statement = select(DeviceEnrolment).where(
        DeviceEnrolment.code_digest == _code_digest(command.code),
        DeviceEnrolment.ends_at > clock.now(),
        DeviceEnrolment.device_id.is_(None),
    )
    asked = session().scalars(locked(statement)).one_or_none()
    if asked is None:
        raise RuleBroken(_OLD, field="code")
    device = Device(
        id=new_id(),
        name=command.name,
        kind=command.kind,
        site_id=command.site_id,
        ward_id=command.ward_id,
        laboratory_id=command.laboratory_id,
        enrolled_at=clock.now(),
        enrolled_by=actor.name,
    )
    session().add(device)
    session().flush()
    asked.device_id = device.id
    record("device:enrolled", device.id, actor=actor, kind=command.kind.value)
    return device.id


def asking(enrolment_id: uuid.UUID | None) -> bool | None:
    """Whether the asking was allowed; None when it is too old, was taken up, or never was."""
    row = session().get(DeviceEnrolment, enrolment_id) if enrolment_id else None
    return None if row is None or row.ends_at <= clock.now() else row.device_id is not None


def pick_up_key(enrolment_id: uuid.UUID | None) -> str | None:
    """The key of the device that was allowed, once; None while nobody has typed the code.

    Called by the browser that asked: the id is in its own signed cookie.
    """
    statement = select(DeviceEnrolment).where(DeviceEnrolment.id == enrolment_id)
    asked = session().scalars(locked(statement)).one_or_none()
    if asked is None or asked.ends_at <= clock.now():
        raise RuleBroken("This code is too old. Show a new one.")
    if asked.device_id is None:
        return None
    key = secrets.token_urlsafe(32)
    device = session().get_one(Device, asked.device_id)
    device.key_digest = _digest(key)
    session().delete(asked)
    actor = Actor(None, device.name, "device", device_id=device.id, address=asked.address)
    record("device:key_picked_up", device.id, actor=actor)
    return key


def revoke_device(device_id: uuid.UUID, *, actor: Actor) -> None:
    """The device is known no more; whoever is signed in at it is not, at once."""
    device = session().scalars(locked(select(Device).where(Device.id == device_id))).one_or_none()
    if device is None or device.revoked_at is not None:
        raise NotFound
    device.revoked_at, device.revoked_by = clock.now(), actor.name
    end_device_sign_ins(device.id)
    record("device:revoked", device.id, actor=actor)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _code_digest(code: str) -> str:
    return blind_index("device code", code.replace("-", "").replace(" ", "").casefold())
