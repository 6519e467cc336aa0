"""The forms that the desk itself fills in: the district's, or the city's."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.entry_page import EntryPage
from desktop.pages import Desk


class OwnPage(QWidget):
    """An entry page that is always open at the desk; `changed` says that an answer was written."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.entry = EntryPage(desk, "city" if desk.store.is_city else "district")
        self.entry.changed.connect(desk.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.entry)

    def refresh(self) -> None:
        """Opens the desk's own answers when the page comes to the front for the first time."""
        if not self.entry.session.unit:
            self.entry.open(self._desk.store.desk_unit(), self._desk.store.period)

    def unsaved(self) -> list[str]:
        """The labels of cells whose text could not be saved."""
        scheme = self._desk.store.scheme
        return [scheme.label(name, self._desk.texts.lang) for name in self.entry.unsaved()]
