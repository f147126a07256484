"""At the bedside and on the way: taken, handed over."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Protocol

from sqlalchemy import select

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.places.queries import ward
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.services import lock_request
from lab_contingency.specimens.commands import CollectTubes, CorrectCollection
from lab_contingency.specimens.models import Specimen
from lab_contingency.specimens.rules import (
    FILLED,
    CustodyAction,
    GroupSample,
    refuse_collection_time,
    refuse_same_group_sample,
)
from lab_contingency.specimens.services.matching import (
    keep_identification,
    refuse_uncollectable,
    refuse_unidentified,
)
from lab_contingency.specimens.services.tubes import (
    Happening,
    Tube,
    age_changes,
    move,
    refresh_usability,
    tube_of,
)


def collect(command: CollectTubes, *, actor: Actor) -> tuple[uuid.UUID, ...]:
    """Note that tubes of one patient were filled; returns their specimens.

    A tube with a printed label must have been printed; a transfusion tube is written by hand. Where
    wristbands are worn, form, wristband and tube must have agreed before (see `matching`).
    """
    request = lock_request(command.request_id, actor=actor, version=command.version)
    if not command.planned_tube_ids:
        raise RuleBroken("Scan or tick the tubes that you filled.", field="tubes")
    if not command.collected_by.strip():
        raise RuleBroken("Say who took the blood.", field="collected_by")
    refuse_collection_time(command.collected_at, clock.now())
    chosen = [
        tube_of(request, planned, actor=actor)
        for planned in dict.fromkeys(command.planned_tube_ids)
    ]
    for tube in chosen:
        refuse_uncollectable(tube)
        refuse_shared_group(tube, command)
    known_by = refuse_unidentified(request, chosen, command, actor=actor)
    taken = [_collect(tube, command, actor) for tube in chosen]
    if known_by is not None:
        keep_identification(request, taken, known_by, actor=actor)
    refresh_usability(request)
    return tuple(specimen.id for specimen in taken)


def _collect(tube: Tube, command: CollectTubes, actor: Actor) -> Specimen:
    happening = Happening(
        place=ward(tube.request.ward_id).name,
        occurred_at=command.collected_at,
        reason_code=command.method,
    )
    changes = age_changes(tube, command.collected_at, command.collected_by)
    return move(tube, CustodyAction.COLLECT, happening, actor=actor, **changes)


class Taken(Protocol):
    """Anything that says when and by whom blood was taken."""

    @property
    def collected_at(self) -> dt.datetime: ...

    @property
    def collected_by(self) -> str: ...


def refuse_shared_group(tube: Tube, taken: Taken) -> None:
    """Refuse a group whose check group came from the same person or moment, and the reverse."""
    if not tube.by_hand:
        return
    codes = frozenset(test.test_code for test in tube.wanted)
    sample = GroupSample(codes, taken.collected_at, taken.collected_by)
    refuse_same_group_sample(sample, _other_groups(tube))


def _other_groups(tube: Tube) -> list[GroupSample]:
    """The patient's other transfusion tubes with blood in them, of whatever request."""
    statement = (
        select(Specimen, RequestedTest.test_code)
        .join(PlannedTube, PlannedTube.id == Specimen.planned_tube_id)
        .join(RequestedTest, RequestedTest.planned_tube_id == PlannedTube.id)
        .join(Request, Request.id == Specimen.request_id)
        .where(
            Request.patient_id == tube.request.patient_id,
            Specimen.planned_tube_id != tube.planned.id,
            Specimen.status.in_(FILLED),
            Specimen.collected_at.is_not(None),
        )
    )
    found: dict[uuid.UUID, tuple[Specimen, set[str]]] = {}
    for specimen, code in session().execute(statement):
        found.setdefault(specimen.id, (specimen, set()))[1].add(code)
    return [
        GroupSample(frozenset(codes), row.collected_at, row.collected_by)
        for row, codes in found.values()
        if row.collected_at is not None and row.collected_by is not None
    ]


def correct_collection(command: CorrectCollection, *, actor: Actor) -> None:
    """Put right when or by whom a tube was filled; what stood there stays in its history."""
    request = lock_request(command.request_id, actor=actor)
    if not command.reason.strip():
        raise RuleBroken("Say why it is being changed.", field="reason")
    refuse_collection_time(command.collected_at, clock.now())
    tube = tube_of(request, command.planned_tube_id, actor=actor)
    if tube.specimen is None:
        raise RuleBroken("This tube is not taken yet.")
    refuse_shared_group(tube, command)
    happening = Happening(
        place=tube.specimen.holder,
        occurred_at=command.collected_at,
        reason=command.reason,
    )
    changes = age_changes(tube, command.collected_at, command.collected_by)
    move(tube, CustodyAction.CORRECT_TIME, happening, actor=actor, **changes)
    refresh_usability(request)
