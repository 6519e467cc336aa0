"""Outliers: how far a change, or a value, stands from those of comparable units.

Hidiroglou & Berthelot, "Statistical editing and imputation for periodic business surveys", Survey
Methodology 12 (1986), 73-83, for changes from one period to the next; the median absolute deviation
of logarithms for values of one period. A standard is what the comparable units are like; it is a
handful of numbers, so that it can be kept and an open unit be measured against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# A normal distribution's standard deviation by its median absolute deviation.
_NORMAL = 1.4826
_QUARTILES = (0.25, 0.75)
# Hidiroglou & Emond (2018): where a quartile is the median itself, what 10 and 90 per cent stay under.
_DECILES = (0.10, 0.90)
_EQUAL = 1e-9


@dataclass(frozen=True)
class HBSettings:
    """How changes are measured.

    `exponent` (U, 0..1) is how much size counts: 0 not at all, 1 as money does. `floor` (A) is the
    least distance as a share of the middle effect. `spread` is the least distance as a relative
    change of a unit of middling size, so that strata in which most ratios are equal do not flag
    every small change: with 0.05 and the limit 4, less than 20 per cent passes there. A stratum
    needs `least` units.
    """

    exponent: float = 0.4
    floor: float = 0.05
    spread: float = 0.05
    least: int = 10


@dataclass(frozen=True)
class HBStandard:
    """What the changes of comparable units are like.

    `ratio` is the median ratio r_M, `centre` the median effect E_M, `low` and `high` the distances
    d_Q1 and d_Q3 below and above it, `count` how many units they come from.
    """

    ratio: float
    centre: float
    low: float
    high: float
    count: int


def hb_standard(now: Array, before: Array, settings: HBSettings) -> HBStandard | None:
    """The standard of a stratum from its values in two periods, each of shape (n,), NaN where missing.

    Only pairs of which both are above 0 count; None where they are fewer than `least`. Quantiles are
    those of Banff: place p(n + 1) of n ordered values.
    """
    usable = _usable(now, before)
    count = int(usable.sum())
    if count < max(settings.least, 1):
        return None
    now, before = now[usable], before[usable]
    ratio = float(np.median(now / before))
    effects = _effects(now, before, ratio, settings.exponent)
    size = float(np.median(_size(now, before, settings.exponent)))
    low, centre, high = _quantiles(effects, _QUARTILES)
    if min(centre - low, high - centre) <= _EQUAL * size:
        low, centre, high = _quantiles(effects, _DECILES)
    least = max(settings.floor * abs(centre), settings.spread * size)
    return HBStandard(ratio, centre, max(centre - low, least), max(high - centre, least), count)


def hb_distance(now: Array, before: Array, standard: HBStandard, settings: HBSettings) -> Array:
    """How many of the standard's distances each effect lies from the middle one, shape (n,).

    1 is a quartile, more than 4 is commonly looked at, more than 7 corrected. NaN where either value
    is missing or not above 0; without any distance (`spread` and `floor` 0) what differs is infinitely far.
    """
    usable = _usable(now, before)
    found = np.full(now.shape, np.nan)
    gaps = _effects(now[usable], before[usable], standard.ratio, settings.exponent) - standard.centre
    sides = np.where(gaps < 0, standard.low, standard.high)
    distance = np.where(gaps == 0, 0.0, np.inf)
    found[usable] = np.divide(np.abs(gaps), sides, out=distance, where=sides > 0)
    return found


def _usable(now: Array, before: Array) -> NDArray[np.bool_]:
    # A comparison with NaN is False.
    usable: NDArray[np.bool_] = (now > 0) & (before > 0) & np.isfinite(now) & np.isfinite(before)
    return usable


def _size(now: Array, before: Array, exponent: float) -> Array:
    sizes: Array = np.maximum(now, before) ** exponent
    return sizes


def _effects(now: Array, before: Array, ratio: float, exponent: float) -> Array:
    """The effects E: the ratio's distance from the median one, alike for growth and decline, times size."""
    ratios = now / before
    changes = np.where(ratios < ratio, 1 - ratio / ratios, ratios / ratio - 1)
    effects: Array = changes * _size(now, before, exponent)
    return effects


def _quantiles(values: Array, outer: tuple[float, float]) -> tuple[float, float, float]:
    low, centre, high = np.quantile(values, (outer[0], 0.5, outer[1]), method="weibull")
    return float(low), float(centre), float(high)


@dataclass(frozen=True)
class MadStandard:
    """What the values of comparable units are like, in natural logarithms: middle, scale, and how many there are."""

    median: float
    scale: float
    count: int


# Where most values are equal the deviation is 0; a tenth is then the least that counts as one deviation.
MAD_FLOOR = 0.1


def mad_standard(values: Array, least: int = 10) -> MadStandard | None:
    """The standard of a stratum's values, shape (n,), NaN where missing; None where fewer than `least` are above 0.

    The scale is 1.4826 times the median absolute deviation, at least MAD_FLOOR.
    """
    logs = np.log(values[(values > 0) & np.isfinite(values)])
    if len(logs) < max(least, 1):
        return None
    median = float(np.median(logs))
    scale = _NORMAL * float(np.median(np.abs(logs - median)))
    return MadStandard(median, max(scale, MAD_FLOOR), len(logs))


def mad_distance(values: Array, standard: MadStandard) -> Array:
    """How many deviations the logarithm of each value lies from the middle, shape (n,); NaN where not above 0."""
    found = np.full(values.shape, np.nan)
    usable = (values > 0) & np.isfinite(values)
    found[usable] = np.abs(np.log(values[usable]) - standard.median) / standard.scale
    return found
