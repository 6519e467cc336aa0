"""Questionnaires as enterprises send them back, made cell by cell: as they should be, or spoilt in every way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xlsxwriter
from conftest import code_of

from survey.questionnairefile import KEY, LINE, PREFIX, SHEET, VALUE, Sent, Stamp

# By what stands in the column of line numbers.
Lines = Mapping[Any, Mapping[str, Any]]


def stamp_of(number: int = 1, *, sent: Mapping[str, Any] | None = None, **changed: Any) -> Stamp:
    """The stamp of a questionnaire that the district 440305 has sent to a unit, with what stood in it."""
    stamp = Stamp(
        "test", "0.2", "2025", "440305", code_of(number), f"演示{number}", "file", "2026-01-01T08:00:00+08:00",
        tuple(Sent(item, 0, value) for item, value in (sent or {}).items()),
    )  # fmt: skip
    return replace(stamp, **changed)


def questionnaire(
    path: Path,
    stamp: Stamp,
    answers: Mapping[str, Any],
    lines: Mapping[str, Lines] | None = None,
    *,
    named: Sequence[Stamp] | None = None,
    on_sheet: bool = True,
    shift: int = 0,
) -> Path:
    """A workbook with a stamp and the answers on one sheet, the lines of each list form on another.

    `named` are the stamps of the defined names, `shift` moves everything to another place.
    """
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    sheet = book.add_worksheet("表一")
    sheet.write(shift, shift, KEY)
    sheet.write(shift, shift + 2, VALUE)
    for at, (item, value) in enumerate(answers.items(), shift + 2):
        sheet.write(at, shift, item)
        sheet.write(at, shift + 2, value)
    for form, rows in (lines or {}).items():
        _lines(book.add_worksheet(form), rows)
    if on_sheet:
        page = book.add_worksheet(SHEET)
        for at, line in enumerate(stamp.lines()):
            for column, text in enumerate(line):
                page.write_string(at, column, text)
        page.very_hidden()
    for one in named if named is not None else [stamp]:
        for name, text in one.facts.items():
            book.define_name(PREFIX + name, '="' + text.replace('"', '""') + '"')
    book.close()
    return path


def _lines(sheet: Any, rows: Lines) -> None:
    names = list(dict.fromkeys(item for cells in rows.values() for item in cells))
    sheet.write_row(3, 1, [LINE, *names])
    for at, (line, cells) in enumerate(rows.items(), 5):
        sheet.write(at, 1, line)
        for column, name in enumerate(names, 2):
            if name in cells:
                sheet.write(at, column, cells[name])
