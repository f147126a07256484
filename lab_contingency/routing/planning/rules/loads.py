"""Tests of one tube that go together: a load is done at one laboratory, begun in one hour.

A tube is one load wherever that is best. It is cut, before anything is planned, where no laboratory does all its tests
or where carrying an aliquot elsewhere brings results so much sooner that it is worth it (`ALIQUOT`).
"""

from __future__ import annotations

import itertools
import math
import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.routing.planning.rules.problem import (
    ALIQUOT,
    HOURS,
    WEIGHTS,
    Option,
    Placing,
    Problem,
    Task,
    cost,
    undone,
    weighed,
)

Units = tuple[tuple[Discipline, int], ...]


class Way(NamedTuple):
    """A load at one laboratory: the hours in which it can begin, and each test's weight and option there."""

    place: int
    first: int
    last: int
    tests: tuple[tuple[float, Option], ...]

    def cost(self, hour: int) -> float:
        """What it costs to begin in that hour; never less in a later one."""
        spent = 0.0
        for weight, option in self.tests:
            spent += weighed(weight, option, hour)
        return spent


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Tests that go together. `units`: places they take, by discipline; `bonds`: what must be at one laboratory.

    `ways`: by laboratory.
    """

    tests: tuple[Task, ...]
    units: Units
    ways: Mapping[int, Way]
    bonds: tuple[Hashable, ...]
    undone: float

    def cost(self, place: int, hour: int) -> float:
        """What it costs to begin there in that hour."""
        return self.ways[place].cost(hour)

    def placings(self, place: int, hour: int) -> Iterator[tuple[uuid.UUID, Placing]]:
        """Its tests at that laboratory in that hour."""
        for task, (_, option) in zip(self.tests, self.ways[place].tests, strict=True):
            yield task.id, Placing(option, hour)


def loads_of(problem: Problem) -> tuple[Load, ...]:
    """Everything of which anybody can do anything, the most pressing first."""
    tubes: dict[Hashable, list[Task]] = defaultdict(list)
    for task in problem.tasks:
        if task.options:
            tubes[task.tube].append(task)
    most = _most(problem)
    known: dict[object, tuple[_Part, ...]] = {}
    loads: list[Load] = []
    series = Counter(task.series for task in problem.tasks if task.options)
    several = {name for name, number in series.items() if name is not None and number > 1}
    for tests in tubes.values():
        alike = tuple((task.band, task.discipline, task.options) for task in tests)
        parts = known.get(alike)
        if parts is None:
            parts = known[alike] = tuple(
                part
                for numbers in _cut(tests)
                for part in _fitting([tests[number] for number in numbers], numbers, most)
            )
        loads += [_load(part, tests, several) for part in parts]
    return tuple(sorted(loads, key=_pressing))


class _Part(NamedTuple):
    """What is the same for every tube that is alike: which of its tests, and where they can be done together."""

    numbers: tuple[int, ...]
    units: Units
    ways: Mapping[int, Way]
    undone: float
    bound: bool


def _load(part: _Part, tube: Sequence[Task], several: Container[Hashable]) -> Load:
    tests = tuple(tube[number] for number in part.numbers)
    series = [task.series for task in tests if task.series in several]
    bonds = [("tube", tests[0].tube), *series] if part.bound else series
    return Load(tests, part.units, part.ways, tuple(bonds), part.undone)


def _pressing(load: Load) -> tuple[str, int, float, uuid.UUID]:
    """Band, then what can wait least, then what is needed soonest."""
    first = load.tests[0]
    latest = max((way.last + 1 for way in load.ways.values()), default=HOURS)
    return first.band.value, latest, min(task.due for task in load.tests), first.id


def _most(problem: Problem) -> Mapping[Discipline, int]:
    """The places of the largest hour of each discipline anywhere."""
    most: dict[Discipline, int] = defaultdict(int)
    for (_, discipline), rooms in problem.rooms.items():
        most[discipline] = max(most[discipline], *rooms)
    return most


def _fitting(
    tests: Sequence[Task], numbers: tuple[int, ...], most: Mapping[Discipline, int]
) -> Iterable[_Part]:
    """One part; or one a test, bound to the same laboratory, where no hour is large enough for all."""
    part = _part(tests, numbers)
    if len(tests) == 1 or all(number <= most[desk] for desk, number in part.units):
        return [part]
    return [
        _part([task], (number,), bound=True) for task, number in zip(tests, numbers, strict=True)
    ]


def _part(tests: Sequence[Task], numbers: tuple[int, ...], *, bound: bool = False) -> _Part:
    weights = [WEIGHTS[task.band] for task in tests]
    first, *others = _by_place(tests)
    ways = {}
    for place, option in first.items():
        options = (option, *(held[place] for held in others if place in held))
        if len(options) == len(tests):
            way = _way(place, tuple(zip(weights, options, strict=True)))
            if way is not None:
                ways[place] = way
    units = tuple(sorted(Counter(task.discipline for task in tests).items()))
    return _Part(numbers, units, ways, sum(undone(task) for task in tests), bound)


def _by_place(tests: Iterable[Task]) -> list[dict[int, Option]]:
    """Of each test what each laboratory can do."""
    return [{option.place: option for option in task.options} for task in tests]


def _way(place: int, held: tuple[tuple[float, Option], ...]) -> Way | None:
    """None where the last of the tests is ready after another has expired."""
    first, last = held[0][1].first, held[0][1].last
    for _, option in held[1:]:
        first, last = max(first, option.first), min(last, option.last)
    return Way(place, first, last, held) if first <= last else None


def _cut(tests: Sequence[Task]) -> tuple[tuple[int, ...], ...]:
    """Which tests of a tube go together, rooms aside: whole, or between two laboratories, or more."""
    everything = tuple(range(len(tests)))
    if len(tests) == 1:
        return (everything,)
    prices = _prices(tests)
    aliquot = max(WEIGHTS[task.band] for task in tests) * ALIQUOT
    best, spent = _between(prices, everything, aliquot)
    whole = min((sum(held) for held in prices.values()), default=math.inf)
    return (everything,) if whole <= spent else best


def _prices(tests: Sequence[Task]) -> Mapping[int, list[float]]:
    """By laboratory, what each test costs there at the earliest; infinite where it cannot be done."""
    prices: dict[int, list[float]] = {}
    for number, task in enumerate(tests):
        for option in task.options:
            held = prices.setdefault(option.place, [math.inf] * len(tests))
            held[number] = cost(task, option, option.first)
    return prices


def _between(
    prices: Mapping[int, list[float]], everything: tuple[int, ...], aliquot: float
) -> tuple[tuple[tuple[int, ...], ...], float]:
    """The best sharing between two laboratories; where two do not reach, the fewest that do."""
    best, spent = _cover(prices, everything), math.inf
    for one, other in itertools.combinations(prices, 2):
        summed = sum(map(min, prices[one], prices[other])) + aliquot
        if summed < spent:
            spent = summed
            here = tuple(n for n in everything if prices[one][n] <= prices[other][n])
            best = tuple(part for part in (here, _without(everything, here)) if part)
    return best, spent


def _cover(
    prices: Mapping[int, list[float]], everything: tuple[int, ...]
) -> tuple[tuple[int, ...], ...]:
    """Laboratory after laboratory, each taking all it can of what is left."""
    parts, left = [], everything
    while left:
        able = (tuple(n for n in left if held[n] < math.inf) for held in prices.values())
        part = max(able, key=len)
        parts.append(part)
        left = _without(left, part)
    return tuple(parts)


def _without(numbers: Iterable[int], taken: Iterable[int]) -> tuple[int, ...]:
    gone = set(taken)
    return tuple(number for number in numbers if number not in gone)
