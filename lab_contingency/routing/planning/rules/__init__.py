"""Planning the whole queue: the problem, two ways to solve it, and what to say about each line."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lab_contingency.routing.planning.rules.checking import faults
from lab_contingency.routing.planning.rules.greedy import greedy
from lab_contingency.routing.planning.rules.loads import loads_of
from lab_contingency.routing.planning.rules.optimum import can_optimise, optimum
from lab_contingency.routing.planning.rules.problem import (
    HOURS,
    Option,
    Placing,
    Plan,
    Problem,
    Solver,
    Task,
)


def solve(problem: Problem) -> Plan:
    """The better of both plans: never worse than greedy, never one that breaks anything."""
    with _unswept():
        loads = loads_of(problem)
        first = greedy(problem, loads)
        best = optimum(problem, loads, first)
    if best is None:
        return first
    if best.cost > first.cost or faults(problem, best.placed):
        return replace(first, bound=best.bound)
    return best


@contextmanager
def _unswept() -> Iterator[None]:
    """Without looking for waste: of a hundred thousand small tuples, all in use, it is a tenth of the time."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


__all__ = [
    "HOURS", "Option", "Placing", "Plan", "Problem", "Solver", "Task", "can_optimise", "faults",
    "greedy", "loads_of", "optimum", "solve",
]  # fmt: skip
