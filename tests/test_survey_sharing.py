"""Two programs at one file: they wait for one another, and what waits too long is told and loses nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import ROOT, code_of
from desktop_desk import Desk, offscreen, stored
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from senders import Sender
from test_desktop_cli import run

from desktop.import_page import ImportPage
from desktop.merge_page import MergePage
from desktop.return_page import ReturnPage
from desktop.trouble import Trouble
from desktop.units_page import UnitsPage
from survey import cells, connection, keyring
from survey import store as stores
from survey.encryption import protect
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store

# Another program in the midst of writing, until it is told to end; `alone` lets nobody read meanwhile.
_OTHER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
if sys.argv[2] == "alone":
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
other.execute("BEGIN EXCLUSIVE")
other.execute("INSERT OR REPLACE INTO desk VALUES ('other', '')")
print("begun", flush=True)
sys.stdin.readline()
other.execute("COMMIT")
"""
# The same by the program itself.
_WINDOW = """
import sys
from pathlib import Path
from survey import cells, store
opened = store.open(Path(sys.argv[1]))
with opened.atomic():
    unit = opened.find_unit(sys.argv[2])
    cells.write(opened, unit, "2025", "revenue", 5)
    print("begun", flush=True)
    sys.stdin.readline()
opened.close()
"""


@contextmanager
def another(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process that is in the midst of a transaction."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        yield process
        release(process)


def release(process: subprocess.Popen[str]) -> None:
    if process.stdin and not process.stdin.closed:
        process.stdin.write("\n")
        process.stdin.close()
    assert process.wait() == 0


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    path = tmp_path / "d.census"
    with closing(stores.create(path, small, "2025", "440305")) as store:
        cells.write(store, cells.add_unit(store, code_of(1), "演示数据", "2025"), "2025", "revenue", 1)
    return path


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what will not end."""
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)


def test_two_windows_wait_for_one_another_also_where_one_has_read_first(path: Path) -> None:
    with closing(stores.open(path)) as store, another(_WINDOW, path, code_of(1)) as other:
        threading.Timer(0.7, release, [other]).start()
        with store.atomic():
            before = cells.read(store, 1, "2025").values["revenue"]
            cells.write(store, 1, "2025", "revenue", 6)
        assert before == 5, "what the other has written was there before this one read"
        changes = store.execute("SELECT old, new FROM change WHERE unit = 1 ORDER BY id").fetchall()
    assert changes[-2:] == [(1, 5), (5, 6)]


_VISITOR = """
import sys
from contextlib import closing
from pathlib import Path
from survey import cells, store
with closing(store.open(Path(sys.argv[1]))) as opened:
    print(cells.read(opened, 1, "2025").values["revenue"])
"""


def visit(path: Path) -> int:
    """The revenue that another program finds, which then closes the file."""
    command = [sys.executable, "-c", _VISITOR, path]
    return int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)


@pytest.mark.parametrize("encrypted", [False, True])
def test_who_closes_a_file_takes_nothing_from_a_window_that_has_it_open(path: Path, encrypted: bool) -> None:
    if encrypted:
        protect(path, "abcdefgh 1")
    with closing(stores.open(path)) as store:
        for revenue in (21, 22, 23):
            # Whoever reads how a file begins has opened and closed it once more.
            assert path.read_bytes()
            cells.write(store, 1, "2025", "revenue", revenue)
            if not encrypted:
                assert visit(path) == revenue
            assert path.with_name(path.name + "-wal").exists()
    with closing(stores.open(path)) as store:
        assert cells.read(store, 1, "2025").values["revenue"] == 23
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.usefixtures("hasty")
def test_who_waits_too_long_is_told_and_can_do_it_again(path: Path) -> None:
    with closing(stores.open(path)) as store:
        with another(_OTHER, path, "writing") as other:
            for work in (
                lambda: cells.write(store, 1, "2025", "revenue", 7),
                lambda: store.set_desk("x", "y"),
                lambda: store.executemany("INSERT INTO desk VALUES (?, ?)", [("x", "y")]),
            ):
                with pytest.raises(SurveyError, match="locked"):
                    work()
            assert cells.read(store, 1, "2025").values["revenue"] == 1
            release(other)
        cells.write(store, 1, "2025", "revenue", 7)
        assert cells.read(store, 1, "2025").values["revenue"] == 7


@pytest.mark.usefixtures("hasty")
def test_a_file_that_another_program_has_for_itself_is_told_at_opening(path: Path) -> None:
    with another(_OTHER, path, "alone"), pytest.raises(SurveyError, match="locked"):
        stores.open(path)
    stores.open(path).close()


@pytest.mark.usefixtures("hasty")
def test_an_encrypted_file_that_another_window_writes_to_is_told(path: Path) -> None:
    protect(path, "abcdefgh 1")
    with closing(stores.open(path)) as store, closing(stores.open(path)) as other:
        with other.atomic(), pytest.raises(SurveyError, match="locked"):
            cells.write(store, 1, "2025", "revenue", 8)
        cells.write(store, 1, "2025", "revenue", 8)
    keyring.hold(path, None)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("mode", ["alone", "writing"])
def test_on_the_command_line_a_file_in_use_is_told_and_nothing_is_lost(
    path: Path, city: Store, sender: Sender, tmp_path: Path, mode: str
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(f"uscc,name,district,revenue\n{code_of(2)},演示数据,440305,100\n", encoding="utf-8")
    sent = sender.says({3: 30})
    city.close()
    out, returned = tmp_path / "out", tmp_path / "return.xlsx"
    for file, arguments in (
        (path, ("import", path, listed)), (city.path, ("merge", city.path, sent)), (path, ("export", path, out)),
        (path, ("return", path, returned)), (path, ("check", path)),
    ):  # fmt: skip
        with another(_OTHER, file, mode):
            refused = run(*arguments)
        assert (refused.exit_code, "占用" in refused.output) == (2, True), (arguments, refused.output)
        assert not any(one in (out, returned) and one.exists() for one in arguments[1:])
        assert run(*arguments).exit_code in (0, 1), arguments
    with closing(stores.open(path)) as store:
        assert store.find_unit(code_of(2))
    with closing(stores.open(city.path)) as store:
        assert store.find_unit(code_of(3))


@offscreen
@pytest.mark.usefixtures("hasty")
def test_in_the_window_a_file_in_use_is_told_and_nothing_is_lost(
    qtbot: QtBot, qapp: QApplication, path: Path, tmp_path: Path
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    with another(_OTHER, path, "alone"):
        desk.window.open_file(path)
        understood(desk)
        assert desk.window.path is None
    desk.open(path)
    units = desk.window.page("units")
    assert isinstance(units, UnitsPage)
    units.open_unit(1)
    desk.entry.go_to("revenue")
    with another(_OTHER, path, "writing"):
        qtbot.keyClick(desk.type("12"), Qt.Key.Key_Return)
        assert desk.entry.unsaved() == [("revenue", 0)]
        assert desk.cell("revenue") == "12"
    desk.entry.go_to("revenue")
    qtbot.keyClick(desk.type("13"), Qt.Key.Key_Return)
    assert stored(path, code_of(1))["revenue"] == 13
    listed = tmp_path / "list.csv"
    listed.write_text(f"uscc,name,district,revenue\n{code_of(2)},演示数据,440305,100\n", encoding="utf-8")
    page = desk.go("import")
    assert isinstance(page, ImportPage)
    with another(_OTHER, path, "writing"):
        page.look_at([listed])
        understood(desk)
    back = desk.go("return")
    assert isinstance(back, ReturnPage)
    with another(_OTHER, path, "writing"):
        back.send(tmp_path / "return.xlsx")
        understood(desk)
        assert not (tmp_path / "return.xlsx").exists()
    assert stored(path, code_of(1))["revenue"] == 13


@offscreen
@pytest.mark.usefixtures("hasty")
def test_a_merge_in_the_window_of_a_file_in_use_is_told(
    qtbot: QtBot, qapp: QApplication, city: Store, sender: Sender, tmp_path: Path
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    sent = sender.says({3: 30})
    desk.open(city.path)
    page = desk.go("merge")
    assert isinstance(page, MergePage)
    with another(_OTHER, city.path, "writing"):
        page.look_at([sent])
        understood(desk)
    assert city.find_unit(code_of(3)) is None
    page.look_at([sent])
    desk.settle()
    assert page.model.rowCount() == 1


def understood(desk: Desk) -> None:
    """The box that says that the file is in use, once it is there."""
    desk.qtbot.waitUntil(lambda: desk.window.findChild(Trouble) is not None)
    box = desk.window.findChild(Trouble)
    assert "占用" in box.text()
    box.findChild(QPushButton, "understood").click()
    desk.qtbot.waitUntil(lambda: desk.window.findChild(Trouble) is None)
