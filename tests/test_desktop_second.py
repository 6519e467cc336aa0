"""Double entry at the keyboard: draw, key blind, settle, read the error rate."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, stored
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from python_calamine import CalamineWorkbook

from desktop.form_model import BEFORE
from desktop.second_page import SecondPage
from survey import cells, doubleentry, doublesample
from survey import scheme as schemes
from survey import store as stores

pytestmark = offscreen

A, B = code_of(1), code_of(2)
Key, Control, Alt = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def path(tmp_path: Path, data: Path) -> Path:
    first = {"name": "甲公司", "district": "440305", "segment": "eda", "revenue": 1000, "employees": 30,
             "total_profit": 50, "revenue@prev": 2000}  # fmt: skip
    made = file_of(tmp_path, schemes.load(data / "scheme2"), {A: first, B: {"name": "乙公司", "revenue": 5}})
    store = stores.open(made)
    cells.write(store, 1, "2025", "revenue", 1001, who="首录员")
    cells.write(store, 1, "2025", "revenue", 1000, who="首录员")
    cells.write(store, 2, "2025", "revenue", 6, who="首录员")
    store.close()
    return made


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.window._settings.who = "复录员"
    opened.open(path)
    return opened


def page(desk: Desk) -> SecondPage:
    found = desk.window.page("second")
    assert isinstance(found, SecondPage)
    return found


def answer(desk: Desk, texts: dict[str, str]) -> list[str]:
    """Fills in the next dialog by keyboard; gives its name and what it said against it."""
    seen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            QTimer.singleShot(20, look)
            return
        seen.append(dialog.objectName())
        for name, text in texts.items():
            field = dialog.findChild(QWidget, name)
            if isinstance(field, QPlainTextEdit):
                field.setPlainText(text)
            elif isinstance(field, QLineEdit):
                field.selectAll()
                desk.qtbot.keyClicks(field, text)
        accept, problem = dialog.findChild(QPushButton, "accept"), dialog.findChild(QLabel, "problem")
        assert accept
        assert problem
        desk.qtbot.keyClick(accept, Key.Key_Space)
        if dialog.isVisible():
            seen.append(problem.text())
            dialog.reject()

    QTimer.singleShot(0, look)
    return seen


def draw(desk: Desk, size: str = "100%", **more: str) -> list[str]:
    seen = answer(desk, {"drawSize": size, "drawSeed": "7"} | more)
    desk.find(QPushButton, "draw").setFocus()
    desk.press(Key.Key_Space)
    desk.window.activateWindow()
    desk.qtbot.waitUntil(desk.window.isActiveWindow)
    return seen


def type_into(desk: Desk, text: str) -> None:
    grid = page(desk).blind.sheet().editor
    desk.qtbot.keyClicks(grid, text[0])
    desk.qtbot.keyClicks(grid.delegate.editor, text[1:])  # type: ignore[union-attr]
    desk.qtbot.keyClick(grid.delegate.editor, Key.Key_Return)  # type: ignore[union-attr]


def key_first_unit(desk: Desk) -> None:
    """甲公司 again, with one wrong cell: profit 55 instead of 50."""
    desk.press(Key.Key_Return)
    blind = page(desk).blind
    blind.session.commit("segment", "eda")
    desk.press(Key.Key_PageDown, Control)
    for name, text in (("revenue", "1000"), ("total_profit", "55"), ("employees", "30")):
        blind.go_to(name)
        type_into(desk, text)


def finish(desk: Desk) -> None:
    seen = answer(desk, {})
    desk.press(Key.Key_F9)
    assert seen == ["finishDialog"]


def text_of(desk: Desk, name: str) -> str:
    label = page(desk).findChild(QLabel, name)
    assert label is not None
    return label.text()


def test_nothing_is_drawn_at_first(desk: Desk) -> None:
    desk.go("second")
    assert page(desk).list.findChild(QWidget, "noSample").isVisible()  # type: ignore[union-attr]
    assert not page(desk).list.export.isEnabled()


def test_a_sample_is_drawn_by_keyboard_and_not_twice_without_a_reason(desk: Desk, path: Path) -> None:
    desk.go("second")
    assert draw(desk, "50%") == ["drawDialog"]
    store = stores.open(path, readonly=True)
    sample = doublesample.drawn(store, "2025")
    store.close()
    assert sample
    # 1000 of 1006: the large unit is drawn for certain.
    assert (sample.by, sample.units, sample.who, sample.seed) == ("weighted", (1,), "复录员", 7)
    assert desk.texts("error.explanation_short", least=6, found=0) in draw(desk, "100%")
    assert draw(desk, "100%", drawReason="样本太少，增加到全部单位") == ["drawDialog"]
    assert page(desk).list.model.rowCount() == 2
    assert "第 2 次抽取" in text_of(desk, "sampleLine")


def test_keying_blind_shows_nothing_of_the_first_entry(desk: Desk, path: Path) -> None:
    desk.go("second")
    draw(desk)
    desk.press(Key.Key_Return)
    blind = page(desk).blind
    assert blind.isVisible()
    # The identity stands there and is not keyed; the cursor is on the first field that is.
    fields = blind.sheet().editor
    assert fields.findChild(QLineEdit, "name").text() == "甲公司"
    assert fields.findChild(QLineEdit, "name").isReadOnly()
    assert desk.window.focusWidget().objectName() == "street"  # type: ignore[union-attr]
    desk.press(Key.Key_PageDown, Control)
    grid, model = blind.sheet().editor, blind.sheet().model
    assert grid.isColumnHidden(BEFORE)  # type: ignore[union-attr]
    assert {str(model.index(row, at).data() or "") for row in range(model.rowCount()) for at in (3, 4, 5)} == {""}  # type: ignore[union-attr]
    before = stored(path, A)
    type_into(desk, "900")
    assert stored(path, A) == before
    store = stores.open(path, readonly=True)
    assert doubleentry.read_second(store, 1, "2025").values["revenue"] == 900
    store.close()
    desk.press(Key.Key_Z, Control)
    assert blind.session.value("revenue") is None
    desk.press(Key.Key_Left, Alt)
    assert page(desk).list.isVisible()


def test_a_wrong_cell_is_found_settled_and_counted(desk: Desk, path: Path, tmp_path: Path) -> None:
    desk.go("second")
    draw(desk)
    key_first_unit(desk)
    finish(desk)
    compare = page(desk).compare
    assert compare.isVisible()
    assert [compare.model.index(0, at).data() for at in range(6)] == [
        "T-02.327  利润总额", "50", "首录员", "55", "复录员", "未核定",
    ]  # fmt: skip
    desk.press(Key.Key_2)
    assert stored(path, A)["total_profit"] == 55
    assert text_of(desk, "compareLine") == desk.texts("second.all_settled", open=0, count=1)
    desk.press(Key.Key_Left, Alt)
    listed = page(desk).list
    assert listed.model.index(0, 5).data() == "已核定"
    assert [listed.rates.model.index(0, at).data() for at in range(5)] == ["全部", "—", "4", "1", "250.0"]
    # One of four, by Wilson: 4.56 % to 69.94 %.
    assert listed.rates.model.index(0, 5).data() == "45.6 – 699.4"
    target = tmp_path / "result.xlsx"
    listed.write(target)
    book = CalamineWorkbook.from_path(str(target))
    assert book.sheet_names == ["差异", "差错率", "单位", "样本"]
    row = book.get_sheet_by_name("差异").to_python()[1]
    assert (row[0], row[4], row[6], row[8]) == (A, 50.0, 55.0, "采用复录")


def test_a_third_value_needs_its_reason(desk: Desk, path: Path) -> None:
    desk.go("second")
    draw(desk)
    key_first_unit(desk)
    finish(desk)
    seen = answer(desk, {"otherValue": "60", "reason": "错"})
    desk.press(Key.Key_3)
    assert seen == ["otherDialog", desk.texts("error.explanation_short", least=6, found=1)]
    assert stored(path, A)["total_profit"] == 50
    answer(desk, {"otherValue": "60", "reason": "两次都看错，原表为六十"})
    desk.press(Key.Key_3)
    assert stored(path, A)["total_profit"] == 60


def test_a_unit_that_is_open_for_entry_shows_what_was_settled(desk: Desk) -> None:
    units = desk.window.page("units")
    units.open_unit(1)  # type: ignore[attr-defined]
    desk.go("second")
    draw(desk)
    key_first_unit(desk)
    finish(desk)
    desk.press(Key.Key_2)
    assert units.entry.session.value("total_profit") == 55  # type: ignore[attr-defined]


def test_two_equal_entries_need_no_settling(desk: Desk) -> None:
    desk.go("second")
    draw(desk)
    page(desk).open_unit(2, "due")
    page(desk).blind.go_to("revenue")
    type_into(desk, "6")
    finish(desk)
    assert page(desk).compare.findChild(QWidget, "agreed").isVisible()  # type: ignore[union-attr]
    assert text_of(desk, "second_settled") == "0"
    desk.press(Key.Key_Left, Alt)
    assert text_of(desk, "second_settled") == "1"


def test_whoever_keyed_first_is_warned_and_recorded(desk: Desk) -> None:
    desk.window._settings.who = "首录员"
    desk.go("second")
    draw(desk)
    desk.press(Key.Key_Return)
    assert page(desk).findChild(QLabel, "sameKeyer").isVisible()  # type: ignore[union-attr]
    page(desk).blind.go_to("revenue")
    type_into(desk, "1000")
    desk.press(Key.Key_Left, Alt)
    assert desk.texts("second.same") in str(page(desk).list.model.index(0, 4).data())


def test_nothing_is_pasted_into_the_second_entry(desk: Desk) -> None:
    desk.go("second")
    draw(desk)
    desk.press(Key.Key_Return)
    page(desk).blind.go_to("revenue")
    QApplication.clipboard().setText("5\n6")
    desk.press(Key.Key_V, Control)
    assert page(desk).blind.session.value("revenue") is None
    assert text_of(desk, "secondMessage") == desk.texts("second.no_paste")


def test_a_text_that_cannot_be_saved_keeps_the_unit_open(desk: Desk) -> None:
    desk.go("second")
    draw(desk)
    desk.press(Key.Key_Return)
    page(desk).blind.go_to("revenue")
    grid = page(desk).blind.sheet().editor
    desk.qtbot.keyClicks(grid, "x")
    desk.press(Key.Key_F9)
    assert page(desk).blind.isVisible()
    assert page(desk).unsaved() == ["营业收入"]
    desk.qtbot.keyClick(grid, Key.Key_Escape)
    assert page(desk).unsaved() == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_say_what_they_are(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path, lang: str) -> None:
    desk = Desk(qtbot, qapp, tmp_path, lang)
    desk.open(path)
    desk.go("second")
    draw(desk)
    for view in (page(desk).list.table, page(desk).list.rates.table, page(desk).compare.table):
        assert view.accessibleName()
        assert view.model().columnCount() == 6
    desk.press(Key.Key_Return)
    unnamed = [
        one.objectName()
        for one in page(desk).blind.findChildren(QPushButton)
        if not (one.accessibleName() or one.text())
    ]
    assert unnamed == []
