"""Query lists as an enterprise sends them back: filled in and saved by another program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from survey import queries, querybook
from survey.queryfile import BY, CORRECTION, FOOT, KEY, REMARK, SHEET
from survey.store import Store
from survey.texts import Texts

Sheets = dict[str, list[list[Any]]]
Change = Callable[[Sheets], None]


def sheets_of(path: Path) -> Sheets:
    """Every cell of a workbook, hidden sheets too."""
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def save(path: Path, sheets: Sheets) -> Path:
    """A workbook of these cells, as a program that knows nothing of the first one would write it."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(at, column, cell)
    book.close()
    return path


def filled(sent: Path, target: Path, answers: Mapping[str, tuple[object, str]], by: str = "") -> Path:
    """The list with corrected values and explanations by the key of their row, `1-1`; `by` signs it."""
    sheets = sheets_of(sent)
    rows = sheets[next(iter(sheets))]
    names = next(row for row in rows if KEY in row)
    left = dict(answers)
    for row in rows:
        key = row[names.index(KEY)]
        if key in left:
            row[names.index(CORRECTION)], row[names.index(REMARK)] = left.pop(key)
        elif key == FOOT:
            row[names.index(BY)] = by
    assert not left, left
    return save(target, sheets)


def restamped(path: Path, change: Callable[[list[list[Any]]], None]) -> Path:
    """The same list with something else in its hidden sheet."""
    sheets = sheets_of(path)
    change(sheets[SHEET])
    return save(path.with_name("restamped.xlsx"), sheets)


def keys(path: Path) -> Iterator[tuple[str, str]]:
    """The keys of the rows with the items they ask about."""
    for row in sheets_of(path)[SHEET]:
        if row[0] == "row":
            yield str(row[1]), str(row[4])


def asked(store: Store, folder: Path, texts: Texts, *units: int) -> Path:
    """The query list of all that some units have to answer."""
    queries.ask_all(store, units, store.period, "李")
    path = folder / "sent.xlsx"
    querybook.write(store, units, store.period, path, texts)
    return path
