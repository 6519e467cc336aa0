"""The target board, charts, the map, editions and the brief, as a person goes through them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import WAIT, Desk, offscreen
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QTabBar, QTableView
from pytestqt.qtbot import QtBot
from python_calamine import CalamineWorkbook

from desktop.chart_view import ChartView
from desktop.preview_dialog import PreviewDialog
from desktop.source_dialog import SourceDialog
from survey import cells, journal
from survey import scheme as schemes
from survey import store as stores
from survey.scheme import Scheme

pytestmark = offscreen

A, B = code_of(1), code_of(2)
_MORE = """
[[indicator]]
id = "L-01"
label = "产品收入"
label_en = "Products"
unit = "千元"
unit_en = "thousand yuan"
formula = "total(product_revenue)"

[[indicator]]
id = "K-01"
label = "有产品的企业数"
label_en = "Units with products"
unit = "家"
unit_en = "units"
formula = "count(total(product_revenue) > 0)"

[[indicator]]
id = "M-01"
label = "户均收入"
label_en = "Mean revenue"
unit = "千元"
unit_en = "thousand yuan"
formula = "mean(revenue)"

[[indicator]]
id = "D-01"
label = "供地"
label_en = "Land"
unit = "%"
unit_en = "%"
spread = "district"
formula = "total(land)"

[[indicator]]
id = "G1-08"
label = "收入，按区和环节"
label_en = "Revenue by district and segment"
unit = "亿元"
unit_en = "100m yuan"
spread = "district*segment"
formula = "total(revenue) / 100000"
"""
_DISTRICTS = """code,label,label_en,aliases,focus,tile,role,role_en
440304,福田区,Futian,福田,1,2-1,中部设计,Design
440305,南山区,Nanshan,南山,1,1-1,中部设计,Design
SZDP00,大鹏新区,Dapeng,大鹏,0,3-1,,
"""


@pytest.fixture(scope="module")
def mapped(data: Path) -> Scheme:
    """The small scheme with a map, lines, a district's own form, and a figure by two dimensions."""
    files = schemes.read_files(data / "scheme2")
    files["indicators.toml"] += _MORE
    files["codes/district.csv"] = _DISTRICTS
    return schemes.read(files)


@pytest.fixture
def path(tmp_path: Path, mapped: Scheme) -> Path:
    """A city's file: two enterprises, one with two products, a district's own answers, and last year."""
    file = tmp_path / "city.census"
    store = stores.create(file, mapped, "2025", None)
    for code, name, district, segment, now, last in (
        (A, "甲公司", "440305", "design", 140_000_000, 120_000_000),
        (B, "乙公司", "440304", "fab", 60_000_000, 50_000_000),
    ):
        unit = cells.add_unit(store, code, name, "2025")
        for period, revenue in (("2024", last), ("2025", now)):
            facts = {"uscc": code, "district": district, "segment": segment, "revenue": revenue}
            for item, value in facts.items():
                cells.write(store, unit, period, item, value)
    first = store.find_unit(A)
    assert first is not None
    for line, product in enumerate((300, 700), 1):
        cells.write(store, first, "2025", "product_name", f"产品{line}", line=line)
        cells.write(store, first, "2025", "product_revenue", product, line=line)
    cells.write(store, store.insert_unit("440305", "南山区", "district"), "2025", "land", 12.5)
    store.close()
    return file


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(path)
    desk.go("indicators")
    settle(desk)
    return desk


def settle(desk: Desk) -> None:
    """Until what is behind the chosen figure is listed, too."""
    page = desk.window.page("indicators")
    desk.settle()
    desk.qtbot.waitUntil(lambda: not page._desk.lookups.busy, timeout=WAIT)  # type: ignore[attr-defined]


def text(desk: Desk, name: str) -> str:
    label = desk.find(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def table(desk: Desk, name: str) -> QTableView:
    view = desk.find(QTableView, name)
    assert isinstance(view, QTableView)
    return view


def rows(desk: Desk, name: str) -> list[list[str]]:
    model = table(desk, name).model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def click(desk: Desk, name: str) -> None:
    button = desk.window.page("indicators").findChild(QPushButton, name)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(desk)


def turn(desk: Desk, at: int) -> None:
    """A click on a tab."""
    bar = desk.find(QTabBar, "figures")
    assert isinstance(bar, QTabBar)
    desk.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())
    settle(desk)


