"""The editions of the figures: kept with a note, listed, and computed again."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.edition_words import verdict
from desktop.figure_work import computing
from desktop.pages import Desk, hint, plain_button, result_line
from desktop.rows_model import RowsModel, table_view
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Edition, Verified

_HEADS = ("number", "kind", "period", "at", "who", "note", "count", "verdict")
_WIDTHS = (56, 80, 70, 140, 110, 200, 80, 180)
# So many revised figures are told below; the command line tells all.
_TOLD = 8


class EditionPanel(QWidget):
    """`kept` tells that an edition was added. Enter in the note keeps, Enter on an edition verifies it."""

    kept = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        texts = desk.texts
        self._desk = desk
        self._catalogue: Catalogue | None = None
        self._verdicts: dict[int, Verified] = {}
        self.kind = QComboBox()
        self.kind.setObjectName("editionKind")
        self.kind.setAccessibleName(texts("editions.kind"))
        for kind in ("working", "internal"):
            self.kind.addItem(texts(f"edition.kind.{kind}"), kind)
        self.note = QLineEdit()
        self.note.setObjectName("editionNote")
        self.note.setAccessibleName(texts("editions.note"))
        self.note.setPlaceholderText(texts("editions.note"))
        self.note.returnPressed.connect(self.keep)
        self.model = RowsModel([texts(f"editions.head.{name}") for name in _HEADS], right=(6,))
        self.view = table_view(self.model, "editions", texts("editions.title"), _WIDTHS, 5)
        self.view.activated.connect(lambda _index: self.verify())
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        self.said = result_line("editionSaid")
        self.keep_button = plain_button("keepEdition", texts("editions.keep"), self.keep)
        self.verify_button = plain_button("verifyEdition", texts("editions.verify"), self.verify)
        self._lay_out()
        self._enable()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget, stretch in ((self.kind, 0), (self.note, 1), (self.keep_button, 0), (self.verify_button, 0)):
            bar.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(hint(self._desk.texts("editions.hint")))
        column.addLayout(bar)
        column.addWidget(self.view, 1)
        column.addWidget(self.said)

    def show_editions(self, catalogue: Catalogue | None = None) -> None:
        """The editions that the file has now."""
        from indicators import edition

        self._catalogue = catalogue or self._catalogue
        self._list(edition.listed(self._desk.store))

    def keep(self) -> None:
        """Keeps the present figures as an edition, with the note."""
        from indicators.edition import EditionKind, freeze

        kind: EditionKind = "internal" if self.kind.currentData() == "internal" else "working"
        note, who, file = self.note.text(), self._desk.settings.who, self._desk.path

        def work(progress: Progress) -> Edition:
            with computing(file, progress) as computation:
                return freeze(computation, kind, version("census-desk"), who=who, note=note, progress=progress)

        self._desk.worker.start(work, self._kept, self._desk.fail)

    def verify(self) -> None:
        """Computes the chosen edition again."""
        from indicators import edition

        chosen: Edition | None = self.model.object(self.view.currentIndex())
        if chosen is None or self._desk.worker.busy:
            return
        file = self._desk.path

        def work(progress: Progress) -> tuple[int, Verified]:
            with computing(file, progress) as computation:
                return chosen.id, edition.verify(computation, chosen, version("census-desk"), progress)

        self._desk.worker.start(work, self._verified, self._desk.fail)

    def _kept(self, one: Edition) -> None:
        self.note.clear()
        self.show_editions()
        self.view.selectRow(0)
        facts = {
            "number": one.id,
            "kind": self._desk.texts(f"edition.kind.{one.kind}"),
            "count": f"{len(one.figures):,}",
        }
        self._say(self._desk.texts("editions.kept", **facts))
        self.kept.emit()

    def _verified(self, result: tuple[int, Verified]) -> None:
        number, found = result
        self._verdicts[number] = found
        self.show_editions()
        if self._catalogue:
            scheme, texts = self._desk.store.scheme, self._desk.texts
            self._say("\n".join(verdict(number, found, self._catalogue, scheme, texts, _TOLD)))

    def _list(self, every: list[Edition]) -> None:
        texts = self._desk.texts
        rows = [
            (
                str(one.id), texts(f"edition.kind.{one.kind}"), one.period, one.at[:16].replace("T", " "),
                one.who or "—", one.note or "—", f"{len(one.figures):,}", self._verdict(one.id),
            )
            for one in every
        ]  # fmt: skip
        good, warn = self._desk.colours.good, self._desk.colours.warn
        tones = [
            "" if one.id not in self._verdicts else good if self._verdicts[one.id].reproduced else warn for one in every
        ]
        chosen: Edition | None = self.model.object(self.view.currentIndex())
        self.model.set_rows(rows, every, tones=tones)
        for row, one in enumerate(every):
            if chosen and one.id == chosen.id:
                self.view.selectRow(row)
        self._enable()

    def _verdict(self, number: int) -> str:
        found = self._verdicts.get(number)
        if found is None:
            return self._desk.texts("editions.not_verified")
        if found.reproduced:
            return self._desk.texts("editions.same")
        return self._desk.texts("editions.other", count=f"{len(found.revised):,}")

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.show()

    def _enable(self) -> None:
        self.verify_button.setEnabled(self.model.object(self.view.currentIndex()) is not None)
