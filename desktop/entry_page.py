"""Filling in a unit's forms: drawn from the scheme, saved at every cell, checked as one types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.cell_panel import CellPanel
from desktop.entry_tasks import EntryTasks
from desktop.findings_panel import FindingsPanel
from desktop.form_sheet import FormSheet
from desktop.pages import Desk, ShortLabel
from desktop.session import Session
from survey.errors import SurveyError, sentence
from survey.form import Respondent


class EntryPage(QWidget):
    """One respondent in one period: a unit of the register, or the desk with its own forms.

    `closed` and `stepped` ask to leave for the list or a neighbour; `changed` says that an answer
    was written.
    """

    closed = Signal()
    stepped = Signal(int)
    changed = Signal()

    def __init__(self, desk: Desk, respondent: Respondent = "unit") -> None:
        super().__init__()
        self._desk = desk
        self._texts = desk.texts
        self.session = Session(desk.store, self._who)
        self._forms = desk.store.scheme.forms_of(respondent)
        self._sheets: dict[str, FormSheet] = {}
        self._stale: set[str] = set()
        self.tasks = EntryTasks(self, self.session, desk)
        self._tabs = self._form_tabs()
        self._stack = QStackedWidget()
        for _ in self._forms:
            self._stack.addWidget(QWidget())
        self.message = self._banner()
        self.panel = FindingsPanel(self.session, desk.texts, desk.icons, desk.colours)
        self.cell_panel = CellPanel(self.session, desk.texts)
        self.side = QTabWidget()
        self.side.setObjectName("side")
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

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever opens a unit can type at once."""
        super().showEvent(event)
        self.sheet().editor.begin()

    def place(self) -> tuple[int, int]:
        """The open unit and form."""
        return self.session.unit, self._tabs.currentIndex()

    def show_form(self, at: int) -> None:
        """Brings a form to the front, counted from 0."""
        self._tabs.setCurrentIndex(at)

    def sheet(self) -> FormSheet:
        """The form in front."""
        return self._sheet(self._tabs.currentIndex())

    def go_to(self, name: str, line: int = 0) -> None:
        """Puts the cursor on an item, on whichever form it is."""
        form = self._desk.store.scheme.form_of(name)
        if form in self._forms:
            self._tabs.setCurrentIndex(self._forms.index(form))
            self.sheet().editor.go_to(name, line)

    def unsaved(self) -> list[str]:
        """Saves what is being typed; gives the names of the items whose text cannot be saved."""
        return [name for name, _line in self._unsaved()]

    def may_leave(self) -> bool:
        """Whether all is saved; where not, the cursor goes to the cell and its trouble is said."""
        found = self._unsaved()
        if not found:
            return True
        self.go_to(*found[0])
        scheme = self._desk.store.scheme
        labels = self._texts("check.and").join(scheme.label(name, self._texts.lang) for name, _ in found)
        self.say(self._texts("entry.unsaved", labels=labels))
        return False

    def say(self, text: str) -> None:
        """A line above the form."""
        self.message.setText(text)
        self.message.show()

    def fail(self, error: SurveyError) -> None:
        """Says trouble above the form."""
        self.say(sentence(error, self._texts))

    def cell(self) -> tuple[str, int] | None:
        """The item and line under the cursor."""
        return self.cell_panel.cell

    # Forms, each drawn when it is first looked at

    def _sheet(self, at: int) -> FormSheet:
        form = self._forms[at]
        if form.id not in self._sheets:
            desk = self._desk
            sheet = FormSheet(form, self.session, desk.texts, desk.icons, desk.colours, self._enter)
            sheet.refused.connect(self.say)
            sheet.said.connect(self.say)
            sheet.moved.connect(self.cell_panel.show_cell)
            sheet.pasted.connect(self.tasks.paste)
            self._sheets[form.id] = sheet
            old = self._stack.widget(at)
            self._stack.insertWidget(at, sheet)
            self._stack.removeWidget(old)
            old.deleteLater()
            if self.session.unit:
                self._load(sheet)
        return self._sheets[form.id]

    def _load(self, sheet: FormSheet) -> None:
        sheet.load()
        sheet.refresh(self.panel.marks())
        self._name(sheet)

    def _show_sheet(self, at: int) -> None:
        self._stack.setCurrentWidget(self._sheet(at))
        self._freshen()

    def _freshen(self) -> None:
        """Brings the form in front up to date; the others wait until they are looked at."""
        sheet = self._sheets.get(self._forms[max(self._tabs.currentIndex(), 0)].id)
        if sheet and sheet.form.id in self._stale:
            self._stale.discard(sheet.form.id)
            sheet.refresh(self.panel.marks())
            self._name(sheet)

    def _unsaved(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        if self.session.unit:
            for sheet in self._sheets.values():
                sheet.editor.settle()
                found += sheet.editor.unsaved()
        return found

    # Layout

    def _form_tabs(self) -> QTabBar:
        tabs = QTabBar()
        tabs.setObjectName("forms")
        tabs.setExpanding(False)
        tabs.setDrawBase(False)
        tabs.setElideMode(Qt.TextElideMode.ElideNone)
        tabs.setUsesScrollButtons(True)
        for form in self._forms:
            # A lone & would be taken for a keyboard mark.
            tabs.addTab(f"{form.id}  {self._texts.pick(form.title, form.title_en)}".replace("&", "&&"))
        return tabs

    def _banner(self) -> QLabel:
        banner = QLabel()
        banner.setObjectName("message")
        banner.setProperty("kind", "banner")
        banner.setTextFormat(Qt.TextFormat.PlainText)
        banner.setWordWrap(True)
        banner.hide()
        return banner

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
        self._heading, self._subheading = ShortLabel("heading"), ShortLabel("subheading")
        self._heading.setObjectName("unitName")
        self._subheading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subheading)
        top = QHBoxLayout()
        top.setSpacing(8)
        if not alone:
            top.addWidget(self._button("back", self._close, "Alt+←"), 0, Qt.AlignmentFlag.AlignTop)
            top.addSpacing(6)
        top.addLayout(titles, 1)
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
            top.addWidget(self._button(name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        for name, action, keys in (("earlier", self._earlier, "Alt+PgUp"), ("later", self._later, "Alt+PgDn")):
            if not alone:
                top.addWidget(self._button(name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _button(self, name: str, action: Callable[[], None], keys: str) -> QPushButton:
        button = QPushButton(self._desk.icons.icon(name), "")
        button.setObjectName(name)
        button.setProperty("kind", "icon")
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(self._texts(f"entry.{name}"))
        button.setToolTip(f"{self._texts(f'entry.{name}')}  {keys}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(self._show_sheet)
        self.panel.chosen.connect(self.go_to)
        self.panel.explain.connect(self.tasks.explain)
        self.cell_panel.note.connect(self.tasks.note)
        self.cell_panel.correct.connect(self.tasks.correct)
        self.session.changed.connect(self._refresh)
        self.session.refused.connect(self.fail)

    def _keys(self) -> None:
        tasks = self.tasks
        for keys, action in (
            ("F2", tasks.edit_or_explain), ("F3", tasks.note), ("Shift+F2", tasks.correct), ("F4", self._show_cell),
            ("F6", tasks.go_to), ("Ctrl+F", tasks.go_to), ("F7", tasks.repeat), ("F8", tasks.next_finding),
            ("Shift+F8", tasks.previous_finding), ("F9", tasks.check), ("F11", tasks.compare), ("F12", tasks.card),
            ("Ctrl+Z", tasks.undo), ("Ctrl+Y", tasks.redo), ("Ctrl+Shift+Z", tasks.redo), ("Ctrl+P", tasks.print),
            ("Ctrl+PgDown", self._next_form), ("Ctrl+PgUp", self._previous_form), ("Ctrl+S", self._say_saved),
            ("Alt+PgDown", self._later), ("Alt+PgUp", self._earlier), ("Alt+Left", self._close),
        ):  # fmt: skip
            QShortcut(
                QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            ).activated.connect(action)

    # What happens

    def _refresh(self) -> None:
        """After a change: findings, marks, names."""
        self.message.hide()
        self.panel.refresh()
        self._stale = set(self._sheets)
        self._freshen()
        self._name_unit()
        self._offer_last_year()
        self.cell_panel.refresh()
        for name, possible in (("undo", self.session.undo.canUndo()), ("redo", self.session.undo.canRedo())):
            button = self.findChild(QPushButton, name)
            if button:
                button.setEnabled(possible)
        self.changed.emit()

    def _offer_last_year(self) -> None:
        """Continuing units need not type what they said of themselves last year."""
        carried = [] if self.session.begun() or self.session.locked() else self.session.carried()
        self._carry.setText(self._texts("entry.carry", count=len(carried)))
        self._carry.setVisible(bool(carried))

    def _name_unit(self) -> None:
        register = self._desk.store.register(self.session.unit)
        self._heading.setText(str(register["name@reg"] or self._texts("entry.unnamed")))
        self._subheading.setText(
            self._texts(
                "entry.unit_line", uscc=register["uscc@reg"], period=self.session.period, where=self._where
            ).rstrip("　")
        )

    def _name(self, sheet: FormSheet) -> None:
        register = self._desk.store.register(self.session.unit)
        sheet.name_unit(str(register["uscc@reg"]), str(register["name@reg"] or ""), self.session.period)

    def _who(self) -> str:
        return self._desk.settings.who

    def _enter(self) -> str:
        return self._desk.settings.enter

    def _show_cell(self) -> None:
        self.side.setCurrentWidget(self.cell_panel)

    def _next_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + 1) % self._tabs.count())

    def _previous_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() - 1) % self._tabs.count())

    def _say_saved(self) -> None:
        self.say(self._texts("entry.saved"))

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