def choose(desk: Desk, name: str, data: str) -> None:
    """Goes through a box with the keys until it shows what is wanted."""
    box = desk.find(QComboBox, name)
    assert isinstance(box, QComboBox)
    wanted = box.findData(data)
    assert wanted >= 0, data
    while box.currentIndex() != wanted:
        desk.qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up)
        settle(desk)


def pick(desk: Desk, name: str, row: int, column: int = 0) -> None:
    """A click on a cell, then Enter."""
    view = table(desk, name)
    index = view.model().index(row, column)
    view.scrollTo(index)
    desk.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    settle(desk)


def test_a_goal_stands_with_its_sentence_path_gap_and_status(desk: Desk) -> None:
    [row] = rows(desk, "board")
    assert row == [
        "营业收入", "“产业营收突破2500亿元”", "> 2,500 亿元", "2,000.00 亿元", "80.0", "2,500.00 亿元",
        "−500.00 亿元", "", "滞后",
    ]  # fmt: skip
    facts = text(desk, "goalFacts")
    for words in (
        "行动计划",
        "已用 2 家 / 应有 2 家",
        "最大一家占 70.0%",
        "2021 年 1,100.00 亿元 → 2025 年 2,500.00 亿元",
    ):
        assert words in facts, words


def test_the_course_of_a_goal_is_drawn_with_the_path(desk: Desk) -> None:
    course = desk.find(ChartView, "course")
    assert isinstance(course, ChartView)
    assert course.drawn is not None
    assert course.drawn.table()[-1] == ("2025", "2,000.00", "2,500.00")
    assert course.drawn.table()[1] == ("2021", "—", "1,100.00")


def test_the_board_is_restricted_to_a_district_and_a_segment(desk: Desk) -> None:
    choose(desk, "only_district", "440304")
    [row] = rows(desk, "board")
    assert (row[3], row[5], row[8]) == ("600.00 亿元", "—", "局部数值")
    assert [unit[0] for unit in rows(desk, "behind")] == ["乙公司"]
    choose(desk, "only_segment", "design")
    assert rows(desk, "behind") == []
    choose(desk, "only_district", "")
    choose(desk, "only_segment", "")
    assert [unit[0] for unit in rows(desk, "behind")] == ["甲公司", "乙公司"]


def test_a_figure_of_two_dimensions_names_both_groups_and_lists_its_units(desk: Desk) -> None:
    turn(desk, 1)
    listed = rows(desk, "values")
    at = next(at for at, row in enumerate(listed) if row[2] == "福田区 × 制造")
    assert listed[at][3] == "600"
    pick(desk, "values", at)
    assert [row[0] for row in rows(desk, "behind")] == ["乙公司"]


def test_a_line_of_a_list_opens_at_the_line(desk: Desk) -> None:
    turn(desk, 1)
    at = next(at for at, row in enumerate(rows(desk, "values")) if row[0] == "L-01")
    pick(desk, "values", at)
    assert [row[0] for row in rows(desk, "behind")] == ["甲公司 [2]", "甲公司 [1]"]
    pick(desk, "behind", 0, 0)
    desk.qtbot.keyClick(table(desk, "behind"), Qt.Key.Key_Return)
    assert text(desk, "unitName") == "甲公司"
    assert desk.entry.cell() == ("product_revenue", 2)


def test_what_lines_come_to_is_headed_by_what_it_is_and_the_unit_opens(desk: Desk) -> None:
    turn(desk, 1)
    at = next(at for at, row in enumerate(rows(desk, "values")) if row[0] == "K-01")
    pick(desk, "values", at)
    model = table(desk, "behind").model()
    heads = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    assert heads[3].startswith("total(")
    pick(desk, "behind", 0, 3)
    desk.qtbot.keyClick(table(desk, "behind"), Qt.Key.Key_Return)
    assert text(desk, "unitName") == "甲公司"


def test_a_districts_own_figure_leads_to_the_forms_of_its_desk(desk: Desk) -> None:
    turn(desk, 1)
    at = next(at for at, row in enumerate(rows(desk, "values")) if row[0] == "D-01")
    pick(desk, "values", at)
    assert [row[1] for row in rows(desk, "behind")] == ["440305"]
    pick(desk, "behind", 0, 3)
    desk.qtbot.keyClick(table(desk, "behind"), Qt.Key.Key_Return)
    own = desk.window.page("own")
    assert own.isVisible()
    assert own.entry.cell()[0] == "land"  # type: ignore[attr-defined]


