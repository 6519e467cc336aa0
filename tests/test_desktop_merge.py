"""The merge page: what a return would change, taking it in part, rejecting it, stopping half-way."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPlainTextEdit, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot
from senders import P, Sender, only, value, written

from desktop.merge_page import MergePage
from survey import received
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
def page(desk: Desk) -> MergePage:
    found = desk.go("merge")
    assert isinstance(found, MergePage)
    return found


def drop(widget: QWidget, *paths: Path) -> None:
    """What a person drops on a page."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    widget.dropEvent(
        QDropEvent(
            QPointF(40, 40), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def table(view: QTableView) -> list[list[str]]:
    model = view.model()
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def tick(desk: Desk, view: QTableView, row: int) -> None:
    """A click on the tick box of a row."""
    place = view.visualRect(view.model().index(row, 0))
    desk.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 14, place.center().y()))


def click(desk: Desk, page: QWidget, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.settle()


def answer(desk: Desk, text: str) -> None:
    """Types into the next dialog and accepts it."""

    def write() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        field = dialog.findChild(QPlainTextEdit, "reason")
        assert field is not None
        desk.qtbot.keyClicks(field, text)
        desk.qtbot.mouseClick(dialog.findChild(QPushButton, "accept"), Qt.MouseButton.LeftButton)

    QTimer.singleShot(300, write)


def test_what_a_return_would_change_is_shown_cell_by_cell(
    desk: Desk, page: MergePage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20, 3: 30}))
    written(city, 2, 21)
    later = sender.says({1: 11, 2: 22, 4: 40})
    drop(page, later)
    desk.settle()
    assert value(city, 1) == 10
    [row] = table(page.table)
    assert row[1:] == [later.name, "南山区", "2", "1", "1", "1", "1", "1", "0", "可以并入"]
    assert [(one[1], one[2]) for one in table(page.preview.unit_view)] == [
        ("有冲突", "演示2"), ("撤出", "演示3"), ("变更", "演示1"), ("新增", "演示4"),
    ]  # fmt: skip
    assert table(page.preview.cell_view) == [
        ["演示2", "T-02.301 营业收入", "20", "21", "22", "待处理", "T-02!D9"],
        ["演示1", "T-02.301 营业收入", "10", "10", "11", "采用", "T-02!D8"],
    ]
    warning = page.findChild(QLabel, "mergeWarning")
    assert warning is not None
    assert "有 1 家单位上一份里有、这一份里没有" in warning.text()
    assert "保留市里的" in warning.text()
    page.preview.unit_view.selectRow(2)
    assert [one[4] for one in table(page.preview.cell_view)] == ["11"]


