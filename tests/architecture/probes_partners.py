"""The same for what goes between laboratories: questions, and what is bound for one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from sqlalchemy import delete

from lab_contingency.foundation.database import session, unit_of_work
from lab_contingency.requests.models import RequestReach
from lab_contingency.requests.rules.statuses import TestAction
from lab_contingency.requests.services import Evidence, lock_request, move_test
from lab_contingency.requests.services.summary import tests_of
from lab_contingency.tracking.queries.to_us import expected as expected_tubes
from lab_contingency.tracking.queries.to_us import to_us
from lab_contingency.transport.questions.queries import question, questions, questions_waiting
from tests.architecture.matrix import Matrix
from tests.factories.questions import ask
from tests.factories.tubes import assign
from tests.factories.world import SYSTEM, World, a_request, an_identity


def partner_probes(matrix: Matrix, world: World) -> Mapping[str, Callable[[], object]]:
    """By name. Who asks is St Thomas' bench, or the partner once the test has gone elsewhere."""
    bench = world.other_scientist
    ours = matrix.things["ours"]["question_id"]
    gone = _asked_and_sent_elsewhere(world)
    bound = a_request(world, tests=("LAC",), identity=an_identity(61)).request_id
    assign(world, bound, "STH-LAB")

    def expected() -> object:
        session().execute(delete(RequestReach))
        found = to_us(bench)
        counted = session().scalars(expected_tubes(bench)).one()
        return found.on_the_bench, found.overdue, len(found.tubes), counted

    return {
        "thread": lambda: question(ours, bench).id,  # type: ignore[arg-type]
        "thread of a partner": lambda: question(gone, world.partner).id,
        "asked by a partner": lambda: len(questions(world.partner).waiting),
        "waiting for a partner": lambda: session().scalars(questions_waiting(world.partner)).one(),
        "questions waiting": lambda: session().scalars(questions_waiting(bench)).one(),
        "to us": expected,
    }


def _asked_and_sent_elsewhere(world: World) -> uuid.UUID:
    request_id = a_request(world, tests=("LAC",), identity=an_identity(62)).request_id
    assign(world, request_id, "SWLP-LAB")
    asked = ask(request_id, world.partner)
    ask(request_id, world.senior, to=world.laboratories["SWLP-LAB"])
    with unit_of_work():
        request = lock_request(request_id, actor=SYSTEM)
        (test,) = tests_of(request_id)
        where = Evidence(laboratory_id=world.laboratories["KCH-LAB"], reason="no reagent")
        move_test(request, test, TestAction.REASSIGN, where, actor=SYSTEM)
    return asked
