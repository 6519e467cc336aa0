"""Control totals of a return, as people compare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey.form import Item
from survey.scheme import Scheme


def key_totals(scheme: Scheme, totals: Mapping[str, float]) -> Iterator[tuple[Item, float]]:
    """Of control totals by `form.code` those of the items that the indicators add up.

    Where the scheme names none, whatever has a unit of measure: of shares and of codes a sum means nothing.
    """
    keys = scheme.checking.key_items
    for key, total in totals.items():
        item = scheme.item_at(key)
        if item.name in keys or (not keys and item.unit not in ("", "%") and total):
            yield item, total
