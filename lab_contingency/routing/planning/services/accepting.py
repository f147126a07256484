"""Accepting lines: each through routing, under the same locks as any choice. What no longer holds says why."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import update

from lab_contingency.accounts.rules import Permission, holds
from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import RuleBroken
from lab_contingency.requests.rules.statuses import TestStatus
from lab_contingency.requests.services import lock_request
from lab_contingency.routing.commands import AssignTests, Planned, ReassignTests
from lab_contingency.routing.planning.commands import ChosenLines
from lab_contingency.routing.planning.models import LineState, PlanLine
from lab_contingency.routing.planning.queries.plans import tube_line_ids
from lab_contingency.routing.planning.queries.standing import Standing, to_accept
from lab_contingency.routing.planning.services.making import refuse_older
from lab_contingency.routing.services import assign_tests, reassign_tests
from lab_contingency.routing.services.accepting import noting
from lab_contingency.routing.services.publishing import published_together
from lab_contingency.triage.commands import AcceptTests
from lab_contingency.triage.services import accept_tests

AT_ONCE = 40  # requests a press of the button; the page says how many are left
WAITS = "It waits for triage: a senior accepts it."
BY_PLAN = "moved by the plan"


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many tests went where the plan said, how many were refused, how many are left for the next press."""

    sent: int
    refused: int
    left: int


def accept_lines(
    command: ChosenLines | None, plan_id: uuid.UUID, *, actor: Actor, reason: str = BY_PLAN
) -> Accepted:
    """Send the tests of these lines (None: of all) where the plan says; what no longer holds stays, with the reason.

    A senior's word accepts what waits for triage as well; a coordinator's leaves that to a senior.
    """
    refuse_older(plan_id)
    lines = to_accept(plan_id, _line_ids(command, actor), actor)
    if not lines:
        raise RuleBroken("No line of this plan waits to be sent. Plan again.", field="chosen")
    may_triage = holds(actor.role, Permission.TRIAGE_REQUESTS)
    waiting = [one for one in lines if one.status is TestStatus.REQUESTED and not may_triage]
    able = _by_request(one for one in lines if one not in set(waiting))
    if command is not None:
        _refuse(waiting, WAITS)
    now = dict(list(able.items())[:AT_ONCE])
    refused = _send(now, actor=actor, reason=reason)
    sent = [one for group in now.values() for one in group if one.request_id not in refused]
    _settle([one.line_id for one in sent], LineState.ACCEPTED, "", actor)
    for request_id, sentence in refused.items():
        _refuse(now[request_id], sentence, actor)
    record("route_plan:accepted", plan_id, actor=actor, sent=len(sent), refused=len(refused))
    left = sum(len(group) for request_id, group in able.items() if request_id not in now)
    not_sent = sum(len(now[request_id]) for request_id in refused)
    return Accepted(len(sent), not_sent + (len(waiting) if command is not None else 0), left)


def _line_ids(command: ChosenLines | None, actor: Actor) -> list[uuid.UUID] | None:
    """Every line of the rows that were chosen."""
    if command is None:
        return None
    return [
        each
        for line_id in command.line_ids
        for each in tube_line_ids(command.plan_id, line_id, actor=actor)
    ]


def _by_request(lines: Iterable[Standing]) -> Mapping[uuid.UUID, list[Standing]]:
    """In the order of the first hour of each: whoever begins earlier takes its place first."""
    found: dict[uuid.UUID, list[Standing]] = defaultdict(list)
    for one in lines:
        found[one.request_id].append(one)
    return found


def _send(
    groups: Mapping[uuid.UUID, Sequence[Standing]], *, actor: Actor, reason: str
) -> dict[uuid.UUID, str]:
    """Every request as if it were alone; those refused, with the sentence."""
    refused: dict[uuid.UUID, str] = {}
    for request_id in sorted(groups):
        with noting(refused, request_id):
            lock_request(request_id, actor=actor)
    with published_together():
        for request_id, lines in groups.items():
            if request_id not in refused:
                with noting(refused, request_id):
                    _send_one(request_id, lines, actor=actor, reason=reason)
    return refused


def _send_one(
    request_id: uuid.UUID, lines: Sequence[Standing], *, actor: Actor, reason: str
) -> None:
    waiting = tuple(one.test_code for one in lines if one.status is TestStatus.REQUESTED)
    if waiting:
        accept_tests(AcceptTests(request_id, None, waiting), actor=actor)
    fresh = [one for one in lines if one.status is not TestStatus.ASSIGNED]
    moved = [one for one in lines if one.status is TestStatus.ASSIGNED]
    if fresh:
        assign_tests(AssignTests(request_id, None, _where(fresh), _planned(fresh)), actor=actor)
    if moved:
        command = ReassignTests(request_id, None, _where(moved), reason, _planned(moved))
        reassign_tests(command, actor=actor)


def _where(lines: Iterable[Standing]) -> dict[str, uuid.UUID]:
    return {one.test_code: one.laboratory_id for one in lines}


def _planned(lines: Iterable[Standing]) -> dict[str, Planned]:
    return {one.test_code: Planned(one.begins_at, one.why) for one in lines}


def _refuse(lines: Iterable[Standing], sentence: str, actor: Actor | None = None) -> None:
    ids = [one.line_id for one in lines]
    if actor is None:  # not settled: it waits for somebody else
        statement = update(PlanLine).where(PlanLine.id.in_(ids)).values(refused=sentence)
        session().execute(statement)
    else:
        _settle(ids, LineState.REFUSED, sentence, actor)


def _settle(line_ids: Sequence[uuid.UUID], state: LineState, sentence: str, actor: Actor) -> None:
    values = {
        "state": state,
        "refused": sentence,
        "settled_at": clock.now(),
        "settled_by": actor.name,
        "settled_by_id": actor.user_id,
    }
    session().execute(update(PlanLine).where(PlanLine.id.in_(line_ids)).values(values))
