"""The forms that desks fill in themselves: a district its own, the city its own and those its districts sent."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry_page import EntryPage
from desktop.pages import Desk
from survey.form import Respondent


class OwnPage(QWidget):
    """An entry page that is always open at a desk; where there are several, one chooses."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._entries: dict[Respondent, EntryPage] = {}
        self._telling = False
        self._stack = QStackedWidget()
        self.desks = QComboBox()
        self.desks.setObjectName("desks")
        self.desks.setAccessibleName(desk.texts("entry.desk_title"))
        self.desks.activated.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bar = QWidget()
        bar = QVBoxLayout(self._bar)
        bar.setContentsMargins(24, 16, 24, 0)
        bar.addWidget(self.desks)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)

    @property
    def entry(self) -> EntryPage:
        """The entry page in front."""
        page = self._stack.currentWidget()
        assert isinstance(page, EntryPage)
        return page

    def refresh(self) -> None:
        """The desks as they are now; the own one is opened first."""
        store = self._desk.store
        own = store.desk_unit()
        now = self.entry.session.unit if self._stack.count() else own
        self.desks.clear()
        for unit, name in store.desks():
            self.desks.addItem(name, unit)
        self.desks.setCurrentIndex(self.desks.findData(now))
        self._bar.setVisible(self.desks.count() > 1)
        if not self._stack.count():
            self.open_desk(own)

    def reread(self) -> None:
        """Answers were written elsewhere: the desks that are open are read anew."""
        if not self._telling:
            for entry in self._entries.values():
                entry.session.reread_open()

    def _tell(self) -> None:
        """What is written here need not be read anew."""
        self._telling = True
        self._desk.changed()
        self._telling = False

    def rules_changed(self) -> None:
        """Checks were written or ruled on."""
        for entry in self._entries.values():
            entry.session.rules_changed()

    def open_desk(self, unit: int, item: str = "", line: int = 0) -> None:
        """The forms of a desk, the cursor on an item where one is named."""
        if self._stack.count() and not self.entry.may_leave():
            self.desks.setCurrentIndex(self.desks.findData(self.entry.session.unit))
            return
        kind = self._desk.store.kind_of(unit)
        if kind not in self._entries:
            page = EntryPage(self._desk, kind)
            page.changed.connect(self._tell)
            self._entries[kind] = page
            self._stack.addWidget(page)
        self._entries[kind].open(unit, self._desk.store.period)
        self._stack.setCurrentWidget(self._entries[kind])
        self.desks.setCurrentIndex(self.desks.findData(unit))
        if item:
            self.entry.go_to(item, line)

    def unsaved(self) -> list[str]:
        """The labels of cells whose text could not be saved."""
        return [label for page in self._entries.values() for label in page.unsaved_labels()]

    def _choose(self) -> None:
        self.open_desk(int(self.desks.currentData()))
