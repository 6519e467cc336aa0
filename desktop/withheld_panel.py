"""What a public edition withholds, why, and how closely it can still be inferred; found by typing, copied and saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from desktop import withheld_words
from desktop.pages import Desk, ShortLabel, hint, plain_button
from desktop.rows_model import RowsModel, table_view
from desktop.withheld_words import RANGE, VALUE, Line
from survey.errors import SurveyError
from survey.journal import Kind, Telling

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Edition

_KINDS = ("", "primary", "complementary")
_WIDTHS = (300, 92, 112, 168, 200)


class WithheldPanel(QWidget):
    """The figures of one edition; Ctrl+C copies what is listed. Empty where there is nothing to tell."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        texts = desk.texts
        self._desk = desk
        self._edition: Edition | None = None
        self._lines: list[Line] = []
        self.kind = QComboBox()
        self.kind.setObjectName("withheldKind")
        self.kind.setAccessibleName(texts("withheld.kind"))
        for kind in _KINDS:
            self.kind.addItem(texts(f"withheld.kinds.{kind or 'all'}"), kind)
        self.search = QLineEdit()
        self.search.setObjectName("withheldSearch")
        self.search.setAccessibleName(texts("withheld.search"))
        self.search.setPlaceholderText(texts("withheld.search"))
        self.search.setClearButtonEnabled(True)
        self.count = ShortLabel("hint")
        self.count.setObjectName("withheldCount")
        self.model = RowsModel(withheld_words.heads(texts), right=(VALUE, RANGE))
        self.view = table_view(self.model, "withheld", texts("withheld.title"), _WIDTHS, len(_WIDTHS) - 1)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        # The whole reason of the chosen figure, where its column is too narrow.
        self.reason = hint("")
        self.reason.setObjectName("withheldReason")
        self.empty = hint("")
        self.empty.setObjectName("withheldEmpty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.kind.currentIndexChanged.connect(lambda _at: self._list())
        self.search.textChanged.connect(lambda _text: self._list())
        QShortcut(QKeySequence.StandardKey.Copy, self.view, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        self._lay_out()
        self.show_edition(None, None)

    def _lay_out(self) -> None:
        texts = self._desk.texts
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.kind)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.count, 1)
        for name, action in (("copyWithheld", self.copy), ("saveWithheld", self._ask_where)):
            bar.addWidget(plain_button(name, texts(f"withheld.{name}"), action))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        column.addWidget(self.reason)
        self._either = QStackedWidget()
        self._either.addWidget(self.empty)
        self._either.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.addWidget(self._either)

    def show_edition(self, one: Edition | None, catalogue: Catalogue | None) -> None:
        """What an edition withholds; of none, or of one that is not public, how to come to something."""
        texts, self._edition = self._desk.texts, one
        public = one is not None and one.kind == "public"
        self._lines = []
        if one and public and catalogue:
            self._lines = withheld_words.lines(one, catalogue, self._desk.store.scheme, texts)
        self.empty.setText(texts("withheld.nothing" if public else "withheld.choose"))
        self._either.setCurrentIndex(1 if self._lines else 0)
        self._list()

    def copy(self) -> None:
        """What is listed onto the clipboard."""
        if self._edition is None:
            return
        shown = self.model.objects()
        try:
            with self._telling("copied", self._edition):
                QGuiApplication.clipboard().setText(withheld_words.as_text(self._edition, shown, self._desk.texts))
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.count.setText(self._desk.texts("withheld.copied", count=f"{len(shown):,}"))

    def save(self, path: Path) -> None:
        """What is listed as a CSV."""
        if self._edition is None:
            return
        try:
            told = self._telling("exported", self._edition, path.name)
            withheld_words.write(self._edition, self.model.objects(), path, self._desk.texts, told)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.count.setText(self._desk.texts("indicators.saved", path=path))

    def _telling(self, kind: Kind, one: Edition, subject: str = "") -> Telling:
        """What is withheld tells of single enterprises."""
        return Telling(self._desk.store, kind, subject, what="withheld", edition=one.id)

    def _ask_where(self) -> None:
        texts, settings = self._desk.texts, self._desk.settings
        number = self._edition.id if self._edition else 0
        proposal = settings.folder / texts("withheld.file", number=number)
        name, _ = QFileDialog.getSaveFileName(self, texts("withheld.saveWithheld"), str(proposal), "CSV (*.csv)")
        if name:
            path = Path(name if name.endswith(".csv") else f"{name}.csv")
            settings.folder = path.parent
            self.save(path)

    def _list(self) -> None:
        kind, wanted = str(self.kind.currentData()), self.search.text().strip().lower()
        shown = [
            line for line in self._lines if (not kind or line.status == kind) and wanted in " ".join(line.cells).lower()
        ]
        self.model.set_rows([line.cells for line in shown], shown)
        facts = {"count": f"{len(self._lines):,}", "shown": f"{len(shown):,}"}
        self.count.setText(self._desk.texts("withheld.count", **facts))
        self._chosen()

    def _chosen(self) -> None:
        line: Line | None = self.model.object(self.view.currentIndex())
        self.reason.setText(line.cells[-1] if line else "")
        self.reason.setVisible(line is not None)
