"""Units of measure that a foreign table states: in its headings, or once above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from survey.codes import fold
from survey.figures import certain, factor_between
from survey.form import Item
from survey.header import Header, Measure, heading_paths

_ABOVE = re.compile(r"(?:金额|货币|计量|数量)?单位[:：]\s*([^()（）]{1,30})")
_BRACKETS = re.compile(r"[(（\[【]([^()（）\[\]【】]{1,20})[)）\]】]")
_AFTER = re.compile(r"[/／_-]([^\s/／_-]{1,6})$")
_LONGEST_FIGURE, _LARGEST_FIGURE = 60, 30
_PARTED = re.compile(r"[、，,;；/／和\s]+")


def with_measures(header: Header, rows: Sequence[Sequence[Any]], items: Mapping[str, Item]) -> Header:
    """The header with the columns whose unit is stated to be another than their item's; `rows` begin the sheet."""
    said = [unit for row in rows[: header.row] for cell in row if isinstance(cell, str) for unit in _above(cell)]
    paths = heading_paths(rows[: header.row])
    found = {}
    for at, name in header.names.items():
        item = items.get(name)
        if item and item.unit and item.type in ("integer", "decimal"):
            headings = paths[at] if at < len(paths) else []
            measure = _measure(item.unit, [unit for text in reversed(headings) for unit in _inside(text)], said)
            if measure and measure.factor != 1:
                found[at] = replace(measure, heading=next(reversed(headings), ""))
    return replace(header, measures=found)


def _measure(wanted: str, own: Sequence[str], said: Sequence[str]) -> Measure | None:
    """The first unit that measures what the item does: the heading's own goes before the table's."""
    for unit in (*own, *said):
        factor = factor_between(unit, wanted)
        if factor is not None:
            return Measure(unit, factor)
    return None


def _inside(heading: str) -> Iterator[str]:
    for bracket in reversed(_BRACKETS.findall(heading)):
        yield from _PARTED.split(re.sub(r"^单位[:：]", "", bracket.strip()))
    after = _AFTER.search(heading.strip())
    if after:
        yield after[1]


def _above(cell: str) -> Iterator[str]:
    for found in _ABOVE.findall(cell):
        yield from (fold(part) for part in _PARTED.split(found) if part)


def converted(raws: Sequence[Any], factor: Decimal, unit: str) -> list[Any]:
    """The cells of a column by the factor somebody accepted for it; what is no number is left to be told."""
    return [_converted(raw, factor, unit) for raw in raws]


def _converted(raw: Any, factor: Decimal, unit: str) -> Any:
    if isinstance(raw, bool) or raw is None or raw == "":
        return raw
    if isinstance(raw, int | float):
        # Fifteen digits are what a spreadsheet keeps.
        return float(Decimal(f"{raw:.15g}") * factor)
    figure = certain(raw, unit) if isinstance(raw, str) and len(raw) <= _LONGEST_FIGURE else None
    digits = Decimal(figure.digits) if figure else None
    # What no amount can be is left as it is, and told.
    return raw if digits is None or digits.adjusted() > _LARGEST_FIGURE else f"{digits * factor:f}"
