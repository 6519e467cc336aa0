"""The identity part of a form: labelled fields, two abreast, code lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QGridLayout, QLabel, QLineEdit, QScrollArea, QWidget

from survey.errors import SurveyError, sentence
from survey.form import Form, Item, Section
from survey.record import read_value, show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts

Commit = Callable[[str, Value], None]
_PAIRS = 2


class FormFields(QScrollArea):
    """A form of fields; each is written when it is left, a text that cannot be read stays with its reason."""

    refused = Signal(str)
    committed = Signal(str)

    def __init__(self, form: Form, scheme: Scheme, texts: Texts, commit: Commit) -> None:
        super().__init__()
        self._scheme = scheme
        self._texts = texts
        self._commit = commit
        self._now: Mapping[str, Value] = {}
        self._editors: dict[str, QLineEdit | QComboBox] = {}
        self.setWidgetResizable(True)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        for pair in range(_PAIRS):
            self._grid.setColumnStretch(pair * 2 + 1, 1)
        self._lay_out(form)
        self.setWidget(inside)

    def load(self, now: dict[str, Value], _before: Mapping[str, Value], _periods: tuple[str, str]) -> None:
        """Another unit's values."""
        self._now = now
        for name in self._editors:
            self._show(name)

    def mark(self, marks: Mapping[str, str]) -> None:
        """Paints fields by item name: `bad` or `note`."""
        for name, editor in self._editors.items():
            state = marks.get(name, "")
            if editor.property("state") != state:
                editor.setProperty("state", state)
                editor.style().polish(editor)

    def go_to(self, name: str) -> None:
        """Puts the cursor into an item's field."""
        editor = self._editors[name]
        self.ensureWidgetVisible(editor)
        editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lay_out(self, form: Form) -> None:
        row, pair = 0, 0
        for one in form.rows:
            if isinstance(one, Section):
                row += 1 if pair else 0
                heading = QLabel(self._texts.pick(one.section, one.section_en))
                heading.setObjectName("section")
                self._grid.addWidget(heading, row, 0, 1, _PAIRS * 2)
                row, pair = row + 1, 0
                continue
            self._grid.addWidget(self._label(one), row, pair * 2)
            self._grid.addWidget(self._editor(one), row, pair * 2 + 1)
            pair += 1
            if pair == _PAIRS:
                row, pair = row + 1, 0
        self._grid.setRowStretch(row + 1, 1)

    def _label(self, item: Item) -> QLabel:
        unit = self._texts.pick(item.unit, self._scheme.units.get(item.unit, item.unit))
        text = f"{item.code}  {self._texts.pick(item.label, item.label_en)}" + (f" ({unit})" if unit else "")
        label = QLabel(text + (" *" if item.required else ""))
        label.setToolTip(self._texts.pick(item.note, item.note_en))
        label.setFixedWidth(150)
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
        if isinstance(editor, QComboBox):
            at = editor.findText(editor.currentText())
            data = editor.itemData(at) if at >= 0 else editor.currentText()
            return "" if data is None else str(data)
        return editor.text()

    def _show(self, name: str) -> None:
        editor, item, value = self._editors[name], self._scheme.item(name), self._now.get(name)
        blocked = editor.blockSignals(True)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(0, editor.findData(value)))
        else:
            shown = str(value) if item.numeric and value is not None else show_value(item, value, self._scheme.lists)
            editor.setText(shown)
            editor.setCursorPosition(0)
        editor.blockSignals(blocked)

    def _leave(self, name: str) -> None:
        item = self._scheme.item(name)
        try:
            value = read_value(item, self._text(name), self._scheme.lists)
            if value == self._now.get(name):
                self._show(name)
                return
            self._commit(name, value)
        except SurveyError as error:
            self.refused.emit(sentence(error, self._texts))
            self.mark({name: "bad"})
            return
        self._show(name)
        self.committed.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field, Esc restores what was there, the wheel does not change a choice."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox):
            event.ignore()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self._show(watched.objectName())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._leave(watched.objectName())
                self.focusNextChild()
                return True
        return super().eventFilter(watched, event)
