"""The identity part of a form: labelled fields, two abreast where there is room, code lists to choose from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.cell_grid import answer_of
from desktop.cell_model import Marks
from desktop.code_edit import CodeEdit, choices
from desktop.icons import Icons
from desktop.plain import Label, quoted
from desktop.session import Session
from survey.errors import SurveyError, sentence
from survey.form import Form, Item, Section
from survey.record import expand, read_value, show_value
from survey.texts import Texts

_LABEL = 150
_WIDE = 640


class FormFields(QScrollArea):
    """A form of fields; each is written when it is left.

    A text that cannot be an answer stays in its field, marked, until it is corrected or given up.
    Under a field stands what the standards derive, where that is not what was answered.
    """

    refused = Signal(str)
    said = Signal(str)
    moved = Signal(str, int)

    def __init__(self, form: Form, session: Session, texts: Texts, icons: Icons) -> None:
        super().__init__()
        self._session = session
        self._scheme = session.store.scheme
        self._texts = texts
        self._arrow = icons.icon("down")
        self._refused: dict[str, str] = {}
        self._marks: Marks = {}
        self._editors: dict[str, QLineEdit] = {}
        self._hints: dict[str, QLabel] = {}
        self._cells: list[tuple[QLabel, QWidget | None]] = []
        self._pairs = 0
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 12, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        for row in form.rows:
            self._cells.append((self._heading(row), None) if isinstance(row, Section) else self._field(row))
        self._place(2)
        self.setWidget(inside)

    def load(self) -> None:
        """Another unit's values."""
        self._refused = {}
        self.refresh()
        self.verticalScrollBar().setValue(0)

    def refresh(self) -> None:
        """The same unit after a change; the field that is being typed in keeps its text."""
        derived = self._session.derived()
        skipped = self._session.skipped()
        for name, editor in self._editors.items():
            item = self._scheme.item(name)
            if name not in self._refused and not (editor.hasFocus() and editor.isModified()):
                self._show(name)
            editor.setReadOnly(self._session.fixed(item))
            self._hint(name, derived.get(name), skip=name in skipped)

    def mark(self, marks: Marks) -> None:
        """Paints fields: `bad` or `note`."""
        self._marks = marks
        for name, editor in self._editors.items():
            state = "bad" if name in self._refused else marks.get((name, 0), "")
            if editor.property("state") != state:
                editor.setProperty("state", state)
                editor.style().polish(editor)

    def unsaved(self) -> list[tuple[str, int]]:
        """The items whose text could not be saved."""
        return [(name, 0) for name in self._refused]

    def settle(self) -> None:
        """Saves the field that is being typed in; what cannot be saved stays in it, marked."""
        name = self._typed_in()
        if name:
            self._leave(name)

    def go_to_first(self) -> None:
        """To the top of the form."""
        self.verticalScrollBar().setValue(0)

    def begin(self) -> None:
        """Gives the keyboard to the first field."""
        next(iter(self._editors.values())).setFocus()

    def tell_place(self) -> None:
        """Says which field has the keyboard; where none has, the first is meant."""
        self.moved.emit(self._typed_in() or next(iter(self._editors)), 0)

    def go_to(self, name: str, _line: int = 0) -> None:
        """Puts the cursor into an item's field."""
        editor = self._editors[name]
        self.ensureWidgetVisible(editor)
        editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def repeat(self) -> None:
        """Puts into the field what the unit before was given, and goes on."""
        name = self._typed_in()
        value = self._session.repeated(name) if name else None
        if value is None:
            return
        editor = self._editors[name]
        if isinstance(editor, CodeEdit):
            editor.show_code(value)
        else:
            editor.setText(show_value(self._scheme.item(name), value, self._scheme.lists))
        if self._leave(name):
            self.focusNextChild()

    def _typed_in(self) -> str:
        """The item whose field has the keyboard, or ''."""
        return next((name for name, editor in self._editors.items() if editor.hasFocus()), "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(2 if self.viewport().width() >= _WIDE else 1)

    def _place(self, pairs: int) -> None:
        """Lays the fields out in pairs of label and editor, one or two abreast."""
        if pairs == self._pairs:
            return
        self._grid.setRowStretch(self._grid.rowCount(), 0)
        for at in range(2):
            self._grid.setColumnStretch(at * 2 + 1, 1 if at < pairs else 0)
        row, pair = 0, 0
        for label, editor in self._cells:
            if editor is None:
                row += 1 if pair else 0
                self._grid.addWidget(label, row, 0, 1, 4)
                row, pair = row + 1, 0
                continue
            self._grid.addWidget(label, row, pair * 2, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(editor, row, pair * 2 + 1, Qt.AlignmentFlag.AlignTop)
            row, pair = (row, pair + 1) if pair + 1 < pairs else (row + 1, 0)
        self._grid.setRowStretch(row + 1, 1)
        self._pairs = pairs

    def _heading(self, section: Section) -> QLabel:
        heading = Label(self._texts.pick(section.section, section.section_en))
        heading.setProperty("kind", "section")
        return heading

    def _field(self, item: Item) -> tuple[QLabel, QWidget]:
        label, editor, below = self._label(item), self._editor(item), Label()
        label.setBuddy(editor)
        below.setObjectName(f"hint_{item.name}")
        below.setProperty("kind", "hint")
        below.setWordWrap(True)
        below.hide()
        self._hints[item.name] = below
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(editor)
        column.addWidget(below)
        return label, both

    def _label(self, item: Item) -> QLabel:
        unit = self._scheme.unit(item.unit, self._texts)
        text = f"{item.code}  {self._texts.pick(item.label, item.label_en)}" + (f" ({unit})" if unit else "")
        label = Label(text + (" *" if item.required else ""))
        label.setToolTip(quoted(self._texts.pick(item.note, item.note_en)))
        label.setFixedWidth(_LABEL)
        label.setMinimumHeight(30)
        label.setWordWrap(True)
        return label

    def _editor(self, item: Item) -> QLineEdit:
        if item.type in ("code", "flag"):
            editor: QLineEdit = CodeEdit(arrow=self._arrow)
            assert isinstance(editor, CodeEdit)
            editor.chosen.connect(lambda name=item.name: self._leave(name))
        else:
            editor = QLineEdit()
        editor.editingFinished.connect(lambda name=item.name: self._leave(name))
        editor.setObjectName(item.name)
        editor.setAccessibleName(f"{item.code} {self._texts.pick(item.label, item.label_en)}")
        editor.setToolTip(quoted(self._texts.pick(item.note, item.note_en)))
        editor.installEventFilter(self)
        self._editors[item.name] = editor
        return editor

    def _show(self, name: str) -> None:
        editor, item, value = self._editors[name], self._scheme.item(name), self._session.value(name)
        blocked = editor.blockSignals(True)
        if isinstance(editor, CodeEdit):
            editor.set_choices(choices(item, self._session, self._texts))
            editor.show_code(value)
        else:
            shown = str(value) if item.numeric and value is not None else show_value(item, value, self._scheme.lists)
            editor.setText(shown)
            editor.setCursorPosition(0)
        editor.blockSignals(blocked)

    def _hint(self, name: str, derived: object, *, skip: bool) -> None:
        """What the standards derive, where it is not what was answered; or that nothing need be answered."""
        value, item = self._session.value(name), self._scheme.item(name)
        text = ""
        if derived is not None and derived != value:
            shown = show_value(item, derived, self._scheme.lists, self._texts.lang)  # type: ignore[arg-type]
            text = self._texts("entry.derived" if value is None else "entry.derived_other", value=shown)
        elif skip and value is None:
            text = self._texts("entry.skipped")
        hint = self._hints[name]
        hint.setText(text)
        hint.setVisible(bool(text))

    def _leave(self, name: str) -> bool:
        """Saves a field; whether it could be."""
        editor, item = self._editors[name], self._scheme.item(name)
        if editor.isReadOnly():
            return True
        if self._expanded(name):
            return False
        try:
            value = read_value(item, answer_of(editor), self._scheme.lists)
            corrected = self._refused.pop(name, None)
            editor.setModified(False)
            self._session.commit(name, value)
        except SurveyError as error:
            self._refused[name] = sentence(error, self._texts)
            self.refused.emit(self._refused[name])
            self.mark(self._marks)
            return False
        self._show(name)
        if corrected:
            self._session.changed.emit()
        return True

    def _expanded(self, name: str) -> bool:
        """Shows a number in words as digits and says so; it is not saved before the field is left once more."""
        editor, item = self._editors[name], self._scheme.item(name)
        digits = expand(item, editor.text())
        if digits is None:
            return False
        unit = self._scheme.unit(item.unit, self._texts)
        self._refused[name] = self._texts("entry.expanded", typed=editor.text(), value=digits, unit=unit)
        editor.setText(digits)
        self.said.emit(self._refused[name])
        self.mark(self._marks)
        return True

    def _restore(self, name: str) -> None:
        self._refused.pop(name, None)
        self._show(name)
        self.mark(self._marks)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field, Esc restores what was there; the side panel follows the cursor."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _free(watched, event):
            event.ignore()
            return True
        if event.type() == QEvent.Type.FocusIn:
            self.moved.emit(watched.objectName(), 0)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if isinstance(watched, CodeEdit) and watched.take_key(event):
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._restore(watched.objectName())
                return True
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self._expanded(watched.objectName()):
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                if self._leave(watched.objectName()):
                    self.focusNextChild()
                return True
            if event.key() == Qt.Key.Key_Up:
                if self._leave(watched.objectName()):
                    self.focusPreviousChild()
                return True
        return super().eventFilter(watched, event)


def _free(editor: QObject, event: QKeyEvent) -> bool:
    """Whether undo or redo means the form's steps: the field itself has nothing to take back."""
    if not isinstance(editor, QLineEdit):
        return False
    if event.matches(QKeySequence.StandardKey.Undo):
        return not editor.isUndoAvailable()
    return event.matches(QKeySequence.StandardKey.Redo) and not editor.isRedoAvailable()
