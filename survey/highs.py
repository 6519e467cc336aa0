"""The solver HiGHS with one program loaded: its bounds, costs and rows change, and it goes on from where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

# Bounds hold to this; amounts are scaled to about 1 by whoever asks.
TOLERANCE = 1e-9
Status = Literal["optimal", "infeasible", "unbounded", "undecided"]
_DEFAULTS: Mapping[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "primal_feasibility_tolerance": TOLERANCE,
    "dual_feasibility_tolerance": TOLERANCE,
}


class Matrix(NamedTuple):
    """A sparse matrix by rows: row `i` has the columns `index[start[i]:start[i + 1]]` with their `value`."""

    rows: int
    columns: int
    start: Any
    index: Any
    value: Any

    @classmethod
    def of(cls, rows: Sequence[Sequence[tuple[int, float]]], columns: int) -> Matrix:
        """The matrix whose rows are column numbers with coefficients."""
        start = np.cumsum([0, *map(len, rows)]).astype(np.int32)
        index = np.array([at for row in rows for at, _ in row], np.int32)
        value = np.array([coefficient for row in rows for _, coefficient in row], float)
        return cls(len(rows), columns, start, index, value)

    @classmethod
    def dense(cls, matrix: Any) -> Matrix:
        """A matrix that holds all its zeros."""
        rows, columns = matrix.shape
        at, of = np.nonzero(matrix)
        start = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=rows))])
        return cls(rows, columns, start, of, matrix[at, of])


class Solver:
    """One program at a time, minimised; not for two threads at once.

    `options` are those of HiGHS beside the ones that make it silent, exact and the same in every run.
    """

    def __init__(self, **options: bool | float | str) -> None:
        self._options = {**_DEFAULTS, **options}
        self._columns = np.zeros(0, np.int32)

    def load(
        self, matrix: Matrix, row_lower: Any, row_upper: Any, lower: Any, upper: Any, costs: Any, *, whole: bool = False
    ) -> None:
        """A program: costs, bounds of columns and of rows; with `whole` the columns are whole numbers."""
        model = self._kit.HighsLp()
        model.num_col_, model.num_row_ = matrix.columns, matrix.rows
        model.col_cost_, model.col_lower_, model.col_upper_ = costs, lower, upper
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        if whole:
            model.integrality_ = [self._kit.HighsVarType.kInteger] * matrix.columns
        model.a_matrix_.format_ = self._kit.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
            matrix.start,
            matrix.index,
            matrix.value,
        )
        self._columns = np.arange(matrix.columns, dtype=np.int32)
        self._highs.passModel(model)

    def bound(self, lower: Any, upper: Any) -> None:
        """New bounds of all columns."""
        self._highs.changeColsBounds(len(self._columns), self._columns, lower, upper)

    def cost(self, costs: Any) -> None:
        """New costs of all columns."""
        self._highs.changeColsCost(len(self._columns), self._columns, costs)

    def whole(self, *, wanted: bool) -> None:
        """Whether the columns are to be whole numbers."""
        kind = self._kit.HighsVarType.kInteger if wanted else self._kit.HighsVarType.kContinuous
        kinds = np.full(len(self._columns), int(kind), np.uint8)
        self._highs.changeColsIntegrality(len(self._columns), self._columns, kinds)

    def add(self, lower: float, upper: float, index: Any, value: Any) -> None:
        """One more row."""
        self._highs.addRow(lower, upper, len(index), index, value)

    def start_from(self, values: Any) -> None:
        """A solution that is known already, for a program of whole numbers to better."""
        self._highs.setSolution(len(self._columns), self._columns, values)

    def forget(self) -> None:
        """The next program is solved from the beginning, not from where the last one ended."""
        self._highs.clearSolver()

    def run(self) -> Status:
        """Solves what is loaded."""
        self._highs.run()
        found, known = self._highs.getModelStatus(), self._kit.HighsModelStatus
        if found == known.kOptimal:
            return "optimal"
        if found == known.kInfeasible:
            return "infeasible"
        if found in (known.kUnbounded, known.kUnboundedOrInfeasible):
            return "unbounded"
        return "undecided"

    @property
    def solution(self) -> Any:
        """The values of the columns."""
        return np.array(self._highs.getSolution().col_value)

    @property
    def reduced_costs(self) -> Any:
        """What a unit more of each column would add to the costs."""
        return np.array(self._highs.getSolution().col_dual)

    @property
    def objective(self) -> float:
        return float(self._highs.getInfo().objective_function_value)

    def proof(self, rows: int) -> tuple[int, ...]:
        """The rows with a multiplier in the proof that there is no solution (Farkas)."""
        _, is_there, ray = self._highs.getDualRay()
        weights = np.abs(ray) if is_there else np.ones(rows)
        return tuple(int(at) for at in np.flatnonzero(weights > TOLERANCE * weights.max()))

    @cached_property
    def _kit(self) -> Any:
        # Loaded on first use: the first window must not wait for it.
        import highspy

        return highspy

    @cached_property
    def _highs(self) -> Any:
        # The bare solver: the one made for notebooks prints its name on standard output.
        from highspy._core import _Highs

        solver = _Highs()
        for option, value in self._options.items():
            solver.setOptionValue(option, value)
        return solver
