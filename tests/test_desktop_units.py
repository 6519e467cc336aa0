"""The list of units: found, counted, opened, added."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from desktop.add_dialog import AddDialog
from desktop.units_model import UnitsModel
from desktop.units_page import UnitsPage
from survey import cells
from survey.roster import Wanted
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    """Three enterprises, one of them not begun."""
    units = {code_of(n): {"name": name, "revenue": 5} for n, name in enumerate(("甲公司", "乙公司", "丙工厂"))}
    opened = Desk(qtbot, qapp, tmp_path)
    opened.open(file_of(tmp_path, small, units))
    return opened


def table(desk: Desk) -> QTableView:
    found = desk.find(QTableView, "units")
    assert isinstance(found, QTableView)
    return found


def names(desk: Desk) -> list[str]:
    model = table(desk).model()
    return [model.index(row, 1).data() for row in range(model.rowCount())]


def test_a_unit_is_found_by_part_of_its_name_or_code(desk: Desk) -> None:
    search = desk.find(QLineEdit, "search")
    desk.qtbot.keyClicks(search, code_of(1)[-6:].lower())
    assert names(desk) == ["乙公司"]
    assert isinstance(search, QLineEdit)
    search.setText("公司")
    assert names(desk) == ["甲公司", "乙公司"]


def test_enter_in_the_search_and_again_in_the_list_opens_the_first(desk: Desk) -> None:
    search = desk.find(QLineEdit, "search")
    assert isinstance(search, QLineEdit)
    search.setText("丙")
    desk.qtbot.keyClick(search, Qt.Key.Key_Return)
    desk.qtbot.keyClick(table(desk), Qt.Key.Key_Return)
    heading = desk.find(QLabel, "unitName")
    assert isinstance(heading, QLabel)
    assert heading.isVisible()
    assert heading.text() == "丙工厂"


def test_a_double_click_opens_a_unit(desk: Desk) -> None:
    where = table(desk).visualRect(table(desk).model().index(1, 1)).center()
    desk.qtbot.mouseClick(table(desk).viewport(), Qt.MouseButton.LeftButton, pos=where)
    desk.qtbot.mouseDClick(table(desk).viewport(), Qt.MouseButton.LeftButton, pos=where)
    heading = desk.find(QLabel, "unitName")
    assert isinstance(heading, QLabel)
    assert heading.text() == "乙公司"


def test_the_list_comes_back_with_the_cursor_where_it_was(desk: Desk) -> None:
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    unit = page.list.model.unit(2)
    assert unit
    page.open_unit(unit.id)
    desk.qtbot.mouseClick(desk.find(QPushButton, "back"), Qt.MouseButton.LeftButton)
    assert table(desk).currentIndex().row() == 2


def test_units_are_counted_and_listed_by_status(desk: Desk) -> None:
    def count(name: str) -> str:
        label = desk.find(QLabel, f"count_{name}")
        assert isinstance(label, QLabel)
        return label.text()

    assert (count("units"), count("in_progress"), count("checked")) == ("3", "3", "0")
    status = desk.find(QComboBox, "statusFilter")
    assert isinstance(status, QComboBox)
    status.setCurrentIndex(status.findData("checked"))
    assert names(desk) == []
    status.setCurrentIndex(status.findData("in_progress"))
    assert len(names(desk)) == 3


def test_an_empty_file_says_what_to_do(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, {}))
    assert desk.find(QPushButton, "addFirst").isVisible()
    desk.qtbot.mouseClick(desk.find(QPushButton, "importFirst"), Qt.MouseButton.LeftButton)
    assert desk.window.place().page == "import"


def test_a_search_that_finds_nothing_says_so(desk: Desk) -> None:
    search = desk.find(QLineEdit, "search")
    assert isinstance(search, QLineEdit)
    search.setText("没有这样的")
    assert not table(desk).isVisible()


def test_a_long_list_is_read_as_one_scrolls_and_none_is_left_out(district: Store, texts: Texts) -> None:
    with district.atomic():
        district.executemany(
            "INSERT INTO unit (uscc, name, district) VALUES (?, ?, ?)",
            [(code_of(n), f"第{n}家", "440305") for n in range(1203)],
        )
    model = UnitsModel(district, texts, {})
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_units("2025", Wanted())
    assert model.rowCount() == 1203
    last = model.unit(1202)
    assert last is not None
    assert last.name == "第1202家"
    assert model.unit(1203) is None
    assert model.row_of(last.id) == 1202
    model.show_units("2025", Wanted(sort="name", descending=True))
    assert model.index(0, 1).data() == "第9家"


def adding(qtbot: QtBot, store: Store, texts: Texts, uscc: str, name: str) -> AddDialog:
    dialog = AddDialog(store, texts, "2025")
    qtbot.addWidget(dialog)
    for which, text in (("uscc", uscc), ("name", name)):
        editor = dialog.findChild(QLineEdit, f"add_{which}")
        assert isinstance(editor, QLineEdit)
        editor.setText(text)
    qtbot.mouseClick(dialog.findChild(QPushButton, "addUnit"), Qt.MouseButton.LeftButton)
    return dialog


def test_a_unit_is_added_with_its_code_and_name(qtbot: QtBot, district: Store, texts: Texts) -> None:
    dialog = adding(qtbot, district, texts, f" {code_of(7).lower()} ", "新公司")
    assert dialog.result() == AddDialog.DialogCode.Accepted
    assert district.find_unit(code_of(7)) == dialog.unit


@pytest.mark.parametrize(("uscc", "name", "said"), [("914", "新公司", "18 位"), (code_of(7), "", "不能为空")])
def test_a_unit_without_a_sound_code_or_a_name_is_not_added(
    qtbot: QtBot, district: Store, texts: Texts, uscc: str, name: str, said: str
) -> None:
    dialog = adding(qtbot, district, texts, uscc, name)
    problem = dialog.findChild(QLabel, "problem")
    assert isinstance(problem, QLabel)
    assert said in problem.text()
    assert district.counts("2025")["units"] == 0


def test_a_code_that_is_taken_is_said(qtbot: QtBot, district: Store, texts: Texts) -> None:
    cells.add_unit(district, code_of(7), "老公司", "2025")
    dialog = adding(qtbot, district, texts, code_of(7), "新公司")
    problem = dialog.findChild(QLabel, "problem")
    assert isinstance(problem, QLabel)
    assert code_of(7) in problem.text()
