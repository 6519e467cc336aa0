"""Primary rules: whether a figure tells too much of one of those who are behind it, and how wide it must be hidden.

The formulas are those of the Handbook on Statistical Disclosure Control (Hundepool and others; chapter 4,
"Sensitive cells in magnitude tables" and the table of upper protection levels), with x1 >= x2 >= … the
contributions and X their sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from survey.form import Disclosure

Kind = Literal["magnitude", "count"]
# Amounts that differ by less, beside what they are made of, are the same.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Share:
    """What a respondent brings to a figure, in the figure's unit; `holding` is whom it belongs to, '' for itself.

    To a count it brings 1, or as many as it stands for.
    """

    respondent: str
    value: float
    holding: str = ""

    @property
    def contributor(self) -> str:
        """Who counts as one: the holding, where there is one."""
        return self.holding or self.respondent


@dataclass(frozen=True)
class Primary:
    """Why a figure is withheld, and how far an estimate of it must stay away from its value.

    `rule` is `threshold`, `percent`, `prior` or `dominance`; `contributors` how many there are.
    `protection` is in the figure's unit and above 0: the interval that can be inferred must reach that far
    to both sides, below as far as the figure may go at all.
    """

    rule: str
    contributors: int
    protection: float


def holdings(shares: Iterable[Share]) -> dict[str, float]:
    """What each contributor brings: those of one holding are one; what comes to 0 is no contribution.

    Handbook, "Holdings": the contributions of one company are grouped before the rules are applied. An answer of
    0 adds nothing that could be told from the sum, and must not make up the number behind it.
    """
    return _summed((share.contributor, share.value) for share in shares)


def together(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """What each contributor brings to several figures together."""
    return _summed(pair for part in parts for pair in part.items())


def _summed(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for who, value in pairs:
        found[who] = found.get(who, 0.0) + value
    return {who: value for who, value in found.items() if value}


def primary(
    shares: Mapping[str, float],
    rules: Disclosure,
    kind: Kind = "magnitude",
    step: float = 1.0,
    knower: str | None = None,
) -> Primary | None:
    """The rule that a figure breaks, with the widest protection that any broken one asks for; None where none.

    `shares` is what each contributor brings, as `holdings` gives it; what differs by less than `step` is the same
    figure. `knower` is somebody who knows his own contribution, or that he has none, and nobody else's: with it, the
    figure is safe where he in particular cannot learn too much. Without, the worst of all cases counts.

    Where a contribution is negative the rules of concentration take the absolute values (Handbook, "Tables with
    negative values") and p is divided by `rules.negative` (Handbook, "Negative contributions": p/f).
    """
    count = len(shares)
    if not count:
        return None
    broken = list(_broken(shares, rules, kind, knower))
    if not broken:
        return None
    rule = broken[0][0]
    return Primary(rule, count, max(step, *(wanted for _, wanted in broken)))


def _broken(
    shares: Mapping[str, float], rules: Disclosure, kind: Kind, knower: str | None
) -> Iterable[tuple[str, float]]:
    """The rules that are broken, each with the protection that it asks for."""
    fewest = rules.counts if kind == "count" else rules.threshold
    if _few(shares, fewest, knower):
        # Handbook: a minimum frequency rule guards against exact disclosure alone, for which 0 is enough.
        yield "threshold", 0.0
    if kind == "count":
        return
    signed = any(value < 0 for value in shares.values())
    sizes = {who: abs(value) for who, value in shares.items()}
    factor = rules.negative if signed else 1.0
    ratios = [("percent", rules.percent / 100 / factor)]
    if rules.prior:
        ratios.append(("prior", rules.prior[0] / rules.prior[1] / factor))
    for rule, ratio in ratios:
        wanted = _estimated(sizes, ratio, knower)
        if wanted > 0:
            yield rule, wanted
    for most, share in rules.dominance:
        wanted = _dominated(sizes, most, share if not signed else 100 - (100 - share) / factor)
        if wanted > 0:
            yield "dominance", wanted


def _few(shares: Mapping[str, float], fewest: int, knower: str | None) -> bool:
    """Minimum frequency rule: fewer than `fewest` contributors.

    It supposes that `fewest` - 2 of them may pool what they know to learn of another (Handbook, "Minimum frequency
    rule"), so that for one who knows there must be `fewest` - 1 others.
    """
    if knower is None:
        return len(shares) < fewest
    others = len(shares) - (knower in shares)
    return 0 < others < fewest - 1


def _estimated(sizes: Mapping[str, float], ratio: float, knower: str | None) -> float:
    """p% rule, X - x2 - x1 < p/100 x1: how far below the bound the rest is, which is the upper protection level.

    The level is p/100 x1 - (X - x1 - x2); for the (p, q) rule p/q stands for p/100. The second largest
    estimates the largest most closely; another who knows what he brings himself takes its place.
    """
    if not ratio:
        return 0.0
    total = math.fsum(sizes.values())
    others = [size for who, size in sizes.items() if who != knower]
    if not others:
        return 0.0
    largest = max(others)
    if knower is None:
        known = sorted(sizes.values(), reverse=True)[1] if len(sizes) > 1 else 0.0
    else:
        known = sizes.get(knower, 0.0)
    wanted = ratio * largest - (total - largest - known)
    return wanted if wanted > _ROUNDING * total else 0.0


def _dominated(sizes: Mapping[str, float], most: int, share: float) -> float:
    """(n, k) rule, x1 + … + xn > k/100 X: the upper protection level 100/k (x1 + … + xn) - X, 0 where it is kept."""
    total = math.fsum(sizes.values())
    largest = math.fsum(sorted(sizes.values(), reverse=True)[:most])
    wanted = 100 / share * largest - total
    return wanted if wanted > _ROUNDING * total else 0.0
