"""The board: returns dropped on it, its cells and their units, the register, where files are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from senders import B, P, Sender, only, value, written
from test_desktop_merge import click, drop, table

from desktop.board_page import BoardPage
from desktop.expected_dialog import ExpectedDialog
from desktop.merge_page import MergePage
from desktop.places_dialog import PlacesDialog
from desktop.register_dialog import RegisterDialog
from desktop.sender_dialog import SenderDialog
from survey import merge as merging
from survey import received
from survey import store as stores
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store) -> Desk:
    found = Desk(qtbot, qapp, tmp_path)
    found.open(city.path)
    return found


@pytest.fixture
def page(desk: Desk) -> BoardPage:
    found = desk.go("board")
    assert isinstance(found, BoardPage)
    return found


def text(page: BoardPage, name: str) -> str:
    label = page.findChild(QLabel, name)
    assert label is not None
    return label.text()


def in_dialog(kind: type[QDialog], action: Callable[[QDialog], None]) -> None:
    """What a person does in the next dialog of a kind."""

    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, kind), dialog
        action(dialog)

    QTimer.singleShot(300, act)


def press(desk: Desk, dialog: QDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None, name
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_returns_dropped_on_the_board_are_previewed_and_then_stand_on_it(
    desk: Desk, page: BoardPage, sender: Sender
) -> None:
    assert [row[:2] for row in table(page.view)][:3] == [["福田区", "未报"], ["南山区", "未报"], ["大鹏新区", "未报"]]
    sender.says({1: 10, 2: 20})
    drop(page, sender.store.path.parent)
    desk.settle()
    merge = desk.window.page("merge")
    assert isinstance(merge, MergePage)
    assert desk.window.place().page == "merge"
    click(desk, merge, "take")
    desk.go("board")
    rows = table(page.view)
    assert rows[1][:2] == ["南山区", "已收"]
    assert rows[1][3:] == ["2", "2", "2"]
    assert rows[-1][:2] == ["合计", "1 / 3"]
    assert text(page, "board_received") == "1 / 3"
    assert text(page, "board_errors") == "—"
    assert "还没有审核过" in text(page, "boardChecked")


def test_errors_and_conflicts_stand_in_the_cells_and_lead_to_their_units(
    desk: Desk, page: BoardPage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20}, main_revenue=15))
    Review(city, P).run()
    desk.go("board")
    assert table(page.view)[1][-1] == "2 错误 1"
    assert text(page, "board_errors") == "1"
    page.view.setCurrentIndex(page.model.index(1, page.model.columnCount() - 1))

    def look(dialog: QDialog) -> None:
        assert isinstance(dialog, SenderDialog)
        assert dialog.forms.currentData() == "T-02"
        assert [row[0] for row in table(dialog.view)] == [code_of(1)]
        assert [row[3] for row in dialog.returns.rows()] == ["已并入（草稿）"]
        desk.qtbot.keyClick(dialog.view, Qt.Key.Key_Return)

    in_dialog(SenderDialog, look)
    desk.qtbot.keyClick(page.view, Qt.Key.Key_Return)
    desk.settle()
    assert desk.window.place().page == "units"
    assert desk.window.place().unit == city.find_unit(code_of(1))


def test_the_due_date_is_set_and_who_has_not_sent_is_overdue(desk: Desk, page: BoardPage, city: Store) -> None:
    def wrong(dialog: QDialog) -> None:
        field = dialog.findChild(QLineEdit, "dueDay")
        assert field is not None
        desk.qtbot.keyClicks(field, "31.3.")
        press(desk, dialog, "accept")
        problem = dialog.findChild(QLabel, "problem")
        assert problem is not None
        assert "不是一个日期" in problem.text()
        field.clear()
        desk.qtbot.keyClicks(field, "2020-03-31")
        press(desk, dialog, "accept")

    in_dialog(QDialog, wrong)
    click(desk, page, "due")
    assert {row[1] for row in table(page.view)[:-1]} == {"逾期未报"}
    assert city.execute("SELECT value FROM desk WHERE key = 'returns_due'").fetchone() == ("2020-03-31",)
    assert page.due.text() == "截止 2020-03-31"


def test_a_return_is_undone_from_the_register_after_what_it_means_was_said(
    desk: Desk, page: BoardPage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    only(city, sender.says({1: 11, 2: 21}))
    written(city, 1, 99)
    said: list[str] = []

    def confirm(dialog: QDialog) -> None:
        said.extend(label.text() for label in dialog.findChildren(QLabel))
        press(desk, dialog, "accept")

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, RegisterDialog)
        assert [row[3] for row in dialog.model.rows()] == ["已并入", "已并入"]
        in_dialog(QDialog, confirm)
        press(desk, dialog, "received_undo")
        desk.qtbot.waitUntil(lambda: dialog.model.rows()[0][3] == "已撤销")
        press(desk, dialog, "close")

    in_dialog(RegisterDialog, act)
    click(desk, page, "register")
    assert "撤销南山区第 2 次上报" in said[0]
    assert "并入之后又改过的 1 个单元格保留现值" in said[0]
    assert (value(city, 1), value(city, 2)) == (99, 20)
    assert table(page.view)[1][2].startswith("第 1 次")


def test_a_return_that_stands_is_rejected_from_the_register_and_no_longer_counts(
    desk: Desk, page: BoardPage, sender: Sender, city: Store
) -> None:
    path = sender.says({1: 10})
    only(city, path)

    def give(dialog: QDialog) -> None:
        field = dialog.findChild(QPlainTextEdit, "reason")
        assert field is not None
        desk.qtbot.keyClicks(field, "not signed")
        press(desk, dialog, "accept")

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, RegisterDialog)
        assert str(path.resolve()) in dialog.facts.text()
        in_dialog(QDialog, give)
        press(desk, dialog, "received_reject")
        desk.qtbot.waitUntil(lambda: len(dialog.model.rows()) == 2)
        press(desk, dialog, "close")

    in_dialog(RegisterDialog, act)
    click(desk, page, "register")
    assert [(one.state, one.reason) for one in received.listed(city, P)] == [("rejected", "not signed"), ("undone", "")]
    assert city.unit_list(P) == []
    assert table(page.view)[1][1] == "已退回"
    page.view.setCurrentIndex(page.model.index(1, 0))
    assert "not signed" in text(page, "chosenSender")


def test_a_unit_that_is_taken_out_with_its_return_is_no_longer_open(
    desk: Desk, page: BoardPage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10}))
    unit = city.find_unit(code_of(1))
    assert unit is not None
    desk.window._open_unit(unit, "revenue")
    assert desk.window.place().unit == unit
    merging.undo(city, 1)
    desk.window._changed()
    desk.go("units")
    assert desk.window.place().unit == 0


def test_every_file_is_named_with_its_place(desk: Desk, page: BoardPage, sender: Sender, city: Store) -> None:
    path = sender.says({1: 10})
    only(city, path)
    gone = sender.says({1: 11})
    only(city, gone)
    gone.unlink()
    found: list[list[str]] = []

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, PlacesDialog)
        found.extend(table(dialog.view))
        dialog.view.selectRow(2)
        press(desk, dialog, "places_copy")
        dialog.reject()

    in_dialog(PlacesDialog, act)
    click(desk, page, "places")
    assert [row[0] for row in found] == ["调查文件", "上报表 南山区", "上报表 南山区", "备份"]
    assert [row[-1] for row in found[:3]] == [str(one.resolve()) for one in (city.path, gone, path)]
    assert found[1][3] == "不在了"
    assert QApplication.clipboard().text() == str(path.resolve())


def test_a_sender_can_be_offered_more(desk: Desk, page: BoardPage, sender: Sender, city: Store) -> None:
    asked: list[str] = []
    button = page.bar.offer("More", "more", lambda line: asked.append(line.sender))
    page.view.setCurrentIndex(page.model.index(0, 0))
    assert not button.isEnabled()
    only(city, sender.says({1: 10}))
    desk.go("board")
    page.view.setCurrentIndex(page.model.index(1, 0))
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [B]


def test_a_district_shows_a_board_once_a_part_of_it_has_sent(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme, texts: Texts, district: Store
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(district.path)
    assert desk.window.sidebar.shown[-2:] == ("indicators", "merge")
    officer = Sender(tmp_path / "o", small, B, texts, "东片")
    page = desk.go("merge")
    drop(page, officer.says({1: 10}))
    desk.settle()
    click(desk, page, "take")
    assert desk.window.sidebar.shown[-3:] == ("merge", "board", "conflicts")
    board_page = desk.go("board")
    assert isinstance(board_page, BoardPage)
    assert table(board_page.view)[0][:2] == ["东片", "已收"]
    officer.store.close()


def test_a_district_that_names_its_officers_sees_who_is_missing(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme
) -> None:
    stores.create(tmp_path / "district.census", small, P, B).close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(tmp_path / "district.census")
    assert "board" not in desk.window.sidebar.shown

    def name(dialog: QDialog) -> None:
        assert isinstance(dialog, ExpectedDialog)
        said = dialog.findChild(QLabel, "expectedSaid")
        assert said is not None
        for one in ("East", "West", "East"):
            desk.qtbot.keyClicks(dialog.name, one)
            desk.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
        assert "已经在名单上" in said.text()
        dialog.name.clear()
        dialog.view.selectRow(1)
        desk.qtbot.keyClicks(dialog.name, "West side")
        press(desk, dialog, "expected_rename")
        assert said.text() == "已改名为“West side”。"
        dialog.view.selectRow(0)
        press(desk, dialog, "expected_remove")
        press(desk, dialog, "close")

    in_dialog(ExpectedDialog, name)
    click(desk, desk.go("merge"), "expectedHere")
    assert "board" in desk.window.sidebar.shown
    page = desk.go("board")
    assert isinstance(page, BoardPage)
    assert [row[:2] for row in table(page.view)] == [["West side", "未报"], ["合计", "0 / 1"]]


def test_an_officer_s_part_has_neither(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> None:
    stores.create(tmp_path / "part.census", small, P, B, part="东片").close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(tmp_path / "part.census")
    assert "merge" not in desk.window.sidebar.shown
