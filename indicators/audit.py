"""The attacker's audit: what can be inferred of each withheld figure, and whether that is too much."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from indicators.attack import Attacker
from indicators.demands import Watch
from indicators.linked import Cell
from survey.progress import Progress
from survey.texts import Texts

Verdict = Literal["protected", "narrow", "exact"]
# Ends of an interval that are so near a whole number are that number.
_NEAR = 1e-6


@dataclass(frozen=True)
class Interval:
    """Between what a withheld cell must lie for all who know what is published.

    `protection` is how far the ends must be from the value, 0 for a cell that is not sensitive. The verdict is
    `exact` where nothing is left open, `narrow` where a demand about the cell, alone or with others, is not met.
    """

    id: str
    value: float
    lower: float
    upper: float
    protection: float
    verdict: Verdict


@dataclass(frozen=True)
class Leak:
    """A demand that is not met: the cells it is about, their rule, the contributor who knows his own, and the part met.

    `sign` 1 is an end above that is too near, -1 one below. A sensitive cell that is published has part 0.
    """

    about: tuple[str, ...]
    rule: str
    sign: int
    knower: str
    wanted: float
    part: float


@dataclass(frozen=True)
class Audit:
    """The outcome: an interval for each withheld cell, and all that leaks. Only without leaks may it be published."""

    intervals: Mapping[str, Interval]
    leaks: tuple[Leak, ...]

    @property
    def publishable(self) -> bool:
        return not self.leaks

    def text(self, texts: Texts, label: Callable[[str], str] = str) -> str:
        """The outcome in a sentence, cells called as `label` says."""
        if self.publishable:
            return texts("disclosure.audit.clean", cells=len(self.intervals))
        leaking = dict.fromkeys(name for leak in self.leaks for name in leak.about)
        cells = texts("disclosure.and").join(map(label, leaking))
        return texts("disclosure.audit.leaks", count=len(self.leaks), cells=cells)


def audit(watch: Watch, pattern: Any, progress: Progress | None = None) -> Audit:
    """Looks at a pattern, True for each figure withheld, as everybody sees it and as insiders do.

    Two linear programs a withheld cell give its interval; every demand is tried again, those of sums that can be
    inferred and towards insiders included.
    """
    system = watch.system
    leaks = [
        Leak((name,), why.rule, 1, "", why.protection, 0.0)
        for name, why in watch.primaries.items()
        if not pattern[system.number[name]]
    ]
    open_cells = {leak.about[0] for leak in leaks}
    leaks += [
        Leak(one.about, one.rule, one.sign, one.knower, one.amount, max(0.0, reached.part))
        for one, reached in watch.unmet(pattern)
        if one.about[0] not in open_cells
    ]
    leaking = {name for leak in leaks for name in leak.about}
    attacker = Attacker(system, pattern, narrow=True)
    hidden = [
        cell for name, cell in system.cells.items() if pattern[system.number[name]] and cell.standing != "unshown"
    ]
    intervals = {}
    for done, cell in enumerate(hidden):
        if progress:
            progress(done, len(hidden), "progress.disclosure_audit")
        why = watch.primaries.get(cell.id)
        protection = why.protection if why else 0.0
        lower, upper = attacker.interval(cell.id, max(abs(cell.value), cell.step, protection))
        found = Interval(
            cell.id,
            cell.value,
            cell.value + lower,
            cell.value + upper,
            protection,
            _verdict(cell, lower, upper, leaking),
        )
        intervals[cell.id] = found
    return Audit(intervals, tuple(leaks))


def _verdict(cell: Cell, lower: float, upper: float, leaking: set[str]) -> Verdict:
    if cell.kind == "count":
        exact = math.floor(upper + _NEAR) - math.ceil(lower - _NEAR) < 1
    else:
        exact = upper - lower <= _NEAR * max(cell.step, abs(cell.value))
    if exact:
        return "exact"
    return "narrow" if cell.id in leaking else "protected"
