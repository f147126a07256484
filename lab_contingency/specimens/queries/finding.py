"""From a scanned number to what it stands on, within the reader’s scope."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound, RuleBroken
from lab_contingency.incidents.queries import void_reason
from lab_contingency.incidents.rules import grouped, read_number
from lab_contingency.requests.models import PlannedTube, Request
from lab_contingency.requests.packs.queries import refuse_not_keyed
from lab_contingency.requests.scope import tubes_within, within
from lab_contingency.specimens.models import LabelPrint, Specimen


@dataclass(frozen=True, slots=True)
class Found:
    """A form (no tube) or a tube. `void` says why its label no longer counts."""

    request_id: uuid.UUID
    number: str
    planned_tube_id: uuid.UUID | None = None
    specimen_id: uuid.UUID | None = None
    void: str | None = None


def find_by_number(scanned: str, actor: Actor) -> Found:
    """What a scanned or typed number stands on. RuleBroken says what it is instead; NotFound."""
    try:
        number = read_number(scanned)
    except ValueError as refused:
        raise RuleBroken(str(refused), field="number") from refused
    statement = select(Request.id).where(Request.number == number.form, within(actor))
    request_id = session().scalars(statement).one_or_none()
    if request_id is None:
        refuse_not_keyed(number.form, actor)
        raise NotFound(
            f"No request here has the number {grouped(number.form)}. Check that it was read whole."
        )
    if number.is_form:
        return Found(request_id, number.text)
    row = _labelled(number.text)
    if row is None or not _in_sight(row[0], actor):
        raise NotFound("This number was never printed for a tube. Scan the form instead.")
    return Found(request_id, number.text, row[0], row[1], void_reason(number.text))


def _in_sight(planned_tube_id: uuid.UUID, actor: Actor) -> bool:
    seen = select(PlannedTube.id).where(PlannedTube.id == planned_tube_id, tubes_within(actor))
    return session().scalars(seen).one_or_none() is not None


def _labelled(number: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    active = select(Specimen.planned_tube_id, Specimen.id).where(Specimen.number == number)
    once = (
        select(Specimen.planned_tube_id, Specimen.id)
        .join(LabelPrint, LabelPrint.specimen_id == Specimen.id)
        .where(LabelPrint.number == number)
    )
    for statement in (active, once):
        for planned, specimen in session().execute(statement):
            return planned, specimen
    return None
