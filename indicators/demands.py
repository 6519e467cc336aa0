"""What has to stay uncertain: the demands of sensitive figures, of sums that can be inferred, and towards insiders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from indicators.attack import TOLERANCE, Attacker, Demand, Reached
from indicators.linked import Cell, System
from indicators.sensitivity import Primary, primary, together

# So many ways to meet a demand are remembered.
_KEPT = 32
# A program is set up anew where it would hold so many more figures than are withheld.
_FEW = 50


class _Witness(NamedTuple):
    """Deviations that meet a demand: the variables that move, how far, and how far those asked for move together."""

    moved: Any
    values: Any
    amount: float
    places: frozenset[int]


class Watch:
    """The demands of a system, for one pattern after another."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._witnesses: dict[tuple[tuple[str, ...], int], list[_Witness]] = {}
        self._fitting: dict[int, bool] = {}
        self._pattern: Any = None
        self._widest: Any = None
        self._narrow: Attacker | None = None
        self._sums: dict[tuple[str, ...], Primary | None] = {}
        self._personal: dict[tuple[str, str], Primary | None] = {}
        self._attacker = Attacker(system, np.ones(len(system.ids)))
        self._look_at(np.ones(len(system.ids)))

    @cached_property
    def primaries(self) -> Mapping[str, Primary]:
        """The sensitive cells, and why."""
        found = {}
        for name, cell in self.system.cells.items():
            why = cell.asked or primary(cell.contributors, self.system.rules, cell.kind, cell.step)
            if why:
                found[name] = why
        return found

    @cached_property
    def outsiders(self) -> tuple[Demand, ...]:
        """What sensitive cells demand of everybody, the largest first."""
        cells = self.system.cells
        found = [demand for name, why in self.primaries.items() for demand in self._both([cells[name]], why)]
        return tuple(sorted(found, key=lambda demand: (-demand.amount, demand.about, demand.sign)))

    def unmet(self, pattern: Any) -> Iterator[tuple[Demand, Reached]]:
        """The demands that a pattern of figures withheld (True) does not meet, each with what it reaches.

        First those of sensitive cells; then those that the pattern itself gives rise to.
        """
        yield from self.failing(self.outsiders, pattern)
        yield from self.failing(self.sums(pattern), pattern)
        yield from self.failing(self.insiders(pattern), pattern)

    def sums(self, pattern: Any) -> Iterator[Demand]:
        """What sums of withheld cells demand, where all else in their relation is published.

        Whoever subtracts what is published from the total knows such a sum; it must not be sensitive itself. So
        two singletons in a row, or one holding in two cells of it, are no shelter for each other (Handbook,
        "singletons"; G-Confid calls these sums aggregates).
        """
        cells, number = self.system.cells, self.system.number
        for relation in self.system.relations:
            hidden = [(name, value) for name, value in relation.terms if pattern[number[name]]]
            if len(hidden) < 2 or len({value for _, value in hidden}) > 1:
                continue
            parts = sorted((cells[name] for name, _ in hidden), key=lambda cell: cell.id)
            kind = parts[0].kind
            step = max(cell.step for cell in parts)
            names = tuple(cell.id for cell in parts)
            if names not in self._sums:
                everybody = together(cell.contributors for cell in parts)
                self._sums[names] = primary(everybody, self.system.rules, kind, step)
            if why := self._sums[names]:
                yield from self._both(parts, why)

    def insiders(self, pattern: Any) -> Iterator[Demand]:
        """What sensitive cells demand of those who, alone in another withheld cell, know that one exactly.

        Only of those who know a cell that must deviate for the demand towards everybody to be met: to all others the
        same deviations are possible.
        """
        known = self._known(pattern)
        for demand in self.outsiders:
            cell = self.system.cells[demand.about[0]]
            if cell.kind == "count":
                continue
            moved = (self._names[at] for at in sorted(self.moved(demand)) if at < len(self._names))
            for knower in dict.fromkeys(who for name in moved if (who := self._alone.get(name)) in known):
                if cell.id not in known[knower] and (why := self._towards(cell, knower)):
                    both = self._both([cell], why, knower, known[knower])
                    yield from (one for one in both if one.sign == demand.sign)

    def moved(self, demand: Demand) -> tuple[int, ...]:
        """The variables that move so that a demand is met in the pattern looked at last; none where none is known."""
        witness = self._witness(demand)
        return tuple(witness.places) if witness else ()

    def _witness(self, demand: Demand) -> _Witness | None:
        """Deviations that meet a demand in the pattern looked at, of those that are known already."""
        known = {self.system.column[name] for name in demand.known}
        wanted = demand.amount * (1 - TOLERANCE)
        found = self._witnesses.get((demand.about, demand.sign), ())
        return next(
            (one for one in found if one.amount >= wanted and known.isdisjoint(one.places) and self._fits(one)), None
        )

    def _fits(self, witness: _Witness) -> bool:
        """Whether the pattern looked at allows the deviations; asked once a pattern."""
        key = id(witness)
        if key not in self._fitting:
            slack = TOLERANCE * witness.amount
            lower, upper = (bounds[witness.moved] for bounds in self._bounds)
            less, more = witness.values >= lower - slack, witness.values <= upper + slack
            self._fitting[key] = bool(less.all() and more.all())
        return self._fitting[key]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.system.cells)

    @cached_property
    def _alone(self) -> Mapping[str, str]:
        """The only contributor of each cell that has but one."""
        return {name: cell.alone for name, cell in self.system.cells.items() if cell.alone}

    def _known(self, pattern: Any) -> dict[str, tuple[str, ...]]:
        """The withheld cells by their only contributor."""
        found: dict[str, list[str]] = {}
        for name, who in self._alone.items():
            if pattern[self.system.number[name]]:
                found.setdefault(who, []).append(name)
        return {who: tuple(names) for who, names in found.items()}

    def _towards(self, cell: Cell, knower: str) -> Primary | None:
        """What a cell demands of a contributor, or of anybody who is none."""
        key = (cell.id, knower if knower in cell.contributors else "")
        if key not in self._personal:
            self._personal[key] = primary(cell.contributors, self.system.rules, cell.kind, cell.step, key[1])
        return self._personal[key]

    def _both(
        self, cells: Sequence[Cell], why: Primary, knower: str = "", known: tuple[str, ...] = ()
    ) -> Iterator[Demand]:
        """The demands upwards and downwards, as far as what everybody knows beforehand leaves room for either."""
        ends = [cell.known(self.system.rules) for cell in cells]
        room = {
            1: sum(upper - cell.value for cell, (_, upper) in zip(cells, ends, strict=True)),
            -1: sum(cell.value - lower for cell, (lower, _) in zip(cells, ends, strict=True)),
        }
        about = tuple(cell.id for cell in cells)
        for sign, most in room.items():
            if most > 0:
                yield Demand(about, sign, min(why.protection, most), why.rule, knower, known)

    def failing(self, demands: Iterable[Demand], pattern: Any) -> Iterator[tuple[Demand, Reached]]:
        """Those of some demands that a pattern, of anything from 0 to 1, does not meet."""
        for demand, reached in self._failing(demands, pattern):
            yield demand, reached if self._quick is self._attacker else self._attacker.reach(demand)

    def first_unmet(self, pattern: Any, near: Collection[str]) -> Demand | None:
        """One demand that a pattern does not meet, if any; those about cells that are `near` are tried first."""
        outsiders = sorted(self.outsiders, key=lambda demand: demand.about[0] not in near)
        for kind in (outsiders, self.sums(pattern), self.insiders(pattern)):
            for demand, _ in self._failing(kind, pattern):
                return demand
        return None

    def _failing(self, demands: Iterable[Demand], pattern: Any) -> Iterator[tuple[Demand, Reached]]:
        self._look_at(pattern)
        for demand in demands:
            if self._witness(demand):
                continue
            reached = self._quick.reach(demand)
            if reached.met:
                self._remember(demand, reached)
            else:
                yield demand, reached

    def _look_at(self, pattern: Any) -> None:
        if np.array_equal(pattern, self._pattern):
            return
        self._pattern = pattern.copy()
        self._attacker.show(pattern)
        # Where figures are withheld or not, with nothing between, those that are not can be left out.
        if ((pattern > 0) & (pattern < 1)).any():
            self._quick = self._attacker
        elif self._narrow and (pattern <= self._widest).all() and self._widest.sum() - pattern.sum() < _FEW:
            self._quick = self._narrow
            self._quick.show(pattern)
        else:
            self._widest = pattern.copy()
            self._quick = self._narrow = Attacker(self.system, pattern, narrow=True)
        self._bounds = self.system.bounds(pattern)
        self._fitting.clear()

    def _remember(self, demand: Demand, reached: Reached) -> None:
        moved = np.flatnonzero(reached.witness)
        places = frozenset(int(at) for at in moved)
        amount = min(1.0, reached.part) * demand.amount
        witness = _Witness(moved, reached.witness[moved], amount, places)
        kept = self._witnesses.setdefault((demand.about, demand.sign), [])
        kept.insert(0, witness)
        for old in kept[_KEPT:]:
            self._fitting.pop(id(old), None)
        del kept[_KEPT:]
