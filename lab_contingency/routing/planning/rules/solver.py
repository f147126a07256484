"""Handing columns and rows to HiGHS. `highspy` and `numpy` come with it and are imported here alone, when needed."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from typing import Any

from lab_contingency.routing.planning.rules.modelling import Model

SOLVER = "highspy"
_FIRST, _MORE = 12, 8  # columns of each group: at first, and with each fetching
_CLEAR = 1e-6
_LEAST = 0.05  # seconds


Values = Sequence[float]


def whole(model: Model, ends: float) -> tuple[Values, float]:
    """Whole numbers, and what no plan can save more than; nothing given when time was up before any was found."""
    highs: Any = importlib.import_module(SOLVER)
    arrays = _Arrays(model)
    solver = _solver(highs, ends)
    columns = arrays.np.arange(len(model.costs))
    solver.passModel(arrays.program(highs, columns, whole=True))
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highs.SolutionStatus.kSolutionStatusFeasible:
        return [0.0] * len(model.costs), float(info.mip_dual_bound)
    return list(solver.getSolution().col_value), float(info.mip_dual_bound)


def relaxed(model: Model, ends: float) -> tuple[Values, float]:
    """Without whole numbers. Columns that no price calls for are never handed over."""
    highs: Any = importlib.import_module(SOLVER)
    arrays = _Arrays(model)
    np = arrays.np
    active = arrays.cheapest(arrays.costs, _FIRST, arrays.np.ones(len(model.costs), dtype=bool))
    active |= arrays.groups < 0
    columns = np.flatnonzero(active)
    solver = _solver(highs, ends)
    solver.passModel(arrays.program(highs, columns, whole=False))
    while True:
        solver.run()
        solution = solver.getSolution()
        reduced = arrays.reduced(np.array(solution.row_dual))
        called = (reduced < -_CLEAR) & ~active
        if not called.any() or time.monotonic() > ends:
            break
        more = np.flatnonzero(arrays.cheapest(reduced, _MORE, called))
        active[more] = True
        starts, rows, values = arrays.matrix(more)
        solver.addCols(
            len(more), arrays.costs[more], np.zeros(len(more)), arrays.most[more],
            len(rows), starts[:-1], rows, values,
        )  # fmt: skip
        columns = np.concatenate([columns, more])
    found = np.zeros(len(model.costs))
    found[columns] = np.array(solution.col_value)
    # what a column that was not fetched could still save belongs to the bound
    missed = np.minimum(reduced, 0.0) @ arrays.most if called.any() else 0.0
    return found.tolist(), float(solver.getInfo().objective_function_value + missed)


def _solver(highs: Any, ends: float) -> Any:
    solver = highs.Highs()
    left = max(ends - time.monotonic(), _LEAST)
    for option, value in (
        ("output_flag", False), ("time_limit", left), ("threads", 1), ("mip_rel_gap", 0.0),
        ("presolve", "on"),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    return solver


class _Arrays:
    """The model as arrays, column by column."""

    def __init__(self, model: Model) -> None:
        np: Any = importlib.import_module("numpy")
        self.np = np
        self.costs = np.array(model.costs, dtype=float)
        self.most = np.array(model.most, dtype=float)
        self.limits = np.array(model.limits, dtype=float)
        self.groups = np.array([number for number, _, _ in model.meaning])
        sizes = [len(row) for row in model.rows]
        rows = np.repeat(np.arange(len(sizes)), sizes)
        columns = np.array([column for row in model.rows for column, _ in row])
        values = np.array([value for row in model.rows for _, value in row])
        order = np.argsort(columns, kind="stable")
        self._columns, self._rows, self._values = columns[order], rows[order], values[order]
        counts = np.bincount(self._columns, minlength=len(self.costs))
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def reduced(self, duals: Any) -> Any:
        """What one more of each column would cost at these prices."""
        np = self.np
        charged = np.bincount(
            self._columns, weights=self._values * duals[self._rows], minlength=len(self.costs)
        )
        return self.costs - charged

    def cheapest(self, prices: Any, most: int, among: Any) -> Any:
        """The columns of each group, of those in question, with the lowest prices."""
        np = self.np
        held = np.flatnonzero(among)
        held = held[np.lexsort((prices[held], self.groups[held]))]
        groups, places = self.groups[held], np.arange(len(held))
        begins = np.concatenate([[True], groups[1:] != groups[:-1]])
        rank = places - np.maximum.accumulate(np.where(begins, places, 0))
        chosen = np.zeros(len(self.costs), dtype=bool)
        chosen[held[rank < most]] = True
        return chosen

    def matrix(self, columns: Any) -> tuple[Any, Any, Any]:
        """Where each column starts, its rows and its values."""
        np = self.np
        counts = self._starts[columns + 1] - self._starts[columns]
        starts = np.concatenate([[0], np.cumsum(counts)])
        entries = np.repeat(self._starts[columns] - starts[:-1], counts) + np.arange(starts[-1])
        return starts, self._rows[entries], self._values[entries]

    def program(self, highs: Any, columns: Any, *, whole: bool) -> Any:
        """The solver's own form of these columns."""
        np = self.np
        lp = highs.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), len(self.limits)
        lp.col_cost_, lp.col_upper_ = self.costs[columns], self.most[columns]
        lp.col_lower_ = np.zeros(len(columns))
        lp.row_lower_ = np.full(len(self.limits), -highs.kHighsInf)
        lp.row_upper_ = self.limits
        lp.a_matrix_.format_ = highs.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = self.matrix(columns)
        if whole:
            lp.integrality_ = [highs.HighsVarType.kInteger] * len(columns)
        return lp
