"""Own tables in the window: chosen with keys and clicks, seen as they will be printed, kept, changed, taken out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.table_designer import TableDesigner
from desktop.table_draft import draft_of
from indicators import definition, localtable
from survey import cells
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store

pytestmark = offscreen


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, cluster: Scheme) -> Desk:
    path = tmp_path / "city.census"
    store = stores.create(path, cluster, "2025", None)
    unit = cells.add_unit(store, code_of(1), "演示数据一", "2025")
    for name, value in {"district": "440305", "segment": "design", "revenue": 100_000}.items():
        cells.write(store, unit, "2025", name, value)  # type: ignore[arg-type]
    store.close()
    found = Desk(qtbot, qapp, tmp_path)
    found.open(path)
    return found


@pytest.fixture
def designer(desk: Desk, qtbot: QtBot) -> TableDesigner:
    desk.window.menus.findChild(QAction, "menu_own_tables").trigger()
    found = desk.window.findChild(TableDesigner)
    assert found is not None
    qtbot.waitUntil(found.isVisible)
    return found


def stored(desk: Desk) -> Store:
    """The file that the window has open."""
    store = desk.window.desk.store
    assert store is not None
    return store


def click(qtbot: QtBot, designer: TableDesigner, name: str) -> None:
    button = designer.findChild(QPushButton, f"table_{name}")
    assert button is not None
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def said(designer: TableDesigner) -> str:
    label = designer.findChild(QLabel, "designerSaid")
    assert label is not None
    return label.text()


def made(qtbot: QtBot, designer: TableDesigner, title: str = "By district") -> None:
    """A table of the first two indicators, the second on top."""
    qtbot.keyClicks(designer.title, title)
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Space)
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Down)
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Space)
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    click(qtbot, designer, "save")


def answering(name: str) -> None:
    """What a person chooses in the question that comes next."""

    def act() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(10, act)
            return
        button = box.findChild(QPushButton, name)
        assert button is not None
        button.click()

    QTimer.singleShot(0, act)


def test_a_table_is_drawn_while_it_is_put_together(designer: TableDesigner, qtbot: QtBot) -> None:
    assert designer.view.count == 0
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: designer.view.count == 1)


def test_a_table_is_saved_in_the_order_it_was_put_in(desk: Desk, designer: TableDesigner, qtbot: QtBot) -> None:
    made(qtbot, designer)
    assert "L-1" in said(designer)
    text = localtable.text_of(stored(desk), "L-1")
    first, second = list(definition.load(stored(desk).scheme).indicators)[:2]
    assert f'columns = ["{second}", "{first}"]' in text
    assert 'title = "By district"' in text
    assert 'by = ["district"]' in text


def test_a_saved_table_is_changed_sent_on_and_taken_out(
    desk: Desk, designer: TableDesigner, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(qtbot, designer)
    qtbot.keyClicks(designer.title, "2")
    click(qtbot, designer, "save")
    assert list(localtable.all_of(stored(desk))) == ["L-1"]
    assert designer.which.currentText() == "L-1  By district2"
    sent = tmp_path / "sent.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(sent), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(sent), ""))
    click(qtbot, designer, "export")
    click(qtbot, designer, "remove")
    assert localtable.all_of(stored(desk)) == {}
    assert designer.title.text() == "By district2"
    answering("discard")
    qtbot.keyClick(designer, Qt.Key.Key_Escape)
    assert not designer.isVisible()
    assert 'title = "By district2"' in sent.read_text(encoding="utf-8")


def test_a_table_comes_in_from_a_small_file(
    desk: Desk, designer: TableDesigner, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tmp_path / "t.toml"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(small), ""))
    small.write_text('[[table]]\nid = "1"\nkind = "breakdown"\ntitle = "来"\nby = "nowhere"\n', encoding="utf-8")
    click(qtbot, designer, "import")
    assert "t.toml:2" in said(designer)
    head = 'heads = [{ label = "规模", columns = ["G1-09"] }]\nnotes = ["说明"]\n'
    small.write_text(f'[[table]]\nid = "1"\nkind = "breakdown"\ntitle = "来"\nby = "size"\n{head}', encoding="utf-8")
    click(qtbot, designer, "import")
    qtbot.keyClicks(designer.title, "B")
    click(qtbot, designer, "save")
    text = localtable.text_of(stored(desk), "L-1")
    assert 'title = "来B"' in text
    assert 'heads = [{ "label" = "规模", "columns" = ["G1-09"] }]' in text
    assert 'notes = ["说明"]' in text


def test_what_only_a_file_can_say_stays_as_it_was() -> None:
    sections = 'sections = [{ "label" = "一", "rows" = ["G1-09", "G1-01"] }]'
    within = 'within = { "G1-01" = "district" }'
    draft = draft_of(f'[[table]]\nid = "L-1"\nkind = "indicators"\ntitle = "甲"\n{sections}\n{within}\n')
    assert draft.names == ("G1-09", "G1-01")
    assert sections in draft.text
    assert within in draft.text
    fewer = replace(draft, names=("G1-09",)).text
    assert 'rows = ["G1-09"]' in fewer
    assert "within" not in fewer
    assert "sections" not in fewer
    beside = 'by = ["segment", "district", "size"]\nnested = false\ncolumns = ["G1-01"]'
    kept = draft_of(f'[[table]]\nid = "L-1"\nkind = "breakdown"\ntitle = "甲"\n{beside}\n').text
    assert 'by = ["segment", "district", "size"]' in kept
    assert "nested = false" in kept


def test_what_cannot_be_a_table_is_told_and_not_saved(desk: Desk, designer: TableDesigner, qtbot: QtBot) -> None:
    click(qtbot, designer, "save")
    assert "至少勾选一个指标" in said(designer)
    qtbot.keyClick(designer.indicators, Qt.Key.Key_Space)
    click(qtbot, designer, "save")
    assert "请写上表名" in said(designer)
    qtbot.keyClicks(designer.title, "Twice")
    designer.boxes["inner"].setFocus()
    qtbot.keyClick(designer.boxes["inner"], Qt.Key.Key_Down)
    click(qtbot, designer, "save")
    assert "“district”出现了两次" in said(designer)
    assert localtable.all_of(stored(desk)) == {}


def test_what_is_not_saved_is_not_thrown_away_by_one_esc(designer: TableDesigner, qtbot: QtBot) -> None:
    qtbot.keyClicks(designer.title, "Unsaved")
    answering("stay")
    qtbot.keyClick(designer, Qt.Key.Key_Escape)
    assert designer.isVisible()
    assert designer.title.text() == "Unsaved"
    answering("discard")
    qtbot.keyClick(designer, Qt.Key.Key_Escape)
    assert not designer.isVisible()