def test_a_record_that_is_not_in_the_file_is_named(desk: Desk, path: Path) -> None:
    store = stores.open(path)
    store.execute("UPDATE unit SET uscc = 'X' WHERE uscc = ?", (A,))
    store.close()
    pick(desk, "behind", 0)
    desk.qtbot.keyClick(table(desk, "behind"), Qt.Key.Key_Return)
    assert f"甲公司（{A}）的表不在本文件中" in text(desk, "behindLine")


# Charts


def chart(desk: Desk) -> ChartView:
    turn(desk, 2)
    view = desk.find(ChartView, "chart")
    assert isinstance(view, ChartView)
    view.grab()
    return view


def test_a_chart_stands_beside_its_table(desk: Desk) -> None:
    assert chart(desk).keys() == ["440305", "440304"]
    assert rows(desk, "chartTable") == [["南山区", "1,400.00"], ["福田区", "600.00"]]


def test_a_click_on_a_bar_lists_its_units(desk: Desk) -> None:
    view = chart(desk)
    desk.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.middle_of("440304").toPoint())
    settle(desk)
    assert [row[0] for row in rows(desk, "behind")] == ["乙公司"]


def test_the_keys_go_through_the_tiles_of_the_map(desk: Desk) -> None:
    view = chart(desk)
    choose(desk, "chartKind", "map")
    view.grab()
    assert rows(desk, "chartTable")[0] == ["福田区", "中部设计", "600.00"]
    view.setFocus()
    desk.qtbot.keyClick(view, Qt.Key.Key_Right)
    desk.qtbot.keyClick(view, Qt.Key.Key_Right)
    desk.qtbot.keyClick(view, Qt.Key.Key_Return)
    settle(desk)
    assert view.at == "440305"
    assert [row[0] for row in rows(desk, "behind")] == ["甲公司"]


def test_shares_are_offered_only_where_parts_make_the_whole(desk: Desk) -> None:
    chart(desk)
    box = desk.find(QComboBox, "chartKind")
    assert isinstance(box, QComboBox)
    assert [box.itemData(at) for at in range(box.count())] == ["bars", "shares", "lines", "map"]
    choose(desk, "chartIndicator", "M-01")
    assert "shares" not in [box.itemData(at) for at in range(box.count())]


def left(desk: Desk) -> list[tuple[str, str]]:
    """What the journal says has left the file, the latest first."""
    found = [one for one in journal.entries(desk.window.desk.store) if one.kind in ("copied", "exported")]
    return [(one.kind, json.loads(one.facts)["what"]) for one in found]


def test_a_chart_is_copied_as_a_table_and_as_a_picture(desk: Desk) -> None:
    chart(desk)
    click(desk, "copy_table")
    assert QGuiApplication.clipboard().text() == (
        "所在区\t营业收入 (亿元)\n南山区\t1,400.00\n福田区\t600.00\n内部资料，未作保密处理，不得公开"
    )
    click(desk, "copy_picture")
    assert QGuiApplication.clipboard().image().width() == 1600
    assert "图片已复制" in text(desk, "indicatorsLine")
    assert left(desk) == [("copied", "figures"), ("copied", "figures")]


def test_a_chart_is_saved_as_a_picture(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chart(desk)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "chart"), ""))
    click(desk, "save_picture")
    assert QImage(str(tmp_path / "chart.png")).width() == 1600
    assert left(desk) == [("exported", "figures")]


# Editions


def test_figures_are_kept_verified_and_revisions_are_told(desk: Desk) -> None:
    turn(desk, 3)
    note = desk.find(QLineEdit, "editionNote")
    desk.qtbot.keyClicks(note, "0105")
    desk.qtbot.keyClick(note, Qt.Key.Key_Return)
    settle(desk)
    [row] = rows(desk, "editions")
    assert (row[0], row[1], row[5], row[7]) == ("1", "工作版", "0105", "未验证")
    click(desk, "verifyEdition")
    assert rows(desk, "editions")[0][7] == "可以重现"
    assert "一致" in text(desk, "indicatorsLine")
    desk.window._open_unit(1, "revenue")
    desk.qtbot.keyClick(desk.type("150000000"), Qt.Key.Key_Return)
    desk.go("indicators")
    settle(desk)
    assert "自第 1 版（工作版" in text(desk, "indicatorsLine")
    assert "上一版为 2,000.00 亿元" in text(desk, "goalFacts")
    table(desk, "editions").selectRow(0)
    desk.qtbot.keyClick(table(desk, "editions"), Qt.Key.Key_Return)
    settle(desk)
    assert "资料在发布之后有改动" in text(desk, "editionSaid")
    assert "2,000.00 → 2,100.00" in text(desk, "editionSaid")


