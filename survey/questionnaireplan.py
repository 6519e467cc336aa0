"""Where everything stands in a questionnaire workbook: one plan for all units of a scheme, told by form and item.

What depends on how many lines a list form has is left open in formulas: `ROW` stands for the row of the line,
`last_mark` for the last row of a list form, until `settled` fills them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from xlsxwriter.utility import xl_col_to_name

from survey import excelformula
from survey.excelformula import UnwritableError
from survey.expression import Column, Node
from survey.form import Form, Item
from survey.questionnairecodes import Codes
from survey.scheme import Scheme
from survey.texts import Texts

# Columns of the sheet of a table or of fields; those from KEY on are hidden.
LABEL, UNIT, CODE, NOW, BEFORE, SAYS, KEY, MEANS, MEANT, SKIP = range(10)
# Title and five lines of the legal block, heads, letters, hidden names.
LEGAL, HEADS, LETTERS, NAMES, FIRST = 1, 6, 7, 8, 9
# The sheet of a list form: sections, heads, units, codes, hidden names.
SECTIONS, L_HEADS, L_UNITS, L_CODES, L_NAMES, L_FIRST = 6, 7, 8, 9, 10, 11
ROW = "\ue000"
SPARE_LINES = 20


def last_mark(form: Form) -> str:
    """What stands in a formula for the last row of a list form."""
    return f"\ue001{form.id}\ue001"


def settled(formula: str, lasts: Mapping[str, int], row: int = 0) -> str:
    """A formula with its row, counted from 0, and the last rows of list forms filled in."""
    if ROW in formula:
        formula = formula.replace(ROW, str(row + 1))
    if "\ue001" in formula:
        for form, last in lasts.items():
            formula = formula.replace(f"\ue001{form}\ue001", str(last + 1))
    return formula


@dataclass(frozen=True)
class TableGrid:
    """The rows of a table's or of fields' items."""

    form: Form

    @cached_property
    def rows(self) -> Mapping[str, int]:
        return {row.name: FIRST + at for at, row in enumerate(self.form.rows) if isinstance(row, Item)}

    def cell(self, item: Item, column: int) -> str:
        return f"${xl_col_to_name(column)}${self.rows[item.name] + 1}"


@dataclass(frozen=True)
class ListGrid:
    """The columns of a list form: the line, its items, what is wrong with it; hidden: whether it is there, helpers.

    A helper holds the code or text that an answer means, or whether an item is skipped.
    """

    form: Form
    skipped: tuple[str, ...]

    @cached_property
    def columns(self) -> Mapping[str, int]:
        return {item.name: 1 + at for at, item in enumerate(self.form.items)}

    @property
    def says(self) -> int:
        return 1 + len(self.form.items)

    @property
    def there(self) -> int:
        return self.says + 1

    @cached_property
    def means(self) -> Mapping[str, int]:
        helped = [item.name for item in self.form.items if not plain(item)]
        return {name: self.there + 1 + at for at, name in enumerate(helped)}

    @cached_property
    def skips(self) -> Mapping[str, int]:
        first = self.there + 1 + len(self.means)
        return {name: first + at for at, name in enumerate(self.skipped)}

    @property
    def checks(self) -> int:
        """The column of the first check."""
        return self.there + 1 + len(self.means) + len(self.skips)

    def value_column(self, item: Item) -> int:
        """The column in which formulas read an item."""
        return self.means.get(item.name, self.columns[item.name])


def plain(item: Item) -> bool:
    """Whether formulas read an answer as it stands in its cell."""
    return item.type in ("integer", "decimal") or bool(item.computed)


class Plan:
    """The forms that units answer, the places of their items, and how formulas read them."""

    def __init__(self, scheme: Scheme, texts: Texts) -> None:
        self.scheme = scheme
        self.texts = texts
        self.forms = scheme.forms_of("unit")
        self.items = tuple(item for form in self.forms for item in form.items)
        self.codes = Codes(scheme, self.items, texts)
        self.tables = {form.id: TableGrid(form) for form in self.forms if not form.is_list}
        self.lists = {form.id: ListGrid(form, self._skipped(form)) for form in self.forms if form.is_list}
        # Each after those it reads: what no formula says, no other formula reads.
        self.computed: dict[str, str] = {}
        for name, formula in self._said(scheme.computed):
            self.computed[name] = _as_stored(formula, scheme.item(name))
        self.skips = dict(self._said(scheme.skips))

    def _skipped(self, form: Form) -> tuple[str, ...]:
        return tuple(item.name for item in form.items if item.name in self.scheme.skips)

    def _said(self, trees: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
        """The formulas of some items, each for the sheet of its form, as far as there are any."""
        for name, tree in trees.items():
            form = self.scheme.form_of(name)
            if form.id in self.tables or form.id in self.lists:
                with suppress(UnwritableError):
                    yield name, excelformula.to_formula(tree, self.reader(form.id, form.id if form.is_list else ""))

    def reader(self, sheet: str, line_form: str = "") -> excelformula.Place:
        """How formulas on a sheet read items; with `line_form` also those of the line in their own row."""

        def place(column: Column) -> str:
            if column.peers or column.at not in ("", "prev"):
                raise UnwritableError
            if column.lines:
                if column.at:
                    raise UnwritableError
                return excelformula.lines_formula(column.lines, lambda inner: self._lines(inner, sheet))
            cell = self._cell(column, line_form)
            cell = cell if sheet == self.scheme.item(column.name).form else self._away(column.name, cell)
            return excelformula.number(cell) if column.kind == "number" else excelformula.text(cell)

        return place

    def _away(self, name: str, cell: str) -> str:
        return f"'{self.scheme.item(name).form}'!{cell}"

    def _cell(self, column: Column, line_form: str) -> str:
        item = self.scheme.item(column.name)
        if item.computed and item.name not in self.computed and not column.at:
            raise UnwritableError
        if item.form in self.lists:
            if column.at or item.form != line_form:
                raise UnwritableError
            return f"${xl_col_to_name(self.lists[item.form].value_column(item))}{ROW}"
        if item.form not in self.tables:
            raise UnwritableError
        if column.at:
            return self.tables[item.form].cell(item, BEFORE if _plain_before(item) else MEANT)
        return self.tables[item.form].cell(item, NOW if plain(item) else MEANS)

    def _lines(self, column: Column, sheet: str) -> str:
        """The range of an item's answers on all lines of its form."""
        item = self.scheme.item(column.name)
        grid = self.lists.get(item.form)
        if grid is None or column.at or (item.computed and item.name not in self.computed):
            raise UnwritableError
        letter = xl_col_to_name(grid.value_column(item))
        cells = f"${letter}${L_FIRST + 1}:${letter}${last_mark(grid.form)}"
        return cells if sheet == item.form else self._away(item.name, cells)


def _plain_before(item: Item) -> bool:
    """Whether last year's answer stands in sight as formulas read it."""
    return item.previous and item.type in ("integer", "decimal")


def _as_stored(formula: str, item: Item) -> str:
    """The formula of a computed item: empty where it is missing, rounded as it is stored."""
    whole = f"ROUND({formula},0)" if item.type in ("integer", "flag") else formula
    return f'IFERROR({whole},"")'
