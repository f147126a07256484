"""What is bound together is at the one laboratory that is chosen for it: as rows, for programs in whole numbers.

A row for each bonded group, each of its bonds and each laboratory: nothing there unless it is chosen. A row for each
bond: one laboratory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from lab_contingency.routing.planning.rules.desks import Array
from lab_contingency.routing.planning.rules.modelling import Model


class Bonds:
    """`chosen`: the columns that choose, a bond and a laboratory each; `limits`: of the rows."""

    def __init__(self, model: Model) -> None:
        self._np = np = model.np
        able = model.costs.min(axis=2) < np.inf
        named: dict[Hashable, int] = {}
        bonded = [
            (number, named.setdefault(bond, len(named)), place)
            for number, group in enumerate(model.groups)
            for bond in group[0].bonds
            for place in np.flatnonzero(able[number]).tolist()
        ]
        self._rows: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row, (group, _, place) in enumerate(bonded):
            self._rows[group, place].append(row)
        self.chosen = sorted({(name, place) for _, name, place in bonded})
        numbers = {pair: number for number, pair in enumerate(self.chosen)}
        self._choices = np.array([numbers[name, place] for _, name, place in bonded], dtype=int)
        self.limits = np.concatenate([np.zeros(len(bonded)), np.ones(len(named))])

    def entries_of_cells(self, groups: Array, places: Array) -> tuple[Array, Array, Array]:
        """The rows in which cells stand: the number of the cell here, the row, how much."""
        np = self._np
        held = [
            (number, row)
            for number, pair in enumerate(zip(groups.tolist(), places.tolist(), strict=True))
            for row in self._rows.get(pair, ())
        ]
        numbers, rows = np.array(held, dtype=int).reshape(-1, 2).T
        return numbers, rows, np.ones(len(rows))

    def entries_of_choices(self) -> tuple[Array, Array, Array]:
        """The rows in which the chosen laboratories stand: the number of the choice, the row, how much."""
        np = self._np
        bonded = len(self._choices)
        names = np.array([name for name, _ in self.chosen], dtype=int)
        numbers = np.concatenate([self._choices, np.arange(len(names))])
        rows = np.concatenate([np.arange(bonded), bonded + names])
        return numbers, rows, np.concatenate([-np.ones(bonded), np.ones(len(names))])
