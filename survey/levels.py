"""The level of a record: by which power of ten its amounts lie above or below what they should be.

Amounts are compared as logarithms to base 10, so that a wrong unit of measure is a whole number. They
are compared with the unit's own last year, as they stand and per head of staff, and with what
comparable units report per head. A record's level is the median over its items, each weighted by how
alike units are in it: one unit of measure is wrong for all of them, growth is not alike in all.

The choice between factors follows the idea of Di Zio, Guarnera & Rocci (Computational Statistics &
Data Analysis 51, 2007): each factor is a cluster of known centre, a record belongs to the nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# 万元 for 千元 is 1, 元 is 3, 万元 for 元 4, 亿元 for 千元 5, 百万元 for 元 6.
EXPONENTS = (1, 3, 4, 5, 6)
CHOICES = np.array(sorted({0, *EXPONENTS, *(-one for one in EXPONENTS)}), dtype=np.float64)

# How far correct levels lie from 0, as standard deviations: against the own last year, and against others per head.
OWN_SPREAD, PEER_SPREAD = 0.2, 0.5
# No single piece of evidence weighs more than this many squared deviations, however absurd it is.
MOST = 16.0
# What a factor must gain over "nothing is wrong".
GAIN = 9.0
# How near to a whole number the level must be: for a factor of ten, for larger ones, and by others alone.
NEAR_TEN, NEAR, NEAR_PEERS = 0.2, 0.3, 0.7
# How many items must bear witness, likewise, and which share of them must agree.
LEAST_TEN, LEAST, LEAST_PEERS = 5, 3, 4
AGREEING, AGREEING_TEN = 0.6, 0.75
# Beyond this level per head last year's amounts are themselves in doubt.
SUSPECT = 1.5


@dataclass(frozen=True)
class Amounts:
    """The amounts of n records in c items as base-10 logarithms of their size, NaN where blank or 0.

    `now`, `before` (n, c); `staff`, `staff_before` (n,); `usual` (n, c) what comparable units report
    per head; `weights` (c,) how much an item says.
    """

    now: Array
    before: Array
    staff: Array
    staff_before: Array
    usual: Array
    weights: Array

    def part(self, items: Sequence[int] | Array) -> Amounts:
        """The same records in some of the items."""
        return Amounts(
            self.now[:, items], self.before[:, items], self.staff, self.staff_before, self.usual[:, items],
            self.weights[items],
        )  # fmt: skip

    @property
    def change(self) -> Array:
        """Each item against last year, (n, c)."""
        changed: Array = self.now - self.before
        return changed

    @property
    def against_peers(self) -> Array:
        """Each item per head against what is usual, (n, c)."""
        gaps: Array = self.now - self.staff[:, None] - self.usual
        return gaps


@dataclass(frozen=True)
class Levels:
    """What n records look like and the power of ten they are too large by, 0 where none is told; all (n,).

    `own` is the level against last year, `own_per_head` the same per head, `peers` against others per
    head, `peers_before` that of last year; `cells` how many items bear witness and `share` which share
    of them agrees with `exponent`. `by_peers`: last year is missing or itself in doubt.
    """

    exponent: Array
    own: Array
    own_per_head: Array
    peers: Array
    peers_before: Array
    cells: Array
    share: Array
    by_peers: Array

    def at(self, row: int) -> dict[str, float]:
        """The facts of one record by name."""
        return {part.name: float(getattr(self, part.name)[row]) for part in fields(self)}


def measure(amounts: Amounts) -> Levels:
    """The levels of some records, and the factor each is off by."""
    change, gaps = amounts.change, amounts.against_peers
    own = weighted_median(change, amounts.weights)
    own_per_head = own - (amounts.staff - amounts.staff_before)
    peers = weighted_median(gaps, amounts.weights)
    before = amounts.before - amounts.staff_before[:, None] - amounts.usual
    peers_before = weighted_median(before, amounts.weights)
    by_peers = np.isnan(own) | (np.abs(peers_before) > SUSPECT)
    chosen = _chosen(np.where(by_peers, np.nan, own), np.where(by_peers, np.nan, own_per_head), peers)
    witness = np.where(by_peers[:, None] | np.isnan(change), gaps, change)
    known = ~np.isnan(witness)
    cells = known.sum(axis=1)
    nearer = np.abs(witness - chosen[:, None]) < np.abs(witness)
    share = (nearer & known).sum(axis=1) / np.maximum(cells, 1)
    kept = _enough(chosen, cells, share, by_peers) & _sensible(chosen, peers, by_peers)
    return Levels(np.where(kept, chosen, 0.0), own, own_per_head, peers, peers_before, cells, share, by_peers)


def _chosen(own: Array, own_per_head: Array, peers: Array) -> Array:
    """The likeliest factor of each record that lies near enough and gains enough over none."""
    off = np.fmin(_off(own), _off(own_per_head))
    costs = _cost(off, OWN_SPREAD) + _cost(_off(peers), PEER_SPREAD)
    best = costs.argmin(axis=1)
    rows, none = np.arange(len(best)), int(np.flatnonzero(CHOICES == 0)[0])
    exponents = CHOICES[best]
    alone = np.isnan(own)
    near = np.where(np.abs(exponents) == 1, NEAR_TEN, NEAR)
    fits = np.where(alone, _off(peers)[rows, best] <= NEAR_PEERS, off[rows, best] <= near)
    gains = costs[:, none] - costs[rows, best] >= GAIN
    return np.where(fits & gains, exponents, 0.0)


def _off(level: Array) -> Array:
    """How far a level lies from each choice, (n, choices)."""
    gaps: Array = np.abs(level[:, None] - CHOICES)
    return gaps


def _cost(off: Array, spread: float) -> Array:
    """What each choice costs by one piece of evidence; what is not known costs nothing."""
    cost: Array = np.where(np.isnan(off), 0.0, np.minimum((off / spread) ** 2, MOST))
    return cost


def _enough(exponents: Array, cells: Array, share: Array, by_peers: Array) -> NDArray[np.bool_]:
    """Whether enough items bear witness and agree; a factor of ten asks for more of both."""
    ten = np.abs(exponents) == 1
    least = np.where(ten, LEAST_TEN, np.where(by_peers, LEAST_PEERS, LEAST))
    found: NDArray[np.bool_] = (cells >= least) & (share >= np.where(ten, AGREEING_TEN, AGREEING))
    return found


def _sensible(exponents: Array, peers: Array, by_peers: Array) -> NDArray[np.bool_]:
    """Whether the record would look more usual for it; ten without last year is never told from size."""
    better = np.isnan(peers) | (np.abs(peers - exponents) < np.abs(peers))
    found: NDArray[np.bool_] = better & ~(by_peers & (np.abs(exponents) == 1))
    return found


def weighted_median(values: Array, weights: Array) -> Array:
    """The weighted median of each row of (n, c), NaN left out; between two middle values their mean."""
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    weight = np.where(np.isnan(ordered), 0.0, weights[order])
    reached, half = np.cumsum(weight, axis=1), weight.sum(axis=1, keepdims=True) / 2
    low, high = (reached >= half).argmax(axis=1), (reached > half).argmax(axis=1)
    rows = np.arange(len(values))
    middle: Array = (ordered[rows, low] + ordered[rows, high]) / 2
    return np.where(half[:, 0] > 0, middle, np.nan)


def logs(values: Array) -> Array:
    """The base-10 logarithm of each value's size; NaN for blank and 0."""
    sizes = np.abs(values)
    return np.log10(sizes, out=np.full(sizes.shape, np.nan), where=sizes > 0)
