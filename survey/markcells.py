"""The cells of a sheet as its part holds them: which one a mark means, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from survey.header import column_letters
from survey.markpackage import space_of

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384

Place = tuple[int, int]


def place_of(cell: str) -> Place | None:
    """Row and column, counted from 1, of a cell as it is written: `B7` or `$B$7`; None for what is no cell."""
    found = _CELL.fullmatch(cell.strip().upper())
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    return (row, column) if row <= _MOST_ROWS and column <= _MOST_COLUMNS else None


def cell_at(place: Place) -> str:
    """How a cell is written."""
    return f"{column_letters(place[1] - 1)}{place[0]}"


class Cells:
    """The cells of one sheet; a cell that is not there is made where it belongs."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._space = space_of(root)
        self._data = root.find(f"{{{self._space}}}sheetData")
        if self._data is None:
            raise KeyError("sheetData")
        self._rows = dict(_numbered(self._data, _row_number))
        self._cells: dict[int, dict[int, Any]] = {}
        self._merged: list[tuple[Place, Place]] = list(self._ranges())

    def shown(self, place: Place) -> Place:
        """The cell that shows a place: the first one of a merged range."""
        for first, last in self._merged:
            if first[0] <= place[0] <= last[0] and first[1] <= place[1] <= last[1]:
                return first
        return place

    def look(self, place: Place) -> int:
        """The look of a cell, which a row or column gives to those that are not there."""
        row = self._rows.get(place[0])
        if row is not None:
            cell = self._row_cells(place[0]).get(place[1])
            if cell is not None:
                return _number(cell.get("s"))
            if row.get("customFormat") in ("1", "true"):
                return _number(row.get("s"))
        return self._column_look(place[1])

    def set_look(self, place: Place, look: int) -> None:
        self._cell(place).set("s", str(look))

    def _cell(self, place: Place) -> Any:
        number, column = place
        row = self._rows.get(number)
        if row is None:
            row = self._added(self._data, self._rows, number, "row")
            row.set("r", str(number))
            self._rows[number] = row
        cells = self._row_cells(number)
        if column not in cells:
            cells[column] = self._added(row, cells, column, "c")
            cells[column].set("r", cell_at(place))
            # What it says of its reach would be wrong now; nobody needs it.
            row.attrib.pop("spans", None)
            self._reach(place)
        return cells[column]

    def _added(self, parent: Any, known: dict[int, Any], number: int, tag: str) -> Any:
        later = [at for at in known if at > number]
        one = etree.Element(f"{{{self._space}}}{tag}")
        if later:
            known[min(later)].addprevious(one)
        elif known:
            known[max(known)].addnext(one)
        else:
            parent.insert(0, one)
        return one

    def _row_cells(self, number: int) -> dict[int, Any]:
        if number not in self._cells:
            self._cells[number] = dict(_numbered(self._rows[number], _column_number))
        return self._cells[number]

    def _column_look(self, column: int) -> int:
        for one in self._root.iterfind(f"{{{self._space}}}cols/{{{self._space}}}col"):
            if _number(one.get("min")) <= column <= _number(one.get("max")):
                return _number(one.get("style"))
        return 0

    def _ranges(self) -> Any:
        for one in self._root.iterfind(f"{{{self._space}}}mergeCells/{{{self._space}}}mergeCell"):
            first, _, last = one.get("ref", "").partition(":")
            start, end = place_of(first), place_of(last or first)
            if start and end:
                yield start, end

    def _reach(self, place: Place) -> None:
        """The extent that a sheet says it has reaches to the new cell."""
        one = self._root.find(f"{{{self._space}}}dimension")
        first, _, last = (one.get("ref", "") if one is not None else "").partition(":")
        start, end = place_of(first), place_of(last or first)
        if start and end:
            low = min(start[0], place[0]), min(start[1], place[1])
            high = max(end[0], place[0]), max(end[1], place[1])
            one.set("ref", cell_at(low) if low == high else f"{cell_at(low)}:{cell_at(high)}")


def _numbered(parent: Any, number_of: Callable[[Any], int]) -> Any:
    """Rows or cells by their number; one that does not say it comes after the one before."""
    at = 0
    for one in parent:
        if isinstance(one.tag, str):
            at = number_of(one) or at + 1
            yield at, one


def _row_number(row: Any) -> int:
    return _number(row.get("r"))


def _column_number(cell: Any) -> int:
    place = place_of(cell.get("r") or "")
    return place[1] if place else 0


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