def public(desk: Desk) -> None:
    """Keeps a public edition by keys alone: Tab from the kind to the note, Enter."""
    turn(desk, 3)
    kind = desk.find(QComboBox, "editionKind")
    kind.setFocus()
    desk.qtbot.keyClick(kind, Qt.Key.Key_End)
    desk.qtbot.keyClick(kind, Qt.Key.Key_Tab)
    desk.qtbot.keyClick(desk.find(QLineEdit, "editionNote"), Qt.Key.Key_Return)
    settle(desk)


def test_it_is_shown_what_a_public_edition_withholds_and_why(desk: Desk) -> None:
    turn(desk, 3)
    assert "选中一个公开版" in text(desk, "withheldEmpty")
    public(desk)
    assert rows(desk, "editions")[0][1] == "公开版"
    listed = {row[0]: row[1:] for row in rows(desk, "withheld")}
    assert listed["G1-01 营业收入"] == ["敏感", "2,000.00 亿元", "0.00 ～ 4,000.00", "只有 2 家单位，少于规定的家数。"]
    ratio = listed["M-01 户均收入"]
    assert (ratio[0], ratio[2]) == ("敏感", "—")
    assert text(desk, "withheldCount") == f"共隐去 {len(listed)} 个数，列出 {len(listed)} 个"
    table(desk, "withheld").selectRow(0)
    assert text(desk, "withheldReason") == rows(desk, "withheld")[0][4]


def test_withheld_figures_are_found_copied_and_saved(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public(desk)
    desk.qtbot.keyClicks(desk.find(QLineEdit, "withheldSearch"), "m-01")
    wanted = ["M-01 户均收入", "M-01 户均收入（上年）"]
    assert [row[0] for row in rows(desk, "withheld")] == wanted
    desk.qtbot.keyClick(table(desk, "withheld"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    first, heads, *shown = QGuiApplication.clipboard().text().split("\n")
    assert (first, heads.split("\t")[0]) == ("内部资料，不得公开：第 1 版（公开版）隐去的数字", "数字")
    assert [line.split("\t")[0] for line in shown] == wanted
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "why"), ""))
    click(desk, "saveWithheld")
    saved = (tmp_path / "why.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in saved[2:]] == wanted
    assert left(desk) == [("exported", "withheld"), ("copied", "withheld")]
    choose(desk, "withheldKind", "complementary")
    assert rows(desk, "withheld") == []


def test_tables_are_written_with_the_figures_of_now_or_of_an_edition(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    public(desk)
    for down, wanted in ((0, 2000.0), (1, "*")):
        (tmp_path / "out.xlsx").unlink(missing_ok=True)
        desk.qtbot.mouseClick(desk.find(QPushButton, "workbook"), Qt.MouseButton.LeftButton)
        dialog = desk.window.findChild(SourceDialog)
        assert dialog is not None
        dialog.list.setCurrentRow(down)
        desk.qtbot.keyClick(dialog.findChild(QPushButton, "goOn"), Qt.Key.Key_Space)
        settle(desk)
        desk.qtbot.waitUntil((tmp_path / "out.xlsx").exists, timeout=WAIT)
        desk.qtbot.waitUntil(lambda: desk.window.findChild(SourceDialog) is None, timeout=WAIT)
        book = CalamineWorkbook.from_path(str(tmp_path / "out.xlsx"))
        found = {str(row[0]): row[1] for row in book.get_sheet_by_index(3).to_python()}
        assert found["合计"] == wanted


# The brief


def test_the_brief_is_previewed_and_saved(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    click(desk, "brief")
    desk.qtbot.waitUntil(lambda: desk.window.findChild(PreviewDialog) is not None, timeout=WAIT)
    dialog = desk.find(PreviewDialog, "previewDialog")
    assert isinstance(dialog, PreviewDialog)
    assert dialog.view.count == 1
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "brief"), ""))
    desk.qtbot.mouseClick(dialog.findChild(QPushButton, "briefPdf"), Qt.MouseButton.LeftButton)
    assert (tmp_path / "brief.pdf").read_bytes()[:4] == b"%PDF"
    dialog.close()
