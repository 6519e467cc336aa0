"""Questionnaires on the command line and in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot
from questionnaire_writer import read

from desktop.cli import main
from desktop.questionnaire_dialog import QuestionnaireDialog
from desktop.units_page import UnitList, UnitsPage
from survey import questionnairebook
from survey.errors import Cancelled
from survey.scheme import Scheme

pytestmark = offscreen
NAMES = ("演示数据1", "演示数据2", "演示数据3")


@pytest.fixture
def file(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, {code_of(at): {"name": name} for at, name in enumerate(NAMES)})


@pytest.fixture
def board(qtbot: QtBot, qapp: QApplication, tmp_path: Path, file: Path) -> UnitList:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file)
    page = desk.window.page("units")
    assert isinstance(page, UnitsPage)
    return page.list


def call(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# The command line


def test_one_workbook_a_unit_is_written_for_all(file: Path, tmp_path: Path) -> None:
    assert "3 份" in call("questionnaires", file, tmp_path / "out", "--all")
    assert names_in(tmp_path / "out") == [
        f"调查问卷-{code_of(at)}-2025-{name}.xlsx" for at, name in enumerate(NAMES)
    ]  # fmt: skip


def test_the_questionnaire_of_one_unit_has_the_name_that_is_asked_for(file: Path, tmp_path: Path) -> None:
    call("questionnaires", file, tmp_path / "one.xlsx", "--unit", code_of(1))
    assert read(tmp_path / "one.xlsx")[0].unit == code_of(1)


def test_a_blank_one_is_named_so(file: Path, tmp_path: Path) -> None:
    call("questionnaires", file, tmp_path / "out", "--blank", "--period", "2026")
    assert names_in(tmp_path / "out") == ["调查问卷-空白-2026.xlsx"]


@pytest.mark.parametrize("chosen", [(), ("--all", "--blank")], ids=["nothing", "two"])
def test_for_whom_is_said_once(file: Path, tmp_path: Path, chosen: tuple[str, ...]) -> None:
    assert "--blank" in call("questionnaires", file, tmp_path / "out", *chosen, code=2)


def test_one_workbook_takes_one_unit(file: Path, tmp_path: Path) -> None:
    assert "一家单位" in call("questionnaires", file, tmp_path / "all.xlsx", "--all", code=2)


def test_a_unit_that_is_not_in_the_file_is_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["questionnaires", str(file), str(tmp_path / "out"), "--unit", code_of(9)])
    assert left.value.code == 2
    assert not (tmp_path / "out").exists()


# The window


def dialog_of(board: UnitList, *chosen: int) -> QuestionnaireDialog:
    return QuestionnaireDialog(board._desk, chosen, board.listed(), board.period(), board)


def made(board: UnitList, dialog: QuestionnaireDialog, qtbot: QtBot, folder: Path) -> str:
    dialog.make(folder)
    qtbot.waitUntil(lambda: not board._desk.worker.busy, timeout=20_000)
    line = dialog.findChild(QLabel, "questionnaireLine")
    assert isinstance(line, QLabel)
    return line.text()


def choose(dialog: QuestionnaireDialog, scope: str) -> None:
    button = dialog.findChild(QRadioButton, f"scope_{scope}")
    assert isinstance(button, QRadioButton)
    button.click()


@pytest.mark.parametrize(("scope", "count"), [("chosen", 2), ("all", 3), ("blank", 1)])
def test_workbooks_are_made_for_whom_is_chosen(
    board: UnitList, qtbot: QtBot, tmp_path: Path, scope: str, count: int
) -> None:
    dialog = dialog_of(board, *board.listed()[:2])
    choose(dialog, scope)
    assert f"{count} 份" in made(board, dialog, qtbot, tmp_path / "out")
    assert len(names_in(tmp_path / "out")) == count
    dialog.close()


def test_where_nobody_is_chosen_all_are_offered(board: UnitList) -> None:
    dialog = dialog_of(board)
    chosen, every = (dialog.findChild(QRadioButton, f"scope_{name}") for name in ("chosen", "all"))
    assert isinstance(chosen, QRadioButton)
    assert isinstance(every, QRadioButton)
    assert (chosen.isEnabled(), every.isChecked()) == (False, True)
    dialog.close()


def test_the_folder_is_offered_to_be_opened_once_something_is_in_it(
    board: UnitList, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    dialog = dialog_of(board)
    show, make = (dialog.findChild(QPushButton, name) for name in ("show_folder", "make"))
    assert isinstance(show, QPushButton)
    assert isinstance(make, QPushButton)
    assert show.isHidden()
    make.click()
    qtbot.waitUntil(lambda: not show.isHidden(), timeout=20_000)
    show.click()
    assert opened == [str(tmp_path)]
    dialog.close()


def test_stopped_work_says_so(board: UnitList, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise Cancelled

    monkeypatch.setattr(questionnairebook, "write_each", stopped)
    dialog = dialog_of(board)
    assert made(board, dialog, qtbot, tmp_path) == board._desk.texts("error.cancelled")
    dialog.close()


def test_the_menu_of_many_units_offers_them(board: UnitList) -> None:
    assert "case_questionnaires" in [action.objectName() for action in board._batch.menu().actions()]
