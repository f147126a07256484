"""Planning two thousand tubes for twelve laboratories: the whole queue at once beside most pressing first (goal 14).

The gap is measured against the proved bound of the same run. Several seeds, in processor time, since the queue is
planned by one thread and the machine may have other work.
"""

from __future__ import annotations

import time
from collections.abc import Callable

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
    problems = [
        a_problem(seed, Size(TUBES, PLACES, scarce=scarce, plain=plain))
        for seed in range(SEEDS)
        for scarce in _SCARCE
    ]
    optimum(problems[0])  # the solver's library is loaded once a process
    solved = [_timed(solve, problem) for problem in problems]
    first = [_timed(greedy, problem) for problem in problems]
    gaps = [plan.gap or 0.0 for plan, _ in solved]
    worse = max(plan.cost / other.cost for (plan, _), (other, _) in zip(solved, first, strict=True))
    left = [_gap(other, plan.bound) for (plan, _), (other, _) in zip(solved, first, strict=True)]
    broken = sum(
        bool(faults(problem, plan.placed))
        for problem, (plan, _) in zip(problems, solved, strict=True)
    )
    slowest = max(spent for _, spent in solved)
    middle = sorted(spent for _, spent in solved)[len(solved) // 2]
    note = f"greedy {_percent(max(left))} at most; {broken} plans broke a rule"
    return [
        Line(f"plan {word}: seconds, slowest", slowest, 0.5, note=f"median {middle:.2f} s"),
        Line(f"plan {word}: cost to greedy’s", worse, 1.0, note=f"never worse; {len(problems)} queues"),
        Line(f"plan {word}: gap to the bound, per cent", max(gaps) * 100, 0.0 if plain else 5.0, note=note),
    ]  # fmt: skip


def _timed(solver: Callable[[Problem], Plan], problem: Problem) -> tuple[Plan, float]:
    began = time.process_time()
    return solver(problem), time.process_time() - began


def _gap(plan: Plan, bound: float | None) -> float:
    return (plan.cost - bound) / plan.cost if bound else 0.0


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
