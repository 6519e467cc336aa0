"""Figures to withhold, chosen for one demand after another: for systems too large to choose all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from indicators.attack import TOLERANCE, Demand, scaled
from indicators.demands import Watch
from survey.highs import Matrix, Solver
from survey.progress import Progress
from survey.solver import UnsolvedError


def sequential(watch: Watch, must: Any, may: Any, progress: Progress | None = None) -> Any:
    """A pattern that meets all demands, each met at the least loss given those before it; the largest come first.

    One linear program a demand chooses deviations that meet it, a figure not yet withheld costing its weight by how
    far it deviates (G-Confid's "Size"); all that deviate further than they may while published are withheld. None
    where a demand cannot be met even with all withheld that may be; it need not be one that all of that gives rise to.
    """
    pattern, path = must.copy(), _Path(watch, may)
    while True:
        lacking = list(watch.unmet(pattern))
        if not lacking:
            return pattern
        for done, (demand, _) in enumerate(lacking):
            if progress:
                progress(done, len(lacking), "progress.disclosure_choose")
            if any(watch.failing([demand], pattern)):
                more = path.cheapest(demand, pattern)
                if more is None:
                    return None
                pattern |= more


class _Path:
    """The cheapest deviations that meet a demand."""

    def __init__(self, watch: Watch, may: Any) -> None:
        self._system, self._may = watch.system, may
        self._count = len(self._system.owner)
        self._solver = Solver(solver="simplex")

    def cheapest(self, demand: Demand, pattern: Any) -> Any:
        """The figures that must be withheld beside a pattern, True for each; None where none are enough.

        Variables are in three parts: what is free in the pattern, and what is added and taken away beyond it.
        """
        system, count = self._system, self._count
        inside = [scaled(bounds, demand.amount) for bounds in system.bounds(pattern)]
        widest = [scaled(bounds, demand.amount) for bounds in system.bounds(pattern | self._may)]
        at = [system.column[name] for name in demand.known]
        for bounds in (*inside, *widest):
            bounds[at] = 0.0
        # What has no end already goes nowhere beyond it.
        ended = [np.where(np.isinf(bounds), 0.0, bounds) for bounds in inside]
        beyond = np.concatenate([widest[1] - ended[1], ended[0] - widest[0]])
        beyond[np.isinf(np.concatenate(inside[::-1]))] = 0.0
        lower = np.concatenate([inside[0], np.zeros(2 * count)])
        upper = np.concatenate([inside[1], np.maximum(beyond, 0.0)])
        weights = system.weights[system.owner]
        costs = np.concatenate([np.zeros(count), weights, weights])
        rows = [_parts(row, count) for row in system.rows]
        rows.append(_parts([(system.column[name], 1.0) for name in demand.about], count))
        wanted = np.zeros(len(rows))
        wanted[-1] = demand.sign
        self._solver.load(Matrix.of(rows, 3 * count), wanted, wanted, lower, upper, costs)
        status = self._solver.run()
        if status == "infeasible":
            return None
        if status != "optimal":
            raise UnsolvedError
        found = self._solver.solution
        moved = (found[count : 2 * count] > TOLERANCE) | (found[2 * count :] > TOLERANCE)
        taken = np.zeros(len(system.ids), bool)
        taken[system.owner[moved]] = True
        return taken


def _parts(row: Sequence[tuple[int, float]], count: int) -> list[tuple[int, float]]:
    return [(at + part * count, sign * value) for part, sign in enumerate((1.0, 1.0, -1.0)) for at, value in row]
