"""The outcome of checking on paper: by check, item and unit, each as a table of its own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from desktop.fonts import load_fonts
from desktop.pages import Desk
from desktop.preview_dialog import PreviewDialog
from desktop.review_groups import GROUPS, group
from desktop.review_work import Outcome
from desktop.table_paper import TablePaper
from survey.priority import Priority


class ReportPreview(PreviewDialog):
    """One of the tables as it will be printed; a box chooses which."""

    def __init__(self, desk: Desk, outcome: Outcome, asked: Sequence[Priority], title: str, parent: QWidget) -> None:
        load_fonts()
        self._desk, self._outcome, self._asked, self._title = desk, outcome, asked, title
        super().__init__(self._paper(GROUPS[0]), desk, parent, "findings", title)
        self.setObjectName("reportPreview")
        self.choice = QComboBox()
        self.choice.setObjectName("reportTable")
        for name in GROUPS:
            self.choice.addItem(desk.texts(f"review.tab.{name}"), name)
        self.choice.currentIndexChanged.connect(self._choose)
        self.bar.insertWidget(0, self.choice)

    def _choose(self) -> None:
        self.show_pages(self._paper(self.choice.currentData()))

    def _paper(self, name: str) -> TablePaper:
        texts, store = self._desk.texts, self._desk.store
        one = group(name, self._outcome, self._outcome.checks.scheme, texts, self._asked)
        place = store.scheme.districts.label(store.district) if store.district else texts("table.city")
        subtitle = texts(
            "review.paper_line", place=place, period=store.period, at=self._outcome.at[:16].replace("T", " "),
            units=f"{self._outcome.units:,}",
        )  # fmt: skip
        heading = f"{self._title}　{texts(f'review.tab.{name}')}"
        return TablePaper(
            heading, one.heads, one.rows, one.widths, texts, subtitle=subtitle, right=one.right, landscape=True
        )
