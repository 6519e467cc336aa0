"""Amounts in a wrong unit of measure: what is proposed, before and after, and putting it right with one click."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.magnitude_words import described, what
from desktop.pages import Desk, Nothing, result_line
from desktop.review_work import wrong_units
from desktop.rows_model import RowsModel, table_view
from survey import store as stores
from survey.errors import SurveyError
from survey.progress import Progress
from survey.proposal import Proposal


class MagnitudeTab(QWidget):
    """`opened` asks for a unit and item, `accepted` says that answers were changed."""

    opened = Signal(int, str)
    accepted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        texts = desk.texts
        heads = texts("review.heads.magnitude").split("|")
        self.model = RowsModel(heads, right=(3, 4))
        widths = (176, 220, 320, 76, 160, 90)
        self.table = table_view(self.model, "proposals", texts("review.tab.magnitude"), widths, 2)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self.table.doubleClicked.connect(self._open)
        self._before = Nothing(
            desk.icons, "search", texts("review.magnitude_before"), texts("review.magnitude_line"), "notLooked"
        )
        self._before.offer(texts("review.look"), "look", self.look, primary=True)
        self._none = Nothing(desk.icons, "done", texts("magnitude.none"), "", "noProposals")
        self._none.offer(texts("review.look_again"), "lookAgain", self.look)
        self._either = QStackedWidget()
        for widget in (self._before, self._none, self.table):
            self._either.addWidget(widget)
        self._detail = result_line("proposalDetail")
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        for name, action in (("accept", self._accept), ("openProposal", self._open), ("lookMore", self.look)):
            button = QPushButton(texts(f"review.{name}"))
            button.setObjectName(name)
            button.setProperty("kind", "primary" if name == "accept" else "plain")
            button.clicked.connect(lambda _checked=False, action=action: action())
            ways.addWidget(button)
        ways.addStretch(1)
        self._ways.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 10, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._either, 1)
        outer.addWidget(self._detail)
        outer.addWidget(self._ways)

    def look(self) -> None:
        """Looks through the whole file."""
        file = self._desk.path
        self._desk.worker.start(lambda progress: wrong_units(file, progress), self._show, self._desk.fail)

    def _show(self, found: Sequence[Proposal]) -> None:
        texts = self._desk.texts
        # What is sure first: it is settled fastest.
        ordered = sorted(found, key=lambda one: (not one.sure, one.uscc))
        rows = [
            (
                one.uscc, one.name, what(one, self._desk.store.scheme, texts), f"{len(one.cells):,}",
                f"{len(one.failed_before):,} → {len(one.failed_after):,}",
                texts("magnitude.sure" if one.sure else "magnitude.doubtful"),
            )
            for one in ordered
        ]  # fmt: skip
        tones = [self._desk.colours.good if one.sure else self._desk.colours.warn for one in ordered]
        self.model.set_rows(rows, ordered, tones=tones)
        self._detail.hide()
        self._ways.setVisible(bool(rows))
        self._either.setCurrentWidget(self.table if rows else self._none)
        if rows:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _chosen(self) -> Proposal | None:
        found: Proposal | None = self.model.object(self.table.currentIndex())
        return found

    def _tell(self, _index: QModelIndex) -> None:
        if one := self._chosen():
            lines = list(described(one, self._desk.store.scheme, self._desk.texts))
            self._detail.setText("\n".join(line.strip() for line in lines[1:]))
            self._detail.show()

    def _open(self) -> None:
        if one := self._chosen():
            self.opened.emit(one.unit, one.cells[0].item)

    def _accept(self) -> None:
        one = self._chosen()
        if one is None:
            return
        file, who = self._desk.path, self._desk.settings.who

        def work(_progress: Progress) -> Proposal:
            from survey.magnitude import accept

            with closing(stores.open(file)) as store:
                accept(store, one, who)
            return one

        self._desk.worker.start(work, self._taken, self._refused)

    def _taken(self, one: Proposal) -> None:
        kept = [other for other in self.model.objects() if other is not one]
        self._show(kept)
        self.accepted.emit()

    def _refused(self, error: BaseException) -> None:
        self._desk.fail(error)
        if isinstance(error, SurveyError) and error.code == "magnitude_changed":
            self.look()
