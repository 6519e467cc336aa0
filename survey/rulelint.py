"""Checks as a set: which contradict one another, which follow from others, which never come to anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from survey.checks import IMPLIED, CheckSet, compile_checks
from survey.errors import Problem
from survey.expression import If, Node
from survey.form import HARD, Check, Item
from survey.linear import ALWAYS, Filled, Formula, Row, both, normal
from survey.reading import Reading, does_not_fail, fails, holds
from survey.rulereading import RuleReading, asked_whether_filled
from survey.scheme import Scheme
from survey.search import Budget, Conflict, Search, Witness
from survey.solver import Programs, UnsolvedError
from survey.textfiles import line_of

# When a part of a check holds, fails, or does not fail.
Way = Callable[[Node, Reading, float], Formula]

_SECONDS = 0.5
_ASKED = -1
# 损失以“-”号填列: an instruction that asks for a minus sign, and one that asks for a 0.
_MINUS = re.compile("以.?[-－—].?号")
_ZERO = re.compile("[填记][写报列]?[“ ]?0[”。，；]")


def lint_rules(scheme: Scheme, period: str = "") -> list[Problem]:
    """What is wrong with the checks of a period as a set; without one, those that hold after all have begun.

    Contradictions and checks that come to nothing are faults; checks that say what others say already are
    hints (`Problem.hint`). What cannot be decided in half a second a question is not told.
    """
    checks = compile_checks(scheme, period or _latest(scheme))
    found: list[Problem] = []
    for base in checks.by_base:
        rules = _Rules(checks, base)
        found += rules.twice()
        for at, check in enumerate(rules.checks):
            if not _is_implied(check):
                found += rules.problems(at)
        found += rules.instructions()
    return list({_once(problem): problem for problem in reversed(found)}.values())[::-1]


def lint_check(scheme: Scheme, check: Check, period: str = "") -> list[Problem]:
    """What is wrong with one check, new or changed, beside the others of a scheme; nothing where it is switched off."""
    others = tuple(one for one in scheme.checks if one.code != check.code)
    with_it = replace(scheme, checks=(*others, check))
    checks = compile_checks(with_it, max(period or _latest(scheme), check.valid_from))
    rules = _Rules(checks, checks.base(check))
    found = [problem for problem in rules.twice() if check.code in _named(problem)]
    for at, one in enumerate(rules.checks):
        if one.code == check.code:
            found += rules.problems(at)
    return found


def _latest(scheme: Scheme) -> str:
    return max((check.valid_from for check in scheme.checks), default="") or "9999"


def _is_implied(check: Check) -> bool:
    return check.code.partition("-")[0] in IMPLIED.values() and not check.message


def _named(problem: Problem) -> list[str]:
    """The check or item a problem is about, and the checks it names beside."""
    return f"{problem.facts['found']}, {problem.facts['others']}".split(", ")


def _once(problem: Problem) -> tuple[str, ...]:
    """Checks that contradict one another are told once, whichever of them was looked at."""
    alike = problem.code in ("rules_contradict", "check_twice")
    return problem.code, *(sorted(_named(problem)) if alike else _named(problem))


@dataclass(frozen=True)
class _Rules:
    """The checks of one base."""

    set: CheckSet
    base: str

    @cached_property
    def scheme(self) -> Scheme:
        return self.set.scheme

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        return tuple(one.check for one in self.set.by_base[self.base])

    @cached_property
    def complete(self) -> _Questions:
        """Records that answer every item, but for those of which something asks whether they are answered."""
        trees = [*(check.tree for check in self.checks if not check.code.startswith(("REQ-", "MIN-")))]
        trees += self.scheme.demands.values()
        open_ = {*asked_whether_filled(trees), *self.scheme.skips}
        return _Questions(self, RuleReading(self.scheme, frozenset(self.scheme.items) - open_))

    @cached_property
    def any(self) -> _Questions:
        """Records that may leave every item blank."""
        return _Questions(self, RuleReading(self.scheme))

    @cached_property
    def hard(self) -> frozenset[int]:
        return frozenset(at for at, check in enumerate(self.checks) if check.category in HARD)

    @cached_property
    def alike(self) -> Mapping[Formula, list[int]]:
        """Checks that ask the same."""
        found: dict[Formula, list[int]] = {}
        for at, formula in enumerate(self.any.formulas):
            found.setdefault(normal(formula), []).append(at)
        return found

    def twice(self) -> Iterator[Problem]:
        """Checks that ask what another does."""
        for formula, positions in self.alike.items():
            own = [at for at in positions if not _is_implied(self.checks[at])]
            for at in own[:-1] if len(own) == len(positions) else own:
                others = [other for other in positions if other != at]
                if formula != ALWAYS:
                    yield self._problem("check_twice", at, others, hint=True)

    def problems(self, at: int) -> Iterator[Problem]:
        """What is wrong with one check: a fault, or else hints."""
        fault = self._fault(at)
        if fault:
            yield fault
            return
        check = self.checks[at]
        wrong = self.any.read(check.tree, check, fails)
        if self.any.conflict(wrong, ()) is not None:
            yield self._problem("check_always_holds", at, (), hint=True)
            return
        same = self.alike[normal(self.any.formulas[at])]
        graver = [of for of, one in enumerate(self.checks) if one.category <= check.category and of not in same]
        implied = self.any.conflict(wrong, graver)
        if implied:
            yield self._problem("check_follows", at, implied, hint=True)

    def _fault(self, at: int) -> Problem | None:
        """Why a check can never hold where it applies."""
        check, others = self.checks[at], self.hard - {at}
        conditions, consequence = _parted(check.tree)
        applies = both([self.complete.read(one, check, holds) for one in conditions])
        met = both([applies, self.complete.read(consequence, check, holds)])
        if self.complete.conflict(met, ()) is not None:
            never = bool(conditions) and self.complete.conflict(applies, ()) is not None
            return self._problem("condition_never" if never else "check_never_holds", at, ())
        against = self.complete.conflict(met, others)
        if not against or self.complete.conflict(ALWAYS, against) is not None:
            # Either there is no conflict, or it is one of the others without this check.
            return None
        if conditions and (unreachable := self.complete.conflict(applies, others)):
            return self._problem("condition_excluded", at, unreachable)
        by_items = all(_is_implied(self.checks[of]) for of in against)
        return self._problem("check_against_items" if by_items else "rules_contradict", at, against)

    def instructions(self) -> Iterator[Problem]:
        """Items whose instruction asks for what the checks refuse."""
        for form in self.scheme.forms:
            if self.base != (form.id if form.is_list else form.respondent):
                continue
            for item in form.items:
                if not item.numeric or item.computed:
                    continue
                for pattern, code, below in ((_MINUS, "minus_refused", True), (_ZERO, "zero_refused", False)):
                    if pattern.search(f"{item.label}{item.note}"):
                        yield from self._refused(item, code, below)

    def _refused(self, item: Item, code: str, below: bool) -> Iterator[Problem]:
        value = Row(((item.name, 1.0),), float("-inf") if below else 0.0, 0.0, strict=below)
        against = self.any.conflict(both([Filled(item.name, True), value]), self.hard)
        if against:
            file = f"forms/{item.form}.toml"
            line = line_of(self.scheme.files[file], f'"{item.name}"')
            yield Problem(file, line, code, {"found": item.key, "others": self._codes(against)})

    def _problem(self, code: str, at: int, others: Iterable[int], *, hint: bool = False) -> Problem:
        check = self.checks[at]
        line = line_of(self.scheme.files.get("checks.csv", ""), f"{check.code},")
        return Problem("checks.csv", line, code, {"found": check.code, "others": self._codes(others)}, hint=hint)

    def _codes(self, positions: Iterable[int]) -> str:
        own_first = sorted(positions, key=lambda at: (_is_implied(self.checks[at]), at))
        return ", ".join(self.checks[at].code for at in own_first)


class _Questions:
    """What records there are that pass some checks and satisfy something besides."""

    def __init__(self, rules: _Rules, reading: RuleReading) -> None:
        self._reading = reading
        self.formulas = [does_not_fail(check.tree, reading, check.tolerance) for check in rules.checks]
        given = list(reading.given(self.formulas))
        self._given = frozenset(range(len(self.formulas), len(self.formulas) + len(given)))
        self._search = Search([*self.formulas, *given], Programs(), lists=reading.lists(self.formulas))

    def read(self, tree: Node, check: Check, way: Way) -> Formula:
        """A check, or a part of it, as a condition."""
        return way(tree, self._reading, check.tolerance)

    def conflict(self, asked: Formula, among: Collection[int]) -> frozenset[int] | None:
        """A least set of checks `among` which no record passes that satisfies what is asked; None if some does.

        Least: without any one of them there is such a record, or that could not be decided.
        """
        found = self._ask(asked, frozenset(among))
        if found is None:
            return None
        kept = found - self._given - {_ASKED}
        for one in sorted(kept, reverse=True):
            if one in kept and (fewer := self._ask(asked, kept - {one})) is not None:
                kept &= fewer
        return kept

    def _ask(self, asked: Formula, among: frozenset[int]) -> Conflict | None:
        try:
            found = self._search.run([(asked, _ASKED)], Budget(_SECONDS), among | self._given)
        except UnsolvedError:
            return None
        return None if isinstance(found, Witness) else found


def _parted(tree: Node) -> tuple[list[Node], Node]:
    """The conditions under which a check applies, and what it then asks."""
    if isinstance(tree, If):
        conditions, consequence = _parted(tree.consequence)
        return [tree.condition, *conditions], consequence
    return [], tree
