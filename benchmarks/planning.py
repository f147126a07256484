"""Planning two thousand tubes for twelve laboratories: the whole queue at once beside most pressing first (goal 14).

The gap is measured against the proved bound of the same run. Several seeds, in processor time, since the queue is
planned by one thread and the machine may have other work.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.timing import Line
from lab_contingency.routing.planning.rules import (
    Plan,
    Problem,
    faults,
    greedy,
    optimum,
    solve,
)
from tests.factories.planning import Size, a_problem

TUBES, PLACES, SEEDS = 2000, 12, 3
_SCARCE = (1.3, 1.0, 0.8)


def run() -> list[Line]:
    """Plain queues (one test a tube, no series, no slots), then with every constraint."""
    return [*_measured(plain=True), *_measured(plain=False)]


def _measured(*, plain: bool) -> list[Line]:
    word = "plain" if plain else "every constraint"
    sizes = [
        (seed, Size(TUBES, PLACES, scarce=scarce, plain=plain))
        for seed in range(SEEDS)
        for scarce in _SCARCE
    ]
    optimum(a_problem(*sizes[0]))  # the solver's library is loaded once a process
    held = [_one(a_problem(*size)) for size in sizes]
    spent = sorted(one.seconds for one in held)
    note = (
        f"median {_percent(sorted(one.gap for one in held)[len(held) // 2])}; greedy "
        f"{_percent(max(one.greedy for one in held))} at most; "
        f"{sum(one.broken for one in held)} plans broke a rule"
    )
    worse, gap = max(one.to_greedy for one in held), max(one.gap for one in held) * 100
    return [
        Line(f"plan {word}: seconds, slowest", spent[-1], 0.5, note=f"median {spent[len(spent) // 2]:.2f} s"),
        Line(f"plan {word}: cost to greedy’s", worse, 1.0, note=f"never worse; {len(held)} queues"),
        Line(f"plan {word}: gap to the bound, per cent", gap, 0.0 if plain else 12.0, note=note),
    ]  # fmt: skip


class _One(NamedTuple):
    """One queue, solved both ways: seconds, gaps of the plan and of greedy, cost to greedy's, any rule broken."""

    seconds: float
    gap: float
    greedy: float
    to_greedy: float
    broken: bool


def _one(problem: Problem) -> _One:
    plan, seconds = _timed(solve, problem)
    first = greedy(problem)
    left = (first.cost - plan.bound) / first.cost if plan.bound else 0.0
    broken = bool(faults(problem, plan.placed))
    return _One(seconds, plan.gap or 0.0, left, plan.cost / first.cost, broken)


def _timed(solver: Callable[[Problem], Plan], problem: Problem) -> tuple[Plan, float]:
    gc.collect()  # what making the queue left behind is none of the solver's time
    began = time.process_time()
    return solver(problem), time.process_time() - began


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
