"""Making a plan; fixing lines of it; planning again around what is fixed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from lab_contingency.audit.services import record
from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import add_rows, session
from lab_contingency.foundation.errors import ChangedByAnother, NotFound, RuleBroken
from lab_contingency.foundation.identity import new_id
from lab_contingency.routing.planning.commands import ChangeLine, ChosenLines, MakePlan
from lab_contingency.routing.planning.models import LineState, PlanLine, RoutePlan
from lab_contingency.routing.planning.queries.gathering import Queue, queue_to_plan
from lab_contingency.routing.planning.queries.plans import newest_id, tube_line_ids
from lab_contingency.routing.planning.queries.proposing import Proposed, proposed
from lab_contingency.routing.planning.queries.standing import standing_locks
from lab_contingency.routing.planning.rules import Plan, solve


def make_plan(command: MakePlan, *, actor: Actor) -> uuid.UUID:
    """Plan everything that waits; what was fixed stays fixed. Nothing is sent anywhere by it."""
    queue = queue_to_plan(clock.now(), actor, command.locks)
    return keep(queue, solve(queue.problem), actor=actor)


def keep(
    queue: Queue, plan: Plan, *, actor: Actor, outage_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Write a plan down with its lines."""
    lines = proposed(queue, plan)
    before = newest_id()
    row = RoutePlan(
        id=new_id(),
        made_at=queue.now,  # as of when it was read: what changed while it was worked out came after it
        made_by=actor.name,
        made_by_id=actor.user_id,
        solver=plan.solver,
        gap=plan.gap,
        moved=_differing(before, lines) if before and outage_id is None else 0,
        replaces_id=before,
        outage_id=outage_id,
    )
    session().add(row)
    add_rows(PlanLine, *(_line(row.id, one) for one in lines))
    record("route_plan:made", row.id, actor=actor, lines=len(lines), outage=outage_id)
    return row.id


def _line(plan_id: uuid.UUID, one: Proposed) -> dict[str, object]:
    return {
        "id": new_id(),
        "plan_id": plan_id,
        "requested_test_id": one.waits.task.id,
        "laboratory_id": one.laboratory_id,
        "from_laboratory_id": one.waits.standing_id,
        "begins_at": one.begins_at,
        "result_at": one.result_at,
        "arrives_at": one.arrives_at,
        "late": one.late,
        "aliquot": one.aliquot,
        "locked": one.waits.locked,
        "why": one.why,
        "helps": one.helps,
        "state": LineState.PROPOSED,
        "refused": "",
        "settled_at": None,
        "settled_by": None,
        "settled_by_id": None,
    }


def _differing(before: uuid.UUID, lines: Iterable[Proposed]) -> int:
    """How many tests go elsewhere than the plan before said."""
    statement = select(PlanLine.requested_test_id, PlanLine.laboratory_id).where(
        PlanLine.plan_id == before
    )
    said = dict(session().execute(statement).all())
    return sum(
        one.waits.task.id in said and said[one.waits.task.id] != one.laboratory_id for one in lines
    )


def plan_again(*, actor: Actor) -> uuid.UUID:
    """Plan everything that waits, keeping what is fixed in the plan that stands."""
    return make_plan(MakePlan(standing_locks(newest_id())), actor=actor)


def change_line(command: ChangeLine, *, actor: Actor) -> uuid.UUID:
    """Another laboratory for one line: it is fixed there, and the queue is planned around it."""
    line = session().get(PlanLine, command.line_id)
    if line is None:
        raise NotFound
    refuse_older(line.plan_id)
    lines = _rows(line.plan_id, tube_line_ids(line.plan_id, command.line_id, actor=actor))
    moved = {each.requested_test_id: command.laboratory_id for each in lines}
    return make_plan(MakePlan(standing_locks(line.plan_id) | moved), actor=actor)


def fix_lines(command: ChosenLines, *, actor: Actor) -> int:
    """The next plan leaves these lines where this one put them; how many tests."""
    return _fix(command, locked=True, actor=actor)


def free_lines(command: ChosenLines, *, actor: Actor) -> int:
    """The next plan may move them again; how many tests."""
    return _fix(command, locked=False, actor=actor)


def _fix(command: ChosenLines, *, locked: bool, actor: Actor) -> int:
    refuse_older(command.plan_id)
    ids = [
        each
        for line_id in command.line_ids
        for each in tube_line_ids(command.plan_id, line_id, actor=actor)
    ]
    rows = [row for row in _rows(command.plan_id, ids) if row.laboratory_id is not None]
    if not rows:
        raise RuleBroken("Choose a line that has a laboratory.", field="chosen")
    statement = (
        update(PlanLine).where(PlanLine.id.in_([row.id for row in rows])).values(locked=locked)
    )
    session().execute(statement)
    done = "lines_fixed" if locked else "lines_freed"
    record(f"route_plan:{done}", command.plan_id, actor=actor, lines=len(rows))
    return len(rows)


def _rows(plan_id: uuid.UUID, line_ids: Sequence[uuid.UUID]) -> list[PlanLine]:
    statement = select(PlanLine).where(PlanLine.plan_id == plan_id, PlanLine.id.in_(line_ids))
    return list(session().scalars(statement))


def refuse_older(plan_id: uuid.UUID) -> None:
    """ChangedByAnother when another plan was made since."""
    if newest_id() != plan_id:
        raise ChangedByAnother(
            "Somebody made another plan meanwhile. Nothing of yours was saved. Look at the new one."
        )
