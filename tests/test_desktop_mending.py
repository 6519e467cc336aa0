"""Damage, copies and a second window, as the window shows them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, code_of
from desktop_desk import Desk, file_of, offscreen, stored
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.backups_dialog import BackupsDialog
from desktop.passphrase_dialog import UnlockDialog
from desktop.presence import Presence
from desktop.sign_in_dialog import SignInDialog
from survey import cells, keyring, persons
from survey import store as stores
from survey.backup import back_up
from survey.beside import copies_of
from survey.encryption import protect
from survey.scheme import Scheme

pytestmark = offscreen


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, {code_of(n): {"name": f"演示数据{n}", "revenue": n} for n in range(1, 60)})


def box_named(desk: Desk, name: str) -> QMessageBox:
    desk.qtbot.waitUntil(lambda: desk.window.findChild(QMessageBox, name) is not None)
    found = desk.window.findChild(QMessageBox, name)
    assert isinstance(found, QMessageBox)
    return found


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 4096 * 3)


def test_of_a_damaged_file_what_can_be_read_is_saved_from_where_it_is_told(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(path)
    desk.window.close_file()
    damage(path)
    new = path.with_name("saved.census")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(new), ""))
    told: list[str] = []

    def read() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box.objectName() == "rescued":
            told.append(box.text() + box.informativeText())
            box.accept()
        else:
            QTimer.singleShot(20, read)

    desk.window.open_file(path)
    trouble = box_named(desk, "trouble")
    QTimer.singleShot(0, read)
    trouble.findChild(QPushButton, "rescue.button").click()
    desk.qtbot.waitUntil(lambda: desk.window.path == new)
    assert str(new) in told[0]
    assert stored(new, code_of(7))["revenue"] == 7


def test_a_file_without_its_beginning_is_damaged_and_asks_for_no_passphrase(desk: Desk, path: Path) -> None:
    desk.open(path)
    desk.window.close_file()
    with path.open("r+b") as file:
        file.write(bytes(4096))
    desk.window.open_file(path)
    names = [button.objectName() for button in box_named(desk, "trouble").findChildren(QPushButton)]
    assert {"rescue.button", "rescue.open_backups"} <= set(names)


def test_whose_passphrase_is_refused_is_shown_the_copies_for_the_beginning_may_be_damaged(
    desk: Desk, path: Path
) -> None:
    protect(path, "abcdefgh 1")
    keyring.hold(path, None)
    with path.open("r+b") as file:
        file.write(bytes(4096))

    def give_up() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, UnlockDialog)
        dialog.word.setText("abcdefgh 1")
        dialog.ok.click()
        dialog.reject()

    QTimer.singleShot(0, give_up)
    desk.window.open_file(path)
    box = box_named(desk, "trouble")
    assert box.findChild(QPushButton, "rescue.open_backups")
    assert not box.findChild(QPushButton, "rescue.button")
    assert "损坏" not in box.text()
    assert box.detailedText() == desk.texts("error.wrong_passphrase_more")


def test_a_copy_is_looked_into_and_put_back(desk: Desk, path: Path) -> None:
    desk.open(path)
    with closing(stores.open(path)) as other:
        cells.write(other, 1, "2025", "revenue", 99)

    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, BackupsDialog)
        dialog.findChild(QPushButton, "backups_look").click()
        assert "59" in dialog.said.text()
        assert "1" in dialog.said.text()
        QTimer.singleShot(0, agree)
        dialog.findChild(QPushButton, "backups_restore").click()

    def agree() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        box.findChild(QPushButton, "restoreYes").click()

    QTimer.singleShot(0, choose)
    desk.window.menus.backups.emit()
    desk.settle()
    desk.qtbot.waitUntil(lambda: desk.window.path == path)
    assert stored(path, code_of(1))["revenue"] == 1
    [kept] = [one for one in copies_of(path) if one.suffix == ".bak"]
    assert stored(kept, code_of(1))["revenue"] == 99


def test_over_a_damaged_file_a_person_of_the_copy_is_asked_for(desk: Desk, path: Path) -> None:
    with closing(stores.open(path)) as store:
        persons.add(store, "保密员甲", "keeper", "tea at four")
    copy = back_up(path, date(2026, 3, 1))
    assert copy
    with path.open("r+b") as file:
        file.write(bytes(4096 * 9))
    before = path.read_bytes()
    asked: list[SignInDialog] = []

    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, BackupsDialog)
        dialog.chosen = copy
        QTimer.singleShot(0, give_up)
        dialog.accept()

    def give_up() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SignInDialog)
        asked.append(dialog)
        dialog.reject()

    desk.window.open_file(path)
    QTimer.singleShot(100, choose)
    box_named(desk, "trouble").findChild(QPushButton, "rescue.open_backups").click()
    desk.qtbot.waitUntil(lambda: bool(asked))
    assert path.read_bytes() == before


_OTHER = """
import sys
from pathlib import Path
from desktop.presence import Presence
presence = Presence(Path(sys.argv[1]))
print("open", flush=True)
input()
"""


def test_a_second_window_is_told_and_both_work_safely(desk: Desk, path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin
    assert other.stdout
    assert other.stdout.readline() == "open\n"
    desk.open(path)
    assert str(other.pid) in box_named(desk, "trouble").text()
    # What both write is kept, each change with what it replaced.
    with closing(stores.open(path)) as theirs:
        cells.write(theirs, 1, "2025", "revenue", 5)
        assert desk.window.desk
        cells.write(desk.window.desk.store, 1, "2025", "revenue", 6)
        changes = theirs.execute("SELECT old, new FROM change WHERE unit = 1 ORDER BY id DESC LIMIT 2").fetchall()
    assert changes == [(5, 6), (1, 5)]
    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    again = Presence(path)
    assert again.elsewhere is None, "a killed program's mark counts for nothing"
    again.leave()
