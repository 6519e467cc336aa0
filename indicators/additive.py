"""Which indicators add up: the figures of groups that do not overlap come to the whole's."""

from __future__ import annotations

from collections.abc import Container

from indicators.catalogue import Indicator
from survey.expression import Arithmetic, Column, Negative, Node, Number

# A mean does not add up, and neither does what is counted only once.
_SUMS = ("total", "count", "units")


def adds_up(indicator: Indicator) -> bool:
    """Whether the figures of groups that do not overlap add up to the whole's."""
    plain = all(one.function in _SUMS for one in indicator.aggregates.values())
    return plain and _linear(indicator.formula, indicator.aggregates)


def _linear(node: Node, sums: Container[str]) -> bool:
    """Whether a formula is made of sums of its own alone, each at most times a number."""
    match node:
        case Column():
            return node.key in sums
        case Negative():
            return _linear(node.operand, sums)
        case Arithmetic("+" | "-"):
            return _linear(node.left, sums) and _linear(node.right, sums)
        case Arithmetic("*" | "/", _, Number()):
            return _linear(node.left, sums)
        case Arithmetic("*", Number()):
            return _linear(node.right, sums)
    return False
