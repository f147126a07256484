"""The most pressing load first, each where it costs least then. Always there; what it gives away the optimum finds."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Sequence

from lab_contingency.routing.planning.rules.loads import Load, Way, loads_of
from lab_contingency.routing.planning.rules.problem import Placing, Plan, Problem, Solver, total


def greedy(problem: Problem, loads: Sequence[Load] | None = None) -> Plan:
    """A plan that breaks nothing, in one pass."""
    ledger = Ledger(problem)
    placed: dict[uuid.UUID, Placing] = {}
    for load in loads_of(problem) if loads is None else loads:
        best = ledger.cheapest(load)
        if best is not None:
            ledger.take(load, *best)
            placed.update(load.placings(*best))
    return Plan(placed, Solver.GREEDY, total(problem, placed))


class Ledger:
    """The places and slots that are left while a plan is made, and where each bond is done."""

    def __init__(self, problem: Problem) -> None:
        self._days = problem.days
        self._rooms = {desk: list(held) for desk, held in problem.rooms.items()}
        self._full_until = {desk: _full_until(held, 0) for desk, held in problem.rooms.items()}
        self._slots = {desk: list(held) for desk, held in problem.slots.items()}
        self._bound: dict[Hashable, int] = {}

    def cheapest(self, load: Load) -> tuple[int, int] | None:
        """The laboratory and hour that cost least now; None when nobody has room."""
        found: tuple[float, int, int] | None = None
        for way in load.ways.values():
            if load.bonds and not self._allowed(load, way.place):
                continue
            hour = self._first_free(load, way)
            if hour is not None:  # no later hour costs less
                spent = way.cost(hour)
                if found is None or spent < found[0]:
                    found = (spent, way.place, hour)
        return found[1:] if found else None

    def _first_free(self, load: Load, way: Way) -> int | None:
        """The first hour with room at each of its desks."""
        begin, needed = way.first, []
        for discipline, number in load.units:
            desk = (way.place, discipline)
            if desk not in self._rooms:
                return None
            begin = max(begin, self._full_until[desk])
            needed.append((number, self._rooms[desk], self._slots.get(desk)))
        for hour in range(begin, way.last + 1):
            for number, rooms, slots in needed:
                no_slot = slots is not None and slots[self._days[hour]] < number
                if no_slot or rooms[hour] < number:
                    break
            else:
                return hour
        return None

    def fits(self, load: Load, place: int, hour: int) -> bool:
        """Whether all its tests have a place in that hour, and a slot that day."""
        for discipline, number in load.units:
            desk = (place, discipline)
            rooms, slots = self._rooms.get(desk), self._slots.get(desk)
            if rooms is None or rooms[hour] < number:
                return False
            if slots is not None and slots[self._days[hour]] < number:
                return False
        return True

    def take(self, load: Load, place: int, hour: int) -> None:
        """The places are given."""
        for discipline, number in load.units:
            desk = (place, discipline)
            rooms = self._rooms[desk]
            rooms[hour] -= number
            self._full_until[desk] = _full_until(rooms, self._full_until[desk])
            if desk in self._slots:
                self._slots[desk][self._days[hour]] -= number
        for bond in load.bonds:
            self._bound[bond] = place

    def open_to(self, load: Load, place: int, hour: int) -> bool:
        """Whether it can begin there then: room, and its bonds allow the place."""
        return self._allowed(load, place) and self.fits(load, place, hour)

    def _allowed(self, load: Load, place: int) -> bool:
        return all(self._bound.get(bond, place) == place for bond in load.bonds)


def _full_until(rooms: Sequence[int], hour: int) -> int:
    """The first hour from that one on that has any room: none comes back, so nobody has to look before it again."""
    while hour < len(rooms) and rooms[hour] <= 0:
        hour += 1
    return hour
