"""The import page with many files: what needs a decision first, deciding it, undoing it all later."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, stored
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTableView
from pytestqt.qtbot import QtBot
from returned_questionnaires import questionnaire, stamp_of

from desktop.import_page import ImportPage
from desktop.imports_dialog import ImportsDialog
from survey.scheme import Scheme

pytestmark = offscreen

UNITS = {code_of(n): {"name": f"演示{n}", "revenue": 10 * n} for n in (1, 2, 3)}


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    """A desk with three units, all keyed by hand."""
    found = Desk(qtbot, qapp, tmp_path)
    found.open(file_of(tmp_path, small, UNITS))
    return found


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder as it came by mail: an answer, a conflict, the same again, rubbish, what Excel left behind."""
    folder = tmp_path / "来件" / "第二批"
    folder.mkdir(parents=True)
    for number, sent, answer in ((1, 10, 11), (2, 19, 21), (3, 30, 30)):
        stamp = stamp_of(number, sent={"revenue": sent}, version="0.1")
        questionnaire(folder / f"{number}.xlsx", stamp, {"revenue": answer})
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "~$1.xlsx").write_bytes(b"lock")
    return folder.parent


def column(view: QTableView, at: int) -> list[str]:
    model = view.model()
    return [str(model.index(row, at).data()) for row in range(model.rowCount())]


def looked_at(desk: Desk, inbox: Path) -> ImportPage:
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    page.look_at([inbox])
    desk.settle()
    return page


def test_the_files_of_a_folder_are_listed_with_what_needs_a_decision_on_top(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    assert column(page.outcome.list, 1) == ["全部 4 个文件", "坏.xlsx", "2.xlsx", "1.xlsx", "3.xlsx"]
    assert column(page.outcome.list, 0)[1:] == ["未读取", "待决定", "有变更", "相同"]
    assert page.outcome.tabs.tabText(0) == "待决定 1"
    assert page.outcome.tabs.currentIndex() == 0


def test_a_file_that_is_chosen_narrows_what_is_shown(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    assert (page.outcome.conflicts.rowCount(), page.outcome.changes.rowCount()) == (1, 1)
    page.outcome.list.selectRow(3)
    assert (page.outcome.conflicts.rowCount(), page.outcome.changes.rowCount()) == (0, 1)
    assert page.outcome.changes.index(0, 5).data() == "11"


def test_a_conflict_keeps_its_value_until_it_is_ticked(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    tick = page.outcome.conflicts.index(0, 0)
    assert page.outcome.conflicts.setData(tick, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    page.take.click()
    desk.settle()
    assert [stored(desk_path(desk), code_of(n))["revenue"] for n in (1, 2, 3)] == [11, 21, 30]


def test_without_a_tick_the_keyed_value_stays(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    page.outcome.conflicts.take_all(take=True)
    page.outcome.conflicts.take_all(take=False)
    page.take.click()
    desk.settle()
    assert [stored(desk_path(desk), code_of(n))["revenue"] for n in (1, 2, 3)] == [11, 20, 30]


def test_a_file_can_be_left_out(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    page.outcome.list.selectRow(3)
    desk.qtbot.mouseClick(page.leave_out, Qt.MouseButton.LeftButton)
    desk.settle()
    assert column(page.outcome.list, 0)[-1] == "不导入"
    assert not page.take.isEnabled()


def test_an_import_is_undone_from_the_list_of_imports(desk: Desk, inbox: Path) -> None:
    page = looked_at(desk, inbox)
    page.take.click()
    desk.settle()
    dialog = ImportsDialog(page._desk, page)
    desk.qtbot.addWidget(dialog)
    dialog.show()

    def accept() -> None:
        asked = QApplication.activeModalWidget()
        assert isinstance(asked, QDialog)
        button = asked.findChild(QPushButton, "accept")
        assert isinstance(button, QPushButton)
        button.click()

    QTimer.singleShot(400, accept)
    dialog.undo_button.click()
    desk.settle()
    desk.qtbot.waitUntil(lambda: "撤销" in dialog.model.rows()[0][5])
    assert not dialog.undo_button.isEnabled()
    assert stored(desk_path(desk), code_of(1))["revenue"] == 10


def desk_path(desk: Desk) -> Path:
    found = desk.window.page("import")
    assert isinstance(found, ImportPage)
    return found._desk.path
