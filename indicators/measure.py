"""What the figures of the groups of a dimension come to: concentration, diversity, specialisation.

Groups without a figure are no groups; where the figures add up to nothing, a share and all that follows is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

Figures = Mapping[str, float]


def shares(figures: Figures) -> Figures | None:
    """Each group's share of the whole."""
    whole = sum(figures.values())
    return {code: value / whole for code, value in figures.items()} if whole > 0 else None


def shannon(figures: Figures) -> float | None:
    """Diversity −Σ p ln p (Shannon 1948), in nats."""
    parts = shares(figures)
    return None if parts is None else -sum(p * log(p) for p in parts.values() if p > 0)


def hhi_of(figures: Figures) -> float | None:
    """Herfindahl-Hirschman index of the groups' shares, 0 to 10,000."""
    parts = shares(figures)
    return None if parts is None else sum(p * p for p in parts.values()) * 10_000


def gini_of(figures: Figures) -> float | None:
    """Gini coefficient of the groups' figures: 2 Σ i x(i) / (n Σ x) − (n + 1) / n, x in ascending order."""
    return gini(sorted(figures.values()))


def gini(ascending: Sequence[float]) -> float | None:
    """Gini coefficient of values in ascending order."""
    ranked = sum(at * value for at, value in enumerate(ascending, 1))
    return gini_from(len(ascending), sum(ascending), ranked)


def gini_from(count: float, whole: float | None, ranked: float | None) -> float | None:
    """Gini coefficient from n, Σ x and Σ i x(i)."""
    if not count or not whole or whole <= 0 or ranked is None:
        return None
    return 2 * ranked / (count * whole) - (count + 1) / count


def groups_of(figures: Figures) -> float:
    """How many groups have a figure above 0."""
    return float(sum(value > 0 for value in figures.values()))


def mean_of(figures: Figures) -> float | None:
    """The plain mean of the groups' figures."""
    return sum(figures.values()) / len(figures) if figures else None


def krugman(own: Figures, rest: Figures) -> float | None:
    """Krugman's specialisation index Σ |s_k − s̄_k|: a place's shares against those of all others together."""
    here, there = shares(own), shares(rest)
    if here is None or there is None:
        return None
    return sum(abs(here.get(code, 0.0) - there.get(code, 0.0)) for code in dict.fromkeys([*there, *here]))


def ellison_glaeser(own: Figures, everything: Figures, herfindahl: float | None) -> float | None:
    """γ = [G − (1 − Σx²) H] / [(1 − Σx²) (1 − H)] (Ellison & Glaeser, J. Political Economy 105, 1997).

    `own` are a branch's figures by place, `everything` those of all branches, x their shares, G = Σ (s − x)², and the
    branch's `herfindahl` over its plants 0 to 10,000.
    """
    here, all_ = shares(own), shares(everything)
    if here is None or all_ is None or herfindahl is None:
        return None
    spread = 1 - sum(x * x for x in all_.values())
    plants = herfindahl / 10_000
    if spread <= 0 or plants >= 1:
        return None
    raw = sum((here.get(code, 0.0) - x) ** 2 for code, x in all_.items())
    return (raw - spread * plants) / (spread * (1 - plants))
