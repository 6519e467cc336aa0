"""Filling in forms: by keyboard, saved at every cell, nothing typed is lost, findings as one types."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, stored
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTabBar, QTreeWidget
from pytestqt.qtbot import QtBot

from desktop.form_model import BEFORE, LABEL, NOW
from desktop.units_page import UnitsPage
from survey.errors import SurveyError
from survey.scheme import Scheme

pytestmark = offscreen

A, B = code_of(1), code_of(2)


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    """Two enterprises; the first has last year's answers."""
    first = {"name": "甲公司", "district": "440305", "revenue@prev": 2000, "employees@prev": 10}
    return file_of(tmp_path, small, {A: first, B: {"name": "乙公司", "district": "440305"}})


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    """The first enterprise is open."""
    opened = Desk(qtbot, qapp, tmp_path)
    opened.open(path)
    page = opened.window.page("units")
    assert isinstance(page, UnitsPage)
    unit = page.list.model.unit(0)
    assert unit
    page.open_unit(unit.id)
    return opened


def press(desk: Desk, editor: QLineEdit, key: Qt.Key) -> None:
    desk.qtbot.keyClick(editor, key)


def message(desk: Desk) -> str:
    label = desk.find(QLabel, "message")
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def test_numbers_typed_one_below_the_other_are_in_the_file(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    for number in ("1234567", "1200000", "-3000"):
        press(desk, desk.type(number), Qt.Key.Key_Return)
    assert {"revenue": 1234567, "main_revenue": 1200000, "total_profit": -3000}.items() <= stored(path, A).items()
    assert desk.cursor() == "employees"
    assert desk.cell("revenue") == "1,234,567"


def test_a_cell_is_in_the_file_before_the_unit_is_left(desk: Desk, path: Path) -> None:
    desk.entry.go_to("employees")
    press(desk, desk.type("12"), Qt.Key.Key_Tab)
    assert stored(path, A)["employees"] == 12


def test_enter_without_typing_goes_down_and_changes_nothing(desk: Desk, path: Path) -> None:
    before = stored(path, A)
    desk.entry.go_to("revenue")
    desk.qtbot.keyClick(desk.grid(), Qt.Key.Key_Return)
    assert desk.cursor() == "main_revenue"
    assert stored(path, A) == before


def test_full_width_digits_and_separators_are_read(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    editor = desk.type("1")
    editor.setText("１，２３４")
    press(desk, editor, Qt.Key.Key_Return)
    assert stored(path, A)["revenue"] == 1234


def test_a_text_that_is_no_number_keeps_the_cursor_and_says_why(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    editor = desk.type("12w")
    press(desk, editor, Qt.Key.Key_Return)
    assert editor.isVisible()
    assert editor.text() == "12w"
    assert "营业收入" in message(desk)
    assert "12w" in message(desk)
    assert "revenue" not in stored(path, A)


def test_escape_gives_up_what_was_typed(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    editor = desk.type("12w")
    press(desk, editor, Qt.Key.Key_Return)
    press(desk, editor, Qt.Key.Key_Escape)
    assert desk.cell("revenue") == ""
    assert desk.entry.unsaved() == []
    assert "revenue" not in stored(path, A)


def test_a_bad_text_left_by_a_click_stays_in_its_cell_and_is_not_saved(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    desk.type("12w")
    desk.entry.go_to("employees")
    assert desk.cell("revenue") == "12w"
    assert desk.grid().model().mark_of(desk.grid().model().index(0, NOW)) == "refused"
    assert "revenue" not in stored(path, A)


def test_a_bad_text_survives_what_is_saved_elsewhere_until_it_is_corrected(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    desk.type("12w")
    desk.entry.go_to("employees")
    press(desk, desk.type("5"), Qt.Key.Key_Return)
    assert desk.cell("revenue") == "12w"
    desk.entry.go_to("revenue")
    press(desk, desk.type("12"), Qt.Key.Key_Return)
    assert desk.entry.unsaved() == []
    assert stored(path, A)["revenue"] == 12


def test_a_unit_with_an_unsaved_cell_is_not_left(desk: Desk) -> None:
    desk.entry.go_to("revenue")
    desk.type("12w")
    desk.entry.show_form(0)
    desk.qtbot.mouseClick(desk.find(QPushButton, "back"), Qt.MouseButton.LeftButton)
    assert desk.entry.isVisible()
    assert desk.cursor() == "revenue"
    assert "营业收入" in message(desk)


def test_what_is_being_typed_is_saved_when_the_unit_is_left(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    desk.type("77")
    desk.qtbot.mouseClick(desk.find(QPushButton, "back"), Qt.MouseButton.LeftButton)
    assert stored(path, A)["revenue"] == 77
    assert not desk.entry.isVisible()


def test_what_is_being_typed_is_saved_when_the_window_is_closed(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    desk.type("78")
    desk.window.close()
    assert stored(path, A)["revenue"] == 78


def test_delete_empties_a_cell_and_blank_is_not_zero(desk: Desk, path: Path) -> None:
    desk.entry.go_to("revenue")
    press(desk, desk.type("0"), Qt.Key.Key_Return)
    assert stored(path, A)["revenue"] == 0
    desk.entry.go_to("revenue")
    desk.qtbot.keyClick(desk.grid(), Qt.Key.Key_Delete)
    assert "revenue" not in stored(path, A)


def test_a_cell_the_disk_does_not_take_stays_and_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_facts: object) -> None:
        raise SurveyError("disk_full", path="x.census")

    monkeypatch.setattr("survey.cells.write_all", full)
    desk.entry.go_to("revenue")
    press(desk, desk.type("12"), Qt.Key.Key_Return)
    assert desk.texts("error.disk_full", path="x.census") == message(desk)
    assert desk.entry.unsaved() == [("revenue", 0)]
    assert desk.cell("revenue") == "12"
    monkeypatch.undo()
    desk.entry.go_to("revenue")
    desk.qtbot.keyClick(desk.grid(), Qt.Key.Key_Escape)


def test_last_year_stands_beside_this_year_and_is_locked(desk: Desk) -> None:
    model = desk.grid().model()
    index = model.index(model.row_of("revenue"), BEFORE)
    assert index.data() == "2,000"
    assert not model.flags(index) & Qt.ItemFlag.ItemIsEditable
    assert model.headerData(BEFORE, Qt.Orientation.Horizontal) == desk.texts("entry.head.before", period="2024")


def test_the_grid_reads_as_the_paper_form(desk: Desk) -> None:
    model = desk.grid().model()
    row = model.row_of("main_revenue")
    assert [model.index(row, column).data() for column in range(3)] == ["　其中：主营业务收入", "千元", "302"]


def test_a_click_on_a_title_puts_the_cursor_on_its_answer(desk: Desk) -> None:
    desk.entry.show_form(1)
    grid = desk.grid()
    where = grid.visualRect(grid.model().index(2, LABEL)).center()
    desk.qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert desk.cursor() == "total_profit"


def findings(desk: Desk) -> list[str]:
    tree = desk.find(QTreeWidget, "findings")
    assert isinstance(tree, QTreeWidget)
    groups = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
    return [group.child(at).text(0) for group in groups if group for at in range(group.childCount())]


def test_a_finding_appears_as_one_types_with_its_figures_and_goes_when_corrected(desk: Desk) -> None:
    desk.entry.go_to("revenue")
    press(desk, desk.type("1000"), Qt.Key.Key_Return)
    press(desk, desk.type("1300"), Qt.Key.Key_Return)
    wanted = "营业收入不小于主营业务收入：营业收入(301) 1,000 千元，主营业务收入(302) 1,300 千元，差 300 千元"
    assert wanted in findings(desk)
    model = desk.grid().model()
    assert model.mark_of(model.index(model.row_of("revenue"), NOW)) == "bad"
    desk.entry.go_to("main_revenue")
    press(desk, desk.type("900"), Qt.Key.Key_Return)
    assert wanted not in findings(desk)
    assert model.mark_of(model.index(model.row_of("main_revenue"), NOW)) == ""


def test_a_click_on_a_finding_leads_to_its_cell_on_another_form(desk: Desk) -> None:
    desk.entry.go_to("revenue")
    press(desk, desk.type("1000"), Qt.Key.Key_Return)
    press(desk, desk.type("1300"), Qt.Key.Key_Return)
    desk.entry.show_form(0)
    tree = desk.find(QTreeWidget, "findings")
    assert isinstance(tree, QTreeWidget)
    [group] = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount()) if "强制性" in _text(tree, at)]
    lines = [group.child(at) for at in range(group.childCount())]
    line = next(one for one in lines if "主营" in one.text(0))
    where = tree.visualItemRect(line).center()
    desk.qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
    tabs = desk.find(QTabBar, "forms")
    assert isinstance(tabs, QTabBar)
    assert tabs.currentIndex() == 1
    assert desk.cursor() == "revenue"


def _text(tree: QTreeWidget, at: int) -> str:
    item = tree.topLevelItem(at)
    return item.text(0) if item else ""


def test_a_doubtful_cell_is_marked_unlike_a_wrong_one(desk: Desk) -> None:
    desk.entry.go_to("revenue")
    press(desk, desk.type("9000"), Qt.Key.Key_Return)
    model = desk.grid().model()
    assert model.mark_of(model.index(model.row_of("revenue"), NOW)) == "note"


def field(desk: Desk, name: str) -> QLineEdit:
    desk.entry.go_to(name)
    editor = desk.fields().findChild(QLineEdit, name) or desk.fields().findChild(name)
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    return editor


@pytest.mark.parametrize("typed", ["设计", "design", "设"])
def test_a_code_is_chosen_by_its_label_its_code_or_a_part_that_fits_once(desk: Desk, path: Path, typed: str) -> None:
    line = field(desk, "segment")
    line.setText(typed)
    desk.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert stored(path, A)["segment"] == "design"


def test_a_date_is_stored_in_one_way_however_it_is_written(desk: Desk, path: Path) -> None:
    line = field(desk, "founded")
    desk.qtbot.keyClicks(line, "2015/3/1")
    desk.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert stored(path, A)["founded"] == "2015-03-01"
    assert line.text() == "2015-03-01"


def test_a_field_that_cannot_be_read_keeps_its_text_and_its_mark(desk: Desk, path: Path) -> None:
    line = field(desk, "founded")
    desk.qtbot.keyClicks(line, "abc")
    desk.qtbot.keyClick(line, Qt.Key.Key_Return)
    other = field(desk, "name")
    desk.qtbot.keyClicks(other, "丙公司"[0:0] + "C")
    desk.qtbot.keyClick(other, Qt.Key.Key_Return)
    assert (line.text(), line.property("state")) == ("abc", "bad")
    assert "founded" not in stored(path, A)
    assert desk.entry.unsaved() == [("founded", 0)]
    field(desk, "founded")
    desk.qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert (line.text(), line.property("state"), desk.entry.unsaved()) == ("", "", [])


def test_a_new_name_stands_at_once_above_the_form(desk: Desk) -> None:
    line = field(desk, "name")
    line.setText("新名称公司")
    desk.qtbot.keyClick(line, Qt.Key.Key_Return)
    heading = desk.find(QLabel, "unitName")
    assert isinstance(heading, QLabel)
    assert heading.text() == "新名称公司"


def test_the_next_unit_opens_on_the_same_form_and_the_last_says_so(desk: Desk) -> None:
    desk.entry.show_form(1)
    later = desk.find(QPushButton, "later")
    desk.qtbot.mouseClick(later, Qt.MouseButton.LeftButton)
    heading = desk.find(QLabel, "unitName")
    assert isinstance(heading, QLabel)
    assert heading.text() == "乙公司"
    assert desk.entry.place()[1] == 1
    desk.qtbot.mouseClick(later, Qt.MouseButton.LeftButton)
    assert message(desk) == desk.texts("entry.last")


def test_every_editor_has_a_name_for_those_who_cannot_see_it(desk: Desk) -> None:
    editors = desk.fields().findChildren(QLineEdit)
    named = [one for one in editors if one.objectName() and not one.objectName().startswith("qt_")]
    assert named
    assert [one.objectName() for one in named if not one.accessibleName()] == []
    assert desk.grid().accessibleName() == "财务与人员"


def test_no_two_keys_of_the_window_collide(desk: Desk) -> None:
    from PySide6.QtGui import QAction, QShortcut

    shortcuts = desk.window.findChildren(QShortcut)
    inside = (Qt.ShortcutContext.WidgetWithChildrenShortcut, Qt.ShortcutContext.WidgetShortcut)
    whole = [one.key().toString() for one in shortcuts if one.context() not in inside]
    whole += [one.shortcut().toString() for one in desk.window.findChildren(QAction) if not one.shortcut().isEmpty()]
    whole += [
        one.shortcut().toString() for one in desk.window.findChildren(QPushButton) if not one.shortcut().isEmpty()
    ]
    pages: dict[object, list[str]] = {}
    for one in shortcuts:
        if one.context() in inside:
            pages.setdefault(one.parent(), []).append(one.key().toString())
    # A page's own keys hold while the cursor is in it.
    for keys in pages.values():
        assert len({*whole, *keys}) == len(whole) + len(keys)
    assert QKeySequence("F8").toString() in pages[desk.entry]
