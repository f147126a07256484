"""Reading what stands around shared computers: devices, locked and open sign-ins, envelopes, stops."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from lab_contingency.accounts.models import (
    Device,
    EmergencyCode,
    EmergencyEntry,
    ExportStop,
    RoleGrant,
    Shift,
    SignIn,
    User,
)
from lab_contingency.accounts.presence import alive, presences
from lab_contingency.accounts.queries.people import ALL_PLACES, place_names, place_of
from lab_contingency.accounts.rules import GRANTS, SCREENS
from lab_contingency.foundation import clock
from lab_contingency.foundation.database import session
from lab_contingency.foundation.sealing import unseal
from lab_contingency.places.models import Ward

_MOST = 2000
_MOST_LOCKED = 30


@dataclass(frozen=True, slots=True)
class DeviceView:
    """An enrolled device; `state` is 'enrolled', 'waits for its key' or 'revoked'."""

    id: uuid.UUID
    name: str
    kind: str
    place: str
    state: str
    enrolled_at: dt.datetime
    enrolled_by: str
    revoked_at: dt.datetime | None
    revoked_by: str | None


@dataclass(frozen=True, slots=True)
class LockedPerson:
    """Somebody who may come back by PIN at this device."""

    shift_id: uuid.UUID
    name: str
    role: str
    locked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SignInView:
    """One sign-in that answers now."""

    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    role: str
    place: str
    device_id: uuid.UUID | None
    device: str
    address: str
    started_at: dt.datetime
    seen_at: dt.datetime
    elsewhere_at: dt.datetime | None
    emergency: bool


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """An opened envelope that no administrator has acknowledged."""

    id: uuid.UUID
    name: str
    role: str
    place: str
    reason: str
    started_at: dt.datetime
    ends_at: dt.datetime
    device: str
    address: str


def devices() -> tuple[DeviceView, ...]:
    """Every device, those still enrolled first, by name."""
    wards = {row.id: row.name for row in session().execute(select(Ward.id, Ward.name))}
    names = place_names() | wards
    rows = session().scalars(select(Device).order_by(Device.name).limit(_MOST)).all()
    views = (_device(row, names) for row in rows)
    return tuple(sorted(views, key=lambda view: view.revoked_at is not None))


def _device(row: Device, names: dict[uuid.UUID, str]) -> DeviceView:
    place = row.site_id or row.ward_id or row.laboratory_id
    state = "enrolled" if row.key_digest else "waits for its key"
    return DeviceView(
        row.id,
        row.name,
        SCREENS[row.kind],
        names.get(place, "") if place else "goes about",
        "revoked" if row.revoked_at else state,
        row.enrolled_at,
        row.enrolled_by,
        row.revoked_at,
        row.revoked_by,
    )


def locked_here(device_id: uuid.UUID | None) -> tuple[LockedPerson, ...]:
    """Who may come back by PIN at this device, whoever locked last first (30 at most)."""
    if device_id is None:
        return ()
    statement = (
        select(Shift)
        .join(RoleGrant, RoleGrant.id == Shift.grant_id)
        .join(User, User.id == Shift.user_id)
        .where(
            Shift.device_id == device_id,
            Shift.ended_at.is_(None),
            Shift.ends_at > clock.now(),
            Shift.pin_hash.is_not(None),
            User.disabled_at.is_(None),
        )
        .order_by(func.coalesce(Shift.locked_at, Shift.started_at).desc())
        .limit(_MOST_LOCKED)
    )
    return tuple(
        LockedPerson(
            row.id, row.grant.user.name, GRANTS[row.grant.role].title.lower(), row.locked_at
        )
        for row in session().scalars(statement)
    )


def sign_ins_of(user_id: uuid.UUID) -> tuple[SignInView, ...]:
    """Where one person is signed in now, the newest first."""
    own = select(RoleGrant.id).where(RoleGrant.user_id == user_id)
    return sign_ins_now(SignIn.grant_id.in_(own))


def sign_ins_now(*where: ColumnElement[bool]) -> tuple[SignInView, ...]:
    """Every sign-in that answers now and fits, the newest first (2,000 at most)."""
    now_open = SignIn.ended_at.is_(None), SignIn.ends_at > clock.now()
    return tuple(
        SignInView(
            held.id,
            held.user_id,
            held.name,
            GRANTS[held.role].title,
            held.place or ALL_PLACES,
            held.device_id,
            held.device_name or "",
            held.address or "",
            held.started_at,
            held.last_seen,
            held.elsewhere_at,
            emergency=bool(held.emergency),
        )
        for held in presences(*now_open, *where, most=_MOST)
        if alive(held)
    )


def open_emergencies() -> tuple[EmergencyView, ...]:
    """Opened envelopes that no administrator has acknowledged, the newest first."""
    statement = (
        select(EmergencyEntry, RoleGrant, Device.name)
        .join(RoleGrant, RoleGrant.id == EmergencyEntry.grant_id)
        .outerjoin(Device, Device.id == EmergencyEntry.device_id)
        .where(EmergencyEntry.acknowledged_at.is_(None))
        .order_by(EmergencyEntry.started_at.desc())
        .limit(_MOST_LOCKED)
    )
    rows = session().execute(statement).all()
    names = place_names() if rows else {}
    return tuple(
        EmergencyView(
            entry.id,
            grant.user.name,
            GRANTS[grant.role].title.lower(),
            place_of(grant, names),
            unseal(EmergencyEntry.__tablename__, entry.id, entry.sealed)["reason"],
            entry.started_at,
            entry.ends_at,
            device or "",
            entry.address,
        )
        for entry, grant, device in rows
    )


def envelopes_left() -> int:
    """How many envelopes of the newest sheet were not opened yet."""
    statement = (
        select(func.count(EmergencyCode.id))
        .outerjoin(EmergencyEntry, EmergencyEntry.code_id == EmergencyCode.id)
        .where(EmergencyCode.withdrawn_at.is_(None), EmergencyEntry.id.is_(None))
    )
    return session().execute(statement).scalar() or 0


def exports_stopped() -> bool:
    """Whether the incident button stopped exports and nobody allowed them again."""
    standing = select(ExportStop.id).where(ExportStop.lifted_at.is_(None))
    return session().scalars(standing).first() is not None
