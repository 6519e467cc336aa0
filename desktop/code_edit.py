"""A field for codes: typed by code, by label in either language, or by pinyin initials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QWidget

from desktop.session import Session
from survey.codes import fold
from survey.form import Item
from survey.initials import initials
from survey.texts import Texts

_SHOWN = 9


@dataclass(frozen=True)
class Choice:
    """One code with what is shown for it, and everything it can be found by."""

    code: str
    shown: str
    found_by: tuple[str, ...]


def choices(item: Item, session: Session, texts: Texts) -> list[Choice]:
    """What an item can be answered with; a list within another item's code is narrowed to it."""
    outer = str(session.value(item.within) or "") if item.within else ""
    key = (item.list or item.type, outer)
    if key not in session.choices:
        session.choices[key] = _choices(item, session, outer, texts)
    return session.choices[key]


def _choices(item: Item, session: Session, outer: str, texts: Texts) -> list[Choice]:
    if item.type == "flag":
        return [_choice(code, texts(f"return.{name}"), ()) for code, name in (("1", "yes"), ("0", "no"))]
    scheme = session.store.scheme
    column = scheme.item(item.within).list if item.within else ""
    fitting = [code for code in scheme.lists[item.list].codes.values() if not outer or outer in code.within(column)]
    # Codes that go with all come after those that are listed under the other answer.
    open_ = [code for code in scheme.lists[item.list].codes.values() if outer and not code.within(column)]
    return [
        _choice(code.code, texts.pick(code.label, code.label_en), (code.label, code.label_en, *code.aliases))
        for code in fitting + open_
    ]


def choice_list(parent: QWidget) -> QListWidget:
    """The list that hangs below a field and leaves it the keyboard."""
    found = QListWidget(parent)
    found.setObjectName("choices")
    found.setWindowFlags(Qt.WindowType.ToolTip)
    found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    found.setFrameShape(QFrame.Shape.NoFrame)
    found.setUniformItemSizes(True)
    found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return found


def _choice(code: str, label: str, spellings: Sequence[str]) -> Choice:
    found = [fold(one) for one in (code, label, *spellings) if one]
    return Choice(code, f"{code}  {label}", (*found, initials(label), fold(f"{code}{label}")))


def fitting(choices: Sequence[Choice], text: str) -> list[Choice]:
    """Choices that begin with a text before those that hold it somewhere."""
    typed = fold(text)
    starts = [one for one in choices if any(spelling.startswith(typed) for spelling in one.found_by)]
    holds = [one for one in choices if one not in starts and any(typed in by for by in one.found_by)]
    return starts + holds


class CodeEdit(QLineEdit):
    """Shows the choices that fit what is typed; the arrows walk them, Enter takes the marked one."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None, arrow: QIcon | None = None) -> None:
        super().__init__(parent)
        self._choices: list[Choice] = []
        self._list: QListWidget | None = None
        self.textEdited.connect(self._narrow)
        if arrow is not None:
            opener = QAction(arrow, "", self)
            opener.triggered.connect(self.open_list)
            self.addAction(opener, QLineEdit.ActionPosition.TrailingPosition)

    @property
    def menu(self) -> QListWidget:
        """The list of choices, made when it is first wanted: a form may have a hundred such fields."""
        if self._list is None:
            self._list = choice_list(self)
            self._list.itemClicked.connect(self._clicked)
        return self._list

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._list is not None and self._list.isVisible()

    def set_choices(self, found: list[Choice]) -> None:
        """Replaces what can be chosen."""
        self._choices = found

    def show_code(self, code: object) -> None:
        """Shows a stored code under its label; one that is no choice stands for itself."""
        text = "" if code is None else str(code)
        self.setText(next((one.shown for one in self._choices if one.code == text), text))
        self.setCursorPosition(0)

    def answer(self) -> str:
        """The code that the text means: as it stands, or the only choice that fits; else the text."""
        text = self.text().strip()
        if not text:
            return ""
        whole = fold(text)
        exact = [one for one in self._choices if one.shown == self.text() or whole in one.found_by]
        if exact:
            return exact[0].code
        part = self._fitting(text)
        return part[0].code if len(part) == 1 else text

    def open_list(self) -> None:
        """All choices, whatever is typed."""
        self._fill(self._choices)

    def close_list(self) -> None:
        """Puts the list away."""
        if self._list is not None:
            self._list.hide()

    def _fitting(self, text: str) -> list[Choice]:
        """Choices that begin with the text before those that hold it somewhere."""
        return fitting(self._choices, text)

    def _narrow(self, text: str) -> None:
        self._fill(self._fitting(text) if text.strip() else self._choices)

    def _fill(self, found: list[Choice]) -> None:
        self.menu.clear()
        for one in found[:200]:
            self.menu.addItem(one.shown)
        if not found:
            self.close_list()
            return
        if self.text().strip():
            self.menu.setCurrentRow(0)
        rows = min(self.menu.count(), _SHOWN)
        height = max(self.menu.sizeHintForRow(0), 20) * rows + 6
        wide = max(self.width(), min(self.menu.sizeHintForColumn(0) + 40, 460))
        self.menu.setFixedSize(QSize(wide, height))
        self.menu.move(self._where(height))
        self.menu.show()

    def _where(self, height: int) -> QPoint:
        """Below the field, or above it where the screen ends."""
        below = self.mapToGlobal(QPoint(0, self.height()))
        if below.y() + height <= self.screen().availableGeometry().bottom():
            return below
        return self.mapToGlobal(QPoint(0, -height))

    def _take(self) -> bool:
        """Takes the marked choice; whether there was one."""
        marked = self._list.currentItem() if self._list else None
        if not self.is_open or marked is None:
            return False
        self.setText(marked.text())
        self.close_list()
        return True

    def _clicked(self) -> None:
        if self._take():
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        choosing = self.is_open and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        # Where nobody goes on to the next field, Enter takes the choice and means nothing to a dialog around.
        if self.take_key(event) or choosing:
            return
        super().keyPressEvent(event)

    def take_key(self, event: QKeyEvent) -> bool:
        """Keys that belong to the open list; Enter and Tab take the marked choice and go on as usual."""
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.open_list()
            return True
        if not self.is_open:
            return False
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            by = 1 if event.key() == Qt.Key.Key_Down else -1
            self.menu.setCurrentRow(max(0, min(self.menu.count() - 1, self.menu.currentRow() + by)))
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take()
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.close_list()
        super().focusOutEvent(event)
