"""One line of the plan with every laboratory's answer, so that a person can put it elsewhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lab_contingency.foundation import clock
from lab_contingency.foundation.actor import Actor
from lab_contingency.foundation.database import session
from lab_contingency.foundation.errors import NotFound
from lab_contingency.foundation.wording import near_time_text
from lab_contingency.routing.planning.models import PlanLine
from lab_contingency.routing.planning.queries.gathering import queue_to_plan
from lab_contingency.routing.planning.queries.plans import (
    PlanRow,
    newest_id,
    plan_row,
    tube_line_ids,
)
from lab_contingency.routing.rules import Offer, Refusal, judge


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What one laboratory says to all tests of the line, as it stands now."""

    laboratory_id: uuid.UUID
    name: str
    can: bool
    late: bool
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """The line and the answers."""

    row: PlanRow
    plan_id: uuid.UUID
    answers: tuple[PlaceAnswer, ...]


def line_view(line_id: uuid.UUID, actor: Actor) -> LineView:
    """One row of the plan that stands; NotFound for a line of another plan or outside the scope."""
    line = session().get(PlanLine, line_id)
    if line is None or line.plan_id != newest_id():
        raise NotFound
    ids = tube_line_ids(line.plan_id, line_id, actor=actor)
    wanted = {each.requested_test_id for each in map(session().get_one, [PlanLine] * len(ids), ids)}
    queue = queue_to_plan(clock.now(), actor, {})
    waits = [one for test_id, one in queue.waits.items() if test_id in wanted]
    answers = []
    for place, laboratory_id in enumerate(queue.laboratory_ids):
        said = [judge(one.asked, one.candidates[place], queue.now) for one in waits]
        answers.append(
            _answer(laboratory_id, queue.problem.places[place], said, line.laboratory_id)
        )
    return LineView(plan_row(line.plan_id, ids, actor), line.plan_id, tuple(answers))


def of_older_plan(line_id: uuid.UUID, actor: Actor) -> bool:
    """Whether it is a line in the scope of a plan that another has replaced."""
    line = session().get(PlanLine, line_id)
    if line is None or line.plan_id == newest_id():
        return False
    return bool(tube_line_ids(line.plan_id, line_id, actor=actor))


def _answer(
    laboratory_id: uuid.UUID, name: str, said: list[Offer | Refusal], chosen: uuid.UUID | None
) -> PlaceAnswer:
    refusals = [one for one in said if isinstance(one, Refusal)]
    offers = [one for one in said if isinstance(one, Offer)]
    late = any(one.late for one in offers)
    if refusals or not offers:
        text = refusals[0].sentence if refusals else "it has gone on: nothing is left to choose"
        return PlaceAnswer(laboratory_id, name, can=False, late=False, text=text, chosen=False)
    result_at = max(one.result_at for one in offers)
    text = f"there {near_time_text(offers[0].arrives_at)}, result about {near_time_text(result_at)}"
    return PlaceAnswer(
        laboratory_id, name, can=True, late=late, text=text, chosen=laboratory_id == chosen
    )
