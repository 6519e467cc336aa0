"""The rows below a foreign table's head as they are meant: merged cells in every row, totals known as totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey.book import Merged
from survey.celladdress import column_letters
from survey.codes import fold, well_formed_uscc
from survey.damage import plain
from survey.form import Item
from survey.header import Header
from survey.manifest import plain as plain_text
from survey.rawcell import Unreadable

_TOTAL = re.compile(r"(本页|本表|全区|全市|各区|本区|企业)?(合计|总计|小计|共计|累计|总合计)(数|[:：])?")


def is_total(row: Sequence[Any], code: Any) -> bool:
    """Whether a row sums up others; a row with a unit's code never does, whatever the unit is called."""
    if well_formed_uscc(plain(code)):
        return False
    return any(isinstance(cell, str) and _TOTAL.fullmatch(fold(cell)) for cell in row)


def unmerged(
    rows: Iterator[Sequence[Any]], merged: Sequence[Merged], header: Header, items: Mapping[str, Item]
) -> Iterator[Sequence[Any]]:
    """The rows below a header, with what is merged over several of them in each.

    A word holds for every row it is merged over. To which of them a number belongs nobody can tell.
    """
    covered: dict[int, list[tuple[int, Merged]]] = {}
    for one in merged:
        top, left, bottom, _ = one
        if bottom > top >= header.row and left in header.names:
            for number in range(top, bottom + 1):
                covered.setdefault(number, []).append((left, one))
    if not covered:
        yield from rows
        return
    held: dict[Merged, Any] = {}
    for number, row in enumerate(rows, header.row):
        wide = list(row)
        for at, area in covered.get(number, ()):
            wide += [""] * (at + 1 - len(wide))
            if number == area[0]:
                held[area] = _held(wide[at], area, header.names[at], items)
            # What stands hidden below a merged cell goes before it: nobody sees it, but it was typed.
            if number == area[0] or wide[at] in ("", None):
                wide[at] = held.get(area, "")
        yield wide


def _held(cell: Any, area: Merged, name: str, items: Mapping[str, Item]) -> Any:
    """What a merged cell says in each of its rows."""
    item = items.get(name)
    if cell in ("", None) or item is None:
        return cell
    if item.type not in ("integer", "decimal", "flag"):
        return cell
    top, left, bottom, right = area
    return Unreadable(
        "merged", f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1} {plain_text(cell)}"
    )
