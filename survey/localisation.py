"""Where the error may be: the fewest cells of a record whose change lets every check hold (Fellegi and Holt 1976).

A suggestion for the person who calls the unit back; no value is ever changed by it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from survey.checks import CheckSet
from survey.expression import Call, Column, Node, children
from survey.form import HARD, Item
from survey.linear import ALWAYS, Formula, NotLinearError, Row, fix, keys
from survey.reading import Cells, RecordReading, does_not_fail
from survey.scalar import Values, compile_scalar
from survey.search import Budget, Conflict, Search, Witness
from survey.solver import Programs, UnsolvedError

# Sets tried one by one before the cheapest is asked of the solver instead, and sets told.
_TRIED = 2_000
_TOLD = 50
# How far from a whole number the solver may end where it means one.
_CLOSE = 1e-4


@dataclass(frozen=True)
class Proposal:
    """Cells that, changed together, let every check hold; `evidence` are values that would do, blank cells included.

    `least` and `most` bound the value of a single cell, as far as one can go from the evidence without
    passing through values that do not do; None for several cells.
    """

    cells: tuple[str, ...]
    evidence: Mapping[str, float]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Localisation:
    """What a record's failed checks point to, cells by item name, checks by code.

    `missing` are blank cells that checks need; they are to be looked at besides every proposal and cost
    nothing. `not_covered` are failed checks, or checks of proposed cells, that are no linear conditions.
    `conflict` are checks that no values at all can satisfy together. Without `proven` the time was up before
    any set was found, and `cost` is what every set costs at least; without `complete` there are other sets
    of the same cost.
    """

    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    cost: float = 0.0
    proven: bool = True
    complete: bool = True
    not_covered: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()


def localise(
    checks: CheckSet,
    values: Values,
    base: str = "unit",
    weights: Mapping[str, float] | None = None,
    seconds: float = 2.0,
    exempt: Collection[str] = (),
) -> Localisation:
    """All sets of cells of least weight for one record of a base (see `Localiser`)."""
    return Localiser(checks, base).localise(values, weights, seconds, exempt)


class Localiser:
    """Finds where the errors of records of one base may be; made once, asked for every record.

    Cells are the base's own numbers, but for flags and for what the program computes; all else that
    checks read is taken as it is. Checks of the `classes` are to hold, and every least value.
    """

    def __init__(self, checks: CheckSet, base: str = "unit", classes: Collection[str] = HARD) -> None:
        scheme = checks.scheme
        forms = [form for form in scheme.forms if base in (form.id if form.is_list else form.respondent,)]
        items = [item for form in forms for item in form.items]
        self.items: Mapping[str, Item] = {
            item.name: item for item in items if item.type in ("integer", "decimal") and not item.computed
        }
        self.cells = Cells(
            integer={name: item.type == "integer" for name, item in self.items.items()},
            formulas={item.name: scheme.computed[item.name] for item in items if item.name in scheme.computed},
        )
        self.skips = {name: compile_scalar(tree) for name, tree in scheme.skips.items() if name in self.items}
        self.checks = tuple(one for one in checks.by_base.get(base, ()) if one.check.category in classes)
        self.programs = Programs()

    @cached_property
    def by_cell(self) -> Mapping[str, tuple[int, ...]]:
        """The positions of the checks that read a cell, directly or through what is computed."""
        found: dict[str, list[int]] = {}
        for at, one in enumerate(self.checks):
            for name in dict.fromkeys(self.cells.read_by(one.check.tree)):
                found.setdefault(name, []).append(at)
        return {name: tuple(positions) for name, positions in found.items()}

    def localise(
        self,
        values: Values,
        weights: Mapping[str, float] | None = None,
        seconds: float = 2.0,
        exempt: Collection[str] = (),
    ) -> Localisation:
        """All sets of cells of least weight (1 unless given) which, freed, let every check of a record hold.

        `values` are by `Column.key`, as checks read them (`survey.formulas.readable`), the register's
        included. Weights are above 0. After `seconds` the answer is what was found until then. Checks that
        the unit is `exempt` from, by code, need not hold.
        """
        return _Record(self, values, weights or {}, Budget(seconds), frozenset(exempt)).localisation()


@dataclass
class _Record:
    """One record: its failed checks, what rules sets out, and the sets that do."""

    plan: Localiser
    values: Values
    weights: Mapping[str, float]
    budget: Budget
    exempt: frozenset[str]
    cuts: list[frozenset[str]] = field(default_factory=list)
    not_covered: dict[int, None] = field(default_factory=dict)
    formulas: dict[int, Formula] = field(default_factory=dict)
    found: list[Proposal] = field(default_factory=list)
    least: float = 0.0

    @cached_property
    def start(self) -> Mapping[str, float]:
        """The numbers that are there."""
        return {
            name: float(value) for name in self.plan.items if isinstance(value := self.values.get(name), int | float)
        }

    @cached_property
    def failed(self) -> list[int]:
        return [at for at, verdict in enumerate(self._verdicts) if verdict is False]

    @cached_property
    def _verdicts(self) -> list[bool | None]:
        return [one.check.code in self.exempt or one.closure(self.values) for one in self.plan.checks]

    @cached_property
    def blank(self) -> frozenset[str]:
        """The blank cells for want of which checks are not evaluated: they are free, whatever else is."""
        return frozenset().union(*(self._needed(at) for at, verdict in enumerate(self._verdicts) if verdict is None))

    @cached_property
    def owed(self) -> frozenset[str]:
        """The blank cells that failed checks ask an answer for."""
        return frozenset().union(*(self._needed(at) for at in self.failed if not keys(self._formula(at))))

    def _needed(self, at: int) -> set[str]:
        bare = self._bare(self.plan.checks[at].check.tree)
        return {name for name in bare if name not in self.start} - self.left_blank

    def _bare(self, node: Node) -> Iterator[str]:
        """The cells of a tree that have to be answered: all but those read as 0 where blank."""
        if isinstance(node, Column):
            if node.key in self.plan.items:
                yield node.key
            elif node.key in self.plan.cells.formulas:
                yield from self._bare(self.plan.cells.formulas[node.key])
        elif not (isinstance(node, Call) and node.function in ("nz", "sum0")):
            for below in children(node):
                yield from self._bare(below)

    @cached_property
    def left_blank(self) -> frozenset[str]:
        """The blank cells that are to stay so, by what their items say."""
        skips = self.plan.skips.items()
        return frozenset(name for name, skip in skips if name not in self.start and skip(self.values) is True)

    def _formula(self, at: int) -> Formula:
        """What a check asks of the cells; a check that is no linear condition asks nothing."""
        if at not in self.formulas:
            check = self.plan.checks[at].check
            reading = RecordReading(self.plan.cells, self.values, self.left_blank)
            try:
                asked = does_not_fail(check.tree, reading, check.tolerance)
                self.formulas[at] = ALWAYS if check.code in self.exempt else asked
            except NotLinearError:
                self.not_covered[at] = None
                self.formulas[at] = ALWAYS
        return self.formulas[at]

    def localisation(self) -> Localisation:
        """The answer for the record."""
        wanted = [at for at in self.failed if keys(self._formula(at))]
        self.not_covered.update((at, None) for at in self.failed if at not in wanted and not self._needed(at))
        self.cuts += [cut for at in wanted if not (cut := keys(self._formula(at))) & self.blank]
        self.cuts += [frozenset({name}) for name in self.start if not self._least(name).holds(self.start)]
        if not wanted and not self.cuts:
            return self._told([], 0.0)
        try:
            return self._cheapest()
        except UnsolvedError:
            # Sets are tried in order of their weight: what was found is of least weight all the same.
            return self._told(self.found, self.least, proven=bool(self.found), complete=False)

    def _cheapest(self) -> Localisation:
        """All sets of least weight, tried in order of their weight; every failure rules out further ones.

        A set that does not do leaves checks in conflict: one of their other cells must be in every set.
        Branch by branch each cell of such a cut is taken, and not taken in the branches after it.
        """
        order = count()
        queue = [(0.0, next(order), frozenset[str](), frozenset[str]())]
        while queue and len(self.found) <= _TOLD and not (self.found and queue[0][0] > self.least + 1e-9):
            self.least, number, chosen, barred = heapq.heappop(queue)
            if number > _TRIED:
                return self._by_cover() if not self.found else self._told(self.found, self.least, complete=False)
            cut = next((cut for cut in self.cuts if not cut & chosen), None)
            if cut is None:
                tried = self._tried(chosen)
                if isinstance(tried, Proposal):
                    self.found.append(tried)
                    continue
                cut = tried[0]
                if not cut:
                    return self._told([], 0.0, conflict=tried[1])
                self.cuts.append(cut)
            for name in sorted(cut - barred):
                heapq.heappush(queue, (self.least + self._weight(name), next(order), chosen | {name}, barred))
                barred |= {name}
        return self._told(self.found, self.least)

    def _by_cover(self) -> Localisation:
        """One set of least weight: the cheapest that hits all cuts, until one does."""
        while True:
            chosen = self.plan.programs.cover(self.cuts, self.weights)
            self.least = sum(map(self._weight, chosen))
            tried = self._tried(chosen)
            if isinstance(tried, Proposal):
                return self._told([tried], self.least, complete=False)
            if not tried[0]:
                return self._told([], 0.0, conflict=tried[1])
            self.cuts.append(tried[0])

    def _tried(self, chosen: frozenset[str]) -> Proposal | tuple[frozenset[str], Conflict]:
        """The set as a proposal; else other cells of which one must be freed, and the checks that say so."""
        free = chosen | self.blank
        touched = sorted({at for name in free for at in self.plan.by_cell.get(name, ()) if keys(self._formula(at))})
        bounds = [self._least(name) for name in sorted(free)]
        formulas = [*bounds, *(fix(self._formula(at), self.start, free) for at in touched)]
        search = Search((), self.plan.programs, self.start)
        found = search.run([(formula, at) for at, formula in enumerate(formulas)], self.budget)
        if isinstance(found, Witness):
            return self._proposal(chosen, found, list(found.rows(formulas)))
        conflict = frozenset(touched[at - len(bounds)] for at in found if at >= len(bounds))
        return frozenset().union(*(keys(self._formula(at)) for at in conflict)) - free, conflict

    def _beside(self, chosen: frozenset[str]) -> frozenset[str]:
        """The blank cells that have to do with failed checks or with cells that change."""
        found, seen = set[str](), set[int]()
        todo = sorted(chosen.union(*(keys(self._formula(at)) for at in self.failed)))
        while todo:
            for at in set(self.plan.by_cell.get(todo.pop(), ())) - seen:
                seen.add(at)
                more = (keys(self._formula(at)) & self.blank) - found
                found |= more
                todo += sorted(more)
        return frozenset(found)

    def _proposal(self, chosen: frozenset[str], found: Witness, rows: list[Row]) -> Proposal:
        told = sorted(chosen | self._beside(chosen))
        values = self._in_whole_numbers(told, found.values, rows)
        evidence = {name: self._plain(name, values.get(name, 0.0)) for name in told}
        if len(chosen) != 1:
            return Proposal(tuple(sorted(chosen)), evidence)
        (name,) = chosen
        least, most = self.plan.programs.span(rows, name, found.values)
        return Proposal((name,), evidence, self._plain(name, least, math.ceil), self._plain(name, most, math.floor))

    def _in_whole_numbers(self, names: list[str], values: Mapping[str, float], rows: list[Row]) -> Mapping[str, float]:
        """Values that satisfy rows, whole where items are: one cell after another is held to a whole number near by."""
        for name in names:
            value = values.get(name, 0.0)
            if self.plan.items[name].type != "integer" or abs(value - round(value)) < _CLOSE:
                continue
            for whole in (float(math.floor(value)), float(math.ceil(value))):
                held = [*rows, Row(((name, 1.0),), whole, whole)]
                if isinstance(found := self.plan.programs.nearest(held, values), dict):
                    rows, values = held, {**values, **found}
                    break
        return values

    def _plain(self, name: str, value: float, inward: Callable[[float], int] = round) -> float:
        """A value without the last digits that are the solver's; a bound of whole numbers is one itself."""
        if self.plan.items[name].type != "integer" or not math.isfinite(value):
            return round(value, 8)
        near = float(round(value))
        if abs(value - near) < _CLOSE:
            return near
        return round(value, 8) if inward is round else float(inward(value))

    def _least(self, name: str) -> Row:
        item = self.plan.items[name]
        least = float("-inf") if item.minimum is None else float(item.minimum)
        return Row(((name, 1.0),), least, float("inf"))

    def _weight(self, name: str) -> float:
        return self.weights.get(name, 1.0)

    def _told(
        self,
        found: list[Proposal],
        cost: float,
        *,
        proven: bool = True,
        complete: bool = True,
        conflict: Conflict = frozenset(),
    ) -> Localisation:
        def codes(positions: Collection[int]) -> tuple[str, ...]:
            return tuple(self.plan.checks[at].check.code for at in positions)

        return Localisation(
            failed=codes(self.failed),
            missing=tuple(sorted(self.owed.union(*(set(one.evidence) - set(one.cells) for one in found)))),
            proposals=tuple(sorted(found, key=lambda one: one.cells)[:_TOLD]),
            cost=cost,
            proven=proven,
            complete=proven and complete and len(found) <= _TOLD,
            not_covered=codes(self.not_covered),
            conflict=codes(sorted(conflict)),
        )
