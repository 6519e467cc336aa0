"""Going about the forms of a unit: what follows the cursor, what is kept, the way from finding to finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QTreeWidget
from pytestqt.qtbot import QtBot

from desktop.form_grid import FormGrid
from desktop.form_model import BEFORE, CHANGE, change_text
from desktop.list_grid import ListGrid
from desktop.mapping_dialog import MappingDialog
from desktop.paste import rows_of
from desktop.second_draw import DrawDialog
from desktop.second_page import SecondPage
from desktop.units_page import UnitsPage
from survey import doublesample
from survey.columns import SheetHead
from survey.scheme import Scheme

pytestmark = offscreen

A, B, C = code_of(1), code_of(2), code_of(3)
Key, Control, Alt = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def path(tmp_path: Path, lists: Scheme) -> Path:
    first = {"name": "甲公司", "district": "440305", "revenue": 900, "main_revenue": 1000, "revenue@prev": 5000}
    units = {A: first, B: {"name": "乙公司", "district": "440305"}, C: {"name": "丙公司", "district": "440305"}}
    return file_of(tmp_path, lists, units)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.window._settings.who = "录入员"
    opened.open(path)
    units(opened).open_unit(1)
    return opened


def units(desk: Desk) -> UnitsPage:
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    return page


def field(desk: Desk, name: str) -> QLineEdit:
    found = units(desk).entry.sheet().editor.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


# What follows the cursor


def test_a_note_goes_to_the_cell_in_sight_after_another_form_or_unit(desk: Desk) -> None:
    page = units(desk).entry
    desk.press(Key.Key_PageDown, Control)
    assert page.cell() == ("revenue", 0)
    desk.press(Key.Key_PageDown, Control)
    assert page.cell() == ("product_name", 1)
    desk.press(Key.Key_PageUp, Control)
    assert page.cell() == ("revenue", 0)
    desk.press(Key.Key_PageUp, Control)
    assert page.cell() == ("uscc", 0)
    desk.press(Key.Key_PageDown, Alt)
    assert (page.session.unit, page.cell()) == (2, ("uscc", 0))


def test_looking_at_a_unit_changes_nothing_but_typing_does(desk: Desk) -> None:
    told: list[int] = []
    page = units(desk)
    page.entry.changed.connect(lambda: told.append(1))
    page.close_unit()
    page.open_unit(2)
    assert told == []
    page.entry.session.commit("revenue", 5)
    assert told == [1]


def test_repeating_takes_the_unit_before_and_none_further_back(desk: Desk) -> None:
    page = units(desk)
    assert page.entry.session.value("revenue") == 900
    page.open_unit(2)
    assert page.entry.session.repeated("revenue") == 900
    page.open_unit(3)
    assert page.entry.session.repeated("revenue") is None


def test_a_finding_opens_its_own_period_whichever_the_list_shows(desk: Desk) -> None:
    page = units(desk)
    page.close_unit()
    periods = desk.find(QComboBox, "period")
    assert isinstance(periods, QComboBox)
    periods.setCurrentIndex(periods.findData("2024"))
    desk.window._open_unit(1, "revenue")
    assert page.entry.session.period == "2025"
    page.close_unit()
    page.open_unit(1)
    assert page.entry.session.period == "2024"


# From finding to finding


def test_the_keys_walk_the_findings_both_ways_and_pass_none_over(desk: Desk) -> None:
    page = units(desk).entry
    seen: list[str] = []
    page.panel.chosen.connect(lambda name, _line: seen.append(name))
    failed = list(page.panel._failed)
    assert len(failed) >= 2
    names = [page.panel.target(one)[0] for one in failed]
    page.panel.step(-1)
    assert seen == names[-1:]
    page.session.opened.emit()
    page.panel.refresh()
    page.panel.step(1)
    tree = page.findChild(QTreeWidget, "findings")
    assert isinstance(tree, QTreeWidget)
    assert tree.currentItem().data(0, Qt.ItemDataRole.UserRole) == failed[0]
    # The first is put right: what was the second is the next, not the third.
    page.session.findings.remove(failed[0])
    page.panel.refresh()
    page.panel.step(1)
    assert tree.currentItem().data(0, Qt.ItemDataRole.UserRole) == failed[1]


# What is kept


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1\r2\r3", [["1"], ["2"], ["3"]]),
        ("1\r\n2\t3", [["1"], ["2", "3"]]),
        ('"甲"公司\t1\n乙\t2', [['"甲"公司', "1"], ["乙", "2"]]),
        ('"甲\n乙\t2', [['"甲'], ["乙", "2"]]),
        ('"甲\n乙"\t2', [["甲\n乙", "2"]]),
        ('"' + "x" * 200_000, [['"' + "x" * 200_000]]),
    ],
)
def test_a_block_is_read_whatever_its_line_ends_and_marks(text: str, rows: list[list[str]]) -> None:
    assert rows_of(text) == rows


def test_thousands_of_digits_are_refused_in_words(desk: Desk) -> None:
    page = units(desk).entry
    page.show_form(1)
    grid = page.sheet().editor
    assert isinstance(grid, FormGrid)
    QGuiApplication.clipboard().setText("9" * 5000)
    assert not grid.model().setData(grid.currentIndex(), "9" * 5000)
    assert page.unsaved() == [("revenue", 0)]


def test_a_number_in_words_in_a_field_is_shown_as_digits_and_not_lost(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, cluster: Scheme
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, cluster, {A: {"name": "甲公司"}, B: {"name": "乙公司"}}))
    units(desk).open_unit(1)
    page = units(desk).entry
    page.go_to("establishments")
    field(desk, "establishments").insert("1.2万")
    desk.press(Key.Key_PageDown, Alt)
    assert (page.session.unit, field(desk, "establishments").text()) == (1, "12000")
    desk.press(Key.Key_Return)
    assert page.session.value("establishments") == 12_000
    page.go_to("establishments_local")
    field(desk, "establishments_local").insert("1万")
    desk.press(Key.Key_Tab)
    assert field(desk, "establishments_local").hasFocus()
    desk.press(Key.Key_Tab)
    assert page.session.value("establishments_local") == 10_000
    assert page.unsaved() == []


def test_what_no_file_can_hold_is_left_out_of_a_text(desk: Desk) -> None:
    page = units(desk).entry
    page.show_form(2)
    grid = page.sheet().editor
    assert isinstance(grid, ListGrid)
    model = grid.model()
    assert model.setData(model.index(0, 1), "甲\x00乙\x07\ud800丙")
    assert page.session.value("product_name", 1) == "甲乙丙"
    assert model.setData(model.index(0, 1), "\x00")
    assert page.session.value("product_name", 1) is None


def test_a_desk_with_an_unsaved_text_is_not_left_for_another(qtbot: QtBot, qapp: QApplication, path: Path) -> None:
    desk = Desk(qtbot, qapp, path.parent)
    desk.open(path)
    desk.go("own")
    own = desk.window.page("own")
    grid = own.entry.sheet().editor  # type: ignore[attr-defined]
    grid.go_to("land")
    assert not grid.model().setData(grid.currentIndex(), "很多")
    unit = own.entry.session.unit  # type: ignore[attr-defined]
    own.open_desk(unit, "land")  # type: ignore[attr-defined]
    assert own.entry.unsaved() == [("land", 0)]  # type: ignore[attr-defined]
    own.entry.sheet().editor.model().load()  # type: ignore[attr-defined]


def test_the_head_of_a_list_is_no_taller_than_its_titles_need(desk: Desk) -> None:
    page = units(desk).entry
    page.show_form(2)
    grid = page.sheet().editor
    assert isinstance(grid, ListGrid)
    line = grid.fontMetrics().lineSpacing()
    assert 3 * line <= grid.horizontalHeader().height() < 5 * line


# Double entry


def test_keying_again_opens_after_the_time_of_the_survey(desk: Desk) -> None:
    doublesample.draw(desk.window.desk.store, "2025", count=1, by="random", seed=1)  # type: ignore[arg-type]
    page = desk.go("second")
    assert isinstance(page, SecondPage)
    page.blind.session.locked = lambda: True  # type: ignore[method-assign]
    page.open_unit(1, "due")
    assert page.blind.isVisible()


@pytest.mark.parametrize("typed", ["nan", "inf", "1e999", "nan%"])
def test_a_size_that_is_no_number_is_not_taken(desk: Desk, typed: str) -> None:
    dialog = DrawDialog(desk.window.desk, "2025", None, desk.window)  # type: ignore[arg-type]
    desk.qtbot.addWidget(dialog)
    dialog.amount.setText(typed)
    count = dialog._count
    assert isinstance(count, QLabel)
    assert count.text() == desk.texts("second.size_hint")


def test_only_this_year_is_shown_to_whoever_keys_again(desk: Desk) -> None:
    doublesample.draw(desk.window.desk.store, "2025", count=1, by="random", seed=1)  # type: ignore[arg-type]
    page = desk.go("second")
    assert isinstance(page, SecondPage)
    page.open_unit(1, "due")
    page.blind.show_form(1)
    desk.window.resize(1600, 900)
    grid = page.blind.sheet().editor
    assert isinstance(grid, FormGrid)
    desk.qtbot.waitUntil(lambda: grid.viewport().width() > 1000)
    assert grid.isColumnHidden(BEFORE)
    assert grid.isColumnHidden(CHANGE)


def test_enter_takes_the_marked_choice_and_does_not_end_the_dialog_around_it(desk: Desk, lists: Scheme) -> None:
    kept: list[dict[int, str]] = []
    heads = [SheetHead("list.csv", 1, ("甲列", "乙列"), ((A, "3"),))]
    dialog = MappingDialog(
        heads, {}, lists, lambda _key, told: kept.append(told), desk.texts, desk.window._icons, desk.window
    )
    desk.qtbot.addWidget(dialog)
    with desk.qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    editor = dialog.editor(0)
    editor.setFocus()
    editor.clear()
    desk.qtbot.keyClicks(editor, "uscc")
    assert editor.is_open
    desk.qtbot.keyClick(editor, Key.Key_Return)
    assert (editor.answer(), dialog.isVisible(), kept) == ("uscc", True, [])


def test_what_was_told_of_one_sheet_is_kept_while_another_is_told(desk: Desk, lists: Scheme) -> None:
    kept: dict[str, dict[int, str]] = {}
    heads = [SheetHead(sheet, 1, (f"甲{sheet}", f"乙{sheet}"), ((A, "3"),)) for sheet in ("一.csv", "二.csv", "三.csv")]
    dialog = MappingDialog(heads, {}, lists, kept.__setitem__, desk.texts, desk.window._icons, desk.window)
    desk.qtbot.addWidget(dialog)
    for at, item in ((0, "revenue"), (1, "employees")):
        dialog.sheet.setCurrentIndex(at)
        dialog.editor(0).show_code("uscc")
        dialog.editor(1).show_code(item)
    dialog.sheet.setCurrentIndex(2)
    # The third was only looked at.
    dialog.sheet.setCurrentIndex(0)
    assert dialog.told() == {0: "uscc", 1: "revenue"}
    dialog.save()
    assert list(kept.values()) == [{0: "uscc", 1: "revenue"}, {0: "uscc", 1: "employees"}]


@pytest.mark.parametrize(
    ("now", "before", "shown"), [(100, 100, "0.0"), (110, 100, "+10.0"), (99_999, 100_000, "0.0"), (90, 100, "-10.0")]
)
def test_no_change_has_no_sign(now: int, before: int, shown: str) -> None:
    assert change_text(now, before) == shown


# Trouble


def test_a_file_taken_away_is_said_before_anything_is_written_into_nothing(desk: Desk, path: Path) -> None:
    page = units(desk).entry
    path.rename(path.with_name("elsewhere.census"))
    page.show_form(1)
    grid = page.sheet().editor
    assert isinstance(grid, FormGrid)
    assert not grid.model().setData(grid.currentIndex(), "5")
    assert "不见了" in page.message.text()
    path.with_name("elsewhere.census").rename(path)
    assert grid.model().setData(grid.currentIndex(), "5")
    assert page.unsaved() == []


def test_trouble_calls_an_item_by_its_label_in_the_language_of_the_reader(
    qtbot: QtBot, qapp: QApplication, path: Path
) -> None:
    desk = Desk(qtbot, qapp, path.parent, "en")
    desk.open(path)
    units(desk).open_unit(1)
    page = units(desk).entry
    page.show_form(1)
    grid = page.sheet().editor
    assert isinstance(grid, FormGrid)
    assert not grid.model().setData(grid.currentIndex(), "many")
    assert page.message.text().startswith("Revenue ")
    grid.model().load()


def test_what_can_do_nothing_looks_faint(desk: Desk) -> None:
    drawn = desk.window._icons.icon("undo")
    strength = [
        max(drawn.pixmap(20, mode).toImage().pixelColor(x, y).alpha() for x in range(20) for y in range(20))
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled)
    ]
    assert strength[1] < strength[0] * 2 / 3
