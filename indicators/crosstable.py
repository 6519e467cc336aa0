"""A table of indicators and groups: rows and columns laid out, every figure with how it follows from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose

from indicators.catalogue import Indicator
from indicators.computation import Computation
from indicators.crossfigures import PERCENT, CrossFigures, Line, Place
from indicators.table import Cell, Figure, Row, Table, TableColumn, Trace, Way
from indicators.tabledefinition import Definition, adds_up
from survey.record import previous_period
from survey.texts import Texts

_MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NARROW = frozenset({"growth", "share", "due", "used", "filled", "near", "largest"})
_COUNTS = frozenset({"due", "used", "near"})
# Sums of the same records in another order may differ by so much of themselves.
_NEAR = 1e-9


class CrossTable:
    """One table being laid out; `table` gives it. Notes on what was left out come with it."""

    def __init__(self, computation: Computation, period: str, texts: Texts, wanted: Definition) -> None:
        self._computation = computation
        self._catalogue = computation.catalogue
        self._lists = computation.store.scheme.lists
        self._periods = {"now": period, "before": previous_period(period)}
        self._texts = texts
        self._wanted = wanted
        self._marks = dict(zip(wanted.footnotes, _MARKS, strict=False))
        self._names = wanted.columns if wanted.by else self._row_names()
        self._figures = CrossFigures(computation, self._periods, wanted, self._names)
        self._lines = list(self._row_lines())
        self._places = list(self._column_places())
        self._stubs = self._stub_columns()
        self._apart: dict[str, None] = {}

    def table(self, number: str, title: str) -> Table:
        """The table, with its notes: footnotes, what sums leave out, its own, where it is from."""
        wanted, texts = self._wanted, self._texts
        rows = tuple(self._row(at, line) for at, line in enumerate(self._lines))
        columns = (*self._stubs, *(self._column(place) for place in self._places))
        notes = [f"{mark} {texts.pick(one.text, one.text_en)}" for one, mark in self._marks.items()]
        notes += [texts(f"tables.note.{name}") for name in self._apart]
        if "coverage" in wanted.compare:
            notes.append(texts("table.note.coverage"))
        notes += [*(wanted.notes_en if texts.lang == "en" and wanted.notes_en else wanted.notes)]
        notes.append(texts("table.note.rounding"))
        if source := texts.pick(wanted.source, wanted.source_en):
            notes.append(texts("tables.note.source", text=source))
        charted, drawn = self._charted()
        return Table(number, title, columns, rows, tuple(notes), charted, drawn, self._unit_above(), lettered=True)

    # Rows

    def _row_names(self) -> tuple[str, ...]:
        """The indicators of the rows: those that are asked for, else all that stand for themselves."""
        every = self._catalogue.indicators.values()
        return self._wanted.rows or tuple(
            one.id for one in every if not one.spread and not (self._wanted.across and one.whole_only)
        )

    def _row_lines(self) -> Iterator[Line]:
        if not self._wanted.by:
            for name in self._names:
                indicator = self._catalogue.indicators[name]
                unit = () if self._wanted.unit == "table" else (self._unit(indicator),)
                yield Line((name, self._label(indicator) + self._mark(row=name), *unit), name)
            return
        total = Line((self._texts("table.total") + self._mark(row="total"),))
        if self._wanted.total == "first":
            yield total
        yield from self._group_lines((), self._wanted.by)
        if self._wanted.total == "last":
            yield total

    def _group_lines(self, above: tuple[str, ...], dimensions: Sequence[str]) -> Iterator[Line]:
        if not dimensions:
            return
        for code in self._codes(dimensions[0], above):
            yield Line((self._group_label(dimensions[0], code) + self._mark(row=code),), group=(*above, code))
            yield from self._group_lines((*above, code), dimensions[1:])

    def _codes(self, dimension: str, above: tuple[str, ...] = ()) -> list[str]:
        """The groups of a dimension that there are, or that were chosen; of an empty file all of the list."""
        if chosen := self._wanted.groups.get(dimension):
            return list(chosen)
        listed = list(self._lists[self._catalogue.dimensions[dimension].list].codes)
        if above or dimension not in self._wanted.by:
            dimensions: tuple[str, ...] = (*self._wanted.by[: len(above)], dimension)
        else:
            dimensions = (dimension,)
        found = self._computation.of(self._names, self._periods["now"], dimensions)
        there = {group[-1] for group in found if group[:-1] == above}
        codes = [code for code in listed if code in there] or ([] if found else listed)
        if self._wanted.order and not above:
            codes.sort(key=lambda code: self._rank(code, dimension))
        return codes

    def _rank(self, code: str, dimension: str) -> float:
        """Largest first, those without a figure last."""
        figures = self._computation.of(self._names, self._periods["now"], (dimension,)).get((code,), {})
        figure = figures.get(self._wanted.order)
        return float("inf") if figure is None or figure.value is None else -figure.value

    def _row(self, at: int, line: Line) -> Row:
        cells: list[Cell] = [*line.labels]
        cells += [self._cell(at, column) for column in range(len(self._places))]
        nested = len(self._wanted.by) > 1
        total = bool(self._wanted.by) and (not line.group or (nested and len(line.group) == 1))
        return Row(tuple(cells), total, line.key, level=max(len(line.group) - 1, 0))

    # Columns

    def _stub_columns(self) -> tuple[TableColumn, ...]:
        texts, by = self._texts, self._wanted.by
        if by:
            dimensions = [self._catalogue.dimensions[name] for name in by]
            head = texts("tables.nested").join(texts.pick(one.label, one.label_en) for one in dimensions)
            return (TableColumn(head, 1.7, stub=True),)
        heads = [("id", 0.9), ("indicator", 3.4), *([("unit", 1.1)] if self._wanted.unit == "column" else [])]
        return tuple(TableColumn(texts(f"table.head.{name}"), weight, stub=True) for name, weight in heads)

    def _column_places(self) -> Iterator[Place]:
        across = self._wanted.across
        codes = [*([""] if self._wanted.total != "none" else []), *self._codes(across)] if across else [""]
        blocks = self._wanted.heads if self._wanted.by else [None]
        for head in blocks:
            for name in head.columns if head else [""]:
                for code in codes:
                    for part in self._wanted.compare:
                        above = (self._texts.pick(head.label, head.label_en),) if head and head.label else ()
                        yield Place((*above, *self._path(name, code, part)), name, code, part)

    def _path(self, name: str, code: str, part: str) -> tuple[str, ...]:
        """The heads of a column: the indicator, the group across, the part, each where there is more than one."""
        wanted, path = self._wanted, []
        indicator = self._catalogue.indicators[name] if name else None
        several = len(wanted.compare) > 1 or part != "now"
        if indicator:
            unit = f"\n({self._unit(indicator)})" if not several and wanted.unit == "column" else ""
            path.append(self._label(indicator) + self._mark(column=name) + unit)
        if wanted.across:
            path.append(self._group_label(wanted.across, code) if code else self._texts("table.total"))
        if several or not path:
            path.append(self._part_head(part, indicator))
        return tuple(path)

    def _part_head(self, part: str, indicator: Indicator | None) -> str:
        if part in self._periods:
            unit = f"\n({self._unit(indicator)})" if indicator and self._wanted.unit == "column" else ""
            return self._periods[part] + unit
        if part == "growth":
            kind = "mixed" if indicator is None else "change" if indicator.unit == PERCENT else "growth"
            return self._texts(f"tables.part.{kind}")
        return self._texts("table.head.coverage" if part == "coverage" else f"tables.part.{part}")

    def _column(self, place: Place) -> TableColumn:
        weight = 0.9 if place.part in _NARROW else 1.2
        return TableColumn(place.path[-1], weight, "right", place.path[:-1])

    # Figures

    def _cell(self, row: int, column: int) -> Cell:
        line, place = self._lines[row], self._places[column]
        indicator = self._catalogue.indicators[line.indicator or place.indicator]
        mark = (
            self._mark(row=line.key or "total", column=place.indicator)
            if place.indicator and place.part == "now"
            else ""
        )
        if place.part == "coverage":
            used, due = (self._figures.told(line, place, part) or 0 for part in ("used", "due"))
            return f"{used:,.0f} / {due:,.0f}"
        digits = self._wanted.digits.get(indicator.id, indicator.digits) if place.part in self._periods else 1
        value = self._figures.told(line, place, place.part)
        trace = self._trace(row, column, value) if value is not None else None
        return Figure(value, 0 if place.part in _COUNTS else digits, trace, mark)

    # Traces

    def _trace(self, row: int, column: int, value: float) -> Trace | None:
        place = self._places[column]
        match place.part:
            case "growth":
                name = self._lines[row].indicator or place.indicator
                way: Way = "change" if self._catalogue.indicators[name].unit == PERCENT else "growth"
                return self._pair(way, row, row, place, ("now", "before"))
            case "share" if self._wanted.by:
                total = next((at for at, line in enumerate(self._lines) if not line.group), None)
                return None if total is None else self._pair("share", row, total, place, ("now", "now"))
            case "filled":
                return self._pair("share", row, row, place, ("used", "due"))
            case "now" | "before" | "used" | "due":
                return self._sum(row, column, value)
        return None

    def _pair(self, way: Way, first: int, second: int, place: Place, parts: tuple[str, str]) -> Trace | None:
        """A figure out of two others of the same indicator and group across, where both have columns."""
        columns = [self._beside(place, part) for part in parts]
        if None in columns:
            return None
        one, other = (len(self._stubs) + (at or 0) for at in columns)
        return Trace(way, ((first, one), (second, other)))

    def _beside(self, place: Place, part: str) -> int | None:
        wanted = (place.indicator, place.code, part)
        return next((at for at, one in enumerate(self._places) if (one.indicator, one.code, one.part) == wanted), None)

    def _sum(self, row: int, column: int, value: float) -> Trace | None:
        """The groups that a total adds up, below it or else across; None where they do not come to it."""
        line, place = self._lines[row], self._places[column]
        if not adds_up(self._catalogue.indicators[line.indicator or place.indicator]):
            return None
        cells = [(at, column) for at in self._below(line)]
        by = self._wanted.by[len(line.group)] if cells else self._wanted.across
        if not cells and self._wanted.across and not place.code:
            same = ((one.indicator, one.part, bool(one.code)) for one in self._places)
            cells = [(row, at) for at, one in enumerate(same) if one == (place.indicator, place.part, True)]
        if not cells:
            return None
        parts = [self._figures.told(self._lines[at], self._places[to], place.part) or 0 for at, to in cells]
        if not isclose(sum(parts), value, rel_tol=_NEAR):
            self._apart["chosen" if by in self._wanted.groups else "unsorted"] = None
            return None
        return Trace("sum", tuple((at, len(self._stubs) + to) for at, to in cells))

    def _below(self, line: Line) -> list[int]:
        if line.indicator:
            return []
        depth = len(line.group)
        return [
            at for at, one in enumerate(self._lines) if len(one.group) == depth + 1 and one.group[:depth] == line.group
        ]

    # Words

    def _label(self, indicator: Indicator) -> str:
        return self._texts.pick(indicator.label, indicator.label_en)

    def _unit(self, indicator: Indicator) -> str:
        return self._texts.pick(indicator.unit, indicator.unit_en)

    def _unit_above(self) -> str:
        first = self._catalogue.indicators[self._names[0]] if self._names else None
        return self._unit(first) if first and self._wanted.unit == "table" else ""

    def _group_label(self, dimension: str, code: str) -> str:
        return self._lists[self._catalogue.dimensions[dimension].list].label(code, self._texts.lang)

    def _mark(self, *, row: str = "", column: str = "") -> str:
        return "".join(mark for one, mark in self._marks.items() if (one.row, one.column) == (row, column))

    def _charted(self) -> tuple[int | None, str]:
        """The column that is drawn, what its indicator comes to now in all, and what it is called."""
        at = self._beside(Place((), self._wanted.chart, "", "now"), "now") if self._wanted.chart else None
        if at is None or len(self._wanted.by) > 1:
            return None, ""
        indicator = self._catalogue.indicators[self._wanted.chart]
        return len(self._stubs) + at, f"{self._label(indicator)} ({self._unit(indicator)})"
