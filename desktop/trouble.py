"""Saying what went wrong: known trouble in plain words, a fault of the program with its trace."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.plain import Box
from survey.errors import SurveyError, more, sentence
from survey.texts import Texts

_LINES = 12


class Trouble(Box):
    """One box for one piece of trouble; the work behind it goes on."""

    def __init__(
        self, error: BaseException, texts: Texts, parent: QWidget, ways_out: Mapping[str, Callable[[], None]]
    ) -> None:
        known = isinstance(error, SurveyError)
        lines = (sentence(error, texts) if isinstance(error, SurveyError) else texts("window.fault")).splitlines()
        icon = QMessageBox.Icon.Warning if known else QMessageBox.Icon.Critical
        # A scheme may have hundreds of problems: the first are said, all can be read.
        super().__init__(parent, texts("window.trouble"), "\n".join(lines[:_LINES]), icon)
        self.setObjectName("trouble")
        if not known:
            self.setDetailedText("".join(traceback.format_exception(error)))
        elif len(lines) > _LINES:
            self.setDetailedText("\n".join(lines))
        elif isinstance(error, SurveyError):
            self.setDetailedText(more(error, texts))
        for name, way in ways_out.items():
            button = self.addButton(texts(name), QMessageBox.ButtonRole.ActionRole)
            button.setObjectName(name)
            # The box is gone before another opens.
            button.clicked.connect(lambda _checked=False, way=way: QTimer.singleShot(0, way))
        understood = self.addButton(texts("window.understood"), QMessageBox.ButtonRole.AcceptRole)
        understood.setObjectName("understood")
        self.setEscapeButton(understood)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def gives_up(cells: Sequence[str], texts: Texts, parent: QWidget) -> bool:
    """Asks whether to leave although some cells hold what could not be saved."""
    line = texts("window.unsaved", cells="\n".join(cells))
    box = Box(parent, texts("window.trouble"), line, QMessageBox.Icon.Warning)
    box.setObjectName("unsaved")
    stay = box.addButton(texts("window.stay"), QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton(texts("window.give_up"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is leave
