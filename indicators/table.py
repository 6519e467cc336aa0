"""A table of a publication as data: heads, rows, figures and where they come from, for workbook and page alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from survey.scalar import round_half_away

# What stands in the place of a figure that would tell of a single respondent.
WITHHELD = "*"
Align = Literal["left", "right", "center"]
# sum: all cells; share: of the second, in per cent; growth: over the second, in per cent; change: less the second.
Way = Literal["sum", "share", "growth", "change"]
# What leads to a footnote, in their order.
MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True)
class Trace:
    """How a figure follows from other cells of its table: row and column, both counted from 0."""

    way: Way
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Figure:
    """A number in a table, unrounded, with the digits it is shown with; None is shown as —.

    `mark` leads to a footnote; `blank` leaves room to be filled in by hand; one that is `withheld` is shown as *.
    """

    value: float | None
    digits: int = 0
    trace: Trace | None = None
    mark: str = ""
    blank: bool = False
    withheld: bool = False

    def text(self) -> str:
        """As it is printed: rounded half away from zero, thousands separated."""
        if self.blank:
            return self.mark
        if self.value is None:
            return f"{WITHHELD if self.withheld else '—'}{self.mark}"
        # What is rounded to nothing has no sign.
        rounded = round_half_away(self.value, self.digits) or 0
        return f"{rounded:,.{self.digits}f}{self.mark}"


Cell = str | Figure


@dataclass(frozen=True)
class TableColumn:
    """A column: its head, the heads above it from the top, its share of the width, and how its cells stand.

    `stub` marks those that say what a row is about.
    """

    head: str
    weight: float = 1.0
    align: Align = "left"
    above: tuple[str, ...] = ()
    stub: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """Its heads from the top to its own."""
        return (*self.above, self.head)


@dataclass(frozen=True)
class Row:
    """A row; `key` leads back to the indicator or the group it is about, `level` is how far its label is set in.

    A `heading` has no figures: it says what the rows below it are about.
    """

    cells: tuple[Cell, ...]
    total: bool = False
    key: str = ""
    tone: str = ""
    level: int = 0
    heading: bool = False

    @property
    def labelled(self) -> int:
        """The column of its label where that is set in: the first with anything in it."""
        return next((at for at, cell in enumerate(self.cells) if cell != ""), 0)


@dataclass(frozen=True)
class Table:
    """One table of a publication; `chart` is the column that is drawn, `unit` is that of all its figures.

    `lettered` tables number their columns in a row of its own: 甲, 乙, … and 1, 2, …, a part from where it begins.
    """

    number: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    chart: int | None = None
    chart_title: str = ""
    unit: str = ""
    lettered: bool = False
    numbered_from: int = 1

    @property
    def width(self) -> float:
        """What its columns weigh together."""
        return sum(column.weight for column in self.columns)


@dataclass(frozen=True)
class Origin:
    """What a summary was made from: the digests are SHA-256 over the answers and over the scheme."""

    scheme: str = ""
    version: str = ""
    program: str = ""
    data_digest: str = ""
    scheme_digest: str = ""


@dataclass(frozen=True)
class Summary:
    """All tables of a period and who publishes them; `edition` says of which edition they are, for whose eyes."""

    title: str
    period: str
    place: str
    tables: tuple[Table, ...]
    legal: Mapping[str, str] = field(default_factory=dict)
    maker: str = ""
    origin: Origin = Origin()
    edition: str = ""


def blanked(summary: Summary) -> Summary:
    """The same tables without figures, as forms to be filled in by hand."""
    return replace(summary, tables=tuple(_blanked(table) for table in summary.tables))


def _blanked(table: Table) -> Table:
    rows = tuple(
        replace(row, cells=tuple(_emptied(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)))
        for row in table.rows
    )
    return replace(table, rows=tuple(replace(row, tone="") for row in rows), chart=None)


def _emptied(cell: Cell, column: TableColumn) -> Cell:
    if isinstance(cell, Figure):
        return replace(cell, value=None, trace=None, blank=True)
    return cell if column.stub else ""
