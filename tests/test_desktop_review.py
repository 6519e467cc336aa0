"""The check page: what was found by finding, check, item, unit and number, and what one does about it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, stored
from ordinary_units import amounts, desk_of, write
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QTableView, QTreeWidget
from pytestqt.qtbot import QtBot

from desktop.query_dialog import QueryDialog
from desktop.review_page import ReviewPage
from desktop.review_paper import ReportPreview
from survey import cells
from survey import store as stores
from survey.scheme import Scheme

pytestmark = offscreen
A, B, C = (code_of(number) for number in (1, 2, 3))
SOUND = {"district": "440305", "segment": "eda", "backbone": 0, "revenue": 1000, "main_revenue": 900}
WRONG = 7


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    """One sound unit, one with a part above its whole, one that grew too much and is a designer without research."""
    units = {
        A: {**SOUND, "name": "甲公司"},
        B: {**SOUND, "name": "乙公司", "main_revenue": 1300},
        C: {**SOUND, "name": "丙公司", "revenue": 90_000, "revenue@prev": 2000, "segment": "design",
            "rd_expenditure": 0},
    }  # fmt: skip
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, units))
    return desk


def page_of(desk: Desk) -> ReviewPage:
    page = desk.go("check")
    assert isinstance(page, ReviewPage)
    return page


def click(desk: Desk, name: str) -> None:
    button = desk.window.page("check").findChild(QPushButton, name)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.settle()


def rows(desk: Desk, name: str) -> list[list[str]]:
    view = desk.window.page("check").findChild(QTableView, name)
    assert isinstance(view, QTableView)
    model = view.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def text(desk: Desk, name: str) -> str:
    label = desk.window.page("check").findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def choose(desk: Desk, name: str, code: str) -> None:
    box = desk.window.page("check").findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(code))


def enter(desk: Desk, tab: str, name: str, row: int) -> None:
    """Chooses a row of a table with the keyboard."""
    page = page_of(desk)
    view = page.findChild(QTableView, name)
    page.tabs.setCurrentWidget(view)
    view.selectRow(row)
    view.setFocus()
    desk.qtbot.keyClick(view, Qt.Key.Key_Return)


def test_what_was_found_is_there_again_when_the_file_is_opened_again(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    before = rows(desk, "review")
    assert [row[3] for row in before] == ["F01", "F02", "F04"]
    path = desk.window.page("check")._desk.path
    desk.open(path)
    page_of(desk)
    assert rows(desk, "review") == before
    assert "之后没有改动" in text(desk, "reviewLine")


def test_a_change_since_is_told_and_checked_alone(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    path = desk.window.page("check")._desk.path
    desk.window.page("units").open_unit(1)
    desk.qtbot.keyClick(desk.type("800"), Qt.Key.Key_Return)
    desk.open(path)
    page_of(desk)
    assert "之后有 1 家单位改动" in text(desk, "reviewLine")
    click(desk, "run")
    assert sorted(row[1] for row in rows(desk, "review") if row[3] == "F01") == [A, B]


def test_findings_are_filtered_and_searched(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    choose(desk, "filter", "C")
    assert [row[3] for row in rows(desk, "review")] == ["F02"]
    assert text(desk, "findingCount") == "1 条，1 家单位"
    choose(desk, "filter", "")
    search = desk.window.page("check").findChild(QLineEdit, "findingSearch")
    search.setText("乙公")
    assert [row[3] for row in rows(desk, "review")] == ["F01"]
    search.setText("没有这家")
    assert not desk.window.page("check").findChild(QTableView, "review").isVisible()
    search.clear()
    choose(desk, "stateFilter", "answered")
    assert rows(desk, "review") == []


def test_a_row_of_a_table_leads_to_its_findings_and_back_to_all(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    checks = [row[0] for row in rows(desk, "by_checks")]
    enter(desk, "checks", "by_checks", checks.index("F04"))
    assert [row[3] for row in rows(desk, "review")] == ["F04"]
    click(desk, "narrowed")
    assert len(rows(desk, "review")) == 3
    items = [row[0] for row in rows(desk, "by_items")]
    enter(desk, "items", "by_items", items.index("T-02.302"))
    assert [row[3] for row in rows(desk, "review")] == ["F01"]
    units = [row[1] for row in rows(desk, "by_units")]
    enter(desk, "units", "by_units", units.index(C))
    assert [row[3] for row in rows(desk, "review")] == ["F02", "F04"]


def test_the_tables_count_what_the_findings_are(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    by_check = {row[0]: row[4:6] for row in rows(desk, "by_checks")}
    assert by_check["F01"] == ["2", "1"]
    assert by_check["F02"] == ["0", "1"]
    assert [row[1:8] for row in rows(desk, "by_units")] == [
        [B, "乙公司", "1", "0", "0", "0", "0"],
        [C, "丙公司", "0", "0", "1", "1", "1"],
    ]
    assert rows(desk, "by_numbers") == [["0", "1", "33.3"], ["1", "2", "66.7"]]


def test_where_an_error_may_be_is_told_below_the_finding(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    click(desk, "whereabouts")
    told = text(desk, "reviewDetail")
    assert told.startswith("营业收入不小于主营业务收入")
    assert "每组 1 个单元格" in told
    assert "主营业务收入（T-02.302），例如改为 1,000" in told
    assert "营业收入（T-02.301），例如改为 1,300" in told
    assert stored(desk.window.page("check")._desk.path, B)["main_revenue"] == 1300


def test_the_report_is_printed_table_by_table(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    click(desk, "printReport")
    preview = desk.window.findChild(ReportPreview, "reportPreview")
    assert preview is not None
    assert preview._pages.overflow() == []
    preview.choice.setCurrentIndex(preview.choice.findData("units"))
    assert "按单位" in preview._pages.title
    assert preview._pages.count == 1
    preview.close()


@pytest.fixture
def yuan(qtbot: QtBot, qapp: QApplication, tmp_path: Path, lists: Scheme) -> Desk:
    """Sixty units of which one reports in yuan."""
    path = tmp_path / "desk.census"
    store = desk_of(path, lists)
    write(store, WRONG, 2025, amounts(WRONG - 1, 2025, 1000))
    store.close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(path)
    return desk


def test_a_wrong_unit_of_measure_is_put_right_with_one_click(yuan: Desk) -> None:
    page = page_of(yuan)
    page.check()
    yuan.settle()
    page.tabs.setCurrentWidget(page.magnitude)
    click(yuan, "look")
    (row,) = rows(yuan, "proposals")
    assert row[0] == code_of(WRONG - 1)
    assert "约大 1,000 倍" in row[2]
    assert "→" in text(yuan, "proposalDetail")
    wrong = amounts(WRONG - 1, 2025, 1000)["revenue"]
    path = page._desk.path
    assert stored(path, row[0])["revenue"] == wrong
    click(yuan, "accept")
    assert stored(path, row[0])["revenue"] == round(wrong / 1000)
    assert rows(yuan, "proposals") == []
    yuan.window.page("units").open_unit(WRONG)
    yuan.entry.session.undo.undo()
    assert stored(path, row[0])["revenue"] == wrong


def test_whom_to_ask_first_is_ordered_by_the_effect_on_the_figures(yuan: Desk) -> None:
    page = page_of(yuan)
    page.check()
    yuan.settle()
    click(yuan, "first")
    first = rows(yuan, "by_units")[0]
    assert first[1] == code_of(WRONG - 1)
    assert float(first[0]) > 1
    assert page.tabs.currentWidget().objectName() == "by_units"


def test_where_an_error_may_be_is_told_beside_the_form_too(desk: Desk) -> None:
    desk.window.page("units").open_unit(2)
    tree = desk.entry.findChild(QTreeWidget, "findings")
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    button = desk.entry.findChild(QPushButton, "whereabouts")
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    told = desk.entry.findChild(QLabel, "whereaboutsTold")
    assert "主营业务收入（T-02.302），例如改为 1,000" in told.text()
    desk.qtbot.keyClick(desk.type("2000"), Qt.Key.Key_Return)
    assert not told.isVisible()


def test_query_lists_are_asked_for_from_the_findings(desk: Desk) -> None:
    page_of(desk).check()
    desk.settle()
    asked: list[list[int]] = []
    desk.window.page("check").findings.queried.connect(asked.append)
    click(desk, "query")
    click(desk, "queryListed")
    assert asked == [[2], [2, 3]]
    shown = desk.window.findChildren(QueryDialog, "queryDialog")
    assert len(shown) == 2
    for dialog in shown:
        desk.settle()
        dialog.close()


def test_what_holds_a_return_back_is_shown_to_whoever_is_led_there(desk: Desk, tmp_path: Path) -> None:
    page_of(desk)
    assert not desk.window.page("check").findChild(QTableView, "review").isVisible()
    desk.go("return").send(tmp_path / "r.xlsx", final=True)  # type: ignore[attr-defined]
    desk.settle()
    desk.go("check")
    assert [row[3] for row in rows(desk, "review")] == ["F01", "F02", "F04"]


def test_a_line_removed_since_is_told_and_the_page_goes_on(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, lists: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    path = file_of(tmp_path, lists, {A: {**SOUND, "name": "甲公司"}})
    with closing(stores.open(path)) as store:
        cells.write_all(store, 1, "2025", [("product_revenue", 1, 5), ("product_exports", 1, 50)])
    desk.open(path)
    page_of(desk).check()
    desk.settle()
    assert "T03-01" in [row[3] for row in rows(desk, "review")]
    with closing(stores.open(path)) as store:
        cells.remove_line(store, 1, "2025", lists.form("T-03"), 1)
    choose(desk, "filter", "A")
    (row,) = [row for row in rows(desk, "review") if row[3] == "T03-01"]
    assert row[5] == desk.texts("review.gone")


def test_a_question_of_the_officer_goes_out_and_its_answer_is_told(desk: Desk) -> None:
    page = page_of(desk)
    page.check()
    desk.settle()
    asked: list[list[int]] = []
    page.findings.queried.connect(asked.append)
    page.findings.ask("是否合并了分公司？")
    desk.settle()
    for dialog in desk.window.findChildren(QueryDialog, "queryDialog"):
        assert dialog.isEnabled()
        dialog.close()
    assert asked == [[2]]
    store = page._desk.store
    store.execute("UPDATE query SET answer = '没有合并', answered_by = '赵', answered_at = '2026-01-02T10:00:00'")
    page.findings.table.selectRow(1)
    page.findings.table.selectRow(0)
    told = text(desk, "reviewDetail")
    assert "提问：是否合并了分公司？　答复（赵，2026-01-02）：没有合并" in told


def test_in_a_low_window_the_findings_take_the_room_of_the_cards(desk: Desk) -> None:
    page = page_of(desk)
    page.check()
    desk.settle()
    card = page.findChild(QLabel, "class_A")
    assert card.isVisible()
    desk.window.resize(911, 512)
    desk.qtbot.waitUntil(lambda: not card.isVisible())
    desk.qtbot.waitUntil(lambda: page.findings.table.viewport().height() > 60)
    desk.window.resize(1366, 768)
    desk.qtbot.waitUntil(card.isVisible)


def test_an_empty_file_is_checked_and_says_that_nothing_failed(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, {}))
    page = page_of(desk)
    page.check()
    desk.settle()
    assert text(desk, "class_A") == "0"
    assert page.tabs.isVisible()
    assert not page.findings.table.isVisible()
    enabled = {name: page.findChild(QPushButton, name).isEnabled() for name in ("openUnit", "query", "answers")}
    assert enabled == {"openUnit": False, "query": False, "answers": True}
    click(desk, "first")
    click(desk, "printReport")
    desk.window.findChild(ReportPreview, "reportPreview").close()
