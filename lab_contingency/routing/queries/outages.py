"""Which laboratories take no work now, and why."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.database import session
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.routing.models import LaboratoryOutage


@dataclass(frozen=True, slots=True)
class Outage:
    """One laboratory out of action. `until` as far as anybody knows."""

    laboratory_id: uuid.UUID
    since: dt.datetime
    until: dt.datetime | None
    reason: str
    declared_by: str

    @property
    def sentence(self) -> str:
        """Why it takes no work: `out of action since 03:10: power`."""
        until = f", until about {near_time_text(self.until)}" if self.until else ""
        return f"out of action since {near_time_text(self.since)}{until}: {self.reason}"


def outages() -> Mapping[uuid.UUID, Outage]:
    """Every laboratory that is out of action, until somebody says that it is back in work."""
    statement = select(LaboratoryOutage).where(LaboratoryOutage.ended_at.is_(None))
    return {
        row.laboratory_id: Outage(
            row.laboratory_id, row.since, row.until, row.reason, row.declared_by
        )
        for row in session().scalars(statement)
    }
