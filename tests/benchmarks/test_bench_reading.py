"""Many small workbooks through the reading process, against the bare reader over the same sheets in one process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from survey.book import Book
from survey.reader import Reader

FILES = int(os.environ.get("FILES", "500"))
ROUNDS = 3


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Workbooks of five sheets: four of 150 cells in all, and a list of 1,400 rows."""
    folder = tmp_path_factory.mktemp("small")
    found = []
    for number in range(FILES):
        path = folder / f"{number}.xlsx"
        book = xlsxwriter.Workbook(str(path))
        for name in ("封面", "基本情况", "财务", "人员"):
            page = book.add_worksheet(name)
            for row in range(19):
                page.write_row(row, 0, [f"指标{row}", number * row])
        codes = book.add_worksheet("_codes")
        for row in range(1400):
            codes.write_row(row, 0, [f"{row:04}", f"演示代码{row}"])
        book.close()
        found.append(path)
    return found


def cells(book: Book) -> Iterator[int]:
    yield sum(cell != "" for sheet in book.sheets for row in book.rows(sheet) for cell in row)


def bare(files: list[Path]) -> list[int]:
    found = []
    for path in files:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        found.append(sum(cell != "" for sheet in sheets for row in sheet.iter_rows() for cell in row))
    return found


def best(work: Callable[[], list[int]]) -> tuple[float, list[int]]:
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        found = work()
        times.append(perf_counter() - began)
    return min(times), found


def test_many_workbooks_against_the_bare_reader(files: list[Path]) -> None:
    with Reader() as reader:
        assert [list(parts) for _, parts in reader.read_many(files[:1], cells)]

        def ours() -> list[int]:
            return [count for _, (count, *_) in reader.read_many(files, cells)]

        took, found = best(ours)
    floor, expected = best(lambda: bare(files))
    assert found == expected
    ratio = took / floor
    print(f"\n{FILES} workbooks: {took:.2f} s, bare calamine {floor:.2f} s, ratio {ratio:.2f}")
    assert ratio < 2.5
