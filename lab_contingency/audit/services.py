"""Recording, in the same transaction as the change it speaks of."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from lab_contingency.audit.models import AuditEvent, Leaving
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import blind_index


def record(
    action: str,
    subject_id: uuid.UUID | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
    **details: Any,
) -> None:
    """Note one change. `action` is `subject:past_tense`; details are codes and ids only."""
    now = clock.now()
    session().add(
        AuditEvent(
            id=new_id(),
            recorded_at=now,
            occurred_at=occurred_at or now,
            user_id=actor.user_id,
            actor_name=actor.name,
            role=actor.role,
            site_id=actor.site_id,
            sign_in_id=actor.sign_in_id,
            action=action,
            subject=action.partition(":")[0],
            subject_id=subject_id,
            details={name: _plain(value) for name, value in details.items()},
        )
    )


def register_leaving(
    kind: str,
    patient_ids: Iterable[uuid.UUID],
    content: bytes | str,
    *,
    actor: Actor,
    copies: int = 1,
) -> uuid.UUID:
    """Note that something with these patients' data left on paper or as a file."""
    raw = content.encode() if isinstance(content, str) else content
    row = Leaving(
        id=new_id(),
        recorded_at=clock.now(),
        user_id=actor.user_id,
        actor_name=actor.name,
        kind=kind,
        patient_ids=sorted({str(patient) for patient in patient_ids}),
        content_digest=blind_index("leaving", hashlib.sha256(raw).hexdigest()),
        copies=copies,
    )
    session().add(row)
    return row.id


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID | dt.datetime | dt.date):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value
