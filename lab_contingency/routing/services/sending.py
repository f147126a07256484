"""Sending a tube on to the laboratory that its tests were assigned to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.foundation.wording import and_text
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.specimens.services import dispatch
from lab_contingency.specimens.services.scanning import open_scan


@dataclass(frozen=True, slots=True)
class SentOn:
    """A tube that left, and for where."""

    specimen_id: uuid.UUID
    laboratory: str


def send_on(number: str, laboratory_id: uuid.UUID | None = None, *, actor: Actor) -> SentOn:
    """Dispatch the scanned tube to where its tests are bound; `laboratory_id` settles a doubt.

    RuleBroken when nothing on it is bound elsewhere, or it is bound for several and none is named.
    """
    scan = open_scan(number, actor=actor)
    if scan.tube is None:
        raise RuleBroken("That is a form. Scan the label on the tube.", field="number")
    specimen = scan.tube.specimen
    places = _bound_for(scan.tube.planned.id, specimen.laboratory_id if specimen else None)
    if laboratory_id is None and len(places) > 1:
        names = and_text([laboratory(place).name for place in places])
        raise RuleBroken(
            f"Its tests are for {names}. Choose where this tube goes.", field="laboratory"
        )
    if laboratory_id is not None and laboratory_id not in places:
        raise RuleBroken("No test on this tube is for that laboratory.", field="laboratory")
    if not places:
        raise RuleBroken(
            "No test on this tube is for another laboratory. Leave it where it is.", field="number"
        )
    target = laboratory_id or places[0]
    return SentOn(dispatch(number, target, actor=actor), laboratory(target).name)


def _bound_for(planned_tube_id: uuid.UUID, stands_in: uuid.UUID | None) -> list[uuid.UUID]:
    statement = select(RequestedTest.laboratory_id).where(
        RequestedTest.planned_tube_id == planned_tube_id,
        RequestedTest.status == TestStatus.ASSIGNED,
        RequestedTest.laboratory_id.is_not(None),
    )
    places = {place for place in session().scalars(statement) if place and place != stands_in}
    return sorted(places)
