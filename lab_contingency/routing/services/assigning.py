"""Choosing where tests are done. What cannot be done there is refused at the moment of choosing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import update

from lab_contingency.audit.services import record
from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken, RulesBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.foundation.sealing import seal
from lab_contingency.requests.models import Request, RequestedTest
from lab_contingency.requests.rules.bands import NEVER_HIDDEN
from lab_contingency.requests.rules.statuses import TRANSITIONS, TestAction, TestStatus, stands
from lab_contingency.requests.services import Evidence, lock_request, move_test, note_received
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.routing.commands import (
    AssignTests,
    ChooseLaboratories,
    Planned,
    ReassignTests,
    Routed,
)
from lab_contingency.routing.models import Assignment
from lab_contingency.routing.queries.facts import (
    RequestFacts,
    Setting,
    TestFacts,
    asked_of,
    candidate,
    card_of,
    facts_of,
    offers_for,
    setting_at,
)
from lab_contingency.routing.rules import (
    Offer,
    Refusal,
    explain,
    hour_of,
    judge,
    nobody_can,
    suggest,
)
from lab_contingency.routing.services.publishing import lock_places, publish_what_cannot_be_done
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests

_BY_HAND = "chosen by hand"
_UNDECIDED = (TestStatus.REQUESTED, TestStatus.DEFERRED)
_UNSENT = (*_UNDECIDED, TestStatus.ACCEPTED)
_SENT = (TestStatus.ASSIGNED, TestStatus.RECEIVED)


def assign_tests(command: AssignTests, *, actor: Actor) -> Routed:
    """Send accepted tests to the laboratories named; RulesBroken says for each why one cannot."""
    work = _open(command.request_id, command.version, actor)
    return _send(work, TestAction.ASSIGN, command, reason="")


def reassign_tests(command: ReassignTests, *, actor: Actor) -> Routed:
    """Send tests elsewhere than was chosen before, with the reason."""
    if not command.reason.strip():
        raise RuleBroken("Say why it goes elsewhere.", field="reason")
    work = _open(command.request_id, command.version, actor)
    return _send(work, TestAction.REASSIGN, command, reason=command.reason)


def take_suggestions(request_id: uuid.UUID, version: int | None = None, *, actor: Actor) -> Routed:
    """Send every accepted test where it is suggested; those that nobody can do stay accepted."""
    work = _open(request_id, version, actor)
    if not work.in_status(TestStatus.ACCEPTED):
        raise RuleBroken("No test of this request waits for a laboratory.")
    return _suggested(work)


def accept_and_assign(
    request_id: uuid.UUID,
    version: int | None = None,
    *,
    actor: Actor,
    test_codes: tuple[str, ...] = (),
) -> Routed:
    """Accept what is still to be decided (or the tests named) and send it where it is suggested.

    Tests held before stay held while others are to be decided. What nobody can do stays accepted,
    and the answer says why.
    """
    request = lock_request(request_id, actor=actor, version=version)
    statuses = {test.test_code: test.status for test in tests_of(request.id)}
    codes = test_codes or _to_decide(statuses)
    if codes:
        accept_tests(AcceptTests(request_id, None, codes), actor=actor)
    elif TestStatus.ACCEPTED not in statuses.values():
        raise RuleBroken(
            "Nothing of this request waits for a decision. Look at where its tests stand."
        )
    return _suggested(_open(request_id, None, actor))


def choose_laboratories(command: ChooseLaboratories, *, actor: Actor) -> Routed:
    """Send tests where a person chose: accept what waits, send it, and move what goes elsewhere."""
    request = lock_request(command.request_id, actor=actor, version=command.version)
    rows = {test.test_code: test for test in tests_of(request.id)}
    chosen = {
        code: place
        for code, place in command.laboratories.items()
        if code not in rows or rows[code].laboratory_id != place or rows[code].status in _UNSENT
    }
    waiting = tuple(code for code in chosen if code in rows and rows[code].status in _UNDECIDED)
    if waiting:
        accept_tests(AcceptTests(request.id, None, waiting), actor=actor)
    sent = {code for code in chosen if code in rows and rows[code].status in _SENT}
    fresh = {code: place for code, place in chosen.items() if code not in sent}
    other = {code: place for code, place in chosen.items() if code in sent}
    if not chosen:
        raise RuleBroken("Choose a laboratory for at least one test, or another than before.")
    if fresh:
        assign_tests(AssignTests(request.id, None, fresh), actor=actor)
    if other:
        reassign_tests(ReassignTests(request.id, None, other, command.reason), actor=actor)
    return Routed(chosen)


def _to_decide(statuses: Mapping[str, TestStatus]) -> tuple[str, ...]:
    for waiting in (TestStatus.REQUESTED, TestStatus.DEFERRED):
        codes = tuple(code for code, status in statuses.items() if status is waiting)
        if codes or TestStatus.ACCEPTED in statuses.values():
            return codes
    return ()


@dataclass(frozen=True, slots=True)
class _Work:
    """One locked request with everything that choosing depends on."""

    request: Request
    facts: RequestFacts
    tests: Mapping[str, TestFacts]
    rows: Mapping[str, RequestedTest]
    setting: Setting
    actor: Actor

    def in_status(self, *statuses: TestStatus) -> Sequence[TestFacts]:
        """The tests that stand there."""
        return [test for test in self.tests.values() if test.status in statuses]


def _open(request_id: uuid.UUID, version: int | None, actor: Actor) -> _Work:
    request = lock_request(request_id, actor=actor, version=version)
    session().flush()
    lock_places()
    now = clock.now()
    collected = card_of(request.id, request.sealed).collected_at
    return _Work(
        request=request,
        facts=RequestFacts(request.id, request.site_id, request.due_at, collected),
        tests={facts.test.code: facts for facts in facts_of([request.id]).get(request.id, ())},
        rows={row.test_code: row for row in tests_of(request.id)},
        setting=setting_at(now),
        actor=actor,
    )


def _suggested(work: _Work) -> Routed:
    waiting = work.in_status(TestStatus.ACCEPTED)
    asked, offers = offers_for(work.setting, waiting, work.facts)
    chosen = {choice.test_code: choice for choice in suggest(asked, offers, _tubes_sent(work))}
    nobody = {
        each.test.code: nobody_can(offers[each.test.code])
        for each in waiting
        if each.test.code not in chosen
    }
    _end_live(work, chosen)
    for code, choice in chosen.items():
        _place(work, TestAction.ASSIGN, code, choice.offer, choice.explanation, suggested=True)
    routed = {code: choice.offer.laboratory_id for code, choice in chosen.items()}
    _finish(work, TestAction.ASSIGN, routed)
    return Routed(routed, nobody)


def _tubes_sent(work: _Work) -> dict[uuid.UUID, uuid.UUID]:
    """Where other tests of a tube are done already."""
    sent = work.in_status(TestStatus.ASSIGNED, TestStatus.RECEIVED)
    return {test.tube: test.laboratory_id for test in sent if test.tube and test.laboratory_id}


def _send(
    work: _Work, action: TestAction, command: AssignTests | ReassignTests, *, reason: str
) -> Routed:
    laboratories, planned = command.laboratories, command.planned
    if not laboratories:
        raise RuleBroken("Choose a laboratory for at least one test.")
    _check_status(work, action, laboratories)
    offers = _offers(work, laboratories, planned)
    _end_live(work, offers)
    for code, (offer, answers) in offers.items():
        asked = asked_of(work.setting, work.tests[code], work.facts)
        by_plan = planned.get(code)
        if by_plan:
            sentence = by_plan.explanation
        else:
            sentence = f"{_BY_HAND}; {explain(asked, offer, answers)}"
        _place(work, action, code, offer, sentence, suggested=by_plan is not None, reason=reason)
    _finish(work, action, laboratories)
    return Routed(dict(laboratories))


def _check_status(work: _Work, action: TestAction, codes: Iterable[str]) -> None:
    sources = TRANSITIONS[action].sources
    for code in codes:
        if code not in work.tests:
            raise RuleBroken(f"{code} is not on this request.")
        status = work.tests[code].status
        if status not in sources:
            raise RuleBroken(
                f"{stands(status, code)}. No laboratory can be chosen for it now.",
                field=f"laboratory-{code}",
            )


def _offers(
    work: _Work, laboratories: Mapping[str, uuid.UUID], planned: Mapping[str, Planned]
) -> dict[str, tuple[Offer, Sequence[Offer | Refusal]]]:
    """What the chosen laboratories offer, with every other answer; RulesBroken when one cannot."""
    taken: dict[tuple[uuid.UUID, Discipline], int] = defaultdict(int)
    offers: dict[str, tuple[Offer, Sequence[Offer | Refusal]]] = {}
    problems = {}
    for code, laboratory_id in laboratories.items():
        facts = work.tests[code]
        key = (laboratory_id, facts.test.discipline)
        begins_at = planned[code].begins_at if code in planned else None
        answers = _answers(work, facts, taken[key], begins_at)
        answer = next((each for each in answers if each.laboratory_id == laboratory_id), None)
        taken[key] += 1
        if isinstance(answer, Offer):
            offers[code] = (answer, answers)
        else:
            why = (
                f"{answer.name} cannot: {answer.sentence}"
                if answer
                else "There is no such laboratory"
            )
            problems[f"laboratory-{code}"] = (
                f"{facts.test.label}: {why}. Choose another laboratory."
            )
    if problems:
        raise RulesBroken(problems)
    return offers


def _answers(
    work: _Work, facts: TestFacts, before: int, not_before: dt.datetime | None
) -> tuple[Offer | Refusal, ...]:
    asked = asked_of(work.setting, facts, work.facts)
    places = work.setting.snapshot.working
    return tuple(
        judge(
            asked,
            replace(candidate(work.setting, place, facts, work.facts), not_before=not_before),
            work.setting.now,
            before=before,
        )
        for place in places
    )


def _place(
    work: _Work,
    action: TestAction,
    code: str,
    offer: Offer,
    explanation: str,
    *,
    suggested: bool,
    reason: str = "",
) -> None:
    """Note the choice and move the test; on to the bench when its tube is there."""
    facts, row = work.tests[code], work.rows[code]
    row_id = new_id()
    session().add(
        Assignment(
            id=row_id,
            requested_test_id=facts.id,
            laboratory_id=offer.laboratory_id,
            discipline=facts.test.discipline,
            hour=hour_of(offer.begins_at),
            result_at=offer.result_at,
            suggested=suggested,
            explanation=explanation,
            sealed=seal(Assignment.__tablename__, row_id, {"reason": reason}) if reason else None,
            assigned_at=clock.now(),
            assigned_by=work.actor.name,
            assigned_by_id=work.actor.user_id,
        )
    )
    evidence = Evidence(laboratory_id=offer.laboratory_id, reason=reason)
    move_test(work.request, row, action, evidence, actor=work.actor)
    if facts.test.bedside or facts.received_in == offer.laboratory_id:
        here = Evidence(laboratory_id=offer.laboratory_id)
        move_test(work.request, row, TestAction.RECEIVE, here, actor=work.actor)


def _end_live(work: _Work, codes: Iterable[str]) -> None:
    """What was chosen for these tests before no longer stands."""
    ids = [work.tests[code].id for code in codes]
    statement = (
        update(Assignment)
        .where(Assignment.requested_test_id.in_(ids), Assignment.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_by=work.actor.name)
        .execution_options(synchronize_session=False)
    )
    session().execute(statement)


def _finish(work: _Work, action: TestAction, chosen: Mapping[str, uuid.UUID]) -> None:
    if chosen:
        _note_targets(work, chosen)
        tests = {code: str(laboratory_id) for code, laboratory_id in chosen.items()}
        record(f"routing:{action.name.lower()}ed", work.request.id, actor=work.actor, tests=tests)
        publish_what_cannot_be_done({work.tests[code].test.discipline for code in chosen})


def _note_targets(work: _Work, chosen: Mapping[str, uuid.UUID]) -> None:
    """From receipt the laboratory's target runs for what is pressing, also when chosen later."""
    here = [
        facts
        for code, facts in work.tests.items()
        if facts.received_in and facts.received_in == chosen.get(code)
    ]
    received = [facts.received_at for facts in here if facts.received_at is not None]
    if received and work.request.band in NEVER_HIDDEN:
        target = min(facts.test.urgent_target for facts in here)
        note_received(work.request, min(received), target)
