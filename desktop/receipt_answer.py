"""Where a query of the desk above is read in full and answered."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import Label
from survey.texts import Texts

# Room for four lines; a check over many cells names them all.
_QUESTION = 92


class AnswerRoom(QWidget):
    """The whole question, a line to answer it, and why an answer cannot be kept; Enter keeps it."""

    answered = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.question = QPlainTextEdit()
        self.question.setObjectName("receiptQuestion")
        self.question.setAccessibleName(texts("receipt.window.question"))
        self.question.setReadOnly(True)
        self.question.setTabChangesFocus(True)
        self.question.setFixedHeight(_QUESTION)
        self.problem = Label()
        self.problem.setObjectName("problem")
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.answer = QLineEdit()
        self.answer.setObjectName("receiptAnswer")
        self.answer.setPlaceholderText(texts("receipt.window.answer"))
        self.answer.setAccessibleName(texts("receipt.window.answer"))
        keep = QPushButton(texts("receipt.window.keep"))
        keep.setObjectName("keepAnswer")
        keep.setDefault(True)
        keep.clicked.connect(self._say)
        row = QHBoxLayout()
        row.addWidget(self.answer, 1)
        row.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.question)
        column.addWidget(self.problem)
        column.addLayout(row)

    def show_question(self, question: str, answer: str) -> None:
        """Another question, with what was answered so far."""
        self.problem.hide()
        self.question.setPlainText(question)
        self.answer.setText(answer)

    def tell(self, problem: str) -> None:
        """Why the answer is not kept."""
        self.problem.setText(problem)
        self.problem.show()

    def _say(self) -> None:
        self.answered.emit(self.answer.text())
