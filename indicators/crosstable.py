"""A table of indicators and groups: rows and columns laid out, every figure with how it follows from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isclose

from indicators.additive import adds_up
from indicators.catalogue import Indicator
from indicators.crossfigures import PERCENT, CrossFigures, Line, Place, WithheldError
from indicators.source import Source
from indicators.stub import Stub
from indicators.table import Cell, Figure, Row, Table, TableColumn, Trace, Way
from indicators.tabledefinition import Definition
from indicators.tablewords import TableWords
from survey.record import previous_period
from survey.texts import Texts

_NARROW = frozenset({"growth", "share", "due", "used", "filled", "near", "largest"})
_COUNTS = frozenset({"due", "used", "near"})
# What tells of single units, or how many of them are in a group, is not public.
_INSIDE = frozenset({"near", "largest"})
_OF_WHOLE = frozenset({"coverage", "due", "used", "filled"})
# Sums of the same records in another order may differ by so much of themselves.
_NEAR = 1e-9


class CrossTable:
    """One table being laid out; `table` gives it. Notes on what was left out come with it."""

    def __init__(self, source: Source, period: str, texts: Texts, wanted: Definition) -> None:
        wanted = _public(wanted) if source.public else wanted
        self._catalogue = source.catalogue
        self._periods = {"now": period, "before": previous_period(period)}
        self._texts = texts
        self._wanted = wanted
        self._words = TableWords(wanted, source.catalogue, source.store.scheme, texts)
        self._stub = Stub(source, period, wanted, self._words)
        self._figures = CrossFigures(source, self._periods, wanted, self._stub.names)
        self._lines = list(self._stub.lines())
        self._places = list(self._column_places())
        self._stubs = self._stub.columns()
        self._apart: dict[str, None] = {}

    def table(self, number: str, title: str) -> Table:
        """The table, with its notes: footnotes, what sums leave out, its own, where it is from."""
        wanted, texts = self._wanted, self._texts
        rows = tuple(self._row(at, line) for at, line in enumerate(self._lines))
        if any(isinstance(cell, Figure) and cell.withheld for row in rows for cell in row.cells):
            self._apart["withheld"] = None
        if self._figures.lacking:
            self._apart["lacking"] = None
        columns = (*self._stubs, *(self._column(place) for place in self._places))
        notes = [f"{mark} {texts.pick(one.text, one.text_en)}" for one, mark in self._words.marks.items()]
        notes += [texts(f"tables.note.{name}") for name in self._apart]
        if "coverage" in wanted.compare:
            notes.append(texts("table.note.coverage"))
        notes += [texts(f"tables.note.{part}") for part in ("near", "largest") if part in wanted.compare]
        notes += [*(wanted.notes_en if texts.lang == "en" and wanted.notes_en else wanted.notes)]
        notes.append(texts("table.note.rounding"))
        if source := texts.pick(wanted.source, wanted.source_en):
            notes.append(texts("tables.note.source", text=source))
        charted, drawn = self._charted()
        return Table(number, title, columns, rows, tuple(notes), charted, drawn, self._unit_above(), lettered=True)

    def _row(self, at: int, line: Line) -> Row:
        if line.heading:
            cells: tuple[Cell, ...] = (*line.labels, *([""] * len(self._places)))
            return Row(cells, heading=True)
        cells = (*line.labels, *(self._cell(at, column) for column in range(len(self._places))))
        return Row(cells, self._stub.total(line), line.key, level=self._stub.level(line))

    # Columns

    def _column_places(self) -> Iterator[Place]:
        across = self._wanted.across
        codes = [*([""] if self._wanted.total != "none" else []), *self._stub.codes(across)] if across else [""]
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
            unit = f"\n({self._words.unit(indicator)})" if not several and wanted.unit == "column" else ""
            path.append(self._words.label(indicator) + self._words.mark(column=name) + unit)
        if wanted.across:
            path.append(self._words.group(wanted.across, code) if code else self._texts("table.total"))
        if several or not path:
            path.append(self._part_head(part, indicator))
        return tuple(path)

    def _part_head(self, part: str, indicator: Indicator | None) -> str:
        if part in self._periods:
            unit = f"\n({self._words.unit(indicator)})" if indicator and self._wanted.unit == "column" else ""
            return self._periods[part] + unit
        if part == "growth":
            kind = "mixed" if indicator is None else "change" if indicator.unit == PERCENT else "growth"
            return self._texts(f"tables.part.{kind}")
        return self._texts("table.head.coverage" if part == "coverage" else f"tables.part.{part}")

    def _column(self, place: Place) -> TableColumn:
        # Where rows are indicators, growth is told in per cent or in points, row by row.
        mixed = place.part == "growth" and not place.indicator
        weight = 1.4 if mixed else 0.95 if place.part in _NARROW else 1.2
        return TableColumn(place.path[-1], weight, "right", place.path[:-1])

    # Figures

    def _cell(self, row: int, column: int) -> Cell:
        line, place = self._lines[row], self._places[column]
        indicator = self._catalogue.indicators[line.indicator or place.indicator]
        mark = (
            self._words.mark(row=line.key or "total", column=place.indicator)
            if place.indicator and place.part == "now"
            else ""
        )
        digits = self._wanted.digits.get(indicator.id, indicator.digits) if place.part in self._periods else 1
        try:
            if place.part == "coverage":
                used, due = (self._figures.told(line, place, part) or 0 for part in ("used", "due"))
                return f"{used:,.0f} / {due:,.0f}"
            value = self._figures.told(line, place, place.part)
        except WithheldError:
            return Figure(None, digits, mark=mark, withheld=True)
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
                total = next((at for at, line in enumerate(self._lines) if not line.group and not line.heading), None)
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
        below = [(by, [(at, column) for at in rows]) for by, rows in self._stub.below(line, self._lines)]
        found = [cells for by, cells in below or self._across(row, place) if self._comes_to(value, by, cells, place)]
        return Trace("sum", tuple((at, len(self._stubs) + to) for at, to in found[0])) if found else None

    def _across(self, row: int, place: Place) -> list[tuple[str, list[tuple[int, int]]]]:
        """The groups across of which a column is the total."""
        if place.code or not self._wanted.across:
            return []
        same = ((one.indicator, one.part, bool(one.code)) for one in self._places)
        cells = [(row, at) for at, one in enumerate(same) if one == (place.indicator, place.part, True)]
        return [(self._wanted.across, cells)] if cells else []

    def _comes_to(self, value: float, by: str, cells: Sequence[tuple[int, int]], place: Place) -> bool:
        """Whether groups add up to a total; where they do not, a note will say why."""
        try:
            parts = [self._figures.told(self._lines[at], self._places[to], place.part) for at, to in cells]
        except WithheldError:
            # A total above what is withheld stands as a number.
            return False
        if isclose(sum(part or 0 for part in parts), value, rel_tol=_NEAR):
            return True
        # An indicator that cannot be broken down by a dimension has no group there.
        if any(part is not None for part in parts):
            self._apart["chosen" if by in self._wanted.groups else "unsorted"] = None
        return False

    def _unit_above(self) -> str:
        names = self._stub.names
        return self._words.unit(self._catalogue.indicators[names[0]]) if names and self._wanted.unit == "table" else ""

    def _charted(self) -> tuple[int | None, str]:
        """The column that is drawn, what its indicator comes to now in all, and what it is called."""
        at = self._beside(Place((), self._wanted.chart, "", "now"), "now") if self._wanted.chart else None
        if at is None or len(self._wanted.by) > 1:
            return None, ""
        indicator = self._catalogue.indicators[self._wanted.chart]
        return len(self._stubs) + at, f"{self._words.label(indicator)} ({self._words.unit(indicator)})"


def _public(wanted: Definition) -> Definition:
    """A table without the columns that are not for everybody."""
    inside = _INSIDE | _OF_WHOLE if wanted.dimensions else _INSIDE
    return replace(wanted, compare=tuple(part for part in wanted.compare if part not in inside) or ("now",))
