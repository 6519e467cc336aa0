"""Conflicts decided by keyboard, one and many, and taken back; what the cell panel tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot
from senders import B, Sender, only, value, written
from test_desktop_merge import table

from desktop.conflict_value import ConflictValueDialog
from desktop.conflicts_page import ConflictsPage
from survey import conflicts
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen
A = "440304"


@pytest.fixture
def clashes(tmp_path: Path, small: Scheme, texts: Texts, city: Store) -> Iterator[None]:
    """Two districts with two units each; the city wrote one cell of each, and one more of the first."""
    senders = {code: Sender(tmp_path / "sent", small, code, texts) for code in (A, B)}
    units = {A: {1: 10, 2: 20}, B: {3: 30, 4: 40}}
    for code, revenues in units.items():
        only(city, senders[code].says(revenues))
    for number in (1, 2, 3, 4):
        written(city, number, number)
    written(city, 1, 7, "employees")
    for code, revenues in units.items():
        only(city, senders[code].says({number: old + 5 for number, old in revenues.items()}, employees=9))
    yield
    for one in senders.values():
        one.store.close()


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store, clashes: None) -> Desk:
    found = Desk(qtbot, qapp, tmp_path)
    found.open(city.path)
    return found


@pytest.fixture
def page(desk: Desk) -> ConflictsPage:
    found = desk.go("conflicts")
    assert isinstance(found, ConflictsPage)
    assert len(table(found.view)) == 5
    return found


def key(desk: Desk, page: ConflictsPage, *keys: Qt.Key) -> None:
    for one in keys:
        desk.qtbot.keyClick(page.view, one)
    desk.settle()


def test_both_values_are_told_with_who_wrote_and_where_the_other_stands(desk: Desk, page: ConflictsPage) -> None:
    assert table(page.view)[0][:6] == ["演示1", "T-02.301 营业收入", "福田区", "1", "15", "T-02!D8"]
    detail = page.findChild(QLabel, "conflictDetail")
    assert detail is not None
    assert "上次报来：10" in detail.text()
    assert "市里的：1（市" in detail.text()
    assert "440304-2.xlsx T-02!D8" in detail.text()


def test_one_conflict_is_decided_by_a_key_and_taken_back_by_another(
    desk: Desk, page: ConflictsPage, city: Store
) -> None:
    key(desk, page, Qt.Key.Key_1)
    assert value(city, 1) == 15
    assert len(table(page.view)) == 4
    key(desk, page, Qt.Key.Key_U)
    assert value(city, 1) == 1
    assert len(table(page.view)) == 5


def test_all_of_a_district_take_what_the_district_says(desk: Desk, page: ConflictsPage, city: Store) -> None:
    desk.qtbot.keyClicks(page.reason, "checked by phone")
    key(desk, page, *[Qt.Key.Key_Down] * 4, Qt.Key.Key_D, Qt.Key.Key_1)
    assert [value(city, number) for number in (1, 2, 3, 4)] == [1, 2, 35, 45]
    assert {one.sender for one in conflicts.listed(city)} == {A}
    assert {one.reason for one in conflicts.listed(city, settled=True)} == {"checked by phone"}


def test_all_of_an_item_are_decided_for_the_city(desk: Desk, page: ConflictsPage, city: Store) -> None:
    key(desk, page, Qt.Key.Key_Home, Qt.Key.Key_I, Qt.Key.Key_2)
    assert [value(city, number) for number in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert [one.item for one in conflicts.listed(city)] == ["employees"]


def test_another_value_is_typed(desk: Desk, page: ConflictsPage, city: Store) -> None:
    def give() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ConflictValueDialog)
        field = dialog.findChild(QLineEdit, "conflictText")
        assert field is not None
        desk.qtbot.keyClicks(field, "x")
        desk.qtbot.mouseClick(dialog.findChild(QPushButton, "accept"), Qt.MouseButton.LeftButton)
        assert dialog.problem.isVisible()
        field.clear()
        desk.qtbot.keyClicks(field, "1,234")
        desk.qtbot.keyClick(field, Qt.Key.Key_Return)

    QTimer.singleShot(300, give)
    key(desk, page, Qt.Key.Key_3)
    assert value(city, 1) == 1234


def test_decisions_are_listed_and_taken_back_later(desk: Desk, page: ConflictsPage, city: Store) -> None:
    key(desk, page, Qt.Key.Key_Home, Qt.Key.Key_D, Qt.Key.Key_1)
    desk.qtbot.keyClick(page.settled, Qt.Key.Key_Down)
    assert [(row[0], row[6], row[7]) for row in table(page.view)] == [
        ("演示2", "采用区报的", "25"), ("演示1", "采用区报的", "9"), ("演示1", "采用区报的", "15"),
    ]  # fmt: skip
    page.view.selectAll()
    key(desk, page, Qt.Key.Key_U)
    assert [value(city, number) for number in (1, 2)] == [1, 2]
    assert table(page.view) == []


def test_conflicts_are_narrowed_by_district_and_item(desk: Desk, page: ConflictsPage) -> None:
    desk.qtbot.keyClick(page.senders, Qt.Key.Key_End)
    assert {row[2] for row in table(page.view)} == {"南山区"}
    desk.qtbot.keyClick(page.senders, Qt.Key.Key_Home)
    desk.qtbot.keyClick(page.items, Qt.Key.Key_Down)
    assert len({row[1] for row in table(page.view)}) == 1


def test_the_cell_panel_tells_the_return_and_the_decision(desk: Desk, page: ConflictsPage, city: Store) -> None:
    key(desk, page, Qt.Key.Key_1)
    unit = city.find_unit(code_of(1))
    assert unit is not None
    desk.window._open_unit(unit, "revenue")
    desk.qtbot.keyClick(desk.grid(), Qt.Key.Key_F4)
    panel = next(one for one in desk.window.findChildren(QTextBrowser, "cellPage") if one.isVisible())
    told = panel.toPlainText()
    assert "福田区第 1 次上报表中在 440304-1.xlsx T-02!D8" in told
    assert "福田区报 15（440304-2.xlsx T-02!D8），这里原为 1；采用区报的：15" in told
    assert "处理冲突" in told
