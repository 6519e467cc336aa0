"""Tables as they are asked for and laid out, on a file whose figures can be counted by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from lxml import etree
from python_calamine import CalamineWorkbook

from desktop.cli import main
from desktop.printing import page_set
from indicators import definition, localtable, tabledefinition, tables, workbook
from indicators.booklayout import BookLayout, Paper
from indicators.computation import Computation
from indicators.table import Figure, Row, Summary, Table, TableColumn, blanked
from indicators.tableheads import depth, head_cells, letters, panels
from survey import cells
from survey import store as stores
from survey.errors import SchemeError, SurveyError
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

# District, segment, employees, revenue of 2025 and of 2024 in thousand yuan (演示数据).
UNITS = (
    ("440305", "design", 1200, 10_000_000, 8_000_000),
    ("440305", "design", 50, 200_000, 100_000),
    ("440306", "manufacturing", 1500, 2_000_000, 1_900_000),
    ("440306", "design", 400, 800_000, None),
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, cluster: Scheme) -> Iterator[Store]:
    store = stores.create(tmp_path_factory.mktemp("tables") / "c.census", cluster, "2025", None)
    for number, (district, segment, employees, revenue, before) in enumerate(UNITS):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        answers = {"district": district, "segment": segment, "employees": employees, "revenue": revenue}
        for name, value in answers.items():
            cells.write(store, unit, "2025", name, value)  # type: ignore[arg-type]
        if before is not None:
            cells.write(store, unit, "2024", "district", district)
            cells.write(store, unit, "2024", "segment", segment)
            cells.write(store, unit, "2024", "revenue", before)
    yield store
    store.close()


def asked(keys: str, kind: str = "breakdown") -> str:
    return f'[[table]]\nid = "1"\nkind = "{kind}"\ntitle = "试表"\ntitle_en = "A table"\n{keys}\n'


def laid_out(store: Store, texts: Texts, keys: str, kind: str = "breakdown") -> Table:
    catalogue = definition.load(store.scheme)
    [wanted] = tabledefinition.read(asked(keys, kind), store.scheme, catalogue, "t.toml")
    return tables.one_table(Computation(store, catalogue), "2025", texts, wanted)


def lines(table: Table) -> list[str]:
    """The rows as a person reads them."""
    return ["  ".join(cell if isinstance(cell, str) else cell.text() for cell in row.cells) for row in table.rows]


def heads(table: Table) -> list[str]:
    return [" / ".join(part.replace("\n", " ") for part in column.path) for column in table.columns]


def test_columns_stand_below_heads_and_are_numbered(city: Store, texts: Texts) -> None:
    keys = (
        'by = "district"\nheads = [{ label = "规模", columns = ["G1-09", "G1-01"] },'
        ' { label = "效率", columns = ["C-07"] }]'
    )
    table = laid_out(city, texts, keys)
    assert heads(table) == [
        "所在区", "规模 / 在链企业数 (家)", "规模 / 产业营业收入 (亿元)", "效率 / 劳动生产率（人均营业收入） (万元/人)",
    ]  # fmt: skip
    assert [(one.row, one.column, one.rows, one.columns) for one in head_cells(table)] == [
        (0, 0, 2, 1), (0, 1, 1, 2), (0, 3, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 1),
    ]  # fmt: skip
    assert (depth(table), letters(table)) == (2, ["甲", "1", "2", "3"])


def test_heads_of_the_same_words_side_by_side_stay_apart(texts: Texts) -> None:
    columns = tuple(TableColumn("2025", above=(name,)) for name in ("收入", "收入", "利润"))
    cells_ = head_cells(Table("", "", columns, ()))
    assert [(one.text, one.columns) for one in cells_] == [("收入", 2), ("利润", 1), *[("2025", 1)] * 3]


def test_this_year_last_year_growth_and_share(city: Store, texts: Texts) -> None:
    table = laid_out(
        city, texts, 'by = "district"\ncolumns = ["G1-01"]\ncompare = ["now", "before", "growth", "share"]'
    )
    assert heads(table)[1:] == [
        "产业营业收入 / 2025 (亿元)", "产业营业收入 / 2024 (亿元)",
        "产业营业收入 / 增长 (%)", "产业营业收入 / 占比 (%)",
    ]  # fmt: skip
    assert lines(table) == [
        "合计  130.00  100.00  30.0  100.0",
        "南山区  102.00  81.00  25.9  78.5",
        "宝安区  28.00  19.00  47.4  21.5",
    ]


def test_a_percentage_changes_by_percentage_points(city: Store, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = "segment"\ncolumns = ["G1-08"]\ncompare = ["now", "before", "growth"]')
    assert heads(table)[-1] == "占全产业营业收入的比重 / 增减 (百分点)"
    assert lines(table)[1:] == ["设计  84.6  81.0  3.6", "制造  15.4  19.0  -3.6"]


def test_groups_within_groups(city: Store, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = ["district", "segment"]\ncolumns = ["G1-09", "G1-01"]\ntotal = "last"')
    assert lines(table) == [
        "南山区  2  102.00", "设计  2  102.00",
        "宝安区  2  28.00", "设计  1  8.00", "制造  1  20.00",
        "合计  4  130.00",
    ]  # fmt: skip
    assert [row.level for row in table.rows] == [0, 1, 0, 1, 1, 0]
    traces = [row.cells[1].trace.cells if row.cells[1].trace else None for row in table.rows]  # type: ignore[union-attr]
    assert traces == [((1, 1),), None, ((3, 1), (4, 1)), None, None, ((0, 1), (2, 1))]


def test_groups_across_with_one_unit_above_the_table(city: Store, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = "district"\nacross = "segment"\ncolumns = ["G1-01"]\nunit = "table"')
    assert table.unit == "亿元"
    assert heads(table)[1:] == ["产业营业收入 / 合计", "产业营业收入 / 设计", "产业营业收入 / 制造"]
    assert lines(table) == ["合计  130.00  110.00  20.00", "南山区  102.00  102.00  —", "宝安区  28.00  8.00  20.00"]


def test_indicators_by_the_groups_of_a_dimension(city: Store, texts: Texts) -> None:
    table = laid_out(
        city, texts, 'rows = ["G1-09", "G1-01"]\nacross = "district"\ncompare = ["now", "share"]', "indicators"
    )
    assert lines(table) == [
        "G1-09  在链企业数  家  4  100.0  2  50.0  2  50.0",
        "G1-01  产业营业收入  亿元  130.00  100.0  102.00  78.5  28.00  21.5",
    ]
    assert letters(table)[:4] == ["甲", "乙", "丙", "1"]


def test_rows_are_chosen_and_descend_by_an_indicator(city: Store, texts: Texts) -> None:
    keys = 'by = "segment"\ncolumns = ["G1-09", "G1-01"]\norder = "G1-01"\n'
    assert [row.key for row in laid_out(city, texts, keys).rows] == ["", "design", "manufacturing"]
    chosen = laid_out(city, texts, keys + 'groups = { segment = ["manufacturing", "eda"] }')
    assert lines(chosen) == ["合计  4  130.00", "制造  1  20.00", "EDA  —  —"]
    assert "合计为全部单位，表中只列出所选各组。" in chosen.notes
    total = chosen.rows[0].cells[1]
    assert isinstance(total, Figure)
    assert total.trace is None


def test_indicators_stand_in_sections_and_are_followed_by_their_groups(city: Store, texts: Texts) -> None:
    table = laid_out(
        city, texts,
        'sections = [{ label = "一、规模", rows = ["G1-09", "G1-01"] }, { label = "二、效率", rows = ["C-07"] }]\n'
        'within = { "G1-01" = "district", "C-07" = "segment" }\ncompare = ["now", "growth"]',
        "indicators",
    )  # fmt: skip
    assert lines(table) == [
        "一、规模        ",
        "G1-09  在链企业数  家  4  33.3",
        "G1-01  产业营业收入  亿元  130.00  30.0",
        "  南山区  亿元  102.00  25.9",
        "  宝安区  亿元  28.00  47.4",
        "二、效率        ",
        "C-07  劳动生产率（人均营业收入）  万元/人  —  —",
    ]
    assert [(row.heading, row.level, row.labelled) for row in table.rows[:5]] == [
        (True, 0, 0), (False, 0, 0), (False, 0, 0), (False, 1, 1), (False, 1, 1),
    ]  # fmt: skip
    whole = table.rows[2].cells[3]
    assert isinstance(whole, Figure)
    assert whole.trace is not None
    assert (whole.trace.way, whole.trace.cells) == ("sum", ((3, 3), (4, 3)))


def test_dimensions_stand_one_after_another(city: Store, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = ["segment", "district"]\nnested = false\ncolumns = ["G1-09", "G1-01"]')
    assert heads(table)[0] == "分组"
    assert lines(table) == [
        "合计  4  130.00",
        "按主环节分    ", "设计  3  110.00", "制造  1  20.00",
        "按所在区分    ", "南山区  2  102.00", "宝安区  2  28.00",
    ]  # fmt: skip
    assert [row.total for row in table.rows] == [True, *[False] * 6]
    assert [row.level for row in table.rows] == [0, 0, 1, 1, 0, 1, 1]
    total = table.rows[0].cells[2]
    assert isinstance(total, Figure)
    assert total.trace is not None
    assert total.trace.cells == ((2, 2), (3, 2)), "one dimension adds up to the total, not all of them"


def test_where_one_of_the_dimensions_leaves_units_out_it_is_told_and_another_adds_up(
    tmp_path: Path, cluster: Scheme, texts: Texts
) -> None:
    store = stores.create(tmp_path / "u.census", cluster, "2025", None)
    for number, district in enumerate(("440305", None)):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        for name, value in {"revenue": 100_000, "district": district, "segment": "design"}.items():
            cells.write(store, unit, "2025", name, value)  # type: ignore[arg-type]
    table = laid_out(store, texts, 'by = ["district", "segment"]\nnested = false\ncolumns = ["G1-01"]')
    store.close()
    total = table.rows[0].cells[1]
    assert isinstance(total, Figure)
    assert total.trace is not None
    assert total.trace.cells == ((4, 1),)
    assert "合计包含未归入各组的单位，因此大于各组之和。" in table.notes


def test_groups_without_any_figure_have_no_row(city: Store, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = "district"\ncolumns = ["C-07"]')
    assert lines(table) == ["合计  —"]


def test_footnotes_are_marked_where_they_belong(city: Store, texts: Texts) -> None:
    table = laid_out(
        city, texts,
        'by = "district"\ncolumns = ["G1-01"]\ndigits = { "G1-01" = 0 }\nsource = "本制度"\nnotes = ["自定说明"]\n'
        'footnotes = [{ column = "G1-01", text = "不含税" }, { row = "440305", text = "含前海" },'
        ' { row = "440306", column = "G1-01", text = "初步数" }]',
    )  # fmt: skip
    assert heads(table)[1] == "产业营业收入① (亿元)"
    assert lines(table)[1:] == ["南山区②  102", "宝安区  28③"]
    assert table.notes[:4] == ("① 不含税", "② 含前海", "③ 初步数", "自定说明")
    assert table.notes[-1] == "资料来源：本制度"


def test_units_of_no_group_are_told_and_the_total_is_no_formula(tmp_path: Path, cluster: Scheme, texts: Texts) -> None:
    store = stores.create(tmp_path / "u.census", cluster, "2025", None)
    for number, district in enumerate(("440305", None)):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        cells.write(store, unit, "2025", "revenue", 100_000)
        cells.write(store, unit, "2025", "district", district)
    table = laid_out(store, texts, 'by = "district"\ncolumns = ["G1-01"]')
    store.close()
    total = table.rows[0].cells[1]
    assert isinstance(total, Figure)
    assert (total.value, total.trace) == (2, None)
    assert "合计包含未归入各组的单位，因此大于各组之和。" in table.notes


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ('by = "distrct"\ncolumns = ["G1-01"]', "not_one_of"),
        ('by = "district"\ncolumns = ["G1-0"]', "unknown_indicator"),
        ('by = "district"', "missing_key"),
        ('by = "district"\ncolumns = "G1-01"', "wrong_type"),
        ('by = "district"\ncolumns = ["G1-01"]\nacross = "district"', "twice"),
        ('by = "district"\ncolumns = ["G1-01"]\ncolour = "red"', "unknown_key"),
        ('by = "district"\ncolumns = ["G1-01"]\ncompare = ["noww"]', "not_one_of"),
        ('by = "district"\ncolumns = ["C-07"]\ncompare = ["now", "share"]', "not_added_up"),
        ('by = "district"\ncolumns = ["G1-04"]', "whole_only"),
        ('by = "district"\ncolumns = ["G1-09", "G1-01"]\nunit = "table"', "many_units"),
        ('by = "district"\ncolumns = ["G1-01"]\ngroups = { district = ["999"] }', "not_one_of"),
        ('by = "district"\ncolumns = ["G1-01"]\ngroups = { segment = ["design"] }', "not_one_of"),
        ('by = "district"\ncolumns = ["G1-01"]\norder = "G1-09"', "not_one_of"),
        ('by = "district"\ncolumns = ["G1-01"]\ndigits = { "G1-01" = 9 }', "not_one_of"),
        ('by = "district"\ncolumns = ["G1-01"]\nfootnotes = [{ row = "440305" }]', "missing_key"),
        ('by = ["district", "segment", "size"]\ncolumns = ["G1-01"]', "not_one_of"),
        ('by = ["district"]\ncolumns = ["G1-01"]\nnested = "no"', "wrong_type"),
        ('by = ["district"]\ncolumns = ["G1-01"]\nsections = [{ label = "一" }]', "missing_key"),
        ('by = ["district"]\ncolumns = ["G1-01"]\nrows = ["G1-09", "G1-09"]', "twice"),
        ('by = ["district"]\ncolumns = ["G1-01"]\nrows = ["G1-09"]\nwithin = { "G1-09" = "distrct" }', "not_one_of"),
        ('by = ["district"]\ncolumns = ["G1-01"]\nwithin = { "G1-09" = "district" }', "not_one_of"),
    ],
)
def test_what_a_table_cannot_be_is_told_with_its_line(cluster: Scheme, texts: Texts, keys: str, code: str) -> None:
    with pytest.raises(SchemeError) as caught:
        tabledefinition.read(asked(keys), cluster, definition.load(cluster), "t.toml")
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].text(texts).startswith("t.toml:")


def test_the_shipped_tables_are_numbered_and_the_first_ten_have_the_subjects_of_the_plan(cluster: Scheme) -> None:
    found = tabledefinition.definitions(cluster, definition.load(cluster))
    assert [one.id for one in found] == [str(number) for number in range(1, 15)]
    assert [one.title for one in found[:10]] == [
        "产业总规模", "分环节主要指标", "分区主要指标", "化合物半导体", "研发活动", "国产化与配套", "晶圆制造产线",
        "园区、平台和项目", "目标进度", "数据质量",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("4", {"P6-01", "P6-01.2", "P6-01.3", "T2-02", "T2-02.3", "G3-06"}),
        ("6", {"G3-01", "G3-02.3", "G3-03", "G3-04", "G2-09", "G2-10", "G3-07"}),
        ("7", {"G3-05", "G3-05.3", "C-18", "T2-01", "T2-02", "P4-01"}),
        ("8", {"G4-01", "G4-02", "G2-12", "P7-01", "P7-01.7", "P4-03", "P4-03.2"}),
    ],
)
def test_a_subject_has_the_indicators_of_its_goals(cluster: Scheme, number: str, wanted: set[str]) -> None:
    found = next(one for one in tabledefinition.definitions(cluster, definition.load(cluster)) if one.id == number)
    assert wanted <= {*found.rows, *found.columns}


def test_figures_that_follow_from_others_are_formulas_with_their_value(
    city: Store, tmp_path: Path, texts: Texts
) -> None:
    summary = tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts)
    workbook.write(summary, tmp_path / "s.xlsx", texts, UNTOLD)
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        segments = archive.read("xl/worksheets/sheet12.xml").decode()
        told = archive.read("docProps/core.xml").decode()
    assert "<f>SUM(" in segments
    assert "-1)*100</f>" in segments
    assert summary.origin.data_digest in told
    assert summary.maker in told
    rows = CalamineWorkbook.from_path(str(tmp_path / "s.xlsx")).get_sheet_by_index(11).to_python()
    [total] = [row for row in rows if row[0] == "合计"]
    assert total[1:5] == [4, 3, pytest.approx(100 / 3), 100]


def test_blank_tables_have_their_heads_and_rows_and_no_figure(
    city: Store, tmp_path: Path, texts: Texts, qapp: object
) -> None:
    summary = tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts)
    blank = blanked(summary)
    assert [len(table.rows) for table in blank.tables] == [len(table.rows) for table in summary.tables]
    assert lines(blank.tables[2]) == ["合计" + "  " * 8, "南山区" + "  " * 8, "宝安区" + "  " * 8]
    workbook.write(blank, tmp_path / "b.xlsx", texts, UNTOLD)
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet12.xml").decode()
    assert page_set(blank, city.scheme.legal, texts).count > 1


def test_an_indicator_of_the_whole_alone_has_no_groups_within(cluster: Scheme) -> None:
    text = asked('rows = ["G1-04"]\nwithin = { "G1-04" = "district" }', "indicators")
    with pytest.raises(SchemeError) as caught:
        tabledefinition.read(text, cluster, definition.load(cluster), "t.toml")
    assert [problem.code for problem in caught.value.problems] == ["whole_only"]


def test_what_looks_alike_in_the_workbook_is_a_style_with_a_name(city: Store, tmp_path: Path, texts: Texts) -> None:
    table = laid_out(city, texts, 'by = "district"\ncolumns = ["G1-09", "G1-01"]\nchart = "G1-01"')
    workbook.write(Summary("汇总", "2025", "全市", (table,)), tmp_path / "s.xlsx", texts, UNTOLD)
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        styles = etree.fromstring(archive.read("xl/styles.xml"))
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet2.xml"))
        assert "xl/charts/chart1.xml" in archive.namelist()
    main = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    named = {one.get("xfId"): one.get("name") for one in styles.iterfind("m:cellStyles/m:cellStyle", main)}
    formats = [one.get("xfId") for one in styles.iterfind("m:cellXfs/m:xf", main)]
    shown = {cell.get("r"): named[formats[int(cell.get("s"))]] for cell in sheet.iterfind(".//m:c[@s]", main)}
    assert (shown["A1"], shown["A11"], shown["B11"], shown["C11"], shown["A12"], shown["C12"]) == (
        "汇总表 表题", "汇总表 合计文字", "汇总表 合计 0 位", "汇总表 合计 2 位", "汇总表 文字", "汇总表 数 2 位",
    )  # fmt: skip
    assert len(styles.findall("m:cellStyleXfs/m:xf", main)) == len(named)


def test_no_figure_is_wider_than_its_column_and_paper_lies_as_it_prints_largest() -> None:
    columns = (TableColumn("区", stub=True), TableColumn("收入", 0.9, "right"))
    one = Table("", "", columns, (Row(("南山区", Figure(123_456_789_012.5, 2))),))
    assert len("123,456,789,012.50") < BookLayout(one).widths[1]
    assert BookLayout(one).paper == Paper(landscape=False, whole=True)
    wide = Table("", "", columns * 8, (Row(("南山区", Figure(1.0)) * 8),))
    assert BookLayout(wide).paper == Paper(landscape=True, whole=True)
    long = Table("", "", columns, (Row(("南山区", Figure(1.0))),) * 30)
    assert BookLayout(long).paper == Paper(landscape=False, whole=True)
    assert not BookLayout(Table("", "", columns, (Row(("南山区", Figure(1.0))),) * 90)).paper.whole


def call(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_own_tables_are_added_sent_on_changed_and_taken_out(tmp_path: Path, cluster: Scheme, texts: Texts) -> None:
    file, small = tmp_path / "c.census", tmp_path / "own.toml"
    stores.create(file, cluster, "2025", None).close()
    small.write_text(asked('by = "district"\ncolumns = ["G1-01"]\nnotes = ["他说：\\"好\\""]'), encoding="utf-8")
    assert "L-1：试表" in call("tables", file, "add", small)
    assert call("tables", file, "list").splitlines()[-1] == "L-1  试表  [本单位自定]"
    call("tables", file, "export", "L-1", tmp_path / "sent.toml")
    assert 'notes = ["他说：\\"好\\""]' in (tmp_path / "sent.toml").read_text(encoding="utf-8")
    assert "L-2" in call("tables", file, "add", tmp_path / "sent.toml")
    small.write_text(asked('by = "segment"\ncolumns = ["G1-09"]').replace("试表", "改过的表"), encoding="utf-8")
    call("tables", file, "add", small, "--id", "L-1")
    call("tables", file, "remove", "L-2")
    assert "L-3" in call("tables", file, "add", small), "no id is given twice"
    with_own = tmp_path / "own.xlsx"
    call("tables", file, "write", with_own)
    assert CalamineWorkbook.from_path(str(with_own)).sheet_names[-2:] == ["表L-1 改过的表", "表L-3 改过的表"]
    call("tables", file, "write", tmp_path / "own.pdf", "--blank")
    assert (tmp_path / "own.pdf").read_bytes().startswith(b"%PDF")


def test_what_is_wrong_with_an_own_table_is_told_and_nothing_kept(tmp_path: Path, cluster: Scheme) -> None:
    file, small = tmp_path / "c.census", tmp_path / "own.toml"
    store = stores.create(file, cluster, "2025", None)
    small.write_text(asked('by = "district"\ncolumns = ["G1-0"]'), encoding="utf-8")
    assert "own.toml:2  没有指标“G1-0”" in call("tables", file, "add", small, code=2)
    assert "没有编号为“L-1”的自定表" in call("tables", file, "remove", "L-1", code=2)
    assert "没有编号为“L-1”的自定表" in call("tables", file, "export", "L-1", tmp_path / "x.toml", code=2)
    assert localtable.all_of(store) == {}
    with pytest.raises(SurveyError, match="one_table"):
        localtable.save(store, "", definition.load(cluster))
    store.close()


def test_an_own_table_that_the_scheme_no_longer_reads_is_kept_and_told(tmp_path: Path, cluster: Scheme) -> None:
    file = tmp_path / "c.census"
    store = stores.create(file, cluster, "2025", None)
    catalogue = definition.load(cluster)
    localtable.save(store, asked('by = "district"\ncolumns = ["G1-01"]'), catalogue)
    with store.atomic():
        store.set_desk("own_table.L-1", store.desk["own_table.L-1"].replace("G1-01", "G0-01"))
    assert localtable.readable(store, catalogue) == []
    assert list(localtable.all_of(store)) == ["L-1"]
    store.close()
    told = call("tables", file, "list", code=1)
    assert "L-1  与现行制度不符" in told
    assert "没有指标“G0-01”" in told


def test_a_table_too_wide_for_a_page_goes_on_below_itself(city: Store, texts: Texts) -> None:
    table = laid_out(
        city, texts, 'by = "district"\nacross = "segment"\ncolumns = ["G1-09", "G1-01"]\ncompare = ["now", "share"]'
    )
    parts = panels(table, 9)
    assert [len(part.columns) for part in parts] == [7, 7]
    assert [letters(part)[:2] for part in parts] == [["甲", "1"], ["甲", "7"]]
    assert [part.rows[1].cells[0] for part in parts] == ["南山区", "南山区"]
    assert {cell.text for cell in head_cells(parts[1]) if cell.row == 0} == {"所在区", "产业营业收入"}
    assert panels(table, 99) == [table]
