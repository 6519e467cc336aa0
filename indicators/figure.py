"""One figure of an indicator in one group: what its sums, and the figures beside it, come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from indicators import measure
from indicators.catalogue import YEAR, Aggregate, Indicator
from indicators.cube import MOST, Asked
from indicators.growth import cagr, path
from indicators.query import DUE, NEAR, USED
from survey.expression import Call, Column, Node, rebuild
from survey.scalar import Value, compile_scalar

# What the records of a group come to.
Found: TypeAlias = Mapping[Asked, Any]


@dataclass(frozen=True)
class Figure:
    """A value, how many units were used of those due, and what it hangs on; see `IndicatorValue`."""

    value: float | None
    used: int
    due: int
    near: int | None = None
    largest: float | None = None


class Formula:
    """An indicator's formula made ready: what it reads of the sums of a group, and how it comes to the figure."""

    def __init__(self, indicator: Indicator) -> None:
        name, aggregates = indicator.id, indicator.aggregates
        self._compiled = compile_scalar(_with_year(indicator.formula), functions={"cagr": cagr, "path": path})
        self._read = {key: _reader(name, key, one) for key, one in aggregates.items()}
        self._used, self._due = (name, USED), (name, DUE)
        # A line may stand in another group than its unit: what it says is answered.
        self._answered = [self._used, *((name, f"{USED} {base}") for base in indicator.bases)]
        self._near = [(name, key + NEAR) for key, one in aggregates.items() if one.function == "count"]
        summed = next((key for key, one in aggregates.items() if one.function == "total"), "")
        self._whole, self._most = (name, summed), (name, summed + MOST)

    def figure(self, year: int, sums: Found, seen: Mapping[str, Figure | None]) -> Figure:
        """The figure from a group's sums and the figures `seen` beside it, by key."""
        values: dict[str, Value] = {YEAR: year}
        for key, beside in seen.items():
            values[key] = beside.value if beside else None
        if not self._read:
            first = next((figure for figure in seen.values() if figure), None)
            return Figure(self._come_to(values), first.used if first else 0, first.due if first else 0)
        used, due = int(sums.get(self._used) or 0), int(sums.get(self._due) or 0)
        # Nobody answered: a count of zero would be a false figure.
        if due and not any(map(sums.get, self._answered)):
            return Figure(None, used, due)
        for key, read in self._read.items():
            values[key] = read(sums)
        return Figure(self._come_to(values), used, due, *self._sensitivity(sums))

    def _come_to(self, values: Mapping[str, Value]) -> float | None:
        found = self._compiled(values)
        return None if found is None else float(found)

    def _sensitivity(self, sums: Found) -> tuple[int | None, float | None]:
        """How many records lie near a threshold, and what the largest one brings to the first sum, in per cent."""
        near = [count for one in self._near if (count := sums.get(one)) is not None]
        whole, most = sums.get(self._whole), sums.get(self._most)
        largest = most / whole * 100 if whole and most is not None and whole > 0 else None
        return int(sum(near)) if near else None, largest


def _with_year(node: Node) -> Node:
    """The formula with the year behind what `path` is told, which is where on the path it asks."""
    if isinstance(node, Call) and node.function == "path":
        return Call("path", (*node.arguments, Column(YEAR, "", "number")))
    return rebuild(node, _with_year)


def _reader(name: str, key: str, aggregate: Aggregate) -> Callable[[Found], float | None]:
    """How an aggregate is read out of a group's sums."""
    match aggregate.function:
        case "gini":
            return partial(_gini, [(name, f"{key} {part}") for part in ("n", "sum", "ranked")])
        case "mean":
            return partial(_mean, (name, key), (name, f"{key} count"))
        case "count" | "units" | "distinct":
            return partial(_count, (name, key))
    return partial(_sum, (name, key))


def _gini(asked: list[Asked], sums: Found) -> float | None:
    count, whole, ranked = map(sums.get, asked)
    return measure.gini_from(count or 0, whole, ranked)


def _mean(whole: Asked, count: Asked, sums: Found) -> float | None:
    found, number = sums.get(whole), sums.get(count)
    return found / number if found is not None and number else None


def _count(asked: Asked, sums: Found) -> float | None:
    # A base without any record in the group.
    found: float | None = sums.get(asked)
    return 0.0 if found is None else found


def _sum(asked: Asked, sums: Found) -> float | None:
    found: float | None = sums.get(asked)
    return found
