"""The summary's workbook worked out anew by LibreOffice: every formula comes to the figure that was computed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from office_conversion import convert
from python_calamine import CalamineWorkbook

from desktop import demo
from indicators import definition, edition, tables, workbook
from indicators.computation import Computation
from survey import store as stores
from survey.files import UNTOLD
from survey.texts import Texts

_CELL = ".//{*}sheetData/{*}row/{*}c"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, texts: Texts) -> Path:
    """The summary of a small demo run (演示数据), and that of its public edition, in a folder."""
    folder = tmp_path_factory.mktemp("tables")
    store = stores.open(demo.city_file(folder / "run", texts))
    computation = Computation(store, definition.load(store.scheme))
    public = edition.freeze(computation, "public", "0.1.0")
    workbook.write(tables.summary(computation, "2025", texts), folder / "summary.xlsx", texts, UNTOLD)
    workbook.write(
        tables.of_edition(store, computation.catalogue, public, texts), folder / "public.xlsx", texts, UNTOLD
    )
    store.close()
    return folder


@pytest.fixture
def written(both: Path) -> Path:
    return both / "summary.xlsx"


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


@pytest.mark.parametrize(("name", "least"), [("summary", 100), ("public", 20)])
def test_every_formula_comes_to_the_figure_that_was_computed(both: Path, name: str, least: int) -> None:
    """Also where others of a table are withheld: no formula needs those."""
    written = both / f"{name}.xlsx"
    [again] = convert([written], "xlsx", both / "again")
    before, after = (CalamineWorkbook.from_path(str(path)) for path in (written, again))
    assert before.sheet_names == after.sheet_names
    told, worked_out = (
        [book.get_sheet_by_index(at).to_python(skip_empty_area=False) for at in range(len(book.sheet_names))]
        for book in (before, after)
    )
    places = formulas(written)
    assert len(places) > least
    for sheet, row, column in places:
        place = (before.sheet_names[sheet], row, column)
        assert worked_out[sheet][row][column] == pytest.approx(told[sheet][row][column], rel=1e-9, abs=1e-9), place


def test_the_workbook_prints_a_table_a_page(written: Path) -> None:
    [printed] = convert([written], "pdf", written.parent)
    content = printed.read_bytes()
    # The index and fourteen tables, of which some are longer than a page.
    assert content.count(b"/Type/Page/") + content.count(b"/Type/Page\n") in (15, 16, 17)
