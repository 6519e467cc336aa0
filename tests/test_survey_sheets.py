"""Flat tables, one unit a row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from conftest import code_of

from survey import cells, header, imports
from survey.errors import Cancelled, SurveyError
from survey.importreport import ImportReport
from survey.imports import Choices
from survey.store import Store
from survey.texts import Texts


def csv_file(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def xlsx_file(path: Path, rows: Sequence[Sequence[object]], sheet: str = "名录") -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                page.write_datetime(at, column, cell, date)
            else:
                page.write(at, column, cell)
    book.close()
    return path


HEAD = ["统一社会信用代码", "name", "T-01.103", "其中：主营业务收入（千元）", "T-02.301"]


def rows(count: int = 3) -> list[list[object]]:
    return [[code_of(n), f"演示{n}", "南山区", 90 * n, 100 * n] for n in range(count)]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.identical, report.rejected


@pytest.mark.parametrize("kind", ["csv", "gb18030", "xlsx"])
def test_names_row_codes_and_labels_need_no_mapping(district: Store, tmp_path: Path, kind: str) -> None:
    table = [HEAD, *rows()]
    if kind == "xlsx":
        path = xlsx_file(tmp_path / "list.xlsx", table)
    else:
        path = csv_file(tmp_path / "list.csv", table, "gb18030" if kind == "gb18030" else "utf-8-sig")
    report = imports.import_files(district, [path])
    assert counts(report) == (3, 0, 0, 0)
    unit = district.find_unit(code_of(2))
    assert unit is not None
    answers = cells.read(district, unit, "2025").values
    assert (answers["revenue"], answers["main_revenue"], answers["district"]) == (200, 180, "440305")


def test_a_dry_run_says_the_same_and_changes_nothing(district: Store, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [HEAD, *rows()])
    tried = imports.import_files(district, [path], dry_run=True)
    assert counts(tried) == (3, 0, 0, 0)
    assert district.counts("2025")["units"] == 0
    assert district.execute("SELECT count(*) FROM source").fetchone()[0] == 0
    assert counts(imports.import_files(district, [path])) == counts(tried)


def test_the_same_file_twice_changes_nothing(district: Store, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [HEAD, *rows()])
    imports.import_files(district, [path])
    assert counts(imports.import_files(district, [path])) == (0, 0, 3, 0)
    assert district.execute("SELECT count(*) FROM change").fetchone()[0] == 0


def test_changed_cells_are_kept_with_their_source_and_blanks_do_not_overwrite(district: Store, tmp_path: Path) -> None:
    imports.import_files(district, [csv_file(tmp_path / "a.csv", [HEAD, *rows()])])
    again = rows()
    again[1][4], again[2][4] = 999, ""
    report = imports.import_files(district, [csv_file(tmp_path / "b.csv", [HEAD, *again])])
    assert counts(report) == (0, 1, 2, 0)
    found = district.execute(
        "SELECT c.item, c.old, c.new, s.name FROM change c JOIN source s ON s.id = c.source"
    ).fetchall()
    assert found == [("revenue", 100, 999, "b.csv")]
    row = district.execute("SELECT source_row FROM form_t_02 WHERE revenue = 999").fetchone()
    assert row[0] == 3


def test_every_cell_that_cannot_be_taken_is_named(district: Store, tmp_path: Path, texts: Texts) -> None:
    table: list[list[object]] = [["名录", "", ""], [*HEAD, "备注"]]
    table += [
        [9.14403001922038e17, "坏代码", "南山", 1, 1, ""],
        [code_of(1), "演示", "南山市", "abc", 12, "说明"],
        ["", "", "", "", "", ""],
        [code_of(1), "又一次", "南山", 1, 1, ""],
        ["", "无代码", "南山", 1, 1, ""],
    ]
    report = imports.import_files(district, [xlsx_file(tmp_path / "list.xlsx", table)])
    assert counts(report) == (1, 0, 0, 3)
    assert [(one.cell, one.code) for one in report.rejections] == [
        ("A3", "value.code_as_number"), ("A7", "value.required"), ("C4", "value.not_in_list"),
        ("D4", "value.not_a_number"), ("6", "row.twice"),
    ]  # fmt: skip
    assert all(one.reason(texts) and one.sheet == "名录" for one in report.rejections)
    assert report.unknown_columns == [("list.xlsx", "名录", "备注")]


def test_a_period_column_spreads_rows_over_the_years(district: Store, tmp_path: Path) -> None:
    table: list[list[object]] = [["uscc", "name", "revenue", "报告期"]]
    table += [[code_of(1), "演示", 10, 2024], [code_of(1), "演示", 20, "2025年"], [code_of(1), "演示", 20, "去年"]]
    report = imports.import_files(district, [xlsx_file(tmp_path / "l.xlsx", table)])
    assert counts(report) == (2, 0, 0, 1)
    unit = district.find_unit(code_of(1))
    assert unit is not None
    assert [cells.read(district, unit, period).values["revenue"] for period in ("2024", "2025")] == [10, 20]


def test_a_file_without_a_header_is_told_and_the_good_one_before_it_is_taken(district: Store, tmp_path: Path) -> None:
    good, bad = csv_file(tmp_path / "a.csv", [HEAD, *rows()]), csv_file(tmp_path / "b.csv", [["a", "b"], [1, 2]])
    report = imports.import_files(district, [good, bad])
    assert [one.error and one.error.code for one in report.files] == [None, "no_header"]
    assert [one.state for one in report.files] == ["new", "refused"]
    assert district.counts("2025")["units"] == 3
    with pytest.raises(SurveyError, match="no_header"):
        imports.import_files(district, [bad])


FOREIGN = ["企业编号", "企业名称", "年销售"]


def test_headings_nobody_knows_are_told_with_the_import_and_remembered(district: Store, tmp_path: Path) -> None:
    told = {"企业编号": "uscc", "企业名称": "name", "年销售": "revenue"}
    path = csv_file(tmp_path / "a.csv", [FOREIGN, [code_of(1), "演示", 7]])
    assert counts(imports.import_files(district, [path], Choices(mappings=told), dry_run=True)) == (1, 0, 0, 0)
    with pytest.raises(SurveyError, match="no_header"):
        imports.import_files(district, [path])
    assert counts(imports.import_files(district, [path], Choices(mappings=told))) == (1, 0, 0, 0)
    again = imports.import_files(district, [csv_file(tmp_path / "b.csv", [FOREIGN, [code_of(2), "演示二", 8]])])
    assert (again.new, again.told) == (1, [("b.csv", "b")])


def test_what_is_told_now_goes_before_what_was_remembered(district: Store, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", [FOREIGN, [code_of(1), "演示", 7]])
    imports.import_files(district, [path], Choices(mappings={"企业编号": "uscc", "年销售": "revenue"}))
    imports.import_files(district, [path], Choices(mappings={"年销售": "employees"}))
    unit = district.find_unit(code_of(1))
    assert unit is not None
    assert cells.read(district, unit, "2025").values["employees"] == 7


@pytest.mark.parametrize(
    ("told", "code"),
    [({"企业编号": "usc"}, "no_such_item"), ({"企业编号": "uscc", "企业名称": "uscc"}, "column_twice")],
)
def test_headings_told_to_mean_what_cannot_be_are_refused(
    district: Store, tmp_path: Path, told: dict[str, str], code: str
) -> None:
    path = csv_file(tmp_path / "a.csv", [FOREIGN, [code_of(1), "演示", 7]])
    with pytest.raises(SurveyError, match=code):
        imports.import_files(district, [path], Choices(mappings=told))
    assert district.counts("2025")["units"] == 0


def test_a_sheet_without_a_header_beside_a_good_one_is_told(district: Store, tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    book = xlsxwriter.Workbook(str(path))
    good, other, _empty = (book.add_worksheet(name) for name in ("名录", "说明", "空白"))
    for at, row in enumerate([["uscc", "name"], [code_of(1), "演示"]]):
        good.write_row(at, 0, row)
    other.write_row(0, 0, ["随便", "写写"])
    book.close()
    report = imports.import_files(district, [path])
    assert (report.new, report.skipped) == (1, [("two.xlsx", "说明")])


def test_cancelling_leaves_the_file_as_it_was(district: Store, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", [HEAD, *rows(50)])

    def stop(_done: int, _total: int, _label: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        imports.import_files(district, [path], progress=stop)
    assert district.counts("2025")["units"] == 0


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("phpsprea__oleloop.xls", {"unreadable"}),
        ("msoffcry__example_password.xlsx", {"password"}),
        ("poi__clusterfuzz-testcase-minimized-POIHSSFFuzzer-5786329142919168.xls", {"unreadable", "no_header"}),
        ("test_fil__write.et", {"no_header", "unreadable"}),
    ],
)
def test_a_hostile_workbook_is_refused_and_the_program_lives(
    district: Store, data: Path, name: str, errors: set[str]
) -> None:
    with pytest.raises(SurveyError) as caught:
        imports.import_files(district, [data / "hostile" / name])
    assert caught.value.code in errors


def test_a_file_that_would_burst_is_refused_before_it_is_read(district: Store, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (600 << 20))
    with pytest.raises(SurveyError, match="zip_bomb"):
        imports.import_files(district, [path])


def test_column_letters() -> None:
    assert [header.column_letters(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
