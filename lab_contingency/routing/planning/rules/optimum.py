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

from lab_contingency.routing.planning.rules.greedy import Ledger, greedy
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
    problem: Problem,
    loads: Sequence[Load] | None = None,
    start: Plan | None = None,
    seconds: float = SECONDS,
) -> Plan | None:
    """The best plan, or the best found in that time; None when the solver is missing or found nothing.

    `start`: a plan to go on from, for want of one the greedy one.
    """
    if not can_optimise():
        return None
    loads = loads_of(problem) if loads is None else loads
    start = start or greedy(problem, loads)
    ends = time.monotonic() + seconds
    placed: dict[uuid.UUID, Placing] = {}
    saved = 0.0
    for part in _apart(loads):
        model = Model(problem, part)
        many = len(model.cells)
        if not many:  # nobody has room for any of it
            continue
        if many <= SMALL:
            cells, values, bound = whole(model, ends)
        else:
            cells, values, bound = relaxed(model, ends, start.placed)
        saved += bound
        placed.update(_rounded(problem, part, dict(model.read(cells, values))))
    nothing = sum(undone(task) for task in problem.tasks)
    return Plan(placed, Solver.OPTIMUM, total(problem, placed), nothing + saved)


_Given = Mapping[Load, tuple[int, int] | None]


def _rounded(problem: Problem, loads: Sequence[Load], given: _Given) -> dict[uuid.UUID, Placing]:
    """What was given whole stays where it can, a load that was split takes the cheapest that is left.

    The undone come at the end. A split load never takes its place from a more pressing band. Three orders are tried, of
    which each may be the best: of the queue; in each band the split ones last; in each band the largest first.
    """
    named = [load for load in loads if load in given]
    undone_last = [load for load in loads if load not in given]
    orders = [named]
    if any(where is None for where in given.values()):
        orders.append(
            sorted(named, key=lambda load: (_band(load), given[load] is None, _size(load)))
        )
        orders.append(
            sorted(named, key=lambda load: (_band(load), _size(load), given[load] is None))
        )
    tried = [_placed(problem, [*order, *undone_last], given) for order in orders]
    _, placed = min(tried, key=lambda one: one[0])
    return placed


def _band(load: Load) -> str:
    return load.tests[0].band.value


def _size(load: Load) -> int:
    return -len(load.tests)


def _placed(
    problem: Problem, loads: Iterable[Load], given: _Given
) -> tuple[float, dict[uuid.UUID, Placing]]:
    """Load by load; and what it costs."""
    ledger = Ledger(problem)
    placed: dict[uuid.UUID, Placing] = {}
    spent = 0.0
    for load in loads:
        best = given.get(load)
        if best is None or not ledger.open_to(load, *best):
            best = ledger.cheapest(load)
        if best is None:
            spent += load.undone
        else:
            ledger.take(load, *best)
            placed.update(load.placings(*best))
            spent += load.cost(*best)
    return spent, placed


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
