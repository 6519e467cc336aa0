"""The journal: who did what is kept, cannot be changed unseen, and where it was is told."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, offscreen
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot
from senders import B, P, Sender, only

from desktop.cli import main
from desktop.journal_dialog import JournalDialog
from desktop.journal_words import cells as told
from survey import cells, csvfolder, identity, journal, merge, receiptbook
from survey import store as stores
from survey.journal import Break, Entry, Kind
from survey.store import Store
from survey.texts import Texts

pytestmark = offscreen


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    identity.act_as("演示员")
    yield
    identity.act_as("")


@pytest.fixture
def busy(district: Store) -> Store:
    """A file in which something was done."""
    unit = cells.add_unit(district, code_of(1), "演示数据", P)
    for number in range(30):
        cells.write(district, unit, P, "revenue", 1000 + number, who="甲")
        journal.record(district, "viewed", f"{number}")
    return district


def tampered(store: Store, table: str, sql: str) -> None:
    """What somebody does to the file with another tool: the triggers are no lock."""
    for name in {"journal": ("journal_kept", "journal_stays"), "change": ("change_kept", "change_stays")}[table]:
        store.execute(f"DROP TRIGGER {name}")
    store.execute(sql)


def test_what_was_done_is_there_in_order_with_who_and_what(busy: Store) -> None:
    latest = journal.entries(busy)[0]
    assert (latest.who, latest.kind, latest.subject) == ("演示员", "viewed", "29")
    assert [one.id for one in journal.entries(busy)] == list(range(30, 0, -1))
    assert journal.verify(busy) == []


@pytest.mark.parametrize("column", ["at", "who", "kind", "subject", "facts", "hash"])
def test_an_altered_entry_is_located(busy: Store, column: str) -> None:
    tampered(busy, "journal", f"UPDATE journal SET {column} = {column} || 'x' WHERE id = 17")
    assert journal.verify(busy) == [Break("journal", 17)]


@pytest.mark.parametrize("column", ["at", "who", "item", "period", "old", "new", "reason", "hash"])
def test_an_altered_change_is_located(busy: Store, column: str) -> None:
    number = 9
    tampered(busy, "change", f"UPDATE change SET {column} = '999' WHERE id = {number}")
    assert journal.verify(busy) == [Break("change", number)]


def test_entries_taken_out_or_put_in_are_located(busy: Store) -> None:
    tampered(busy, "journal", "DELETE FROM journal WHERE id IN (12, 13)")
    assert journal.verify(busy) == [Break("journal", 12)]


@pytest.mark.parametrize(("table", "last"), [("journal", 30), ("change", 29)])
def test_an_end_that_was_cut_off_is_missed(busy: Store, table: str, last: int) -> None:
    whole = busy.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
    tampered(busy, table, f"DELETE FROM {table} WHERE id > {whole - 3}")
    assert journal.verify(busy) == [Break(table, whole - 2, cut=True)]  # type: ignore[arg-type]
    assert whole >= last


def test_a_random_tampering_is_found_wherever_it_is(busy: Store) -> None:
    dice = random.Random(11)
    tampered(busy, "journal", "SELECT 1")
    for _ in range(100):
        number = dice.randrange(1, 31)
        busy.execute("SAVEPOINT before")
        busy.execute("UPDATE journal SET subject = ? WHERE id = ?", (f"x{dice.random()}", number))
        assert journal.verify(busy) == [Break("journal", number)]
        busy.execute("ROLLBACK TO before")
    assert journal.verify(busy) == []


def test_neither_entries_nor_changes_can_be_touched_by_the_program(busy: Store) -> None:
    import sqlite3

    for sql in ("UPDATE journal SET who = ''", "DELETE FROM journal", "UPDATE change SET who = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            busy.execute(sql)


def test_looking_at_one_unit_counts_once_a_day(district: Store) -> None:
    for _ in range(3):
        journal.record_once(district, "viewed", code_of(1))
    identity.act_as("另一位")
    journal.record_once(district, "viewed", code_of(1))
    assert [one.who for one in journal.entries(district)] == ["另一位", "演示员"]


def test_a_file_opened_for_reading_keeps_its_journal_and_one_that_cannot_be_written_to_works(
    district: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    district.close()
    opened = stores.open(district.path, readonly=True)
    journal.record(opened, "viewed", "x")
    assert [one.subject for one in journal.entries(opened)] == ["x"]
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    journal.record(opened, "viewed", "y")
    assert [one.subject for one in journal.entries(opened)] == ["x"]
    opened.close()


def test_a_rehearsal_leaves_no_entry(city: Store, sender: Sender) -> None:
    sent = sender.says({1: 1000})
    only(city, sent, dry_run=True)
    assert journal.entries(city) == []


def test_returning_merging_undoing_and_exporting_are_told(
    city: Store, sender: Sender, tmp_path: Path, texts: Texts
) -> None:
    sent = sender.says({1: 1000})
    only(city, sent)
    merge.reject(city, sender.says({1: 2000}), "数字不对", who="市")
    merge.undo(city, 1)
    csvfolder.write(city, tmp_path / "out", texts)
    receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市")
    assert [one.kind for one in journal.entries(sender.store)] == ["returned", "returned"]
    assert [one.kind for one in reversed(journal.entries(city))][:4] == ["merged", "merged", "undone", "exported"]
    assert journal.verify(city) == []
    assert journal.verify(sender.store) == []


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_the_command_line_lists_verifies_and_writes(busy: Store, tmp_path: Path) -> None:
    assert "演示员" in run("journal", busy.path)[1]
    assert run("journal", busy.path, "--verify")[0] == 0
    assert run("journal", busy.path, "--csv", tmp_path / "j.csv")[0] == 0
    assert len((tmp_path / "j.csv").read_text(encoding="utf-8-sig").splitlines()) == 31
    tampered(busy, "journal", "UPDATE journal SET who = '别人' WHERE id = 5")
    code, said = run("journal", busy.path, "--verify")
    assert (code, "第 5 条" in said) == (1, True)


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication, tmp_path: Path, busy: Store) -> Iterator[Callable[[], JournalDialog]]:
    busy.close()
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(busy.path)

    def opened() -> JournalDialog:
        desk.window.findChild(QAction, "menu_journal").trigger()
        return desk.window.findChildren(JournalDialog)[-1]

    opened.desk = desk  # type: ignore[attr-defined]
    return opened  # type: ignore[return-value]


def test_the_window_tells_who_opened_the_file_and_looked_at_a_unit(
    dialog: Callable[[], JournalDialog], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = dialog.desk  # type: ignore[attr-defined]
    desk.go("units").open_unit(1)
    shown = dialog()
    assert [shown.model.index(at, 2).data() for at in range(2)] == ["查看", "打开文件"]
    assert shown.model.index(0, 3).data() == code_of(1)
    shown.kind.setCurrentIndex(shown.kind.findData("opened"))
    assert shown.model.rowCount() == 1
    shown.findChild(QPushButton, "journal_verify").click()
    desk.settle()
    assert "完整" in shown.said.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "j.csv"), ""))
    shown.findChild(QPushButton, "journal_export").click()
    assert (tmp_path / "j.csv").is_file()


def test_every_fact_that_is_kept_has_a_word(texts: Texts) -> None:
    import re

    root = Path(__file__).parent.parent
    found: set[str] = set()
    for source in (one for part in ("survey", "indicators", "desktop") for one in (root / part).glob("*.py")):
        written = source.read_text(encoding="utf-8")
        for call in re.findall(r"\b(?:record|Telling|know)\((?:[^()]|\([^()]*\))*\)", written):
            if '"' in call or "know" in call:
                found |= set(re.findall(r"(\w+)=", call))
    # The passphrase has sentences of its own.
    found -= {"who", "passphrase"}
    assert len(found) > 8
    assert [name for name in sorted(found) if not texts.has(f"journal.fact.{name}")] == []


@pytest.mark.parametrize(
    ("kind", "subject", "facts", "said"),
    [
        ("keys", "d.census", {"passphrase": "*"}, "设了口令"),
        ("keys", "d.census", {"passphrase": ""}, "取消了口令"),
        ("keys", "演示张三", {"role": "officer"}, "角色 普查员"),
        ("keys", "演示张三", {"removed": True}, "移除"),
        ("merged", "b.xlsx", {"sender": "", "sequence": 0, "refused": "file.folder"}, "“b.xlsx”是文件夹"),
        ("merged", "b.xlsx", {"sequence": 2, "refused": "digest_rows"}, "“b.xlsx”有 … 行在导出后被改动过"),
        ("merged", "b.xlsx", {"sequence": 2, "refused": "数字不对，请核实"}, "第几次 2　未采用的原因 数字不对，请核实"),
        ("merged", "b.xlsx", {"rewritten": "journal 10 change 3"}, "操作日志第 10 条 修改记录第 3 条"),
    ],
)
def test_an_entry_is_told_in_words(texts: Texts, kind: Kind, subject: str, facts: dict[str, object], said: str) -> None:
    shown = told(Entry(1, "2026-03-01T08:00:00+08:00", "演示员", kind, subject, json.dumps(facts)), texts)[4]
    assert said in shown
    assert not set(shown.split()) & {"*", "0", "True", "officer", "journal", "digest_rows", "file.folder"}


def test_a_file_refused_for_any_reason_is_told_by_its_sentence(texts: Texts) -> None:
    for key in (key for key in texts.sentences if key.startswith("error.")):
        facts = json.dumps({"refused": key.removeprefix("error.")})
        assert "{" not in told(Entry(1, "2026-03-01T08:00:00+08:00", "", "merged", "b.xlsx", facts), texts)[4]
