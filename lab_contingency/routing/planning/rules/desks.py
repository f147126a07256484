"""Desks as rows: what an hour has room for, and what was agreed for a day.

A desk is one discipline of one laboratory. The rows are disciplines × laboratories × hours, then disciplines ×
laboratories × days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.routing.planning.rules.loads import Load, Units
from lab_contingency.routing.planning.rules.problem import Problem, room

Array = Any  # numpy is an extra, and has no types where it is not installed


class Desks:
    """The places and slots of the disciplines that the loads ask for.

    `kinds`: of each load, which of the distinct sets of units it takes; `limits`: of the rows.
    """

    def __init__(self, np: Any, problem: Problem, loads: Sequence[Load]) -> None:
        self._np = np
        known: dict[Units, int] = {}
        self.kinds = np.array([known.setdefault(load.units, len(known)) for load in loads])
        disciplines = sorted({discipline for units in known for discipline, _ in units})
        held = [dict(units) for units in known]
        self._units = np.array([[float(one.get(each, 0)) for each in disciplines] for one in held])
        self._days = np.array(problem.days)
        self._rooms = _rooms(np, problem, disciplines)
        self._slots = _slots(np, problem, disciplines)
        self.limits = np.concatenate([self._rooms.ravel(), self._slots.ravel()])

    def entries(self, kinds: Array, places: Array, hours: Array) -> tuple[Array, Array, Array]:
        """What cells of these kinds take: the number of the cell here, the row, how much."""
        np = self._np
        taken = self._units[kinds]
        numbers, desks = np.nonzero(taken)
        values = taken[numbers, desks]
        at = desks * self._rooms.shape[1] + places[numbers]
        when = hours[numbers]
        by_hour = at * self._rooms.shape[2] + when
        by_day = self._rooms.size + at * self._slots.shape[2] + self._days[when]
        return np.tile(numbers, 2), np.concatenate([by_hour, by_day]), np.tile(values, 2)

    def charged(self, prices: Array) -> Array:
        """Kinds × laboratories × hours: what each kind of load pays there at these prices of the rows."""
        np = self._np
        by_hour = prices[: self._rooms.size].reshape(self._rooms.shape)
        by_day = prices[self._rooms.size : len(self.limits)].reshape(self._slots.shape)
        return np.einsum("kd,dph->kph", self._units, by_hour + by_day[:, :, self._days])

    def within_reach(self, saved: Array, counts: Array) -> Array:
        """Without the hours that have no room, and without those that no plan needs. `counts`: loads behind each line.

        Waiting never costs less, so no plan has to begin a load while an earlier hour has room for it. An hour without
        room is filled by what comes to one of the load's desks, up to the size of the largest load; when all that
        could come is spent, no further hour can be full.
        """
        np = self._np
        kinds = self.kinds
        able = saved.min(axis=2) < np.inf
        coming = (able * counts[:, None]).T @ self._units[kinds]  # laboratories × disciplines
        first = (saved < np.inf).argmax(axis=2)
        largest = np.zeros_like(coming)
        for kind, units in enumerate(self._units):
            here = able[kinds == kind].any(axis=0)
            largest = np.maximum(largest, here[:, None] * units)
        room_left = self._rooms - largest.T[:, :, None] + 1
        hours = np.arange(saved.shape[2])
        for kind, units in enumerate(self._units):
            desks = np.flatnonzero(units)
            of_kind = np.flatnonzero(kinds == kind)
            closed = (self._rooms[desks] < units[desks, None, None]).any(axis=0)
            filled = np.maximum(room_left[desks].min(axis=0), 0.0).cumsum(axis=1)
            for place in range(saved.shape[1]):
                cells = saved[of_kind, place]
                cells[:, closed[place]] = np.inf
                if not (self._slots[desks, place] < np.inf).any():
                    begins = first[of_kind, place]
                    before = np.append(0.0, filled[place])[begins]
                    spent = coming[place, desks].sum() + before
                    ends = np.searchsorted(filled[place], spent, side="right")
                    cells[hours > ends[:, None]] = np.inf
                saved[of_kind, place] = cells
        return saved


def _rooms(np: Any, problem: Problem, disciplines: Sequence[Discipline]) -> Array:
    return np.array(
        [
            [
                [float(room(problem, (place, each), hour)) for hour in range(len(problem.days))]
                for place in range(len(problem.places))
            ]
            for each in disciplines
        ]
    )


def _slots(np: Any, problem: Problem, disciplines: Sequence[Discipline]) -> Array:
    """Infinite where no number was agreed."""
    days = range(max(problem.days) + 1)
    slots = np.full((len(disciplines), len(problem.places), len(days)), np.inf)
    for number, each in enumerate(disciplines):
        for place in range(len(problem.places)):
            agreed = problem.slots.get((place, each))
            if agreed is not None:
                slots[number, place] = [
                    max(agreed[day], 0) if day < len(agreed) else 0 for day in days
                ]
    return slots
