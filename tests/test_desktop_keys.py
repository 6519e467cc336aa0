"""Signing keys compared and enrolled, in the window and by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from desktop_desk import Desk, offscreen
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QLabel
from pytestqt.qtbot import QtBot
from senders import B, Sender, only
from tampering import resealed

from desktop.cli import main
from desktop.dropping import returns_in
from desktop.keys_dialog import KeysDialog
from desktop.merge_facts import warnings
from desktop.passphrase_dialog import NewWordDialog
from survey import identity, officelock, receiptbook, receipttaking, signing
from survey.enrolment import ABOVE, desk_key, enrol, enrolled, seen
from survey.merge import merge
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen


@pytest.fixture
def sent(sender: Sender) -> Path:
    return sender.says({number: 1000 + number for number in range(3)})


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store, sent: Path) -> KeysDialog:
    only(city, sent)
    city.close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(city.path)
    desk.window.findChild(QAction, "menu_keys").trigger()
    found = desk.window.findChild(KeysDialog)
    assert found is not None
    return found


def everything(dialog: KeysDialog) -> str:
    """All that can be read and copied in the dialog, tooltips too."""
    rows, columns = dialog.model.rowCount(), dialog.model.columnCount()
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    cells = [dialog.model.index(row, at).data(role) for row in range(rows) for at in range(columns) for role in roles]
    labels = [label.text() for label in dialog.findChildren(QLabel)]
    return "\n".join(map(str, [*cells, *labels]))


def test_a_senders_key_is_enrolled_by_typing_its_fingerprint(dialog: KeysDialog, sender: Sender) -> None:
    right = signing.fingerprint(desk_key(sender.store).public)
    assert dialog.model.index(0, 1).data() == "未登记"
    assert "登记以后才显示" in dialog.model.index(0, 2).data()
    assert right not in everything(dialog)
    assert not dialog.enrol_button.isEnabled()
    QTest.keyClicks(dialog.typed, "AAAA-BBBB")
    QTest.keyClick(dialog.typed, Qt.Key.Key_Return)
    assert "不符" in dialog.said.text()
    assert right not in everything(dialog)
    dialog.typed.clear()
    QTest.keyClicks(dialog.typed, right.lower())
    QTest.keyClick(dialog.typed, Qt.Key.Key_Return)
    assert "已登记" in dialog.said.text()
    assert dialog.model.index(0, 1).data() == "已登记"
    assert dialog.model.index(0, 2).data() == right
    assert dialog.model.index(0, 3).data().startswith("20")
    dialog.withdraw_button.click()
    assert dialog.model.index(0, 1).data() == "未登记"
    assert right not in everything(dialog)
    assert not dialog.withdraw_button.isEnabled()


def test_another_key_than_the_enrolled_one_is_shown_first(dialog: KeysDialog) -> None:
    store, other = dialog._desk.store, signing.new_key().public
    store.execute("INSERT INTO known_key VALUES (?, ?, '', '2026-03-01', '市')", (B, other))
    dialog.load()
    assert dialog.model.index(0, 1).data() == "与登记的不同"
    assert signing.fingerprint(seen(store)[B]) not in everything(dialog)


def test_an_empty_file_says_that_nothing_has_come_in(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store
) -> None:
    city.close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(city.path)
    desk.window.findChild(QAction, "menu_keys").trigger()
    dialog = desk.window.findChild(KeysDialog)
    assert "还没有收到" in dialog.model.index(0, 0).data()
    assert dialog.view.columnSpan(0, 0) == dialog.model.columnCount()
    assert not dialog.typed.isEnabled()
    assert len(dialog.own.text()) == 39


def test_a_return_of_an_unknown_key_is_warned_about(city: Store, sender: Sender, sent: Path, texts: Texts) -> None:
    report = only(city, sent, dry_run=True)
    right = signing.fingerprint(desk_key(sender.store).public)
    lines = warnings(report, city, texts)
    assert any("密钥还没有登记" in line for line in lines)
    assert right not in "\n".join(lines)


def test_of_what_could_not_be_read_nobody_says_that_it_was_not_signed(
    city: Store, sent: Path, tmp_path: Path, texts: Texts
) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(sent.read_bytes()[:3000])
    [report] = merge(city, [cut], dry_run=True)
    assert "请向报送单位重新要一份" in report.reason(texts)
    assert warnings(report, city, texts) == []


def test_whoever_enrols_a_key_is_named(city: Store, sender: Sender, sent: Path) -> None:
    only(city, sent)
    enrol(city, "440305", signing.fingerprint(desk_key(sender.store).public))
    assert enrolled(city)["440305"].who == identity.acting()


def test_another_key_than_that_of_the_last_return_is_warned_about(
    city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts
) -> None:
    only(city, sent)
    for key, said in ((signing.new_key(), "签名密钥与上一份"), (None, "没有签名，上一份")):
        other = resealed(sent, tmp_path / "other.xlsx", {"sequence": 2}, key)
        first, *others = warnings(only(city, other, dry_run=True), city, texts)
        assert first.startswith(f"{said}“{sent.name}”")
        assert not any("没有签名" in line for line in others)
    code, shown = run("merge", city.path, other, "--dry-run")
    assert (code, f"没有签名，上一份“{sent.name}”却有" in shown) == (0, True)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_the_command_line_lists_enrols_and_withdraws(city: Store, sender: Sender, sent: Path) -> None:
    only(city, sent)
    right = signing.fingerprint(desk_key(sender.store).public)
    code, said = run("keys", city.path, "list")
    assert (code, right in said) == (0, False)
    assert run("keys", city.path, "enrol", B, "0000")[0] == 2
    assert run("keys", city.path, "enrol", B, right, "--who", "市")[0] == 0
    assert right in run("keys", city.path, "list")[1]
    assert enrolled(city)[B].who == "市"
    assert run("keys", city.path, "withdraw", B)[0] == 0
    assert run("keys", city.path, "withdraw", B)[0] == 2


def test_a_district_enrols_the_desk_above_by_its_receipt(
    city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts
) -> None:
    only(city, sent)
    receipt = receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市").path
    assert run("receive", sender.store.path, receipt)[0] == 0
    right = signing.fingerprint(desk_key(city).public)
    assert run("keys", sender.store.path, "enrol", ABOVE, right)[0] == 0
    assert enrolled(sender.store)[ABOVE].public == desk_key(city).public


def test_a_sealed_return_is_offered_once_the_key_above_is_known_and_is_dropped_like_any(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store, sender: Sender, sent: Path, texts: Texts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    offered: list[str] = []

    def choose(_parent: object, _title: str, _proposal: str, kinds: str) -> tuple[str, str]:
        offered.append(kinds)
        return str(tmp_path / "next.xlsx"), kinds.rsplit(";;", maxsplit=1)[-1]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    only(city, sent)
    receipttaking.take(sender.store, receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市").path)
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(sender.store.path)
    page = desk.go("return")
    page.write.click()
    desk.settle()
    enrol(page._desk.store, ABOVE, signing.fingerprint(desk_key(city).public))
    page.write.click()
    desk.settle()
    assert ["sealed" in kinds for kinds in offered] == [False, True]
    assert (tmp_path / "next.sealed").is_file()
    assert returns_in([tmp_path / "next.sealed"]) == [tmp_path / "next.sealed"]
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.sealed").write_bytes((tmp_path / "next.sealed").read_bytes())
    assert returns_in([tmp_path / "inbox"]) == [tmp_path / "inbox" / "a.sealed"]
    only(city, tmp_path / "next.sealed")


def test_a_return_is_exported_with_a_password_and_the_city_is_asked_for_it(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, city: Store, sender: Sender, sent: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(officelock, "_passwords", [])
    target = tmp_path / "locked.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(sender.store.path)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, NewWordDialog)
        for field in dialog.fields:
            QTest.keyClicks(field, "open sesame 8")
        dialog.ok.click()

    QTimer.singleShot(50, answer)
    desk.go("return").locked.click()
    desk.settle()
    assert officelock.is_locked(target)
    desk.window.close_file()
    desk.open(city.path)
    asked: list[str] = []

    def password(_parent: object, _title: str, line: str, _mode: object) -> tuple[str, bool]:
        asked.append(line)
        return ("wrong one", True) if len(asked) == 1 else ("open sesame 8", True)

    monkeypatch.setattr(QInputDialog, "getText", password)
    page = desk.go("merge")
    page.look_at([target])
    desk.settle()
    assert len(asked) == 2
    assert [report.new for report in page.model.reports] == [3]
