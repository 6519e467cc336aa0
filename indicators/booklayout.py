"""How a table lies on its sheet: the widths of its columns, the heights of its rows, the paper it is printed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from indicators.table import Figure, Row, Table
from indicators.tableheads import depth, head_cells

# In letters: what a column is wide for its weight, and at least; a figure leaves some room beside it.
_A_WEIGHT, _LEAST, _BESIDE = 9.5, 8.0, 3.0
_LINE, _PLAIN = 14.0, 17.0
# In points: a letter's width and what a column adds, the block above the table, A4 within its margins.
_LETTER, _ADDED, _TOP = 5.25, 3.75, 160.0
_SHORT, _LONG = 523.0, 748.0
# Smaller than this a table goes on on a further page instead.
_SMALLEST = 0.66


@dataclass(frozen=True)
class Paper:
    """Which way a sheet lies when it is printed, and whether all of it goes on one page."""

    landscape: bool
    whole: bool


@dataclass(frozen=True)
class BookLayout:
    """The measures of a table on its sheet; `chart` is how high its chart is, in points."""

    table: Table
    chart: float = 0

    @cached_property
    def widths(self) -> list[float]:
        """The width of every column in letters: no figure is ever too wide for it."""
        return [
            max(_LEAST, column.weight * _A_WEIGHT, *(_figure(row.cells[at]) for row in self.table.rows))
            for at, column in enumerate(self.table.columns)
        ]

    @property
    def pixels(self) -> int:
        """How wide it is on the screen, at the size of type that widths are counted in."""
        return round(sum(width * 7 + 5 for width in self.widths))

    @cached_property
    def heads(self) -> list[float]:
        """The height of every level of heads, as they wrap in the width of their columns."""
        found = []
        for level in range(depth(self.table)):
            lines = 1.0
            for cell in head_cells(self.table):
                if cell.row + cell.rows - 1 == level:
                    room = sum(self.widths[cell.column : cell.column + cell.columns]) - 1
                    needed = sum(-(-wide(line) // room) for line in cell.text.split("\n"))
                    lines = max(lines, needed - (cell.rows - 1))
            found.append(6 + lines * _LINE)
        return found

    @cached_property
    def rows(self) -> list[float]:
        """The height of every row."""
        return [self._row(row) for row in self.table.rows]

    def _row(self, row: Row) -> float:
        if row.heading:
            return _PLAIN
        texts = (
            -(-(wide(cell) + 1 + 2 * row.level * (at == row.labelled)) // (width * 1.08))
            for at, (cell, width) in enumerate(zip(row.cells, self.widths, strict=True))
            if isinstance(cell, str)
        )
        lines = max(1.0, *texts)
        return _PLAIN if lines == 1 else 4 + lines * _LINE

    @cached_property
    def notes(self) -> list[float]:
        """The height of every note, as it wraps across the table."""
        return [4 + 12 * -(-wide(note) // (sum(self.widths) * 1.15)) for note in self.table.notes]

    @cached_property
    def paper(self) -> Paper:
        """The way it is printed largest: on one page, or else on as many as its rows need."""
        wide_ = sum(width * _LETTER + _ADDED for width in self.widths)
        high = _TOP + sum(self.heads) + sum(self.rows) + sum(self.notes) + self.chart
        upright, lying = min(1.0, _SHORT / wide_, _LONG / high), min(1.0, _LONG / wide_, _SHORT / high)
        if max(upright, lying) >= _SMALLEST:
            return Paper(lying > upright, whole=True)
        return Paper(_SHORT / wide_ < _SMALLEST, whole=False)


def _figure(cell: str | Figure) -> float:
    # A figure that does not fit would be shown as ####.
    return wide(cell.text()) + _BESIDE if isinstance(cell, Figure) else 0


def wide(text: str) -> int:
    """How many Latin letters wide a text is; a Chinese character is two."""
    return sum(2 if ord(letter) > 0x2E7F or letter in "“”‘’…—" else 1 for letter in text)
