"""The summary as a workbook: an index, one sheet a table, formulas that can be traced, charts of the spreadsheet's own.

A figure that follows from others of its table is a formula; the value kept beside it is the computed one.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from indicators.booklayout import BookLayout
from indicators.bookstyle import BAR, FONT, INK, LINE, looks_of, number_look, number_properties
from indicators.cellstyles import name_styles
from indicators.table import Cell, Figure, Row, Summary, Table, Trace
from indicators.tableheads import depth, head_cells, letters
from survey.files import Told, replacing
from survey.plainbook import TEXTS_ONLY
from survey.texts import Texts

_LEGAL = 1
_PLACE = 7
_HEAD = 8
_NAME = 31
_FOOT = f'&"{FONT},Regular"&9'
# How high a chart is, in pixels: its title, and a bar a group.
_CHART, _BAR = 90, 30


def write(summary: Summary, path: Path, texts: Texts, told: Told) -> None:
    """Writes the summary; raises SurveyError `cannot_write`, with what was there left as it is."""
    with replacing(path, told) as beside:
        plain = io.BytesIO()
        book = xlsxwriter.Workbook(plain, {"in_memory": True, **TEXTS_ONLY})
        book.set_properties(_properties(summary, texts))
        looks = looks_of(book)
        index = book.add_worksheet(texts("tables.index"))
        sheets = [_Sheet(book, table, summary, looks, texts) for table in summary.tables]
        names = [sheet.write() for sheet in sheets]
        _index(index, summary, names, looks, texts)
        book.close()
        name_styles(plain, _style_names(looks, texts), beside)


def _style_names(looks: Mapping[str, Any], texts: Texts) -> dict[str, int]:
    """What the styles in use are called, with the numbers of their formats; of those that look alike the first."""
    found: dict[int, str] = {}
    for name, look in looks.items():
        if look.xf_index is not None:
            kind, digits = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
            found.setdefault(look.xf_index, texts(f"tables.style.{kind}", digits=digits))
    return {called: number for number, called in found.items()}


def _properties(summary: Summary, texts: Texts) -> dict[str, Any]:
    """What the file says of itself: who publishes which period, made by what from what."""
    origin = summary.origin
    return {
        "title": summary.title,
        "subject": texts("tables.subject", place=summary.place, period=summary.period),
        "author": summary.maker,
        "company": summary.maker,
        "keywords": texts("tables.keywords", period=summary.period, scheme=origin.scheme, version=origin.version),
        "comments": texts("tables.comments", program=origin.program, data=origin.data_digest,
                          scheme=origin.scheme_digest),
        "created": datetime.now().astimezone(),
    }  # fmt: skip


def _index(sheet: Any, summary: Summary, names: list[str], looks: Mapping[str, Any], texts: Texts) -> None:
    """The tables with links to their sheets."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 1, 56)
    sheet.set_column(2, 2, 10)
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, 2, texts("tables.index_title"), looks["title"])
    sheet.merge_range(1, 0, 1, 2, summary.title, looks["subtitle"])
    sheet.write_string(2, 0, texts("table.side", place=summary.place, period=summary.period), looks["side"])
    for at, name in enumerate(("number", "title", "rows")):
        sheet.write_string(3, at, texts(f"tables.index_head_{name}"), looks["head"])
    for row, (table, name) in enumerate(zip(summary.tables, names, strict=True), 4):
        sheet.set_row(row, 18)
        sheet.write_string(row, 0, table.number, looks["center"])
        sheet.write_url(row, 1, f"internal:'{name}'!A1", looks["link"], table.title)
        sheet.write_number(row, 2, len(table.rows), number_look(looks, Figure(0)))
    sheet.set_paper(9)
    sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&C{_FOOT}&P / &N")


