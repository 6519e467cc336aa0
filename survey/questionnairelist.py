"""The sheet of a list form in a questionnaire workbook: numbered lines with room for more, and their totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from survey import questionnairefile as names
from survey.form import Item, Section
from survey.plainbook import lines_in
from survey.questionnairefilled import truth
from survey.questionnairelooks import kind
from survey.questionnaireplan import (
    L_CODES,
    L_FIRST,
    L_HEADS,
    L_NAMES,
    L_UNITS,
    ROW,
    SECTIONS,
    ListGrid,
)
from survey.questionnairerules import means, rule, shown, unreadable
from survey.questionnairesheet import SENTENCE, Pen, check_rows, foot, head, secure, trust
from survey.returnbook import print_setup, put_text
from survey.scalar import Closure, Value, compile_scalar

_NUMBER, _SAYS = 6, 60
_WIDTHS = {"integer": 11.5, "decimal": 10, "code": 14, "text": 18, "flag": 7, "date": 11, "uscc": 21}
# Two lines of text have room, so that what is chosen is not cut.
_HEIGHT = 30
_PITCH = 13.5


class ListSheet:
    """The sheet of a list form."""

    def __init__(self, pen: Pen, sheet: Any, grid: ListGrid) -> None:
        self._pen = pen
        self._sheet = sheet
        self._grid = grid
        self._form = grid.form
        self._lines = pen.whose.lines(grid.form)
        self._lives = pen.live.by_list[grid.form.id]
        # One formula a column: only its row differs from line to line.
        self._means = {
            item.name: means(item, self._cell(grid.columns[item.name]), pen.plan.codes, pen.plan.texts)
            for item in self._form.items
            if item.name in grid.means
        }
        self._skips: dict[str, Closure] = {
            name: compile_scalar(pen.plan.scheme.skips[name]) for name in grid.skips if name in pen.plan.skips
        }

    def write(self) -> None:
        pen, sheet, grid = self._pen, self._sheet, self._grid
        self._columns()
        legal = max(grid.says - 5, grid.says // 2)
        head(pen, sheet, self._form, grid.says - 1, legal)
        self._heads()
        for at, line in enumerate(self._lines):
            self._line(L_FIRST + at, line)
        last = L_FIRST + len(self._lines) - 1
        self._rules(last)
        self._totals(last + 1)
        width = sum(_WIDTHS[item.type] for item in self._form.items)
        end = foot(pen, sheet, self._form, last + 2, grid.says - 1, width)
        self._set_up(end)

    def _cell(self, column: int) -> str:
        return f"${xl_col_to_name(column)}{ROW}"

    def _columns(self) -> None:
        sheet, grid = self._sheet, self._grid
        sheet.set_column(0, 0, _NUMBER)
        for item in self._form.items:
            column = grid.columns[item.name]
            sheet.set_column(column, column, _WIDTHS[item.type])
        sheet.set_column(grid.says, grid.says, _SAYS)
        sheet.set_column(grid.there, grid.checks + len(self._lives), 6, None, {"hidden": True})

    def _heads(self) -> None:
        pen, sheet, grid = self._pen, self._sheet, self._grid
        texts, looks = pen.plan.texts, pen.looks
        for title, first, last in self._sections():
            put_text(sheet, (SECTIONS, first, SECTIONS, last), title, looks["section"])
        sheet.write_string(L_HEADS, 0, texts("paper.head.number"), looks["head"])
        sheet.write_string(L_UNITS, 0, texts("paper.letter.label"), looks["letter"])
        sheet.write_blank(L_CODES, 0, None, looks["letter"])
        sheet.write_string(L_NAMES, 0, names.LINE)
        most = 1
        for item in self._form.items:
            column, label = grid.columns[item.name], texts.pick(item.label, item.label_en)
            sheet.write_string(L_HEADS, column, label, looks["head"])
            sheet.write_string(L_UNITS, column, pen.plan.scheme.unit(item.unit, texts), looks["letter"])
            sheet.write_string(L_CODES, column, item.code, looks["letter"])
            if not item.computed:
                sheet.write_string(L_NAMES, column, item.name)
            most = max(most, lines_in(label, _WIDTHS[item.type] - 2))
        sheet.write_string(L_HEADS, grid.says, texts("questionnaire.says"), looks["head"])
        sheet.set_row(L_HEADS, max(32, _PITCH * most + 6))
        sheet.set_row(L_NAMES, None, None, {"hidden": True})

    def _sections(self) -> Iterator[tuple[str, int, int]]:
        """Each section's title with its first and last column."""
        titles: list[tuple[str, int]] = []
        title = ""
        for row in self._form.rows:
            if isinstance(row, Section):
                title = self._pen.plan.texts.pick(row.section, row.section_en)
            else:
                titles.append((title, self._grid.columns[row.name]))
        for title, columns in groupby(titles, key=lambda one: one[0]):
            held = [column for _, column in columns]
            if title:
                yield title, held[0], held[-1]

    def _line(self, row: int, line: int) -> None:
        pen, sheet, grid, plan = self._pen, self._sheet, self._grid, self._pen.plan
        own = pen.whose.line(self._form, line)
        lines = 1
        sheet.write_number(row, 0, line, pen.looks["centre"])
        pen.formula(sheet, (row, grid.there), self._there(), "", self._count(own))
        for item in self._form.items:
            value, place = own.get(item.name), (row, grid.columns[item.name])
            if item.computed:
                pen.computed(sheet, place, item, value, f"{self._cell(grid.there)}=0")
                continue
            held = shown(item, value, plan.codes, plan.texts)
            pen.value(sheet, place, held, f"open_{kind(item)}")
            lines = max(lines, lines_in(str(held or ""), _WIDTHS[item.type] - 1))
            if item.name in grid.means:
                pen.formula(sheet, (row, grid.means[item.name]), self._means[item.name], "", value)
        sheet.set_row(row, max(_HEIGHT, _PITCH * lines + 3))
        for name, closure in self._skips.items():
            skipped = truth(closure({**pen.whose.values, **own}))
            pen.formula(sheet, (row, grid.skips[name]), plan.skips[name], "", skipped)
        self._checks(row, own)

    def _there(self) -> str:
        """How many answers a line has; nobody answers what is computed."""
        asked = [self._grid.columns[item.name] for item in self._form.items if not item.computed]
        ranges = []
        for _, group in groupby(enumerate(asked), key=lambda one: one[1] - one[0]):
            columns = [column for _, column in group]
            ranges.append(f"{self._cell(columns[0])}:{self._cell(columns[-1])}")
        return f"COUNTA({','.join(ranges)})"

    def _count(self, own: Mapping[str, Value]) -> int:
        return sum(item.name in own for item in self._form.items if not item.computed)

    def _checks(self, row: int, own: Mapping[str, Value]) -> None:
        """The checks of a line, out of sight, and beside its answers the first one that fails."""
        pen, grid, verdicts = self._pen, self._grid, []
        for column, (_, live) in enumerate(self._lives, grid.checks):
            verdict: float | str = pen.whose.on_line(live, own) if own else ""
            verdicts.append(verdict)
            formula = f'IF({self._cell(grid.there)}=0,"",{live.formula})'
            pen.formula(self._sheet, (row, column), formula, "", verdict)
        said, formula = "", '""'
        if self._lives:
            results = f"{self._cell(grid.checks)}:{self._cell(grid.checks + len(self._lives) - 1)}"
            sentences = f"'{pen.checks}'!{check_rows(SENTENCE, self._lives[0][0], self._lives[-1][0])}"
            formula = pen.says(results, sentences)
            said = pen.said(verdicts, [live.sentence for _, live in self._lives])
        told = pen.plan.texts("questionnaire.no_answer")
        pen.formula(self._sheet, (row, grid.says), f'IF({self._wrong},"× {told}",{formula})', "says", said)

    @cached_property
    def _wrong(self) -> str:
        """When some cell of a line holds what is no answer to its item."""
        asked = [item for item in self._form.items if not item.computed]
        cells = [(item, self._cell(self._grid.columns[item.name])) for item in asked]
        found = [
            unreadable(item, cell, self._cell(self._grid.means.get(item.name, self._grid.columns[item.name])))
            for item, cell in cells
        ]
        return f"OR({','.join(filter(None, found))},FALSE)"

    def _rules(self, last: int) -> None:
        """What may be typed, a rule a column; cells that are to be left out turn grey."""
        pen, sheet, grid, plan = self._pen, self._sheet, self._grid, self._pen.plan
        for item in self._form.items:
            column = grid.columns[item.name]
            if item.computed:
                continue
            cell, outer = (place.replace(ROW, str(L_FIRST + 1)) for place in (self._cell(column), self._outer(item)))
            sheet.data_validation(L_FIRST, column, last, column, rule(item, cell, plan.codes, plan.texts, outer))
            if item.name in self._skips:
                state = self._cell(grid.skips[item.name]).replace(ROW, str(L_FIRST + 1))
                there = self._cell(grid.there).replace(ROW, str(L_FIRST + 1))
                skipped = {"type": "formula", "criteria": f"=AND({there}>0,{state}=1)", "format": pen.looks["skip"]}
                sheet.conditional_format(L_FIRST, column, last, column, skipped)

    def _outer(self, item: Item) -> str:
        column = self._grid.means.get(item.within)
        return "" if column is None else self._cell(column)

    def _totals(self, row: int) -> None:
        pen, sheet, grid = self._pen, self._sheet, self._grid
        sheet.set_row(row, 20)
        sheet.write_string(row, 0, pen.plan.texts("paper.total"), pen.looks["head"])
        every = pen.whose.answers.lines.get(self._form.id, {}).values()
        for item in self._form.items:
            column = grid.columns[item.name]
            if not item.total:
                sheet.write_blank(row, column, None, pen.looks["shut"])
                continue
            letter = xl_col_to_name(column)
            cells = f"{letter}{L_FIRST + 1}:{letter}{row}"
            found = [value for own in every if isinstance(value := own.get(item.name), int | float)]
            formula = f'IF(COUNT({cells})=0,"",SUM({cells}))'
            pen.formula(sheet, (row, column), formula, f"total_{kind(item)}", sum(found) if found else None)

    def _set_up(self, last: int) -> None:
        sheet, grid = self._sheet, self._grid
        sheet.freeze_panes(L_FIRST, 1)
        print_setup(sheet, (SECTIONS, L_CODES))
        sheet.print_area(0, 0, last, grid.says - 1)
        trust(sheet, (last, grid.checks + len(self._lives)))
        secure(sheet)
        first = next((grid.columns[item.name] for item in self._form.items if not item.computed), 1)
        sheet.set_selection(L_FIRST, first, L_FIRST, first)
