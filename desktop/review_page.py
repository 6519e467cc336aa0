"""Checking the whole file: the findings by class, each a click away from its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel

from desktop.pages import Desk, Page, card, hint
from desktop.rows_model import RowsModel, table_view
from desktop.worker import Progress

if TYPE_CHECKING:
    from survey.checks import Finding
from survey.form import CHECK_CLASSES


class ReviewPage(Page):
    """Run all checks; list what fails."""

    chosen = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("review.title"), texts("review.hint"))
        self._desk = desk
        self._findings: list[Finding] = []
        self.run = self.button(texts("review.run"), "run", self.check, primary=True)
        self._cards: dict[str, QLabel] = {}
        cards = QHBoxLayout()
        for category in CHECK_CLASSES:
            frame, label = card(texts(f"check.class.{category}"), "—")
            cards.addWidget(frame, 1)
            self._cards[category] = label
        self.body.addLayout(cards)
        self._filter = QComboBox()
        self._filter.setObjectName("filter")
        self._filter.setAccessibleName(texts("review.filter"))
        self._filter.addItem(texts("review.all"), "")
        for category in CHECK_CLASSES:
            self._filter.addItem(texts(f"check.class.{category}"), category)
        self._filter.currentIndexChanged.connect(self._fill)
        self._line = hint(texts("review.not_yet"))
        row = QHBoxLayout()
        row.addWidget(self._line, 1)
        row.addWidget(self._filter)
        self.body.addLayout(row)
        heads = [texts(f"return.head.{name}") for name in ("class", "uscc", "name", "check", "message")]
        self.model = RowsModel(heads)
        self.table = table_view(self.model, "review", texts("review.title"), (90, 180, 230, 110, 300), 4)
        self.table.activated.connect(lambda index: self._open(index.row()))
        self.table.doubleClicked.connect(lambda index: self._open(index.row()))
        self.body.addWidget(self.table, 1)

    def check(self) -> None:
        """Starts the pass over the whole file."""
        file = self._desk.path

        def work(progress: Progress) -> tuple[list[Finding], int, int]:
            from survey import store
            from survey.review import Review

            opened = store.open(file)
            try:
                review = Review(opened, opened.period, progress)
                found = list(review.findings(not_evaluated=False))
                opened.set_statuses(opened.period, review.statuses)
                left = sum(tally.not_evaluated for tally in review.tallies.values())
                return found, len(review.statuses), left
            finally:
                opened.close()

        self._desk.worker.start(work, self._show, self._desk.fail)

    def _show(self, result: tuple[list[Finding], int, int]) -> None:
        self._findings, units, left = result
        for category, label in self._cards.items():
            label.setText(f"{sum(one.category == category for one in self._findings):,}")
        with_findings = len({one.unit for one in self._findings})
        facts = {"units": units, "failed": len(self._findings), "with_findings": with_findings, "not_evaluated": left}
        self._line.setText(self._desk.texts("cli.checked", **facts))
        self._fill()
        self._desk.changed()

    def _fill(self) -> None:
        from survey.checks import sentence

        texts, scheme, wanted = self._desk.texts, self._desk.store.scheme, self._filter.currentData()
        shown = [one for one in self._findings if not wanted or one.category == wanted]
        self.model.set_rows(
            [
                (texts(f"check.class.{one.category}"), one.unit, one.name, one.check, sentence(one, scheme, texts))
                for one in shown
            ],
            shown,
        )

    def _open(self, row: int) -> None:
        finding = self.model.object(self.model.index(row, 0))
        unit = self._desk.store.find_unit(finding.unit) if finding else None
        if finding and unit is not None:
            form_id, _, code = finding.items[0].partition(".")
            self.chosen.emit(unit, self._desk.store.scheme.form(form_id).by_code[code].name)
