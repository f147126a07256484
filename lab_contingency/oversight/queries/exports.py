"""Exports that wait, were agreed, declined or expired."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lab_contingency.accounts.queries import exports_stopped
from lab_contingency.accounts.rules import GRANTS, Role
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.oversight.models import ExportRequest
from lab_contingency.oversight.rules.approval import (
    LIFE,
    STOPPED,
    Asked,
    ExportState,
    refusal_to_decide,
    refusal_to_make,
    state_of,
)

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ExportView:
    """One export: what, why, who, where it stands, and what this person may do with it."""

    id: uuid.UUID
    kind: str
    title: str
    people: int
    reason: str
    extra: Mapping[str, Any]
    criteria: Mapping[str, Any]
    asked_at: dt.datetime
    asked_by: str
    asked_role: str
    decided_at: dt.datetime | None
    decided_by: str
    expires_at: dt.datetime
    state: ExportState
    not_deciding: str
    not_making: str
    stopped: str

    @property
    def may_decide(self) -> bool:
        """Whether this person is the second one."""
        return not self.not_deciding

    @property
    def may_make(self) -> bool:
        """Whether this person can have the file now."""
        return not self.not_making


def export(export_id: uuid.UUID, actor: Actor) -> ExportView:
    """One export; NotFound."""
    row = session().get(ExportRequest, export_id)
    if row is None:
        raise NotFound
    return _view(row, actor, _stopped())


def exports(actor: Actor) -> tuple[ExportView, ...]:
    """The latest (50 at most)."""
    rows = session().scalars(
        select(ExportRequest)
        .order_by(ExportRequest.asked_at.desc(), ExportRequest.id)
        .limit(_SHOWN)
    )
    stopped = _stopped()
    return tuple(_view(row, actor, stopped) for row in rows)


def _stopped() -> str:
    return STOPPED if exports_stopped() else ""


def exports_waiting(actor: Actor) -> int:
    """How many wait for this person to agree."""
    statement = select(func.count(ExportRequest.id)).where(
        ExportRequest.decided_at.is_(None),
        ExportRequest.asked_at > clock.now() - LIFE,
        ExportRequest.asked_by_id != actor.user_id,
    )
    return session().scalars(statement).one()


def _view(row: ExportRequest, actor: Actor, stopped: str) -> ExportView:
    asked = Asked(row.asked_by_id, row.asked_at, row.decided_by_id, row.approved)
    held = unseal(ExportRequest.__tablename__, row.id, row.sealed)
    now = clock.now()
    return ExportView(
        row.id,
        row.kind,
        row.title,
        row.people,
        held["reason"],
        held["extra"],
        row.criteria,
        row.asked_at,
        row.asked_by_name,
        GRANTS[Role(row.asked_role)].title.lower(),
        row.decided_at,
        row.decided_by_name or "",
        asked.expires_at,
        state_of(asked, now),
        refusal_to_decide(asked, actor.user_id, actor.role, now) or "",
        refusal_to_make(asked, actor.user_id, now) or stopped,
        stopped,
    )
