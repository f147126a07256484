"""Whether a sign-in still counts: not ended, not too old, not left alone, not without its device.

Asked at every request, so it is read in one statement of plain columns: the sign-in with its grant, person,
shift, device and place.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select, update

from lab_contingency.accounts.models import Device, RoleGrant, Shift, SignIn, User
from lab_contingency.accounts.rules import (
    IDLE_EMERGENCY,
    IDLE_GRACE,
    Role,
    ScreenKind,
    idle_limit,
)
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.foundation.node import Node
from lab_contingency.places.models import Laboratory, Site


@dataclass(frozen=True, slots=True)
class Presence:
    """One sign-in as it stands. What speaks of device or shift is None where there is none.

    `place` is the site or laboratory of the grant; `demonstration` says what the node is, `live` whether
    the person has secrets.
    """

    id: uuid.UUID
    started_at: dt.datetime
    ends_at: dt.datetime
    ended_at: dt.datetime | None
    seen_at: dt.datetime | None
    elsewhere_at: dt.datetime | None
    address: str | None
    role: Role
    site_id: uuid.UUID | None
    laboratory_id: uuid.UUID | None
    grant_ended_at: dt.datetime | None
    user_id: uuid.UUID
    name: str
    live: bool
    disabled_at: dt.datetime | None
    secret_expires_at: dt.datetime | None
    shift_id: uuid.UUID | None
    by_code: bool | None
    emergency: bool | None
    pin_wrong: int | None
    has_pin: bool
    device_id: uuid.UUID | None
    device_name: str | None
    device_kind: ScreenKind | None
    device_key: str | None
    device_revoked_at: dt.datetime | None
    place: str | None
    demonstration: bool

    @property
    def last_seen(self) -> dt.datetime:
        """The last use."""
        return self.seen_at or self.started_at


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _statement() -> Select[*tuple[Any, ...]]:
    """The columns of a `Presence`, by the names of its fields and in their order."""
    sign_in, grant, user = _table(SignIn).c, _table(RoleGrant).c, _table(User).c
    shift, device = _table(Shift).c, _table(Device).c
    site, laboratory = _table(Site).c, _table(Laboratory).c
    columns: dict[str, ColumnElement[Any]] = {
        **{
            name: sign_in[name]
            for name in ("id", "started_at", "ends_at", "ended_at", "seen_at", "elsewhere_at")
        },
        "address": sign_in.address,
        "role": grant.role,
        "site_id": grant.site_id,
        "laboratory_id": grant.laboratory_id,
        "grant_ended_at": grant.ended_at,
        "user_id": user.id,
        "name": user.name,
        "live": ~user.demonstration,
        "disabled_at": user.disabled_at,
        "secret_expires_at": user.secret_expires_at,
        "shift_id": shift.id,
        "by_code": shift.by_code,
        "emergency": shift.emergency,
        "pin_wrong": shift.pin_wrong,
        "has_pin": shift.pin_hash.is_not(None),
        "device_id": device.id,
        "device_name": device.name,
        "device_kind": device.kind,
        "device_key": device.key_digest,
        "device_revoked_at": device.revoked_at,
        "place": func.coalesce(site.name, laboratory.name),
        "demonstration": select(_table(Node).c.demonstration).scalar_subquery(),
    }
    if tuple(columns) != tuple(field.name for field in dataclasses.fields(Presence)):
        raise TypeError("the columns are not the fields of a Presence")
    return select(*(column.label(name) for name, column in columns.items())).select_from(
        _table(SignIn)
        .join(_table(RoleGrant), grant.id == sign_in.grant_id)
        .join(_table(User), user.id == grant.user_id)
        .outerjoin(_table(Shift), shift.id == sign_in.shift_id)
        .outerjoin(_table(Device), device.id == sign_in.device_id)
        .outerjoin(_table(Site), site.id == grant.site_id)
        .outerjoin(_table(Laboratory), laboratory.id == grant.laboratory_id)
    )


# Made once: so is the key under which SQLAlchemy keeps what it compiled.
_ALL = _statement()
_BY_TOKEN = _ALL.where(_table(SignIn).c.token_digest == bindparam("digest"))


def presence_of(token_digest: str) -> Presence | None:
    """The sign-in whose token has this digest, whether it still counts or not."""
    row = session().execute(_BY_TOKEN, {"digest": token_digest}).one_or_none()
    return Presence(*row) if row is not None else None


def presences(*where: ColumnElement[bool], most: int) -> tuple[Presence, ...]:
    """Sign-ins that fit, the newest first."""
    statement = _ALL.where(*where).order_by(SignIn.started_at.desc(), SignIn.id).limit(most)
    return tuple(Presence(*row) for row in session().execute(statement))


def alive(held: Presence) -> bool:
    """Whether it answers now."""
    now = clock.now()
    if held.ended_at is not None or held.ends_at <= now:
        return False
    if held.grant_ended_at is not None or held.disabled_at is not None:
        return False
    if held.device_revoked_at is not None:
        return False
    limit = idle_of(held)
    return limit is None or now <= held.last_seen + limit + IDLE_GRACE


def idle_of(held: Presence) -> dt.timedelta | None:
    """How long the screen may be left alone; None in a demonstration, where nothing locks."""
    if held.demonstration:
        return None
    if held.device_id is None and held.emergency:
        return IDLE_EMERGENCY
    return idle_limit(held.device_kind)


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
