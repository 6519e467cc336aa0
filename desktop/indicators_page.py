"""The indicators: the target board, all figures, charts, editions, and the units behind each figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop import goal_words
from desktop.behind_panel import BehindPanel
from desktop.chart_panel import ChartPanel
from desktop.chart_view import ChartView
from desktop.drawing import look_of
from desktop.edition_panel import EditionPanel
from desktop.figure_charts import FigureCharts
from desktop.figure_work import computing
from desktop.goal_board import board_view
from desktop.pages import Desk, Page, hint
from desktop.plain import quoted
from desktop.publication import Publication
from desktop.rows_model import RowsModel, table_view
from indicators import goalwords
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.computation import Computation, IndicatorValue
    from indicators.goal import Goal
    from indicators.outlook import Outlook

_BOARD, _ALL, _CHARTS, _ = range(4)


class IndicatorsPage(Page):
    """Computes on request; choosing a figure lists its units, choosing one of them opens it."""

    chosen = Signal(int, str, int)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("indicators.title"), texts("indicators.hint"))
        self._desk = desk
        self._outlook: Outlook | None = None
        self._current = False
        self._line = hint(texts("indicators.not_yet"))
        self._line.setObjectName("indicatorsLine")
        self.publication = Publication(desk, self, self._line.setText)
        self.by = _box("by", texts("indicators.by"), texts("indicators.whole"))
        self._only: dict[str, QComboBox] = {}
        self.button(texts("indicators.workbook"), "workbook", self.publication.save_workbook)
        self.button(texts("indicators.pdf"), "pdf", self.publication.save_pdf)
        self.button(texts("indicators.preview"), "preview", self.publication.preview)
        self.button(texts("brief.button"), "brief", self.publication.preview_brief)
        self.button(texts("indicators.run"), "run", self.compute, primary=True)
        look = look_of(desk.colours)
        self.board = RowsModel(goal_words.heads(texts), right=(2, 3, 4, 5, 6))
        self.board_view = board_view(self.board, texts, look)
        heads = [self._head("id"), self._head("indicator"), texts("indicators.group"), self._head("value")]
        self.model = RowsModel([*heads, self._head("unit"), self._head("coverage")], right=(3, 5))
        self.table = table_view(self.model, "values", texts("indicators.all"), (80, 260, 150, 130, 110, 130), 1)
        self.charts, self.editions, self.behind = ChartPanel(desk), EditionPanel(desk), BehindPanel(desk)
        self.facts = hint("")
        self.facts.setObjectName("goalFacts")
        self.course = ChartView(look, 8)
        self.course.setObjectName("course")
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """The first look computes, and the first after a change; in between the figures stand."""
        if not self._current and not self._desk.worker.busy:
            self.compute()

    def outdate(self) -> None:
        """Answers have changed."""
        self._current = False

    def compute(self) -> None:
        """Computes the chosen breakdown, and the board of the chosen group."""
        by, only = self._dimension(), self._group()

        def look(computation: Computation) -> Outlook:
            from indicators import outlook

            return outlook.look(computation, computation.store.period, by, only)

        self._start(look, self._show)

    def restrict(self) -> None:
        """Computes the board of the chosen group; the other figures stand."""
        from indicators import outlook

        self._change(outlook.restricted, self._group(), self._show_board)

    def break_down(self) -> None:
        """Computes the chosen breakdown; the board and the courses stand."""
        from indicators import outlook

        self._change(outlook.broken_down, self._dimension(), self._show)

    def _change(
        self, change: Callable[[Computation, Outlook, Any], Outlook], chosen: object, done: Callable[[Outlook], None]
    ) -> None:
        """Computes what a choice changes of the figures that stand; all of them where they no longer do."""
        known = self._outlook
        if known is None or not self._current:
            self.compute()
            return

        def changed(computation: Computation) -> Outlook:
            return change(computation, known, chosen)

        self._start(changed, done)

    def _start(self, look: Callable[[Computation], Outlook], done: Callable[[Outlook], None]) -> None:
        """Computes in the worker."""
        file = self._desk.path

        def work(progress: Progress) -> Outlook:
            with computing(file, progress) as computation:
                return look(computation)

        self._desk.worker.start(work, done, self._desk.fail)

    def fit(self) -> None:
        super().fit()
        self.editions.fit(tight=self.tight)
        self._fit_course()

    def _head(self, name: str) -> str:
        return self._desk.texts(f"table.head.{name}").replace("\n", " ")

    # Layout

    def _lay_out(self) -> None:
        texts = self._desk.texts
        self.tabs = QTabBar()
        self.tabs.setObjectName("figures")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self._stack = QStackedWidget()
        captions = ("indicators.board", "indicators.all", "goal.charts", "goal.editions")
        for caption, view in zip(captions, (self.board_view, self.table, self.charts, self.editions), strict=True):
            self.tabs.addTab(texts(caption))
            self._stack.addWidget(view)
        self.body.addWidget(self._split(), 1)

    def _split(self) -> QSplitter:
        """Figures above, what is behind them below."""
        self._bar = QHBoxLayout()
        self._bar.setSpacing(8)
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for widget, stretch in ((self.tabs, 0), (self._line, 1), (self.by, 0)):
            self._bar.addWidget(widget, stretch)
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.course, 2)
        row.addWidget(self.behind, 5)
        self._lower = _column(self.facts, below)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        upper = _column(self._stack)
        column = upper.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertLayout(0, self._bar)
        split.addWidget(upper)
        split.addWidget(self._lower)
        split.setSizes([330, 250])
        return split

    def _connect(self) -> None:
        self.by.currentIndexChanged.connect(self._regroup)
        self.tabs.currentChanged.connect(self._turn)
        self.table.selectionModel().currentChanged.connect(self._chosen)
        self.board_view.selectionModel().currentChanged.connect(self._goal_chosen)
        self.behind.chosen.connect(self.chosen)
        self.charts.chosen.connect(self._group_chosen)
        self.charts.told.connect(self._line.setText)
        self.editions.kept.connect(self.compute)

    def _turn(self, at: int) -> None:
        self._stack.setCurrentIndex(at)
        self._lower.setVisible(at in (_BOARD, _ALL))
        self._fit_course()
        if at == _BOARD:
            self.board_view.scrollTo(self.board_view.currentIndex())
        for box in self._only.values():
            box.setVisible(at == _BOARD)
        self.by.setVisible(at in (_ALL, _CHARTS))

    def _fit_course(self) -> None:
        """The course stands beside the units of a goal where there is room for both."""
        on_board = self.tabs.currentIndex() == _BOARD
        self.course.setVisible(on_board and not self.tight)
        self.facts.setVisible(on_board)

    def _regroup(self) -> None:
        """A breakdown is seen among all figures, or in the charts."""
        if self.tabs.currentIndex() != _CHARTS:
            self.tabs.setCurrentIndex(_ALL)
        self.break_down()

    # What was computed

    def _show(self, outlook: Outlook) -> None:
        first, self._current = self._outlook is None, True
        if first:
            self._offer_groups(outlook)
        self._show_values(outlook)
        self._show_board(outlook)
        self.charts.show_outlook(outlook, str(self.by.currentData() or ""))
        self.editions.show_editions(outlook.catalogue)
        texts = self._desk.texts
        told = texts("indicators.done", count=len(outlook.catalogue.indicators), period=outlook.period)
        self._line.setText(" ".join([told, goal_words.revision_line(outlook, texts)]).strip())

    def _offer_groups(self, outlook: Outlook) -> None:
        """The dimensions to break down by, and those to restrict the board by."""
        from indicators.outlook import filters

        texts, scheme = self._desk.texts, self._desk.store.scheme
        self.by.blockSignals(True)
        for dimension in outlook.catalogue.dimensions.values():
            self.by.addItem(texts.pick(dimension.label, dimension.label_en), dimension.id)
        self.by.blockSignals(False)
        for name in filters(outlook.catalogue):
            dimension = outlook.catalogue.dimensions[name]
            label = texts.pick(dimension.label, dimension.label_en)
            box = self._only[name] = _box(f"only_{name}", label, texts("goal.every", group=label))
            codes = scheme.lists[dimension.list]
            for code in codes.codes:
                box.addItem(codes.label(code, texts.lang), code)
            box.currentIndexChanged.connect(lambda _at: self.restrict())
            self._bar.addWidget(box)
        self._turn(self.tabs.currentIndex())

    def _show_values(self, outlook: Outlook) -> None:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        rows = []
        for value in outlook.values:
            indicator = outlook.catalogue.indicators[value.id]
            of = value.by is not None
            group = outlook.catalogue.group_label(scheme, value.dimensions, value.by or "", texts) if of else ""
            rows.append(
                (
                    value.id, texts.pick(indicator.label, indicator.label_en), group,
                    goalwords.figure(value.value, indicator.digits), texts.pick(indicator.unit, indicator.unit_en),
                    f"{value.units_used:,} / {value.units_due:,}",
                )
            )  # fmt: skip
        self.model.set_rows(rows, outlook.values)

    def _show_board(self, outlook: Outlook) -> None:
        texts, look = self._desk.texts, look_of(self._desk.colours)
        self._outlook = outlook
        at = max(self.board_view.currentIndex().row(), 0)
        rows = [goal_words.cells(goal, outlook.catalogue, texts) for goal in outlook.goals]
        self.board.set_rows(rows, outlook.goals, tones=[look.tone(goal.status) for goal in outlook.goals])
        if rows:
            self.board_view.setCurrentIndex(self.board.index(min(at, len(rows) - 1), 0))

    # What is behind it

    def _dimension(self) -> str | None:
        return str(self.by.currentData() or "") or None

    def _group(self) -> dict[str, str]:
        return {name: str(box.currentData()) for name, box in self._only.items() if box.currentData()}

    def _chosen(self, index: QModelIndex) -> None:
        value: IndicatorValue | None = self.model.object(index)
        if value is not None and self._outlook:
            self.behind.show_units(self._outlook.catalogue, (value.id, value.dimensions or None, value.by))

    def _group_chosen(self, indicator: str, dimension: str, code: str) -> None:
        """What is drawn has the room until one of its groups is chosen."""
        if self._outlook:
            self._lower.show()
            self.behind.show_units(self._outlook.catalogue, (indicator, dimension, code))

    def _goal_chosen(self, index: QModelIndex) -> None:
        from indicators.outlook import joined

        goal: Goal | None = self.board.object(index)
        if goal is None or self._outlook is None:
            return
        texts = self._desk.texts
        self.facts.setText(" ".join(goal_words.facts(goal, self._outlook, texts)))
        self.course.show_drawn(FigureCharts(self._outlook, self._desk.store.scheme, texts).goal(goal))
        if goal.target.indicator in self._outlook.catalogue.indicators:
            self.behind.show_units(self._outlook.catalogue, (goal.target.indicator, *joined(self._group())))
        else:
            self.behind.show_nothing(texts("goal.none"))


def _box(name: str, label: str, first: str) -> QComboBox:
    """A box of groups that may be many: typing goes to one, and the list scrolls."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    box.setToolTip(quoted(label))
    box.setMaxVisibleItems(16)
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.addItem(first, "")
    return box


def _column(*widgets: QWidget) -> QWidget:
    """Widgets below each other, the last with what room is left."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 4, 0, 4)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is widgets[-1] else 0)
    return holder
