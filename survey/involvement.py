"""What failed checks have in common: the items they are about, the units they meet, the likely cause of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from survey.checks import Finding

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

    uscc: str
    name: str
    by_class: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    causes: tuple[str, ...] = ()


class Involvement:
    """Gathers findings one by one; the counts are asked for once all have been added."""

    def __init__(self) -> None:
        self._units: dict[str, UnitCount] = {}
        self._failed: dict[str, list[str]] = {}
        self._items: dict[str, tuple[str, ...]] = {}

    def add(self, finding: Finding, *, explained: bool) -> None:
        """Counts a failed check; one that could not be evaluated says nothing of its items."""
        if finding.verdict != "fail":
            return
        unit = self._units.setdefault(finding.unit, UnitCount(finding.unit, finding.name))
        unit.by_class[finding.category] += 1
        unit.unexplained += finding.category in ("B", "C") and not explained
        self._items.setdefault(finding.check, finding.items)
        if finding.category in _ASKING:
            self._failed.setdefault(finding.unit, []).append(finding.check)

    @cached_property
    def units(self) -> list[UnitCount]:
        """The units with failed checks: the gravest first, then by code."""
        for uscc, checks in self._failed.items():
            self._units[uscc].causes = causes([self._items[check] for check in checks])
        return sorted(
            self._units.values(), key=lambda one: (*(-one.by_class[category] for category in "ABCD"), one.uscc)
        )

    def items(self) -> list[ItemCount]:
        """The items in failed checks of class A to C, those most often involved first."""
        found: dict[str, ItemCount] = {}
        for unit in self.units:
            checks = self._failed.get(unit.uscc, ())
            failed = Counter(key for check in checks for key in self._items[check])
            for key, count in failed.items():
                one = found.setdefault(key, ItemCount(key))
                one.failed += count
                one.units += 1
                one.causes += key in unit.causes
        return sorted(found.values(), key=lambda one: (-one.failed, one.key))

    def distribution(self, checked: int) -> Mapping[int, int]:
        """How many of the `checked` units fail no check, one, two, …; classes A to C."""
        counts = Counter(len(checks) for checks in self._failed.values())
        counts[0] = checked - len(self._failed)
        return dict(sorted(counts.items()))


def causes(failed: Sequence[Iterable[str]]) -> tuple[str, ...]:
    """A small set of cells that stand in every failed check: again and again the one in most of those left.

    `failed` has the items of each failed check. A greedy cover: short, not always the shortest.
    """
    left = [set(items) for items in failed if items]
    chosen: list[str] = []
    while left:
        counts = Counter(key for items in left for key in items)
        best = min(counts, key=lambda key: (-counts[key], key))
        chosen.append(best)
        left = [items for items in left if best not in items]
    return tuple(chosen)
