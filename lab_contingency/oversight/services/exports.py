"""Whatever leaves in bulk: asked for by one person, agreed by another, made within a day. For every storey above too."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lab_contingency.accounts.queries import exports_stopped
from lab_contingency.accounts.reauth import Proof, require
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import explain_constraint, locked, session
from lab_contingency.foundation.errors import NotFound, NotPermitted, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal, unseal
from lab_contingency.oversight.models import ExportRequest
from lab_contingency.oversight.rules.approval import (
    STOPPED,
    Asked,
    refusal_to_decide,
    refusal_to_make,
)

_TABLE = ExportRequest.__tablename__
explain_constraint(
    "ck_export_request_two_people", "You asked for this yourself. Another person has to agree."
)


@dataclass(frozen=True, slots=True)
class TakenExport:
    """An export that was agreed: what it is about, and what was typed with it, about how many people."""

    id: uuid.UUID
    kind: str
    criteria: Mapping[str, Any]
    reason: str
    extra: Mapping[str, Any]
    agreed_by: str
    people: int


def ask_export(
    kind: str,
    criteria: Mapping[str, Any],
    *,
    title: str,
    people: int,
    reason: str,
    actor: Actor,
    extra: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """Ask for data in bulk. `criteria` holds codes and ids only; `reason` and `extra` are sealed."""
    if actor.user_id is None:
        raise NotPermitted
    _refuse_stopped()
    if not reason.strip():
        raise RuleBroken("Say why this is needed; the second person reads it.", field="reason")
    row = ExportRequest(
        id=new_id(),
        kind=kind,
        asked_at=clock.now(),
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_role=actor.role,
        title=title,
        people=people,
        criteria=dict(criteria),
    )
    row.sealed = seal(_TABLE, row.id, {"reason": reason.strip(), "extra": dict(extra or {})})
    session().add(row)
    session().flush()
    record("export:asked", row.id, actor=actor, kind=kind, people=people)
    return row.id


def approve_export(export_id: uuid.UUID, *, actor: Actor) -> None:
    """Agree, as the second person."""
    _decide(export_id, approved=True, actor=actor)


def decline_export(export_id: uuid.UUID, *, actor: Actor) -> None:
    """Decline, as the second person."""
    _decide(export_id, approved=False, actor=actor)


def _decide(export_id: uuid.UUID, *, approved: bool, actor: Actor) -> None:
    row = _held(export_id)
    if approved:
        _refuse_stopped()
    refusal = refusal_to_decide(_asked(row), actor.user_id, actor.role, clock.now())
    if refusal:
        raise RuleBroken(refusal)
    row.approved, row.decided_at = approved, clock.now()
    row.decided_by_id, row.decided_by_name = actor.user_id, actor.name
    session().flush()
    record("export:approved" if approved else "export:declined", row.id, actor=actor, kind=row.kind)


def take_export(
    export_id: uuid.UUID, kind: str, *, actor: Actor, proof: Proof | None = None
) -> TakenExport:
    """The agreed export, for the person who asked and gives their secret again, to make its file now; recorded."""
    row = _held(export_id)
    if row.kind != kind:
        raise NotFound
    _refuse_stopped()
    refusal = refusal_to_make(_asked(row), actor.user_id, clock.now())
    if refusal:
        raise RuleBroken(refusal)
    held = unseal(_TABLE, row.id, row.sealed)
    record("export:made", row.id, actor=actor, kind=kind, **require(proof, actor=actor))
    agreed_by, said = row.decided_by_name or "", (held["reason"], held["extra"])
    return TakenExport(row.id, kind, row.criteria, *said, agreed_by, row.people)


def _refuse_stopped() -> None:
    if exports_stopped():
        raise RuleBroken(STOPPED)


def _held(export_id: uuid.UUID) -> ExportRequest:
    statement = locked(select(ExportRequest).where(ExportRequest.id == export_id))
    row = session().scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    return row


def _asked(row: ExportRequest) -> Asked:
    return Asked(row.asked_by_id, row.asked_at, row.decided_by_id, row.approved)
