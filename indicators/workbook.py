"""The summary as a workbook: one sheet a table, numbers as numbers, charts of the spreadsheet's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from indicators.tables import Figure, Row, Summary, Table
from survey.files import replacing
from survey.texts import Texts

FONT = "Noto Sans SC"
_INK, _MUTED, _LINE, _HEAD, _TOTAL, _BAR = "#1F2933", "#6B7785", "#B8C2CC", "#EEF2F6", "#F7F9FB", "#2F6DB5"
_TONES = {"met": "#1B7F4D", "on_track": "#2F6DB5", "behind": "#B54708", "qualitative": "#6B7785", "no_data": "#6B7785"}
_FIRST = 4
_ROWS_A_PAGE = 40


def write(summary: Summary, path: Path, texts: Texts) -> None:
    """Writes the summary; raises SurveyError `cannot_write`, with what was there left as it is."""
    with replacing(path) as beside:
        book = xlsxwriter.Workbook(str(beside))
        looks = _looks(book)
        for table in summary.tables:
            _sheet(book, table, summary, looks, texts)
        book.close()


def _looks(book: Any) -> Mapping[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "font_color": _INK, "valign": "vcenter"}
    grid = base | {"border": 1, "border_color": _LINE}
    looks = {
        "title": base | {"font_size": 16, "bold": True, "align": "center"},
        "side": base | {"font_color": _MUTED, "font_size": 9},
        "head": grid | {"bold": True, "bg_color": _HEAD, "align": "center", "text_wrap": True},
        "left": grid | {"text_wrap": True},
        "right": grid | {"align": "right"},
        "center": grid | {"align": "center"},
        "note": base | {"font_color": _MUTED, "font_size": 9, "text_wrap": True, "valign": "top"},
    }
    for digits in range(4):
        number = "#,##0" + ("." + "0" * digits if digits else "")
        looks[f"number{digits}"] = grid | {"num_format": number, "align": "right"}
        looks[f"total{digits}"] = looks[f"number{digits}"] | {"bold": True, "bg_color": _TOTAL}
    looks["total"] = looks["left"] | {"bold": True, "bg_color": _TOTAL}
    for tone, colour in _TONES.items():
        looks[f"tone_{tone}"] = looks["center"] | {"font_color": colour, "bold": True}
    return {name: book.add_format(look) for name, look in looks.items()}


def _sheet(book: Any, table: Table, summary: Summary, looks: Mapping[str, Any], texts: Texts) -> None:
    sheet = book.add_worksheet(f"{table.number} {table.title}"[:31])
    last = len(table.columns) - 1
    sheet.hide_gridlines(2)
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, last, f"{table.number}  {table.title}", looks["title"])
    sheet.write_string(1, 0, texts("table.side", place=summary.place, period=summary.period), looks["side"])
    sheet.write_string(2, 0, summary.title, looks["side"])
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, max(11, column.weight * 11))
        sheet.write_string(_FIRST - 1, at, column.head, looks["head"])
    sheet.set_row(_FIRST - 1, 46)
    for number, row in enumerate(table.rows, _FIRST):
        _row(sheet, number, row, table, looks)
    below = _FIRST + len(table.rows)
    for at, note in enumerate(table.notes):
        sheet.merge_range(below + at, 0, below + at, last, note, looks["note"])
        sheet.set_row(below + at, 28)
    if table.chart is not None:
        _chart(book, sheet, table, below + len(table.notes) + 1)
    sheet.freeze_panes(_FIRST, 1)
    sheet.repeat_rows(0, _FIRST - 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1 if len(table.rows) <= _ROWS_A_PAGE else 0)
    sheet.set_footer("&C&P / &N")


def _row(sheet: Any, number: int, row: Row, table: Table, looks: Mapping[str, Any]) -> None:
    for at, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
        if isinstance(cell, Figure):
            if cell.value is None:
                sheet.write_string(number, at, cell.text(), looks["total" if row.total else "right"])
            else:
                sheet.write_number(number, at, cell.value, looks[f"{'total' if row.total else 'number'}{cell.digits}"])
        else:
            toned = row.tone and at == len(row.cells) - 1
            sheet.write_string(
                number, at, cell, looks[f"tone_{row.tone}" if toned else "total" if row.total else column.align]
            )


def _chart(book: Any, sheet: Any, table: Table, at: int) -> None:
    """A bar chart of the charted column, the total left out, the first group on top."""
    plain = [number for number, row in enumerate(table.rows, _FIRST) if not row.total]
    if not plain or table.chart is None:
        return
    chart = book.add_chart({"type": "bar"})
    name = table.columns[table.chart].head.replace("\n", " ")
    chart.add_series(
        {
            "name": name,
            "categories": [sheet.name, plain[0], 0, plain[-1], 0],
            "values": [sheet.name, plain[0], table.chart, plain[-1], table.chart],
            "fill": {"color": _BAR},
            "data_labels": {"value": True, "num_format": "#,##0.0", "font": {"name": FONT, "size": 9, "color": _INK}},
            "gap": 60,
        }
    )
    font = {"name": FONT, "size": 9, "color": _INK}
    chart.set_title({"name": name, "name_font": {"name": FONT, "size": 11, "color": _INK}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": _LINE}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_size({"width": 720, "height": 90 + 30 * len(plain)})
    sheet.insert_chart(at, 0, chart)
