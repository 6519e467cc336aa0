"""The window: pages, language and look, slow work that can be stopped, nothing lost on the way out."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen, settings_in, stored
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.application import Application
from desktop.window import Window
from survey.progress import Progress
from survey.scheme import Scheme

pytestmark = offscreen

A = code_of(1)


@pytest.fixture
def path(tmp_path: Path, small: Scheme) -> Path:
    return file_of(tmp_path, small, {A: {"name": "甲公司", "revenue": 1000, "main_revenue": 1300}})


@pytest.fixture
def program(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """The whole program with a file open."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    made = Application(qapp, settings_in(tmp_path), "zh")
    made.show(path)
    qtbot.waitUntil(lambda: made.window.path == path)
    yield made
    made.window._left = True
    made.window.close()


def choose(window: Window, name: str) -> None:
    action = window.findChild(QAction, name)
    assert action is not None
    action.trigger()


def test_the_language_changes_in_the_menu_and_the_place_stays(program: Application, path: Path) -> None:
    program.window.go("units")
    program.window.page("units").open_unit(1, form=1)  # type: ignore[attr-defined]
    choose(program.window, "window.lang.en")
    assert program.window.windowTitle().endswith("Census Desk")
    button = program.window.findChild(QToolButton, "go_check")
    assert button is not None
    assert button.accessibleName() == "Check"
    place = program.window.place()
    assert (place.path, place.page, place.unit, place.form) == (path, "units", 1, 1)
    choose(program.window, "window.lang.zh")
    assert program.window.windowTitle().endswith("普查台")


def test_the_look_changes_in_the_menu_and_the_language_stays(program: Application, qapp: QApplication) -> None:
    choose(program.window, "window.lang.en")
    choose(program.window, "window.theme.dark")
    assert qapp.palette().window().color().name() == theme.DARK.ground
    assert program.window.windowTitle().endswith("Census Desk")
    choose(program.window, "window.theme.light")
    assert qapp.palette().window().color().name() == theme.LIGHT.ground


def test_qt_s_own_buttons_speak_chinese(program: Application) -> None:
    from PySide6.QtCore import QCoreApplication

    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"


def test_what_is_being_typed_is_saved_when_the_look_changes(program: Application, qtbot: QtBot, path: Path) -> None:
    from desktop.form_grid import FormGrid

    program.window.page("units").open_unit(1, "revenue")  # type: ignore[attr-defined]
    grid = program.window.findChild(FormGrid, "form_T-02")
    assert grid is not None
    qtbot.keyClicks(grid, "8")
    choose(program.window, "window.theme.dark")
    assert stored(path, A)["revenue"] == 8


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_words_can_be_read_on_every_ground(colours: theme.Colours) -> None:
    """WCAG AA: 4.5 for running text."""
    inks = (colours.ink, colours.muted, colours.accent, colours.bad, colours.warn, colours.good)
    low = [(ink, on) for ink in inks for on in (colours.ground, colours.field, colours.raised)
           if _contrast(ink, on) < 4.5]  # fmt: skip
    marked = [(colours.ink, on) for on in (colours.bad_ground, colours.warn_ground, colours.select)]
    low += [pair for pair in [*marked, (colours.on_accent, colours.accent)] if _contrast(*pair) < 4.5]
    assert low == []


def _contrast(one: str, other: str) -> float:
    a, b = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Slow work


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, path: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.open(path)
    return opened


