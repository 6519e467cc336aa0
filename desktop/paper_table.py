"""The table of a form: 甲 乙 丙 1 2, in one panel or two abreast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from desktop.paper_block import MIDDLE, THICK, Block, beside, inset, stack
from desktop.paper_copy import Copy
from desktop.paper_grid import Grid, closed, paginate
from survey.form import Item, Section
from survey.scalar import Value

_AMOUNT = "999,999,999,999"
_NARROWEST, _WIDEST, _READABLE = 9.0, 30.0, 3.0
_NONE = "—"
Row = Section | Item


class TableBody:
    """The rows of a form of items, page by page."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._columns = 5 if copy.options.before else 4
        self._made: dict[tuple[int, int], list[Block | None]] = {}

    @property
    def possible(self) -> bool:
        """Whether the labels have the room they need."""
        return self._panel[0] >= _NARROWEST * self._copy.em

    def pages(self, first: float, rest: float, foot: float) -> list[Block]:
        """The table as it fits: the first page, every other, and the foot below the last."""
        top = self._head
        split = self._split(first - top.height, rest - top.height, foot)
        return [closed(stack([top, *map(self._row, rows)])) for rows in split]

    # Columns

    @cached_property
    def _grid(self) -> Grid:
        copy = self._copy
        double = tuple(self._columns * at - 1 for at in range(1, copy.panels))
        return Grid(self._panel * copy.panels, copy.pad, copy.em * 0.16, double)

    @cached_property
    def _panel(self) -> tuple[float, ...]:
        """The widths of one panel's columns; what the label does not need goes to the values."""
        copy = self._copy
        room, pads = copy.paper.inner / copy.panels, 2 * copy.pad + 2
        heads = [copy.texts(f"paper.head.{name}") for name in ("unit", "code", "now", "before")]
        widest = (5 if copy.panels > 1 else 8) * copy.em
        units = [min(copy.width(copy.unit(item)), widest) for item in copy.form.items]
        unit = max([*units, *self._words(heads[0])]) + pads
        code = max([*(copy.width(item.code) for item in copy.form.items), *self._words(heads[1])]) + pads
        values = [copy.width(text) for text in (_AMOUNT, *self._numbers)]
        value = max([*values, *self._words(heads[2]), *self._words(heads[3])]) + pads
        count = self._columns - 3
        label = room - unit - code - count * value
        spare = max(0.0, label - _WIDEST * copy.em)
        return (label - spare, unit, code, *[value + spare / count] * count)

    def _words(self, text: str) -> list[float]:
        return [self._copy.width(word, bold=True) for word in text.split()]

    @cached_property
    def _numbers(self) -> list[str]:
        whose = self._copy.filled
        found = []
        for values in (whose.now, whose.before):
            found += [self._copy.show(item, values.get(item.name)) for item in self._copy.form.items if item.numeric]
        return found

    # Rows

    @cached_property
    def _head(self) -> Block:
        copy, grid = self._copy, self._grid
        names = ("label", "unit", "code", "now", "before")[: self._columns]
        texts = [copy.texts(f"paper.head.{name}") for name in names] * copy.panels
        letters = [copy.texts(f"paper.letter.{name}") for name in names] * copy.panels
        rows = []
        for row, low, above, below in ((texts, 2.2, THICK, MIDDLE), (letters, 1.5, 0, MIDDLE)):
            bold = row is texts
            cells = [copy.words(text, grid.inner(at), bold=bold, align="center") for at, text in enumerate(row)]
            rows.append(grid.row(cells, low=low * copy.em, above=above, below=below))
        return stack(rows)

    def _row(self, row: Sequence[Row | None]) -> Block:
        cells: list[Block | None] = []
        for at, one in enumerate(row):
            cells += self._cells(one, at * self._columns)
        return self._grid.row(cells, low=self._copy.tall)

    def _height(self, row: Sequence[Row | None]) -> float:
        """How high a row is; two panels are tried in many ways, and only the last is drawn."""
        halves = (self._cells(one, at * self._columns) for at, one in enumerate(row))
        return max(self._grid.height(cells, self._copy.tall) for cells in halves)

    def _cells(self, row: Row | None, column: int) -> list[Block | None]:
        """The cells of a row in one panel, set once."""
        if row is None:
            return [None] * self._columns
        # The rows are the form's own, which outlives its paper.
        key = (id(row), column)
        if key not in self._made:
            self._made[key] = self._set(row, column)
        return self._made[key]

    def _set(self, row: Row, column: int) -> list[Block | None]:
        copy, grid = self._copy, self._grid
        if isinstance(row, Section):
            label = copy.words(copy.texts.pick(row.section, row.section_en), grid.inner(column), bold=True)
            dashes = [copy.words(_NONE, grid.inner(column + at), align="center") for at in range(1, self._columns)]
            return [label, *dashes]
        unit = copy.words(copy.unit(row), grid.inner(column + 1), align="center")
        code = copy.words(row.code, grid.inner(column + 2), align="center")
        now = self._value(row, copy.filled.now, column + 3, row.name)
        before = self._value(row, copy.filled.before, column + 4, f"{row.name}@prev") if self._columns > 4 else None
        return [self._label(row, grid.inner(column)), unit, code, now, before][: self._columns]

    def _label(self, item: Item, width: float) -> Block:
        """The label, moved in as far as it belongs to others; 其中： stands before the first of them."""
        copy = self._copy
        mark = copy.texts("paper.of_which") if item.of_which else ""
        marked = copy.width(mark)
        under = max(0.0, min(self._indents[item.name] * copy.em, width - marked - _READABLE * copy.em))
        label = copy.words(copy.label(item), width - under - marked)
        return inset(beside((copy.words(mark, marked), label)), under, width) if mark else inset(label, under, width)

    @cached_property
    def _indents(self) -> Mapping[str, float]:
        """How far each label is moved in; what follows a 其中： stands below its first word."""
        copy = self._copy
        found: dict[str, float] = {}
        beyond: dict[int, float] = {}
        mark = copy.width(copy.texts("paper.of_which")) / copy.em
        for row in copy.form.rows:
            if isinstance(row, Section):
                beyond = {}
                continue
            beyond = {depth: by for depth, by in beyond.items() if depth <= row.indent}
            if row.of_which:
                beyond.pop(row.indent, None)
            found[row.name] = row.indent + sum(beyond.values())
            if row.of_which:
                beyond[row.indent] = mark
        return found

    def _value(self, item: Item, values: Mapping[str, Value], column: int, key: str) -> Block:
        text = self._copy.show(item, values.get(item.name))
        return self._copy.words(text, self._grid.inner(column), align="right" if item.numeric else "left", key=key)

    # Pages

    def _split(self, first: float, rest: float, foot: float) -> list[list[tuple[Row | None, ...]]]:
        rows = self._copy.form.rows
        if self._copy.panels == 1:
            single = [(row,) for row in rows]
            heights = [self._height(row) for row in single]
            glued = [isinstance(row, Section) for row in rows]
            ends = paginate(heights, glued, first, rest, foot)
            return [list(single[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        return self._abreast(first, rest, foot)

    def _abreast(self, first: float, rest: float, foot: float) -> list[list[tuple[Row | None, ...]]]:
        """Two panels: every page is filled down the left, then down the right; the last one is balanced."""
        left: Sequence[Row] = self._copy.form.rows
        pages: list[list[tuple[Row | None, ...]]] = []
        room = first
        while left:
            whole = self._paired(left, (len(left) + 1) // 2)
            if self._high(whole) + foot <= room or len(left) <= 2:
                return [*pages, whole]
            count = (len(left) + 1) // 2
            while count > 1 and self._high(self._paired(left[: 2 * count], count)) > room:
                count -= 1
            # The foot must find its place: a page that is full leaves something for the next.
            taken = min(2 * count, len(left) - 2)
            if isinstance(left[taken - 1], Section):
                taken -= 1
            pages.append(self._paired(left[:taken], (taken + 1) // 2))
            left, room = left[taken:], rest
        return pages

    @staticmethod
    def _paired(rows: Sequence[Row], count: int) -> list[tuple[Row | None, ...]]:
        if count < len(rows) and isinstance(rows[count - 1], Section):
            count += 1
        right = [*rows[count:], *[None] * (2 * count - len(rows))]
        return list(zip(rows[:count], right, strict=True))

    def _high(self, rows: Sequence[Sequence[Row | None]]) -> float:
        return sum(self._height(row) for row in rows)
