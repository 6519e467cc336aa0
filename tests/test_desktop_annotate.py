"""The command line for annotated copies."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from conftest import code_of
from python_calamine import CalamineWorkbook
from test_desktop_cli import run


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "d.census"
    run("new", path, "--scheme", "ic-cluster", "--period", "2025", "--district", "440305")
    return path


def table(path: Path, *rows: list[object]) -> Path:
    """A list as a district might send it (演示数据)."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名录")
    for at, row in enumerate((["统一社会信用代码", "单位详细名称", "营业收入", "备注栏"], *rows)):
        sheet.write_row(at, 0, row)
    book.close()
    return path


def test_what_cannot_be_taken_is_told_in_the_copy(desk: Path, tmp_path: Path) -> None:
    data = table(tmp_path / "list.xlsx", [code_of(1), "演示数据一", "许多", ""], [code_of(2), "演示数据二", 5, ""])
    result = run("annotate", desk, data, tmp_path / "copy.xlsx", "--who", "张")
    assert result.exit_code == 1
    assert "1 处标在单元格上，1 处只列在审核意见页" in result.output
    told = CalamineWorkbook.from_path(str(tmp_path / "copy.xlsx")).get_sheet_by_name("审核意见").to_python()
    [line] = [row for row in told if row[3] == "C2"]
    assert "营业收入" in str(line[4])
    assert any("备注栏" in str(row[4]) for row in told)
    assert "新增 2" in run("import", desk, data, "--dry-run").output


def test_a_good_file_comes_back_without_remarks(desk: Path, tmp_path: Path) -> None:
    data = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(data))
    book.add_worksheet("名录").write_row(0, 0, ["uscc", "revenue"])
    book.worksheets()[0].write_row(1, 0, [code_of(1), 5])
    book.close()
    assert run("annotate", desk, data, tmp_path / "copy.xlsx").exit_code == 0


def test_of_a_text_table_the_remarks_stand_alone(desk: Path, tmp_path: Path) -> None:
    data = tmp_path / "list.csv"
    data.write_text(f"uscc,revenue\n{code_of(1)},many\n", encoding="utf-8")
    result = run("annotate", desk, data, tmp_path / "remarks.xlsx")
    assert result.exit_code == 1
    assert "单独写成" in result.output


def test_the_copy_never_takes_the_place_of_the_file(desk: Path, tmp_path: Path) -> None:
    data = table(tmp_path / "list.xlsx", [code_of(1), "演示数据一", "许多", ""])
    before = data.read_bytes()
    assert run("annotate", desk, data, data).exit_code == 2
    assert data.read_bytes() == before
