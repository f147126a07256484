"""Plans of made-up queues: nothing is ever broken, small ones are the best there are, greedy is never beaten by it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from lab_contingency.requests.rules.bands import Band
from lab_contingency.routing.planning.rules import (
    Placing,
    Plan,
    Problem,
    Solver,
    faults,
    greedy,
    loads_of,
    optimum,
    solve,
)
from lab_contingency.routing.planning.rules.problem import WEIGHTS, cost, total, undone
from tests.factories.planning import Size, a_problem

pytestmark = pytest.mark.feature(93)

SMALL = Size(tubes=3, places=2, hours=3)
NIGHT = Size(tubes=80, places=4)
SCARCE = (1.5, 1.0, 0.6)


def best_by_trying(problem: Problem) -> float:
    """The cost of the best of all plans, each tried that could still be better than the best so far."""
    loads, best = loads_of(problem), [math.inf]
    nobody = sum(undone(task) for task in problem.tasks if not task.options)

    def go_on(number: int, chosen: list, spent: float) -> None:
        if spent >= best[0]:
            return
        if number == len(loads):
            placed = dict(
                pair
                for load, where in zip(loads, chosen, strict=True)
                if where
                for pair in load.placings(*where)
            )
            if _bound(loads, chosen) and not faults(problem, placed):
                best[0] = min(best[0], total(problem, placed))
            return
        load = loads[number]
        for way in load.ways.values():
            for hour in range(way.first, way.last + 1):
                go_on(number + 1, [*chosen, (way.place, hour)], spent + way.cost(hour))
        go_on(number + 1, [*chosen, None], spent + load.undone)

    go_on(0, [], nobody)
    return best[0]


def _bound(loads, chosen) -> bool:
    """Whether what is bound together is at one laboratory."""
    places: dict = {}
    for load, where in zip(loads, chosen, strict=True):
        for bond in load.bonds if where else ():
            if places.setdefault(bond, where[0]) != where[0]:
                return False
    return True


@pytest.mark.parametrize("part", range(10))
def test_small_queues_are_planned_as_well_as_trying_every_plan_would(part):
    for seed in range(part * 21, part * 21 + 21):
        scarce = SCARCE[seed % len(SCARCE)]
        problem = a_problem(seed, replace(SMALL, scarce=scarce, tubes=2 + seed % 2))
        plan = optimum(problem)
        if plan is None:
            raise AssertionError("the solver is not installed")
        assert plan.cost == pytest.approx(best_by_trying(problem)), seed
        assert faults(problem, plan.placed) == ()


@pytest.mark.hazard("H14")
@pytest.mark.hazard("H20")
@pytest.mark.hazard("H30")
@pytest.mark.parametrize("solver", [greedy, optimum, solve])
@pytest.mark.parametrize("scarce", SCARCE)
def test_no_plan_breaks_menu_hours_capacity_slots_stability_or_series(solver, scarce):
    for seed in range(4):
        problem = a_problem(seed, replace(NIGHT, scarce=scarce))
        plan = solver(problem)
        assert plan.placed
        assert faults(problem, plan.placed) == ()


@pytest.mark.parametrize("scarce", SCARCE)
def test_the_whole_queue_at_once_is_never_worse_than_the_most_pressing_first(scarce):
    for seed in range(8):
        problem = a_problem(seed, replace(NIGHT, scarce=scarce, tubes=40 + seed * 20))
        first, best = greedy(problem), solve(problem)
        assert best.cost <= first.cost
        assert best.bound is not None
        assert best.bound <= best.cost * (1 + 1e-9)


@pytest.mark.parametrize("scarce", SCARCE)
def test_one_test_a_tube_is_planned_without_any_gap(scarce):
    for seed in range(3):
        problem = a_problem(seed, Size(250, 6, scarce=scarce, plain=True))
        plan = solve(problem)
        assert plan.gap == pytest.approx(0, abs=1e-6)


@pytest.mark.hazard("H20")
def test_every_kind_of_fault_is_seen():
    problem = a_problem(3, replace(NIGHT, scarce=0.6))
    placed = dict(greedy(problem).placed)
    assert faults(problem, placed) == ()
    crowded = {}
    for task in problem.tasks:
        if task.options:
            crowded[task.id] = Placing(task.options[0], task.options[0].first)
    said = " ".join(faults(problem, crowded))
    assert "places" in said
    assert "agreed" in said or not problem.slots
    task_id, placing = next(iter(placed.items()))
    early = {task_id: Placing(placing.option, placing.option.last + 1)}
    assert "expired by then" in faults(problem, early)[0]
    foreign = {task_id: Placing(placing.option._replace(place=99), placing.hour)}
    assert "cannot do it" in faults(problem, foreign)[0]
    serial = [task for task in problem.tasks if task.series is not None and len(task.options) > 1]
    pair = [t for t in serial if t.series == serial[0].series][:2]
    apart = {one.id: Placing(one.options[n], one.options[n].first) for n, one in enumerate(pair)}
    assert any("one series" in each for each in faults(problem, apart))


def waits_for(problem: Problem, plan: Plan) -> list[str]:
    """Each P1 test that waits while one of P3 or P4 has an hour that it could have had."""
    tasks = {task.id: task for task in problem.tasks}
    low = {
        (placing.option.place, tasks[task_id].discipline, placing.hour)
        for task_id, placing in plan.placed.items()
        if tasks[task_id].band in (Band.P3, Band.P4)
    }
    alone = {
        load.tests[0].id for load in loads_of(problem) if len(load.tests) == 1 and not load.bonds
    }
    found = []
    for task_id, placing in plan.placed.items():
        task = tasks[task_id]
        if task.band is Band.P1 and task_id in alone:
            hours = range(placing.option.first, placing.hour)
            found += [
                str(task_id)
                for hour in hours
                if (placing.option.place, task.discipline, hour) in low
            ]
    return found


@pytest.mark.parametrize("solver", [greedy, optimum])
def test_p1_never_waits_for_p3_or_p4(solver):
    for seed in range(5):
        problem = a_problem(seed, replace(NIGHT, scarce=0.6))
        assert waits_for(problem, solver(problem)) == []


def test_an_hour_of_a_band_weighs_more_than_a_test_of_the_next_not_done():
    problem = a_problem(1, NIGHT)
    by_band = {task.band: task for task in problem.tasks}
    for higher, lower in itertools.pairwise(Band):
        assert WEIGHTS[higher] > undone(by_band[lower])


def test_waiting_never_costs_less_and_being_done_late_beats_not_being_done():
    for task in a_problem(2, NIGHT).tasks:
        for option in task.options:
            costs = [cost(task, option, hour) for hour in range(option.first, option.last + 1)]
            assert costs == sorted(costs)
            assert costs[-1] < undone(task)


def test_without_the_solver_the_greedy_plan_stands(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "highspy" else find(name)
    )
    plan = solve(a_problem(1, NIGHT))
    assert plan.solver is Solver.GREEDY
    assert plan.gap is None


def test_a_tube_stays_together_where_one_laboratory_does_all_of_it_as_well():
    problem = a_problem(5, Size(200, 5, scarce=3.0))
    placed = solve(problem).placed
    places: dict = {}
    for task in problem.tasks:
        if task.id in placed and task.series is None:
            places.setdefault(task.tube, []).append((task, placed[task.id].option.place))
    for tests in places.values():
        if len({place for _, place in tests}) > 1:
            shared = set.intersection(*({o.place for o in task.options} for task, _ in tests))
            whole = [sum(_first_cost(task, place) for task, _ in tests) for place in shared]
            split = sum(_first_cost(task, place) for task, place in tests)
            assert not whole or min(whole) > split


def _first_cost(task, place):
    option = next(one for one in task.options if one.place == place)
    return cost(task, option, option.first)
