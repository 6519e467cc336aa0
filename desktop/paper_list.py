"""A list form: a line a record; columns that find no room stand in bands below each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from desktop.paper_block import MIDDLE, THICK, Align, Block, stack
from desktop.paper_copy import Copy, Line
from desktop.paper_grid import Grid, closed, paginate
from survey.form import MONEY_UNIT, Item
from survey.scalar import Value

_GAP = 90.0
_STRETCH = 2.4
_MOST_BLANK = 40
_AMOUNT, _COUNT, _SHARE = "999,999,999,999", "9,999,999", "9,999.99"


@dataclass(frozen=True)
class _Band:
    """Some of the columns, with the number of the line before them."""

    items: tuple[Item, ...]
    grid: Grid


class ListBody:
    """The lines of a list form, page by page."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy

    @property
    def possible(self) -> bool:
        return True

    def pages(self, first: float, rest: float, foot: float) -> list[Block]:
        """The lines as they fit: the first page, every other, and the foot below the last."""
        pages: list[Block] = []
        groups = self._groups(rest)
        for at, bands in enumerate(groups):
            last = at == len(groups) - 1
            pages += self._group(bands, first if at == 0 else rest, rest, foot if last else 0)
        return pages

    # Columns

    @cached_property
    def _bands(self) -> tuple[_Band, ...]:
        room = self._copy.paper.inner - self._number
        needs = {item: min(self._need(item), room) for item in self._copy.form.items}
        fewest = len(_parted(needs, room))
        # Bands of about the same width: the narrowest limit that needs no more of them.
        limit = max([sum(needs.values()) / fewest, *needs.values()])
        while len(_parted(needs, limit)) > fewest:
            limit += self._copy.em
        return tuple(self._band(items, needs, room) for items in _parted(needs, min(limit, room)))

    def _band(self, items: Sequence[Item], needs: Mapping[Item, float], room: float) -> _Band:
        total = sum(needs[item] for item in items)
        by = min(_STRETCH, room / total)
        widths = (self._number, *(needs[item] * by for item in items))
        return _Band(tuple(items), Grid(widths, self._copy.pad, self._copy.em * 0.2))

    @property
    def _number(self) -> float:
        copy = self._copy
        words = [copy.texts("paper.head.number"), copy.texts("paper.total"), str(len(self._lines) * 10)]
        return max(copy.width(word, bold=True) for word in words) + 2 * copy.pad + 2

    def _need(self, item: Item) -> float:
        """The width a column needs: its widest figure, its head in four lines, a readable text."""
        copy = self._copy
        texts = [copy.show(item, line.get(item.name)) for line in [*self._lines, self._totals]]
        if item.numeric:
            # A sum is set bold, and a blank form must take what a large enterprise writes.
            room = _AMOUNT if item.unit == MONEY_UNIT else _SHARE if item.type == "decimal" else _COUNT
            sample = copy.width("" if item.type == "flag" else room)
            need = max([sample, *(copy.width(text, bold=True) for text in texts)])
        else:
            need = self._readable(item, texts)
        return max(need, self._head_need(item)) + 2 * copy.pad + 2

    def _readable(self, item: Item, texts: Sequence[str]) -> float:
        copy = self._copy
        if item.type == "uscc":
            return copy.width("M" * 2 + "9" * 16)
        if item.type == "date":
            return copy.width("2025-12-31")
        if item.type == "code":
            labels = [copy.width(copy.show(item, code)) for code in copy.scheme.lists[item.list].codes]
            return min(max(labels, default=0), 7 * copy.em)
        longest = max([copy.width(text) for text in texts], default=0) / 2
        return min(max((item.length or 20) / 3 * copy.em, longest, 6 * copy.em), 14 * copy.em)

    def _head_need(self, item: Item) -> float:
        copy = self._copy
        long = self._head_text(item, 0)
        width = max([3.0 * copy.em, *(copy.width(word, bold=True) for word in long.split() if word.isascii())])
        while len(copy.face.lines(self._head_text(item, width), width, copy.points, True)) > 4:
            width += copy.em / 2
        return width

    def _head_text(self, item: Item, width: float) -> str:
        """The label with its unit, which is never broken."""
        copy = self._copy
        label, unit = copy.label(item), copy.unit(item)
        if not unit:
            return label
        one = copy.texts("paper.head.with_unit", label=label, unit=unit)
        two = copy.texts("paper.head.with_unit", label=f"{label}\n", unit=unit)
        mark = copy.texts("paper.head.with_unit", label="", unit=unit)
        lines = copy.face.lines(one, width, copy.points, True)
        shorter = len(lines) < len(copy.face.lines(two, width, copy.points, True))
        return one if shorter and lines[-1].endswith(mark.strip()) else two

    # Lines

    @cached_property
    def _lines(self) -> Sequence[Line]:
        whose = self._copy.filled
        return () if whose.blank else whose.lines.get(self._copy.form.id, ())

    @cached_property
    def _totals(self) -> Line:
        found: dict[str, Value] = {}
        for item in self._copy.form.items:
            given = [line.get(item.name) for line in self._lines] if item.total else []
            numbers = [value for value in given if isinstance(value, int | float)]
            if numbers:
                found[item.name] = sum(numbers)
        return found

    @property
    def _has_total(self) -> bool:
        return any(item.total for item in self._copy.form.items)

    # Rows

    def _head(self, band: _Band) -> Block:
        copy, grid = self._copy, band.grid
        texts = [copy.texts("paper.head.number")]
        texts += [self._head_text(item, grid.inner(at)) for at, item in enumerate(band.items, 1)]
        letters = [copy.texts("paper.letter.label"), *(item.code for item in band.items)]
        rows = []
        for row, low, above in ((texts, 2.2, THICK), (letters, 1.5, 0)):
            bold = row is texts
            cells = [copy.words(text, grid.inner(at), bold=bold, align="center") for at, text in enumerate(row)]
            rows.append(grid.row(cells, low=low * copy.em, above=above, below=MIDDLE))
        return stack(rows)

    def _row(self, band: _Band, number: int | None, line: Line) -> Block:
        """A record's row; number None is the row of sums."""
        copy, grid = self._copy, band.grid
        bold = number is None
        first = copy.texts("paper.total") if number is None else str(number)
        cells: list[Block | None] = [copy.words(first, grid.inner(0), bold=bold, align="center")]
        for at, item in enumerate(band.items, 1):
            if number is None and not item.total:
                cells.append(copy.words("—", grid.inner(at), align="center"))
                continue
            align: Align = "right" if item.type in ("integer", "decimal") else "left"
            text, key = copy.show(item, line.get(item.name)), f"{item.name}#{number or ''}"
            cells.append(copy.words(text, grid.inner(at), bold=bold, align=align, key=key))
        return grid.row(cells, low=copy.tall, above=MIDDLE if bold else 0)

    # Pages

    def _groups(self, room: float) -> list[list[_Band]]:
        """The bands that stand on one page together: their heads and three lines of each."""
        groups: list[list[_Band]] = []
        used = 0.0
        for band in self._bands:
            need = self._head(band).height + 3 * self._copy.tall + _GAP
            if not groups or used + need > room:
                groups.append([])
                used = 0.0
            groups[-1].append(band)
            used += need
        return groups

    def _group(self, bands: Sequence[_Band], first: float, rest: float, foot: float) -> list[Block]:
        heads = [self._head(band) for band in bands]
        fixed = sum(head.height for head in heads) + _GAP * (len(bands) - 1)
        numbered: list[tuple[int | None, Line]] = list(enumerate(self._written(bands, first - fixed - foot), 1))
        if self._has_total:
            numbered.append((None, self._totals))
        rows = [[self._row(band, *one) for band in bands] for one in numbered]
        heights = [sum(block.height for block in row) for row in rows]
        glued = [at == len(rows) - 2 and self._has_total for at in range(len(rows))]
        ends = paginate(heights, glued, first - fixed, rest - fixed, foot)
        return [_page(heads, rows[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

    def _written(self, bands: Sequence[_Band], room: float) -> Sequence[Line]:
        """The lines of a filled form; of a blank one as many empty ones as the page takes."""
        if not self._copy.filled.blank:
            return self._lines or ({},)
        low = sum(self._row(band, 1, {}).height for band in bands)
        room -= sum(self._row(band, None, {}).height for band in bands) if self._has_total else 0
        return [{}] * max(1, min(_MOST_BLANK, int(room / low)))


def _page(heads: Sequence[Block], rows: Sequence[Sequence[Block]]) -> Block:
    bands = [stack([head, *(row[at] for row in rows)]) for at, head in enumerate(heads)]
    return stack([closed(band) for band in bands], gap=_GAP)


def _parted(needs: Mapping[Item, float], room: float) -> list[list[Item]]:
    """The columns in their order, as many to a band as fit."""
    bands: list[list[Item]] = [[]]
    used = 0.0
    for item, need in needs.items():
        if bands[-1] and used + need > room + 1:
            bands.append([])
            used = 0.0
        bands[-1].append(item)
        used += need
    return bands
