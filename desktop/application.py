"""The program with its window: one application, made anew when language or look change."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop import paths, theme
from desktop.icons import Icons
from desktop.settings import Settings
from desktop.window import Window
from survey import texts


class Application:
    """Holds the window and replaces it."""

    def __init__(self, application: QApplication, settings: Settings, lang: str | None) -> None:
        self._application = application
        self._settings = settings
        self._lang = lang
        self.window = self._make()
        sys.excepthook = self._unexpected

    def show(self, path: Path | None) -> None:
        """Shows the window; a file is opened once the window is painted."""
        self.window.show()
        if path:
            QTimer.singleShot(0, lambda: self.window.open_file(path))

    def _make(self) -> Window:
        colours = theme.apply(self._application, self._settings.theme, paths.assets() / "style" / "window.qss")
        icons = Icons(paths.assets() / "icons", colours.muted, colours.accent)
        catalogue = texts.load(paths.texts(), self._lang or self._settings.lang)
        return Window(catalogue, icons, colours, self._settings, self._restart)

    def _restart(self, path: Path | None) -> None:
        """The window in another language or look, with the same file."""
        self._lang = None
        old, geometry = self.window, self.window.saveGeometry()
        self.window = self._make()
        self.window.restoreGeometry(geometry)
        self.window.show()
        if path:
            self.window.open_file(path)
        old.close()
        old.deleteLater()

    def _unexpected(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """The one place where faults of the program end up."""
        sys.__excepthook__(kind, error, trace)
        self.window.fail(error)


def run(path: Path | None, lang: str | None, quit_after: int | None = None) -> int:
    """Runs until the window is closed; gives the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("census-desk")
    desk = Application(application, Settings(), lang)
    desk.show(path)
    if quit_after is not None:
        QTimer.singleShot(quit_after, desk.window.close)
    return application.exec()
