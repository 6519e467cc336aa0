"""The sender that is chosen on the board, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.merge_facts import sender_name
from desktop.pages import Desk, ShortLabel

if TYPE_CHECKING:
    from survey.board import Line


class SenderBar(QWidget):
    """One line: who it is and how it stands, then a button for each thing that can be done."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._line: Line | None = None
        self._needing: dict[QPushButton, bool] = {}
        self.told = ShortLabel("plain")
        self.told.setObjectName("chosenSender")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.told, 1)

    def offer(self, text: str, name: str, action: Callable[[Line], object], *, sent: bool = True) -> QPushButton:
        """A button for the sender that is chosen; with `sent` only where a return of it stands."""
        button = QPushButton(text)
        button.setObjectName(name)
        button.clicked.connect(lambda _checked=False: self._do(action))
        self._needing[button] = sent
        self._enable()
        self._row.addWidget(button)
        return button

    def _enable(self) -> None:
        line = self._line
        for button, sent in self._needing.items():
            button.setEnabled(line is not None and (not sent or line.standing is not None))

    def _do(self, action: Callable[[Line], object]) -> None:
        if self._line is not None:
            action(self._line)

    def show_line(self, line: Line | None) -> None:
        """Another sender, or none."""
        self._line = line
        self._enable()
        if line is None:
            self.told.setText("")
            return
        texts = self._desk.texts
        sent_text = texts("board.nothing_sent")
        if line.standing:
            sent_text = texts("board.sent", sequence=line.standing.sequence, name=line.standing.name)
        if line.rejected:
            sent_text += "　" + texts("board.rejected", name=line.rejected.name, reason=line.rejected.reason)
        sender, state = sender_name(self._desk.store, line.sender, texts), texts(f"board.state.{line.state}")
        self.told.setText(texts("board.chosen", sender=sender, state=state, sent=sent_text))
