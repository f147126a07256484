"""Recording: changes in the transaction they speak of, what was shown, what leaves."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from lab_contingency.audit.chains import append, hold_stream, keyed, set_up_streams
from lab_contingency.audit.commands import ToRecord
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import LEAVING_REGISTERED, Field, as_stored
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, keys

__all__ = [
    "event_of",
    "new_watermark",
    "prepared",
    "record",
    "register_leaving",
    "row_of",
    "set_up_streams",
]

_SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_WATERMARK_SIGNS = 10


def record(
    action: str,
    subject_id: uuid.UUID | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **details: Any,
) -> None:
    """Note one change. `action` is `subject:past_tense`; details are codes and ids only.

    `changes` are fields with what stood before and after; they are sealed, since they may name a patient.
    """
    hold_stream()  # first, so that times run forwards in a stream however long the wait for it was
    event = event_of(action, subject_id, actor=actor, occurred_at=occurred_at)
    event.details = as_stored(details)
    append(event, as_stored(changes) if changes else None)


def event_of(
    action: str,
    subject_id: uuid.UUID | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
) -> AuditEvent:
    """A row about who, when and where, without its place in a chain."""
    return row_of(prepared(action, subject_id, actor=actor, occurred_at=occurred_at))


def prepared(
    action: str,
    subject_id: uuid.UUID | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
    answer_id: uuid.UUID | None = None,
    fields: int | None = None,
    list_key: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> ToRecord:
    """One event to record now or, when the database cannot, later."""
    now = clock.now()
    return ToRecord(
        id=new_id(),
        recorded_at=now,
        occurred_at=occurred_at or now,
        actor_name=actor.name,
        role=actor.role,
        action=action,
        user_id=actor.user_id,
        site_id=actor.site_id,
        sign_in_id=actor.sign_in_id,
        device_id=actor.device_id,
        address=actor.address,
        answer_id=answer_id,
        subject_id=subject_id,
        fields=None if fields is None else int(fields),
        list_key=list_key,
        details=as_stored(details or {}),
    )


def row_of(event: ToRecord) -> AuditEvent:
    """A prepared event as a row, without its place in a chain."""
    said = {name: getattr(event, name) for name in ToRecord.__slots__}
    return AuditEvent(**said, subject=event.subject)


def new_watermark() -> str:
    """Ten signs (50 bits) that name one copy of one thing that leaves; printed on it, kept with it."""
    return "".join(secrets.choice(_SPOKEN) for _ in range(_WATERMARK_SIGNS))


def register_leaving(
    kind: str,
    contains: Mapping[uuid.UUID, Field],
    content: bytes | str,
    *,
    actor: Actor,
    watermark: str | None = None,
    copies: int = 1,
) -> uuid.UUID:
    """Note that these fields of these patients left on paper or as a file; bound into the chain."""
    raw = content.encode() if isinstance(content, str) else content
    row = Leaving(
        id=new_id(),
        watermark=watermark or new_watermark(),
        recorded_at=clock.now(),
        user_id=actor.user_id,
        actor_name=actor.name,
        role=actor.role,
        site_id=actor.site_id,
        sign_in_id=actor.sign_in_id,
        device_id=actor.device_id,
        address=actor.address,
        kind=kind,
        contains={patient.hex: int(fields) for patient, fields in sorted(contains.items())},
        content_digest=content_digest("leaving", hashlib.sha256(raw).hexdigest()),
        copies=copies,
    )
    session().add(row)
    version, key = keys().current("audit")
    record(
        LEAVING_REGISTERED,
        row.id,
        actor=actor,
        digest=keyed(key, leaving_said(row)),
        key=version,
    )
    return row.id


def leaving_said(row: Leaving) -> dict[str, Any]:
    """What the chain binds of a leaving, by its digest in `leaving:registered`."""
    return {c.name: getattr(row, c.name) for c in Leaving.__table__.columns}
