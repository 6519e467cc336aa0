"""A workbook as it lies open: a sheet that is read slice by slice, or drawn together, is the same sheet."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from survey import archive, package, sheetxml
from survey.book import Book
from survey.errors import SurveyError
from survey.rawcell import Unreadable


def written(path: Path) -> Path:
    """A list with gaps, formulas without values, errors, merged cells, texts and breaks between pages."""
    chance = random.Random(1)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("名录")
    for row in range(300):
        if row % 7 == 3:
            continue
        for column in range(chance.randint(0, 12)):
            page.write(row, column + 2, chance.choice([f"演示{row}", row * 1.5, "", "a<b&c", 0]))
    page.write_formula("B10", "=1/0", None, "#DIV/0!")
    page.write_formula("Z290", "=A1", None, "#N/A")
    page.write_formula("A400", "=A1", None, "#REF!")
    page.merge_range("D320:D325", "合并")
    page.set_h_pagebreaks([20, 40])
    book.close()
    return path


def cells(book: Book) -> list[list[Any]]:
    rows = [list(row) for row in book.rows("名录")]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    return rows


def test_a_large_sheet_is_read_slice_by_slice_as_a_small_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "l.xlsx")
    whole = Book(path)
    expected, merged = cells(whole), whole.merged("名录")
    assert expected[9][1] == Unreadable("error", "#DIV/0!")
    assert len(expected) == 400
    monkeypatch.setattr(package, "_LARGE", 0)
    monkeypatch.setattr(sheetxml, "_SLICE", 500)
    monkeypatch.setattr(archive, "_BLOCK", 333)
    sliced = Book(path)
    assert cells(sliced) == expected
    assert sliced.merged("名录") == merged == [(319, 3, 324, 3)]


def test_a_sheet_that_is_drawn_together_keeps_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "l.xlsx")
    expected = cells(Book(path))
    monkeypatch.setattr(sheetxml, "_FAR", re.compile(b""))
    monkeypatch.setattr(sheetxml, "_AREA", -1)
    monkeypatch.setattr(sheetxml, "_WORTH", 0)
    monkeypatch.setattr(sheetxml, "_LARGEST_AREA", 10**9)
    with pytest.raises(SurveyError, match=r"file\.scattered"):
        Book(path)
    monkeypatch.setattr(sheetxml, "_AREA", 300 * 30)
    assert cells(Book(path)) == expected


def test_rows_without_numbers_are_counted_across_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetxml, "_SLICE", 40)
    rows = [b"<row><c><v>%d</v></c></row>" % at for at in range(1, 10)]
    parts = list(sheetxml.slices([b"<worksheet><sheetData>", *rows, b"</sheetData></worksheet>"]))
    assert len(parts) > 3
    numbers = [int(part.partition(b'r="')[2].partition(b'"')[0]) for part in parts]
    values = [int(part.partition(b"<v>")[2].partition(b"<")[0]) for part in parts]
    assert numbers == values
    assert all(b"</worksheet>" in part for part in parts)


def test_a_row_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetxml, "_LONGEST_ROW", 1000)
    with pytest.raises(sheetxml.Scattered):
        list(sheetxml.slices([b"<worksheet><sheetData>", b"<row r='1'>", *[b"<c><v>1</v></c>"] * 1000]))
