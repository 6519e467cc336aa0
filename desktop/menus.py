"""The menus: what one can do with the file, how the program looks and speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from desktop.settings import ENTER_WAYS
from desktop.theme import MODES
from survey.texts import LANGUAGES, Texts


class Menus(QMenuBar):
    """Says what was chosen; the window does it."""

    new = Signal()
    opened = Signal()
    closed = Signal()
    left = Signal()
    mode = Signal(str)
    lang = Signal(str)
    manual = Signal()
    about = Signal()
    blank = Signal()
    own_tables = Signal()
    protect = Signal()
    keys = Signal()
    journal = Signal()
    backups = Signal()
    persons = Signal()
    who = Signal()
    enter = Signal(str)

    def __init__(self, texts: Texts, mode: str, enter: str) -> None:
        super().__init__()
        self._texts = texts
        files = self.addMenu(texts("window.menu.file"))
        self._entry(files, "new", self.new, "Ctrl+N")
        self._entry(files, "open", self.opened, "Ctrl+O")
        of_file = [self._entry(files, "close", self.closed, "Ctrl+W")]
        files.addSeparator()
        of_file.append(self._entry(files, "blank", self.blank))
        of_file.append(self._entry(files, "own_tables", self.own_tables))
        files.addSeparator()
        of_file.append(self._entry(files, "protect", self.protect))
        of_file.append(self._entry(files, "keys", self.keys))
        of_file.append(self._entry(files, "persons", self.persons))
        of_file.append(self._entry(files, "journal", self.journal))
        of_file.append(self._entry(files, "backups", self.backups))
        self._of_file = of_file
        files.addSeparator()
        self._entry(files, "quit", self.left, "Ctrl+Q")
        view = self.addMenu(texts("window.menu.view"))
        self._choices(view, MODES, mode, "window.theme", self.mode.emit)
        view.addSeparator()
        self._choices(view, LANGUAGES, texts.lang, "window.lang", self.lang.emit)
        work = self.addMenu(texts("window.menu.work"))
        self._entry(work, "who", self.who)
        work.addSeparator()
        self._choices(work, ENTER_WAYS, enter, "window.enter", self.enter.emit)
        guide = self.addMenu(texts("window.menu.help"))
        self._entry(guide, "manual", self.manual, "F1")
        self._entry(guide, "about", self.about)

    def offer(self, *, file: bool) -> None:
        """Whether what one does with an open file can be chosen."""
        for entry in self._of_file:
            entry.setEnabled(file)

    def _entry(self, menu: QMenu, name: str, chosen: SignalInstance, keys: str = "") -> QAction:
        entry = QAction(self._texts(f"window.menu.{name}"), self)
        entry.setObjectName(f"menu_{name}")
        entry.setShortcut(keys)
        entry.triggered.connect(lambda _checked=False: chosen.emit())
        menu.addAction(entry)
        return entry

    def _choices(self, menu: QMenu, names: Sequence[str], now: str, key: str, choose: Callable[[str], None]) -> None:
        group = QActionGroup(self)
        for name in names:
            entry = QAction(self._texts(f"{key}.{name}"), self, checkable=True)
            entry.setObjectName(f"{key}.{name}")
            entry.setChecked(name == now)
            entry.triggered.connect(lambda _checked=False, which=name: choose(which))
            group.addAction(entry)
            menu.addAction(entry)
