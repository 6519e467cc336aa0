"""The cells of a unit that a figure is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indicators.catalogue import YEAR, Catalogue
from survey.expression import Column, columns
from survey.form import Item
from survey.scheme import Scheme


def of_indicator(scheme: Scheme, catalogue: Catalogue, indicator_id: str) -> list[tuple[Item, str]]:
    """The items that an indicator reads of a unit, each with `prev` where it is last year's, or ''.

    An item that is computed is followed by those that it is computed from.
    """
    return list(dict.fromkeys(_cells(scheme, catalogue.summed(indicator_id).columns, "")))


def of_item(scheme: Scheme, item: Item) -> list[tuple[Item, str]]:
    """An item, and what it is computed from."""
    return list(dict.fromkeys(_cells(scheme, [Column(item.name, "", "number")], "")))


def _cells(scheme: Scheme, read: Iterable[Column], year: str) -> Iterator[tuple[Item, str]]:
    for column in read:
        if column.lines:
            for tree in (column.lines.argument, column.lines.condition):
                if tree is not None:
                    yield from _cells(scheme, columns(tree), column.at or year)
        elif column.name != YEAR and column.is_cell and column.at in ("", "prev") and column.name in scheme.items:
            yield scheme.item(column.name), column.at or year
            if column.name in scheme.computed:
                yield from _cells(scheme, columns(scheme.computed[column.name]), column.at or year)
