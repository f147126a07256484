"""The loads as groups and cells, as a solver is told of them. Only the solver's own path comes here.

Loads that are alike are one group with a number. Everything that every group could do is one array, groups ×
laboratories × hours: a queue of thousands has hundreds of thousands of such cells. A cell's number is its place in
that array.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from lab_contingency.routing.planning.rules.desks import Array, Desks
from lab_contingency.routing.planning.rules.loads import Load
from lab_contingency.routing.planning.rules.problem import LATE, LONGEST, Placed, Problem

NEARLY_NOTHING = 1e-6


class Model:
    """Groups and cells. A cell's cost is what it saves against not doing the load; infinite: it cannot be.

    `costs`: groups × laboratories × hours; `most`: loads in each group; `kinds`: as `desks` knows them, of each group.
    """

    def __init__(self, problem: Problem, loads: Sequence[Load]) -> None:
        self.np = np = importlib.import_module("numpy")
        shared: dict[int, list[int]] = defaultdict(list)
        for number, load in enumerate(loads):
            shared[id(load.ways)].append(number)
        lots = list(shared.values())
        lines = [loads[numbers[0]] for numbers in lots]
        self.desks = Desks(np, problem, lines)
        counts = np.array([float(len(numbers)) for numbers in lots])
        saved = self.desks.within_reach(_saved(np, problem, lines), counts)
        alike: dict[Hashable, tuple[int, list[int]]] = {}
        for line, numbers in enumerate(lots):
            known = int(self.desks.kinds[line]), lines[line].undone, saved[line].tobytes()
            for number in numbers:
                own = number if loads[number].bonds else None
                alike.setdefault((own, known), (line, []))[1].append(number)
        self.groups = [[loads[number] for number in sorted(held)] for _, held in alike.values()]
        self.most = np.array([float(len(group)) for group in self.groups])
        firsts = [line for line, _ in alike.values()]
        self.costs, self.kinds = saved[firsts], self.desks.kinds[firsts]

    @property
    def cells(self) -> Array:
        """The numbers of all cells that can be."""
        return self.np.flatnonzero(self.costs.ravel() < self.np.inf)

    def used_by(self, placed: Placed) -> Array:
        """The numbers of the cells that a plan uses."""
        np = self.np
        used = [
            (number, placing.option.place, placing.hour)
            for number, group in enumerate(self.groups)
            for load in group
            if (placing := placed.get(load.tests[0].id)) is not None
        ]
        where = np.array(used, dtype=int).reshape(-1, 3).T
        cells = np.unique(np.ravel_multi_index(tuple(where), self.costs.shape))
        return cells[self.costs.ravel()[cells] < np.inf]

    def read(self, cells: Array, values: Array) -> Iterable[tuple[Load, tuple[int, int] | None]]:
        """The laboratory and hour that the solution gives each load whole; None for one that it split.

        Of loads that are alike the most pressing begins first. A load that is not named is not done.
        """
        np = self.np
        taken = values > NEARLY_NOTHING
        given: dict[int, list[tuple[int, int]]] = defaultdict(list)
        split: dict[int, float] = defaultdict(float)
        where = (each.tolist() for each in np.unravel_index(cells[taken], self.costs.shape))
        for number, place, hour, value in zip(*where, values[taken].tolist(), strict=True):
            whole = int(value + NEARLY_NOTHING)
            given[number] += [(hour, place)] * whole
            split[number] += value - whole
        for number in sorted(given):
            group, hours = self.groups[number], sorted(given[number])
            parts = int(np.ceil(split[number] - NEARLY_NOTHING))
            for load, (hour, place) in zip(group, hours, strict=False):
                yield load, (place, hour)
            for load in group[len(hours) : len(hours) + parts]:
                yield load, None


def _saved(np: Any, problem: Problem, loads: Sequence[Load]) -> Array:
    """Loads × laboratories × hours: `Way.cost` less what it costs not to do the load."""
    table = np.array(
        [
            (number, way.place, way.first, way.last, weight, *option[3:])
            for number, load in enumerate(loads)
            for way in load.ways.values()
            for weight, option in way.tests
        ]
    ).reshape(-1, 9)
    numbers, places = table[:, 0].astype(int), table[:, 1].astype(int)
    first, last, weight, in_time, ready, takes, effort = table[:, 2:, None].transpose(1, 0, 2)
    hours = np.arange(len(problem.days))
    waited = np.minimum(np.maximum(ready, hours) + takes, LONGEST)
    each = weight * (waited + np.where(hours > in_time, LATE, 0.0) + effort)
    each[(hours < first) | (hours > last)] = np.inf
    saved = np.full((len(loads), len(problem.places), len(hours)), np.inf)
    if len(table):
        ways = np.flatnonzero(np.diff(numbers * len(problem.places) + places, prepend=-1))
        undone = np.array([load.undone for load in loads])[numbers[ways], None]
        saved[numbers[ways], places[ways]] = np.add.reduceat(each, ways, axis=0) - undone
    return saved
