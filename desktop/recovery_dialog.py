"""The recovery code of a file, shown once: it is in no file, and nobody can tell it again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.pages import hint
from desktop.paper_sheet import paint_all
from desktop.plain import Label
from desktop.print_dialog import a4_printer
from desktop.recovery_paper import RecoveryPaper, code_lines
from survey.files import UNTOLD
from survey.texts import Texts

_WIDTH = 560


class RecoveryDialog(QDialog):
    """Stays until the person says that the code is printed or copied."""

    def __init__(self, code: str, path: Path, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recoveryDialog")
        self.setWindowTitle(texts("recovery.title"))
        self.paper = RecoveryPaper(code, path, texts)
        self._texts = texts
        self.code = Label("\n".join(code_lines(code)))
        self.code.setObjectName("recoveryCode")
        self.code.setProperty("kind", "big")
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # The sentences around it wrap, and must not take its second line.
        self.code.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._line = hint("")
        self._line.hide()
        self.kept = QCheckBox(texts("recovery.kept"))
        self.kept.setObjectName("recoveryKept")
        self._print = QPushButton(texts("recovery.print"))
        self._print.setObjectName("recoveryPrint")
        self._print.clicked.connect(self._to_printer)
        self.done_button = QPushButton(texts("recovery.done"))
        self.done_button.setObjectName("recoveryDone")
        self.done_button.setProperty("kind", "primary")
        self.done_button.setEnabled(False)
        self.done_button.clicked.connect(self.accept)
        self.kept.toggled.connect(self.done_button.setEnabled)
        row = QHBoxLayout()
        row.addWidget(self._print)
        row.addStretch(1)
        row.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(14)
        for widget in (hint(texts("recovery.use")), self.code, hint(texts("recovery.keep")), self._line, self.kept):
            column.addWidget(widget)
        column.addLayout(row)
        self.setFixedWidth(_WIDTH)
        self._column = column
        self._grow()

    def _grow(self) -> None:
        """As high as the sentences and the code are in their looks, which Qt asks for too late."""
        for label in self.findChildren(Label):
            label.ensurePolished()
        self._column.invalidate()
        self.setMinimumHeight(self._column.totalHeightForWidth(_WIDTH))

    def reject(self) -> None:
        """Esc closes it as little as the button does before the code is kept."""
        if self.kept.isChecked():
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self.kept.isChecked())

    def _to_printer(self) -> None:
        printer = a4_printer()
        if QPrintDialog(printer, self).exec() and not paint_all(printer, [self.paper], UNTOLD):
            self._line.setText(self._texts("indicators.no_printer"))
            self._line.show()
            self._grow()
