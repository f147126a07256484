"""What a solver is handed of a large queue: columns that are made as its prices call for them.

A column of loads that are alike is one cell: that laboratory, that hour. A column of a series is one laboratory with
an hour for each of its loads, so that being together needs no rows of its own: which hours those are is worked out at
the prices, load by load.

A load with two bonds (part of a cut tube, and of a series) is kept to the last of them here. That only widens what is
allowed, so the bound holds; the other bond is kept to when the loads are placed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from lab_contingency.routing.planning.rules.desks import Array
from lab_contingency.routing.planning.rules.modelling import Model

FETCHED = 5  # columns of each group or series at a time
_CLEAR = 1e-6
# While columns are there that save much, prices do not yet say what is worth little: that waits for a later time.
_WORTH = 1e-3


class Columns(NamedTuple):
    """`owners`: of each column, the group or series it is of; `numbers`, `cells`: its cells, column by column."""

    owners: Array
    numbers: Array
    cells: Array


class ColumnSource:
    """Owners are the groups that are alike, then the series. Rows are the desks', then one for each owner."""

    def __init__(self, model: Model) -> None:
        self._np = np = model.np
        self._model = model
        named: dict[Hashable, int] = {}
        bonds = [group[0].bonds for group in model.groups]
        self._series_of = np.array(
            [named.setdefault(each[-1], len(named)) if each else -1 for each in bonds]
        )
        self._alone = self._series_of < 0
        bound = np.flatnonzero(~self._alone)
        self._bound = bound[np.argsort(self._series_of[bound], kind="stable")]
        self._begins = np.searchsorted(self._series_of[self._bound], np.arange(len(named)))
        self._costs = np.where(self._alone[:, None, None], model.costs, np.inf)
        self._handed = np.zeros(model.costs.size, dtype=bool)
        self.limits = np.concatenate([model.desks.limits, model.most, np.ones(len(named))])

    def of_cells(self, cells: Array) -> Columns:
        """Columns for a plan that is there already, by the cells that it uses."""
        np = self._np
        groups = cells // self._model.costs[0].size
        bound = cells[~self._alone[groups]]
        series = self._series_of[bound // self._model.costs[0].size]
        named, numbers = np.unique(series, return_inverse=True)
        together = Columns(len(self._alone) + named, numbers, bound)
        return joined(np, [self._handing(cells[self._alone[groups]]), together])

    def wanted(self, prices: Array) -> tuple[Columns, float]:
        """The columns that these prices of the rows call for, and what all that were not handed over could save at most."""
        charged = self._model.desks.charged(prices)
        paid = prices[len(self._model.desks.limits) :]
        alone, missed = self._wanted_alone(charged, paid[: len(self._alone)])
        together, missed_too = self._wanted_together(charged, paid[len(self._alone) :])
        return joined(self._np, [alone, together]), missed + missed_too

    def _wanted_alone(self, charged: Array, paid: Array) -> tuple[Columns, float]:
        np, model = self._np, self._model
        left = self._costs - charged[model.kinds] - paid[:, None, None]
        flat = np.where(self._handed.reshape(left.shape), np.inf, left).reshape(len(left), -1)
        cells = self._lowest(flat)
        missed = np.minimum(flat.min(axis=1), 0.0) @ model.most
        return self._handing(cells), float(missed)

    def _wanted_together(self, charged: Array, paid: Array) -> tuple[Columns, float]:
        """Each load of a series has its best hour at each laboratory; the series, what these save together."""
        np = self._np
        if not len(paid):
            return Columns(*np.zeros((3, 0), dtype=int)), 0.0
        groups = self._bound
        left = self._model.costs[groups] - charged[self._model.kinds[groups]]
        hours = left.argmin(axis=2)
        saved = np.minimum(np.take_along_axis(left, hours[:, :, None], axis=2)[:, :, 0], 0.0)
        together = np.add.reduceat(saved, self._begins, axis=0) - paid[:, None]
        series, places = np.divmod(self._lowest(together), together.shape[1])
        lengths = np.diff(self._begins, append=len(groups))[series]
        numbers = np.repeat(np.arange(len(series)), lengths)
        nth = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        members, places = self._begins[series][numbers] + nth, places[numbers]
        done = saved[members, places] < 0
        members, places = members[done], places[done]
        where = groups[members], places, hours[members, places]
        cells = np.ravel_multi_index(where, self._model.costs.shape)
        missed = np.minimum(together.min(axis=1), 0.0).sum()
        return Columns(len(self._alone) + series, numbers[done], cells), float(missed)

    def _lowest(self, flat: Array) -> Array:
        """Of each line the places of its lowest that are clearly below nothing, and worth it beside the lowest of all."""
        np = self._np
        most = min(FETCHED, flat.shape[1])
        held = np.argpartition(flat, most - 1, axis=1)[:, :most]
        at = (held + np.arange(len(flat))[:, None] * flat.shape[1]).ravel()
        values = flat.ravel()[at]
        return at[values < min(-_CLEAR, _WORTH * values.min(initial=0.0))]

    def _handing(self, cells: Array) -> Columns:
        self._handed[cells] = True
        return Columns(cells // self._model.costs[0].size, self._np.arange(len(cells)), cells)

    def entries(self, columns: Columns) -> tuple[Array, Array, Array]:
        """As a solver takes them: where each column starts, its rows and its values."""
        np, desks = self._np, self._model.desks
        groups, places, hours = np.unravel_index(columns.cells, self._model.costs.shape)
        numbers, rows, values = desks.entries(self._model.kinds[groups], places, hours)
        many = len(columns.owners)
        numbers = np.append(columns.numbers[numbers], np.arange(many))
        rows = np.append(rows, len(desks.limits) + columns.owners)
        # Two loads of a series may begin in one hour: what they take of it is one value.
        keys, which = np.unique(numbers * len(self.limits) + rows, return_inverse=True)
        summed = np.bincount(which, weights=np.append(values, np.ones(many)))
        starts = np.searchsorted(keys, np.arange(many + 1) * len(self.limits))
        return starts, keys % len(self.limits), summed

    def cost_of(self, columns: Columns) -> Array:
        """What each column saves."""
        costs = self._model.costs.ravel()[columns.cells]
        return self._np.bincount(columns.numbers, costs, minlength=len(columns.owners))

    def most_of(self, columns: Columns) -> Array:
        """How often each column can be taken; the row of a series says that for its columns together."""
        np = self._np
        most = np.append(self._model.most, np.full(len(self._begins), np.inf))
        return most[columns.owners]


def joined(np: Any, parts: Sequence[Columns]) -> Columns:
    """One after the other."""
    counts = np.cumsum([0, *(len(part.owners) for part in parts)])
    return Columns(
        np.concatenate([part.owners for part in parts]),
        np.concatenate([part.numbers + first for part, first in zip(parts, counts, strict=False)]),
        np.concatenate([part.cells for part in parts]),
    )
