"""Sums by the groups of several dimensions at once, added up for the groups of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.query import MOST, Asked, Group


@dataclass
class Cube:
    """Sums of n groups: `groups` by the `dimensions`, `sums` (n, m) with NaN where a sum is of nothing.

    A sum over groups is of whole numbers up to 2^53 exact, whatever the order.
    """

    dimensions: tuple[str, ...]
    asked: tuple[Asked, ...] = ()
    groups: list[Group] = field(default_factory=list)
    sums: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    @classmethod
    def of(cls, dimensions: Sequence[str], rows: Iterable[tuple[Group, Mapping[Asked, Any]]]) -> Cube:
        """The cube of a query's rows."""
        found = list(rows)
        asked = tuple(found[0][1]) if found else ()
        sums = np.array([[np.nan if v is None else v for v in values.values()] for _, values in found], np.float64)
        return cls(tuple(dimensions), asked, [group for group, _ in found], sums.reshape(len(found), len(asked)))

    def over(self, dimensions: Sequence[str]) -> Mapping[Group, Mapping[Asked, float | None]]:
        """The sums by the groups of some of the dimensions; records that have no code in one of them are left out."""
        places = [self.dimensions.index(one) for one in dimensions]
        members: dict[Group, list[int]] = {}
        for at, group in enumerate(self.groups):
            own = tuple(group[place] for place in places)
            if None not in own:
                members.setdefault(own, []).append(at)
        return {group: self._added(rows) for group, rows in members.items()}

    def _added(self, rows: Sequence[int]) -> Mapping[Asked, float | None]:
        part = self.sums[rows]
        blank = np.isnan(part)
        totals: list[float] = np.where(blank, 0.0, part).sum(axis=0).tolist()
        for at, (_, key) in enumerate(self.asked):
            if key.endswith(MOST):
                totals[at] = float(np.where(blank[:, at], -np.inf, part[:, at]).max())
        empty = np.flatnonzero(blank.all(axis=0)).tolist()
        return {**dict(zip(self.asked, totals, strict=True)), **{self.asked[at]: None for at in empty}}
