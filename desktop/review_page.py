"""Checking the whole file: what was found, finding by finding, by check, item, unit and number."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QWidget,
)

from desktop.finding_tab import FindingTab
from desktop.magnitude_tab import MagnitudeTab
from desktop.pages import Desk, Nothing, Page, card, class_name, hint
from desktop.plain import quoted
from desktop.rows_model import RowsModel, table_view
from desktop.saving import ask_workbook
from survey.form import CHECK_CLASSES
from survey.listing import Wanted
from survey.progress import Progress

if TYPE_CHECKING:
    from desktop.review_work import Outcome
    from survey.checks import Finding
    from survey.priority import Priority

_TALL = 540
_GROUPS = ("checks", "items", "units", "numbers")


class ReviewPage(Page):
    """Run all checks; see what fails, where it comes from, whom to ask.

    `chosen` asks for a unit and an item, `changed` says that answers were put right from here.
    """

    chosen = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("review.title"), texts("review.hint"))
        self._desk = desk
        self._outcome: Outcome | None = None
        self._asked: Sequence[Priority] = ()
        self._tables: dict[str, tuple[RowsModel, QTableView]] = {}
        self.button(texts("review.first"), "first", self._ask_first)
        self.print_button = self.button(texts("review.print"), "printReport", self._print)
        self.export = self.button(texts("review.export"), "export", self._ask_path)
        self.button(texts("review.anew"), "anew", lambda: self.check(anew=True))
        self.run = self.button(texts("review.run"), "run", self.check, primary=True)
        self._cards: dict[str, QLabel] = {}
        self._captions: dict[str, QLabel] = {}
        self._card_row = self._make_cards()
        self.body.addWidget(self._card_row)
        self._line = hint("")
        self._line.setObjectName("reviewLine")
        self.body.addWidget(self._line)
        self.findings = FindingTab(desk)
        self.findings.opened.connect(self._open)
        self.findings.whereabouts.connect(self._find_cells)
        self.findings.queried.connect(self._query)
        self.findings.answered.connect(self._choose_answers)
        self.magnitude = MagnitudeTab(desk)
        self.magnitude.opened.connect(self.chosen)
        self.magnitude.accepted.connect(self._corrected)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("reviewTabs")
        self.tabs.setAccessibleName(desk.texts("review.title"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.findings, texts("review.tab.findings"))
        for name in _GROUPS:
            self._add_group(name)
        self.tabs.addTab(self.magnitude, texts("review.tab.magnitude"))
        self._before = Nothing(desk.icons, "check", texts("review.not_yet"), texts("review.not_yet_line"), "notYet")
        self._before.offer(texts("review.run"), "runHere", self.check, primary=True)
        self._either = QStackedWidget()
        self._either.addWidget(self._before)
        self._either.addWidget(self.tabs)
        self.body.addWidget(self._either, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the findings need the room of the cards; their counts stand in the tables too."""
        super().resizeEvent(event)
        self._card_row.setVisible(event.size().height() >= _TALL)

    def _make_cards(self) -> QWidget:
        row = QWidget()
        cards = QHBoxLayout(row)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(10)
        for category in CHECK_CLASSES:
            frame, label = card(f"{category}  {class_name(self._desk.texts, category)}", "—")
            label.setObjectName(f"class_{category}")
            cards.addWidget(frame, 1)
            self._cards[category] = label
        return row

    def _add_group(self, name: str) -> None:
        texts = self._desk.texts
        model = RowsModel(texts(f"review.heads.{name}").split("|"))
        view = table_view(model, f"by_{name}", texts(f"review.tab.{name}"))
        view.activated.connect(lambda index, name=name: self._narrow(name, index))
        view.doubleClicked.connect(lambda index, name=name: self._narrow(name, index))
        self._tables[name] = (model, view)
        self.tabs.addTab(view, texts(f"review.tab.{name}"))

    def refresh(self) -> None:
        """What was found the last time is shown at once, whoever asked for it."""
        store = self._desk.store
        row = store.execute("SELECT at FROM result WHERE period = ?", (store.period,)).fetchone()
        shown = self._outcome.at if self._outcome else ""
        if row and row[0] != shown and not self._desk.worker.busy:
            from desktop.review_work import kept

            file = self._desk.path
            self._desk.worker.start(lambda _progress: kept(file), self._show_kept, self._desk.fail)

    def check(self, *, anew: bool = False) -> None:
        """Starts the pass over the file: over what has changed, or `anew` over everything."""
        from desktop.review_work import check

        file = self._desk.path
        self._desk.worker.start(lambda progress: check(file, progress, anew=anew), self._show, self._desk.fail)

    def write(self, target: Path) -> None:
        """Checks the whole file and writes the report: by check, item and unit, with every finding."""
        from desktop.review_work import report

        file, texts = self._desk.path, self._desk.texts

        def written(facts: dict[str, object]) -> None:
            self._line.setText(texts("review.exported", **facts))

        self._desk.worker.start(lambda progress: report(file, target, texts, progress), written, self._desk.fail)

    def outdate(self) -> None:
        """Answers have changed: the findings shown may no longer be true."""
        if self._outcome:
            self._line.setText(self._desk.texts("review.outdated"))

    def _ask_path(self) -> None:
        if target := ask_workbook(self._desk, self, self._desk.texts("review.export"), self._name()):
            self.write(target)

    def _name(self) -> str:
        store = self._desk.store
        return f"{store.district or ''}{self._desk.texts('review.title')}-{store.period}"

    def _show_kept(self, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        self._show(outcome)
        key = "since" if outcome.touched else "kept"
        at = outcome.at[:16].replace("T", " ")
        self._line.setText(f"{self._line.text()}　{self._desk.texts(f'review.{key}', at=at, count=outcome.touched)}")

    def _show(self, outcome: Outcome) -> None:
        self._outcome, self._asked = outcome, ()
        texts = self._desk.texts
        for category, label in self._cards.items():
            failed, answered = outcome.failed(category), outcome.answered(category)
            label.setText(f"{failed:,}")
            label.setToolTip(quoted(texts("review.answered", count=f"{answered:,}") if answered else ""))
        facts = {
            "units": f"{outcome.units:,}", "failed": f"{outcome.failed():,}",
            "with_findings": f"{len(outcome.failing):,}", "not_evaluated": f"{outcome.not_evaluated:,}",
        }  # fmt: skip
        self._line.setText(texts("cli.checked", **facts))
        self.findings.show_checks(outcome.checks)
        self._fill_groups()
        self._either.setCurrentWidget(self.tabs)

    def _fill_groups(self) -> None:
        from desktop.review_groups import group

        assert self._outcome
        for name, (model, view) in self._tables.items():
            one = group(name, self._outcome, self._outcome.checks.scheme, self._desk.texts, self._asked)
            model.set_rows(one.rows, one.objects, heads=one.heads, right=one.right)
            header = view.horizontalHeader()
            for at, width in enumerate(one.widths):
                header.resizeSection(at, width)
            header.setSectionResizeMode(one.stretch, QHeaderView.ResizeMode.Stretch)

    def _narrow(self, name: str, index: QModelIndex) -> None:
        """The findings behind a row of a table."""
        model, view = self._tables[name]
        behind = model.object(index)
        wanted = {"checks": Wanted(check=behind), "items": Wanted(item=behind), "units": Wanted(search=behind)}
        if name in wanted and view.isVisible():
            self.findings.narrow(wanted[name], str(behind))
            self.tabs.setCurrentWidget(self.findings)

    def _open(self, finding: Finding) -> None:
        unit = self._desk.store.find_unit(finding.unit)
        if unit is not None:
            item = self._desk.store.scheme.item_at(finding.items[0]).name if finding.items else ""
            self.chosen.emit(unit, item)

    def _find_cells(self, finding: Finding) -> None:
        """Where the error of a finding's unit may be: worked out beside the window, told below the finding."""
        assert self._outcome
        file, checks, texts = self._desk.path, self._outcome.checks, self._desk.texts

        def work(_progress: Progress) -> str:
            from survey import localised, store

            with closing(store.open(file, readonly=True)) as opened:
                unit = opened.find_unit(finding.unit)
                base = checks.base(checks.by_code[finding.check].check)
                found = localised.of_record(opened, checks, unit or 0, base, finding.line)
                return localised.told(found, opened.scheme, texts)

        self._desk.worker.start(work, self.findings.say, self._desk.fail)

    def _ask_first(self) -> None:
        """The units whose open findings weigh most on the indicators."""
        if self._outcome is None:
            return
        from desktop.review_work import first_to_ask

        file, checks = self._desk.path, self._outcome.checks

        def show(asked: Sequence[Priority]) -> None:
            self._asked = asked
            self._fill_groups()
            self.tabs.setCurrentWidget(self._tables["units"][1])

        self._desk.worker.start(lambda progress: first_to_ask(file, checks, progress), show, self._desk.fail)

    def _corrected(self) -> None:
        self._desk.changed()
        self.outdate()

    def _query(self, units: Sequence[int]) -> None:
        """What some units have to answer, on paper or as workbooks."""
        from desktop.query_dialog import QueryDialog

        QueryDialog(self._desk, units, self._desk.store.period, self.window()).show()

    def _choose_answers(self) -> None:
        texts, folder = self._desk.texts, str(self._desk.settings.folder)
        names, _ = QFileDialog.getOpenFileNames(self, texts("review.answers"), folder, "Excel (*.xlsx)")
        if names:
            self._desk.settings.folder = Path(names[0]).parent
            self.take_answers([Path(name) for name in sorted(names)])

    def take_answers(self, paths: Sequence[Path]) -> None:
        """Answers that came back: looked at first, then taken or not."""
        from desktop.answers_dialog import AnswersDialog

        dialog = AnswersDialog(self._desk, paths, self.window())
        dialog.exec()
        if dialog.report and dialog.report.changes:
            self._corrected()

    def _print(self) -> None:
        if self._outcome:
            from desktop.review_paper import ReportPreview

            ReportPreview(self._desk, self._outcome, self._asked, self._name(), self).show()
