"""A window on a file of its own, for the tests of the desktop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop import paths, theme
from desktop.entry_page import EntryPage
from desktop.form_fields import FormFields
from desktop.form_grid import FormGrid
from desktop.form_model import NOW
from desktop.icons import Icons
from desktop.settings import Settings
from desktop.theme import Colours
from desktop.window import Place, Window
from survey import cells
from survey import store as stores
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts, load

WAIT = 20_000
# The style sheet that a mode comes to: dressing the application costs more than a window.
_WORN: dict[str, str] = {}

# The platform of the tests has no window manager to tell sizes and order to, and says so at every window.
offscreen = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)")


def settings_in(folder: Path) -> Settings:
    """Choices remembered in a folder of the test."""
    remembered = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    remembered.setValue("folder", str(folder))
    return Settings(remembered)


@cache
def texts_of(lang: str) -> Texts:
    """The catalogue of a language, read once."""
    return load(paths.texts(), lang)


def look(application: QApplication) -> tuple[Icons, Colours]:
    """The light look; the application is dressed in it where it wears another."""
    if application.styleSheet() != _WORN.get("light"):
        theme.apply(application, "light", paths.assets() / "style" / "window.qss")
        _WORN["light"] = application.styleSheet()
    return _icons(), theme.LIGHT


@cache
def _icons() -> Icons:
    return Icons(paths.assets() / "icons", theme.LIGHT.muted, theme.LIGHT.accent)


class Desk:
    """The window, and what a person does with it."""

    def __init__(self, qtbot: QtBot, application: QApplication, folder: Path, lang: str = "zh") -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.texts = texts_of(lang)
        self.restarts: list[tuple[Place, str]] = []
        icons, colours = look(application)
        self.window = Window(self.texts, icons, colours, settings_in(folder), self._restart)
        # A test that fails half-way must not wait for somebody to answer.
        qtbot.addWidget(self.window, before_close_func=lambda window: setattr(window, "_left", True))
        self.window.resize(1366, 768)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()

    def _restart(self, place: Place, lang: str) -> None:
        self.restarts.append((place, lang))

    def open(self, path: Path) -> None:
        self.window.open_file(path)
        self.settle()

    def settle(self) -> None:
        """Until slow work is done and what it brought is shown."""
        self.qtbot.waitUntil(lambda: not self.window.busy, timeout=WAIT)

    def go(self, name: str) -> QWidget:
        self.window.go(name)
        self.settle()
        return self.window.page(name)

    def find(self, kind: type, name: str) -> QWidget:
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def entry(self) -> EntryPage:
        return self.find(EntryPage, "")  # type: ignore[return-value]

    def grid(self, form: str = "T-02") -> FormGrid:
        if self.window.findChild(FormGrid, f"form_{form}") is None:
            # A form is drawn when it is first looked at.
            _, before = self.entry.place()
            self.entry.show_form(1)
            self.entry.show_form(before)
        return self.find(FormGrid, f"form_{form}")  # type: ignore[return-value]

    def fields(self, form: str = "T-01") -> FormFields:
        return self.find(FormFields, f"form_{form}")  # type: ignore[return-value]

    def cursor(self) -> str:
        """The item the grid's cursor is on."""
        grid = self.grid()
        cell = grid.current()
        return cell.item.name if cell else ""

    def cell(self, name: str) -> str:
        model = self.grid().model()
        return str(model.index(model.row_of(name), NOW).data())

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key for whatever has the keyboard."""
        # No window manager hands the keyboard back when a dialog has closed.
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow)
        self.qtbot.keyClick(self.window.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> QLineEdit:
        """Types into the grid; the first key opens the cell."""
        self.qtbot.keyClicks(self.grid(), text[0])
        editor = self.grid().delegate.editor
        assert editor is not None
        self.qtbot.keyClicks(editor, text[1:])
        return editor


def file_of(
    folder: Path, scheme: Scheme, units: Mapping[str, Mapping[str, Value]], district: str | None = "440305"
) -> Path:
    """A survey file with some units and their answers, by code."""
    path = folder / f"{district or 'city'}.census"
    store = stores.create(path, scheme, "2025", district)
    for code, answers in units.items():
        unit = cells.add_unit(store, code, str(answers.get("name", "某某公司")), "2025")
        for name, value in answers.items():
            period = "2024" if name.endswith("@prev") else "2025"
            cells.write(store, unit, period, name.removesuffix("@prev"), value)
    store.close()
    return path


def stored(path: Path, code: str, period: str = "2025") -> dict[str, Value]:
    """A unit's answers as another program would find them in the file."""
    store = stores.open(path, readonly=True)
    try:
        unit = store.find_unit(code)
        assert unit is not None
        return cells.read(store, unit, period).values
    finally:
        store.close()
