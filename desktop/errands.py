"""What the menus offer beside the pages: dialogs about the open file, looks and language, who works, the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from desktop.mending import put_back
from desktop.opening import ask_for_file, ask_for_new, make_sample
from desktop.plain import quoted
from desktop.protecting import protect_open_file
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.menus import Menus
    from desktop.settings import Settings
    from desktop.window import Window


class Errands:
    """Does for a window what its menus say was chosen."""

    def __init__(self, window: Window, menus: Menus, texts: Texts, settings: Settings) -> None:
        self._window = window
        self._texts = texts
        self._settings = settings
        for signal, errand in (
            (menus.new, self.new), (menus.opened, self.open), (menus.closed, window.close_file),
            (menus.left, window.close), (menus.blank, self._blank_forms), (menus.own_tables, self._own_tables),
            (menus.protect, self._protect), (menus.keys, self._keys), (menus.persons, self._persons),
            (menus.journal, self._journal), (menus.backups, self._backups), (menus.mode, self._wear),
            (menus.lang, self._speak), (menus.who, self._ask_who), (menus.enter, self._enter),
            (menus.manual, self._manual), (menus.about, self._about),
        ):  # fmt: skip
            signal.connect(errand)

    # Files

    def new(self) -> None:
        ask_for_new(self._texts, self._settings, self._window)

    def open(self) -> None:
        ask_for_file(self._texts, self._settings, self._window)

    def sample(self) -> None:
        make_sample(self._texts, self._window)

    # The open file

    def _blank_forms(self) -> None:
        from desktop.form_printing import print_blank

        if desk := self._window.desk:
            print_blank(desk, desk.store.period, self._window)

    def _own_tables(self) -> None:
        from desktop.table_designer import TableDesigner

        if desk := self._window.desk:
            TableDesigner(desk, self._window).open()

    def _protect(self) -> None:
        if desk := self._window.desk:
            protect_open_file(self._window, desk.path, self._texts)

    def _keys(self) -> None:
        from desktop.keys_dialog import KeysDialog

        if desk := self._window.desk:
            KeysDialog(desk, self._window).open()

    def _persons(self) -> None:
        from desktop.persons_dialog import PersonsDialog

        if desk := self._window.desk:
            dialog = PersonsDialog(desk, self._window)
            dialog.exec()
            if dialog.changed_any:
                # Who works now may be somebody whom the file knows no more, or does not know yet.
                self._window.open_file(desk.path)

    def _journal(self) -> None:
        from desktop.journal_dialog import JournalDialog

        if desk := self._window.desk:
            JournalDialog(desk, self._window).open()

    def _backups(self) -> None:
        if desk := self._window.desk:
            put_back(self._window, desk.path, self._texts)

    # The program

    def _wear(self, mode: str) -> None:
        self._settings.theme = mode
        self._window.restart()

    def _speak(self, lang: str) -> None:
        self._settings.lang = lang
        self._window.restart(lang)

    def _enter(self, way: str) -> None:
        self._settings.enter = way

    def _ask_who(self) -> None:
        """Whose name stands in the record of changes."""
        name, given = QInputDialog.getText(
            self._window, self._texts("window.who"), quoted(self._texts("window.who_line")), text=self._settings.who
        )
        if given:
            from survey import identity

            self._settings.who = name
            identity.act_as(self._settings.who)

    def _manual(self) -> None:
        """The manual at the page that tells of what is in front."""
        from desktop.manual import PAGES

        name = self._window.place().page
        self._show_manual(name if name in PAGES else "index")

    def _show_manual(self, name: str) -> None:
        from desktop.manual import Manual
        from desktop.manual_window import ManualWindow

        desk = self._window.desk
        window = ManualWindow(Manual(self._texts, desk.store.scheme if desk else None), self._texts, self._window)
        window.show_page(name)
        window.show()

    def _about(self) -> None:
        from desktop.about import AboutBox
        from desktop.manual import LICENCES

        box = AboutBox(self._texts, self._window)
        box.licences.clicked.connect(lambda _checked=False: self._show_manual(LICENCES))
        box.open()
