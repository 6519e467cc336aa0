"""The case board: filters, sorting, decisions on many units, reminders, progress."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import WAIT, Desk, file_of, offscreen
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFrame, QPlainTextEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot
from python_calamine import CalamineWorkbook

from desktop.case_list import CallList
from desktop.progress_dialog import ProgressDialog
from desktop.units_page import UnitList, UnitsPage
from survey import cells
from survey.roster import ids
from survey.scheme import Scheme
from survey.statuses import decide

pytestmark = offscreen
NAMES = ("深圳晶澜半导体", "重庆银河芯片", "=1+1有限公司")


@pytest.fixture
def board(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> UnitList:
    segments = ("design", "manufacturing", "design")
    path = file_of(
        tmp_path, small,
        {code_of(at): {"name": name, "segment": segments[at]} for at, name in enumerate(NAMES)},
    )  # fmt: skip
    desk = Desk(qtbot, qapp, tmp_path)
    desk.window._settings.who = "区审核员"
    desk.open(path)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    page.list.table.setFocus()
    return page.list


def listed(board: UnitList) -> list[str]:
    return [board.model.unit(row).name for row in range(board.model.rowCount())]  # type: ignore[union-attr]


def give_reason(reason: str) -> None:
    """Answers the next question for a reason."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            QTimer.singleShot(20, answer)
            return
        text, accept = dialog.findChild(QPlainTextEdit, "reason"), dialog.findChild(QPushButton, "accept")
        assert text
        assert accept
        text.setPlainText(reason)
        accept.click()

    QTimer.singleShot(0, answer)


def act(board: UnitList, qtbot: QtBot, name: str) -> None:
    menu = board.findChild(QPushButton, "batch").menu()  # type: ignore[union-attr]
    next(entry for entry in menu.actions() if entry.objectName() == f"case_{name}").trigger()
    idle(board, qtbot)


def idle(board: UnitList, qtbot: QtBot) -> None:
    """Waits until what was begun away from the window's thread is done."""
    qtbot.waitUntil(lambda: not board._desk.worker.busy, timeout=WAIT)


def test_the_board_filters_by_what_the_scheme_groups_by_and_by_status(board: UnitList) -> None:
    box = board.findChild(QComboBox, "filter_segment")
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("design"))
    assert listed(board) == [NAMES[0], NAMES[2]]
    status = board.findChild(QComboBox, "statusFilter")
    assert isinstance(status, QComboBox)
    status.setCurrentIndex(status.findData("reported"))
    assert listed(board) == []
    status.setCurrentIndex(status.findData("open"))
    assert len(listed(board)) == 2


def test_initials_find_a_unit_from_the_keyboard(board: UnitList, qtbot: QtBot) -> None:
    qtbot.keyClick(board.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(board.search, "cqyh")
    assert listed(board) == [NAMES[1]]
    qtbot.keyClick(board.search, Qt.Key.Key_Return)
    assert board.table.hasFocus()


def test_a_click_on_a_head_sorts_and_a_second_one_turns_the_order(board: UnitList) -> None:
    header = board.table.horizontalHeader()
    header.sortIndicatorChanged.emit(1, Qt.SortOrder.AscendingOrder)
    first = listed(board)
    header.sortIndicatorChanged.emit(1, Qt.SortOrder.DescendingOrder)
    assert listed(board) == first[::-1]


def test_many_units_are_disposed_of_with_a_reason_and_it_is_undone(board: UnitList, qtbot: QtBot) -> None:
    qtbot.keyClick(board.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(board.selected()) == 3
    give_reason("园区停产通知")
    act(board, qtbot, "suspended")
    assert {board.model.unit(row).status for row in range(3)} == {"suspended"}  # type: ignore[union-attr]
    assert board.model.index(0, 4).data() == "园区停产通知"
    strip = board.findChild(QFrame, "doneStrip")
    assert isinstance(strip, QFrame)
    assert strip.isVisible()
    qtbot.mouseClick(board.findChild(QPushButton, "undoBatch"), Qt.MouseButton.LeftButton)
    idle(board, qtbot)
    assert {board.model.unit(row).status for row in range(3)} == {"in_progress"}  # type: ignore[union-attr]
    assert not strip.isVisible()


def test_undo_goes_to_the_period_it_was_done_in(board: UnitList, qtbot: QtBot) -> None:
    store = board._desk.store
    cells.write(store, board.model.unit(0).id, "2024", "name", NAMES[0])  # type: ignore[union-attr]
    board.refresh()
    give_reason("园区停产通知")
    act(board, qtbot, "suspended")
    board._period.setCurrentIndex(board._period.findData("2024"))
    assert board.period() == "2024"
    qtbot.mouseClick(board.findChild(QPushButton, "undoBatch"), Qt.MouseButton.LeftButton)
    idle(board, qtbot)
    assert store.counts("2025") == {"units": 3, "due": 0, "in_progress": 3}
    assert store.counts("2024")["in_progress"] == 1


def test_a_disposal_is_taken_back_from_the_menu(board: UnitList, qtbot: QtBot) -> None:
    give_reason("书面拒报，附函")
    act(board, qtbot, "refused")
    assert [board.model.unit(row).status for row in range(3)].count("refused") == 1  # type: ignore[union-attr]
    board.table.selectRow(0)
    act(board, qtbot, "undispose")
    assert board.model.unit(0).status == "in_progress"  # type: ignore[union-attr]


def test_the_reminders_list_those_that_wait_and_are_plain_text_in_excel(board: UnitList, tmp_path: Path) -> None:
    store = board._desk.store
    decide(store, [1], "2025", "deregistered", "已注销")
    dialog = CallList(board._desk, ids(store, "2025", board.model.wanted), "2025", board)
    dialog.export(tmp_path / "call.xlsx")
    rows = CalamineWorkbook.from_path(str(tmp_path / "call.xlsx")).get_sheet_by_index(0).to_python()
    assert [row[2] for row in rows[1:]] == list(NAMES)
    assert rows[3][2] == "=1+1有限公司"
    dialog.close()


def test_progress_is_shown_whole_and_by_group(board: UnitList) -> None:
    decide(board._desk.store, [1], "2025", "deregistered", "已注销")
    dialog = ProgressDialog(board._desk, "2025", board)
    table = [
        [dialog.table.item(row, at).text() for at in range(5)]  # type: ignore[union-attr]
        for row in range(dialog.table.rowCount())
    ]
    assert table == [
        ["合计", "3", "2", "0", "0.0%"], ["设计", "2", "1", "0", "0.0%"], ["制造", "1", "1", "0", "0.0%"],
    ]  # fmt: skip
    dialog.close()


def test_the_table_says_what_it_is(board: UnitList) -> None:
    assert isinstance(board.table, QTableView)
    assert board.table.accessibleName()
    assert all(box.accessibleName() for box in board.findChildren(QComboBox))
