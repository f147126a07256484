"""The loads as columns and rows, as a solver takes them.

Loads that are alike are one group with a number. A column says how many loads of a group begin at a laboratory in
an hour; rows say that no load is done twice, that no hour and no agreed day is over-booked, and that what is bound
together (a series) is at one laboratory.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.routing.planning.rules.loads import Load, Units, Way
from lab_contingency.routing.planning.rules.problem import Desk, Problem, room

_NEARLY_NOTHING = 1e-6

Row = list[tuple[int, float]]


@dataclass(slots=True)
class Model:
    """Columns and rows as the solver takes them; a column's cost is what it saves against not doing the load."""

    problem: Problem
    loads: Sequence[Load]
    groups: list[list[Load]] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    meaning: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        alike: dict[object, list[Load]] = defaultdict(list)
        reach = _Reach(self.problem, self.loads)
        for load in self.loads:
            alike[reach.key(load)].append(load)
        self.groups = list(alike.values())
        desks: dict[tuple[Desk, int], Row] = defaultdict(list)
        bonds: dict[Hashable, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for number, group in enumerate(self.groups):
            self._add(number, group, reach, desks, bonds)
        self._share(desks)
        self._bind(bonds)

    def _add(
        self,
        number: int,
        group: Sequence[Load],
        reach: _Reach,
        desks: Mapping[tuple[Desk, int], Row],
        bonds: Mapping[Hashable, Mapping[int, list[Row]]],
    ) -> None:
        load, many = group[0], len(group)
        once: Row = []
        for way in load.ways:
            hours = reach.hours(load, way)
            first = len(self.costs)
            here = [(column, 1.0) for column in range(first, first + len(hours))]
            self.costs += [spent - load.undone for _, spent in hours]
            self.most += [many] * len(hours)
            self.meaning += [(number, way.place, hour) for hour, _ in hours]
            for discipline, units in load.units:
                desk, taken = (way.place, discipline), float(units)
                for column, (hour, _) in enumerate(hours, first):
                    desks[desk, hour].append((column, taken))
            once += here
            for bond in load.bonds:
                bonds[bond][way.place].append(here)
        self._row(once, len(group))

    def _share(self, desks: Mapping[tuple[Desk, int], Row]) -> None:
        """Places of each hour, slots of each day."""
        days: dict[tuple[Desk, int], Row] = defaultdict(list)
        for (desk, hour), row in desks.items():
            self._row(row, self.problem.rooms[desk][hour])
            if desk in self.problem.slots:
                days[desk, self.problem.days[hour]] += row
        for (desk, day), row in days.items():
            self._row(row, max(self.problem.slots[desk][day], 0))

    def _bind(self, bonds: Mapping[Hashable, Mapping[int, list[Row]]]) -> None:
        """What is bound together is at the one laboratory that is chosen for it."""
        for places in bonds.values():
            chosen: Row = []
            for rows in places.values():
                column = self._column(0.0, 1)
                self.meaning.append((-1, 0, 0))
                chosen.append((column, 1.0))
                for row in rows:
                    self._row([*row, (column, -1.0)], 0.0)
            self._row(chosen, 1.0)

    def read(self, values: Sequence[float]) -> Iterable[tuple[Load, tuple[int, int] | None]]:
        """The laboratory and hour that the solution gives each load whole; None for one that it split.

        Of loads that are alike the most pressing begins first. A load that is not named is not done.
        """
        given: dict[int, list[tuple[int, int]]] = defaultdict(list)
        split: dict[int, float] = defaultdict(float)
        for (number, place, hour), value in zip(self.meaning, values, strict=True):
            if number >= 0 and value > _NEARLY_NOTHING:
                whole = int(value + _NEARLY_NOTHING)
                given[number] += [(hour, place)] * whole
                split[number] += value - whole
        for number, group in enumerate(self.groups):
            hours = sorted(given[number])
            parts = math.ceil(split[number] - _NEARLY_NOTHING)
            for load, (hour, place) in zip(group, hours, strict=False):
                yield load, (place, hour)
            for load in group[len(hours) : len(hours) + parts]:
                yield load, None

    def _column(self, saved: float, most: int) -> int:
        self.costs.append(saved)
        self.most.append(most)
        return len(self.costs) - 1

    def _row(self, row: Row, limit: float) -> None:
        self.rows.append(row)
        self.limits.append(limit)


class _Reach:
    """The last hour at a laboratory that any plan needs for a load.

    Waiting never costs less, so no plan has to begin a load while an earlier hour has room for it. An hour without
    room is filled by what comes to one of the load's desks, up to the size of the largest load; when all that
    could come is spent, no further hour can be full.
    """

    def __init__(self, problem: Problem, loads: Iterable[Load]) -> None:
        self._problem = problem
        self._coming: dict[Desk, int] = defaultdict(int)
        self._largest: dict[Desk, int] = defaultdict(int)
        for load in loads:
            for way in load.ways:
                for discipline, number in load.units:
                    desk = (way.place, discipline)
                    self._coming[desk] += number
                    self._largest[desk] = max(self._largest[desk], number)
        self._ends: dict[tuple[int, tuple[Discipline, ...], int], int] = {}
        self._open: dict[tuple[int, Units], list[bool]] = {}

    def key(self, load: Load) -> object:
        """What makes loads alike, hours beyond reach left out; one with bonds is like no other."""
        if load.bonds:
            return load.tests[0].id
        ways = tuple(
            (way.place, way.first, way.costs[: self._long(load, way)]) for way in load.ways
        )
        return load.units, load.undone, ways

    def hours(self, load: Load, way: Way) -> list[tuple[int, float]]:
        """The hours with room, within reach, with what they cost."""
        key = (way.place, load.units)
        if key not in self._open:
            self._open[key] = [
                all(room(self._problem, (way.place, desk), hour) >= n for desk, n in load.units)
                for hour in range(len(self._problem.days))
            ]
        open_in = self._open[key]
        reached = enumerate(way.costs[: self._long(load, way)], way.first)
        return [(hour, spent) for hour, spent in reached if open_in[hour]]

    def _long(self, load: Load, way: Way) -> int:
        disciplines = tuple(discipline for discipline, _ in load.units)
        key = (way.place, disciplines, way.first)
        if key not in self._ends:
            desks = [(way.place, discipline) for discipline in disciplines]
            self._ends[key] = self._end(desks, way.first)
        return self._ends[key] - way.first + 1

    def _end(self, desks: Sequence[Desk], first: int) -> int:
        hours = len(self._problem.days)
        if any(desk in self._problem.slots for desk in desks):
            return hours - 1
        coming, filled = sum(self._coming[desk] for desk in desks), 0
        for hour in range(first, hours):
            needed = (room(self._problem, desk, hour) - self._largest[desk] + 1 for desk in desks)
            filled += max(min(needed), 0)
            if filled > coming:
                return hour
        return hours - 1
