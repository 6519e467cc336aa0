"""What failed checks have in common: the items they are about, the units they meet, the likely cause of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from survey.checks import CheckSet, CompiledCheck
from survey.results import Failures

# What is only shown asks nothing of anybody: it is counted, and no cause is looked for.
_ASKING = ("A", "B", "C")


@dataclass
class ItemCount:
    """An item: how many failed checks it stands in, at how many units, and at how many it is a likely cause."""

    key: str
    failed: int = 0
    units: int = 0
    causes: int = 0


@dataclass
class UnitCount:
    """A unit: its failed checks by class, how many are still to be explained, and the cells to look at first."""

    response: int
    by_class: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    causes: tuple[str, ...] = ()

    @property
    def asking(self) -> int:
        """Its failed checks that ask something of somebody."""
        return sum(self.by_class[category] for category in _ASKING)


class Involvement:
    """Counts failed checks by unit and item. `failures` are those of all checks of a period."""

    def __init__(self, checks: CheckSet, failures: Failures) -> None:
        self._failures = failures
        self._classes = [checks.by_code[code].check.category for code in failures.codes]
        self._items = [_by_concern(checks.by_code[code]) for code in failures.codes]
        self._causes: dict[tuple[int, ...], tuple[str, ...]] = {}

    @cached_property
    def by_unit(self) -> Sequence[tuple[UnitCount, tuple[int, ...]]]:
        """Every unit with the places of its failed checks of class A to C."""
        found = []
        order = np.argsort(self._failures.responses, kind="stable")
        responses = self._failures.responses[order]
        starts = np.flatnonzero(np.diff(responses, prepend=-1))
        checks, answered = self._failures.checks[order].tolist(), self._failures.answered[order].tolist()
        for start, end in pairwise([*starts.tolist(), len(responses)]):
            found.append(self._unit(int(responses[start]), checks[start:end], answered[start:end]))
        return found

    def _unit(
        self, response: int, checks: Sequence[int], answered: Sequence[bool]
    ) -> tuple[UnitCount, tuple[int, ...]]:
        asking = tuple(check for check in checks if self._classes[check] in _ASKING)
        if asking not in self._causes:
            # Many units fail the same checks: their cause is looked for once.
            self._causes[asking] = causes([self._items[check] for check in asking])
        pairs = zip(checks, answered, strict=True)
        unexplained = sum(self._classes[check] in ("B", "C") and not settled for check, settled in pairs)
        by_class = Counter(self._classes[check] for check in checks)
        return UnitCount(response, by_class, unexplained, self._causes[asking]), asking

    def units(self) -> list[UnitCount]:
        """The units with failed checks: the gravest first, then as they stand in the file."""
        found = [unit for unit, _ in self.by_unit]
        return sorted(found, key=lambda one: (*(-one.by_class[category] for category in "ABCD"), one.response))

    def items(self) -> list[ItemCount]:
        """The items in failed checks of class A to C, those most often involved first."""
        found: dict[str, ItemCount] = {}
        patterns: Counter[tuple[int, ...]] = Counter(asking for _, asking in self.by_unit)
        for asking, units in patterns.items():
            failed = Counter(key for check in asking for key in self._items[check])
            for key, count in failed.items():
                one = found.setdefault(key, ItemCount(key))
                one.failed += count * units
                one.units += units
                one.causes += units * (key in self._causes[asking])
        return sorted(found.values(), key=lambda one: (-one.failed, one.key))

    def distribution(self, checked: int) -> Mapping[int, int]:
        """How many of the `checked` units fail no check, one, two, …; classes A to C."""
        counts = Counter(len(asking) for _, asking in self.by_unit if asking)
        counts[0] = checked - sum(counts.values())
        return dict(sorted(counts.items()))


def _by_concern(one: CompiledCheck) -> tuple[str, ...]:
    """A check's items: first that which it is implied by, then those of its own form, then the others as written."""
    implied, own = one.check.code.partition("-")[2], f"{one.check.scope}."
    return tuple(sorted(one.items, key=lambda key: (key != implied, not key.startswith(own))))


def causes(failed: Sequence[Iterable[str]]) -> tuple[str, ...]:
    """A small set of cells that stand in every failed check: again and again the one in most of those left.

    `failed` has the items of each failed check, those it is most about first: of equals the first is named.
    A greedy cover: short, not always the shortest.
    """
    left = [tuple(items) for items in failed if items]
    chosen: list[str] = []
    while left:
        counts = Counter(key for items in left for key in items)
        best = max(counts, key=counts.__getitem__)
        chosen.append(best)
        left = [items for items in left if best not in items]
    return tuple(chosen)