@dataclass(frozen=True)
class _Sheet:
    """One table on a sheet of its own."""

    book: Any
    table: Table
    summary: Summary
    looks: Mapping[str, Any]
    texts: Texts

    @cached_property
    def layout(self) -> BookLayout:
        """Its measures."""
        bars = 0 if self.table.chart is None else _CHART + _BAR * len(self.table.rows)
        return BookLayout(self.table, bars * 0.75)

    @property
    def _first(self) -> int:
        """The row of the first figures."""
        return _HEAD + depth(self.table) + (1 if self.table.lettered else 0)

    def write(self) -> str:
        """Writes the sheet; its name."""
        table = self.table
        sheet = self.book.add_worksheet(f"{table.number} {table.title}"[:_NAME])
        sheet.hide_gridlines(2)
        self._top(sheet)
        self._heads(sheet)
        for number, row in enumerate(table.rows, self._first):
            self._row(sheet, number, row)
        below = self._notes(sheet, self._first + len(table.rows))
        if table.chart is not None:
            self._chart(sheet, below + 1)
        self._paper(sheet)
        return str(sheet.name)

    def _top(self, sheet: Any) -> None:
        """Title, the block that makes the table lawful, who compiled it and the unit of measure."""
        table, summary, looks, texts, last = (
            self.table,
            self.summary,
            self.looks,
            self.texts,
            len(self.table.columns) - 1,
        )
        sheet.set_row(0, 30)
        sheet.merge_range(0, 0, 0, last, table.title, looks["title"])
        subtitle = "　".join(filter(None, (texts("page.title", period=summary.period), summary.edition)))
        sheet.merge_range(1, 0, 1, last, subtitle, looks["subtitle"])
        lines = [texts("tables.number", number=table.number)]
        lines += [texts(f"page.{name}", value=value) for name, value in summary.legal.items()]
        for at, line in enumerate(lines, _LEGAL + 1):
            sheet.write_string(at, last, line, looks["side_right"])
        sheet.write_string(_PLACE, 0, texts("table.side", place=summary.place, period=summary.period), looks["side"])
        if table.unit:
            sheet.write_string(_PLACE, last, texts("tables.unit", unit=table.unit), looks["side_right"])

    def _heads(self, sheet: Any) -> None:
        table, looks = self.table, self.looks
        for at, width in enumerate(self.layout.widths):
            sheet.set_column(at, at, width)
        for cell in head_cells(table):
            top, left = _HEAD + cell.row, cell.column
            if cell.rows == cell.columns == 1:
                sheet.write_string(top, left, cell.text, looks["head"])
            else:
                sheet.merge_range(top, left, top + cell.rows - 1, left + cell.columns - 1, cell.text, looks["head"])
        for level, high in enumerate(self.layout.heads):
            sheet.set_row(_HEAD + level, high)
        for at, letter in enumerate(letters(table)):
            sheet.write_string(self._first - 1, at, letter, looks["letter"])

    def _row(self, sheet: Any, number: int, row: Row) -> None:
        looks, table = self.looks, self.table
        sheet.set_row(number, self.layout.rows[number - self._first])
        if row.heading:
            for at, cell in enumerate(row.cells):
                sheet.write_string(number, at, cell, looks["section"])
            return
        for at, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
            if isinstance(cell, Figure):
                self._figure(sheet, number, at, cell, total=row.total)
                continue
            toned = row.tone and at == len(row.cells) - 1
            name: str = column.align
            if row.total and column.align == "left":
                name = "total"
            elif row.level and at == row.labelled:
                name = "inner"
            sheet.write_string(number, at, cell, looks[f"tone_{row.tone}" if toned else name])

    def _figure(self, sheet: Any, number: int, at: int, figure: Figure, *, total: bool) -> None:
        looks = self.looks
        if figure.blank and not figure.mark:
            sheet.write_blank(number, at, None, number_look(looks, figure, total=total))
            return
        if figure.value is None:
            sheet.write_string(number, at, figure.text(), looks["total_right" if total else "right"])
            return
        look = number_look(looks, figure, total=total)
        if figure.mark:
            look = self.book.add_format(_marked(figure, total=total))
        if figure.trace:
            sheet.write_formula(number, at, _formula(figure.trace, self._first), look, figure.value)
        else:
            sheet.write_number(number, at, figure.value, look)

    def _notes(self, sheet: Any, below: int) -> int:
        """The notes under the table; the row after them."""
        last = len(self.table.columns) - 1
        for at, (note, high) in enumerate(zip(self.table.notes, self.layout.notes, strict=True), below):
            sheet.merge_range(at, 0, at, last, note, self.looks["note"])
            sheet.set_row(at, high)
        return below + len(self.table.notes)

    def _chart(self, sheet: Any, at: int) -> None:
        """A bar chart of the charted column, the total left out, the first group on top."""
        table, first = self.table, self._first
        plain = [(number, row) for number, row in enumerate(table.rows, first) if not row.total and not row.heading]
        shown = [at for at, row in plain if table.chart is not None and not _withheld(row.cells[table.chart])]
        if not shown or table.chart is None:
            return
        chart = self.book.add_chart({"type": "bar"})
        # With a plain one, what looks like `X!A1` would be taken for the place where the title stands.
        name = table.chart_title.replace("!", "！")
        drawn = [table.rows[at - first].cells[table.chart] for at in shown]
        digits = next((cell.digits for cell in drawn if isinstance(cell, Figure) and cell.value is not None), 0)
        number = "#,##0" + ("." + "0" * digits if digits else "")
        chart.add_series(
            {
                "name": name,
                "categories": _area(sheet.name, shown, 0),
                "values": _area(sheet.name, shown, table.chart),
                "fill": {"color": BAR},
                "data_labels": {"value": True, "num_format": number, "font": {"name": FONT, "size": 9, "color": INK}},
                "gap": 60,
            }
        )
        font = {"name": FONT, "size": 9, "color": INK}
        chart.set_title({"name": name, "name_font": {"name": FONT, "size": 11, "color": INK}, "overlay": False})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": LINE}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        chart.set_size({"width": self.layout.pixels, "height": _CHART + _BAR * len(shown)})
        sheet.insert_chart(at, 0, chart)

    def _paper(self, sheet: Any) -> None:
        """Heads stay in sight and stand on every page."""
        table = self.table
        stubs = sum(column.stub for column in table.columns) if table.lettered else 1
        sheet.freeze_panes(self._first, stubs)
        sheet.repeat_rows(_HEAD, self._first - 1)
        sheet.set_paper(9)
        paper = self.layout.paper
        if paper.landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 1 if paper.whole else 0)
        place = f"{self.summary.place}  {self.summary.period}".replace("&", "&&")
        number = self.table.number.replace("&", "&&")
        sheet.set_footer(f"&L{_FOOT}{place}&C{_FOOT}&P / &N&R{_FOOT}{number}")


