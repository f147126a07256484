"""A tube that cannot be used, taking it again, and tubes nobody needs any more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from lab_contingency.audit.rules import Field
from lab_contingency.catalogue.queries import catalogue
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import ChangedByAnother, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.foundation.wording import and_text
from lab_contingency.incidents.services import void_number
from lab_contingency.places.queries import laboratory, ward
from lab_contingency.requests.models import Request, RequestedTest, TestMove
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction, TestStatus
from lab_contingency.requests.services import Evidence, lock_request, move_test, plan_again
from lab_contingency.specimens.commands import RejectTube
from lab_contingency.specimens.models import Rejection, Specimen
from lab_contingency.specimens.rules import (
    ENDED,
    CustodyAction,
    RejectionReason,
    SpecimenStatus,
    rejection_reason,
)
from lab_contingency.specimens.services.tubes import (
    AWAITING_RESULT,
    NOT_WANTED,
    Happening,
    Tube,
    move,
    refresh_usability,
    tube_of,
    tubes_for,
)

_WITH_RESULT = frozenset({TestStatus.AUTHORISED, TestStatus.ENTERED, TestStatus.CHECKED})


def reject(command: RejectTube, *, actor: Actor) -> uuid.UUID:
    """Reject a tube with a reason; its tests wait to be taken again. Returns the specimen."""
    request = lock_request(command.request_id, actor=actor)
    tube = tube_of(request, command.planned_tube_id, actor=actor)
    held = tube.specimen.version if tube.specimen else None
    if command.version is not None and command.version != held:
        raise ChangedByAnother
    specimen = reject_tube(tube, command.reason_code, command.note, actor=actor)
    refresh_usability(request)
    return specimen.id


def reject_tube(
    tube: Tube, reason_code: str, note: str, *, actor: Actor, on_its_way: bool = False
) -> Specimen:
    """Reject a tube of a locked request, and with it the tests that depend on it alone.

    `on_its_way`: also one that has left and reached nobody.
    """
    reason = rejection_reason(reason_code, note)
    if not on_its_way:
        _refuse_gone(tube, actor)
    tests = () if _other_bottle_serves(tube) else _spoilt(tube, reason)
    place = _place(tube, actor)
    specimen = move(
        tube, CustodyAction.REJECT, Happening(place=place, reason_code=reason.code), actor=actor
    )
    row = Rejection(
        id=new_id(),
        specimen_id=specimen.id,
        reason_code=reason.code,
        rejected_at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
    )
    row.sealed = seal(Rejection.__tablename__, row.id, {"note": note}) if note else None
    session().add(row)
    session().flush()
    evidence = Evidence(reason_code=reason.code, reason=note)
    for test in tests:
        move_test(tube.request, test, TestAction.REJECT, evidence, actor=actor)
    return specimen


def _spoilt(tube: Tube, reason: RejectionReason) -> tuple[RequestedTest, ...]:
    """The tests that the rejection stops; RuleBroken when a result of the tube went out.

    What was measured before the tube leaked or grew too old stands. An amended test is left: somebody
    has looked at what went out.
    """
    if not reason.spoils_results:
        return _waiting(tube.tests)
    out = _gone_out(tube.tests)
    if out:
        names = and_text([catalogue().test(test.test_code).label for test in out])
        raise RuleBroken(
            f"Results from this tube went out: {names}. Amend them first, then reject the tube.",
            shows=(tube.request.patient_id, Field.TESTS),
        )
    return tuple(
        test for test in tube.tests if test.status in TRANSITIONS[TestAction.REJECT].sources
    )


def _waiting(tests: Iterable[RequestedTest]) -> tuple[RequestedTest, ...]:
    return tuple(test for test in tests if test.status in AWAITING_RESULT)


def _gone_out(tests: Iterable[RequestedTest]) -> list[RequestedTest]:
    """Those authorised and not amended since, or whose amendment is under way."""
    held = [test for test in tests if test.status in _WITH_RESULT]
    statement = select(TestMove.requested_test_id).where(
        TestMove.requested_test_id.in_([test.id for test in held]),
        TestMove.action == TestAction.AUTHORISE,
    )
    released = set(session().scalars(statement))
    return [test for test in held if test.id in released]


def _refuse_gone(tube: Tube, actor: Actor) -> None:
    """What has left is rejected by the laboratory where it arrives, not by the one it left."""
    specimen = tube.specimen
    if specimen is None or specimen.status is not SpecimenStatus.DISPATCHED:
        return
    if actor.laboratory_id != specimen.bound_for_id:
        raise RuleBroken(
            f"This tube is {specimen.holder}. Only the laboratory it reaches can reject it."
        )


def _place(tube: Tube, actor: Actor) -> str:
    if actor.laboratory_id is not None:
        return laboratory(actor.laboratory_id).name
    return tube.specimen.holder if tube.specimen else ward(tube.request.ward_id).name


def _other_bottle_serves(tube: Tube) -> bool:
    """One bottle of a pair is still cultured when the other is lost."""
    return any(
        other.planned.id != tube.planned.id
        and other.planned.container == tube.planned.container
        and other.planned.tube_group == tube.planned.tube_group
        and other.status not in ENDED
        and not other.replaced
        for other in tubes_for(tube.request)
        if tube.planned.bottles > 1
    )


def recollect(request_id: uuid.UUID, planned_tube_id: uuid.UUID, *, actor: Actor) -> uuid.UUID:
    """Plan a rejected tube again; its tests wait for the new one. Returns the new planned tube."""
    request = lock_request(request_id, actor=actor)
    tube = tube_of(request, planned_tube_id, actor=actor)
    if tube.replaced:
        raise RuleBroken("A new tube is planned already. Print its label.")
    waiting = [test for test in tube.tests if test.status is TestStatus.REJECTED]
    if tube.status is not SpecimenStatus.REJECTED and not waiting:
        raise RuleBroken("This tube was not rejected. There is nothing to take again.")
    pair = tube.planned.bottles > 1 and not all(test.status in NOT_WANTED for test in tube.tests)
    if not waiting and not pair:
        raise RuleBroken("No test needs this tube any more. There is nothing to take again.")
    fresh = plan_again(planned_tube_id)
    evidence = Evidence(planned_tube_id=fresh.id)
    for test in waiting:
        move_test(request, test, TestAction.RECOLLECT, evidence, actor=actor)
    refresh_usability(request)
    return fresh.id


def not_collected(request_id: uuid.UUID, planned_tube_id: uuid.UUID, *, actor: Actor) -> None:
    """Close a tube whose tests were all withdrawn or declined before blood was taken."""
    request = lock_request(request_id, actor=actor)
    tube = tube_of(request, planned_tube_id, actor=actor)
    if tube.wanted:
        raise RuleBroken("A test still needs this tube. Withdraw the test first.")
    _give_up(tube, actor)


def give_up_unwanted(request_id: uuid.UUID, *, actor: Actor) -> int:
    """Close every tube that no test needs any more and no blood is in; returns how many."""
    request = lock_request(request_id, actor=actor)
    idle = (None, SpecimenStatus.UNLABELLED, SpecimenStatus.LABELLED)
    unwanted = [tube for tube in tubes_for(request) if _unwanted(tube) and tube.status in idle]
    for tube in unwanted:
        _give_up(tube, actor)
    return len(unwanted)


def _unwanted(tube: Tube) -> bool:
    return not tube.replaced and all(test.status in NOT_WANTED for test in tube.tests)


def _give_up(tube: Tube, actor: Actor) -> None:
    held = tube.specimen.number if tube.specimen else None
    if held is not None:
        void_number(held, "its tests were withdrawn or declined.", actor=actor)
    place = ward(tube.request.ward_id).name
    move(tube, CustodyAction.GIVE_UP, Happening(place=place), actor=actor, number=None)


def reject_old_tests(
    request: Request, tests: list[RequestedTest], reason_code: str, *, actor: Actor
) -> None:
    """Reject single tests of a tube that serves its others; what was measured before stands."""
    for test in _waiting(tests):
        move_test(request, test, TestAction.REJECT, Evidence(reason_code=reason_code), actor=actor)


def reject_started_tests(tube: Tube, reason_code: str, *, actor: Actor) -> None:
    """Stop the tests a laboratory has begun on a tube that has left it since."""
    evidence = Evidence(reason_code=reason_code)
    for test in [test for test in tube.tests if test.status is TestStatus.RECEIVED]:
        move_test(tube.request, test, TestAction.REJECT, evidence, actor=actor)
