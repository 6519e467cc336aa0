"""The copies of a survey file: what each holds, and the one that is to take the file's place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.backup_words import cells, last
from desktop.list_dialog import ListDialog
from desktop.pages import hint
from desktop.plain import Box
from survey.backup import Copy, changes_of, copies
from survey.beside import kept_name
from survey.store import now
from survey.texts import Texts


class BackupsDialog(ListDialog):
    """The latest first; accepted with `chosen` once the person wants one back."""

    def __init__(self, path: Path, texts: Texts, parent: QWidget) -> None:
        super().__init__(texts, parent, "backups", (980, 460))
        self._path = path
        self.chosen: Path | None = None
        self.table((110, 128, 72, 70, 96, 196, 230), 6, right=(2, 3, 4))
        self._buttons = self.action("look", self._look), self.action("restore", self._choose)
        self.lay_out(hint(texts("backups.hint")), self.view)
        self.load()

    def load(self) -> None:
        """Looks into every copy; one that is locked otherwise than the file is unlocked by looking into it."""
        found = copies(self._path)
        self._changes = changes_of(self._path) if self._path.exists() else 0
        self.model.set_rows([cells(one, self._changes, self._texts) for one in found], found)
        self.view.setCurrentIndex(self.model.index(0, 0))
        self.enable()
        if not found:
            self.say(self._texts("backups.none"))

    def enable(self) -> None:
        for button in self._buttons:
            button.setEnabled(self.model.object(self.view.currentIndex()) is not None)

    def _copy(self) -> Copy | None:
        """The copy that is marked, unlocked where it has a passphrase of its own and the person knows it."""
        one = self.model.object(self.view.currentIndex())
        if not isinstance(one, Copy):
            return None
        if one.trouble in ("passphrase_needed", "wrong_passphrase"):
            from desktop.passphrase_dialog import UnlockDialog

            row = self.view.currentIndex().row()
            dialog = UnlockDialog(one.path, self._texts, self)
            if dialog.exec():
                self.load()
                self.view.setCurrentIndex(self.model.index(row, 0))
                one = self.model.object(self.view.currentIndex())
            dialog.deleteLater()
        return one if isinstance(one, Copy) else None

    def _look(self) -> None:
        one = self._copy()
        if one and one.trouble:
            self.say(self._texts(f"error.{one.trouble}", path=one.path))
        elif one:
            facts = {"units": one.units, "changes": one.changes, "behind": one.behind(self._changes)}
            self.say(self._texts("backups.facts", name=one.path.name, last=last(one, self._texts), **facts))

    def _choose(self) -> None:
        one = self._copy()
        if not one or one.trouble:
            self._look()
            return
        kept = kept_name(self._path, now()).name
        behind = one.behind(self._changes)
        question = self._texts("backups.ask", name=one.path.name, behind=behind, kept=kept)
        box = Box(self, self._texts("backups.title"), question, QMessageBox.Icon.Warning)
        box.setObjectName("restoreAsk")
        yes = box.addButton(self._texts("backups.restore"), QMessageBox.ButtonRole.AcceptRole)
        yes.setObjectName("restoreYes")
        no = box.addButton(self._texts("window.cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        if box.clickedButton() is yes:
            self.chosen = one.path
            self.accept()
