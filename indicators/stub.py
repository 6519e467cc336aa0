"""The stub of a table: which rows it has, what they are called, and what says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indicators.crossfigures import Line
from indicators.cube import Group
from indicators.printed import row_names
from indicators.source import Source
from indicators.table import TableColumn
from indicators.tabledefinition import Definition, Section
from indicators.tablewords import TableWords


class Stub:
    """Rows of one table; `names` are the indicators that it has figures of."""

    def __init__(self, source: Source, period: str, wanted: Definition, words: TableWords) -> None:
        self._source = source
        self._catalogue = source.catalogue
        self._period = period
        self._wanted = wanted
        self._words = words
        self.names = row_names(wanted, source.catalogue)

    # Rows

    def lines(self) -> Iterator[Line]:
        """The rows from the top."""
        wanted = self._wanted
        if not wanted.by:
            for section in wanted.sections or (Section("", "", self.names),):
                yield from self._of_section(section)
            return
        total = Line((self._words.texts("table.total") + self._words.mark(row="total"),))
        if wanted.total == "first":
            yield total
        yield from self._groups((), wanted.by) if wanted.nested else self._beside()
        if wanted.total == "last":
            yield total

    def _of_section(self, section: Section) -> Iterator[Line]:
        """What a section is about, then its indicators, each with the groups within it."""
        words, wanted = self._words, self._wanted
        if label := words.texts.pick(section.label, section.label_en):
            yield self._heading(label)
        for name in section.rows:
            indicator = self._catalogue.indicators[name]
            unit = () if wanted.unit == "table" else (words.unit(indicator),)
            yield Line((name, words.label(indicator) + words.mark(row=name), *unit), name)
            if dimension := wanted.within.get(name, ""):
                for code in self.codes(dimension, names=(name,)):
                    yield Line(("", words.group(dimension, code), *unit), name, (code,), (dimension,))

    def _beside(self) -> Iterator[Line]:
        """One dimension after another, each below a line with its name."""
        for name in self._wanted.by:
            yield self._heading(self._words.texts("tables.by", name=self._words.dimension(name)))
            yield from self._groups((), (name,))

    def _heading(self, label: str) -> Line:
        return Line((label, *([""] * (len(self.columns()) - 1))), heading=True)

    def _groups(self, above: tuple[str, ...], dimensions: Sequence[str]) -> Iterator[Line]:
        """The groups of some dimensions, each within one of the dimension before."""
        depth = len(above)
        if depth == len(dimensions):
            return
        for code in self.codes(dimensions[depth], above):
            label = self._words.group(dimensions[depth], code) + self._words.mark(row=code)
            yield Line((label,), group=(*above, code), dimensions=tuple(dimensions[: depth + 1]))
            yield from self._groups((*above, code), dimensions)

    def codes(self, dimension: str, above: tuple[str, ...] = (), names: Sequence[str] = ()) -> list[str]:
        """The groups of a dimension of which there are figures, or that were chosen; of an empty file all there are.

        `names` are the indicators that matter, all where none is named.
        """
        if chosen := self._wanted.groups.get(dimension):
            return list(chosen)
        listed = list(self._source.store.scheme.lists[self._catalogue.dimensions[dimension].list].codes)
        dimensions = (*self._wanted.by[: len(above)], dimension)
        found = self._source.of(self.names, self._period, dimensions)
        there = {
            group[-1]
            for group in found
            if group[:-1] == above and any(self._stands(name, dimensions, group) for name in names or self.names)
        }
        codes = [code for code in listed if code in there] or ([] if found else listed)
        if self._wanted.order and not above:
            codes.sort(key=lambda code: self._rank(code, dimension))
        return codes

    def _stands(self, name: str, dimensions: tuple[str, ...], group: Group) -> bool:
        """Whether there is a figure, to be told or not."""
        figure = self._source.of(self.names, self._period, dimensions)[group].get(name)
        told = figure is not None and figure.value is not None
        return told or self._source.standing(name, self._period, dimensions, group, "value") == "withheld"

    def _rank(self, code: str, dimension: str) -> float:
        """Largest first, those without a figure last."""
        figures = self._source.of(self.names, self._period, (dimension,)).get((code,), {})
        figure = figures.get(self._wanted.order)
        # Of what is withheld not even the place among the others is told.
        return float("inf") if figure is None or figure.value is None else -figure.value

    def level(self, line: Line) -> int:
        """How far a row is set in."""
        return max(len(line.group) - (1 if self._wanted.by and self._wanted.nested else 0), 0)

    def total(self, line: Line) -> bool:
        """Whether a row adds up others: the total, and the outer groups where there are inner ones."""
        wanted = self._wanted
        if not wanted.by or line.heading:
            return False
        return not line.group or (wanted.nested and len(wanted.by) > 1 and len(line.group) == 1)

    def below(self, line: Line, lines: Sequence[Line]) -> list[tuple[str, list[int]]]:
        """The rows that a row may add up, with the dimension they are the groups of."""
        found: dict[str, list[int]] = {}
        for at, one in enumerate(lines):
            inner = len(one.group) == len(line.group) + 1 and one.group[: len(line.group)] == line.group
            if inner and one.indicator == line.indicator and not line.heading:
                found.setdefault(one.dimensions[-1], []).append(at)
        return list(found.items())

    # Columns

    def columns(self) -> tuple[TableColumn, ...]:
        """The columns of the stub."""
        texts, wanted, words = self._words.texts, self._wanted, self._words
        if wanted.by:
            nested = texts("tables.nested").join(words.dimension(name) for name in wanted.by)
            head = nested if wanted.nested else texts("tables.groups")
            return (TableColumn(head, 1.7 if wanted.nested else 2.6, stub=True),)
        heads = [("id", 0.9), ("indicator", 3.4), *([("unit", 1.1)] if wanted.unit == "column" else [])]
        return tuple(TableColumn(texts(f"table.head.{name}"), weight, stub=True) for name, weight in heads)
