"""A passphrase set, asked for, changed, forgotten and ended, by keys in the window and by the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, texts_of
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from desktop.cli import main
from desktop.passphrase_dialog import ProtectDialog, UnlockDialog
from desktop.recovery_dialog import RecoveryDialog
from desktop.trouble import Trouble
from survey import keyring
from survey import store as stores
from survey.encryption import protect
from survey.filemark import is_encrypted
from survey.scheme import Scheme

pytestmark = offscreen

A = code_of(1)
WORD, OTHER = "correct horse 42", "another horse 43"


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, {A: {"name": "甲公司", "revenue": 1000, "main_revenue": 1300}})


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    keyring._keys.clear()
    keyring.ask_with(None)


def answering(steps: list[Callable[[QDialog], None]]) -> None:
    """What the person does to each dialog that comes up, in turn."""

    def step() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isVisible():
            steps.pop(0)(dialog)
        if steps:
            QTimer.singleShot(20, step)

    QTimer.singleShot(0, step)


def typed(dialog: QDialog, *words: str) -> None:
    assert isinstance(dialog, ProtectDialog | UnlockDialog)
    for field, word in zip(dialog.fields, words, strict=True):
        field.setFocus()
        field.clear()
        QTest.keyClicks(field, word)
    QTest.keyClick(dialog.fields[-1], Qt.Key.Key_Return)


def set_word(desk: Desk, word: str, codes: list[str]) -> None:
    def sees_code(dialog: QDialog) -> None:
        assert isinstance(dialog, RecoveryDialog)
        codes.append("-".join(dialog.code.text().split()))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible(), "the code is shown once: it stays until it is kept"
        dialog.kept.setChecked(True)
        dialog.done_button.click()

    answering([lambda dialog: typed(dialog, word, word), sees_code])
    desk.window.findChild(QAction, "menu_protect").trigger()
    desk.qtbot.waitUntil(lambda: bool(codes), timeout=20_000)
    desk.settle()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_lines_of_the_recovery_code_are_seen_whole(desk: Desk, tmp_path: Path, lang: str) -> None:
    dialog = RecoveryDialog("0XC3PWP439AFGTVSC4J8WS4CWMK4AHF0H3H467MZSG6QHVF79AY2AW3W", tmp_path, texts_of(lang))
    desk.qtbot.addWidget(dialog)
    dialog.kept.setChecked(True)
    dialog.show()
    desk.qtbot.waitUntil(dialog.isVisible)
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert len(labels) == 3
    for label in labels:
        assert label.height() >= max(label.heightForWidth(label.width()), label.minimumSizeHint().height())
    for above, below in pairwise(labels):
        assert above.geometry().bottom() < below.geometry().top()


def test_a_passphrase_is_set_and_asked_for_and_the_code_opens_too(desk: Desk, path: Path) -> None:
    desk.open(path)
    assert "未加密" in desk.window.status.note.text()
    codes: list[str] = []
    set_word(desk, WORD, codes)
    assert is_encrypted(path)
    assert desk.window.path == path
    assert "已加密" in desk.window.status.note.text()
    assert desk.window.place().page == "units"
    desk.window.close_file()
    for word in (WORD, codes[0]):
        keyring.hold(path, None)
        wrong: list[str] = []

        def mistypes(dialog: QDialog, wrong: list[str] = wrong) -> None:
            typed(dialog, "not the word")
            assert dialog.isVisible()
            wrong.append(dialog.problem.text())  # type: ignore[attr-defined]

        answering([mistypes, lambda dialog, word=word: typed(dialog, word)])
        desk.open(path)
        assert desk.window.path == path
        assert "口令或恢复码不对" in wrong[0]
        desk.window.close_file()


def test_what_opens_a_file_is_forgotten_with_it(desk: Desk, path: Path, tmp_path: Path, small: Scheme) -> None:
    (tmp_path / "b").mkdir()
    other = file_of(tmp_path / "b", small, {A: {"name": "乙公司"}})
    for one in (path, other):
        protect(one, WORD)
        keyring.forget()
    answering([lambda dialog: typed(dialog, WORD)])
    desk.open(path)
    assert list(keyring._keys) == [path.resolve()]
    answering([lambda dialog: typed(dialog, WORD)])
    desk.open(other)
    assert desk.window.path == other
    assert list(keyring._keys) == [other.resolve()]
    codes: list[str] = []
    set_word(desk, OTHER, codes)
    assert desk.window.path == other
    assert list(keyring._keys) == [other.resolve()]
    assert desk.window.close_file()
    assert keyring._keys == {}
    answering([lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape)])
    desk.open(other)
    assert desk.window.path is None


def test_who_gives_up_stays_where_he_was(desk: Desk, path: Path) -> None:
    protect(path, WORD)
    keyring.hold(path, None)
    answering([lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape)])
    desk.open(path)
    assert desk.window.path is None
    assert desk.window.findChild(Trouble) is None


def test_the_protection_is_ended(desk: Desk, path: Path) -> None:
    protect(path, WORD)
    desk.open(path)
    answering([lambda dialog: dialog.findChild(object, "passphraseEnd").click()])
    desk.window.findChild(QAction, "menu_protect").trigger()
    desk.qtbot.waitUntil(lambda: not is_encrypted(path), timeout=20_000)
    desk.settle()
    assert desk.window.path == path
    assert "未加密" in desk.window.status.note.text()


def test_two_that_differ_or_are_short_cannot_be_set(desk: Desk, path: Path) -> None:
    dialog = ProtectDialog(path, desk.texts, protected=False)
    desk.qtbot.addWidget(dialog)
    for first, second, said in (("1234567", "", "口令太短"), ("12345678", "12345679", "不一样"), ("12345678", "", "")):
        dialog.first.setText(first)
        dialog.second.setText(second)
        assert said in dialog.problem.text()
        assert not dialog.ok.isEnabled()
    dialog.second.setText("12345678")
    assert dialog.ok.isEnabled()


def test_a_full_disk_leaves_the_file_as_it_was_and_open(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(path)
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    answering([lambda dialog: typed(dialog, WORD, WORD)])
    desk.window.findChild(QAction, "menu_protect").trigger()
    desk.qtbot.waitUntil(lambda: desk.window.findChild(Trouble) is not None, timeout=20_000)
    assert "No space left" in desk.window.findChild(Trouble).text()
    assert path.read_bytes()[:4000] == before[:4000]
    assert desk.window.path == path


def run(*arguments: object, stdin: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)
    return result.exit_code, result.output


def test_the_command_line_sets_uses_changes_and_removes_it(path: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text(WORD + "\n", encoding="utf-8")
    second.write_text(OTHER + "\n", encoding="utf-8")
    code, said = run("passphrase", path, "--new-file", first)
    assert code == 0
    recovery = said.rsplit("：", 1)[1].strip()
    keyring._keys.clear()
    code, said = run("check", path)
    assert (code, "--passphrase-file" in said) == (2, True)
    assert run("--passphrase-file", first, "check", path)[0] == 1
    keyring._keys.clear()
    assert run("--passphrase-file", "-", "check", path, stdin=recovery + "\n")[0] == 1
    keyring._keys.clear()
    assert run("--passphrase-file", second, "check", path)[0] == 2
    assert run("--passphrase-file", first, "passphrase", path, "--new-file", second)[0] == 0
    keyring._keys.clear()
    assert run("--passphrase-file", second, "passphrase", path, "--remove")[0] == 0
    stores.open(path).close()
    assert not is_encrypted(path)
