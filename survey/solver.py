"""Linear programs: the values nearest to given ones that satisfy rows, or the rows that rule one another out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from survey.highs import Matrix, Solver
from survey.linear import Row

# How far inside its bounds a strict row must stay, in multiples of what rounding may take away.
_INSIDE = 1e5
_PASSES = 4


class UnsolvedError(Exception):
    """The solver came to no verdict, or there was no time for one."""


class _Outcome(NamedTuple):
    """A solution; where there is none, the rows of the proof; neither where the target has no bound."""

    solution: Any = None
    proof: tuple[int, ...] = ()


class Programs:
    """Linear programs, solved one after another by the same solver; not for two threads at once."""

    def nearest(self, rows: Sequence[Row], start: Mapping[str, float]) -> dict[str, float] | list[int]:
        """The values nearest to `start` that satisfy all rows, or positions of rows that cannot hold together.

        Nearest is by the sum of absolute changes. Amounts are measured from `start` and scaled by the
        largest gap, again and again until the rows hold: raw amounts of 1e9 beside 1 are beyond what a
        solver can tell apart. Raises UnsolvedError.
        """
        names = list(dict.fromkeys(key for row in rows for key, _ in row.terms))
        values = {name: start.get(name, 0.0) for name in names}
        for _ in range(_PASSES):
            if all(row.holds(values) for row in rows):
                break
            if len(names) == 1:
                return _nearest_of_one(names[0], rows, values[names[0]])
            scale = _largest_gap(rows, values)
            found = self._changes(rows, names, values, scale)
            if found.proof:
                return list(found.proof)
            values = {
                name: float(values[name] + scale * change) for name, change in zip(names, found.solution, strict=True)
            }
        return values

    def span(self, rows: Sequence[Row], name: str, start: Mapping[str, float]) -> tuple[float, float]:
        """The least and the greatest value that an item can take where rows hold, `start` being such values."""
        if all(key == name for row in rows for key, _ in row.terms):
            lower, upper = _bounds(name, rows)
            return lower[0], upper[0]
        names = list(dict.fromkeys(key for row in rows for key, _ in row.terms))
        scale = max(1.0, *(abs(start.get(key, 0.0)) for key in names))
        ends = []
        for sign in (1.0, -1.0):
            costs = np.array([sign if key == name else 0.0 for key in names])
            found = self._solve(_matrix(rows, names), *_limits(rows, start, scale), costs, least=-math.inf).solution
            ends.append(
                -sign * math.inf if found is None else start.get(name, 0.0) + scale * float(found[names.index(name)])
            )
        return ends[0], ends[1]

    def cover(self, cuts: Sequence[frozenset[str]], weights: Mapping[str, float]) -> frozenset[str]:
        """The cheapest set that holds one at least of every cut; a cut that is empty raises UnsolvedError."""
        names = sorted(frozenset().union(*cuts))
        matrix = np.array([[float(name in cut) for name in names] for cut in cuts])
        costs = np.array([weights.get(name, 1.0) for name in names])
        found = self._solve(matrix, np.ones(len(cuts)), np.full(len(cuts), math.inf), costs, whole=True).solution
        if found is None:
            raise UnsolvedError
        return frozenset(name for name, taken in zip(names, found, strict=True) if taken > 1 / 2)

    def _changes(self, rows: Sequence[Row], names: list[str], values: Mapping[str, float], scale: float) -> _Outcome:
        """The least changes in units of `scale`: what is added less what is taken away."""
        ahead = _matrix(rows, names)
        lower, upper = _limits(rows, values, scale)
        found = self._solve(np.hstack([ahead, -ahead]), lower, upper, np.ones(2 * len(names)))
        if found.solution is None:
            return found
        return _Outcome(found.solution[: len(names)] - found.solution[len(names) :])

    def _solve(
        self, matrix: Any, lower: Any, upper: Any, costs: Any, least: float = 0.0, *, whole: bool = False
    ) -> _Outcome:
        """The cheapest values, not below `least`, of which the matrix makes amounts between the bounds."""
        columns = matrix.shape[1]
        most = np.full(columns, 1.0 if whole else math.inf)
        self._solver.load(Matrix.dense(matrix), lower, upper, np.full(columns, least), most, costs, whole=whole)
        match self._solver.run():
            case "optimal":
                return _Outcome(self._solver.solution)
            case "infeasible":
                return _Outcome(proof=self._solver.proof(len(matrix)))
            case "unbounded":
                return _Outcome()
        raise UnsolvedError

    @cached_property
    def _solver(self) -> Solver:
        # Presolving would find that there is no solution without a proof.
        return Solver(presolve="off", solver="simplex")


def _largest_gap(rows: Sequence[Row], values: Mapping[str, float]) -> float:
    """By how much the worst row fails; for strict rows on their bound what the amounts are."""
    gaps, amounts = [0.0], [1.0]
    for row in rows:
        amount = row.amount(values)
        gaps.append(max(row.lower - amount, amount - row.upper))
        amounts.append(abs(amount))
    return max(gaps) or max(amounts)


def _matrix(rows: Sequence[Row], names: Sequence[str]) -> Any:
    places = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        for key, coefficient in row.terms:
            matrix[at, places[key]] = coefficient
    return matrix


def _limits(rows: Sequence[Row], values: Mapping[str, float], scale: float) -> tuple[Any, Any]:
    """What the rows may still change by, in units of `scale`."""
    amounts = [row.amount(values) for row in rows]
    inside = [_INSIDE * row.slack(values) / scale if row.strict else 0.0 for row in rows]
    lower = [(row.lower - amount) / scale + more for row, amount, more in zip(rows, amounts, inside, strict=True)]
    upper = [(row.upper - amount) / scale - more for row, amount, more in zip(rows, amounts, inside, strict=True)]
    return np.array(lower), np.array(upper)


_Bound = tuple[float, bool, int]


def _bounds(name: str, rows: Sequence[Row]) -> tuple[_Bound, _Bound]:
    """The tightest bounds of the only item of rows: the bound, whether it is left out, the row it is from."""
    lower: _Bound = (-math.inf, False, 0)
    upper: _Bound = (math.inf, False, 0)
    for at, row in enumerate(rows):
        coefficient = dict(row.terms)[name]
        ends = sorted((row.lower / coefficient, row.upper / coefficient))
        if (ends[0], row.strict) > lower[:2]:
            lower = (ends[0], row.strict, at)
        if (-ends[1], row.strict) > (-upper[0], upper[1]):
            upper = (ends[1], row.strict, at)
    return lower, upper


def _nearest_of_one(name: str, rows: Sequence[Row], value: float) -> dict[str, float] | list[int]:
    """The nearest value of the only item of rows; exact, without a solver."""
    lower, upper = _bounds(name, rows)
    slack = 1e-11 * max(1.0, *(abs(end) for end in (lower[0], upper[0]) if math.isfinite(end)))
    width = upper[0] - lower[0]
    if width < -slack or (width <= slack and (lower[1] or upper[1])):
        return [lower[2], upper[2]]
    step = min(_INSIDE * slack, width / 2)
    least = lower[0] + (step if lower[1] else 0.0)
    most = upper[0] - (step if upper[1] else 0.0)
    return {name: min(max(value, least), most)}
