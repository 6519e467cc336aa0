"""The summary's workbook worked out anew by LibreOffice: every formula comes to the figure that was computed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from office_conversion import convert
from python_calamine import CalamineWorkbook

from desktop import demo
from indicators import definition, tables, workbook
from indicators.computation import Computation
from survey import store as stores
from survey.texts import Texts

_CELL = ".//{*}sheetData/{*}row/{*}c"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, texts: Texts) -> Path:
    """The summary of a small demo run (演示数据)."""
    folder = tmp_path_factory.mktemp("tables")
    store = stores.open(demo.city_file(folder / "run", texts))
    summary = tables.summary(Computation(store, definition.load(store.scheme)), "2025", texts)
    store.close()
    workbook.write(summary, folder / "summary.xlsx", texts)
    return folder / "summary.xlsx"


def formulas(path: Path) -> list[tuple[int, int, int]]:
    """Where formulas stand: sheet, row and column, counted from 0."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            sheet = int(name.removeprefix("xl/worksheets/sheet").removesuffix(".xml")) - 1
            for cell in ET.fromstring(archive.read(name)).iterfind(_CELL):
                if cell.find("{*}f") is not None:
                    column = cell.attrib["r"].rstrip("0123456789")
                    # No table has more than 26 columns.
                    found.append((sheet, int(cell.attrib["r"][len(column) :]) - 1, ord(column) - ord("A")))
    return found


def test_every_formula_comes_to_the_figure_that_was_computed(written: Path) -> None:
    [again] = convert([written], "xlsx", written.parent)
    before, after = (CalamineWorkbook.from_path(str(path)) for path in (written, again))
    assert before.sheet_names == after.sheet_names
    told, worked_out = (
        [book.get_sheet_by_index(at).to_python(skip_empty_area=False) for at in range(len(book.sheet_names))]
        for book in (before, after)
    )
    places = formulas(written)
    assert len(places) > 100
    for sheet, row, column in places:
        place = (before.sheet_names[sheet], row, column)
        assert worked_out[sheet][row][column] == pytest.approx(told[sheet][row][column], rel=1e-9, abs=1e-9), place


def test_the_workbook_prints_a_table_a_page(written: Path) -> None:
    [printed] = convert([written], "pdf", written.parent)
    content = printed.read_bytes()
    # The index and ten tables, of which the nested one is longer than a page.
    assert content.count(b"/Type/Page/") + content.count(b"/Type/Page\n") in (12, 13)
