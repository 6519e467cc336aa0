"""A return that LibreOffice has saved again: the same to the city, and a changed value found to its row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from office_conversion import convert
from own_workbook import packed, parts
from python_calamine import CalamineWorkbook

from survey import cells, returns
from survey import manifest as manifests
from survey import store as stores
from survey.merge import merge
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory, lists: Scheme, texts: Texts) -> tuple[Path, Path]:
    """A return as it was written, and as LibreOffice saved it (演示数据)."""
    folder = tmp_path_factory.mktemp("return")
    desk = stores.create(folder / "desk.census", lists, "2025", "440305")
    for number in range(1, 4):
        unit = cells.add_unit(desk, code_of(number), f"演示数据{number}", "2025")
        answers = {"uscc": code_of(number), "name": f"演示数据{number}", "district": "440305", "segment": "design",
                   "backbone": number % 2, "began": "2018-05", "revenue": 1000 + number, "main_revenue": 0,
                   "employees": 7, "share": number / 3}  # fmt: skip
        for name, value in answers.items():
            cells.write(desk, unit, "2025", name, value)
        for line in (1, 2):
            cells.write(desk, unit, "2025", "product_name", f"00{line}", line=line)
            cells.write(desk, unit, "2025", "product_revenue", line, line=line)
    returns.write(desk, folder / "sent.xlsx", texts)
    desk.close()
    return folder / "sent.xlsx", convert([folder / "sent.xlsx"], "xlsx", folder)[0]


@pytest.fixture
def town(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    store = stores.create(tmp_path / "city.census", lists, "2025", None)
    yield store
    store.close()


def test_a_return_that_libreoffice_saved_is_the_same_return(resaved: tuple[Path, Path], town: Store) -> None:
    sent, again = resaved
    assert sent.read_bytes() != again.read_bytes()
    [first] = merge(town, [sent])
    [second] = merge(town, [again])
    assert (first.accepted, first.new, first.conflicts) == (True, 3, [])
    assert (second.accepted, second.repeated, second.identical, second.error) == (True, True, 3, None)


def test_what_the_city_has_from_either_is_the_same(
    resaved: tuple[Path, Path], town: Store, tmp_path: Path, lists: Scheme
) -> None:
    other = stores.create(tmp_path / "other.census", lists, "2025", None)
    assert [one.accepted for store, path in zip((town, other), resaved, strict=True) for one in merge(store, [path])]
    for form in lists.forms:
        asked = f"SELECT u.uscc, f.* FROM {form.table} f JOIN response r ON r.id = f.response"
        asked += " JOIN unit u ON u.id = r.unit ORDER BY 1, 2"
        assert other.execute(asked).fetchall() == town.execute(asked).fetchall()
    other.close()


def test_the_manifest_outlives_the_saving(resaved: tuple[Path, Path]) -> None:
    found = [
        manifests.read_manifest(
            CalamineWorkbook.from_path(str(path)).get_sheet_by_name(manifests.SHEET).to_python(), path
        )
        for path in resaved
    ]
    assert found[0] == found[1]
    assert not found[1].altered


def test_a_value_changed_in_what_libreoffice_saved_is_found_to_its_row(
    resaved: tuple[Path, Path], town: Store, texts: Texts, tmp_path: Path
) -> None:
    found = parts(resaved[1])
    [name] = [one for one, data in found.items() if "worksheets/sheet" in one and b"<v>1002</v>" in data]
    row = re.findall(r'<row r="(\d+)"', found[name].decode().partition("<v>1002</v>")[0])[-1]
    changed = found[name].replace(b"<v>1002</v>", b"<v>1003</v>")
    [report] = merge(town, [packed(tmp_path / "changed.xlsx", found | {name: changed})])
    assert report.error is not None
    assert report.error.code == "digest_rows"
    assert f"T-02 {row}" in report.reason(texts)
