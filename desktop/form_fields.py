"""The identity part of a form: labelled fields, two abreast where there is room, code lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QGridLayout, QLabel, QLineEdit, QScrollArea, QWidget

from survey.errors import SurveyError, sentence
from survey.form import Form, Item, Section
from survey.record import read_value, show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts

Commit = Callable[[str, Value], None]
_LABEL = 150
_WIDE = 640


class FormFields(QScrollArea):
    """A form of fields; each is written when it is left.

    A text that cannot be an answer stays in its field, marked, until it is corrected or given up.
    """

    refused = Signal(str)
    committed = Signal(str)

    def __init__(self, form: Form, scheme: Scheme, texts: Texts, commit: Commit) -> None:
        super().__init__()
        self._scheme = scheme
        self._texts = texts
        self._commit = commit
        self._now: Mapping[str, Value] = {}
        self._refused: dict[str, str] = {}
        self._marks: Mapping[str, str] = {}
        self._editors: dict[str, QLineEdit | QComboBox] = {}
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

    def load(self, now: dict[str, Value], _before: Mapping[str, Value], _periods: tuple[str, str]) -> None:
        """Another unit's values."""
        self._now = now
        self._refused = {}
        for name in self._editors:
            self._show(name)
        self.verticalScrollBar().setValue(0)

    def mark(self, marks: Mapping[str, str]) -> None:
        """Paints fields by item name: `bad` or `note`."""
        self._marks = marks
        for name, editor in self._editors.items():
            state = "bad" if name in self._refused else marks.get(name, "")
            if editor.property("state") != state:
                editor.setProperty("state", state)
                editor.style().polish(editor)

    def unsaved(self) -> list[str]:
        """The items whose text could not be saved."""
        return list(self._refused)

    def settle(self) -> None:
        """Saves the field that is being typed in; what cannot be saved stays in it, marked."""
        for name, editor in self._editors.items():
            if editor.hasFocus():
                self._leave(name)

    def go_to_first(self) -> None:
        """To the top of the form."""
        self.verticalScrollBar().setValue(0)

    def go_to(self, name: str) -> None:
        """Puts the cursor into an item's field."""
        editor = self._editors[name]
        self.ensureWidgetVisible(editor)
        editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

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
            self._grid.addWidget(label, row, pair * 2)
            self._grid.addWidget(editor, row, pair * 2 + 1)
            row, pair = (row, pair + 1) if pair + 1 < pairs else (row + 1, 0)
        self._grid.setRowStretch(row + 1, 1)
        self._pairs = pairs

    def _heading(self, section: Section) -> QLabel:
        heading = QLabel(self._texts.pick(section.section, section.section_en))
        heading.setProperty("kind", "section")
        return heading

    def _field(self, item: Item) -> tuple[QLabel, QWidget]:
        label, editor = self._label(item), self._editor(item)
        label.setBuddy(editor)
        return label, editor

    def _label(self, item: Item) -> QLabel:
        unit = self._scheme.unit(item.unit, self._texts)
        text = f"{item.code}  {self._texts.pick(item.label, item.label_en)}" + (f" ({unit})" if unit else "")
        label = QLabel(text + (" *" if item.required else ""))
        label.setToolTip(self._texts.pick(item.note, item.note_en))
        label.setFixedWidth(_LABEL)
        label.setWordWrap(True)
        return label

    def _editor(self, item: Item) -> QWidget:
        editor: QLineEdit | QComboBox
        if item.type in ("code", "flag"):
            editor = self._choices(item)
            editor.activated.connect(lambda _at, name=item.name: self._leave(name))
            line = editor.lineEdit()
        else:
            editor = line = QLineEdit()
        if line is not None:
            line.editingFinished.connect(lambda name=item.name: self._leave(name))
        editor.setObjectName(item.name)
        editor.setAccessibleName(f"{item.code} {self._texts.pick(item.label, item.label_en)}")
        editor.setToolTip(self._texts.pick(item.note, item.note_en))
        editor.installEventFilter(self)
        self._editors[item.name] = editor
        return editor

    def _choices(self, item: Item) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # Else the longest entry of a code list would decide how wide the form is.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        box.addItem("", None)
        if item.type == "flag":
            for value in (1, 0):
                box.addItem(show_value(item, value, self._scheme.lists, self._texts.lang), value)
        else:
            codes = self._scheme.lists[item.list]
            for code in codes.codes:
                label = codes.label(code, self._texts.lang)
                # A number is what officers know a class by; an English word would only be in the way.
                box.addItem(label if code.isascii() and code.isalpha() else f"{code}  {label}", code)
        completer = QCompleter(box.model(), box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        box.setCompleter(completer)
        return box

    def _text(self, name: str) -> str:
        editor = self._editors[name]
        if isinstance(editor, QLineEdit):
            return editor.text()
        at = editor.findText(editor.currentText())
        if at < 0:
            at = self._only_match(editor)
        data = editor.itemData(at) if at >= 0 else editor.currentText()
        return "" if data is None else str(data)

    def _only_match(self, box: QComboBox) -> int:
        """The one entry that contains what was typed; -1 where there are none or several."""
        typed = box.currentText().strip().casefold()
        found = [at for at in range(1, box.count()) if typed and typed in box.itemText(at).casefold()]
        return found[0] if len(found) == 1 else -1

    def _show(self, name: str) -> None:
        editor, item, value = self._editors[name], self._scheme.item(name), self._now.get(name)
        blocked = editor.blockSignals(True)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(0, editor.findData(value)))
            line = editor.lineEdit()
        else:
            shown = str(value) if item.numeric and value is not None else show_value(item, value, self._scheme.lists)
            editor.setText(shown)
            line = editor
        if line is not None:
            line.setCursorPosition(0)
        editor.blockSignals(blocked)

    def _leave(self, name: str) -> bool:
        """Saves a field; whether it could be."""
        item = self._scheme.item(name)
        try:
            value = read_value(item, self._text(name), self._scheme.lists)
            changed = value != self._now.get(name)
            if changed:
                self._commit(name, value)
        except SurveyError as error:
            self._refused[name] = sentence(error, self._texts)
            self.refused.emit(self._refused[name])
            self.mark(self._marks)
            return False
        corrected = self._refused.pop(name, None)
        self._show(name)
        if changed or corrected:
            self.committed.emit(name)
        return True

    def _restore(self, name: str) -> None:
        self._refused.pop(name, None)
        self._show(name)
        self.mark(self._marks)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field, Esc restores what was there, the wheel does not change a choice."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox):
            event.ignore()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self._restore(watched.objectName())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self._leave(watched.objectName()):
                    self.focusNextChild()
                return True
        return super().eventFilter(watched, event)
