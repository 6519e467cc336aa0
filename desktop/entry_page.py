"""Filling in a unit's forms: drawn from the scheme, saved at every cell, checked as one types."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.findings_panel import FindingsPanel
from desktop.form_sheet import FormSheet
from desktop.icons import Icons
from desktop.pages import ShortLabel
from desktop.theme import Colours
from survey import cells
from survey.checks import Finding, compile_checks
from survey.formulas import Answers
from survey.record import previous_period
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts


class EntryPage(QWidget):
    """One unit in one period."""

    closed = Signal()
    stepped = Signal(int)
    changed = Signal()

    def __init__(self, store: Store, texts: Texts, icons: Icons, colours: Colours) -> None:
        super().__init__()
        self._store = store
        self._texts = texts
        self._unit = 0
        self._period = store.period
        self._now: dict[str, Value] = {}
        self._before: dict[str, Value] = {}
        self._wrong: list[str] = []
        self._checks = compile_checks(store.scheme, store.period)
        self._sheets: dict[str, FormSheet] = {}
        self._tabs = QTabBar()
        self._tabs.setObjectName("forms")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._stack = QStackedWidget()
        self.message = QLabel()
        self.message.setObjectName("message")
        self.message.setProperty("kind", "banner")
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.hide()
        self.panel = FindingsPanel(store.scheme, texts, icons, colours)
        for form in store.scheme.forms:
            sheet = FormSheet(form, store.scheme, texts, colours, self._commit)
            sheet.refused.connect(self.say)
            sheet.committed.connect(self._committed)
            self._sheets[form.id] = sheet
            # A lone & would be taken for a keyboard mark.
            self._tabs.addTab(f"{form.id}  {texts.pick(form.title, form.title_en)}".replace("&", "&&"))
            self._stack.addWidget(sheet)
        self._tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self.panel.chosen.connect(self.go_to)
        self._lay_out(icons)
        for keys, action in (
            ("F8", self._next_finding), ("Ctrl+PgDown", self._next_form), ("Ctrl+PgUp", self._previous_form),
            ("Ctrl+S", self._say_saved), ("Alt+PgDown", self._later), ("Alt+PgUp", self._earlier),
            ("Alt+Left", self._close),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    def open(self, unit: int, period: str, where: str = "") -> None:
        """Shows a unit's answers of a period beside those of the year before; `where` it is in the list."""
        self._unit, self._period = unit, period
        before = previous_period(period)
        self._now = cells.read(self._store, unit, period).values
        self._before = cells.read(self._store, unit, before).values
        self._checks = compile_checks(self._store.scheme, period)
        register = self._store.register(unit)
        self._subheading.setText(self._texts("entry.unit_line", uscc=register["uscc@reg"], period=period, where=where))
        for sheet in self._sheets.values():
            sheet.load(self._now, self._before, (period, before))
        self._name_unit()
        self.message.hide()
        self._check()

    def place(self) -> tuple[int, int]:
        """The open unit and form."""
        return self._unit, self._tabs.currentIndex()

    def show_form(self, at: int) -> None:
        """Brings a form to the front, counted from 0."""
        self._tabs.setCurrentIndex(at)

    def go_to(self, name: str) -> None:
        """Puts the cursor on an item, on whichever form it is."""
        form = self._store.scheme.form_of(name)
        self._tabs.setCurrentIndex(self._store.scheme.forms.index(form))
        self._sheets[form.id].editor.go_to(name)

    def unsaved(self) -> list[str]:
        """Saves what is being typed; gives the names of the items whose text cannot be saved."""
        names: list[str] = []
        if self._unit:
            for sheet in self._sheets.values():
                sheet.editor.settle()
                names += sheet.editor.unsaved()
        return names

    def may_leave(self) -> bool:
        """Whether all is saved; where not, the cursor goes to the cell and its trouble is said."""
        names = self.unsaved()
        if not names:
            return True
        self.go_to(names[0])
        labels = self._texts("check.and").join(self._store.scheme.label(name, self._texts.lang) for name in names)
        self.say(self._texts("entry.unsaved", labels=labels))
        return False

    def say(self, text: str) -> None:
        """A line above the form."""
        self.message.setText(text)
        self.message.show()

    def _lay_out(self, icons: Icons) -> None:
        self._heading, self._subheading = ShortLabel("heading"), ShortLabel("subheading")
        self._heading.setObjectName("unitName")
        self._subheading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subheading)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._button(icons, "back", self._close, "Alt+←"), 0, Qt.AlignmentFlag.AlignTop)
        top.addSpacing(6)
        top.addLayout(titles, 1)
        for name, action, keys in (("earlier", self._earlier, "Alt+PgUp"), ("later", self._later, "Alt+PgDn")):
            top.addWidget(self._button(icons, name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(self._stack, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setSizes([780, 290])
        split.setChildrenCollapsible(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 12)
        outer.setSpacing(10)
        outer.addLayout(top)
        outer.addWidget(self.message)
        outer.addWidget(split, 1)

    def _button(self, icons: Icons, name: str, action: Callable[[], None], keys: str) -> QPushButton:
        button = QPushButton(icons.icon(name), "")
        button.setObjectName(name)
        button.setProperty("kind", "icon")
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(self._texts(f"entry.{name}"))
        button.setToolTip(f"{self._texts(f'entry.{name}')}  {keys}")
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _name_unit(self) -> None:
        register = self._store.register(self._unit)
        name = str(register["name@reg"] or self._texts("entry.unnamed"))
        self._heading.setText(name)
        for sheet in self._sheets.values():
            sheet.name_unit(str(register["uscc@reg"]), name, self._period)

    def _commit(self, name: str, value: Value) -> None:
        """On disk before the cursor is in the next cell."""
        cells.write(self._store, self._unit, self._period, name, value)
        if value is None:
            self._now.pop(name, None)
        else:
            self._now[name] = value

    def _committed(self, name: str) -> None:
        self.message.hide()
        if name in ("name", "uscc"):
            self._name_unit()
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        findings = self._checks.record(Answers(self._now), Answers(self._before), self._store.register(self._unit))
        failed = [finding for finding in findings if finding.verdict == "fail"]
        self.panel.show_findings(findings)
        self._wrong = [self.panel.target(finding) for finding in failed]
        marks = self._marks(failed)
        for sheet in self._sheets.values():
            sheet.mark(marks)

    def _marks(self, failed: list[Finding]) -> dict[str, str]:
        """Which cells are painted: `bad` where a class A check fails, else `note`."""
        marks: dict[str, str] = {}
        for finding in failed:
            for key in finding.items:
                name = self._store.scheme.item_at(key).name
                marks[name] = "bad" if finding.category == "A" else marks.get(name, "note")
        return marks

    def _next_finding(self) -> None:
        if self._wrong:
            self._wrong.append(self._wrong.pop(0))
            self.go_to(self._wrong[-1])

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
