"""Checking the whole file: the findings by class, each a click away from its cell."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget

from desktop.pages import Desk, Nothing, Page, card, class_name, hint, result_line
from desktop.rows_model import RowsModel, table_view
from desktop.saving import ask_workbook
from survey.form import CHECK_CLASSES
from survey.progress import Progress

if TYPE_CHECKING:
    from survey.checks import Finding


class ReviewPage(Page):
    """Run all checks; list what fails."""

    chosen = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("review.title"), texts("review.hint"))
        self._desk = desk
        self._findings: list[Finding] = []
        self._checked = False
        self.run = self.button(texts("review.run"), "run", self.check, primary=True)
        self.export = self.button(texts("review.export"), "export", self._ask_path)
        self._cards: dict[str, QLabel] = {}
        self._badges = {
            one: desk.icons.badge(one, desk.colours.of_class(one), desk.colours.field) for one in CHECK_CLASSES
        }
        cards = QHBoxLayout()
        cards.setSpacing(10)
        for category in CHECK_CLASSES:
            frame, label = card(f"{category}  {class_name(texts, category)}", "—")
            label.setObjectName(f"class_{category}")
            cards.addWidget(frame, 1)
            self._cards[category] = label
        self.body.addLayout(cards)
        self._filter = QComboBox()
        self._filter.setObjectName("filter")
        self._filter.setAccessibleName(texts("review.filter"))
        self._filter.addItem(texts("review.all"), "")
        for category in CHECK_CLASSES:
            self._filter.addItem(self._badges[category], class_name(texts, category), category)
        self._filter.currentIndexChanged.connect(self._fill)
        self._line = hint("")
        self._line.setObjectName("reviewLine")
        row = QHBoxLayout()
        row.addWidget(self._line, 1)
        row.addWidget(self._filter)
        self.body.addLayout(row)
        heads = [texts(f"return.head.{name}") for name in ("class", "uscc", "name", "check", "message")]
        self.model = RowsModel(heads)
        self.table = table_view(self.model, "review", texts("review.title"), (116, 180, 230, 116, 300), 4)
        self.table.activated.connect(self._open_at)
        self.table.doubleClicked.connect(self._open_at)
        self.table.selectionModel().currentChanged.connect(self._tell)
        self._before = Nothing(desk.icons, "check", texts("review.not_yet"), texts("review.not_yet_line"), "notYet")
        self._before.offer(texts("review.run"), "runHere", self.check, primary=True)
        self._passed = Nothing(desk.icons, "done", texts("review.none"), texts("review.none_line"), "allPassed")
        self._either = QStackedWidget()
        for widget in (self._before, self.table, self._passed):
            self._either.addWidget(widget)
        self._detail = result_line("reviewDetail")
        self.body.addWidget(self._either, 1)
        self.body.addWidget(self._detail)

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

    def write(self, target: Path) -> None:
        """Checks the whole file and writes the report: by check, item and unit, with every finding."""
        file, texts = self._desk.path, self._desk.texts

        def work(progress: Progress) -> dict[str, object]:
            from survey import reviewbook, store
            from survey.review import Review

            with closing(store.open(file, readonly=True)) as opened:
                review = Review(opened, opened.period, progress)
                reviewbook.write(opened, review, review.findings(not_evaluated=False), target, texts)
                failed = sum(tally.failed for tally in review.tallies.values())
                return {"path": target, "failed": f"{failed:,}", "units": f"{len(review.statuses):,}"}

        def written(facts: dict[str, object]) -> None:
            self._line.setText(texts("review.exported", **facts))

        self._desk.worker.start(work, written, self._desk.fail)

    def _ask_path(self) -> None:
        store, texts = self._desk.store, self._desk.texts
        name = f"{store.district or ''}{texts('review.title')}-{store.period}"
        if target := ask_workbook(self._desk, self, texts("review.export"), name):
            self.write(target)

    def outdate(self) -> None:
        """Answers have changed: the findings shown may no longer be true."""
        if self._checked:
            self._line.setText(self._desk.texts("review.outdated"))

    def _show(self, result: tuple[list[Finding], int, int]) -> None:
        found, units, left = result
        # The gravest first; within a class as the units stand in the file.
        self._findings = sorted(found, key=_gravity)
        for category, label in self._cards.items():
            label.setText(f"{sum(one.category == category for one in self._findings):,}")
        with_findings = len({one.unit for one in self._findings})
        facts = {"units": units, "failed": len(self._findings), "with_findings": with_findings, "not_evaluated": left}
        self._checked = True
        self._fill()
        self._line.setText(self._desk.texts("cli.checked", **facts))

    def _fill(self) -> None:
        from survey.checks import sentence

        if not self._checked:
            return
        texts, scheme, wanted = self._desk.texts, self._desk.store.scheme, self._filter.currentData()
        shown = [one for one in self._findings if not wanted or one.category == wanted]
        self.model.set_rows(
            [
                (class_name(texts, one.category), one.unit, one.name, one.check, sentence(one, scheme, texts))
                for one in shown
            ],
            shown,
            icons=[self._badges[one.category] for one in shown],
        )
        self._detail.hide()
        self._either.setCurrentWidget(self.table if shown else self._passed)
        if shown:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _tell(self, index: QModelIndex) -> None:
        """The chosen finding in full below the table, where a row cuts it."""
        if index.isValid():
            self._detail.setText(str(self.model.index(index.row(), self.model.columnCount() - 1).data()))
            self._detail.show()

    def _open_at(self, index: QModelIndex) -> None:
        if self.isVisible():
            self._open(index.row())

    def _open(self, row: int) -> None:
        finding = self.model.object(self.model.index(row, 0))
        unit = self._desk.store.find_unit(finding.unit) if finding else None
        if finding and unit is not None:
            self.chosen.emit(unit, self._desk.store.scheme.item_at(finding.items[0]).name)


def _gravity(finding: Finding) -> str:
    return finding.category
