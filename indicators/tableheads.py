"""The heads of a table: nested ones as cells over several columns, the row of letters and numbers below them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count, groupby

from indicators.table import Table

# Stub columns are lettered, those of figures numbered, as on every statistical form.
_LETTERS = "甲乙丙丁戊己"


@dataclass(frozen=True)
class HeadCell:
    """A head: where it begins, and over how many rows and columns it reaches."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


def depth(table: Table) -> int:
    """How many rows of heads a table has, the letters not counted."""
    return max(len(column.path) for column in table.columns)


def head_cells(table: Table) -> list[HeadCell]:
    """All heads from the top and the left; neighbours share those above their own, which reach down to the figures."""
    found, rows = [], depth(table)
    for level in range(rows):
        shared = [
            (column.path[: level + 1], -1 if level < len(column.above) else at)
            for at, column in enumerate(table.columns)
        ]
        for (path, own), run in groupby(range(len(shared)), key=shared.__getitem__):
            columns = list(run)
            if own < 0:
                found.append(HeadCell(level, columns[0], 1, len(columns), path[-1]))
            elif level == len(table.columns[own].above):
                found.append(HeadCell(level, own, rows - level, 1, path[-1]))
    return found


def letters(table: Table) -> list[str]:
    """甲, 乙, … over the stub and 1, 2, … over the figures; nothing where a table is not lettered."""
    if not table.lettered:
        return []
    stubs, figures = iter(_LETTERS), count(table.numbered_from)
    return [next(stubs) if column.stub else str(next(figures)) for column in table.columns]


def panels(table: Table, most: float) -> list[Table]:
    """A table that weighs more than `most` as several below each other, each with the whole stub.

    Columns below the same heads stay together, where they fit at all.
    """
    stub = [at for at, column in enumerate(table.columns) if column.stub]
    if table.width <= most or not stub:
        return [table]
    room = most - sum(table.columns[at].weight for at in stub)
    runs: list[list[int]] = [[]]
    for siblings in _siblings(table, len(stub)):
        if runs[-1] and _weight(table, [*runs[-1], *siblings]) > room:
            runs.append([])
        runs[-1] += siblings
    return [_part(table, stub, run) for run in runs]


def _siblings(table: Table, first: int) -> list[list[int]]:
    """The columns of figures by the heads above them."""
    places = range(first, len(table.columns))
    return [list(run) for _, run in groupby(places, key=lambda at: table.columns[at].above)]


def _weight(table: Table, columns: list[int]) -> float:
    return sum(table.columns[at].weight for at in columns)


def _part(table: Table, stub: list[int], run: list[int]) -> Table:
    kept = [*stub, *run]
    rows = tuple(replace(row, cells=tuple(row.cells[at] for at in kept)) for row in table.rows)
    columns = tuple(table.columns[at] for at in kept)
    return replace(table, columns=columns, rows=rows, chart=None, numbered_from=run[0] - len(stub) + 1)
