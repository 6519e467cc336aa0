"""The indicators: the target board, all figures, by group, and the units behind each."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.pages import Desk, Page, hint
from desktop.publication import Publication
from desktop.rows_model import RowsModel, table_view
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.computation import Behind, IndicatorValue
    from indicators.tables import Table

# So many units behind a figure are listed; the command line gives them all.
_MOST = 2_000


# An indicator, and the dimension and the code of a group.
Wanted: TypeAlias = tuple[str, str | None, str | None]


class IndicatorsPage(Page):
    """Computes on request; choosing a figure lists its units, choosing one of them opens it."""

    chosen = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("indicators.title"), texts("indicators.hint"))
        self._desk = desk
        self._catalogue: Catalogue | None = None
        self._values: list[IndicatorValue] = []
        self._current = False
        # The figure whose units are being listed, or are to be next.
        self._wanted: Wanted | None = None
        self._line = hint(texts("indicators.not_yet"))
        self._line.setObjectName("indicatorsLine")
        self._units_line = hint(texts("indicators.choose"))
        self.publication = Publication(desk, self, self._line.setText)
        self.by = QComboBox()
        self.by.setObjectName("by")
        self.by.setAccessibleName(texts("indicators.by"))
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.by.addItem(texts("indicators.whole"), "")
        self.button(texts("indicators.workbook"), "workbook", self.publication.save_workbook)
        self.button(texts("indicators.pdf"), "pdf", self.publication.save_pdf)
        self.button(texts("indicators.preview"), "preview", self.publication.preview)
        self.button(texts("indicators.run"), "run", self.compute, primary=True)
        board_heads = ("indicator", "wording", "target", "value", "share", "status")
        self.board = RowsModel([self._head(name) for name in board_heads], right=(2, 3, 4))
        self.board_view = table_view(self.board, "board", texts("indicators.board"), (230, 300, 130, 150, 104, 96), 1)
        heads = [self._head("id"), self._head("indicator"), texts("indicators.group"), self._head("value")]
        self.model = RowsModel([*heads, self._head("unit"), self._head("coverage")], right=(3, 5))
        self.table = table_view(self.model, "values", texts("indicators.all"), (80, 260, 110, 130, 110, 130), 1)
        self.units = RowsModel([])
        self.units_view = table_view(self.units, "behind", texts("indicators.units"))
        self._lay_out()
        self.by.currentIndexChanged.connect(self._regroup)
        self.table.selectionModel().currentChanged.connect(self._chosen)
        self.board_view.selectionModel().currentChanged.connect(self._target_chosen)
        self.units_view.activated.connect(self._unit_chosen)
        self.units_view.doubleClicked.connect(self._unit_chosen)

    def refresh(self) -> None:
        """The first look computes, and the first after a change; in between the figures stand."""
        if not self._current and not self._desk.worker.busy:
            self.compute()

    def outdate(self) -> None:
        """Answers have changed."""
        self._current = False

    def compute(self) -> None:
        """Computes the chosen breakdown in the worker."""
        file, by = self._desk.path, str(self.by.currentData() or "") or None

        def work(progress: Progress) -> tuple[Catalogue, list[IndicatorValue], Table]:
            from indicators import computation, definition, tables
            from survey import store

            opened = store.open(file)
            try:
                catalogue = definition.load(opened.scheme)
                computed = computation.Computation(opened, catalogue, progress)
                board = tables.board(computed, opened.period, self._desk.texts)
                return catalogue, computed.figures(opened.period, by), board
            finally:
                opened.close()

        self._desk.worker.start(work, self._show, self._desk.fail)

    def _head(self, name: str) -> str:
        return self._desk.texts(f"table.head.{name}").replace("\n", " ")

    def _lay_out(self) -> None:
        texts = self._desk.texts
        self._tabs = QTabBar()
        self._tabs.setObjectName("figures")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        stack = QStackedWidget()
        for caption, view in (("board", self.board_view), ("all", self.table)):
            self._tabs.addTab(texts(f"indicators.{caption}"))
            stack.addWidget(view)
        self._tabs.currentChanged.connect(stack.setCurrentIndex)
        bar = QHBoxLayout()
        bar.setSpacing(12)
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for widget, stretch in ((self._tabs, 0), (self._line, 1), (self.by, 0)):
            bar.addWidget(widget, stretch)
        upper, lower = QWidget(), QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 4)
        above.setSpacing(6)
        above.addLayout(bar)
        above.addWidget(stack, 1)
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 4, 0, 0)
        below.setSpacing(6)
        below.addWidget(self._units_line)
        below.addWidget(self.units_view, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setSizes([330, 230])
        self.body.addWidget(split, 1)

    def _regroup(self) -> None:
        """A breakdown is seen among all figures; the board is of the whole."""
        self._tabs.setCurrentIndex(1)
        self.compute()

    def _show(self, result: tuple[Catalogue, list[IndicatorValue], Table]) -> None:
        from indicators.tables import Figure

        self._catalogue, self._values, board = result
        self._current = True
        texts, catalogue = self._desk.texts, self._catalogue
        if self.by.count() == 1:
            self.by.blockSignals(True)
            for dimension in catalogue.dimensions.values():
                self.by.addItem(
                    texts("indicators.by_group", group=texts.pick(dimension.label, dimension.label_en)), dimension.id
                )
            self.by.blockSignals(False)
        rows = []
        for value in self._values:
            indicator = catalogue.indicators[value.id]
            rows.append(
                (
                    value.id, texts.pick(indicator.label, indicator.label_en), self._group(value),
                    Figure(value.value, indicator.digits).text(), texts.pick(indicator.unit, indicator.unit_en),
                    f"{value.units_used:,} / {value.units_due:,}",
                )
            )  # fmt: skip
        self.model.set_rows(rows, self._values)
        self._show_board(board)
        if self.board.rowCount():
            self.board_view.setCurrentIndex(self.board.index(0, 0))
        self._line.setText(texts("indicators.done", count=len(catalogue.indicators), period=self._desk.store.period))

    def _show_board(self, table: Table) -> None:
        from indicators.tables import Figure

        colours = self._desk.colours
        tone = {"met": colours.good, "on_track": colours.accent, "behind": colours.warn}
        cells = [tuple(cell.text() if isinstance(cell, Figure) else cell for cell in row.cells) for row in table.rows]
        keys = [row.key for row in table.rows]
        self.board.set_rows(cells, keys, tones=[tone.get(row.tone, colours.muted) for row in table.rows])

    def _group(self, value: IndicatorValue) -> str:
        if value.by is None or self._catalogue is None:
            return ""
        by = self._dimension(value.id)
        return self._desk.store.scheme.lists[self._catalogue.dimensions[by].list].label(value.by, self._desk.texts.lang)

    def _dimension(self, indicator_id: str) -> str:
        assert self._catalogue is not None
        return str(self.by.currentData() or "") or self._catalogue.indicators[indicator_id].spread

    def _chosen(self, index: QModelIndex) -> None:
        value = self.model.object(index)
        if value is not None:
            self._list_units(value.id, value.by)

    def _target_chosen(self, index: QModelIndex) -> None:
        key = self.board.object(index)
        if key and self._catalogue and key in self._catalogue.indicators:
            self._list_units(key, None)

    def _unit_chosen(self, index: QModelIndex) -> None:
        """Opens the unit, at the item whose column was chosen."""
        one = self.units.object(index)
        unit = self._desk.store.find_unit(one.uscc) if one else None
        if unit is not None and self.isVisible():
            names = ("", "", "", *one.values)
            self.chosen.emit(unit, names[index.column()].removesuffix("@prev"))

    def _list_units(self, indicator_id: str, code: str | None) -> None:
        """Looks the units up; of figures passed over in the meantime only the last is listed."""
        wanted = (indicator_id, self._dimension(indicator_id) if code else None, code)
        waiting, self._wanted = self._wanted is not None, wanted
        if not waiting:
            self._units_line.setText(self._desk.texts("indicators.listing", label=self._label(indicator_id)))
            self._desk.lookups.start(self._behind_wanted, self._show_wanted, self._not_listed)

    def _behind_wanted(self, _progress: Progress) -> tuple[Wanted, Behind]:
        from indicators import computation
        from survey import store

        assert self._catalogue is not None
        assert self._wanted is not None
        wanted = indicator_id, by, code = self._wanted
        with closing(store.open(self._desk.path, readonly=True)) as opened:
            found = computation.units(opened, self._catalogue, indicator_id, opened.period, by, code, most=_MOST)
            return wanted, found

    def _show_wanted(self, result: tuple[Wanted, Behind]) -> None:
        (indicator_id, _, code), found = result
        wanted, self._wanted = self._wanted, None
        self._show_units(indicator_id, found)
        if wanted is not None and wanted[::2] != (indicator_id, code):
            self._list_units(*wanted[::2])

    def _label(self, indicator_id: str) -> str:
        indicator = self._catalogue.indicators[indicator_id] if self._catalogue else None
        return self._desk.texts.pick(indicator.label, indicator.label_en) if indicator else indicator_id

    def _not_listed(self, error: BaseException) -> None:
        self._wanted = None
        self._desk.fail(error)

    def _show_units(self, indicator_id: str, behind: Behind) -> None:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        found = behind.units
        names = list(found[0].values) if found else []
        heads = [texts("units.head.name"), texts("units.head.uscc"), texts("units.head.district")]
        for name in names:
            prev = texts("check.prev") if name.endswith("@prev") else ""
            heads.append(scheme.label(name, texts.lang) + prev)
        rows = [
            (
                one.name,
                one.uscc,
                scheme.districts.label(one.district, texts.lang),
                *(_plain(one.values[name]) for name in names),
            )
            for one in found
        ]
        self.units.set_rows(rows, found, heads=heads, right=range(3, len(heads)))
        for at, width in enumerate((280, 180, 110, *(130 for _ in names))):
            self.units_view.horizontalHeader().resizeSection(at, width)
        key = "behind" if behind.count == len(found) else "behind_first"
        shown = {"label": self._label(indicator_id), "count": f"{behind.count:,}", "first": f"{len(found):,}"}
        self._units_line.setText(texts(f"indicators.{key}", **shown))


def _plain(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)
