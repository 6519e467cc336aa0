"""The manual in a window of its own, beside the work: pages on the left, the text on the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QShortcut, QTextCursor, QTextDocument, QTextLength
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.manual import Manual
from survey.texts import Texts

_SIZE = (980, 680)
_SIDE = 190
_PICTURE = 680
# What stands in a text for a picture.
_OBJECT = "\ufffc"
_BELOW, _ABOVE = 8, 12


class ManualText(QTextBrowser):
    """A page; links lead to other pages, pictures come from the manual's folder."""

    def __init__(self, manual: Manual) -> None:
        super().__init__()
        self._manual = manual
        self.setObjectName("manualText")
        self.setOpenLinks(False)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        image = QImage(str(self._manual.pictures / QUrl(name).fileName()))
        return image.scaledToWidth(_PICTURE, Qt.TransformationMode.SmoothTransformation)


class ManualWindow(QDialog):
    """F1 again, or Esc, closes it; Alt+Left goes back."""

    def __init__(self, manual: Manual, texts: Texts, parent: QWidget) -> None:
        super().__init__(parent)
        self._manual = manual
        self._visited: list[str] = []
        self.setObjectName("manualWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(texts("manual.title"))
        resize_within(self, *_SIZE)
        self.pages = QListWidget()
        self.pages.setObjectName("manualPages")
        self.pages.setAccessibleName(texts("manual.pages"))
        self.pages.setFixedWidth(_SIDE)
        self.browser = ManualText(manual)
        self.browser.setAccessibleName(texts("manual.title"))
        self.finder = QLineEdit()
        self.finder.setObjectName("manualFind")
        self.finder.setClearButtonEnabled(True)
        self.finder.setPlaceholderText(texts("manual.find"))
        self.finder.setAccessibleName(texts("manual.find"))
        self.back_button = QPushButton(texts("manual.back_button"))
        self.back_button.setObjectName("manualBack")
        self.back_button.setAutoDefault(False)
        self._lay_out()
        self._fill("")
        self.back_button.clicked.connect(lambda _checked=False: self._back())
        self.pages.currentItemChanged.connect(self._chosen)
        self.browser.anchorClicked.connect(lambda url: self.show_page(url.toString()))
        self.finder.textChanged.connect(self._fill)
        QShortcut(QKeySequence("F1"), self, self.close)
        QShortcut(QKeySequence("Alt+Left"), self, self._back)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.addWidget(self.finder)
        side.addWidget(self.pages, 1)
        side.addWidget(self.back_button)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 14, 14, 14)
        row.setSpacing(12)
        row.addLayout(side)
        row.addWidget(self.browser, 1)

    def sizeHint(self) -> QSize:
        return QSize(*_SIZE)

    def show_page(self, name: str) -> None:
        """Brings a page to the front. Raises KeyError where there is none of that name."""
        self._show(name)
        self._mark(name)

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._visited[-1] if self._visited else ""

    def _show(self, name: str) -> None:
        if name != self.page:
            self._visited.append(name)
        self.browser.setMarkdown(self._manual.text(name))
        _space(self.browser.document())
        _fit(self.browser.document())
        self.back_button.setEnabled(len(self._visited) > 1)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item:
            self._show(str(item.data(_NAME)))

    def _back(self) -> None:
        if len(self._visited) > 1:
            self._visited.pop()
            self.show_page(self._visited.pop())

    def _fill(self, wanted: str) -> None:
        """The pages that say what is wanted."""
        self.pages.blockSignals(True)
        self.pages.clear()
        for name in self._manual.names(whole=bool(wanted)):
            if not wanted or wanted.casefold() in self._manual.said(name).casefold():
                item = QListWidgetItem(self._manual.title(name))
                item.setData(_NAME, name)
                self.pages.addItem(item)
        self.pages.blockSignals(False)
        self._mark(self.page)

    def _mark(self, name: str) -> None:
        """The line of a page, where it is listed; that of its list, where it is part of one."""
        self.pages.blockSignals(True)
        for at in range(self.pages.count()):
            if self.pages.item(at).data(_NAME) in (name, name.partition("/")[0]):
                self.pages.setCurrentRow(at)
        self.pages.blockSignals(False)


def _space(document: QTextDocument) -> None:
    """Room below paragraphs and above headings, which Markdown leaves out."""
    block = document.begin()
    while block.isValid():
        looks = block.blockFormat()
        if not QTextCursor(block).currentTable():
            looks.setBottomMargin(_BELOW)
            looks.setTopMargin(_ABOVE if looks.headingLevel() > 1 else 0)
            QTextCursor(block).setBlockFormat(looks)
        block = block.next()


def _fit(document: QTextDocument) -> None:
    """No picture is wider than the page."""
    cursor = document.find(_OBJECT)
    while not cursor.isNull():
        if cursor.charFormat().isImageFormat():
            looks = cursor.charFormat().toImageFormat()
            looks.setMaximumWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            cursor.setCharFormat(looks)
        cursor = document.find(_OBJECT, cursor)


_NAME = Qt.ItemDataRole.UserRole
