"""Which other figures to withhold so that the sensitive ones stay uncertain, at the least loss.

Up to about a thousand figures exactly, by Benders' decomposition (Fischetti and Salazar 2000, "Models and algorithms
for optimizing cell suppression in tabular data with linear constraints"): a master program chooses figures, the
attacker's programs tell what the choice lacks, and each lack becomes a row of the master. Above, one linear program
a demand, as G-Confid does ("sequential").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicators.attack import TOLERANCE, Demand, Reached, further
from indicators.demands import Watch
from indicators.linked import System
from survey.errors import SurveyError
from survey.highs import Matrix, Solver
from survey.progress import Progress

# Relaxed rounds over what failed before, between two whole ones.
_AGAIN = 5
# A relaxed round that betters the bound by less than this part of it is one of the last.
_LITTLE = 1e-4
# So many nodes of a search are enough: a limit of time would choose differently on another machine.
_NODES = 20_000


@dataclass(frozen=True)
class Limits:
    """How long the exact way may take: how many figures, how many rounds, how close to the optimum (part)."""

    figures: int = 1000
    relaxed: int = 60
    whole: int = 60
    gap: float = 1e-4


class UnprotectedError(SurveyError):
    """Cells cannot be protected; `cells` are their ids."""

    def __init__(self, code: str, cells: Iterable[str]) -> None:
        self.cells = tuple(cells)
        super().__init__(code, cells=", ".join(self.cells))


def settled(system: System, watch: Watch) -> tuple[Any, Any]:
    """What is withheld whatever is chosen, and what may be withheld at all, by figure.

    A ratio of a sensitive figure goes with it. Raises SurveyError naming sensitive cells that must be published.
    """
    standing = np.array(system.standings)
    must = (standing == "withheld") | (standing == "unshown")
    sensitive = set(watch.primaries)
    for name in sensitive:
        must[system.number[name]] = True
    for name, ratio in system.ratios.items():
        if sensitive & {ratio.numerator, ratio.denominator}:
            must[system.number[name]] = True
    fixed = [name for name in system.ids if must[system.number[name]] and system.figure(name).standing == "kept"]
    if fixed:
        raise UnprotectedError("disclosure_kept", fixed)
    return must, must | (standing == "open")


def protectable(watch: Watch, may: Any) -> None:
    """Raises SurveyError where some demand is not met even with all withheld that may be, naming its cells."""
    failing = [demand for demand, _ in watch.unmet(may)]
    if failing:
        cells = dict.fromkeys(name for demand in failing for name in demand.about)
        raise UnprotectedError("disclosure_infeasible", cells)


class _NoChoiceError(Exception):
    """Not even all figures together hold the rows."""


class _Master:
    """Chooses figures: the least loss such that all rows so far hold."""

    def __init__(self, system: System, must: Any, may: Any, gap: float) -> None:
        self._solver = Solver(mip_rel_gap=gap, mip_abs_gap=1e-9, mip_max_nodes=_NODES)
        self._count = len(system.ids)
        lower, upper = must.astype(float), may.astype(float)
        # Lost anyway, or lost to nobody.
        weights = np.where(must, 0.0, np.maximum(system.weights, TOLERANCE))
        self._solver.load(Matrix.of([], self._count), np.zeros(0), np.zeros(0), lower, upper, weights)

    def lacks(self, demand: Demand, reached: Reached, system: System) -> None:
        """One more row: what a choice must hold that meets the demand."""
        row, least = further(demand, reached, system)
        owners = np.array(sorted(row), np.int32)
        self._solver.add(least, np.inf, owners, np.array([row[int(owner)] for owner in owners]))

    def choose(self, *, whole: bool) -> Any:
        """The choice by figure; of whole numbers, or anything from 0 to 1. None where it took too long.

        Raises _NoChoiceError where no figures hold all rows.
        """
        self._solver.whole(wanted=whole)
        status = self._solver.run()
        if status == "infeasible":
            raise _NoChoiceError
        if status != "optimal":
            return None
        return self._solver.solution > 1 / 2 if whole else np.clip(self._solver.solution, 0.0, 1.0)

    @property
    def loss(self) -> float:
        return self._solver.objective


def exact(watch: Watch, must: Any, may: Any, limits: Limits, progress: Progress | None = None) -> Any:
    """The pattern of least loss, True for each figure withheld; None where it was not found within the limits.

    Raises SurveyError naming the cells that cannot be protected.
    """
    try:
        return _exact(watch, must, may, limits, progress)
    except _NoChoiceError:
        protectable(watch, may)
        # A demand that only a part of what may be withheld gives rise to cannot be met: another way is needed.
        return None


def _exact(watch: Watch, must: Any, may: Any, limits: Limits, progress: Progress | None) -> Any:
    master = _Master(watch.system, must, may, limits.gap)
    _relaxed(master, watch, watch.outsiders, limits.relaxed, progress)
    failed: dict[Demand, None] = {}
    for done in range(limits.whole):
        if progress:
            progress(done, 0, "progress.disclosure_choose")
        pattern = master.choose(whole=True)
        lacking = [] if pattern is None else list(watch.unmet(pattern))
        if not lacking:
            return pattern
        for demand, reached in lacking:
            master.lacks(demand, reached, watch.system)
            failed[demand] = None
        _relaxed(master, watch, tuple(failed), _AGAIN, progress)
    return None


def _relaxed(master: _Master, watch: Watch, demands: Sequence[Demand], rounds: int, progress: Progress | None) -> None:
    """Rows that choices between 0 and 1 already lack: they cost little and leave the whole master few rounds."""
    last, quiet = -1.0, 0
    for done in range(rounds):
        if progress:
            progress(done, 0, "progress.disclosure_relax")
        part = master.choose(whole=False)
        lacking = [] if part is None else list(watch.failing(demands, part))
        for demand, reached in lacking:
            master.lacks(demand, reached, watch.system)
        quiet = quiet + 1 if master.loss <= last * (1 + _LITTLE) else 0
        last = master.loss
        if not lacking or quiet >= 3:
            return
