"""The loads as columns and rows, as a solver takes them. Only the solver's own path comes here: `numpy` comes with it.

Loads that are alike are one group with a number. A column says how many loads of a group begin at a laboratory in
an hour; rows say that no load is done twice, that no hour and no agreed day is over-booked, and that what is bound
together (a series) is at one laboratory.

Everything that every group could do is one array, groups × laboratories × hours: a queue of thousands has hundreds of
thousands of such cells, of which a solver is handed a tenth. A cell's number is its place in that array; the numbers
behind the last cell are the laboratories that a bond may choose.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from lab_contingency.catalogue.rules.vocabulary import Discipline
from lab_contingency.routing.planning.rules.loads import Load, Units
from lab_contingency.routing.planning.rules.problem import LATE, LONGEST, Problem, room

NEARLY_NOTHING = 1e-6

Array = Any  # numpy is an extra, and has no types where it is not installed


class Model:
    """Groups, cells and rows. A cell's cost is what it saves against not doing the load; infinite: it cannot be.

    `costs`: groups × laboratories × hours; `most`: loads in each group; `limits`: of the rows.
    """

    def __init__(self, problem: Problem, loads: Sequence[Load]) -> None:
        self.np = np = importlib.import_module("numpy")
        self._days = np.array(problem.days)
        desks = _Desks(np, problem, loads)
        saved = desks.within_reach(_saved(np, problem, loads))
        alike: dict[Hashable, list[int]] = defaultdict(list)
        for number, load in enumerate(loads):
            own = load.tests[0].id if load.bonds else saved[number].tobytes()
            alike[desks.kinds[number], load.undone, own].append(number)
        self.groups = [[loads[number] for number in numbers] for numbers in alike.values()]
        firsts = [numbers[0] for numbers in alike.values()]
        self.costs = saved[firsts]
        self.most = np.array([float(len(group)) for group in self.groups])
        self._kinds = np.array(desks.kinds)[firsts]
        self._units = desks.units
        self._bonds = _Bonds(np, self.groups, self.costs, len(self.most) + desks.rows)
        self.limits = np.concatenate([self.most, desks.limits, self._bonds.limits])

    @property
    def cells(self) -> Array:
        """The numbers of all cells that can be."""
        return self.np.flatnonzero(self.costs.ravel() < self.np.inf)

    @property
    def choices(self) -> Array:
        """The numbers of the columns that say which laboratory a bond chooses."""
        return self.costs.size + self.np.arange(len(self._bonds.chosen))

    def cost_of(self, columns: Array) -> Array:
        """What each column saves."""
        return self.np.append(self.costs.ravel(), self.np.zeros(len(self._bonds.chosen)))[columns]

    def most_of(self, columns: Array) -> Array:
        """How often each column can be taken."""
        groups = columns // self.costs[0].size
        return self.np.append(self.most, 1.0)[self.np.minimum(groups, len(self.most))]

    def matrix(self, columns: Array) -> tuple[Array, Array, Array]:
        """Where each column starts, its rows and its values."""
        np, cells = self.np, self.costs.size
        numbers = np.arange(len(columns))
        is_cell = columns < cells
        parts = [*self._in_cells(numbers[is_cell], columns[is_cell])]
        parts += self._bonds.in_choices(numbers[~is_cell], columns[~is_cell] - cells)
        owners, rows, values = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(owners, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=len(columns)))])
        return starts, rows[order], values[order]

    def _in_cells(self, numbers: Array, cells: Array) -> Iterable[tuple[Array, Array, Array]]:
        """Of each kind of row: whose column, which row, which value."""
        np = self.np
        groups, places, hours = np.unravel_index(cells, self.costs.shape)
        yield numbers, groups, np.ones(len(cells))
        _, laboratories, many = self.costs.shape
        days = int(self._days.max()) + 1
        for desk in range(self._units.shape[1]):
            taken = self._units[self._kinds[groups], desk]
            some = taken > 0
            at = desk * laboratories + places[some]
            first = len(self.most)
            yield numbers[some], first + at * many + hours[some], taken[some]
            first += self._units.shape[1] * laboratories * many
            yield numbers[some], first + at * days + self._days[hours[some]], taken[some]
        yield from self._bonds.in_cells(numbers, groups, places)

    def reduced(self, duals: Array) -> Array:
        """What one more of each cell would cost at these prices of the rows."""
        np = self.np
        many, desks = len(self.most), self._units.shape[1]
        _, laboratories, hours = self.costs.shape
        ends = many + desks * laboratories * hours
        days = int(self._days.max()) + 1
        by_hour = duals[many:ends].reshape(desks, laboratories, hours)
        by_day = duals[ends : ends + desks * laboratories * days]
        prices = by_hour + by_day.reshape(desks, laboratories, days)[:, :, self._days]
        charged = np.einsum("kd,dph->kph", self._units, prices)
        bound = self._bonds.charged(duals, self.costs.shape[:2])
        return self.costs - duals[:many, None, None] - charged[self._kinds] - bound[:, :, None]

    def cheapest(self, prices: Array, most: int, below: float) -> Array:
        """Of each group the cells with the lowest prices, as long as these are below that."""
        np = self.np
        flat = prices.reshape(len(self.most), -1)
        most = min(most, flat.shape[1])
        held = np.argpartition(flat, most - 1, axis=1)[:, :most]
        cells = (held + np.arange(len(flat))[:, None] * flat.shape[1]).ravel()
        return cells[prices.ravel()[cells] < below]

    def read(self, columns: Array, values: Array) -> Iterable[tuple[Load, tuple[int, int] | None]]:
        """The laboratory and hour that the solution gives each load whole; None for one that it split.

        Of loads that are alike the most pressing begins first. A load that is not named is not done.
        """
        np = self.np
        taken = (values > NEARLY_NOTHING) & (columns < self.costs.size)
        given: dict[int, list[tuple[int, int]]] = defaultdict(list)
        split: dict[int, float] = defaultdict(float)
        where = (each.tolist() for each in np.unravel_index(columns[taken], self.costs.shape))
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
            for way in load.ways
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


class _Desks:
    """The places and slots of the disciplines that the loads ask for.

    `kinds`: of each load, which of the distinct sets of units it takes; `units`: kinds × disciplines. The rows:
    disciplines × laboratories × hours, then disciplines × laboratories × days.
    """

    def __init__(self, np: Any, problem: Problem, loads: Sequence[Load]) -> None:
        self._np = np
        known: dict[Units, int] = {}
        self.kinds = [known.setdefault(load.units, len(known)) for load in loads]
        disciplines = sorted({discipline for units in known for discipline, _ in units})
        held = [dict(units) for units in known]
        self.units = np.array([[float(one.get(each, 0)) for each in disciplines] for one in held])
        self._rooms = _rooms(np, problem, disciplines)
        self._slots = _slots(np, problem, disciplines)
        self.limits = np.concatenate([self._rooms.ravel(), self._slots.ravel()])
        self.rows = len(self.limits)

    def within_reach(self, saved: Array) -> Array:
        """Without the hours that have no room, and without those that no plan needs.

        Waiting never costs less, so no plan has to begin a load while an earlier hour has room for it. An hour without
        room is filled by what comes to one of the load's desks, up to the size of the largest load; when all that
        could come is spent, no further hour can be full.
        """
        np = self._np
        kinds = np.array(self.kinds)
        able = saved.min(axis=2) < np.inf
        coming = able.T.astype(float) @ self.units[kinds]  # laboratories × disciplines
        first = (saved < np.inf).argmax(axis=2)
        largest = np.zeros_like(coming)
        for kind, units in enumerate(self.units):
            here = able[kinds == kind].any(axis=0)
            largest = np.maximum(largest, here[:, None] * units)
        room_left = self._rooms - largest.T[:, :, None] + 1
        hours = np.arange(saved.shape[2])
        for kind, units in enumerate(self.units):
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


class _Bonds:
    """What is bound together is at the one laboratory that is chosen for it.

    A row for each bonded group, each of its bonds and each laboratory: nothing there unless it is chosen. A row for
    each bond: one laboratory.
    """

    def __init__(self, np: Any, groups: Sequence[Sequence[Load]], costs: Array, first: int) -> None:
        self._np = np
        able = costs.min(axis=2) < np.inf
        named: dict[Hashable, int] = {}
        bonded = [
            (number, named.setdefault(bond, len(named)), place)
            for number, group in enumerate(groups)
            for bond in group[0].bonds
            for place in np.flatnonzero(able[number]).tolist()
        ]
        self._groups, self._names, self._places = np.array(bonded, dtype=int).reshape(-1, 3).T
        self._first = first
        self._one = first + len(bonded)  # the first row that says: one laboratory
        pairs = sorted({(name, place) for _, name, place in bonded})
        self.chosen = pairs
        self.limits = np.concatenate([np.zeros(len(bonded)), np.ones(len(named))])
        numbers = {pair: number for number, pair in enumerate(pairs)}
        self._choice = np.array([numbers[name, place] for _, name, place in bonded], dtype=int)
        self._of = np.array([name for name, _ in pairs], dtype=int)

    def in_cells(
        self, numbers: Array, groups: Array, places: Array
    ) -> Iterable[tuple[Array, Array, Array]]:
        """The rows in which cells stand: a group has as many as it has bonds."""
        np = self._np
        if not len(self._groups):
            return
        width = int(max(places.max(initial=0), self._places.max())) + 1
        keys = self._groups * width + self._places
        order = np.argsort(keys, kind="stable")
        asked = groups * width + places
        begins = np.searchsorted(keys[order], asked, side="left")
        counts = np.searchsorted(keys[order], asked, side="right") - begins
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = self._first + order[np.repeat(begins, counts) + offset]
        yield np.repeat(numbers, counts), rows, np.ones(len(rows))

    def in_choices(self, numbers: Array, choices: Array) -> Iterable[tuple[Array, Array, Array]]:
        """The rows in which the chosen laboratories stand: all of them are handed over at once, or none."""
        np = self._np
        if not len(choices):
            return
        rows = self._first + np.arange(len(self._choice))
        yield numbers[self._choice], rows, -np.ones(len(rows))
        yield numbers, self._one + self._of[choices], np.ones(len(choices))

    def charged(self, duals: Array, shape: tuple[int, int]) -> Array:
        """Groups × laboratories: the prices of those rows."""
        np = self._np
        numbers = self._groups * shape[1] + self._places
        prices = duals[self._first : self._one]
        return np.bincount(numbers, weights=prices, minlength=shape[0] * shape[1]).reshape(shape)
