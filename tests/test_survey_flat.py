"""Foreign lists as they come: heads of several rows, units of measure, totals, merged and hidden cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import code_of
from xlsxwriter.worksheet import Worksheet

from survey import cells, imports
from survey.errors import in_words
from survey.importreport import ImportReport
from survey.imports import Choices
from survey.store import Store
from survey.texts import Texts

HEAD = ["统一社会信用代码", "单位详细名称", "所在区", "营业收入", "从业人员期末人数"]


def book(path: Path, fill: Callable[[Worksheet], Any], *more: Callable[[Worksheet], Any]) -> Path:
    written = xlsxwriter.Workbook(str(path))
    for number, one in enumerate((fill, *more), 1):
        one(written.add_worksheet(f"名录{number}"))
    written.close()
    return path


def lines(*rows: list[Any], at: int = 0) -> Callable[[Worksheet], None]:
    def fill(page: Worksheet) -> None:
        for number, row in enumerate(rows, at):
            page.write_row(number, 0, row)

    return fill


def unit(number: int, revenue: object = 100, staff: object = 5) -> list[Any]:
    return [code_of(number), f"演示{number}", "南山区", revenue, staff]


def answers(store: Store, number: int) -> dict[str, object]:
    found = store.find_unit(code_of(number))
    assert found is not None
    return dict(cells.read(store, found, "2025").values)


def told(report: ImportReport) -> list[tuple[str, str]]:
    return [(one.cell, one.code) for one in report.rejections]


OTHERS = [
    "营业收入（上年）",
    "营业收入(2024年)",
    "营业收入（2025年）",
    "营业收入（计划）",
    "营业收入（预算）",
    "营业收入（1-11月）",
    "营业收入（去年同期）",
    "营业收入（同比）",
    "营业收入（增速%）",
    "营业收入（%）",
    "营业收入（上年，千元）",
    "营业收入（上年）（千元）",
    "营业收入（上年）/千元",
    "营业收入（千元）（上年）",
    "营业收入（不含税）",
    "上年营业收入",
    "营业收入同比增速",
    "营业收入-上年",
]


@pytest.mark.parametrize("heading", OTHERS)
def test_a_figure_of_another_period_is_never_read_as_this_year_s(district: Store, tmp_path: Path, heading: str) -> None:
    path = book(tmp_path / "l.xlsx", lines([*HEAD[:3], heading, *HEAD[3:]], [*unit(1)[:3], 999, 100, 5]))
    report = imports.import_files(district, [path])
    assert [told for _, _, told in report.unknown_columns] == [heading]
    assert (answers(district, 1)["revenue"], told(report)) == (100, [])


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("营业收入（千元）", "revenue"), ("营业收入（单位：千元）", "revenue"), ("营业收入（本期）", "revenue"),
        ("T-02.301（营业收入）", "revenue"), ("从业人员期末人数（期末）", "employees"), ("收入占比（%）", "share"),
        ("Revenue (thousand yuan)", "revenue"), ("其中：主营业务收入（本年、千元）", "main_revenue"),
    ],
)  # fmt: skip
def test_what_only_explains_a_heading_leaves_it_its_meaning(
    district: Store, tmp_path: Path, heading: str, item: str
) -> None:
    imports.import_files(district, [book(tmp_path / "l.xlsx", lines([*HEAD[:3], heading], [*unit(1)[:3], 7]))])
    assert answers(district, 1)[item] == 7


@pytest.mark.parametrize("row", [0, 1, 14])
def test_the_head_may_stand_below_titles(district: Store, tmp_path: Path, row: int) -> None:
    titles = [["2025年企业名录"]] * row
    path = book(tmp_path / "l.xlsx", lines(*titles, HEAD, unit(1)))
    assert imports.import_files(district, [path]).new == 1


def test_a_head_of_two_rows_is_read_with_of_which_below_its_parent(district: Store, tmp_path: Path) -> None:
    def fill(page: Worksheet) -> None:
        page.merge_range("A1:A2", HEAD[0])
        page.merge_range("B1:B2", HEAD[1])
        page.merge_range("C1:D1", HEAD[3])
        page.write_row(1, 2, ["合计", "其中：主营业务收入"])
        page.merge_range("E1:F1", HEAD[4])
        page.write_row(1, 4, ["本年", "上年"])
        page.write_row(2, 0, [code_of(1), "演示1", 100, 90, 5, 4])

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", fill)])
    assert (report.new, told(report)) == (1, [])
    found = answers(district, 1)
    assert (found["revenue"], found["main_revenue"], found["employees"]) == (100, 90, 5)
    assert [heading for _, _, heading in report.unknown_columns] == ["从业人员期末人数 上年"]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["营业收入", ""], ["上年", "本年"]),
        (["营业收入", ""], ["上年（千元）", "本年（千元）"]),
        (["营业收入", ""], ["2024年", "本年"]),
        (["上年", "本年"], ["营业收入", "营业收入"]),
        (["2024年度", "本年"], ["营业收入", "营业收入"]),
        (["营业收入（上年）", "营业收入（本年）"], ["合计", "合计"]),
        (["上年数（千元）", "本年"], ["营业收入", "营业收入"]),
    ],
)
def test_in_a_head_of_two_rows_this_year_s_column_wins_and_the_other_is_told(
    district: Store, tmp_path: Path, above: list[str], below: list[str]
) -> None:
    def fill(page: Worksheet) -> None:
        lines([*HEAD[:3], *above], ["", "", "", *below], [*unit(1)[:3], 999, 100])(page)

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", fill)])
    assert (answers(district, 1)["revenue"], told(report)) == (100, [])
    assert len(report.unknown_columns) == 1


def test_a_repeated_head_in_the_middle_is_no_unit(district: Store, tmp_path: Path) -> None:
    report = imports.import_files(district, [book(tmp_path / "l.xlsx", lines(HEAD, unit(1), HEAD, unit(2)))])
    assert (report.new, report.rejected) == (2, 0)


def test_rows_of_totals_are_left_out_and_told(district: Store, tmp_path: Path) -> None:
    total, small = ["合 计", "", "", 300, 10], ["", "小计：", "", 100, 5]
    report = imports.import_files(district, [book(tmp_path / "l.xlsx", lines(HEAD, unit(1), small, unit(2), total))])
    assert (report.new, report.rejected, told(report)) == (2, 0, [])
    assert report.totals == [("l.xlsx", "名录1", 3), ("l.xlsx", "名录1", 5)]


def test_a_unit_whose_name_is_a_word_of_totals_is_a_unit(district: Store, tmp_path: Path) -> None:
    row = [code_of(1), "总计", "南山区", 1, 1]
    assert imports.import_files(district, [book(tmp_path / "l.xlsx", lines(HEAD, row))]).new == 1


def test_a_hidden_sheet_is_not_read_and_told(district: Store, tmp_path: Path) -> None:
    def hidden(page: Worksheet) -> None:
        lines(HEAD, unit(2))(page)
        page.hide()

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", lines(HEAD, unit(1)), hidden)])
    assert (report.new, report.hidden, report.skipped) == (1, [("l.xlsx", "名录2")], [])


def test_a_sheet_whose_content_begins_far_down_is_told(district: Store, tmp_path: Path) -> None:
    path = book(tmp_path / "l.xlsx", lines(HEAD, unit(1)), lines(HEAD, unit(2), at=40))
    report = imports.import_files(district, [path])
    assert (report.new, report.skipped) == (1, [("l.xlsx", "名录2")])


def test_a_word_merged_over_rows_holds_for_each(district: Store, tmp_path: Path) -> None:
    def fill(page: Worksheet) -> None:
        lines(HEAD, unit(1), [*unit(2)[:2], "", 100, 5])(page)
        page.merge_range("C2:C3", "福田区")

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", fill)])
    assert (report.new, told(report)) == (2, [])
    assert [answers(district, number)["district"] for number in (1, 2)] == ["440304", "440304"]


def test_a_number_merged_over_rows_is_told_and_taken_for_none(district: Store, tmp_path: Path) -> None:
    def fill(page: Worksheet) -> None:
        lines(HEAD, unit(1), unit(2, ""), unit(3))(page)
        page.merge_range("D2:D3", 500)

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", fill)])
    assert told(report) == [("D2", "value.cell_merged"), ("D3", "value.cell_merged")]
    assert ["revenue" in answers(district, number) for number in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize(
    ("above", "heading", "factor"),
    [
        ("单位：万元", "营业收入", 10),
        ("计量单位：亿元、人", "营业收入", 100_000),
        ("", "营业收入（万元）", 10),
        ("", "营业收入(单位：元)", 0.001),
        ("", "营业收入/万元", 10),
        ("单位：万元", "营业收入（千元）", 1),
        ("单位：千元", "营业收入", 1),
        ("填报单位：演示公司", "营业收入", 1),
        ("", "营业收入（本年）", 1),
        ("", "营业收入（全年）（万元）", 10),
        ("", "营业收入【单位：万元】", 10),
    ],
)
def test_another_unit_of_measure_is_proposed_and_converted_only_when_accepted(
    district: Store, tmp_path: Path, texts: Texts, above: str, heading: str, factor: float
) -> None:
    head = [*HEAD[:3], heading, HEAD[4]]
    path = book(tmp_path / "l.xlsx", lines([above], head, unit(1, 2000), unit(2, "3,000")))
    report = imports.import_files(district, [path])
    if factor == 1:
        assert (report.units_differ, answers(district, 1)["revenue"]) == ([], 2000)
        return
    assert (report.new, told(report)) == (2, [("D2", "value.unit_differs")])
    assert "万元" in report.rejections[0].reason(texts) or "元" in report.rejections[0].reason(texts)
    assert "revenue" not in answers(district, 1)
    assert answers(district, 1)["employees"] == 5
    accepted = imports.import_files(district, [path], Choices(units=report.units_proposed))
    assert (accepted.changed, told(accepted)) == (2, [])
    assert [answers(district, number)["revenue"] for number in (1, 2)] == [2000 * factor, 3000 * factor]


def test_a_factor_that_was_accepted_for_another_unit_is_not_taken_for_this_one(district: Store, tmp_path: Path) -> None:
    path = book(tmp_path / "l.xlsx", lines(["单位：万元"], HEAD, unit(1)))
    accepted = imports.import_files(district, [path], dry_run=True).units_proposed
    book(path, lines(["单位：亿元"], HEAD, unit(1)))
    report = imports.import_files(district, [path], Choices(units=accepted))
    assert told(report) == [("D2", "value.unit_differs")]
    assert "revenue" not in answers(district, 1)


def test_a_group_of_columns_under_one_unit_is_proposed_as_a_whole(district: Store, tmp_path: Path) -> None:
    group = ["", "", "", "财务（万元）", "", "人员"]
    head = [*HEAD[:4], "利润总额", HEAD[4]]
    report = imports.import_files(
        district, [book(tmp_path / "l.xlsx", lines(group, head, [*unit(1)[:4], 7, 5]))], dry_run=True
    )
    assert [(one.column, one.unit, one.factor) for one in report.units_differ] == [("D", "万元", 10), ("E", "万元", 10)]


def test_cells_without_a_value_are_told_and_nothing_is_taken_for_them(
    district: Store, tmp_path: Path, texts: Texts
) -> None:
    def fill(page: Worksheet) -> None:
        lines(HEAD, unit(1), unit(2), unit(3))(page)
        page.write_formula("D2", "=1/0", None, "#DIV/0!")
        page.write_formula("B3", "=A3&A4", None, "#N/A")

    report = imports.import_files(district, [book(tmp_path / "l.xlsx", fill)])
    assert told(report) == [("B3", "value.cell_error"), ("D2", "value.cell_error")]
    assert "#DIV/0!" in in_words(report.rejections[1].code, report.rejections[1].facts, texts)
    assert "revenue" not in answers(district, 1)


def test_what_is_put_right_in_numbers_is_counted(district: Store, tmp_path: Path) -> None:
    path = book(tmp_path / "l.xlsx", lines(HEAD, unit(1, "１２"), unit(2, "1,234"), unit(3, "7千元"), unit(4, "7")))
    report = imports.import_files(district, [path])
    assert (report.new, report.mended) == (4, {"width": 1, "separators": 1, "unit_word": 1})


def test_a_text_code_that_ends_in_zeros_is_told_with_proposals(district: Store, tmp_path: Path) -> None:
    cells.add_unit(district, "914403001922038216", "演示数据甲", "2025")
    row = ["914403001922038000", "演示数据甲", "", 1, 1]
    report = imports.import_files(district, [book(tmp_path / "l.xlsx", lines(HEAD, row))])
    [one] = report.rejections
    assert (one.code, [proposal.code for proposal in one.proposals]) == ("value.code_as_number", ["914403001922038216"])


def test_a_second_table_below_with_other_heads_is_told_and_not_read_under_the_first(
    district: Store, tmp_path: Path
) -> None:
    second = ["统一社会信用代码", "单位详细名称", "", "利润总额", ""]
    path = book(tmp_path / "l.xlsx", lines(HEAD, unit(1), [], second, unit(2, 7)))
    report = imports.import_files(district, [path])
    assert (report.new, told(report)) == (1, [("A4", "row.second_table")])
    assert district.find_unit(code_of(2)) is None


def test_heads_as_offices_write_them_are_known(district: Store, tmp_path: Path) -> None:
    head = ["社会信用代码", "企业名称", "所在区", "营业收入", "从业人员期末人数"]
    report = imports.import_files(district, [book(tmp_path / "l.xlsx", lines(head, unit(1)))])
    assert (report.new, report.unknown_columns) == (1, [])
