"""A laboratory drops out: said once, and what was bound for it goes elsewhere in one step."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.routing.commands import DeclareOutage
from lab_contingency.routing.planning.queries.gathering import queue_to_plan
from lab_contingency.routing.planning.queries.plans import newest_id
from lab_contingency.routing.planning.queries.standing import standing_locks, to_accept
from lab_contingency.routing.planning.rules import solve
from lab_contingency.routing.planning.services.accepting import Accepted, accept_lines
from lab_contingency.routing.planning.services.making import keep
from lab_contingency.routing.services import declare_outage


@dataclass(frozen=True, slots=True)
class Dropped:
    """The plan for what was bound for it: how many tests moved, were refused, are left, and that nobody can do."""

    plan_id: uuid.UUID
    moved: Accepted
    nobody: int


def drop_laboratory(command: DeclareOutage, *, actor: Actor) -> Dropped:
    """It takes no new work from now on; each test bound for it is sent where it can still be done, with the reason.

    What nobody can do stays in the plan with what would help. What has left or lies there is not moved by itself.
    """
    outage_id = declare_outage(command, actor=actor)
    locks = standing_locks(newest_id())
    queue = queue_to_plan(clock.now(), actor, locks, only_for=command.laboratory_id)
    plan = solve(queue.problem)
    plan_id = keep(queue, plan, actor=actor, outage_id=outage_id)
    nobody = len(queue.waits) - len(plan.placed)
    moved = Accepted(0, 0, 0)
    if to_accept(plan_id, None, actor):
        reason = f"laboratory out of action: {command.reason.strip()}"
        moved = accept_lines(None, plan_id, actor=actor, reason=reason)
    return Dropped(plan_id, moved, nobody)
