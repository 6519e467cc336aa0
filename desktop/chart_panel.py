"""Charts and the map of an indicator, each with its table beside it; copied as a picture or as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QHeaderView, QSplitter, QVBoxLayout, QWidget

from desktop.chart import Chart
from desktop.chart_view import ChartView
from desktop.drawing import Drawn, look_of
from desktop.figure_charts import FigureCharts
from desktop.pages import Desk, plain_button
from desktop.plain import quoted
from desktop.rows_model import RowsModel, table_view
from desktop.tile_map import Tile, TileMap, tiles
from survey.errors import SurveyError
from survey.journal import Telling

if TYPE_CHECKING:
    from indicators.outlook import Outlook

MAP = "map"
_CHART, _TABLE = 690, 420
# A head that is wider than this is cut; the drawing says it in full.
_WIDEST = 170


class ChartPanel(QWidget):
    """`chosen` is an indicator, a dimension and the code of a group; `told` what was done with a drawing."""

    chosen = Signal(str, str, str)
    told = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        texts = desk.texts
        self._desk = desk
        self._outlook: Outlook | None = None
        self._dimension = ""
        self.indicator, self.kind = (
            _box("chartIndicator", texts("goal.indicator")),
            _box("chartKind", texts("goal.kind")),
        )
        self.view = ChartView(look_of(desk.colours))
        self.view.setObjectName("chart")
        self.view.chosen.connect(self._chosen)
        self.model = RowsModel([])
        self.table = table_view(self.model, "chartTable", texts("goal.table"))
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.indicator.currentIndexChanged.connect(lambda _at: self._offer())
        self.kind.currentIndexChanged.connect(lambda _at: self._draw())
        self._lay_out()

    def _lay_out(self) -> None:
        texts = self._desk.texts
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.indicator, 1)
        bar.addWidget(self.kind)
        for name, action in (
            ("copy_picture", self._copy_picture), ("copy_table", self._copy_table), ("save_picture", self._ask_where),
        ):  # fmt: skip
            bar.addWidget(plain_button(name, texts(f"goal.{name}"), action))
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.addWidget(self.view)
        both.addWidget(self.table)
        both.setSizes([_CHART, _TABLE])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(both, 1)

    def show_outlook(self, outlook: Outlook, dimension: str) -> None:
        """Figures to draw, by the groups of a dimension where one is asked for; the indicator stays what it was."""
        from indicators.outlook import filters, places

        scheme, texts = self._desk.store.scheme, self._desk.texts
        usual = [*places(scheme, outlook.catalogue), *filters(outlook.catalogue)]
        self._outlook, self._dimension = outlook, dimension or (usual[0] if usual else "")
        now = self.indicator.currentData()
        self.indicator.blockSignals(True)
        self.indicator.clear()
        for one in outlook.catalogue.indicators.values():
            self.indicator.addItem(f"{one.id}　{texts.pick(one.label, one.label_en)}", one.id)
        self.indicator.setCurrentIndex(max(self.indicator.findData(now), 0))
        self.indicator.blockSignals(False)
        self._offer()

    def drawn(self) -> Drawn | None:
        """What is drawn."""
        return self.view.drawn

    def save(self, path: Path) -> None:
        """The drawing as PNG."""
        try:
            told = Telling(self._desk.store, "exported", path.name, what="figures")
            self.view.save_picture(path, self._foot, told)
            self.told.emit(self._desk.texts("indicators.saved", path=path))
        except SurveyError as error:
            self._desk.fail(error)

    def _offer(self) -> None:
        """The kinds of drawing that the indicator has."""
        if self._outlook is None:
            return
        name, now = str(self.indicator.currentData()), self.kind.currentData()
        kinds = self._charts().kinds(name, self._dimension)
        if self._tiles() and self._outlook.spread.get(self._dimension, {}).get(name):
            kinds.append(MAP)
        self.kind.blockSignals(True)
        self.kind.clear()
        for kind in kinds:
            self.kind.addItem(self._desk.texts(f"goal.draw.{kind}"), kind)
        self.kind.setCurrentIndex(max(self.kind.findData(now), 0))
        self.kind.blockSignals(False)
        self._draw()

    def _draw(self) -> None:
        drawn = self._made()
        self.view.show_drawn(drawn)
        heads, *rows = drawn.table() if drawn else [()]
        if len(heads) > 1 and not _courses(drawn):
            # The drawing beside it says what the value is of.
            heads = (*heads[:-1], self._desk.texts("table.head.value"))
        self.model.set_rows(rows, heads=heads, right=range(2 if isinstance(drawn, TileMap) else 1, len(heads)))
        header = self.table.horizontalHeader()
        for at in range(1, len(heads)):
            header.resizeSection(at, min(max(100, header.sectionSizeHint(at)), _WIDEST))
        if heads:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _made(self) -> Drawn | None:
        if self._outlook is None or self.indicator.currentIndex() < 0:
            return None
        name, charts = str(self.indicator.currentData()), self._charts()
        match self.kind.currentData():
            case "bars":
                return charts.bars(name, self._dimension)
            case "shares":
                return charts.shares(name, self._dimension)
            case "lines":
                return charts.course(name)
        return self._map(name)

    def _map(self, name: str) -> TileMap:
        assert self._outlook is not None
        texts, one = self._desk.texts, self._outlook.catalogue.indicators[name]
        label = texts.pick(one.label, one.label_en)
        by = self._outlook.catalogue.dimensions[self._dimension]
        heads = (texts.pick(by.label, by.label_en), texts("goal.role"), label)
        values = self._outlook.spread[self._dimension][name]
        title = texts("goal.by", label=label, by=heads[0])
        unit = texts.pick(one.unit, one.unit_en)
        return TileMap(title, unit, self._tiles(), values, one.digits, heads, texts("goal.map_note"))

    def _tiles(self) -> tuple[Tile, ...]:
        if self._outlook is None or not self._dimension:
            return ()
        by = self._outlook.catalogue.dimensions[self._dimension]
        return tiles(self._desk.store.scheme.lists[by.list], self._desk.texts)

    def _charts(self) -> FigureCharts:
        assert self._outlook is not None
        return FigureCharts(self._outlook, self._desk.store.scheme, self._desk.texts)

    @property
    def _foot(self) -> str:
        """What is drawn is never disclosure-controlled, wherever it is copied to."""
        return self._desk.texts("brief.internal")

    def _chosen(self, code: str) -> None:
        self.chosen.emit(str(self.indicator.currentData()), self._dimension, code)

    def _copy_picture(self) -> None:
        self._copy(self.view.copy_picture, "goal.picture_copied")

    def _copy_table(self) -> None:
        self._copy(self.view.copy_table, "goal.table_copied")

    def _copy(self, copy: Callable[[str], None], said: str) -> None:
        try:
            with Telling(self._desk.store, "copied", str(self.indicator.currentData()), what="figures"):
                copy(self._foot)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.told.emit(self._desk.texts(said))

    def _ask_where(self) -> None:
        texts, settings = self._desk.texts, self._desk.settings
        proposal = settings.folder / f"{self.indicator.currentData()}-{self._desk.store.period}.png"
        name, _ = QFileDialog.getSaveFileName(self, texts("goal.save_picture"), str(proposal), "PNG (*.png)")
        if name:
            path = Path(name if name.endswith(".png") else f"{name}.png")
            settings.folder = path.parent
            self.save(path)


def _courses(drawn: Drawn | None) -> bool:
    return isinstance(drawn, Chart) and drawn.kind == "lines"


def _box(name: str, label: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    box.setToolTip(quoted(label))
    box.setMaxVisibleItems(16)
    box.setMinimumContentsLength(6)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
