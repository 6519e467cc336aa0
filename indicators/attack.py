"""What an attacker can infer of withheld figures: the least and greatest values that what is published leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicators.linked import System
from survey.highs import Matrix, Solver
from survey.solver import UnsolvedError

# A demand is met where it is met but for this part of it.
TOLERANCE = 1e-6
# No figure needs to deviate so many times what is asked for; beyond it a solver could not tell amounts apart. What a
# withheld ratio leaves open is without end: it is measured in its numerator, whatever is asked of its denominator.
_FAR = 1e6
# What it costs to move a figure by what is asked for, where reaching that is worth 1.
_PRICE = 1e-5
# How much dearer it is to move what somebody knows exactly: what he knows is then seldom needed.
_DEARER = 50.0


@dataclass(frozen=True)
class Demand:
    """The figures `about`, added up, must possibly be `amount` more (`sign` 1) or less (-1) than they are.

    `amount` is above 0, in the figures' unit. The attacker may be a contributor, `knower`, who knows the figures
    `known` exactly. `rule` is the primary rule that asks for it.
    """

    about: tuple[str, ...]
    sign: int
    amount: float
    rule: str
    knower: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reached:
    """How much of a demand a program of deviations reaches: 1 is all of it.

    `witness` are deviations that reach as much, in the figures' unit; `slopes` the reduced costs of the
    variables by demand, so that another pattern reaches at most what they make of its bounds.
    """

    part: float
    witness: Any
    slopes: Any

    @property
    def met(self) -> bool:
        return self.part >= 1 - TOLERANCE


class Attacker:
    """Linear programs over one pattern after another, each solved from where nothing deviates: that is never far.

    Maximise the deviation of the target such that all rows hold and every variable stays in its interval
    (Fischetti and Salazar 2000; Handbook, "feasibility interval"). A deviation is what is added less what is taken
    away, either of which has a small price, so that as few figures as can be move. With `narrow` variables that
    the first pattern leaves no freedom are left out for good.
    """

    def __init__(self, system: System, pattern: Any, *, narrow: bool = False) -> None:
        self._system = system
        self._lower, self._upper = system.bounds(pattern)
        least, most = (self._lower, self._upper) if narrow else system.outside
        self._free = np.flatnonzero(least < most)
        places = {int(column): at for at, column in enumerate(self._free)}
        self._places, count = places, len(self._free)
        halves = [[(places[at], value) for at, value in row if at in places] for row in system.rows]
        rows = [row + [(at + count, -value) for at, value in row] for row in halves if row]
        zeros, nothing = np.zeros(len(rows)), np.zeros(2 * count)
        alone = [cell.alone for cell in system.cells.values()] + [""] * len(system.owner)
        self._prices = np.array([_PRICE * (_DEARER if alone[column] else 1.0) for column in self._free])
        self._solver = Solver(presolve="off", solver="simplex")
        self._solver.load(Matrix.of(rows, 2 * count), zeros, zeros, nothing, nothing, nothing)

    def show(self, pattern: Any) -> None:
        """Another pattern."""
        self._lower, self._upper = self._system.bounds(pattern)

    def reach(self, demand: Demand) -> Reached:
        """How much of a demand the pattern allows."""
        at = self._columns(demand.about)
        blank = np.zeros(len(self._system.owner))
        if not at:
            return Reached(0.0, blank, blank)
        more, less = self._scaled(demand.amount, demand.known)
        if len(at) == 1:
            # More than is asked for need not be sought.
            end = more if demand.sign > 0 else less
            end[at[0]] = min(end[at[0]], 1.0)
        found = self._run(at, demand.sign, more, less, self._prices)
        if demand.sign * float(found[at].sum()) < 1 - TOLERANCE:
            found = self._run(at, demand.sign, more, less, 0.0 * self._prices)
        part = demand.sign * float(found[at].sum())
        witness, slopes = blank, blank.copy()
        witness[self._free] = found * demand.amount / max(1.0, part)
        count = len(self._free)
        costs = self._solver.reduced_costs
        # What it would cost to move up is the price of adding, or what taking away more would save.
        slopes[self._free] = np.minimum(costs[:count], 0.0) - np.minimum(costs[count:], 0.0)
        return Reached(part, witness, slopes)

    def interval(self, name: str, scale: float) -> tuple[float, float]:
        """Between which deviations a figure lies; `scale` is of its order of magnitude."""
        at = self._columns((name,))
        if not at:
            return 0.0, 0.0
        free = 0.0 * self._prices
        least, most = (float(self._run(at, sign, *self._scaled(scale, ()), free)[at[0]]) * scale for sign in (-1, 1))
        return min(least, 0.0), max(most, 0.0)

    def _columns(self, names: Sequence[str]) -> list[int]:
        columns = (self._system.column[name] for name in names)
        return [self._places[column] for column in columns if column in self._places]

    def _scaled(self, amount: float, known: Sequence[str]) -> tuple[Any, Any]:
        """How far variables may go up and down, in units of an amount."""
        # A figure may miss what it is rounded to by a last digit; less than nothing is no room.
        ends = (self._upper[self._free], -self._lower[self._free])
        more, less = (np.maximum(scaled(bounds, amount), 0.0) for bounds in ends)
        for at in self._columns(known):
            more[at] = less[at] = 0.0
        return more, less

    def _run(self, at: Sequence[int], sign: int, more: Any, less: Any, prices: Any) -> Any:
        """The deviations that take the target furthest."""
        count = len(self._free)
        costs = np.concatenate([prices, prices])
        costs[at] -= sign
        costs[[count + one for one in at]] += sign
        self._solver.bound(np.zeros(2 * count), np.concatenate([more, less]))
        self._solver.cost(costs)
        self._solver.forget()
        if self._solver.run() != "optimal":
            raise UnsolvedError
        found = self._solver.solution
        return found[:count] - found[count:]


def scaled(bounds: Any, amount: float) -> Any:
    """Bounds in units of an amount: within what a solver can tell apart, or without end."""
    return np.where(np.isinf(bounds), bounds, np.clip(bounds / amount, -_FAR, _FAR))


def further(demand: Demand, reached: Reached, system: System) -> tuple[dict[int, float], float]:
    """What a pattern must hold so that it reaches a demand: coefficients by figure, and their least sum.

    By duality a pattern x reaches at most the sum of slopes times bounds. With what published figures allow
    anyway on the other side, and no coefficient above what is missing, since x is 0 or 1 (Fischetti and Salazar).
    """
    slopes = reached.slopes
    up, down = np.maximum(-slopes, 0.0), np.maximum(slopes, 0.0)
    ends = np.zeros(len(slopes), bool)
    ends[[system.column[name] for name in demand.known]] = True
    up[ends] = down[ends] = 0.0
    lower, upper = (scaled(bounds, demand.amount) for bounds in system.inside)
    missing = 1.0 - float((_product(up, upper) - _product(down, lower)).sum())
    reach = scaled(np.abs(system.reach), demand.amount)
    gains = _product(up, reach[1]) + _product(down, reach[0])
    found: dict[int, float] = {}
    for column in np.flatnonzero(gains > TOLERANCE * TOLERANCE):
        owner = int(system.owner[column])
        found[owner] = min(missing, found.get(owner, 0.0) + float(gains[column]))
    return found, missing


def _product(slopes: Any, bounds: Any) -> Any:
    """Slopes times bounds, where nothing times what has no end is nothing."""
    return np.where(slopes > TOLERANCE * TOLERANCE, slopes, 0.0) * np.where(slopes > TOLERANCE * TOLERANCE, bounds, 0.0)
