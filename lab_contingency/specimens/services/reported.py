"""A laboratory that works on paper scans nothing: its tubes are received by what it wrote on a slip."""

from __future__ import annotations

import datetime as dt
import uuid

from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.queries import laboratory
from lab_contingency.requests.models import Request
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, move_test, reach
from lab_contingency.specimens.rules import CustodyAction, SpecimenStatus
from lab_contingency.specimens.services.receiving import assigned_to
from lab_contingency.specimens.services.tubes import (
    Happening,
    Tube,
    move,
    refresh_usability,
    tube_of,
)

REPORTED = "REPORTED"


def receive_reported(
    request: Request,
    planned_tube_id: uuid.UUID,
    laboratory_id: uuid.UUID,
    at: dt.datetime,
    *,
    actor: Actor,
) -> None:
    """Note that a tube of a locked request reached a laboratory, by a slip that came back from there.

    `at` is as written on the slip. A tube that nobody had scanned out is sent and received by it; one that
    was received there stays as it is. Its tests at that laboratory can be typed from now on.
    """
    tube = tube_of(request, planned_tube_id, actor=actor)
    specimen = tube.specimen
    if specimen is None or specimen.collected_at is None:
        raise RuleBroken(
            "Nobody noted when the blood for this test was taken. Note it on the tube’s own page first."
        )
    there = specimen.status is SpecimenStatus.RECEIVED and specimen.laboratory_id == laboratory_id
    if not there:
        _arrive(tube, laboratory_id, at, actor)
    reach(request.id, laboratory_id, actor=actor)
    for test in [test for test in tube.tests if assigned_to(test, laboratory_id)]:
        move_test(request, test, TestAction.RECEIVE, Evidence(occurred_at=at), actor=actor)
    refresh_usability(request)


def _arrive(tube: Tube, laboratory_id: uuid.UUID, at: dt.datetime, actor: Actor) -> None:
    name = laboratory(laboratory_id).name
    if tube.status is SpecimenStatus.RECEIVED:
        left = Happening(f"on the way to {name}", occurred_at=at, reason_code=REPORTED)
        move(tube, CustodyAction.DISPATCH, left, actor=actor, bound_for_id=laboratory_id)
    move(
        tube,
        CustodyAction.RECEIVE,
        Happening(name, occurred_at=at, reason_code=REPORTED),
        actor=actor,
        received_at=at,
        laboratory_id=laboratory_id,
        bound_for_id=None,
    )
