"""The editions of the figures: kept with a note, listed, computed again; and what the public ones withhold."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from desktop.edition_words import changes, verdict
from desktop.figure_work import computing
from desktop.fitting import lower
from desktop.pages import Desk, hint, plain_button, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.withheld_panel import WithheldPanel
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Edition, EditionKind, Heading, Revised, Verified

_HEADS = ("number", "kind", "period", "at", "who", "note", "count", "verdict")
_WIDTHS = (72, 80, 70, 140, 110, 200, 80, 180)
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
        for kind in ("working", "internal", "public"):
            self.kind.addItem(texts(f"edition.kind.{kind}"), kind)
        self.note = QLineEdit()
        self.note.setObjectName("editionNote")
        self.note.setAccessibleName(texts("editions.note"))
        self.note.setPlaceholderText(texts("editions.note"))
        self.note.returnPressed.connect(self.keep)
        self.model = RowsModel([texts(f"editions.head.{name}") for name in _HEADS], right=(6,))
        self.view = table_view(self.model, "editions", texts("editions.title"), _WIDTHS, 5)
        self.view.activated.connect(lambda _index: self.verify())
        self.view.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        self.withheld = WithheldPanel(desk)
        self.said = result_line("editionSaid")
        self.keep_button = plain_button("keepEdition", texts("editions.keep"), self.keep)
        self.verify_button = plain_button("verifyEdition", texts("editions.verify"), self.verify)
        self._lay_out()
        self._chosen()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget, stretch in ((self.kind, 0), (self.note, 1), (self.keep_button, 0), (self.verify_button, 0)):
            bar.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._about = hint(self._desk.texts("editions.hint"))
        column.addWidget(self._about)
        column.addLayout(bar)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(self.withheld)
        split.setSizes([150, 340])
        column.addWidget(split, 1)
        column.addWidget(self.said)

    def fit(self, *, tight: bool) -> None:
        """Lower rows and no explanation where there is little room."""
        self._about.setVisible(not tight)
        lower((self.view, self.withheld.view), tight=tight)

    def show_editions(self, catalogue: Catalogue | None = None) -> None:
        """The editions that the file has now."""
        from indicators import edition

        self._catalogue = catalogue or self._catalogue
        self._list(edition.listed(self._desk.store))

    def keep(self) -> None:
        """Keeps the present figures as an edition, with the note."""
        from indicators.edition import changed, freeze, late, public_before

        kind = cast("EditionKind", self.kind.currentData())
        note, who, file = self.note.text(), self._desk.settings.who, self._desk.path

        def work(progress: Progress) -> tuple[Edition, int, list[Revised], int]:
            with computing(file, progress) as computation:
                one = freeze(computation, kind, version("census-desk"), who=who, note=note, progress=progress)
                before = public_before(computation.store, one) if kind == "public" else None
                if before is None:
                    return one, 0, [], 0
                few = late(before, one, computation.store.scheme.disclosure)
                return one, before.id, changed(before, one), few

        self._desk.worker.start(work, self._kept, self._desk.fail)

    def verify(self) -> None:
        """Computes the chosen edition again."""
        from indicators import edition

        chosen: Heading | None = self.model.object(self.view.currentIndex())
        if chosen is None or self._desk.worker.busy:
            return
        file, number = self._desk.path, chosen.id

        def work(progress: Progress) -> tuple[int, Verified]:
            with computing(file, progress) as computation:
                one = edition.edition(computation.store, number)
                return number, edition.verify(computation, one, version("census-desk"), progress)

        self._desk.worker.start(work, self._verified, self._desk.fail)

    def _kept(self, result: tuple[Edition, int, list[Revised], int]) -> None:
        """Says so; of a public one also what it tells otherwise than the one before it."""
        one, before, found, few = result
        self.note.clear()
        self.show_editions()
        self.view.selectRow(0)
        facts = {
            "number": one.id,
            "kind": self._desk.texts(f"edition.kind.{one.kind}"),
            "count": f"{one.count:,}",
        }
        told = [self._desk.texts("editions.kept", **facts)]
        if found and self._catalogue:
            told.append(self._desk.texts("editions.changed", number=before, count=f"{len(found):,}"))
            told += changes(found, self._catalogue, self._desk.store.scheme, self._desk.texts, _TOLD)
        if few:
            told.append(self._desk.texts("edition.late", number=before, count=few))
        self._say("\n".join(told))
        self.kept.emit()

    def _verified(self, result: tuple[int, Verified]) -> None:
        number, found = result
        self._verdicts[number] = found
        self.show_editions()
        if self._catalogue:
            scheme, texts = self._desk.store.scheme, self._desk.texts
            self._say("\n".join(verdict(number, found, self._catalogue, scheme, texts, _TOLD)))

    def _list(self, every: list[Heading]) -> None:
        texts = self._desk.texts
        rows = [
            (
                str(one.id), texts(f"edition.kind.{one.kind}"), one.period, one.at[:16].replace("T", " "),
                one.who or "—", one.note or "—", f"{one.count:,}", self._verdict(one.id),
            )
            for one in every
        ]  # fmt: skip
        good, warn = self._desk.colours.good, self._desk.colours.warn
        tones = [
            "" if one.id not in self._verdicts else good if self._verdicts[one.id].reproduced else warn for one in every
        ]
        chosen: Heading | None = self.model.object(self.view.currentIndex())
        self.model.set_rows(rows, every, tones=tones)
        for row, one in enumerate(every):
            if chosen and one.id == chosen.id:
                self.view.selectRow(row)
        self._chosen()

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

    def _chosen(self) -> None:
        """An edition can be verified; of a public one it is told what it withholds."""
        from indicators import edition

        chosen: Heading | None = self.model.object(self.view.currentIndex())
        self.verify_button.setEnabled(chosen is not None)
        public = chosen is not None and chosen.kind == "public"
        one = edition.edition(self._desk.store, chosen.id) if chosen and public else None
        self.withheld.show_edition(one, self._catalogue)
