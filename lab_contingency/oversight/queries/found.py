"""What was found in fragments from outside, as it was kept."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.audit.models import Leaving
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.sealing import unseal
from lab_contingency.oversight.models import LeakMatch
from lab_contingency.oversight.rules.exposure import Note

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Found:
    """Patients with what of theirs was found and how sure that is, and the papers and files by watermark."""

    id: uuid.UUID
    recorded_at: dt.datetime
    by: str
    size: int
    certain: int
    likely: int
    notes: Mapping[uuid.UUID, Note]
    leavings: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class LeavingView:
    """A paper or file that left: what, when, who made it, from where, about how many people."""

    id: uuid.UUID
    watermark: str
    kind: str
    recorded_at: dt.datetime
    by: str
    role: str
    address: str
    people: int
    copies: int


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One search through fragments, for the list."""

    id: uuid.UUID
    recorded_at: dt.datetime
    by: str
    certain: int
    likely: int


def found_in(match_id: uuid.UUID) -> Found:
    """One search; NotFound."""
    row = session().get(LeakMatch, match_id)
    if row is None:
        raise NotFound
    held = unseal(LeakMatch.__tablename__, row.id, row.sealed)
    return Found(
        row.id,
        row.recorded_at,
        row.by_name,
        row.size,
        row.certain,
        row.likely,
        {uuid.UUID(hex=patient): Note(*note) for patient, note in held["patients"].items()},
        tuple(uuid.UUID(hex=each) for each in held["leavings"]),
    )


def matches() -> tuple[MatchLine, ...]:
    """The latest searches (50 at most)."""
    rows = session().scalars(
        select(LeakMatch).order_by(LeakMatch.recorded_at.desc(), LeakMatch.id).limit(_SHOWN)
    )
    return tuple(
        MatchLine(row.id, row.recorded_at, row.by_name, row.certain, row.likely) for row in rows
    )


def leavings(leaving_ids: tuple[uuid.UUID, ...]) -> tuple[LeavingView, ...]:
    """Papers and files by id (50 at most), the latest first."""
    rows = session().scalars(
        select(Leaving)
        .where(Leaving.id.in_(leaving_ids[:_SHOWN]))
        .order_by(Leaving.recorded_at.desc())
    )
    return tuple(
        LeavingView(
            row.id,
            row.watermark,
            row.kind,
            row.recorded_at,
            row.actor_name,
            row.role,
            row.address,
            len(row.contains),
            row.copies,
        )
        for row in rows
    )
