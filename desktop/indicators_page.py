"""The indicators: the target board, all figures, by group, and the units behind each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from desktop.pages import Desk, Page, hint
from desktop.rows_model import RowsModel, table_view
from desktop.worker import Progress

if TYPE_CHECKING:
    from indicators.computation import Contribution, IndicatorValue
    from indicators.definition import Catalogue
    from indicators.tables import Summary


class IndicatorsPage(Page):
    """Computes on request; choosing a figure lists its units."""

    def __init__(self, desk: Desk) -> None:
        texts = desk.texts
        super().__init__(texts("indicators.title"), texts("indicators.hint"))
        self._desk = desk
        self._catalogue: Catalogue | None = None
        self._values: list[IndicatorValue] = []
        self.by = QComboBox()
        self.by.setObjectName("by")
        self.by.setAccessibleName(texts("indicators.by"))
        self.by.addItem(texts("indicators.whole"), "")
        self.buttons.addWidget(self.by)
        self.workbook = self.button(texts("indicators.workbook"), "workbook", self._save_workbook)
        self.pdf = self.button(texts("indicators.pdf"), "pdf", self._save_pdf)
        self.preview = self.button(texts("indicators.preview"), "preview", self._preview)
        self.run = self.button(texts("indicators.run"), "run", self.compute, primary=True)
        board_heads = [
            texts(f"table.head.{name}").replace("\n", " ")
            for name in ("indicator", "wording", "target", "value", "share", "status")
        ]
        self.board = RowsModel(board_heads, right=(2, 3, 4))
        self.board_view = table_view(self.board, "board", texts("indicators.board"), (210, 300, 110, 130, 100, 90), 1)
        heads = [texts(f"table.head.{name}").replace("\n", " ") for name in ("id", "indicator")]
        heads += [
            texts("indicators.group"),
            texts("table.head.value"),
            texts("table.head.unit"),
            texts("table.head.coverage").replace("\n", " "),
        ]
        self.model = RowsModel(heads, right=(3, 5))
        self.table = table_view(self.model, "values", texts("indicators.title"), (80, 260, 110, 120, 110, 130), 1)
        self.units = RowsModel([])
        self.units_view = table_view(self.units, "behind", texts("indicators.units"))
        self._line = hint(texts("indicators.not_yet"))
        self._units_line = hint(texts("indicators.choose"))
        self.by.currentIndexChanged.connect(self.compute)
        self.table.selectionModel().currentChanged.connect(self._chosen)
        self.table.doubleClicked.connect(self._chosen)
        self.board_view.selectionModel().currentChanged.connect(self._target_chosen)
        self._lay_out()

    def refresh(self) -> None:
        """The first look computes; afterwards the person asks."""
        if not self._values and not self._desk.worker.busy:
            self.compute()

    def compute(self) -> None:
        """Computes the chosen breakdown in the worker."""
        file, by = self._desk.path, str(self.by.currentData() or "") or None

        def work(progress: Progress) -> tuple[Catalogue, list[IndicatorValue], Summary]:
            from indicators import computation, definition, tables
            from survey import store

            opened = store.open(file)
            try:
                catalogue = definition.load(opened.scheme)
                values = computation.compute(opened, catalogue, opened.period, by, progress)
                return catalogue, values, tables.summary(opened, catalogue, opened.period, self._desk.texts, progress)
            finally:
                opened.close()

        self._desk.worker.start(work, self._show, self._desk.fail)

    def _lay_out(self) -> None:
        texts = self._desk.texts
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        for caption, widget, line in (
            (texts("indicators.board"), self.board_view, None),
            (texts("indicators.all"), self.table, self._line),
            (texts("indicators.units"), self.units_view, self._units_line),
        ):
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 6)
            column.setSpacing(4)
            head = QHBoxLayout()
            title = QLabel(caption)
            title.setObjectName("section")
            head.addWidget(title)
            if line:
                head.addWidget(line, 1)
            column.addLayout(head)
            column.addWidget(widget, 1)
            split.addWidget(box)
        split.setSizes([270, 260, 190])
        self.body.addWidget(split, 1)

    def _show(self, result: tuple[Catalogue, list[IndicatorValue], Summary]) -> None:
        from indicators.tables import Figure

        self._catalogue, self._values, summary = result
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
        self._show_board(summary)
        self._line.setText(texts("indicators.done", count=len(catalogue.indicators), period=self._desk.store.period))

    def _show_board(self, summary: Summary) -> None:
        from indicators.tables import Figure

        colours = self._desk.colours
        tone = {"met": colours.good, "on_track": colours.accent, "behind": colours.warn}
        table = summary.tables[0]
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

    def _list_units(self, indicator_id: str, code: str | None) -> None:
        from indicators import computation

        assert self._catalogue is not None
        by = self._dimension(indicator_id) if code else None
        store = self._desk.store
        found = computation.units(store, self._catalogue, indicator_id, store.period, by, code)
        self._show_units(indicator_id, found)

    def _show_units(self, indicator_id: str, found: list[Contribution]) -> None:
        texts, scheme = self._desk.texts, self._desk.store.scheme
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
        indicator = self._catalogue.indicators[indicator_id] if self._catalogue else None
        label = texts.pick(indicator.label, indicator.label_en) if indicator else indicator_id
        self._units_line.setText(texts("indicators.behind", label=label, count=f"{len(found):,}"))

    def _save_workbook(self) -> None:
        def write(path: Path, summary: Summary) -> None:
            from indicators import workbook

            workbook.write(summary, path, self._desk.texts)

        self._save("xlsx", "Excel (*.xlsx)", write)

    def _save_pdf(self) -> None:
        def write(path: Path, summary: Summary) -> None:
            from desktop.printing import page_set

            page_set(summary, self._desk.store.scheme.legal, self._desk.texts).write_pdf(path)

        self._save("pdf", "PDF (*.pdf)", write)

    def _save(self, kind: str, kinds: str, write: Callable[[Path, Summary], None]) -> None:
        texts, store = self._desk.texts, self._desk.store
        proposal = self._desk.settings.folder / texts("indicators.file", period=store.period, kind=kind)
        name, _ = QFileDialog.getSaveFileName(self, texts("indicators.title"), str(proposal), kinds)
        if not name:
            return
        path = Path(name if name.endswith(f".{kind}") else f"{name}.{kind}")

        def save(summary: Summary) -> None:
            write(path, summary)
            self._line.setText(texts("indicators.saved", path=path))

        self._with_summary(save)

    def _preview(self) -> None:
        def show(summary: Summary) -> None:
            from desktop.preview_dialog import PreviewDialog
            from desktop.printing import page_set

            pages = page_set(summary, self._desk.store.scheme.legal, self._desk.texts)
            PreviewDialog(pages, self._desk.texts, self._desk.icons).exec()

        self._with_summary(show)

    def _with_summary(self, use: Callable[[Summary], None]) -> None:
        """Lays the tables out in the worker, then uses them here."""
        file = self._desk.path

        def work(progress: Progress) -> Summary:
            from indicators import definition, tables
            from survey import store

            opened = store.open(file)
            try:
                return tables.summary(opened, definition.load(opened.scheme), opened.period, self._desk.texts, progress)
            finally:
                opened.close()

        def done(summary: Summary) -> None:
            try:
                use(summary)
            except Exception as error:  # noqa: BLE001 - the window says it, known or not
                self._desk.fail(error)

        self._desk.worker.start(work, done, self._desk.fail)


def _plain(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)
