"""The whole queue at once, by the HiGHS solver where it is installed.

Disciplines that share no load are solved apart. A small part is one whole-number program. A large one is solved without
whole numbers, which for loads of one test gives whole numbers by itself, with columns that are fetched as their prices
call for them; the few loads it splits are then placed one by one. Its cost is the bound that the plan is measured
against. See ADR 0025.
"""

from __future__ import annotations

import importlib.util
import time
import uuid
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from lab_contingency.routing.planning.rules.greedy import Ledger
from lab_contingency.routing.planning.rules.loads import Load, loads_of
from lab_contingency.routing.planning.rules.modelling import Model
from lab_contingency.routing.planning.rules.problem import (
    Placing,
    Plan,
    Problem,
    Solver,
    total,
    undone,
)
from lab_contingency.routing.planning.rules.solver import SOLVER, relaxed, whole

SECONDS = 3.0  # a plan that is not proved best by then is taken as it stands
SMALL = 3000  # columns: as many are solved in whole numbers at once


def can_optimise() -> bool:
    """Whether the solver is installed (requirements-plan.txt)."""
    return importlib.util.find_spec(SOLVER) is not None


def optimum(
    problem: Problem, loads: Sequence[Load] | None = None, seconds: float = SECONDS
) -> Plan | None:
    """The best plan, or the best found in that time; None when the solver is missing or found nothing."""
    if not can_optimise():
        return None
    ends = time.monotonic() + seconds
    ledger = Ledger(problem)
    placed: dict[uuid.UUID, Placing] = {}
    saved = 0.0
    for part in _apart(loads_of(problem) if loads is None else loads):
        model = Model(problem, part)
        if not model.costs:  # nobody has room for any of it
            continue
        program = whole if len(model.costs) <= SMALL else relaxed
        values, bound = program(model, ends)
        saved += bound
        placed.update(_rounded(part, dict(model.read(values)), ledger))
    nothing = sum(undone(task) for task in problem.tasks)
    return Plan(placed, Solver.OPTIMUM, total(problem, placed), nothing + saved)


def _rounded(
    loads: Sequence[Load], given: Mapping[Load, tuple[int, int] | None], ledger: Ledger
) -> dict[uuid.UUID, Placing]:
    """The most pressing first: what was given to it whole, else the cheapest that is left; the undone at the end.

    So a load that was split takes its place from less pressing ones, never the other way round.
    """
    placed: dict[uuid.UUID, Placing] = {}
    named = [load for load in loads if load in given]
    for load in (*named, *(load for load in loads if load not in given)):
        best = given.get(load)
        if best is None or not ledger.open_to(load, *best):
            best = ledger.cheapest(load)
        if best is not None:
            ledger.take(load, *best)
            placed.update(load.placings(*best))
    return placed


def _apart(loads: Iterable[Load]) -> list[list[Load]]:
    """Loads by the disciplines that hang together."""
    joined: dict[Hashable, Hashable] = {}

    def root(one: Hashable) -> Hashable:
        while joined.setdefault(one, one) != one:
            one = joined[one]
        return one

    held = list(loads)
    for load in held:
        first = load.units[0][0]
        for other in (*(discipline for discipline, _ in load.units), *load.bonds):
            joined[root(other)] = root(first)
    parts: dict[Hashable, list[Load]] = defaultdict(list)
    for load in held:
        parts[root(load.units[0][0])].append(load)
    return list(parts.values())