class Held:
    """Work that goes on until it is let go; then it reports."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.results: list[object] = []

    def __call__(self, progress: Progress) -> str:
        progress(1, 3, "progress.check")
        assert self.go_on.wait(20)
        progress(3, 3, "progress.check")
        return "done"


def test_while_something_runs_nothing_else_can_be_started_and_the_file_stays(desk: Desk, path: Path) -> None:
    held = Held()
    desk.window.worker.start(held, held.results.append, held.results.append)
    assert not desk.window.menus.isEnabled()
    assert not desk.window.sidebar.isEnabled()
    assert desk.window.status.bar.isVisible()
    desk.window.close_file()
    assert desk.window.path == path
    held.go_on.set()
    desk.settle()
    assert held.results == ["done"]
    assert desk.window.menus.isEnabled()
    assert not desk.window.status.bar.isVisible()


def test_progress_is_told_in_words_and_numbers(desk: Desk) -> None:
    held = Held()
    desk.window.worker.start(held, held.results.append, held.results.append)
    note = desk.window.status.note
    desk.qtbot.waitUntil(lambda: note.text() == f"{desk.texts('progress.check')}  1 / 3")
    held.go_on.set()
    desk.settle()
    assert str(desk.window.path) in note.text()


def test_slow_work_is_stopped_with_a_button_and_that_is_said(desk: Desk) -> None:
    held = Held()
    desk.window.worker.start(held, held.results.append, desk.window.fail)
    desk.qtbot.mouseClick(desk.find(QPushButton, "stop"), Qt.MouseButton.LeftButton)
    held.go_on.set()
    desk.settle()
    assert held.results == []
    assert desk.window.status.note.text() == desk.texts("error.cancelled")


def test_closing_the_window_stops_slow_work_and_its_outcome_reaches_nobody(desk: Desk) -> None:
    held = Held()
    desk.window.worker.start(held, held.results.append, held.results.append)
    held.go_on.set()
    desk.window.close()
    desk.qtbot.wait(10)
    assert held.results == []


def test_a_fault_in_slow_work_is_said(desk: Desk) -> None:
    def broken(_progress: Progress) -> None:
        raise KeyError("lost")

    seen: list[BaseException] = []
    desk.window.worker.start(broken, print, seen.append)
    desk.settle()
    assert isinstance(seen[0], KeyError)


# Places


def test_the_window_says_whose_file_is_open_and_where_it_is(desk: Desk, path: Path) -> None:
    place = desk.find(QLabel, "place")
    assert isinstance(place, QLabel)
    assert place.text() == "南山区 · 2025 年"
    assert desk.window.windowTitle() == "440305.census — 南山区 · 2025 年 — 普查台"
    assert str(path) in desk.window.status.note.text()


def test_pages_are_reached_by_keyboard(desk: Desk) -> None:
    button = desk.find(QToolButton, "go_check")
    assert isinstance(button, QToolButton)
    assert button.shortcut().toString() == "Ctrl+3"
    desk.qtbot.keyClick(button, Qt.Key.Key_Space)
    assert desk.window.place().page == "check"


@pytest.mark.parametrize("size", [(911, 512), (1366, 768), (1920, 1080)])
def test_no_page_is_wider_than_the_screen(desk: Desk, size: tuple[int, int]) -> None:
    desk.window.resize(*size)
    for name in ("units", "import", "check", "return", "indicators"):
        desk.go(name)
        assert (desk.window.width(), desk.window.height()) == size
    desk.go("units")
    desk.window.page("units").open_unit(1)  # type: ignore[attr-defined]
    fields = desk.fields()
    desk.qtbot.waitUntil(lambda: fields.widget().width() <= fields.viewport().width())
    assert desk.window.width() == size[0]


def test_a_cell_that_cannot_be_saved_is_asked_about_before_the_file_is_closed(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    answers = iter([False, True])

    def answer(cells: list[str], *_rest: object) -> bool:
        asked.append(cells)
        return next(answers)

    monkeypatch.setattr("desktop.window.gives_up", answer)
    desk.window.page("units").open_unit(1, "revenue")  # type: ignore[attr-defined]
    desk.type("12w")
    desk.window.close_file()
    assert desk.window.path == path
    desk.window.close_file()
    assert desk.window.path is None
    assert asked == [["营业收入"], ["营业收入"]]
    assert stored(path, A)["revenue"] == 1000


def test_a_cell_that_cannot_be_saved_is_asked_about_before_the_window_closes_over_slow_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr("desktop.window.gives_up", lambda cells, *_rest: asked.append(cells))
    desk.window.page("units").open_unit(1, "revenue")  # type: ignore[attr-defined]
    desk.type("12w")
    held = Held()
    desk.window.worker.start(held, held.results.append, held.results.append)
    assert not desk.window.close()
    assert desk.window.isVisible()
    held.go_on.set()
    desk.settle()
    assert (asked, held.results) == ([["营业收入"]], ["done"])
