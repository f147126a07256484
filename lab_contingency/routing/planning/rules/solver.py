"""Handing columns and rows to HiGHS. `highspy` comes as an extra and is imported here alone, when needed."""

from __future__ import annotations

import importlib
import time
from typing import Any

from lab_contingency.routing.planning.rules.modelling import Array, Model

SOLVER = "highspy"
_FETCHED = 5  # columns of each group: at first, and each time
_CLEAR = 1e-6
_LEAST = 0.05  # seconds
# A solution that stands gains columns, and the primal simplex (4) goes on from it: half the time of the dual one.
_FETCHING = (
    ("simplex_strategy", 4), ("presolve", "off"),
    ("primal_simplex_bound_perturbation_multiplier", 0.0),
)  # fmt: skip


def whole(model: Model, ends: float) -> tuple[Array, Array, float]:
    """Columns and their whole numbers, and what no plan can save more than; no columns when time was up before any."""
    highs: Any = importlib.import_module(SOLVER)
    np = model.np
    solver = _solver(highs, ends)
    columns = np.concatenate([model.cells, model.choices])
    solver.passModel(_program(highs, model, columns, whole=True))
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highs.SolutionStatus.kSolutionStatusFeasible:
        return columns[:0], np.zeros(0), float(info.mip_dual_bound)
    return columns, np.array(solver.getSolution().col_value), float(info.mip_dual_bound)


def relaxed(model: Model, ends: float) -> tuple[Array, Array, float]:
    """Without whole numbers. Columns that no price calls for are never handed over."""
    highs: Any = importlib.import_module(SOLVER)
    np = model.np
    cells = model.cheapest(model.costs, _FETCHED, np.inf)
    columns = np.concatenate([model.choices, cells])
    handed = np.zeros(model.costs.size, dtype=bool)
    solver = _solver(highs, ends)
    for option, value in _FETCHING:
        solver.setOptionValue(option, value)
    solver.passModel(_program(highs, model, columns, whole=False))
    while True:
        handed[cells] = True
        solver.run()
        solution = solver.getSolution()
        reduced = model.reduced(np.array(solution.row_dual))
        open_still = np.where(handed.reshape(reduced.shape), np.inf, reduced)
        cells = model.cheapest(open_still, _FETCHED, -_CLEAR)
        if not len(cells) or time.monotonic() > ends:
            break
        starts, rows, values = model.matrix(cells)
        solver.addCols(
            len(cells), model.cost_of(cells), np.zeros(len(cells)), model.most_of(cells),
            len(rows), starts[:-1], rows, values,
        )  # fmt: skip
        columns = np.concatenate([columns, cells])
    # What a column that was not fetched could still save belongs to the bound.
    missed = np.minimum(open_still.min(axis=(1, 2)), 0.0) @ model.most if len(cells) else 0.0
    bound = float(solver.getInfo().objective_function_value + missed)
    return columns, np.array(solution.col_value), bound


def _solver(highs: Any, ends: float) -> Any:
    solver = highs.Highs()
    left = max(ends - time.monotonic(), _LEAST)
    for option, value in (
        ("output_flag", False), ("time_limit", left), ("threads", 1), ("mip_rel_gap", 0.0),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    return solver


def _program(highs: Any, model: Model, columns: Array, *, whole: bool) -> Any:
    """The solver's own form of these columns."""
    np = model.np
    lp = highs.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(model.limits)
    lp.col_cost_, lp.col_upper_ = model.cost_of(columns), model.most_of(columns)
    lp.col_lower_ = np.zeros(len(columns))
    lp.row_lower_ = np.full(len(model.limits), -highs.kHighsInf)
    lp.row_upper_ = model.limits
    lp.a_matrix_.format_ = highs.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = model.matrix(columns)
    if whole:
        lp.integrality_ = [highs.HighsVarType.kInteger] * len(columns)
    return lp
