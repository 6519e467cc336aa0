"""The summary as a workbook and on paper."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from python_calamine import CalamineWorkbook

from desktop import demo, paths
from desktop.fonts import FAMILY
from desktop.printing import page_set
from indicators import definition, tables, workbook
from indicators.computation import Computation
from indicators.page import PageSet
from indicators.pagelayout import PAD_X, PageLayout, lines
from indicators.table import Figure, Row, Summary, Table, TableColumn
from indicators.tableheads import head_cells
from survey import control
from survey import store as stores
from survey.errors import SurveyError
from survey.files import UNTOLD
from survey.store import Store
from survey.texts import LANGUAGES, Texts, load, measured


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, texts: Texts) -> Iterator[Store]:
    """The city of a small demo run."""
    path = demo.city_file(tmp_path_factory.mktemp("demo") / "run", texts)
    opened = stores.open(path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def summary(city: Store, texts: Texts) -> Summary:
    return tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts)


@pytest.fixture
def pages(qapp: object, city: Store, summary: Summary, texts: Texts) -> PageSet:
    return page_set(summary, city.scheme.legal, texts)


def test_the_workbook_has_a_sheet_a_table_and_numbers_as_numbers(
    summary: Summary, tmp_path: Path, texts: Texts
) -> None:
    workbook.write(summary, tmp_path / "s.xlsx", texts, UNTOLD)
    book = CalamineWorkbook.from_path(str(tmp_path / "s.xlsx"))
    assert book.sheet_names == [
        "目录",
        "表1 产业总规模",
        "表2 分环节主要指标",
        "表3 分区主要指标",
        "表4 化合物半导体",
        "表5 研发活动",
        "表6 国产化与配套",
        "表7 晶圆制造产线",
        "表8 园区、平台和项目",
        "表9 目标进度",
        "表10 数据质量",
        "表11 分环节、分规模企业数和营业收入",
        "表12 分区、分环节营业收入",
        "表13 分规模主要指标",
        "表14 企业数和空间集聚",
    ]
    rows = book.get_sheet_by_name("表1 产业总规模").to_python()
    [revenue] = [row for row in rows if row[0] == "G1-01"]
    figure = next(row for row in summary.tables[0].rows if row.key == "G1-01").cells[3]
    assert not isinstance(figure, str)
    assert revenue[3] == pytest.approx(figure.value)


def test_the_workbook_has_native_charts(summary: Summary, tmp_path: Path, texts: Texts) -> None:
    workbook.write(summary, tmp_path / "s.xlsx", texts, UNTOLD)
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 3
        assert "南山区" in archive.read("xl/sharedStrings.xml").decode()


def test_a_workbook_that_cannot_be_written_is_said(summary: Summary, tmp_path: Path, texts: Texts) -> None:
    with pytest.raises(SurveyError, match="cannot_write"):
        workbook.write(summary, tmp_path / "nowhere" / "s.xlsx", texts, UNTOLD)


def inked(image: QImage, area: QRectF) -> int:
    """How many of a grid of points in an area are not white."""
    left, top = int(area.left()), int(area.top())
    return sum(
        image.pixelColor(x, y).lightness() < 200
        for x in range(left, int(area.right()), 2)
        for y in range(top, int(area.bottom()), 2)
    )


def test_every_page_has_its_number_and_the_last_its_signatures(pages: PageSet) -> None:
    assert pages.count > 1
    for page in range(pages.count):
        image = pages.image(page, 620)
        foot = QRectF(image.width() / 2 - 80, image.height() - 75, 160, 30)
        assert inked(image, foot) > 20, page


def test_a_table_that_runs_over_a_page_repeats_its_title_and_its_head(pages: PageSet) -> None:
    blocks = [page.blocks for page in pages.layout.pages]
    continued = [page for page in blocks[1:] if "（续）" in page[0].text]
    assert continued
    assert all([block.kind for block in page[:3]] == ["title", "head", "row"] for page in continued)
    assert sum(block.kind == "title" for page in blocks for block in page) == 14 + len(continued)


def test_a_title_never_stands_alone_at_the_foot(pages: PageSet) -> None:
    for page in pages.layout.pages:
        kinds = [block.kind for block in page.blocks]
        for at, kind in enumerate(kinds):
            if kind == "title" and "（续）" not in page.blocks[at].text:
                assert kinds[at + 1 : at + 5] == ["head", "row", "row", "row"]


def test_a_table_that_fits_on_a_page_is_not_torn(pages: PageSet) -> None:
    for page in pages.layout.pages:
        for at, block in enumerate(page.blocks):
            if block.kind == "title" and block.table is not None and "（续）" in block.text:
                rows = [pages.layout.row_height(page.sheet, block.table, row) for row in block.table.rows]
                notes = sum(one.height for one in pages.layout.notes(page.sheet, block.table))
                assert block.height + page.blocks[at + 1].height + sum(rows) + notes > page.sheet.room, block.text


def test_a_page_neither_ends_with_a_heading_nor_begins_with_the_last_row(pages: PageSet) -> None:
    for page in pages.layout.pages:
        last = page.blocks[-1]
        assert last.row is None or not last.row.heading
        if last.row is not None and last.table is not None and last.row is not last.table.rows[-1]:
            following = last.table.rows[last.table.rows.index(last.row) + 1]
            assert following.level <= last.row.level
        rows = [block for block in page.blocks if block.kind == "row"]
        if page.blocks[0].kind == "title" and "（续）" in page.blocks[0].text:
            assert len([block for block in rows if block.table is page.blocks[0].table]) >= 3


def test_what_a_row_is_about_stands_on_its_page(texts: Texts, qapp: object) -> None:
    columns = (TableColumn("指标", stub=True), TableColumn("2025", align="right"))
    one = (Row(("一、规模", ""), heading=True), Row(("收入", Figure(1.0))), Row(("设计", Figure(1.0)), level=1))
    for more in range(3):
        table = Table("表1", "试表", columns, one[2:] * more + one * 40)
        ends = [page.blocks[-1].row for page in PageLayout(Summary("", "2025", "", (table,)), texts, FAMILY).pages]
        assert len(ends) > 2
        assert all(row is None or row.level == 1 for row in ends)


def test_preview_printer_and_pdf_come_from_one_painter(pages: PageSet, tmp_path: Path) -> None:
    pages.write_pdf(tmp_path / "s.pdf", UNTOLD)
    content = (tmp_path / "s.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == pages.count
    image = QImage(400, 566, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    pages.paint(painter, 0, QRectF(0, 0, 400, 566))
    painter.end()
    assert inked(image, QRectF(0, 0, 400, 566)) > 1000


def test_nothing_is_drawn_outside_the_margins(pages: PageSet) -> None:
    for page in range(pages.count):
        image = pages.image(page, 620)
        for area in (QRectF(0, 0, 40, image.height()), QRectF(image.width() - 40, 0, 40, image.height())):
            assert inked(image, area) == 0, page


def test_what_the_city_decided_about_checks_goes_out_with_the_figures(
    city: Store, summary: Summary, tmp_path: Path, texts: Texts
) -> None:
    assert not any("审核控制" in note for table in summary.tables for note in table.notes)
    reason = "该单位集团内结算，口径经核实不同"
    unit = city.unit_list("2025")[0].uscc
    control.rule(city, "IC02-01", "off", "2020-01-01", official="王", reason=reason)
    control.exempt(city, unit, "IC02-02", "2025", official="王", reason=reason)
    control.sign_off(city, tmp_path / "c.json", official="王")
    told = tables.summary(Computation(city, definition.load(city.scheme)), "2025", texts).tables[0].notes
    control.lift(city, "IC02-01", "2020-01-01")
    control.unexempt(city, unit, "IC02-02", "2025")
    assert "停用审核关系 1 条，调整类别 0 条，豁免 1 家单位（第 1 号控制清单，王 签发" in told[-1]
    assert not any(unit in note for note in told)


def test_no_word_of_a_head_is_broken_in_either_language(qapp: object, city: Store) -> None:
    for lang in LANGUAGES:
        words = load(paths.texts(), lang)
        found = tables.summary(Computation(city, definition.load(city.scheme)), "2025", words)
        layout = page_set(found, city.scheme.legal, words).layout
        heads = [(page.sheet, block.table) for page in layout.pages for block in page.blocks if block.kind == "head"]
        assert len(heads) >= 14
        for sheet, table in heads:
            assert table
            font, widths = layout.head_font(sheet, table), sheet.widths(table)
            assert font.pixelSize() >= 65
            for cell in head_cells(table):
                width = sum(widths[cell.column : cell.column + cell.columns]) - 2 * PAD_X
                broken = " ".join(lines(cell.text, width, font)).split()
                assert [one for one in cell.text.split() if lang == "en" and one not in broken] == [], cell.text


def test_a_figure_is_multiplied_by_a_unit_that_is_a_number() -> None:
    assert measured("2,479.33", "100 million yuan") == "2,479.33 × 100 million yuan"
    assert measured("2,479.33", "亿元") == "2,479.33 亿元"
    assert measured("5", "") == "5"
