"""Handing columns and rows to HiGHS. `highspy` comes as an extra and is imported here alone, when needed."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from typing import Any

from lab_contingency.routing.planning.rules.bonds import Bonds
from lab_contingency.routing.planning.rules.columns import ColumnSource, joined
from lab_contingency.routing.planning.rules.desks import Array
from lab_contingency.routing.planning.rules.modelling import Model
from lab_contingency.routing.planning.rules.problem import Placed

SOLVER = "highspy"
_LEAST = 0.05  # seconds
# A solution that stands gains columns, and the primal simplex (4) goes on from it: half the time of the dual one.
_FETCHING = (
    ("simplex_strategy", 4), ("presolve", "off"),
    ("primal_simplex_bound_perturbation_multiplier", 0.0),
)  # fmt: skip

Solved = tuple[Array, Array, float]
"""Cells, how many loads of their group each is given, and what no plan can save more than."""


def whole(model: Model, ends: float) -> Solved:
    """In whole numbers, everything at once; no cells when time was up before anything was found."""
    highs: Any = importlib.import_module(SOLVER)
    np, cells, bonds = model.np, model.cells, Bonds(model)
    groups, places, hours = np.unravel_index(cells, model.costs.shape)
    first, choices = len(model.desks.limits), len(bonds.chosen)
    after = first + len(model.most)
    entries = [
        model.desks.entries(model.kinds[groups], places, hours),
        (np.arange(len(cells)), first + groups, np.ones(len(cells))),
        _shifted(bonds.entries_of_cells(groups, places), 0, after),
        _shifted(bonds.entries_of_choices(), len(cells), after),
    ]
    lp = _program(
        np,
        costs=np.append(model.costs.ravel()[cells], np.zeros(choices)),
        most=np.append(model.most[groups], np.ones(choices)),
        limits=np.concatenate([model.desks.limits, model.most, bonds.limits]),
        entries=_by_column(np, entries, len(cells) + choices),
    )
    lp.integrality_ = [highs.HighsVarType.kInteger] * lp.num_col_
    solver = _solver(highs, ends)
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highs.SolutionStatus.kSolutionStatusFeasible:
        return cells[:0], np.zeros(0), float(info.mip_dual_bound)
    values = np.array(solver.getSolution().col_value)[: len(cells)]
    return cells, values, float(info.mip_dual_bound)


def relaxed(model: Model, ends: float, start: Placed) -> Solved:
    """Without whole numbers, from a plan that is there. Columns that no price calls for are never handed over."""
    highs: Any = importlib.import_module(SOLVER)
    np, source = model.np, ColumnSource(model)
    columns = source.of_cells(model.used_by(start))
    solver = _solver(highs, ends)
    for option, value in _FETCHING:
        solver.setOptionValue(option, value)
    costs, most = source.cost_of(columns), source.most_of(columns)
    solver.passModel(_program(np, costs, most, source.limits, source.entries(columns)))
    while True:
        solver.run()
        solution = solver.getSolution()
        more, missed = source.wanted(np.array(solution.row_dual))
        if not len(more.owners) or time.monotonic() > ends:
            break
        starts, rows, values = source.entries(more)
        solver.addCols(
            len(more.owners), source.cost_of(more), np.zeros(len(more.owners)), source.most_of(more),
            len(rows), starts[:-1], rows, values,
        )  # fmt: skip
        columns = joined(np, [columns, more])
    cells, which = np.unique(columns.cells, return_inverse=True)
    taken = np.array(solution.col_value)[columns.numbers]
    # What a column that was not fetched could still save belongs to the bound.
    bound = float(solver.getInfo().objective_function_value + missed)
    return cells, np.bincount(which, weights=taken, minlength=len(cells)), bound


def _solver(highs: Any, ends: float) -> Any:
    solver = highs.Highs()
    left = max(ends - time.monotonic(), _LEAST)
    for option, value in (
        ("output_flag", False), ("time_limit", left), ("threads", 1), ("mip_rel_gap", 0.0),
    ):  # fmt: skip
        solver.setOptionValue(option, value)
    return solver


_Entries = tuple[Array, Array, Array]


def _shifted(entries: _Entries, columns: int, rows: int) -> _Entries:
    """Further right and further down."""
    return entries[0] + columns, entries[1] + rows, entries[2]


def _by_column(np: Any, entries: Iterable[_Entries], many: int) -> _Entries:
    """Where each column starts, its rows and its values."""
    numbers, rows, values = (np.concatenate(each) for each in zip(*entries, strict=True))
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(many + 1))
    return starts, rows[order], values[order]


def _program(np: Any, costs: Array, most: Array, limits: Array, entries: _Entries) -> Any:
    """The solver's own form of these columns."""
    highs: Any = importlib.import_module(SOLVER)
    lp = highs.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(limits)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, np.zeros(len(costs)), most
    lp.row_lower_, lp.row_upper_ = np.full(len(limits), -np.inf), limits
    lp.a_matrix_.format_ = highs.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = entries
    return lp
