"""What figures about the largest units tell of one of them, which sums and their differences do not show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from indicators.catalogue import Catalogue
from indicators.sensitivity import Primary, Share
from indicators.shape import Sum
from survey.expression import Number
from survey.form import Disclosure


def squares(catalogue: Catalogue, one: Sum, shares: Sequence[Share], rules: Disclosure) -> Primary | None:
    """Why a sum is sensitive that is one of squares, as a Herfindahl index tells it; None for every other.

    Whatever the catalogue tells of the largest amounts is taken as known beside it.
    """
    if one.squared is None:
        return None
    every = (aggregate for indicator in catalogue.indicators.values() for aggregate in indicator.aggregates.values())
    largest = [other.arguments for other in every if other.function == "largest" and other.base == one.aggregate.base]
    tops = [int(number.value) for amount, number in largest if amount == one.squared and isinstance(number, Number)]
    return bounded((math.sqrt(share.value) for share in shares), tops, rules)


def bounded(sizes: Iterable[float], tops: Iterable[int], rules: Disclosure) -> Primary | None:
    """Why the sum of some amounts' squares must not be told beside their sum and the sums of the `tops` largest.

    Whoever has the second largest bounds the largest by the least that the squares of all others can come to: that
    where those of which a sum is known are equal. As by the p% rule this bound must not be closer than p per cent.
    """
    ordered = sorted((size for size in sizes if size), reverse=True)
    if len(ordered) < max(3, rules.threshold) or not rules.percent:
        return None
    largest, known = ordered[0], ordered[1]
    most = largest * (1 + rules.percent / 100)
    # Of one or two the sum gives the largest away by itself, and is withheld for that.
    ends = sorted({top for top in tops if 2 < top < len(ordered)} | {len(ordered)})
    beside = math.fsum(ordered[: ends[0]]) - most - known
    least = most * most + known * known + beside * beside / (ends[0] - 2)
    least += sum(math.fsum(ordered[start:end]) ** 2 / (end - start) for start, end in pairwise(ends))
    if beside >= 0 and least <= math.fsum(size * size for size in ordered):
        return None
    return Primary("percent", len(ordered), most * most - largest * largest)
