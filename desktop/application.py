"""The program with its window: one application, its window made anew when language or look change."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QLibraryInfo, QObject, QTimer, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop import paths, theme
from desktop.collecting import Collecting
from desktop.icons import Icons
from desktop.settings import Settings
from desktop.window import Place, Window
from survey import texts


class Application:
    """Holds the window and replaces it."""

    def __init__(self, application: QApplication, settings: Settings, lang: str | None) -> None:
        self._application = application
        self._settings = settings
        self._lang = lang
        self._translator = QTranslator(application)
        self.window = self._make()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        sys.excepthook = self._unexpected

    def show(self, path: Path | None) -> None:
        """Shows the window; a file is opened once the window is painted."""
        self.window.show()
        if path:
            QTimer.singleShot(0, lambda: self.window.open_file(path))

    def leave(self) -> None:
        """Closes whatever window is shown now."""
        self.window.close()

    def _make(self) -> Window:
        colours = theme.apply(self._application, self._settings.theme, paths.assets() / "style" / "window.qss")
        icons = Icons(paths.assets() / "icons", colours.muted, colours.accent)
        catalogue = texts.load(paths.texts(), self._lang or self._settings.lang)
        self._translate(catalogue.lang)
        return Window(catalogue, icons, colours, self._settings, self._restart)

    def _translate(self, lang: str) -> None:
        """Qt's own dialogs and context menus speak the person's language too."""
        self._application.removeTranslator(self._translator)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if lang == "zh" and self._translator.load("qtbase_zh_CN", folder):
            self._application.installTranslator(self._translator)

    def _restart(self, place: Place, lang: str) -> None:
        """The window in another language or look, at the same place."""
        self._lang = lang
        old = self.window
        geometry = old.saveGeometry()
        self.window = self._make()
        self.window.restoreGeometry(geometry)
        self.window.show()
        self.window.go_to(place)
        old.close()
        old.deleteLater()

    def _system_changed(self) -> None:
        if self._settings.theme == "system":
            self.window.restart()

    def _unexpected(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """The one place where faults of the program end up."""
        sys.__excepthook__(kind, error, trace)
        self.window.fail(error)


class _FirstPaint(QObject):
    """Calls back once a window is painted."""

    def __init__(self, window: Window, painted: Callable[[], None]) -> None:
        super().__init__(window)
        self._painted = painted
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # What is queued now comes after the picture has reached the screen.
            QTimer.singleShot(0, self._painted)
        return False


def run(path: Path | None, lang: str | None, quit_after: int | None = None, *, until_painted: bool = False) -> int:
    """Runs until the window is closed; gives the exit code.

    `quit_after` so many milliseconds it closes by itself. `until_painted`: it closes when it has first been painted,
    and says when that was, in seconds since 1970.
    """
    application = QApplication(sys.argv[:1])
    application.setApplicationName("census-desk")
    Collecting(application)
    _type_by_fcitx(application)
    desk = Application(application, Settings(), lang)
    if until_painted:
        _FirstPaint(desk.window, lambda: _tell_moment(desk))
    desk.show(path)
    if quit_after is not None:
        QTimer.singleShot(quit_after, desk.leave)
    return application.exec()


def _type_by_fcitx(application: QApplication) -> None:
    if sys.platform == "linux" and types_by_fcitx(application.platformName()):
        from desktop import fcitx

        if not fcitx.has_plugin():
            fcitx.connect(application)


def types_by_fcitx(platform: str) -> bool:
    """Whether the desktop says that it types Chinese by Fcitx, to a Qt that finds nothing else to ask."""
    if "QT_IM_MODULES" in os.environ:
        return False
    # Under Wayland the compositor asks, as long as nobody says otherwise.
    others = os.environ.get("XMODIFIERS", "") if platform == "xcb" else ""
    return "fcitx" in os.environ.get("QT_IM_MODULE", others)


def _tell_moment(desk: Application) -> None:
    print(f"{time.time():.3f}")  # noqa: T201 # for the script that has started it
    desk.leave()
