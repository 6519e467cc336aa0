"""A field for one expression: what cannot be read is underlined where it stands, items are found by their titles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QListWidgetItem, QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from desktop.code_edit import Choice, choice_list, fitting
from survey.codes import fold
from survey.form import Item
from survey.initials import initials
from survey.scheme import Scheme
from survey.texts import Texts

_SHOWN = 9
_MOST = 60
_AROUND = 34
_WORD = re.compile(r"[\w.\-]+$")
_ROW_CODE = re.compile(r"\d{2,3}")


def item_choices(scheme: Scheme, scope: str, texts: Texts) -> list[Choice]:
    """The items an expression of a form can name, its own first, each with how it is written there."""
    own = [form for form in scheme.forms if form.id == scope]
    others = [form for form in scheme.forms if form.id != scope]
    return [_choice(item, scope, texts) for form in (*own, *others) for item in form.items]


def _choice(item: Item, scope: str, texts: Texts) -> Choice:
    code = item.code if item.form == scope else item.key
    written = code if _ROW_CODE.fullmatch(code) else f"[{code}]"
    spellings = (item.code, item.key, item.name, item.label, item.label_en)
    found = (*(fold(one) for one in spellings if one), initials(item.label))
    return Choice(written, f"{code}  {texts.pick(item.label, item.label_en)}", found)


class RuleField(QPlainTextEdit):
    """One expression on as many lines as it needs, but without line ends."""

    def __init__(self, name: str, label: str, lines: int, colour: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * lines + 20)
        self._colour = QColor(colour)
        self._choices: Sequence[Choice] = ()
        self.menu = choice_list(self)
        self.menu.itemClicked.connect(self._take)
        self.textChanged.connect(self._suggest)

    def text(self) -> str:
        """What is written."""
        return self.toPlainText()

    def set_choices(self, found: Sequence[Choice]) -> None:
        """Replaces the items that can be named."""
        self._choices = found

    def mark(self, column: int | None, length: int = 0) -> None:
        """Underlines what stands at a column counted from 1; 0 the whole, None nothing."""
        if column is None:
            self.setExtraSelections([])
            return
        whole = len(self.text())
        start, end = (0, whole) if column == 0 else (column - 1, column - 1 + max(length, 1))
        # Where something is missing at the end, the last character carries the mark.
        start, end = (max(whole - 1, 0), whole) if start >= whole else (start, min(end, whole))
        selection = QTextEdit.ExtraSelection()
        shown = QTextCharFormat()
        shown.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        shown.setUnderlineColor(self._colour)
        shown.setForeground(self._colour)
        cursor = self.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        selection.format, selection.cursor = shown, cursor  # type: ignore[attr-defined]
        self.setExtraSelections([selection])

    def insertFromMimeData(self, source: QMimeData) -> None:
        self.insertPlainText(" ".join(source.text().split()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.menu.isVisible() and enter:
            self._take(self.menu.currentItem())
        elif self.menu.isVisible() and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            by = 1 if event.key() == Qt.Key.Key_Down else -1
            self.menu.setCurrentRow(max(0, min(self.menu.count() - 1, self.menu.currentRow() + by)))
        elif self.menu.isVisible() and event.key() == Qt.Key.Key_Escape:
            self.menu.hide()
        elif not enter:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Tab takes the marked item before it leads to the next field.
        if forward and self.menu.isVisible():
            self._take(self.menu.currentItem())
            return True
        return super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.menu.hide()
        super().focusOutEvent(event)

    def _word(self) -> str:
        """What is being typed before the cursor."""
        found = _WORD.search(self.text()[: self.textCursor().position()])
        return found[0] if found else ""

    def _suggest(self) -> None:
        word = self._word() if self.hasFocus() else ""
        found = fitting(self._choices, word)[:_MOST] if word and not word.isdecimal() else []
        if not found or any(fold(word) in (one.found_by[1], one.found_by[2]) for one in found):
            self.menu.hide()
            return
        self.menu.clear()
        for one in found:
            entry = QListWidgetItem(one.shown)
            entry.setData(Qt.ItemDataRole.UserRole, one.code)
            self.menu.addItem(entry)
        self.menu.setCurrentRow(0)
        height = max(self.menu.sizeHintForRow(0), 20) * min(len(found), _SHOWN) + 6
        self.menu.setFixedSize(QSize(min(self.menu.sizeHintForColumn(0) + 40, 460), height))
        self.menu.move(self._below(height))
        self.menu.show()

    def _below(self, height: int) -> QPoint:
        cursor = self.cursorRect()
        below = self.viewport().mapToGlobal(cursor.bottomLeft() + QPoint(0, 4))
        if below.y() + height <= self.screen().availableGeometry().bottom():
            return below
        return self.viewport().mapToGlobal(cursor.topLeft() - QPoint(0, height + 4))

    def _take(self, chosen: QListWidgetItem) -> None:
        """The marked item in place of what was typed."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self._word()))
        self.menu.hide()
        cursor.insertText(str(chosen.data(Qt.ItemDataRole.UserRole)))
        self.setTextCursor(cursor)
        self.menu.hide()


class CaretLine(QWidget):
    """The piece of an expression around what cannot be read, with a caret under the character."""

    def __init__(self, colour: str, ink: str) -> None:
        super().__init__()
        self.setObjectName("caret")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._colour, self._ink = QColor(colour), QColor(ink)
        self.before = self.after = ""

    def show_at(self, text: str, column: int) -> None:
        """What stands before the column, counted from 1, and from it on."""
        start, end = max(column - 1 - _AROUND, 0), column - 1 + _AROUND
        self.before = ("…" if start else "") + text[start : column - 1]
        self.after = text[column - 1 : end] + ("…" if end < len(text) else "")
        self.setAccessibleName(f"{self.before}^{self.after}")
        self.setVisible(column > 0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().lineSpacing() * 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self.fontMetrics()
        line, begin = metrics.lineSpacing(), metrics.horizontalAdvance(self.before)
        painter.setPen(self._ink)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRect(9, 0, self.width(), line), left, self.before + self.after)
        painter.setPen(self._colour)
        centre = 9 + begin + metrics.horizontalAdvance(self.after[:1] or " ") // 2
        painter.drawText(QRect(centre - line, line - 2, 2 * line, line), int(Qt.AlignmentFlag.AlignCenter), "^")
        painter.end()
