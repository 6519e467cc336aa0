"""自定统计表: a desk's own tables, put together beside their printed page, kept in the file, sent on as small files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.fitting import resize_within
from desktop.indicator_list import IndicatorList
from desktop.pages import Desk, hint, result_line
from desktop.paper_view import PaperView
from desktop.plain import Box, Label
from desktop.printing import page_set
from desktop.table_draft import INDICATORS, SHOWN, TableDraft, draft_of
from desktop.worker import Worker
from indicators import definition, localtable, tabledefinition
from indicators.table import Summary
from survey.errors import SchemeError, SurveyError, sentence
from survey.progress import Progress

_AFTER = 300
_BOXES = ("rows", "inner", "across", "order", "total")
_BUTTONS = ("save", "import", "export", "remove")


class TableDesigner(QDialog):
    """Chooses among the own tables and a new one; what is chosen is drawn as it will be printed. Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk, self._catalogue = desk, definition.load(desk.store.scheme)
        self._kept = TableDraft()
        self._filling, self._name, self._began = False, "", self._kept
        # The page is drawn beside, so that choosing never waits.
        self._worker = Worker(self)
        self._timer = QTimer(self, singleShot=True, interval=_AFTER)
        self._timer.timeout.connect(self._draw)
        self.setObjectName("tableDesigner")
        self.setWindowTitle(texts("designer.title"))
        resize_within(self, 1180, 700)
        self.which = self._box("which")
        self.title = QLineEdit()
        self.title.setObjectName("tableTitle")
        self.title.setAccessibleName(texts("designer.name"))
        self.boxes = {name: self._box(name) for name in _BOXES}
        self.parts = {name: self._part(name) for name in SHOWN}
        self.indicators = IndicatorList(self._catalogue, texts)
        self.buttons = {name: self._button(name) for name in _BUTTONS}
        self.view = PaperView()
        self.view.setAccessibleName(texts("designer.preview"))
        self.said = result_line("designerSaid")
        self._fill_boxes()
        self._lay_out()
        self._list_own("")
        self._connect()
        self._open()
        self.title.setFocus()

    @property
    def draft(self) -> TableDraft:
        """What is chosen at present."""
        rows, inner, across, order, total = (str(self.boxes[name].currentData() or "") for name in _BOXES)
        kept = self._kept
        return TableDraft(
            self.title.text(), kept.title_en, self._dimensions(rows, inner), across,
            self.indicators.taken, tuple(name for name, part in self.parts.items() if part.isChecked()), order,
            total or "first", kept.heads, kept.rest,
        )  # fmt: skip

    def _dimensions(self, rows: str, inner: str) -> tuple[str, ...]:
        """The dimensions of the rows; those that a file names beside the first two stay."""
        return (rows, *([inner, *self._kept.by[2:]] if inner else ())) if rows else ()

    def reject(self) -> None:
        """What is put together is not thrown away by one Esc too many."""
        if self._may_leave():
            super().reject()

    def done(self, result: int) -> None:
        self._timer.stop()
        self._worker.close()
        super().done(result)

    # Parts

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"table_{name}")
        box.setAccessibleName(self._desk.texts(f"designer.{name}"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return box

    def _part(self, name: str) -> QCheckBox:
        part = QCheckBox(self._desk.texts(f"designer.part.{name}"))
        part.setObjectName(f"table_{name}")
        return part

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self._desk.texts(f"designer.{name}"))
        button.setObjectName(f"table_{name}")
        button.setAutoDefault(False)
        if name == "save":
            button.setProperty("kind", "primary")
        return button

    def _fill_boxes(self) -> None:
        texts = self._desk.texts
        for name, empty in (("rows", "by_indicator"), ("inner", "none"), ("across", "none")):
            self.boxes[name].addItem(texts(f"designer.{empty}"), INDICATORS)
            for dimension in self._catalogue.dimensions.values():
                self.boxes[name].addItem(texts.pick(dimension.label, dimension.label_en), dimension.id)
        for name in tabledefinition.TOTALS:
            self.boxes["total"].addItem(texts(f"designer.totals.{name}"), name)

    def _lay_out(self) -> None:
        texts = self._desk.texts
        fields = QFormLayout()
        fields.addRow(texts("designer.which"), self.which)
        fields.addRow(texts("designer.name"), self.title)
        for name in ("rows", "inner", "across"):
            fields.addRow(texts(f"designer.{name}"), self.boxes[name])
        parts = QHBoxLayout()
        for part in self.parts.values():
            parts.addWidget(part)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(fields)
        column.addWidget(hint(texts("designer.choose")))
        column.addWidget(self.indicators, 1)
        column.addLayout(parts)
        below = QHBoxLayout()
        for name in ("order", "total"):
            below.addWidget(Label(texts(f"designer.{name}")))
            below.addWidget(self.boxes[name], 1)
        column.addLayout(below)
        page = QVBoxLayout(right)
        page.setContentsMargins(8, 0, 0, 0)
        page.addWidget(self.view, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([440, 700])
        bar = QHBoxLayout()
        for name in ("import", "export", "remove"):
            bar.addWidget(self.buttons[name])
        bar.addStretch(1)
        bar.addWidget(self.buttons["save"])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.addWidget(split, 1)
        outer.addWidget(self.said)
        outer.addLayout(bar)

    def _connect(self) -> None:
        self.which.currentIndexChanged.connect(self._switch)
        self.title.textChanged.connect(self._changed)
        self.indicators.chosen.connect(self._changed)
        for box in self.boxes.values():
            box.currentIndexChanged.connect(self._changed)
        for part in self.parts.values():
            part.toggled.connect(self._changed)
        actions: dict[str, Callable[[], None]] = {
            "save": self._save, "import": self._import, "export": self._export, "remove": self._remove,
        }  # fmt: skip
        for name, action in actions.items():
            self.buttons[name].clicked.connect(lambda _checked=False, do=action: self._do(do))

    # What is shown

    def _list_own(self, chosen: str) -> None:
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItem(self._desk.texts("designer.new"), "")
        for name, text in localtable.all_of(self._desk.store).items():
            self.which.addItem(f"{name}  {draft_of(text).title}", name)
        self.which.setCurrentIndex(max(self.which.findData(chosen), 0))
        self.which.blockSignals(False)

    def _switch(self) -> None:
        """Another table, unless the person stays with what is not saved."""
        if self._may_leave():
            self._open()
            return
        self.which.blockSignals(True)
        self.which.setCurrentIndex(max(self.which.findData(self._name), 0))
        self.which.blockSignals(False)

    def _may_leave(self) -> bool:
        if self.draft == self._began:
            return True
        texts = self._desk.texts
        box = Box(self, self.windowTitle(), texts("designer.unsaved"), QMessageBox.Icon.Question)
        discard = box.addButton(texts("designer.discard"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(texts("designer.stay"), QMessageBox.ButtonRole.RejectRole)
        discard.setObjectName("discard")
        stay.setObjectName("stay")
        box.setDefaultButton(stay)
        box.exec()
        return box.clickedButton() is discard

    def _open(self) -> None:
        """The chosen table, or a new one, in the fields."""
        name = self._name = str(self.which.currentData() or "")
        first = next(iter(self._catalogue.dimensions), INDICATORS)
        kept = draft_of(localtable.text_of(self._desk.store, name)) if name else TableDraft(by=(first,))
        self._kept, self._filling = kept, True
        self.title.setText(kept.title)
        self.indicators.take(kept.names)
        self._list_orders(kept.order)
        by = (*kept.by, "", "")
        for box, value in zip(_BOXES, (*by[:2], kept.across, kept.order, kept.total), strict=True):
            self.boxes[box].setCurrentIndex(max(self.boxes[box].findData(value), 0))
        for part, box_ in self.parts.items():
            box_.setChecked(part in kept.compare)
        self._filling = False
        self._began = self.draft
        for button in ("export", "remove"):
            self.buttons[button].setEnabled(bool(name))
        self._changed()

    def _list_orders(self, chosen: str) -> None:
        """Rows follow the list, or one of the taken indicators."""
        box, texts = self.boxes["order"], self._desk.texts
        box.blockSignals(True)
        box.clear()
        box.addItem(texts("designer.listed"), "")
        for name in self.indicators.taken:
            one = self._catalogue.indicators[name]
            box.addItem(texts.pick(one.label, one.label_en), name)
        box.setCurrentIndex(max(box.findData(chosen), 0))
        box.blockSignals(False)

    def _changed(self) -> None:
        if self._filling:
            return
        self._list_orders(str(self.boxes["order"].currentData() or ""))
        grouped = bool(self.boxes["rows"].currentData())
        for name in ("inner", "order"):
            self.boxes[name].setEnabled(grouped)
        self._timer.start()

    def _draw(self) -> None:
        """The page of what is chosen, or what is wrong with it."""
        draft, file, texts, catalogue = self.draft, self._desk.path, self._desk.texts, self._catalogue
        if not draft.names:
            self._say(texts("designer.nothing"))
            self.view.show_pages([])
            return
        if problem := self._problem(draft):
            self._say(problem)
            return
        self._say("")
        name = self._name or localtable.next_id(self._desk.store)

        def work(progress: Progress) -> Summary:
            from indicators import tables
            from indicators.computation import Computation
            from survey import store

            opened = store.open(file)
            try:
                [wanted] = tabledefinition.read(draft.text, opened.scheme, catalogue, "")
                table = tables.one_table(
                    Computation(opened, catalogue, progress), opened.period, texts, replace(wanted, id=name)
                )
                place = self._place
                return Summary(texts.pick(opened.scheme.title, opened.scheme.title_en), opened.period, place, (table,))
            finally:
                opened.close()

        self._worker.start(work, self._show, self._failed)

    @property
    def _place(self) -> str:
        store, texts = self._desk.store, self._desk.texts
        return store.scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")

    def _show(self, summary: Summary) -> None:
        self.view.show_pages([page_set(summary, self._desk.store.scheme.legal, self._desk.texts)])

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, SurveyError):
            self._say(sentence(error, self._desk.texts))
        else:
            self._desk.fail(error)

    def _problem(self, draft: TableDraft) -> str:
        """What is wrong with what is chosen; '' where nothing is."""
        try:
            tabledefinition.read(draft.text, self._desk.store.scheme, self._catalogue, "")
        except SchemeError as error:
            return "\n".join(self._desk.texts(f"scheme.{one.code}", **one.facts) for one in error.problems)
        return ""

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))

    # What is done

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SurveyError as error:
            self._say(sentence(error, self._desk.texts))

    def _save(self) -> None:
        draft, texts = self.draft, self._desk.texts
        if not draft.title.strip() or not draft.names:
            self._say(texts("designer.untitled" if draft.names else "designer.nothing"))
            return
        if problem := self._problem(draft):
            self._say(problem)
            return
        [saved] = localtable.save(self._desk.store, draft.text, self._catalogue, name=self._name)
        self._list_own(saved.id)
        self._open()
        self._say(texts("designer.saved", id=saved.id))

    def _remove(self) -> None:
        name = self._name
        localtable.remove(self._desk.store, name)
        self._name, self._began = "", TableDraft()
        self._list_own("")
        # Its choices stay in the fields: saved again, they are a new table.
        for button in ("export", "remove"):
            self.buttons[button].setEnabled(False)
        self._say(self._desk.texts("tables.removed", id=name))

    def _import(self) -> None:
        texts, folder = self._desk.texts, self._desk.settings.folder
        chosen, _ = QFileDialog.getOpenFileName(self, texts("designer.import"), str(folder), "TOML (*.toml)")
        if chosen:
            path = Path(chosen)
            saved = localtable.save(self._desk.store, localtable.read_file(path), self._catalogue, file=path.name)
            self._list_own(saved[-1].id)
            self._open()
            self._say(texts("designer.saved", id=" ".join(one.id for one in saved)))

    def _export(self) -> None:
        texts, name = self._desk.texts, self._name
        proposal = self._desk.settings.folder / f"{name}.toml"
        chosen, _ = QFileDialog.getSaveFileName(self, texts("designer.export"), str(proposal), "TOML (*.toml)")
        if chosen:
            path = Path(chosen if chosen.endswith(".toml") else f"{chosen}.toml")
            localtable.write_file(self._desk.store, name, path)
            self._say(texts("tables.written", path=path))
