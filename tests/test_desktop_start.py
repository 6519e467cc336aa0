"""The first window: painted before anything heavy is read, friendly where nothing is yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop import paths
from desktop.new_dialog import NewDialog
from desktop.settings import Settings
from desktop.start_page import StartPage
from survey import store as stores
from survey.scheme import Scheme
from survey.texts import Texts

pytestmark = offscreen

_FIRST_PAINT = """
import json, sys
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from desktop.application import Application
from desktop.settings import Settings
application = QApplication([])
desk = Application(application, Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat)), "zh")
desk.show(None)
painted = not desk.window.grab().isNull()
QTimer.singleShot(0, application.quit)
application.exec()
print(json.dumps({"painted": painted, "modules": sorted(sys.modules)}))
"""


def test_the_first_window_is_painted_without_pandas_numpy_and_sqlite_utils(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_PAINT, str(tmp_path / "settings.ini")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    seen = json.loads(done.stdout)
    heavy = {
        "pandas",
        "numpy",
        "highspy",
        "sqlite_utils",
        "lark",
        "xlsxwriter",
        "python_calamine",
        "PySide6.QtPrintSupport",
    }
    assert seen["painted"]
    assert heavy & set(seen["modules"]) == set()


def test_the_window_says_when_it_is_first_painted_and_closes(tmp_path: Path) -> None:
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "window", "--until-painted"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
    )
    assert begun < float(done.stdout) < time.time()


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Desk:
    return Desk(qtbot, qapp, tmp_path)


def trouble(desk: Desk) -> list[QMessageBox]:
    return [box for box in desk.window.findChildren(QMessageBox, "trouble") if box.isVisible()]


def test_the_start_page_offers_a_new_file_an_existing_one_and_the_sample(desk: Desk) -> None:
    names = [desk.find(QPushButton, f"start_{name}").accessibleName() for name in ("new", "open", "sample")]
    assert names == ["新建普查文件", "打开文件", "试用示例"]
    assert not desk.window.sidebar.isVisible()


def test_a_recent_file_opens_with_a_click(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    path = file_of(tmp_path, small, {code_of(1): {"name": "甲公司"}})
    desk.open(path)
    desk.window.close_file()
    desk.qtbot.mouseClick(desk.find(QPushButton, "recent"), Qt.MouseButton.LeftButton)
    assert desk.window.path == path


def test_a_recent_file_that_is_gone_is_not_offered(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    path = file_of(tmp_path, small, {})
    desk.open(path)
    desk.window.close_file()
    path.unlink()
    desk.open(tmp_path / "nothing.census")
    desk.window.close_file()
    [page] = [one for one in desk.window.findChildren(StartPage) if one.isVisible()]
    assert page.findChild(QPushButton, "recent") is None


def test_a_foreign_file_is_refused_in_plain_words_and_the_page_stays(desk: Desk, tmp_path: Path) -> None:
    foreign = tmp_path / "list.census"
    foreign.write_bytes(b"not a database, and long enough to be taken for one" * 20)
    desk.open(foreign)
    [box] = trouble(desk)
    assert str(foreign) in box.text()
    assert box.detailedText() == ""
    assert desk.window.path is None
    box.close()


def test_what_was_open_stays_open_when_another_file_cannot_be_opened(desk: Desk, tmp_path: Path, small: Scheme) -> None:
    path = file_of(tmp_path, small, {})
    desk.open(path)
    desk.open(tmp_path / "gone.census")
    assert desk.window.path == path
    for box in trouble(desk):
        box.close()


def test_a_fault_of_the_program_offers_its_trace_once(desk: Desk) -> None:
    try:
        raise ZeroDivisionError("in the program")
    except ZeroDivisionError as error:
        desk.window.fail(error)
        desk.window.fail(error)
    [box] = trouble(desk)
    assert box.text() == desk.texts("window.fault")
    assert "ZeroDivisionError: in the program" in box.detailedText()
    box.close()


def dialog(qtbot: QtBot, scheme: Scheme, folder: Path, texts: Texts) -> NewDialog:
    made = NewDialog({scheme.id: scheme}, "2025", folder, texts)
    qtbot.addWidget(made)
    return made


def test_a_new_file_is_named_after_its_district_and_period(
    qtbot: QtBot, qapp: QApplication, cluster: Scheme, tmp_path: Path, texts: Texts
) -> None:
    asked = dialog(qtbot, cluster, tmp_path, texts)
    asked.district.setCurrentIndex(asked.district.findData("440305"))
    chosen = asked.chosen()
    assert chosen.path == tmp_path / "南山区-2025.census"
    store = stores.create(chosen.path, chosen.scheme, chosen.period, chosen.district)
    assert (store.period, store.district) == ("2025", "440305")
    store.close()


def test_the_city_s_file_is_made_in_the_same_dialog(
    qtbot: QtBot, qapp: QApplication, cluster: Scheme, tmp_path: Path, texts: Texts
) -> None:
    asked = dialog(qtbot, cluster, tmp_path, texts)
    asked.district.setCurrentIndex(asked.district.count() - 1)
    assert asked.chosen().district is None


@pytest.mark.parametrize("period", ["25", "2025年", ""])
def test_a_new_file_needs_a_period_that_can_be_read(
    qtbot: QtBot, qapp: QApplication, cluster: Scheme, tmp_path: Path, texts: Texts, period: str
) -> None:
    asked = dialog(qtbot, cluster, tmp_path, texts)
    asked.period.setText(period)
    assert not asked.findChild(QPushButton, "create").isEnabled()


def test_a_new_file_never_takes_the_place_of_another(
    qtbot: QtBot, qapp: QApplication, cluster: Scheme, tmp_path: Path, texts: Texts
) -> None:
    asked = dialog(qtbot, cluster, tmp_path, texts)
    Path(asked.path.text()).write_text("x")
    asked.period.setText("2024")
    asked.period.setText("2025")
    assert not asked.findChild(QPushButton, "create").isEnabled()


def test_choices_are_remembered(tmp_path: Path) -> None:
    from desktop_desk import settings_in

    first: Settings = settings_in(tmp_path)
    first.theme, first.lang = "dark", "en"
    assert (settings_in(tmp_path).theme, settings_in(tmp_path).lang) == ("dark", "en")


def test_every_shipped_scheme_can_be_chosen() -> None:
    assert [path.parent.name for path in paths.schemes().glob("*/scheme.toml")] == ["ic-cluster"]