def _marked(figure: Figure, *, total: bool) -> dict[str, Any]:
    """A number that stands with its mark is still a number."""
    found = number_properties(figure.digits, total=total)
    return found | {"num_format": f'{found["num_format"]}"{figure.mark}"'}


def _formula(trace: Trace, first: int) -> str:
    """A trace as a formula of the sheet whose figures begin at a row."""
    names = [xl_rowcol_to_cell(first + row, column) for row, column in trace.cells]
    match trace.way:
        case "sum":
            return f"=SUM({','.join(_runs(trace, first))})"
        case "share":
            return f"={names[0]}/{names[1]}*100"
        case "growth":
            return f"=({names[0]}/{names[1]}-1)*100"
    return f"={names[0]}-{names[1]}"


def _withheld(cell: Cell) -> bool:
    return isinstance(cell, Figure) and cell.withheld


def _area(sheet: str, rows: Sequence[int], column: int) -> str:
    """Some cells of a column as a chart is told them: what is withheld between them is not among them."""
    name = sheet.replace("'", "''")
    runs = _joined([(row, column) for row in rows])
    parts = [":".join(xl_rowcol_to_cell(*end, row_abs=True, col_abs=True) for end in run) for run in runs]
    areas = [f"'{name}'!{part}" for part in parts]
    return f"=({','.join(areas)})" if len(areas) > 1 else f"={areas[0]}"


def _runs(trace: Trace, first: int) -> list[str]:
    """Cells below or beside each other as ranges."""
    runs = _joined([(first + row, column) for row, column in trace.cells])
    return [":".join(xl_rowcol_to_cell(*end) for end in run) for run in runs]


def _joined(cells: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The ends of the runs that cells make, one end where a run is a single cell."""
    down = len({column for _, column in cells}) == 1
    found: list[list[tuple[int, int]]] = []
    for row, column in sorted(cells):
        before = (row - 1, column) if down else (row, column - 1)
        if found and found[-1][-1] == before:
            found[-1].append((row, column))
        else:
            found.append([(row, column)])
    return [list(dict.fromkeys((run[0], run[-1]))) for run in found]
