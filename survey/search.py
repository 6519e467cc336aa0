"""Looking for one record that satisfies conditions together, or for conditions that rule one another out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

from survey.linear import All, Choice, Either, Fact, Filled, Formula, Opaque, Row, names
from survey.solver import Programs, UnsolvedError

Tagged = tuple[Row | Fact, int]
Conflict = frozenset[int]


@dataclass(frozen=True)
class Witness:
    """A record that satisfies every condition: its numbers, and its facts."""

    values: Mapping[str, float]
    facts: Facts

    def satisfies(self, formula: Formula) -> bool:
        """Whether the record satisfies a condition."""
        if isinstance(formula, Row):
            return formula.holds(self.values)
        if isinstance(formula, All):
            return all(map(self.satisfies, formula.parts))
        if isinstance(formula, Either):
            return any(map(self.satisfies, formula.parts))
        return self.facts.holds(formula)

    def rows(self, formulas: Iterable[Formula]) -> Iterator[Row]:
        """Rows that let conditions hold, of alternatives those of the first that the record satisfies."""
        for formula in formulas:
            if isinstance(formula, Row):
                yield formula
            elif isinstance(formula, All):
                yield from self.rows(formula.parts)
            elif isinstance(formula, Either):
                yield from self.rows([next(part for part in formula.parts if self.satisfies(part))])


@dataclass
class Budget:
    """How much may be spent on a search; raises UnsolvedError when it is used up."""

    seconds: float
    steps: int = 20_000
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = monotonic() + self.seconds

    def spend(self) -> None:
        """One more step."""
        self.steps -= 1
        if self.steps < 0 or monotonic() > self._until:
            raise UnsolvedError


@dataclass
class Facts:
    """What is known of a record besides its numbers; what nothing is known of is blank."""

    lists: Mapping[str, frozenset[str]]
    filled: dict[str, bool] = field(default_factory=dict)
    opaque: dict[str, bool] = field(default_factory=dict)
    inside: dict[str, frozenset[str]] = field(default_factory=dict)
    outside: dict[str, frozenset[str]] = field(default_factory=dict)

    def take(self, fact: Fact) -> bool:
        """Adds a fact; False where it contradicts those before."""
        match fact:
            case Filled(column, truth):
                return self.filled.setdefault(column, truth) == truth
            case Opaque(text, truth):
                return self.opaque.setdefault(text, truth) == truth
            case Choice(column, codes, inside):
                kept = self.inside if inside else self.outside
                before = kept.get(column)
                kept[column] = codes if before is None else (before & codes if inside else before | codes)
                return self.filled.setdefault(column, True) and self._left(column) != frozenset()

    def holds(self, fact: Fact) -> bool:
        """Whether a fact is known."""
        match fact:
            case Filled(column, truth):
                return self.filled.get(column, False) == truth
            case Opaque(text, truth):
                return self.opaque.get(text) == truth
            case Choice(column, codes, inside):
                return self.filled.get(column, False) and (self.code(column) in codes) == inside

    def code(self, column: str) -> str:
        """A code that an answered item may have; '' for one that nothing asks for."""
        left = self._left(column)
        return min(left) if left else ""

    def _left(self, column: str) -> frozenset[str] | None:
        """The codes that are left; None where any text will do."""
        known = self.inside.get(column, self.lists.get(column))
        return None if known is None else known - self.outside.get(column, frozenset())


@dataclass(frozen=True)
class _State:
    """The rows and facts that a record must satisfy, each with the condition it is from.

    `open` are alternatives of which one must hold, `decided` those of which one was taken.
    """

    asserted: tuple[Tagged, ...] = ()
    open: tuple[tuple[Either, int], ...] = ()
    decided: frozenset[tuple[Either, int]] = frozenset()

    def with_(self, parts: Iterable[tuple[Formula, int]], decided: tuple[Either, int] | None = None) -> _State:
        asserted, open_ = dict.fromkeys(self.asserted), dict.fromkeys(self.open)
        todo = list(parts)
        while todo:
            formula, tag = todo.pop()
            if isinstance(formula, All):
                todo += [(part, tag) for part in formula.parts]
            elif isinstance(formula, Either):
                open_[formula, tag] = None
            else:
                asserted[formula, tag] = None
        return _State(tuple(asserted), tuple(open_), self.decided | ({decided} if decided else set()))


class Search:
    """Conditions by position; a search takes in only those that some record on its way does not satisfy."""

    def __init__(
        self,
        formulas: Sequence[Formula],
        programs: Programs,
        start: Mapping[str, float] | None = None,
        lists: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._parts = [
            (part, at)
            for at, formula in enumerate(formulas)
            for part in (formula.parts if isinstance(formula, All) else (formula,))
        ]
        self._programs = programs
        self._start, self._lists = start or {}, lists or {}

    @cached_property
    def _of_empty(self) -> list[int]:
        """The parts that a record of which nothing is asked does not satisfy."""
        empty = Witness(self._start, Facts(self._lists))
        return [place for place, (part, _) in enumerate(self._parts) if not empty.satisfies(part)]

    @cached_property
    def _by_name(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, (part, _) in enumerate(self._parts):
            for name in names(part):
                found.setdefault(name, []).append(place)
        return found

    def run(
        self, asked: Iterable[tuple[Formula, int]], budget: Budget, among: Collection[int] | None = None
    ) -> Witness | Conflict:
        """A record that satisfies what is asked and the conditions at the positions `among` (None: all of them).

        Where there is none: positions of conditions that cannot be satisfied together, what is asked under
        the number it comes with. Raises UnsolvedError when the budget is used up.
        """
        self._budget, self._among = budget, among
        return self._search(_State().with_(asked))

    def _candidates(self, state: _State) -> Iterator[tuple[Formula, int]]:
        """The conditions that the record of a state may not satisfy."""
        touched = {name for leaf, _ in state.asserted for name in names(leaf)}
        places = {place for name in touched for place in self._by_name.get(name, ())}
        for place in sorted(places.union(self._of_empty)):
            if self._among is None or self._parts[place][1] in self._among:
                yield self._parts[place]

    def _search(self, state: _State) -> Witness | Conflict:
        while True:
            self._budget.spend()
            found = self._record(state)
            if not isinstance(found, Witness):
                return found
            broken = [(part, tag) for part, tag in self._candidates(state) if not found.satisfies(part)]
            plain = [(part, tag) for part, tag in broken if not isinstance(part, Either)]
            if not plain:
                break
            grown = state.with_(plain)
            if grown == state:
                # Rounding: a row that was called for does not hold, though the solver says so.
                raise UnsolvedError
            state = grown
        left = [choice for choice in (*broken, *state.open) if choice not in state.decided]
        choices = [(part, tag) for part, tag in left if not found.satisfies(part)]
        if not choices:
            return found
        chosen, tag = min(choices, key=lambda choice: len(choice[0].parts))  # type: ignore[union-attr]
        return self._choose(state, chosen, tag)  # type: ignore[arg-type]

    def _choose(self, state: _State, chosen: Either, tag: int) -> Witness | Conflict:
        conflict: set[int] = {tag}
        for part in chosen.parts:
            found = self._search(state.with_([(part, tag)], (chosen, tag)))
            if isinstance(found, Witness) or tag not in found:
                return found
            conflict |= found
        return frozenset(conflict)

    def _record(self, state: _State) -> Witness | Conflict:
        """A record that satisfies what is asserted."""
        facts = Facts(self._lists)
        for fact, _ in state.asserted:
            if not isinstance(fact, Row) and not facts.take(fact):
                return _clash(fact, state)
        tagged = [(row, tag) for row, tag in state.asserted if isinstance(row, Row)]
        found = self._programs.nearest([row for row, _ in tagged], self._start)
        if isinstance(found, list):
            return frozenset(tagged[at][1] for at in found)
        return Witness({**self._start, **found}, facts)


def _clash(fact: Fact, state: _State) -> Conflict:
    """The conditions that say something of the same item as a fact that does not fit."""
    about = names(fact)
    return frozenset(tag for other, tag in state.asserted if not isinstance(other, Row) and names(other) == about)
