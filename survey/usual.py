"""What is usual among comparable units: medians by stratum and item, gathered in one pass.

What is counted are base-10 logarithms, of amounts per head or of growth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Logarithms are counted in steps of a fiftieth: fine enough for a factor, small enough for any file.
_LOW, _HIGH, _STEP = -8.0, 12.0, 0.02
_BINS = round((_HIGH - _LOW) / _STEP)
# Fewer than these in a stratum say nothing of what is usual there: the whole file does then.
LEAST = 20
# No item is so alike among units that it may outweigh all others.
_TIGHTEST = 0.1


@dataclass(frozen=True)
class Usual:
    """What is usual: `medians` (strata + 1, c) as base-10 logarithms, the last row for all units.

    NaN where too few report an item. `weights` (c,) is the reciprocal of an item's spread among all units.
    """

    strata: dict[str, int]
    medians: Array
    weights: Array

    def of(self, strata: Sequence[str]) -> Array:
        """What is usual for units of these strata, (n, c)."""
        rows = [self.strata.get(stratum, len(self.strata)) for stratum in strata]
        found: Array = self.medians[rows]
        return found


class Tally:
    """Counts logarithms by stratum and item, chunk by chunk."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._strata: dict[str, int] = {}
        self._counts: list[Array] = []

    def add(self, strata: Sequence[str], logs: Array) -> None:
        """More records: their strata (n,) and logarithms (n, c), NaN where there is none."""
        rows = np.array([self._row(stratum) for stratum in strata], dtype=np.intp)
        bins = np.clip((np.nan_to_num(logs) - _LOW) / _STEP, 0, _BINS - 1).astype(np.intp)
        for row in np.unique(rows):
            mine = rows == row
            for item in range(self._items):
                known = bins[mine, item][~np.isnan(logs[mine, item])]
                self._counts[row][item] += np.bincount(known, minlength=_BINS)

    def _row(self, stratum: str) -> int:
        if stratum not in self._strata:
            self._strata[stratum] = len(self._strata)
            self._counts.append(np.zeros((self._items, _BINS), dtype=np.int64))
        return self._strata[stratum]

    def usual(self) -> Usual:
        """The medians, and how alike units are in each item."""
        everyone = sum(self._counts, np.zeros((self._items, _BINS), dtype=np.int64))
        overall = _quantile(everyone, 0.5)
        medians = [np.where(counts.sum(axis=1) >= LEAST, _quantile(counts, 0.5), overall) for counts in self._counts]
        low, high = _quantile(everyone, 0.25), _quantile(everyone, 0.75)
        # A normal distribution's quartiles lie 1.349 standard deviations apart.
        spread = np.where(np.isnan(overall), 1.0, np.maximum((high - low) / 1.349, _TIGHTEST))
        return Usual(dict(self._strata), np.array([*medians, overall]), 1 / spread)


def _quantile(counts: Array, share: float) -> Array:
    """A quantile of each item, NaN where fewer than LEAST are counted."""
    total = counts.sum(axis=1)
    reached = np.cumsum(counts, axis=1)
    at = (reached >= np.maximum(total[:, None] * share, 1)).argmax(axis=1)
    found: Array = np.where(total >= LEAST, _LOW + (at + 0.5) * _STEP, np.nan)
    return found
