"""Keying a unit the second time: the same forms and keys, empty, with nothing to lean on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.entry_dialogs import AskDialog, GoToDialog
from desktop.form_fields import FormFields
from desktop.form_grid import FormGrid
from desktop.form_model import BEFORE, CHANGE
from desktop.form_sheet import FormSheet
from desktop.pages import Desk, ShortLabel
from desktop.second_session import BlindSession
from survey.errors import SurveyError, sentence


class BlindPage(QWidget):
    """One drawn unit. `closed` asks to leave for the list, `finished` says that all is keyed and compared."""

    closed = Signal()
    finished = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._texts = desk.texts
        self.session = BlindSession(desk.store, self._who)
        self._forms = desk.store.scheme.forms_of("unit")
        self._sheets: dict[str, FormSheet] = {}
        self._tabs = QTabBar()
        self._tabs.setObjectName("secondForms")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._stack = QStackedWidget()
        for form in self._forms:
            self._tabs.addTab(f"{form.id}  {self._texts.pick(form.title, form.title_en)}".replace("&", "&&"))
            self._stack.addWidget(QWidget())
        self.message = self._banner("secondMessage")
        self._same = self._banner("sameKeyer")
        self._same.setText(self._texts("second.same_keyer"))
        self._lay_out()
        self._tabs.currentChanged.connect(self._show_sheet)
        self.session.changed.connect(self._refresh)
        self.session.refused.connect(self.fail)
        self._keys()

    def open(self, unit: int, period: str) -> None:
        """An empty set of forms, or what was keyed so far."""
        self.message.hide()
        self.session.open(unit, period)
        self._same.setVisible(self.session.keyed_first())
        for sheet in self._sheets.values():
            self._load(sheet)
        self._tabs.setCurrentIndex(0)
        self._show_sheet(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever opens a unit can type at once."""
        super().showEvent(event)
        if self.session.unit:
            self._begin(self.sheet())

    def sheet(self) -> FormSheet:
        """The form in front."""
        return self._sheet(self._tabs.currentIndex())

    def show_form(self, at: int) -> None:
        """Brings a form to the front, counted from 0."""
        self._tabs.setCurrentIndex(at)

    def go_to(self, name: str, line: int = 0) -> None:
        """Puts the cursor on an item, on whichever form it is."""
        self._tabs.setCurrentIndex(self._forms.index(self._desk.store.scheme.form_of(name)))
        self.sheet().editor.go_to(name, line)

    def unsaved(self) -> list[tuple[str, int]]:
        """Saves what is being typed; gives the cells whose text cannot be saved."""
        found: list[tuple[str, int]] = []
        if self.session.unit:
            for sheet in self._sheets.values():
                sheet.editor.settle()
                found += sheet.editor.unsaved()
        return found

    def may_leave(self) -> bool:
        """Whether all is saved; where not, the cursor goes to the cell and its trouble is said."""
        found = self.unsaved()
        if found:
            self.go_to(*found[0])
            scheme = self._desk.store.scheme
            labels = self._texts("check.and").join(scheme.label(name, self._texts.lang) for name, _ in found)
            self.say(self._texts("entry.unsaved", labels=labels))
        return not found

    def say(self, text: str) -> None:
        """A line above the form."""
        self.message.setText(text)
        self.message.show()

    def fail(self, error: SurveyError) -> None:
        """Says trouble above the form."""
        self.say(sentence(error, self._texts))

    def finish(self) -> None:
        """F9: all is keyed; the two entries are compared once the person has said so."""
        if not self.may_leave() or not self._sure():
            return
        try:
            self.session.finish()
        except SurveyError as error:
            self.fail(error)
            return
        self.finished.emit(self.session.unit)

    def _sure(self) -> bool:
        """What was keyed cannot be changed any more once it has been compared."""
        texts = self._texts
        facts = texts("second.finish_facts", keyed=self.session.keyed())
        dialog = AskDialog("finishDialog", texts("second.finish"), facts, texts, self)
        accepted = bool(dialog.exec())
        dialog.deleteLater()
        return accepted

    # Forms, each drawn when it is first looked at

    def _sheet(self, at: int) -> FormSheet:
        form = self._forms[at]
        if form.id not in self._sheets:
            desk = self._desk
            sheet = FormSheet(form, self.session, desk.texts, desk.icons, desk.colours, self._enter)
            sheet.refused.connect(self.say)
            sheet.said.connect(self.say)
            sheet.pasted.connect(self._refuse_paste)
            if isinstance(sheet.editor, FormGrid):
                for column in (BEFORE, CHANGE):
                    sheet.editor.hideColumn(column)
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
        sheet.refresh({})
        register = self._desk.store.register(self.session.unit)
        sheet.name_unit(str(register["uscc@reg"]), str(register["name@reg"] or ""), self.session.period)

    def _show_sheet(self, at: int) -> None:
        self._stack.setCurrentWidget(self._sheet(at))
        if self.isVisible():
            self._begin(self._sheet(at))

    def _begin(self, sheet: FormSheet) -> None:
        """Gives the keyboard to the first cell that is keyed."""
        if isinstance(sheet.editor, FormFields):
            sheet.editor.go_to(next(item.name for item in sheet.form.items if not self.session.fixed(item)))
        else:
            sheet.editor.begin()

    # Layout

    def _banner(self, name: str) -> QLabel:
        banner = QLabel()
        banner.setObjectName(name)
        banner.setProperty("kind", "banner")
        banner.setTextFormat(Qt.TextFormat.PlainText)
        banner.setWordWrap(True)
        banner.hide()
        return banner

    def _lay_out(self) -> None:
        self._heading, self._subheading = ShortLabel("heading"), ShortLabel("subheading")
        self._heading.setObjectName("secondUnit")
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subheading)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._button("back", self.close_unit, "Alt+←"), 0, Qt.AlignmentFlag.AlignTop)
        top.addSpacing(6)
        top.addLayout(titles, 1)
        for name, action, keys in (
            ("undo", self._undo, "Ctrl+Z"), ("redo", self._redo, "Ctrl+Y"), ("goto", self._ask_item, "F6"),
        ):  # fmt: skip
            top.addWidget(self._button(name, action, keys), 0, Qt.AlignmentFlag.AlignTop)
        done = QPushButton(self._texts("second.finish"))
        done.setObjectName("finishSecond")
        done.setProperty("kind", "primary")
        done.clicked.connect(lambda _checked=False: self.finish())
        top.addWidget(done, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 12)
        outer.setSpacing(10)
        outer.addLayout(top)
        outer.addWidget(self._same)
        outer.addWidget(self.message)
        outer.addWidget(self._tabs)
        outer.addWidget(self._stack, 1)

    def _button(self, name: str, action: Callable[[], None], keys: str) -> QPushButton:
        text = self._texts("second.back" if name == "back" else f"entry.{name}")
        button = QPushButton(self._desk.icons.icon(name), "")
        button.setObjectName(f"second_{name}")
        button.setProperty("kind", "icon")
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(text)
        button.setToolTip(f"{text}  {keys}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _keys(self) -> None:
        for keys, action in (
            ("F6", self._ask_item), ("Ctrl+F", self._ask_item), ("F7", self._repeat), ("F9", self.finish),
            ("Ctrl+Z", self._undo), ("Ctrl+Y", self._redo), ("Ctrl+Shift+Z", self._redo), ("Ctrl+S", self._say_saved),
            ("Ctrl+PgDown", self._next_form), ("Ctrl+PgUp", self._previous_form), ("Alt+Left", self.close_unit),
        ):  # fmt: skip
            QShortcut(
                QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            ).activated.connect(action)

    # What happens

    def close_unit(self) -> None:
        """Back to the list; what was keyed is kept."""
        if self.may_leave():
            self.closed.emit()

    def _refresh(self) -> None:
        self.message.hide()
        for sheet in self._sheets.values():
            sheet.refresh({})
        register = self._desk.store.register(self.session.unit)
        self._heading.setText(str(register["name@reg"] or self._texts("entry.unnamed")))
        self._subheading.setText(self._texts("second.unit_line", uscc=register["uscc@reg"], period=self.session.period))

    def _ask_item(self) -> None:
        items = [item for form in self._forms for item in form.items]
        dialog = GoToDialog(self._desk.store.scheme, items, self._texts, self)
        if dialog.exec():
            self.go_to(dialog.item)

    def _repeat(self) -> None:
        self.sheet().editor.repeat()

    def _undo(self) -> None:
        if self.may_leave():
            self.session.undo.undo()

    def _redo(self) -> None:
        if self.may_leave():
            self.session.undo.redo()

    def _say_saved(self) -> None:
        self.say(self._texts("entry.saved"))

    def _refuse_paste(self, _text: str) -> None:
        self.say(self._texts("second.no_paste"))

    def _next_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + 1) % self._tabs.count())

    def _previous_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() - 1) % self._tabs.count())

    def _who(self) -> str:
        return self._desk.settings.who

    def _enter(self) -> str:
        return self._desk.settings.enter
