"""Tubes that a box was opened without: in which box, since when, and who looks for each."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.incidents.rules import grouped
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import SpecimenStatus
from lab_contingency.transport.models import Consignment, Discrepancy
from lab_contingency.transport.rules import DiscrepancyKind


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
    statement = (
        select(
            Specimen.planned_tube_id, Consignment.number, Discrepancy.opened_at, Discrepancy.owner
        )
        .join(Discrepancy, Discrepancy.specimen_id == Specimen.id)
        .join(Consignment, Consignment.id == Discrepancy.consignment_id)
        .where(
            Specimen.request_id == request_id,
            Specimen.status == SpecimenStatus.DISPATCHED,
            Discrepancy.kind == DiscrepancyKind.MISSING,
            Discrepancy.settled_at.is_(None),
        )
        .order_by(Discrepancy.opened_at)
    )
    return {
        planned: MissingTube(grouped(number), since, owner)
        for planned, number, since, owner in session().execute(statement)
    }
