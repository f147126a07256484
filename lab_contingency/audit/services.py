"""Recording: changes in the transaction they speak of, what was shown, what leaves."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from lab_contingency.audit.chains import append, set_up_streams
from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.audit.rules import Field, canonical
from lab_contingency.audit.showing import record_disclosures, record_or_withhold
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import content_digest, keys, seal

__all__ = [
    "new_watermark",
    "record",
    "record_disclosures",
    "record_or_withhold",
    "register_leaving",
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

    `changes` are fields with what stood before and after, as JSON; they are sealed, since they may name
    a patient.
    """
    event = event_of(action, subject_id, actor=actor, occurred_at=occurred_at)
    event.details = {name: _plain(value) for name, value in details.items()}
    if changes:
        _seal_changes(event, {name: list(pair) for name, pair in changes.items()})
    append(event)


def event_of(
    action: str,
    subject_id: uuid.UUID | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
) -> AuditEvent:
    """A row about who, when and where, without its place in a chain."""
    now = clock.now()
    return AuditEvent(
        id=new_id(),
        recorded_at=now,
        occurred_at=occurred_at or now,
        user_id=actor.user_id,
        actor_name=actor.name,
        role=actor.role,
        site_id=actor.site_id,
        sign_in_id=actor.sign_in_id,
        device_id=actor.device_id,
        address=actor.address,
        action=action,
        subject=action.partition(":")[0],
        subject_id=subject_id,
        details={},
    )


def _seal_changes(event: AuditEvent, changes: dict[str, Any]) -> None:
    event.sealed = seal(AuditEvent.__tablename__, event.id, changes)
    _, key = keys().current("audit")
    event.sealed_digest = hmac.new(key, canonical(changes), hashlib.sha256).hexdigest()


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
    record("leaving:registered", row.id, actor=actor, digest=leaving_digest(row))
    return row.id


def leaving_digest(row: Leaving) -> str:
    """The keyed digest of a leaving, as the chain holds it."""
    said = {c.name: getattr(row, c.name) for c in Leaving.__table__.columns}
    _, key = keys().current("audit")
    return hmac.new(key, canonical(said), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID | dt.datetime | dt.date):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value
