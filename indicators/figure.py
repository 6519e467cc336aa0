"""One figure of an indicator in one group: what its sums, and the figures beside it, come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from indicators import measure
from indicators.catalogue import YEAR, Aggregate, Indicator
from indicators.growth import cagr, path
from indicators.query import DUE, MOST, NEAR, USED, Asked
from survey.expression import Call, Column, Node, rebuild
from survey.scalar import Value, compile_scalar

# What the sums and figures that a formula names, by key, come to.
Formula: TypeAlias = Callable[[Mapping[str, Value]], float | None]


@dataclass(frozen=True)
class Figure:
    """A value, how many units were used of those due, and what it hangs on; see `IndicatorValue`."""

    value: float | None
    used: int
    due: int
    near: int | None = None
    largest: float | None = None


def formula_of(indicator: Indicator) -> Formula:
    """An indicator's formula as a function."""
    closure = compile_scalar(_with_year(indicator.formula), functions={"cagr": cagr, "path": path})

    def come_to(values: Mapping[str, Value]) -> float | None:
        found = closure(values)
        return None if found is None else float(found)

    return come_to


def _with_year(node: Node) -> Node:
    """The formula with the year behind what `path` is told, which is where on the path it asks."""
    if isinstance(node, Call) and node.function == "path":
        return Call("path", (*node.arguments, Column(YEAR, "", "number")))
    return rebuild(node, _with_year)


def figure_of(
    indicator: Indicator,
    compiled: Formula,
    period: str,
    sums: Mapping[Asked, Any],
    seen: Mapping[str, Figure | None],
) -> Figure:
    """The figure from a group's sums and the figures `seen` beside it, by key; `compiled` is the formula."""
    values: dict[str, Value] = {YEAR: int(period[:4])}
    values.update((key, figure.value if figure else None) for key, figure in seen.items())
    values.update((key, _aggregated(indicator, key, one, sums)) for key, one in indicator.aggregates.items())
    if not indicator.aggregates:
        first = next((figure for figure in seen.values() if figure), None)
        return Figure(compiled(values), first.used if first else 0, first.due if first else 0)
    used, due = (int(sums.get((indicator.id, which)) or 0) for which in (USED, DUE))
    # A line may stand in another group than its unit: what it says is answered.
    answered = used or any(sums.get((indicator.id, f"{USED} {base}")) for base in indicator.bases)
    # Nobody answered: a count of zero would be a false figure.
    if due and not answered:
        return Figure(None, used, due)
    return Figure(compiled(values), used, due, *_sensitivity(indicator, sums))


def _sensitivity(indicator: Indicator, sums: Mapping[Asked, Any]) -> tuple[int | None, float | None]:
    """How many records lie near a threshold, and what the largest one brings to the first sum, in per cent."""
    near = [count for key in indicator.aggregates if (count := sums.get((indicator.id, key + NEAR))) is not None]
    summed = next((key for key, one in indicator.aggregates.items() if one.function == "total"), None)
    whole, most = (sums.get((indicator.id, key)) for key in (summed, f"{summed}{MOST}")) if summed else (None, None)
    largest = most / whole * 100 if whole and most is not None and whole > 0 else None
    return int(sum(near)) if near else None, largest


def _aggregated(indicator: Indicator, key: str, aggregate: Aggregate, sums: Mapping[Asked, Any]) -> float | None:
    if aggregate.function == "gini":
        count, whole, ranked = (sums.get((indicator.id, f"{key} {part}")) for part in ("n", "sum", "ranked"))
        return measure.gini_from(count or 0, whole, ranked)
    found: float | None = sums.get((indicator.id, key))
    if aggregate.function == "mean":
        number = sums.get((indicator.id, f"{key} count"))
        return found / number if found is not None and number else None
    if found is None and aggregate.function in ("count", "units", "distinct"):
        # A base without any record in the group.
        return 0.0
    return found
