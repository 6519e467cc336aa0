"""What an officer can do on the entry page: each task one short method, most with a key of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from desktop.compare_dialog import CompareDialog
from desktop.entry_dialogs import GoToDialog, NoteDialog, PasteDialog, ReasonDialog, ValueDialog
from desktop.form_fields import FormFields
from desktop.pages import Desk
from desktop.paste import Landing, landings, rows_of
from desktop.session import Session
from desktop.unit_card import UnitCardDialog
from survey import explanations, notes
from survey.checks import Finding, sentence
from survey.errors import SurveyError
from survey.record import read_value, show_value
from survey.store import UnitRow

if TYPE_CHECKING:
    from desktop.entry_page import EntryPage


class EntryTasks(QObject):
    """Works on the open unit; what cannot be done is said above the form."""

    def __init__(self, page: EntryPage, session: Session, desk: Desk) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._desk = desk
        self._texts = desk.texts

    def edit_or_explain(self) -> None:
        """F2: a doubted cell asks for its reason, any other is opened."""
        cell = self._page.cell()
        found = self._page.panel.of_cell(*cell) if cell else []
        open_ = [one for one in found if (answer := self._session.explanation(one)) is None or not answer.fits]
        editor = self._page.sheet().editor
        if open_:
            self.explain(open_[0])
        elif not isinstance(editor, FormFields):
            editor.edit(editor.currentIndex())

    def explain(self, finding: Finding) -> None:
        """Asks why a doubted answer is right."""
        known = self._session.explanation(finding)
        dialog = ReasonDialog(
            self._texts("entry.explain"),
            sentence(finding, self._session.store.scheme, self._texts),
            lambda text: self._session.explain(finding, text),
            self._texts,
            self._page,
            begun=known.text if known else "",
            last=self._session.last_explanation(finding),
            uses=lambda text: explanations.uses(self._session.store, self._session.period, text),
        )
        self._ask(dialog)

    def note(self) -> None:
        """A note on the cell under the cursor, or on the unit."""
        name, line = self._page.cell() or ("", 0)
        session = self._session
        label = session.store.scheme.label(name, self._texts.lang) if name else self._texts("entry.note_on_unit")

        def keep(text: str, attachment: str) -> None:
            notes.add(
                session.store, session.unit, session.period, text, item=name, line=line, attachment=attachment,
                who=session.who,
            )  # fmt: skip
            self._page.cell_panel.refresh()

        self._ask(NoteDialog(label, keep, self._texts, self._page))

    def correct(self) -> None:
        """Another value for last year, with its reason."""
        name, line = self._page.cell() or ("", 0)
        if not name or line:
            self._page.say(self._texts("entry.correct_where"))
            return
        session, scheme = self._session, self._session.store.scheme
        item = scheme.item(name)
        if item.computed:
            self._page.say(self._texts("error.computed", label=self._texts.pick(item.label, item.label_en)))
            return

        def keep(text: str, reason: str) -> None:
            value = read_value(item, text, scheme.lists)
            session.correct_before(name, value, explanations.check_text(reason))

        value = session.last_year(name)
        shown = str(value) if item.numeric and value is not None else show_value(item, value, scheme.lists)
        self._ask(ValueDialog(item, shown, keep, self._texts, self._page))

    def go_to(self) -> None:
        """An item by code, name or initials."""
        scheme = self._session.store.scheme
        items = [item for form in self._session.forms for item in form.items]
        dialog = GoToDialog(scheme, items, self._texts, self._page)
        if self._ask(dialog):
            self._page.go_to(dialog.item)

    def carry_over(self) -> None:
        """Takes the identity answers of last year over as one step."""
        try:
            self._session.commit_all(self._session.carried())
        except SurveyError as error:
            self._page.fail(error)

    def repeat(self) -> None:
        """F7: what the line above or the unit before has."""
        self._page.sheet().editor.repeat()

    def next_finding(self) -> None:
        self._page.panel.step(1)

    def previous_finding(self) -> None:
        self._page.panel.step(-1)

    def check(self) -> None:
        """F9: settles the unit's status and says what is open."""
        if not self._page.may_leave():
            return
        try:
            status = self._session.check()
        except SurveyError as error:
            self._page.fail(error)
            return
        self._page.changed.emit()
        failed = sum(one.verdict == "fail" for one in self._session.findings)
        self._page.say(self._texts(f"entry.checked.{status}", failed=failed))

    def undo(self) -> None:
        self._page.sheet().editor.settle()
        self._session.undo.undo()

    def redo(self) -> None:
        self._page.sheet().editor.settle()
        self._session.undo.redo()

    def card(self) -> None:
        """F12: all there is of the unit."""
        self._ask(UnitCardDialog(self._desk, self._session.unit, self._page))

    def compare(self) -> None:
        """This year against last year."""
        dialog = CompareDialog(self._session, self._texts, self._page)
        dialog.chosen.connect(self._page.go_to)
        self._ask(dialog)

    def paste(self, text: str) -> None:
        """A block from a spreadsheet, first shown, then taken as one step."""
        sheet = self._page.sheet()
        if sheet.model is None or isinstance(sheet.editor, FormFields):
            return
        rows = rows_of(text)
        index = sheet.editor.currentIndex()
        found = landings(sheet.model, index.row(), index.column(), rows, self._texts)
        if not any(one.cell or one.problem for one in found):
            self._page.say(self._texts("paste.nothing"))
            return
        if len(found) == 1 and found[0].taken:
            self._take([found[0]])
            return
        if self._ask(PasteDialog(found, self._session.store.scheme, self._texts, self._page)):
            self._take([one for one in found if one.taken])

    def _take(self, found: Sequence[Landing]) -> None:
        try:
            self._session.commit_all([one.change() for one in found])
        except SurveyError as error:
            self._page.fail(error)

    def unlock(self) -> None:
        """Goes on after the survey's time, with a reason."""
        until = self._session.store.scheme.legal.valid_until
        facts = self._texts("error.expired", until=until)
        self._ask(ReasonDialog(self._texts("entry.unlock"), facts, self._session.unlock, self._texts, self._page))
        self._page.open(self._session.unit, self._session.period)

    def print(self) -> None:
        """The form in front, or others of the unit, on paper."""
        if not self._page.may_leave():
            return
        # Printing pulls in what entry must not wait for.
        from desktop.print_choices import Job
        from desktop.print_dialog import PrintDialog

        session = self._session
        register = session.store.register(session.unit)
        row = UnitRow(session.unit, str(register["uscc@reg"]), str(register["name@reg"] or ""), "", "")
        forms = tuple(form.id for form in session.forms)
        PrintDialog(self._desk, Job(session.period, (row,), self._page.sheet().form.id, forms), self._page).open()

    def _ask(self, dialog: QDialog) -> bool:
        accepted = bool(dialog.exec())
        dialog.deleteLater()
        return accepted
