"""Withheld figures that nothing needs are published after all; for each of the others it is told what needs it."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.attack import Demand
from indicators.demands import Watch
from survey.progress import Progress


def trimmed(watch: Watch, pattern: Any, must: Any, progress: Progress | None = None) -> tuple[Any, dict[str, Demand]]:
    """The pattern without what can be published, and for each complementary figure a demand that fails without it.

    The greatest loss is tried first. What needed a figure once needs it the more when others have been published.
    """
    system, pattern = watch.system, pattern.copy()
    extra = np.flatnonzero(pattern & ~must)
    order = sorted(extra, key=lambda at: (-system.weights[at], system.ids[at]))
    reasons = {}
    near: dict[str, set[str]] = {}
    for relation in system.relations:
        for name, _ in relation.terms:
            near.setdefault(name, set()).update(other for other, _ in relation.terms)
    for done, at in enumerate(order):
        if progress:
            progress(done, len(order), "progress.disclosure_trim")
        pattern[at] = False
        failing = watch.first_unmet(pattern, near.get(system.ids[at], ()))
        if failing:
            pattern[at] = True
            reasons[system.ids[at]] = failing
    return pattern, reasons
