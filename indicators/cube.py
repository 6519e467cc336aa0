"""Sums by the groups of several dimensions at once, added up for the groups of some of them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A group of some dimensions: a code each, None where a record has none.
Group = tuple[str | None, ...]
# What is asked of a group: an indicator, and which of its sums.
Asked = tuple[str, str]
# Behind an aggregate's key: its largest value.
MOST = " most"


@dataclass(frozen=True)
class Cube:
    """Sums of n groups by k `dimensions`: `sums` (n, m) with NaN where a sum is of nothing.

    `asked` tells the column of each sum; `known` the codes of each dimension, `codes` (n, k) which of them a group
    has, -1 where none. A sum over groups is of whole numbers up to 2^53 exact, whatever the order.
    """

    dimensions: tuple[str, ...]
    asked: Mapping[Asked, int]
    known: Sequence[Sequence[str]]
    codes: NDArray[np.int64]
    sums: NDArray[np.float64]

    @classmethod
    def of(cls, dimensions: Sequence[str], asked: Mapping[Asked, int], rows: Sequence[tuple[Any, ...]]) -> Cube:
        """The cube of a query's rows, the codes of the group before its sums."""
        width = len(dimensions)
        known, codes = [], np.full((len(rows), width), -1, np.int64)
        for at in range(width):
            column = [row[at] for row in rows]
            places = {
                code: place for place, code in enumerate(code for code in dict.fromkeys(column) if code is not None)
            }
            codes[:, at] = [places.get(code, -1) for code in column]
            known.append([str(code) for code in places])
        shape = len(rows), max(asked.values(), default=-1) + 1
        sums = np.array([row[width:] for row in rows], np.float64).reshape(shape)
        return cls(tuple(dimensions), asked, known, codes, sums)

    def over(
        self, dimensions: Sequence[str], indicators: Container[str]
    ) -> Mapping[Group, Mapping[Asked, float | None]]:
        """What some indicators ask by the groups of some of the dimensions, records without a code left out."""
        places = [self.dimensions.index(one) for one in dimensions]
        rows = np.flatnonzero((self.codes[:, places] >= 0).all(axis=1))
        if not len(rows):
            return {}
        number = np.zeros(len(rows), np.int64)
        for place in places:
            number = number * len(self.known[place]) + self.codes[rows, place]
        _, first, member = np.unique(number, return_index=True, return_inverse=True)
        order = np.argsort(member, kind="stable")
        asked = [one for one in self.asked if one[0] in indicators]
        totals = self._added(rows[order], np.searchsorted(member[order], np.arange(len(first))), asked)
        groups = (tuple(self.known[place][self.codes[row, place]] for place in places) for row in rows[first])
        return {group: dict(zip(asked, own, strict=True)) for group, own in zip(groups, totals, strict=True)}

    def _added(
        self, rows: NDArray[np.int64], starts: NDArray[np.int64], asked: Sequence[Asked]
    ) -> list[list[float | None]]:
        """The sums, or the largest, of the rows from each start to the next, as they are asked for."""
        columns, back = np.unique(np.array([self.asked[one] for one in asked], np.int64), return_inverse=True)
        part = self.sums[np.ix_(rows, columns)]
        blank = np.isnan(part)
        totals = np.add.reduceat(np.where(blank, 0.0, part), starts)
        most = [back[at] for at, (_, key) in enumerate(asked) if key.endswith(MOST)]
        totals[:, most] = np.maximum.reduceat(np.where(blank, -np.inf, part)[:, most], starts)
        found = totals.astype(object)
        found[np.logical_and.reduceat(blank, starts)] = None
        listed: list[list[float | None]] = found[:, back].tolist()
        return listed
