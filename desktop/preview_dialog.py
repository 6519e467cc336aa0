"""The printed pages on screen as they will be on paper, and the way to the printer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.icons import Icons
from indicators.page import PAGE, PageSet
from survey.texts import Texts

_WIDTH = 760


class _Sheet(QWidget):
    """One page, drawn by the same painter that prints it."""

    def __init__(self, pages: PageSet, number: int) -> None:
        super().__init__()
        self._pages = pages
        self._number = number
        self.setFixedSize(QSize(_WIDTH, round(_WIDTH * PAGE.height() / PAGE.width())))

    def paintEvent(self, _event: object) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        self._pages.paint(painter, self._number, QRectF(self.rect()))
        painter.end()


class PreviewDialog(QDialog):
    """All pages below each other."""

    def __init__(self, pages: PageSet, texts: Texts, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("previewDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = pages
        self.setWindowTitle(texts("indicators.preview"))
        self.resize(_WIDTH + 90, 700)
        column = QWidget()
        stack = QVBoxLayout(column)
        stack.setSpacing(16)
        for number in range(pages.count):
            stack.addWidget(_Sheet(pages, number), 0, Qt.AlignmentFlag.AlignHCenter)
        area = QScrollArea()
        area.setObjectName("pages")
        area.setWidget(column)
        area.setWidgetResizable(True)
        self._texts = texts
        self._line = QLabel(texts("indicators.pages", count=pages.count))
        self._line.setObjectName("previewLine")
        self._line.setProperty("kind", "hint")
        to_paper = QPushButton(icons.icon("print"), texts("indicators.print"))
        to_paper.setObjectName("print")
        to_paper.setProperty("kind", "primary")
        to_paper.clicked.connect(self._print)
        bar = QHBoxLayout()
        bar.addWidget(self._line, 1)
        bar.addWidget(to_paper)
        outer = QVBoxLayout(self)
        outer.addLayout(bar)
        outer.addWidget(area, 1)

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        printer.setFullPage(True)
        if QPrintDialog(printer, self).exec():
            self.print_to(printer)

    def print_to(self, printer: QPrinter) -> None:
        """Every page onto a printer."""
        painter = QPainter()
        if not painter.begin(printer):
            self._line.setText(self._texts("indicators.no_printer"))
            return
        for number in range(self._pages.count):
            if number:
                printer.newPage()
            self._pages.paint(painter, number, QRectF(printer.pageLayout().fullRectPixels(printer.resolution())))
        painter.end()
