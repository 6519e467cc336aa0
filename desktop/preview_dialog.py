"""Printed pages on screen as they will be on paper, and the way to the printer and into a PDF."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.pages import Desk
from desktop.paper_sheet import Pages, paint_all
from desktop.paper_view import PaperView
from desktop.plain import Label
from desktop.print_dialog import a4_printer
from survey.errors import SurveyError
from survey.journal import Kind, Telling

_SIZE = (850, 700)


class PreviewDialog(QDialog):
    """All pages below each other; `title` names what is shown, `what` is what the journal calls it."""

    def __init__(self, pages: Pages, desk: Desk, parent: QWidget | None, what: str, title: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("previewDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        texts = self._texts = desk.texts
        self._desk = desk
        self._what = what
        self.setWindowTitle(title or texts("indicators.preview"))
        self.resize(*_SIZE)
        self._line = Label()
        self._line.setObjectName("previewLine")
        self._line.setProperty("kind", "hint")
        self.view = PaperView()
        self.view.setAccessibleName(self.windowTitle())
        self.show_pages(pages)
        to_paper = QPushButton(desk.icons.coloured("print", desk.colours.on_accent), texts("indicators.print"))
        to_paper.setObjectName("print")
        to_paper.setProperty("kind", "primary")
        to_paper.clicked.connect(self._print)
        bar = self.bar = QHBoxLayout()
        bar.addWidget(self._line, 1)
        for name, action in (
            ("smaller", self.view.reduce),
            ("larger", self.view.enlarge),
            ("width", self.view.fit_width),
        ):
            button = QPushButton(texts(f"paper.dialog.{name}"))
            button.setObjectName(name)
            button.setAutoDefault(False)
            button.clicked.connect(action)
            bar.addWidget(button)
        bar.addWidget(to_paper)
        outer = QVBoxLayout(self)
        outer.addLayout(bar)
        outer.addWidget(self.view, 1)
        self.view.setFocus()

    def show_pages(self, pages: Pages) -> None:
        """Other pages in place of those that are shown."""
        self._pages = pages
        self._line.setText(self._texts("indicators.pages", count=pages.count))
        self.view.show_pages([pages])

    def _print(self) -> None:
        printer = a4_printer()
        if QPrintDialog(printer, self).exec():
            self.print_to(printer)

    def print_to(self, printer: QPrinter) -> None:
        """Every page onto a printer."""
        try:
            if not paint_all(printer, [self._pages], self.telling("printed")):
                self._line.setText(self._texts("indicators.no_printer"))
        except SurveyError as error:
            self._desk.fail(error)

    def telling(self, kind: Kind, subject: str = "", units: int | None = None) -> Telling:
        """What the journal says of what leaves the file by this window."""
        return Telling(self._desk.store, kind, subject, what=self._what, units=units)
