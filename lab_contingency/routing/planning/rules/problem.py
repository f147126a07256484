"""The queue as a problem to be solved: what waits, who can do it in which hour, and what that costs.

Hours are counted from the start of the hour in which the plan is made: hour 0 is the one that runs.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.requests.rules.bands import Band

# Beyond a day nobody can say what room there will be.
HOURS = 24
# One hour of waiting, by band. A step is larger than UNDONE: a test of a higher band comes an hour
# sooner even if one of the next band is then not done at all. See ADR 0025.
WEIGHTS: Mapping[Band, float] = {Band.P1: 216_000, Band.P2: 3_600, Band.P3: 60, Band.P4: 1}
LONGEST = 36.0  # hours that count of waiting and turnaround together
LATE = 8.0  # a result after it is needed: as bad as so many hours more
UNDONE = 48.0  # not done at all: worse than the latest result
ALIQUOT = 2.0  # each further laboratory for one tube


class Option(NamedTuple):
    """One laboratory for one test.

    `first` to `last`: the hours in which work can begin before the sample expires, rooms aside.
    `in_time`: the last of them whose result is in time, -1 for none. `ready`, `takes`: from the start
    until work can begin, and from there to the result, in hours. `effort`: what speaks against the
    place besides time, in hours: carried there, a partner's, chosen elsewhere before.
    """

    place: int
    first: int
    last: int
    in_time: int
    ready: float
    takes: float
    effort: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One waiting test. Tests of one `tube` go together where they can, of one `series` always.

    `due`: in hours, for the order alone. `options`: one a laboratory at most; none: nobody can.
    """

    id: uuid.UUID
    tube: Hashable
    discipline: Discipline
    band: Band
    due: float
    options: tuple[Option, ...]
    series: Hashable | None = None


Desk = tuple[int, Discipline]
"""One discipline of one laboratory: what has places and slots of its own."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan must keep to.

    `rooms`: places left, by hour; `slots`: agreed tests left, by day, where a number was agreed;
    `days`: the London day each hour lies in, counted from 0.
    """

    start: dt.datetime
    places: tuple[str, ...]
    tasks: tuple[Task, ...]
    rooms: Mapping[Desk, tuple[int, ...]]
    slots: Mapping[Desk, tuple[int, ...]]
    days: tuple[int, ...]


class Placing(NamedTuple):
    """Where a test is done, and in which hour work begins."""

    option: Option
    hour: int

    @property
    def late(self) -> bool:
        """Whether its result comes after it is needed."""
        return self.hour > self.option.in_time


Placed = Mapping[uuid.UUID, Placing]


class Solver(enum.StrEnum):
    """Who made a plan."""

    GREEDY = "most pressing first"
    OPTIMUM = "whole queue at once"


@dataclass(frozen=True, slots=True)
class Plan:
    """A solution. A test that is not `placed` is done by nobody. `bound`: no plan costs less; None: not known."""

    placed: Placed
    solver: Solver
    cost: float
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """How far the best plan could be below this one, as a share of this one's cost."""
        if self.bound is None:
            return None
        return max(self.cost - self.bound, 0.0) / self.cost if self.cost else 0.0


def cost(task: Task, option: Option, hour: int) -> float:
    """What it costs to do the test there in that hour; never less in a later hour."""
    return weighed(WEIGHTS[task.band], option, hour)


def weighed(weight: float, option: Option, hour: int) -> float:
    """`cost` for a test of that weight."""
    waited = min(max(option.ready, hour) + option.takes, LONGEST)
    late = LATE if hour > option.in_time else 0.0
    return weight * (waited + late + option.effort)


def undone(task: Task) -> float:
    """What it costs that nobody does the test."""
    return WEIGHTS[task.band] * UNDONE


def total(problem: Problem, placed: Placed) -> float:
    """What a plan costs."""
    summed = 0.0
    places: dict[Hashable, set[int]] = defaultdict(set)
    weights: dict[Hashable, float] = {}
    for task in problem.tasks:
        placing = placed.get(task.id)
        if placing is None:
            summed += undone(task)
            continue
        summed += cost(task, placing.option, placing.hour)
        places[task.tube].add(placing.option.place)
        weights[task.tube] = max(weights.get(task.tube, 0.0), WEIGHTS[task.band])
    return summed + sum((len(held) - 1) * ALIQUOT * weights[tube] for tube, held in places.items())


def room(problem: Problem, desk: Desk, hour: int) -> int:
    """Places left at a desk in an hour."""
    rooms = problem.rooms.get(desk, ())
    return rooms[hour] if 0 <= hour < len(rooms) else 0