def test_units_are_narrowed_by_what_becomes_of_them_and_by_name(
    desk: Desk, page: MergePage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    drop(page, sender.says({1: 11, 2: 20, 3: 30}))
    desk.settle()
    desk.qtbot.keyClick(page.preview.kinds, Qt.Key.Key_Down)
    assert [one[2] for one in table(page.preview.unit_view)] == ["演示1"]
    desk.qtbot.keyClick(page.preview.kinds, Qt.Key.Key_Home)
    desk.qtbot.keyClicks(page.preview.search, code_of(3).lower())
    assert [one[2] for one in table(page.preview.unit_view)] == ["演示3"]


def test_a_unit_that_is_unticked_is_not_taken(desk: Desk, page: MergePage, sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    drop(page, sender.says({1: 11, 2: 21}))
    desk.settle()
    assert page.take.text() == "并入全部 1 份"
    tick(desk, page.preview.unit_view, 1)
    assert page.take.text() == "并入 1 份，不收 1 家"
    click(desk, page, "take")
    assert (value(city, 1), value(city, 2)) == (11, 20)
    assert received.listed(city, P)[0].left_out == 1


def test_a_unit_that_would_be_withdrawn_is_kept_when_it_is_unticked(
    desk: Desk, page: MergePage, sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    drop(page, sender.says({1: 11}))
    desk.settle()
    tick(desk, page.preview.unit_view, 0)
    click(desk, page, "take")
    assert [one.uscc for one in city.unit_list(P)] == [code_of(1), code_of(2)]
    assert value(city, 1) == 11


def test_a_return_that_is_unticked_is_not_taken(
    desk: Desk, page: MergePage, sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = Sender(tmp_path / "sent", small, "440304", texts)
    drop(page, other.says({5: 50}), sender.says({1: 10}))
    desk.settle()
    other.store.close()
    tick(desk, page.table, 0)
    assert page.take.text() == "并入勾选的 1 份"
    assert [row[-1] for row in table(page.table)] == ["未勾选，不并入", "等候重新预览"]
    assert not page.take.isEnabled()
    click(desk, page, "renew")
    assert [row[-1] for row in table(page.table)] == ["未勾选，不并入", "可以并入"]
    click(desk, page, "take")
    assert [one.uscc for one in city.unit_list(P)] == [code_of(1)]


def test_what_the_others_would_change_is_worked_out_anew_without_a_return_that_is_unticked(
    desk: Desk, page: MergePage, sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = Sender(tmp_path / "sent", small, "440304", texts)
    drop(page, other.says({1: 50}), sender.says({1: 10, 2: 20}))
    desk.settle()
    other.store.close()
    assert [row[9] for row in table(page.table)] == ["0", "1"]
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Space)
    desk.qtbot.mouseClick(page.renew, Qt.MouseButton.LeftButton)
    desk.qtbot.mouseClick(desk.window.status.stop, Qt.MouseButton.LeftButton)
    desk.settle()
    assert page.renew.isEnabled()
    assert not page.take.isEnabled()
    click(desk, page, "renew")
    assert [row[9] for row in table(page.table)] == ["0", "0"]
    assert page.renew.isHidden()
    assert city.unit_list(P) == []
    tick(desk, page.table, 0)
    assert not page.take.isEnabled()


def test_the_last_return_can_be_unticked_and_units_of_it_left_out_without_another_preview(
    desk: Desk, page: MergePage, sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    other = Sender(tmp_path / "sent", small, "440304", texts)
    drop(page, other.says({5: 50, 6: 60}), sender.says({1: 10}))
    desk.settle()
    other.store.close()
    tick(desk, page.table, 1)
    assert page.take.isEnabled()
    tick(desk, page.preview.unit_view, 0)
    assert page.take.isEnabled()
    tick(desk, page.table, 1)
    assert not page.take.isEnabled()
    click(desk, page, "renew")
    page.table.selectRow(0)
    assert {row[2] for row in table(page.preview.unit_view)} == {"演示5", "演示6"}
    assert page.take.text() == "并入 2 份，不收 1 家"
    click(desk, page, "take")
    assert len(city.unit_list(P)) == 2


def test_an_older_return_and_a_draft_are_warned_about(desk: Desk, page: MergePage, sender: Sender, city: Store) -> None:
    first, second = sender.says({1: 10}), sender.says({1: 11}, main_revenue=90)
    only(city, second)
    drop(page, first)
    desk.settle()
    warning = page.findChild(QLabel, "mergeWarning")
    assert warning is not None
    assert "第 1 次比现有的旧，只登记，不改动数据" in warning.text()
    drop(page, sender.says({1: 12}))
    desk.settle()
    assert "这是草稿" in warning.text()


def test_a_return_is_rejected_with_a_reason(desk: Desk, page: MergePage, sender: Sender, city: Store) -> None:
    drop(page, sender.says({1: 10}))
    desk.settle()
    answer(desk, "cover not signed")
    click(desk, page, "reject")
    [one] = received.listed(city, P)
    assert (one.state, one.reason) == ("rejected", "cover not signed")
    assert city.unit_list(P) == []
    assert not page.take.isEnabled()


def test_a_merge_that_is_stopped_leaves_the_file_as_it_was_and_can_be_done_again(
    desk: Desk, page: MergePage, sender: Sender, city: Store
) -> None:
    drop(page, sender.says(dict.fromkeys(range(1, 40), 10)))
    desk.settle()
    desk.qtbot.mouseClick(page.take, Qt.MouseButton.LeftButton)
    desk.qtbot.mouseClick(desk.window.status.stop, Qt.MouseButton.LeftButton)
    desk.settle()
    assert city.unit_list(P) == []
    assert received.listed(city, P) == []
    assert page.take.isEnabled()
    click(desk, page, "take")
    assert len(city.unit_list(P)) == 39


def test_a_folder_without_returns_says_so(desk: Desk, page: MergePage, tmp_path: Path) -> None:
    from PySide6.QtWidgets import QMessageBox

    empty = tmp_path / "空"
    empty.mkdir()
    drop(page, empty)
    box = desk.find(QMessageBox, "trouble")
    assert isinstance(box, QMessageBox)
    assert "没有 Excel 上报表" in box.text()
    box.close()
