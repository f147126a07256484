"""Tubes that a box was opened without: in which box, since when, and who looks for each."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.requests.models import Request
from lab_contingency.requests.scope import within
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.models import Consignment, Discrepancy
from lab_contingency.transport.rules import DiscrepancyKind

_MOST = 300
TUBE_IS_MISSING = "its tube is missing"


@dataclass(frozen=True, slots=True)
class MissingTube:
    """A tube that stands on a manifest and was not in the box; `owner` looks for it."""

    box: str
    since: dt.datetime
    owner: str

    @property
    def words(self) -> str:
        """What is known, as it stands beside the tube."""
        return f"missing from box {self.box} since {near_time_text(self.since)}; {self.owner} looks for it"

    @property
    def sentence(self) -> str:
        """The same as a sentence."""
        return f"{self.words[:1].upper()}{self.words[1:]}."


def missing_tubes(request_id: uuid.UUID) -> dict[uuid.UUID, MissingTube]:
    """By planned tube. What was settled, or scanned anywhere since, is not missing."""
    rows = session().execute(_missing().where(Specimen.request_id == request_id))
    return {row.planned_tube_id: _tube(row) for row in rows}


def missing_within(actor: Actor) -> dict[uuid.UUID, dict[uuid.UUID, MissingTube]]:
    """The same of every open request in the actor’s scope, by request and planned tube; the longest missing first."""
    statement = (
        _missing()
        .join(Request, Request.id == Specimen.request_id)
        .where(Request.closed_at.is_(None), within(actor))
        .limit(_MOST)
    )
    found: dict[uuid.UUID, dict[uuid.UUID, MissingTube]] = {}
    for row in session().execute(statement):
        found.setdefault(row.request_id, {})[row.planned_tube_id] = _tube(row)
    return found


def _missing() -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Specimen.request_id,
            Specimen.planned_tube_id,
            Consignment.number,
            Discrepancy.opened_at,
            Discrepancy.owner,
        )
        .join(Discrepancy, Discrepancy.specimen_id == Specimen.id)
        .join(Consignment, Consignment.id == Discrepancy.consignment_id)
        .where(
            Specimen.status == SpecimenStatus.DISPATCHED,
            Discrepancy.kind == DiscrepancyKind.MISSING,
            Discrepancy.settled_at.is_(None),
        )
        .order_by(Discrepancy.opened_at)
    )
    return statement


def _tube(row: Row[*tuple[Any, ...]]) -> MissingTube:
    return MissingTube(grouped(row.number), row.opened_at, row.owner)
