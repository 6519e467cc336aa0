"""What the indicators and groups of a table are called, with the marks of its footnotes."""

from __future__ import annotations

from indicators.catalogue import Catalogue, Indicator
from indicators.table import MARKS
from indicators.tabledefinition import Definition
from survey.scheme import Scheme
from survey.texts import Texts


class TableWords:
    """The words of one table; `marks` are those of its footnotes, in their order."""

    def __init__(self, wanted: Definition, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> None:
        self.texts = texts
        self.marks = dict(zip(wanted.footnotes, MARKS, strict=False))
        self._catalogue = catalogue
        self._lists = scheme.lists

    def label(self, indicator: Indicator) -> str:
        """What an indicator is called."""
        return self.texts.pick(indicator.label, indicator.label_en)

    def unit(self, indicator: Indicator) -> str:
        """The unit of measure of an indicator."""
        return self.texts.pick(indicator.unit, indicator.unit_en)

    def dimension(self, name: str) -> str:
        """What a dimension is called."""
        one = self._catalogue.dimensions[name]
        return self.texts.pick(one.label, one.label_en)

    def group(self, dimension: str, code: str) -> str:
        """What a group of a dimension is called."""
        return self._lists[self._catalogue.dimensions[dimension].list].label(code, self.texts.lang)

    def mark(self, *, row: str = "", column: str = "") -> str:
        """The marks of the footnotes on a row, a column, or where both cross."""
        return "".join(mark for one, mark in self.marks.items() if (one.row, one.column) == (row, column))
