"""The forms of one respondent under tabs: what filling them in and keying them again have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.cell_model import Marks
from desktop.form_sheet import FormSheet
from desktop.pages import Desk, ShortLabel
from desktop.plain import Label, keyless, quoted
from desktop.session import Session
from survey.errors import SurveyError, sentence
from survey.form import Form

Keys = Iterable[tuple[str, Callable[[], None]]]


class FormsPage(QWidget):
    """Each form is drawn when it is first looked at; nobody leaves while a text is not saved.

    `name` stands before the names of its parts.
    """

    def __init__(self, desk: Desk, session: Session, forms: tuple[Form, ...], name: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._texts = desk.texts
        self.session = session
        self._forms = forms
        self._sheets: dict[str, FormSheet] = {}
        self._stack = QStackedWidget()
        for _ in forms:
            self._stack.addWidget(QWidget())
        self._prefix = name
        self._tabs = self._form_tabs()
        self.message = self._banner(self._named("message"))
        self._heading, self._subheading = ShortLabel("heading"), ShortLabel("subheading")
        self._tabs.currentChanged.connect(self._show_sheet)
        session.refused.connect(self.fail)

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
        form = self._desk.store.scheme.form_of(name)
        if form in self._forms:
            self._tabs.setCurrentIndex(self._forms.index(form))
            self.sheet().editor.go_to(name, line)

    def unsaved(self) -> list[tuple[str, int]]:
        """Saves what is being typed; gives the items and lines whose text cannot be saved."""
        found: list[tuple[str, int]] = []
        if self.session.unit:
            for sheet in self._sheets.values():
                sheet.editor.settle()
                found += sheet.editor.unsaved()
        return found

    def unsaved_labels(self) -> list[str]:
        """What cannot be saved, as a person calls it."""
        scheme = self._desk.store.scheme
        return [scheme.label(name, self._texts.lang) for name, _line in self.unsaved()]

    def may_leave(self) -> bool:
        """Whether all is saved; where not, the cursor goes to the cell and its trouble is said."""
        found = self.unsaved()
        if found:
            self.go_to(*found[0])
            labels = self._texts("check.and").join(self.unsaved_labels())
            self.say(self._texts("entry.unsaved", labels=labels))
        return not found

    def say(self, text: str) -> None:
        """A line above the form."""
        self.message.setText(text)
        self.message.show()

    def fail(self, error: SurveyError) -> None:
        """Says trouble above the form."""
        self.say(sentence(error, self._texts))

    # What a page does in its own way

    def _dress(self, sheet: FormSheet) -> None:
        """A form has been drawn: what is special to the page."""

    def _marks(self) -> Marks:
        """Which cells are painted."""
        return {}

    def _begin(self, sheet: FormSheet) -> None:
        """Gives the keyboard to a form."""
        sheet.editor.begin()

    def _show_sheet(self, at: int) -> None:
        """A form comes to the front; the keyboard is in it, and all that follows the cursor is told."""
        sheet = self._sheet(at)
        self._stack.setCurrentWidget(sheet)
        sheet.editor.tell_place()

    # Forms

    def _sheet(self, at: int) -> FormSheet:
        form = self._forms[at]
        if form.id not in self._sheets:
            desk = self._desk
            sheet = FormSheet(form, self.session, desk.texts, desk.icons, desk.colours, self._enter)
            sheet.refused.connect(self.say)
            sheet.said.connect(self.say)
            self._dress(sheet)
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
        sheet.refresh(self._marks())
        self._name(sheet)

    def _name(self, sheet: FormSheet) -> None:
        register = self._desk.store.register(self.session.unit)
        sheet.name_unit(str(register["uscc@reg"]), str(register["name@reg"] or ""), self.session.period)

    def _name_unit(self, line: str, **facts: object) -> None:
        """The unit above the forms, with a line of facts below its name."""
        register = self._desk.store.register(self.session.unit)
        self._heading.setText(str(register["name@reg"] or self._texts("entry.unnamed")))
        facts |= {"uscc": register["uscc@reg"], "period": self.session.period}
        self._subheading.setText(self._texts(line, **facts).rstrip("　"))

    # Layout

    def _named(self, name: str) -> str:
        """The name of a part: `forms`, or `secondForms` where the page has a name of its own."""
        return f"{self._prefix}{name[0].upper()}{name[1:]}" if self._prefix else name

    def _form_tabs(self) -> QTabBar:
        tabs = QTabBar()
        tabs.setObjectName(self._named("forms"))
        tabs.setExpanding(False)
        tabs.setDrawBase(False)
        tabs.setElideMode(Qt.TextElideMode.ElideNone)
        tabs.setUsesScrollButtons(True)
        for form in self._forms:
            # A lone & would be taken for a keyboard mark.
            tabs.addTab(keyless(f"{form.id}  {self._texts.pick(form.title, form.title_en)}"))
        return tabs

    def _banner(self, name: str) -> QLabel:
        banner = Label()
        banner.setObjectName(name)
        banner.setProperty("kind", "banner")
        banner.setWordWrap(True)
        banner.hide()
        return banner

    def _titles(self) -> QVBoxLayout:
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._heading)
        titles.addWidget(self._subheading)
        return titles

    def _button(self, name: str, text: str, action: Callable[[], None], keys: str) -> QPushButton:
        button = QPushButton(self._desk.icons.icon(name), "")
        button.setObjectName(self._named(name))
        button.setProperty("kind", "icon")
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(text)
        button.setToolTip(quoted(f"{text}  {keys}"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: action())
        return button

    def _bind(self, keys: Keys) -> None:
        """Keys of the page, with those that all such pages have."""
        common = (
            ("Ctrl+PgDown", self._next_form), ("Ctrl+PgUp", self._previous_form), ("Ctrl+S", self._say_saved),
        )  # fmt: skip
        for key, action in (*keys, *common):
            QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut).activated.connect(
                action
            )

    def _next_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + 1) % self._tabs.count())

    def _previous_form(self) -> None:
        self._tabs.setCurrentIndex((self._tabs.currentIndex() - 1) % self._tabs.count())

    def _say_saved(self) -> None:
        self.say(self._texts("entry.saved"))

    def _enter(self) -> str:
        return self._desk.settings.enter
