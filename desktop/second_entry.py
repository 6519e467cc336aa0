"""Keying a unit the second time: the same forms and keys, empty, with nothing to lean on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from desktop.entry_dialogs import AskDialog, GoToDialog
from desktop.form_fields import FormFields
from desktop.form_grid import FormGrid
from desktop.form_sheet import FormSheet
from desktop.forms_page import FormsPage
from desktop.pages import Desk
from desktop.second_session import BlindSession
from survey.errors import SurveyError


class BlindPage(FormsPage):
    """One drawn unit. `closed` asks to leave for the list, `finished` says that all is keyed and compared."""

    session: BlindSession
    closed = Signal()
    finished = Signal(int)

    def __init__(self, desk: Desk) -> None:
        session = BlindSession(desk.store, lambda: desk.settings.who)
        super().__init__(desk, session, desk.store.scheme.forms_of("unit"), "second")
        self._same = self._banner("sameKeyer")
        self._same.setText(self._texts("second.same_keyer"))
        self._lay_out()
        self.session.opened.connect(self._refresh)
        self.session.changed.connect(self._refresh)
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

    def _dress(self, sheet: FormSheet) -> None:
        sheet.pasted.connect(self._refuse_paste)
        if isinstance(sheet.editor, FormGrid):
            sheet.editor.hide_before()

    def _show_sheet(self, at: int) -> None:
        super()._show_sheet(at)
        if self.isVisible():
            self._begin(self._sheet(at))

    def _begin(self, sheet: FormSheet) -> None:
        """Gives the keyboard to the first cell that is keyed."""
        keyed = [item.name for item in sheet.form.items if not self.session.fixed(item)]
        if isinstance(sheet.editor, FormFields) and keyed:
            sheet.editor.go_to(keyed[0])
        else:
            super()._begin(sheet)

    # Layout

    def _lay_out(self) -> None:
        self._heading.setObjectName("secondUnit")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(
            self._button("back", self._texts("second.back"), self.close_unit, "Alt+←"), 0, Qt.AlignmentFlag.AlignTop
        )
        top.addSpacing(6)
        top.addLayout(self._titles(), 1)
        for name, action, keys in (
            ("undo", self._undo, "Ctrl+Z"), ("redo", self._redo, "Ctrl+Y"), ("goto", self._ask_item, "F6"),
        ):  # fmt: skip
            top.addWidget(self._button(name, self._texts(f"entry.{name}"), action, keys), 0, Qt.AlignmentFlag.AlignTop)
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

    def _keys(self) -> None:
        self._bind((
            ("F6", self._ask_item), ("Ctrl+F", self._ask_item), ("F7", self._repeat), ("F9", self.finish),
            ("Ctrl+Z", self._undo), ("Ctrl+Y", self._redo), ("Ctrl+Shift+Z", self._redo),
            ("Alt+Left", self.close_unit),
        ))  # fmt: skip

    # What happens

    def close_unit(self) -> None:
        """Back to the list; what was keyed is kept."""
        if self.may_leave():
            self.closed.emit()

    def _refresh(self) -> None:
        self.message.hide()
        for sheet in self._sheets.values():
            sheet.refresh({})
        self._name_unit("second.unit_line")

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

    def _refuse_paste(self, _text: str) -> None:
        self.say(self._texts("second.no_paste"))
