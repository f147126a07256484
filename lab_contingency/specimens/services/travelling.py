"""Tubes between laboratories: who has them, whither they go, back again, written off. Many at once.

Requests are locked in one order, so that two boxes with tubes of the same patients never wait for each other.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.services import lock_request, reach
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus
from lab_contingency.specimens.services.receiving import receive_tests
from lab_contingency.specimens.services.rejecting import reject_tube
from lab_contingency.specimens.services.tubes import (
    Happening,
    Tube,
    move,
    refresh_usability,
    tubes_for,
)


def send_tubes(
    specimen_ids: Collection[uuid.UUID],
    laboratory_id: uuid.UUID,
    holder: str,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
) -> None:
    """The tubes are with `holder`, on the way to the laboratory: from where they stood, or from another hand."""
    place = Happening(f"with {holder}, for {laboratory(laboratory_id).name}", occurred_at)
    for tube in _tubes(specimen_ids, actor):
        move(tube, CustodyAction.DISPATCH, place, actor=actor, bound_for_id=laboratory_id)
        reach(tube.request.id, laboratory_id, actor=actor)


def take_back_tubes(
    specimen_ids: Collection[uuid.UUID], laboratory_id: uuid.UUID, *, actor: Actor
) -> None:
    """Tubes that left stand in the laboratory again that they left; when they came there first stays as it is."""
    home = Happening(place=laboratory(laboratory_id).name)
    for tube in _tubes(specimen_ids, actor):
        _refuse_unsent(tube)
        move(
            tube,
            CustodyAction.RECEIVE,
            home,
            actor=actor,
            laboratory_id=laboratory_id,
            bound_for_id=None,
        )
        receive_tests(tube, laboratory_id, clock.now(), actor)


def write_off_tubes(
    specimen_ids: Collection[uuid.UUID], reason_code: str, note: str, *, actor: Actor
) -> None:
    """Tubes that left will reach nobody: their tests wait to be taken again, and the ward is told."""
    for tube in _tubes(specimen_ids, actor):
        _refuse_unsent(tube)
        reject_tube(tube, reason_code, note, actor=actor, on_its_way=True)
        refresh_usability(tube.request)


def _refuse_unsent(tube: Tube) -> None:
    if tube.status is not SpecimenStatus.DISPATCHED:
        held = tube.specimen.holder if tube.specimen else "with the ward"
        raise RuleBroken(f"Tube {tube.planned.ordinal} is not on its way: {held}.")


def _tubes(specimen_ids: Collection[uuid.UUID], actor: Actor) -> list[Tube]:
    statement = select(Specimen.request_id).where(Specimen.id.in_(specimen_ids)).distinct()
    wanted = set(specimen_ids)
    return [
        tube
        for request_id in sorted(session().scalars(statement))
        for tube in tubes_for(lock_request(request_id, actor=actor))
        if tube.specimen is not None and tube.specimen.id in wanted
    ]
