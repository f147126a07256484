"""Tubes of a locked request, and the one way in which they move."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lab_contingency.audit.rules import changed
from lab_contingency.audit.services import record
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.catalogue.rules import tubes as tube_rules
from lab_contingency.catalogue.rules.vocabulary import Test
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import PlannedTube, Request, RequestedTest
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.scope import is_partner, tubes_within
from lab_contingency.requests.services import note_usability, reach_tube
from lab_contingency.specimens.models import CustodyEvent, Specimen
from lab_contingency.specimens.rules import (
    FILLED,
    CustodyAction,
    SpecimenStatus,
    next_custody,
)
from lab_contingency.specimens.rules.way import UNDER_WAY, begins_hop

NOT_WANTED = frozenset({TestStatus.WITHDRAWN, TestStatus.DECLINED})
AWAITING_RESULT = frozenset(
    {
        TestStatus.REQUESTED,
        TestStatus.ACCEPTED,
        TestStatus.DEFERRED,
        TestStatus.ASSIGNED,
        TestStatus.RECEIVED,
    }
)


@dataclass(slots=True)
class Tube:
    """One planned tube with its specimen, if it has become real, and the tests that need it."""

    request: Request
    planned: PlannedTube
    specimen: Specimen | None
    tests: tuple[RequestedTest, ...]
    replaced: bool

    @property
    def status(self) -> SpecimenStatus | None:
        """Where it stands; None while it is only planned."""
        return self.specimen.status if self.specimen else None

    @property
    def wanted(self) -> tuple[RequestedTest, ...]:
        """The tests that still need it: not withdrawn, not declined, not waiting for another tube."""
        gone = NOT_WANTED | {TestStatus.REJECTED}
        return tuple(test for test in self.tests if test.status not in gone)

    @property
    def wanted_tests(self) -> tuple[Test, ...]:
        """The same as the catalogue describes them."""
        return catalogue().tests_of(test.test_code for test in self.wanted)

    @property
    def by_hand(self) -> bool:
        """Whether it is written by hand: so planned, or so by its tests."""
        tests = catalogue().tests_of(test.test_code for test in self.tests)
        held = self.planned.container == tube_rules.PINK
        return self.planned.by_hand or held or any(map(tube_rules.is_transfusion, tests))


def tubes_for(request: Request) -> list[Tube]:
    """Every tube of a locked request, in order of draw, recollections last."""
    planned = session().scalars(
        select(PlannedTube)
        .where(PlannedTube.request_id == request.id)
        .order_by(PlannedTube.ordinal)
    )
    rows = planned.all()
    held = {row.planned_tube_id: row for row in _specimens(request.id)}
    tests = session().scalars(
        select(RequestedTest)
        .where(RequestedTest.request_id == request.id)
        .order_by(RequestedTest.id)
    )
    asked = tests.all()
    replaced = {row.replaces_id for row in rows}
    return [
        Tube(
            request,
            row,
            held.get(row.id),
            tests_on(row, asked, replaced=row.id in replaced),
            row.id in replaced,
        )
        for row in rows
    ]


def tests_on(
    planned: PlannedTube, asked: Sequence[RequestedTest], *, replaced: bool
) -> tuple[RequestedTest, ...]:
    """The tests on a tube. Both bottles of a pair serve the same tests, whose rows name only one.

    A tube taken again may still serve those of its tests that it was good enough for.
    """
    if planned.bottles == 1:
        return tuple(test for test in asked if test.planned_tube_id == planned.id)
    if replaced:
        return ()
    tests = catalogue().tests
    return tuple(
        test
        for test in asked
        if (tests[test.test_code].container, tests[test.test_code].tube_group)
        == (planned.container, planned.tube_group)
    )


def _specimens(request_id: uuid.UUID) -> list[Specimen]:
    statement = select(Specimen).where(Specimen.request_id == request_id)
    return list(session().scalars(statement.execution_options(populate_existing=True)))


def tubes_in_sight(request: Request, actor: Actor) -> list[Tube]:
    """Those of a locked request that this person sees: a partner sees what was sent to it."""
    tubes = tubes_for(request)
    if not is_partner(actor):
        return tubes
    seen = select(PlannedTube.id).where(PlannedTube.request_id == request.id, tubes_within(actor))
    ids = set(session().scalars(seen))
    return [tube for tube in tubes if tube.planned.id in ids]


def tube_of(request: Request, planned_tube_id: uuid.UUID, *, actor: Actor) -> Tube:
    """One tube of a locked request; NotFound when it belongs to another, or is out of sight."""
    for tube in tubes_in_sight(request, actor):
        if tube.planned.id == planned_tube_id:
            return tube
    raise NotFound


@dataclass(frozen=True, slots=True)
class Happening:
    """When, where and why something happened to a tube. `reason` was typed, and is sealed."""

    place: str
    occurred_at: dt.datetime | None = None
    reason_code: str = ""
    reason: str = ""


def move(
    tube: Tube, action: CustodyAction, happening: Happening, *, actor: Actor, **changes: Any
) -> Specimen:
    """Move a tube on and write it into its history; RuleBroken where the table does not allow it.

    `changes` are the columns that the new status demands.
    """
    before = tube.status
    after = next_custody(before, action)
    replaced = _replaced(tube, action, changes)
    held = {"status": after, "holder": happening.place}
    since = {"under_way_since": _under_way_since(tube, action, after, happening)}
    specimen = tube.specimen or Specimen(
        id=new_id(), request_id=tube.request.id, planned_tube_id=tube.planned.id
    )
    tube.specimen = specimen
    for name, value in {**changes, **held, **since}.items():
        setattr(specimen, name, value)
    session().add(specimen)
    session().flush()  # the history refers to the row
    _note(specimen, before, action, happening, actor, replaced)
    if {"laboratory_id", "bound_for_id"} & changes.keys():
        _note_reach(specimen, changes, actor)
    return specimen


def _under_way_since(
    tube: Tube, action: CustodyAction, after: SpecimenStatus, happening: Happening
) -> dt.datetime | None:
    """Since when the one who has it now has it: for blood since it was taken, also when that is put right."""
    if after not in UNDER_WAY:
        return None
    taken_anew = action is CustodyAction.CORRECT_TIME and after is SpecimenStatus.COLLECTED
    if begins_hop(tube.status, action) or taken_anew or tube.specimen is None:
        return happening.occurred_at or clock.now()
    return tube.specimen.under_way_since


def _note_reach(specimen: Specimen, changes: Mapping[str, Any], actor: Actor) -> None:
    """Who may see the tube from now on: the laboratory it lies at, or is on its way to."""
    came = changes.get("laboratory_id")
    received_at = specimen.received_at if came is not None else None
    reach_tube(
        specimen.request_id,
        specimen.planned_tube_id,
        came or specimen.bound_for_id,
        received_at,
        actor=actor,
    )


def _replaced(
    tube: Tube, action: CustodyAction, changes: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """What a correction writes over: when and by whom the blood was taken."""
    if action is not CustodyAction.CORRECT_TIME or tube.specimen is None:
        return {}
    return changed({name: getattr(tube.specimen, name) for name in changes}, changes)


def _note(
    specimen: Specimen,
    before: SpecimenStatus | None,
    action: CustodyAction,
    happening: Happening,
    actor: Actor,
    replaced: Mapping[str, tuple[Any, Any]],
) -> None:
    event = CustodyEvent(
        id=new_id(),
        specimen_id=specimen.id,
        action=action,
        status_before=before,
        status_after=specimen.status,
        occurred_at=happening.occurred_at or clock.now(),
        recorded_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        place=happening.place,
        reason_code=happening.reason_code,
    )
    if happening.reason:
        event.sealed = seal(CustodyEvent.__tablename__, event.id, {"reason": happening.reason})
    session().add(event)
    session().flush()
    record(
        f"specimen:{action.name.lower()}",
        specimen.id,
        actor=actor,
        occurred_at=happening.occurred_at,
        after=specimen.status.value,
        reason=happening.reason_code,
        changes=replaced and {**replaced, "reason": (None, happening.reason)},
    )


def refresh_usability(request: Request) -> None:
    """Tell the queue when the first tube that still waits for a result becomes unusable."""
    times = [
        tube.specimen.unusable_at
        for tube in tubes_for(request)
        if tube.specimen is not None
        and tube.specimen.status in FILLED
        and tube.specimen.unusable_at is not None
        and any(test.status in AWAITING_RESULT for test in tube.tests)
    ]
    note_usability(request, min(times, default=None))


def age_changes(tube: Tube, collected_at: dt.datetime, collected_by: str) -> dict[str, Any]:
    """Say when and by whom a tube was filled, and until when it can be used."""
    return {
        "collected_at": collected_at,
        "collected_by": collected_by,
        "unusable_at": tube_rules.unusable_at(tube.wanted_tests, collected_at),
    }
