"""Filling in a unit's forms: drawn from the scheme, saved at every cell, checked as one types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QTabWidget, QVBoxLayout, QWidget

from desktop.cell_model import Marks
from desktop.cell_panel import CellPanel
from desktop.entry_tasks import EntryTasks
from desktop.findings_panel import FindingsPanel
from desktop.form_sheet import FormSheet
from desktop.forms_page import FormsPage
from desktop.pages import Desk
from desktop.session import Session
from survey.form import Respondent


class EntryPage(FormsPage):
    """One respondent in one period: a unit of the register, or the desk with its own forms.

    `closed` and `stepped` ask to leave for the list or a neighbour; `changed` says that an answer
    was written.
    """

    closed = Signal()
    stepped = Signal(int)
    changed = Signal()

    def __init__(self, desk: Desk, respondent: Respondent = "unit") -> None:
        forms = desk.store.scheme.forms_of(respondent)
        super().__init__(desk, Session(desk.store, lambda: desk.settings.who), forms)
        self._stale: set[str] = set()
        self._where = ""
        self.tasks = EntryTasks(self, self.session, desk)
        self.panel = FindingsPanel(self.session, desk.texts, desk.icons, desk.colours)
        self.cell_panel = CellPanel(self.session, desk.texts)
        self.side = QTabWidget()
        self.side.setObjectName("side")
        self.side.setAccessibleName(desk.texts("entry.side"))
        self.side.setDocumentMode(True)
        self.side.tabBar().setDrawBase(False)
        self.side.addTab(self.panel, desk.texts("entry.findings"))
        self.side.addTab(self.cell_panel, desk.texts("entry.cell"))
        self._lay_out(alone=respondent != "unit")
        self._connect()
        self._keys()

    def open(self, unit: int, period: str, where: str = "") -> None:
        """Shows a respondent's answers of a period beside those of the year before; `where` it is in the list."""
        self.message.hide()
        self._where = where
        self.session.open(unit, period)
        for sheet in self._sheets.values():
            self._load(sheet)
        self._show_sheet(self._tabs.currentIndex())
        if self.session.locked():
            self.say(self._texts("error.expired", until=self._desk.store.scheme.legal.valid_until))
        self._unlock.setVisible(self.session.locked())

    def place(self) -> tuple[int, int]:
        """The open unit and form."""
        return self.session.unit, self._tabs.currentIndex()

    def cell(self) -> tuple[str, int] | None:
        """The item and line under the cursor."""
        return self.cell_panel.cell

    def _dress(self, sheet: FormSheet) -> None:
        sheet.moved.connect(self.cell_panel.show_cell)
        sheet.pasted.connect(self.tasks.paste)

    def _marks(self) -> Marks:
        return self.panel.marks()

    def _show_sheet(self, at: int) -> None:
        super()._show_sheet(at)
        self._freshen()

    def _freshen(self) -> None:
        """Brings the form in front up to date; the others wait until they are looked at."""
        sheet = self._sheets.get(self._forms[max(self._tabs.currentIndex(), 0)].id)
        if sheet and sheet.form.id in self._stale:
            self._stale.discard(sheet.form.id)
            sheet.refresh(self._marks())
            self._name(sheet)

    # Layout

    def _lay_out(self, *, alone: bool) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(self._stack, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.side)
        split.setStretchFactor(0, 1)
        split.setSizes([780, 290])
        split.setChildrenCollapsible(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 12)
        outer.setSpacing(10)
        outer.addLayout(self._top(alone=alone))
        outer.addWidget(self.message)
        outer.addWidget(split, 1)

    def _top(self, *, alone: bool) -> QHBoxLayout:
        self._heading.setObjectName("unitName")
        self._subheading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = QHBoxLayout()
        top.setSpacing(8)
        if not alone:
            top.addWidget(self._tool("back", self._close, "Alt+←"), 0, Qt.AlignmentFlag.AlignTop)
            top.addSpacing(6)
        top.addLayout(self._titles(), 1)
        self._unlock = QPushButton(self._texts("entry.unlock"))
        self._unlock.setObjectName("unlock")
        self._unlock.clicked.connect(lambda _checked=False: self.tasks.unlock())
        self._unlock.hide()
        top.addWidget(self._unlock, 0, Qt.AlignmentFlag.AlignTop)
        self._carry = QPushButton()
        self._carry.setObjectName("carry")
        self._carry.clicked.connect(lambda _checked=False: self.tasks.carry_over())
        self._carry.hide()
        top.addWidget(self._carry, 0, Qt.AlignmentFlag.AlignTop)
        for name, action, keys in (
            ("check", self.tasks.check, "F9"), ("undo", self.tasks.undo, "Ctrl+Z"), ("redo", self.tasks.redo, "Ctrl+Y"),
            ("compare", self.tasks.compare, "F11"), ("goto", self.tasks.go_to, "F6"),
            ("print", self.tasks.print, "Ctrl+P"),
        ):  # fmt: skip
            top.addWidget(self._tool(name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        for name, action, keys in (("earlier", self._earlier, "Alt+PgUp"), ("later", self._later, "Alt+PgDn")):
            if not alone:
                top.addWidget(self._tool(name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _tool(self, name: str, action: Callable[[], None], keys: str) -> QPushButton:
        return self._button(name, self._texts(f"entry.{name}"), action, keys)

    def _connect(self) -> None:
        self.panel.chosen.connect(self.go_to)
        self.panel.explain.connect(self.tasks.explain)
        self.cell_panel.note.connect(self.tasks.note)
        self.cell_panel.correct.connect(self.tasks.correct)
        self.session.opened.connect(self._refresh)
        self.session.changed.connect(self._refresh)
        self.session.changed.connect(self.changed)

    def _keys(self) -> None:
        tasks = self.tasks
        self._bind((
            ("F2", tasks.edit_or_explain), ("F3", tasks.note), ("Shift+F2", tasks.correct), ("F4", self._show_cell),
            ("F6", tasks.go_to), ("Ctrl+F", tasks.go_to), ("F7", tasks.repeat), ("F8", tasks.next_finding),
            ("Shift+F8", tasks.previous_finding), ("F9", tasks.check), ("F11", tasks.compare), ("F12", tasks.card),
            ("Ctrl+Z", tasks.undo), ("Ctrl+Y", tasks.redo), ("Ctrl+Shift+Z", tasks.redo), ("Ctrl+P", tasks.print),
            ("Alt+PgDown", self._later), ("Alt+PgUp", self._earlier), ("Alt+Left", self._close),
        ))  # fmt: skip

    # What happens

    def _refresh(self) -> None:
        """Another unit, or the same after a change: findings, marks, names."""
        self.message.hide()
        self.panel.refresh()
        self._stale = set(self._sheets)
        self._freshen()
        self._name_unit("entry.unit_line", where=self._where)
        self._offer_last_year()
        self.cell_panel.refresh()
        for name, possible in (("undo", self.session.undo.canUndo()), ("redo", self.session.undo.canRedo())):
            button = self.findChild(QPushButton, name)
            if button:
                button.setEnabled(possible)

    def _offer_last_year(self) -> None:
        """Continuing units need not type what they said of themselves last year."""
        carried = [] if self.session.begun() or self.session.locked() else self.session.carried()
        self._carry.setText(self._texts("entry.carry", count=len(carried)))
        self._carry.setVisible(bool(carried))

    def _show_cell(self) -> None:
        self.side.setCurrentWidget(self.cell_panel)

    def _later(self) -> None:
        self._step(1)

    def _earlier(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        if self.may_leave():
            self.stepped.emit(by)

    def _close(self) -> None:
        if self.may_leave():
            self.closed.emit()
